/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-lookup-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-text-private.h"
#include "plant-rpc-worker-private.h"

/* The half of a look-up that the thread of all look-ups shares with the owner. */
typedef struct {
  gatomicrefcount  ref_count;
  char            *host;        /* (owned) */
  GCancellable    *cancellable; /* (owned) */
  int              fd;          /* (owned): an eventfd, readable once the look-up is over */
  GMutex           mutex;
  gboolean         over;        /* (mutex mutex) */
  GList           *addresses;   /* (owned) (element-type GInetAddress) (mutex mutex) */
  GError          *error;       /* (owned) (nullable) (mutex mutex) */
} Question;

struct _PlantRpcLookup {
  Question           *question; /* (owned) */
  GSource            *source;   /* (owned) (nullable): NULL once the owner has been told */
  gint64              begun;    /* monotonic µs */
  PlantRpcLookupFunc  over;
  gpointer            owner;    /* (unowned) */
  guint               generation; /* of the process that asks */
};

static GMutex lock;
static PlantRpcWorker *worker;  /* (mutex lock) (owned): made with the first look-up, and kept */
static guint worker_generation; /* (mutex lock): a forked child has none of its threads */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

/* ---- the question, on the thread of all look-ups */

static void
question_unref (gpointer data)
{
  Question *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_resolver_free_addresses (self->addresses);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_mutex_clear (&self->mutex);
  close (self->fd);
  g_free (self->host);
  g_free (self);
}

/* Takes ownership of ADDRESSES and ERROR. */
static void
settle (Question *self,
        GList    *addresses,
        GError   *error)
{
  const guint64 one = 1;

  g_mutex_lock (&self->mutex);
  self->addresses = addresses;
  self->error = error;
  self->over = TRUE;
  g_mutex_unlock (&self->mutex);
  while (write (self->fd, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

static void
on_answer (GObject      *resolver,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError *error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);

  settle (user_data, addresses, error);
  question_unref (user_data);
}

static gboolean
ask (gpointer user_data)
{
  Question *self = user_data;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  g_atomic_ref_count_inc (&self->ref_count);
  g_resolver_lookup_by_name_async (resolver, self->host, self->cancellable, on_answer, self);
  return G_SOURCE_REMOVE;
}

static gboolean
start_asking (Question  *self,
              GError   **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (plant_rpc_init_is_inherited (worker_generation))
    {
      worker = plant_rpc_worker_new ("plantrpc names", NULL, error);
      if (worker == NULL)
        return FALSE;
      worker_generation = plant_rpc_init_get_generation ();
    }
  g_atomic_ref_count_inc (&self->ref_count);
  plant_rpc_worker_call (worker, ask, self, question_unref);
  return TRUE;
}

static Question *
question_new (const char  *host,
              GError     **error)
{
  int fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  int code = errno;
  Question *self;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code), "%s", g_strerror (code));
      return NULL;
    }
  self = g_new0 (Question, 1);
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  self->host = g_strdup (host);
  self->cancellable = g_cancellable_new ();
  self->fd = fd;
  if (start_asking (self, error))
    return self;
  question_unref (self);
  return NULL;
}

/* ---- its owner */

static gboolean
on_over (gpointer user_data)
{
  PlantRpcLookup *self = user_data;

  /* In a forked child the answer is the parent's. */
  if (plant_rpc_init_is_inherited (self->generation))
    return G_SOURCE_REMOVE;
  plant_rpc_lookup_process (self);
  return G_SOURCE_CONTINUE;
}

PlantRpcLookup *
plant_rpc_lookup_new (const char          *host,
                      GMainContext        *context,
                      PlantRpcLookupFunc   over,
                      gpointer             owner,
                      GError             **error)
{
  Question *question = question_new (host, error);
  PlantRpcLookup *self;

  if (question == NULL)
    return NULL;
  self = g_new (PlantRpcLookup, 1);
  *self = (PlantRpcLookup) {
    .question = question,
    .begun = g_get_monotonic_time (),
    .over = over,
    .owner = owner,
    .generation = plant_rpc_init_get_generation (),
  };
  self->source = plant_rpc_source_new_alarm (context, on_over, self, "[plantrpc] look-up");
  g_source_add_unix_fd (self->source, question->fd, G_IO_IN);
  return self;
}

void
plant_rpc_lookup_free (PlantRpcLookup *self)
{
  plant_rpc_source_clear (&self->source);
  g_cancellable_cancel (self->question->cancellable);
  question_unref (self->question);
  g_free (self);
}

const char *
plant_rpc_lookup_get_host (PlantRpcLookup *self)
{
  return self->question->host;
}

gint64
plant_rpc_lookup_get_begun (PlantRpcLookup *self)
{
  return self->begun;
}

gboolean
plant_rpc_lookup_is_over (PlantRpcLookup *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->question->mutex);

  return self->question->over;
}

static gboolean
check_found (Question  *self,
             GError   **error)
{
  g_autofree char *host = plant_rpc_text_shorten (self->host, PLANT_RPC_MAX_SHOWN_TEXT);

  if (self->addresses != NULL)
    return TRUE;
  if (self->error == NULL ||
      g_error_matches (self->error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND,
                 /* Translators: the name of a computer */
                 _("There is no host with the name “%s”"), host);
  else if (g_error_matches (self->error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
                 /* Translators: the name of a computer */
                 _("The address of “%s” is not known now: no name server answers"), host);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
                 /* Translators: the name of a computer, and the reason */
                 _("The address of “%s” cannot be looked up: %s"), host, self->error->message);
  return FALSE;
}

static GPtrArray *
list_family (GList         *addresses,
             GSocketFamily  family,
             gboolean       wanted)
{
  GPtrArray *list = g_ptr_array_new ();

  for (GList *l = addresses; l != NULL; l = l->next)
    {
      if ((g_inet_address_get_family (l->data) == family) == wanted)
        g_ptr_array_add (list, g_inet_address_to_string (l->data));
    }
  return list;
}

GPtrArray *
plant_rpc_lookup_list (PlantRpcLookup  *self,
                       GError         **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->question->mutex);
  GList *addresses = self->question->addresses;
  g_autoptr (GPtrArray) first = NULL, second = NULL;
  GPtrArray *list;
  GSocketFamily family;

  if (!check_found (self->question, error))
    return NULL;
  list = g_ptr_array_new_with_free_func (g_free);
  family = g_inet_address_get_family (addresses->data);
  first = list_family (addresses, family, TRUE);
  second = list_family (addresses, family, FALSE);
  for (guint i = 0; i < MAX (first->len, second->len); i++)
    {
      if (i < first->len)
        g_ptr_array_add (list, first->pdata[i]);
      if (i < second->len)
        g_ptr_array_add (list, second->pdata[i]);
    }
  return list;
}

guint
plant_rpc_lookup_fill_poll (PlantRpcLookup *self,
                            zmq_pollitem_t *items)
{
  if (self->source == NULL)
    return 0;
  items[0] = (zmq_pollitem_t) { NULL, self->question->fd, ZMQ_POLLIN, 0 };
  return 1;
}

void
plant_rpc_lookup_process (PlantRpcLookup *self)
{
  if (self->source == NULL || !plant_rpc_lookup_is_over (self))
    return;
  plant_rpc_source_clear (&self->source);
  self->over (self->owner);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-lookup-private.h"
#include "plant-rpc-question-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-text-private.h"

struct _PlantRpcLookup {
  char               *host;      /* (owned) */
  PlantRpcQuestion   *question;  /* (owned) */
  int                 fd;        /* (owned): an eventfd, readable once the look-up is over */
  GSource            *source;    /* (owned) (nullable): NULL once the owner has been told */
  PlantRpcLookupFunc  told;
  gpointer            owner;     /* (unowned) */
  guint               process;   /* that asks */
  GMutex              mutex;
  gboolean            over;      /* (mutex mutex) */
  GPtrArray          *addresses; /* (owned) (nullable) (element-type utf8) (mutex mutex) */
  GError             *error;     /* (owned) (nullable) (mutex mutex) */
};

static void
on_answered (GPtrArray    *addresses,
             const GError *error,
             gpointer      user_data)
{
  PlantRpcLookup *self = user_data;
  const guint64 one = 1;

  g_mutex_lock (&self->mutex);
  self->addresses = addresses != NULL ? g_ptr_array_ref (addresses) : NULL;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  self->over = TRUE;
  g_mutex_unlock (&self->mutex);
  while (write (self->fd, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

static gboolean
on_over (gpointer user_data)
{
  PlantRpcLookup *self = user_data;

  /* In a forked child the answer is the parent's. */
  if (plant_rpc_init_is_inherited (self->process))
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
  int fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  int code = errno;
  PlantRpcLookup *self;

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (code), "%s", g_strerror (code));
      return NULL;
    }
  self = g_new0 (PlantRpcLookup, 1);
  self->host = g_strdup (host);
  self->fd = fd;
  self->told = over;
  self->owner = owner;
  self->process = plant_rpc_init_get_process ();
  g_mutex_init (&self->mutex);
  self->source = plant_rpc_source_new_alarm (context, on_over, self, "[plantrpc] look-up");
  g_source_add_unix_fd (self->source, fd, G_IO_IN);
  self->question = plant_rpc_question_new (host, on_answered, self);
  return self;
}

void
plant_rpc_lookup_free (PlantRpcLookup *self)
{
  plant_rpc_question_free (self->question);
  plant_rpc_source_clear (&self->source);
  g_clear_pointer (&self->addresses, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
  close (self->fd);
  g_free (self->host);
  g_free (self);
}

const char *
plant_rpc_lookup_get_host (PlantRpcLookup *self)
{
  return self->host;
}

gboolean
plant_rpc_lookup_is_stale (PlantRpcLookup *self)
{
  return plant_rpc_question_is_stale (self->question);
}

gboolean
plant_rpc_lookup_is_over (PlantRpcLookup *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->over;
}

static gboolean
check_found (PlantRpcLookup  *self,
             GError         **error)
{
  g_autofree char *host = plant_rpc_text_show (self->host);

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

static gboolean
is_ipv6 (const char *address)
{
  return strchr (address, ':') != NULL;
}

static GPtrArray *
list_family (GPtrArray *addresses,
             gboolean   ipv6)
{
  GPtrArray *list = g_ptr_array_new ();

  for (guint i = 0; i < addresses->len; i++)
    {
      if (is_ipv6 (addresses->pdata[i]) == ipv6)
        g_ptr_array_add (list, addresses->pdata[i]);
    }
  return list;
}

GPtrArray *
plant_rpc_lookup_list (PlantRpcLookup  *self,
                       GError         **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  g_autoptr (GPtrArray) first = NULL, second = NULL;
  GPtrArray *list;
  gboolean ipv6;

  if (!check_found (self, error))
    return NULL;
  list = g_ptr_array_new_with_free_func (g_free);
  ipv6 = is_ipv6 (self->addresses->pdata[0]);
  first = list_family (self->addresses, ipv6);
  second = list_family (self->addresses, !ipv6);
  for (guint i = 0; i < MAX (first->len, second->len); i++)
    {
      if (i < first->len)
        g_ptr_array_add (list, g_strdup (first->pdata[i]));
      if (i < second->len)
        g_ptr_array_add (list, g_strdup (second->pdata[i]));
    }
  return list;
}

guint
plant_rpc_lookup_fill_poll (PlantRpcLookup *self,
                            zmq_pollitem_t *items)
{
  if (self->source == NULL)
    return 0;
  items[0] = (zmq_pollitem_t) { NULL, self->fd, ZMQ_POLLIN, 0 };
  return 1;
}

void
plant_rpc_lookup_process (PlantRpcLookup *self)
{
  if (self->source == NULL || !plant_rpc_lookup_is_over (self))
    return;
  plant_rpc_source_clear (&self->source);
  self->told (self->owner);
}

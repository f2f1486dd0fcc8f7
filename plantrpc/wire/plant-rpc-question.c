/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <pthread.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-question-private.h"
#include "plant-rpc-resolver-private.h"

/* A look-up that has taken longer than this many µs gets no further questions. */
#define STALE_US (30 * G_USEC_PER_SEC)

/* A host whose look-up takes longer than this many µs counts as silent. */
#define SILENT_US (2 * G_USEC_PER_SEC)

/* Silent hosts may take this many of the places. */
#define MAX_SILENT (PLANT_RPC_MAX_LOOKUPS / 2)

/* The default of 8 MiB is too much for this many threads in an address space of 32 bits. */
#define STACK_SIZE (512 * 1024)

/* One look-up of a host. */
typedef struct {
  char         *host;        /* (owned) */
  GPtrArray    *questions;   /* (owned) (element-type PlantRpcQuestion): not answered yet */
  GCancellable *cancellable; /* (owned): cancelled when nobody asks any more */
  gint64        begun;       /* monotonic µs: when it got its place, or else when it was made */
  gboolean      silent;      /* TRUE: the host was not answered the last time */
  gboolean      running;     /* FALSE: it waits for a place */
} Inquiry;

struct _PlantRpcQuestion {
  Inquiry              *inquiry; /* (unowned) (nullable) (mutex lock): NULL once answered */
  gint64                begun;   /* monotonic µs */
  PlantRpcQuestionFunc  answered;
  gpointer              user_data;
};

static GMutex lock;
static GHashTable *inquiries; /* (mutex lock) (owned): the latest Inquiry by host */
static GHashTable *silent;    /* (mutex lock) (owned): hosts that were not answered */
static GQueue waiting = G_QUEUE_INIT; /* (mutex lock): inquiries without a place */
static guint n_running;        /* (mutex lock) */
static guint n_running_silent; /* (mutex lock) */
static guint process;          /* (mutex lock): that the look-ups belong to */

/* ---- after a fork */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

/* The threads stay with the parent. */
static GMutexLocker *
enter (void)
{
  GMutexLocker *locker = g_mutex_locker_new (&lock);

  if (!plant_rpc_init_is_inherited (process))
    return locker;
  process = plant_rpc_init_get_process ();
  inquiries = g_hash_table_new (g_str_hash, g_str_equal);
  silent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&waiting);
  n_running = 0;
  n_running_silent = 0;
  return locker;
}

/* ---- a look-up, with the lock */

static void
inquiry_free (Inquiry *self)
{
  g_free (self->host);
  g_ptr_array_unref (self->questions);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
forget (Inquiry *self)
{
  if (g_hash_table_lookup (inquiries, self->host) == self)
    g_hash_table_remove (inquiries, self->host);
}

static void
answer (Inquiry      *self,
        GPtrArray    *addresses,
        const GError *error)
{
  for (guint i = 0; i < self->questions->len; i++)
    {
      PlantRpcQuestion *question = self->questions->pdata[i];

      question->inquiry = NULL;
      question->answered (addresses, error, question->user_data);
    }
  forget (self);
  inquiry_free (self);
}

/* The number of silent hosts that are remembered is limited by forgetting all of them. */
static void
note_silence (Inquiry      *self,
              const GError *error)
{
  const gboolean slow = g_get_monotonic_time () > self->begun + SILENT_US;

  if (!slow &&
      !g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE))
    {
      g_hash_table_remove (silent, self->host);
      return;
    }
  if (g_hash_table_size (silent) >= 2 * PLANT_RPC_MAX_LOOKUPS)
    g_hash_table_remove_all (silent);
  g_hash_table_add (silent, g_strdup (self->host));
}

static void start_waiting (void);

static void
end (Inquiry      *self,
     GPtrArray    *addresses,
     const GError *error)
{
  n_running--;
  if (self->silent)
    n_running_silent--;
  self->running = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->questions->len > 0)
    {
      /* Somebody has asked again after it had been cancelled. */
      g_object_unref (self->cancellable);
      self->cancellable = g_cancellable_new ();
      g_queue_push_tail (&waiting, self);
    }
  else
    {
      note_silence (self, error);
      answer (self, addresses, error);
    }
  start_waiting ();
}

static void *
look_up (void *data)
{
  Inquiry *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) addresses =
      plant_rpc_resolver_look_up (self->host, self->cancellable, &error);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  end (self, addresses, error);
  return NULL;
}

/* Returns 0 or an errno. */
static int
start_thread (Inquiry *self)
{
  pthread_attr_t attributes;
  pthread_t thread;
  int code;

  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize (&attributes, STACK_SIZE);
  code = pthread_create (&thread, &attributes, look_up, self);
  pthread_attr_destroy (&attributes);
  return code;
}

static gboolean
has_place (Inquiry *self)
{
  return n_running < PLANT_RPC_MAX_LOOKUPS && (!self->silent || n_running_silent < MAX_SILENT);
}

static void
fail (Inquiry *self,
      int      code)
{
  g_autoptr (GError) error = g_error_new_literal (
      G_IO_ERROR, (int) g_io_error_from_errno (code), g_strerror (code));

  g_queue_remove (&waiting, self);
  answer (self, NULL, error);
}

/* Returns FALSE if the system has no further thread: then the look-ups wait until one of those that
 * run has ended. If none runs, nothing would end their waiting, so they fail. */
static gboolean
start (Inquiry *self)
{
  int code = start_thread (self);

  if (code != 0 && n_running > 0)
    return FALSE;
  if (code != 0)
    {
      fail (self, code);
      return TRUE;
    }
  g_queue_remove (&waiting, self);
  self->running = TRUE;
  self->begun = g_get_monotonic_time ();
  n_running++;
  if (self->silent)
    n_running_silent++;
  return TRUE;
}

static void
start_waiting (void)
{
  GList *next;

  for (GList *l = waiting.head; l != NULL; l = next)
    {
      next = l->next;
      if (has_place (l->data) && !start (l->data))
        return;
    }
}

/* ---- who asks */

static Inquiry *
inquire (const char *host)
{
  Inquiry *self = g_new0 (Inquiry, 1);

  self->host = g_strdup (host);
  self->questions = g_ptr_array_new ();
  self->cancellable = g_cancellable_new ();
  self->begun = g_get_monotonic_time ();
  self->silent = g_hash_table_contains (silent, host);
  g_hash_table_replace (inquiries, self->host, self);
  g_queue_push_tail (&waiting, self);
  return self;
}

static gboolean
is_old (gint64 begun)
{
  return g_get_monotonic_time () > begun + STALE_US;
}

static gboolean
is_stale (Inquiry *self)
{
  return self->running && is_old (self->begun);
}

PlantRpcQuestion *
plant_rpc_question_new (const char           *host,
                        PlantRpcQuestionFunc  answered,
                        gpointer              user_data)
{
  g_autoptr (GMutexLocker) locker = enter ();
  Inquiry *inquiry = g_hash_table_lookup (inquiries, host);
  PlantRpcQuestion *self = g_new (PlantRpcQuestion, 1);

  if (inquiry == NULL || is_stale (inquiry))
    inquiry = inquire (host);
  *self = (PlantRpcQuestion) { inquiry, g_get_monotonic_time (), answered, user_data };
  g_ptr_array_add (inquiry->questions, self);
  start_waiting ();
  return self;
}

static void
leave (PlantRpcQuestion *self)
{
  Inquiry *inquiry = self->inquiry;

  g_ptr_array_remove (inquiry->questions, self);
  if (inquiry->questions->len > 0)
    return;
  if (inquiry->running)
    {
      g_cancellable_cancel (inquiry->cancellable);
      return;
    }
  g_queue_remove (&waiting, inquiry);
  forget (inquiry);
  inquiry_free (inquiry);
}

void
plant_rpc_question_free (PlantRpcQuestion *self)
{
  g_autoptr (GMutexLocker) locker = enter ();

  if (self->inquiry != NULL)
    leave (self);
  g_free (self);
}

gboolean
plant_rpc_question_is_stale (PlantRpcQuestion *self)
{
  g_autoptr (GMutexLocker) locker = enter ();

  return self->inquiry != NULL ? is_stale (self->inquiry) : is_old (self->begun);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-inflow-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-worker-private.h"

/* µs between two checks. A fast connection brings hundreds of bytes in each µs, so the more one
 * holds, the sooner is the next check. */
#define CALM_US   (250 * 1000)
#define BUSY_US   (50 * 1000)
#define URGENT_US (5 * 1000)
#define MUCH      (1024 * 1024)                       /* bytes, from which it is BUSY_US */
#define TOO_MUCH  (PLANT_RPC_MAX_UNREAD_REQUESTS / 4) /* bytes, from which it is URGENT_US */

typedef struct {
  PlantRpcPulse pulse;
  guint64       n_read;   /* bytes received and no longer held by libzmq */
  guint64       n_held;   /* unread bytes at the last check; 0 once the connection is ended */
  gint64        since;    /* monotonic µs since when it holds more than a message, or 0 */
  gboolean      has_read; /* TRUE: a message of it was read since the last check */
  gboolean      known;    /* TRUE: a message of it was read once */
  gboolean      ended;
} Entry;

/* An atomic rc box, of which the alarm has a reference. */
struct _PlantRpcInflow {
  gsize           max_message;
  gsize           max_first; /* bytes of a connection of which no message was read yet */
  PlantRpcWorker *worker;  /* (unowned): is used */
  GSource        *alarm;   /* (owned) (nullable) (mutex mutex): on the worker's context; has a ready
                              time while there are entries; NULL once freed */
  GMutex          mutex;
  GHashTable     *entries; /* (owned) (mutex mutex) (element-type guint64 Entry): by connection */
  gboolean        drained; /* (mutex mutex): all whole messages were read since the last check */
};

/* One thread checks the connections of all sockets of the process, since a program may have
 * hundreds of servers. It runs while there are any. */
static GMutex lock;
static PlantRpcWorker *worker; /* (mutex lock) (owned) (nullable) */
static guint worker_process;   /* (mutex lock): that has the thread */
static guint n_users;          /* (mutex lock) */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

static PlantRpcWorker *
use_worker (GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (worker == NULL || plant_rpc_init_is_inherited (worker_process))
    {
      n_users = 0;
      worker_process = plant_rpc_init_get_process ();
      worker = plant_rpc_worker_new ("plantrpc inflow", NULL, error);
    }
  if (worker != NULL)
    n_users++;
  return worker;
}

static void
leave_worker (PlantRpcWorker *used)
{
  PlantRpcWorker *last = NULL;

  g_mutex_lock (&lock);
  if (used == worker && --n_users == 0)
    last = g_steal_pointer (&worker);
  g_mutex_unlock (&lock);
  if (last != NULL)
    plant_rpc_worker_free (last);
}

/* The sum of the sizes read drifts from what the kernel counts, since ZMTP commands and the
 * greeting are not messages. When all whole messages have been read, a connection that had one
 * among them holds nothing but the beginning of its next message. So the sum is corrected then. */
static guint64
measure (PlantRpcInflow *self,
         Entry          *entry)
{
  guint64 n_received;

  if (entry->ended || !plant_rpc_pulse_count_received (&entry->pulse, &n_received))
    return 0;
  if (self->drained && entry->has_read)
    entry->n_read = n_received;
  return n_received > entry->n_read ? n_received - entry->n_read : 0;
}

/* All whole messages were read since the last check, none of this connection. So what it has held
 * for some time is the beginning of one message. A shorter time may be libzmq's, which has not yet
 * taken from the kernel what completes a message. */
static gboolean
is_endless (PlantRpcInflow *self,
            Entry          *entry,
            gint64          now)
{
  return entry->since != 0 && now - entry->since >= BUSY_US && self->drained && !entry->has_read;
}

static void
end (Entry      *entry,
     const char *reason)
{
  plant_rpc_debug ("A connection is ended, since %" G_GUINT64_FORMAT " bytes of it have not been "
                   "read: %s", entry->n_held, reason);
  entry->n_held = 0;
  entry->since = 0;
  entry->ended = TRUE;
  plant_rpc_pulse_reset (&entry->pulse);
}

static void
judge (PlantRpcInflow *self,
       Entry          *entry)
{
  gint64 now = g_get_monotonic_time ();
  gboolean endless = is_endless (self, entry, now);

  entry->n_held = measure (self, entry);
  if (entry->has_read || entry->n_held <= self->max_message)
    entry->since = 0;
  else if (entry->since == 0)
    entry->since = now;
  entry->has_read = FALSE;
  if (endless)
    end (entry, "its message does not end");
  else if (!entry->known && entry->n_held > self->max_first)
    end (entry, "it has not shown who it is");
  else if (entry->n_held > PLANT_RPC_MAX_UNREAD_REQUESTS)
    end (entry, "it sends more than the program reads");
}

/* Returns the unread bytes of all connections. LARGEST is set to the connection with the most. */
static guint64
sum_up (PlantRpcInflow  *self,
        Entry          **largest)
{
  GHashTableIter iter;
  Entry *entry;
  guint64 sum = 0;

  *largest = NULL;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      sum += entry->n_held;
      if (*largest == NULL || entry->n_held > (*largest)->n_held)
        *largest = entry;
    }
  return sum;
}

static gint64
find_next_look (PlantRpcInflow *self)
{
  Entry *largest;
  guint64 sum = sum_up (self, &largest);

  if (largest == NULL)
    return -1;
  return g_get_monotonic_time () + (sum > TOO_MUCH ? URGENT_US : sum > MUCH ? BUSY_US : CALM_US);
}

static void
look (PlantRpcInflow *self)
{
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    judge (self, entry);
  while (sum_up (self, &entry) > PLANT_RPC_MAX_UNREAD_TOTAL)
    end (entry, "all connections together send more than the program reads");
  self->drained = FALSE;
}

static gboolean
on_look (gpointer user_data)
{
  PlantRpcInflow *self = user_data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  look (self);
  if (self->alarm != NULL)
    g_source_set_ready_time (self->alarm, find_next_look (self));
  return G_SOURCE_CONTINUE;
}

static void
clear (gpointer data)
{
  PlantRpcInflow *self = data;

  g_hash_table_unref (self->entries);
  g_mutex_clear (&self->mutex);
}

static void
release (gpointer self)
{
  g_atomic_rc_box_release_full (self, clear);
}

PlantRpcInflow *
plant_rpc_inflow_new (gsize    max_message,
                      GError **error)
{
  PlantRpcWorker *used = use_worker (error);
  PlantRpcInflow *self;

  if (used == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (PlantRpcInflow);
  self->max_message = max_message;
  self->max_first = G_MAXSIZE;
  g_mutex_init (&self->mutex);
  self->entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->worker = used;
  self->alarm = plant_rpc_source_new_alarm (plant_rpc_worker_get_context (used), on_look, self,
                                            "[plantrpc] inflow");
  g_source_set_callback (self->alarm, on_look, g_atomic_rc_box_acquire (self), release);
  return self;
}

void
plant_rpc_inflow_set_max_first (PlantRpcInflow *self,
                                gsize           max_first)
{
  self->max_first = max_first;
}

/* The thread may be about to check. It finds no connections then. */
void
plant_rpc_inflow_free (PlantRpcInflow *self)
{
  GSource *alarm;

  g_mutex_lock (&self->mutex);
  g_hash_table_remove_all (self->entries);
  alarm = g_steal_pointer (&self->alarm);
  g_mutex_unlock (&self->mutex);
  /* The context of the alarm may end with the thread. */
  plant_rpc_source_clear (&alarm);
  leave_worker (self->worker);
  release (self);
}

void
plant_rpc_inflow_add (PlantRpcInflow      *self,
                      guint64              connection,
                      const PlantRpcPulse *pulse)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Entry *entry = g_new0 (Entry, 1);

  entry->pulse = *pulse;
  if (g_hash_table_size (self->entries) == 0)
    g_source_set_ready_time (self->alarm, g_get_monotonic_time () + CALM_US);
  g_hash_table_insert (self->entries, g_memdup2 (&connection, sizeof connection), entry);
}

void
plant_rpc_inflow_remove (PlantRpcInflow *self,
                         guint64         connection)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_hash_table_remove (self->entries, &connection);
}

void
plant_rpc_inflow_note_read (PlantRpcInflow *self,
                            guint64         connection,
                            gsize           n_bytes)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  Entry *entry = g_hash_table_lookup (self->entries, &connection);

  if (entry == NULL)
    return;
  entry->n_read += n_bytes;
  entry->has_read = TRUE;
  entry->known = TRUE;
}

void
plant_rpc_inflow_note_drained (PlantRpcInflow *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->drained = TRUE;
}

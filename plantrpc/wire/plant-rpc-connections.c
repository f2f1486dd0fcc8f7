/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-connections-private.h"
#include "plant-rpc-descriptors-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-inflow-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-pulse-private.h"
#include "plant-rpc-source-private.h"

#define PULSE_MS 1000

/* bytes that a message may have in addition to its largest frame */
#define ENVELOPE_ROOM (1024 * 1024)

/* bytes that a secured connection may have sent before its first message was read; a handshake has
 * less than a thousand */
#define MAX_FIRST (1024 * 1024)

/* bytes of the largest frame that is copied to keep a mark */
#define MAX_MARKED 4096

/* The monitor reports a loss before the last messages of that connection have been read. So left()
 * is called once nothing is left to be read, and at the latest after this time. */
#define FAREWELL_US    (50 * 1000)
#define MAX_BACKLOG_US (10 * G_USEC_PER_SEC)

typedef enum {
  STATE_OPEN,
  STATE_ENDING, /* ended here, the monitor has not reported it yet */
  STATE_CLOSED, /* the monitor has reported the end, left() is still to be called */
} State;

typedef struct {
  guint64       connection;
  int           fd;
  PlantRpcPulse pulse;
  State         state;
  char         *address;  /* (owned) (nullable): of the other end; NULL for ipc */
  const char   *mark;     /* (nullable): of its messages; NULL until one was read */
  zmq_msg_t     marked;   /* (owned): a frame with that mark; unset without one */
  gboolean      guessed;  /* a message was taken for one of this connection that may be another's */
  gint64        farewell; /* monotonic µs: when left() is due at the earliest, once it is closed */
} Entry;

/* An rc box. */
struct _PlantRpcConnections {
  PlantRpcConnectionsFuncs  funcs;
  gpointer                  owner;
  GMainContext             *context;    /* (owned) */
  PlantRpcSocket           *socket;     /* (unowned) (nullable): NULL once freed */
  GSource                  *monitor;    /* (owned) */
  GSource                  *alarm;      /* (owned): calls the callbacks */
  GSource                  *pulses;     /* (owned) (nullable): checks the pulses, while data may be
                                           unacknowledged */
  PlantRpcInflow           *inflow;     /* (owned) */
  GHashTable               *entries;    /* (owned) (element-type guint64 Entry): by connection */
  GHashTable               *by_fd;      /* (element-type int Entry): the latest by descriptor */
  GHashTable               *by_mark;    /* (element-type pointer Entry): those with a mark */
  GHashTable               *addresses;  /* (owned) (element-type utf8 guint): how many are open */
  GQueue                    arrivals;   /* (element-type utf8): addresses to be told */
  GQueue                    departures; /* (element-type Entry): the closed ones, by farewell */
  guint64                   n_accepted;
  gboolean                  sent;       /* TRUE: something was sent since the pulses were checked */
  gboolean                  has_late;   /* TRUE: a message came after left() of its connection */
};

static void
clear_connections (PlantRpcConnections *self)
{
  g_queue_clear_full (&self->arrivals, g_free);
  g_queue_clear (&self->departures);
  g_hash_table_unref (self->addresses);
  g_hash_table_unref (self->by_fd);
  g_hash_table_unref (self->by_mark);
  g_hash_table_unref (self->entries);
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcConnections, clear_connections)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  if (entry->mark != NULL)
    zmq_msg_close (&entry->marked);
  g_free (entry->address);
  g_free (entry);
}

/* ---- connections that are accepted */

static guint
get_count (PlantRpcConnections *self,
           const Entry         *entry)
{
  if (entry->address == NULL)
    return 1;
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->addresses, entry->address));
}

static void
count_address (PlantRpcConnections *self,
               const Entry         *entry,
               int                  difference)
{
  guint n = get_count (self, entry) + difference;

  if (entry->address == NULL)
    return;
  if (n > 0)
    g_hash_table_replace (self->addresses, g_strdup (entry->address), GUINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->addresses, entry->address);
}

/* Returns the newest connection of the address with the most connections. So a peer that opens
 * hundreds loses its own, and the peer that connects next is not refused. */
static Entry *
find_excess (PlantRpcConnections *self)
{
  GHashTableIter iter;
  Entry *entry, *excess = NULL;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      guint n = get_count (self, entry);
      guint most = excess != NULL ? get_count (self, excess) : 0;

      if (entry->state == STATE_OPEN &&
          (n > most || (n == most && entry->connection > excess->connection)))
        excess = entry;
    }
  return excess;
}

static void
end_entry (Entry *entry)
{
  if (entry->state != STATE_OPEN)
    return;
  entry->state = STATE_ENDING;
  plant_rpc_pulse_end (&entry->pulse);
}

static void
note_accepted (PlantRpcConnections *self,
               int                  fd)
{
  Entry *entry = g_new0 (Entry, 1);
  Entry *excess;

  entry->connection = ++self->n_accepted;
  entry->fd = fd;
  /* If libzmq has closed the descriptor meanwhile, there is no address to report. */
  entry->address = plant_rpc_channel_dup_address (fd, getpeername);
  plant_rpc_pulse_init (&entry->pulse, fd);
  g_hash_table_insert (self->entries, &entry->connection, entry);
  g_hash_table_replace (self->by_fd, GINT_TO_POINTER (fd), entry);
  count_address (self, entry, 1);
  if (entry->address != NULL)
    {
      plant_rpc_inflow_add (self->inflow, entry->connection, &entry->pulse);
      g_queue_push_tail (&self->arrivals, g_strdup (entry->address));
      g_source_set_ready_time (self->alarm, 0);
    }
  /* Without a free descriptor a process can neither accept nor open anything, and libzmq retries
   * accept() without a pause. */
  if (plant_rpc_descriptors_are_left (fd, 0) ||
      (self->funcs.spare != NULL && self->funcs.spare (self->owner)))
    return;
  excess = find_excess (self);
  if (excess != NULL)
    end_entry (excess);
}

/* ---- connections that end */

static void
note_disconnected (PlantRpcConnections *self,
                   int                  fd)
{
  Entry *entry = g_hash_table_lookup (self->by_fd, GINT_TO_POINTER (fd));

  if (entry == NULL || entry->state == STATE_CLOSED)
    return;
  entry->state = STATE_CLOSED;
  entry->farewell = g_get_monotonic_time () + FAREWELL_US;
  count_address (self, entry, -1);
  plant_rpc_inflow_remove (self->inflow, entry->connection);
  g_queue_push_tail (&self->departures, entry);
  if (g_source_get_ready_time (self->alarm) < 0)
    g_source_set_ready_time (self->alarm, entry->farewell);
}

static void
take_events (PlantRpcConnections *self)
{
  PlantRpcSocketEvent event;

  while (plant_rpc_socket_next_event (self->socket, &event))
    {
      if (event.type == ZMQ_EVENT_ACCEPTED)
        note_accepted (self, (int) event.value);
      else if (event.type == ZMQ_EVENT_DISCONNECTED)
        note_disconnected (self, (int) event.value);
    }
}

static gboolean
on_monitor (gpointer user_data)
{
  take_events (user_data);
  return G_SOURCE_CONTINUE;
}

/* Returns FALSE if no call of accepted() is due. */
static gboolean
tell_arrival (PlantRpcConnections *self)
{
  g_autofree char *address = g_queue_pop_head (&self->arrivals);

  if (address == NULL)
    return FALSE;
  if (self->funcs.accepted != NULL)
    self->funcs.accepted (self->owner, address);
  return TRUE;
}

/* Returns when left() is due next (monotonic µs), or -1. While messages wait to be read, some of
 * them may have come over that connection. */
static gint64
find_farewell (PlantRpcConnections *self)
{
  Entry *entry = g_queue_peek_head (&self->departures);
  const gint64 now = g_get_monotonic_time ();

  if (entry == NULL)
    return -1;
  if (self->socket == NULL || entry->farewell > now || entry->farewell + MAX_BACKLOG_US <= now ||
      !plant_rpc_socket_is_readable (self->socket))
    return entry->farewell;
  return now + FAREWELL_US;
}

static gboolean
tell_departure (PlantRpcConnections *self)
{
  Entry *entry = g_queue_peek_head (&self->departures);
  guint64 connection;

  if (entry == NULL || find_farewell (self) > g_get_monotonic_time ())
    return FALSE;
  g_queue_pop_head (&self->departures);
  connection = entry->connection;
  if (g_hash_table_lookup (self->by_fd, GINT_TO_POINTER (entry->fd)) == entry)
    g_hash_table_remove (self->by_fd, GINT_TO_POINTER (entry->fd));
  g_hash_table_remove (self->by_mark, entry->mark);
  g_hash_table_remove (self->entries, &connection);
  self->funcs.left (self->owner, connection);
  return TRUE;
}

static gboolean
tell_late (PlantRpcConnections *self)
{
  if (!self->has_late)
    return FALSE;
  self->has_late = FALSE;
  self->funcs.left (self->owner, 0);
  return TRUE;
}

static gboolean
on_alarm (gpointer user_data)
{
  g_autoptr (Held) self = g_rc_box_acquire (user_data);

  g_source_set_ready_time (self->alarm, -1);
  while (self->socket != NULL &&
         (tell_arrival (self) || tell_departure (self) || tell_late (self)))
    ;
  if (self->socket != NULL)
    g_source_set_ready_time (self->alarm, find_farewell (self));
  return G_SOURCE_CONTINUE;
}

/* ---- the connection of a message */

/* What libzmq knows of a connection lies at one place in memory, for all its messages. That place
 * is the connection's mark. A copy of a small frame keeps it from being used for another. */
static void
learn_mark (PlantRpcConnections  *self,
            Entry                *entry,
            const PlantRpcFrames *frames)
{
  for (guint i = frames->n_frames; i > 0; i--)
    {
      zmq_msg_t *frame = (zmq_msg_t *) &frames->frames[i - 1];

      if (zmq_msg_size (frame) > MAX_MARKED || plant_rpc_frame_peek_mark (frame) == NULL)
        continue;
      zmq_msg_init (&entry->marked);
      zmq_msg_copy (&entry->marked, frame);
      entry->mark = plant_rpc_frame_peek_mark (&entry->marked);
      g_hash_table_insert (self->by_mark, (gpointer) entry->mark, entry);
      return;
    }
}

/* Returns the first of the connections with that descriptor by which a message without a known mark
 * may have come. N is set to their number. */
static Entry *
find_unmarked (PlantRpcConnections *self,
               int                  fd,
               guint               *n)
{
  Entry *latest = g_hash_table_lookup (self->by_fd, GINT_TO_POINTER (fd));
  Entry *first = NULL;

  *n = 0;
  for (GList *l = self->departures.head; l != NULL; l = l->next)
    {
      Entry *entry = l->data;

      if (entry->fd != fd || entry->mark != NULL || entry == latest)
        continue;
      first = first != NULL ? first : entry;
      (*n)++;
    }
  if (latest != NULL && latest->mark == NULL)
    {
      first = first != NULL ? first : latest;
      (*n)++;
    }
  return first;
}

/* The routing ids that libzmq gives have five bytes and begin with a zero. None is given twice. */
static gboolean
has_chosen_id (PlantRpcConnections  *self,
               const PlantRpcFrames *frames)
{
  zmq_msg_t *id = (zmq_msg_t *) &frames->frames[0];

  return plant_rpc_socket_get_type (self->socket) == ZMQ_ROUTER &&
         (zmq_msg_size (id) != 5 || *(guint8 *) zmq_msg_data (id) != 0);
}

static guint64
note_late (PlantRpcConnections *self)
{
  self->has_late = TRUE;
  g_source_set_ready_time (self->alarm, 0);
  return 0;
}

/* The message may have come by the latest connection with that descriptor, or by an earlier one
 * that sent it and left. A routing id that libzmq gave belongs to one connection. A routing id that
 * peers chose may be the same for both, and then the reply to one must not go to the other. */
static guint64
guess (PlantRpcConnections  *self,
       int                   fd,
       const PlantRpcFrames *frames)
{
  Entry *latest = g_hash_table_lookup (self->by_fd, GINT_TO_POINTER (fd));

  if (latest != NULL && !has_chosen_id (self, frames))
    {
      latest->guessed = TRUE;
      return latest->connection;
    }
  if (latest != NULL && latest->mark == NULL)
    end_entry (latest);
  return note_late (self);
}

guint64
plant_rpc_connections_identify (PlantRpcConnections  *self,
                                const PlantRpcFrames *frames)
{
  const char *mark = plant_rpc_frames_peek_mark (frames);
  int fd = plant_rpc_frames_get_descriptor (frames);
  Entry *entry;
  guint n;

  take_events (self);
  entry = g_hash_table_lookup (self->by_mark, mark);
  if (entry == NULL)
    {
      entry = find_unmarked (self, fd, &n);
      if (n != 1)
        return guess (self, fd, frames);
      learn_mark (self, entry, frames);
    }
  plant_rpc_inflow_note_read (self->inflow, entry->connection, frames->n_bytes);
  return entry->connection;
}

gboolean
plant_rpc_connections_is_open (PlantRpcConnections *self,
                               guint64              connection)
{
  Entry *entry;

  take_events (self);
  entry = g_hash_table_lookup (self->entries, &connection);
  return entry != NULL && entry->state == STATE_OPEN;
}

int
plant_rpc_connections_get_descriptor (PlantRpcConnections *self,
                                      guint64              connection)
{
  Entry *entry = g_hash_table_lookup (self->entries, &connection);

  return entry != NULL && entry->state == STATE_OPEN && plant_rpc_pulse_is_there (&entry->pulse)
             ? entry->fd : -1;
}

char *
plant_rpc_connections_dup_address (PlantRpcConnections *self,
                                   guint64              connection)
{
  Entry *entry = g_hash_table_lookup (self->entries, &connection);

  return entry != NULL && entry->address != NULL ? plant_rpc_normalize_address (entry->address)
                                                 : g_strdup ("");
}

static const char *
peek_key (Entry *entry)
{
  return entry->mark != NULL ? plant_rpc_frame_peek_key (&entry->marked) : NULL;
}

const char *
plant_rpc_connections_peek_key (PlantRpcConnections *self,
                                guint64              connection)
{
  Entry *entry = g_hash_table_lookup (self->entries, &connection);

  return entry != NULL ? peek_key (entry) : NULL;
}

void
plant_rpc_connections_end_key (PlantRpcConnections *self,
                               const char          *key)
{
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      if (entry->mark == NULL ? entry->guessed : g_strcmp0 (peek_key (entry), key) == 0)
        end_entry (entry);
    }
}

void
plant_rpc_connections_end_all (PlantRpcConnections *self)
{
  GHashTableIter iter;
  Entry *entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    end_entry (entry);
}

void
plant_rpc_connections_end (PlantRpcConnections *self,
                           guint64              connection)
{
  Entry *entry = g_hash_table_lookup (self->entries, &connection);

  if (entry != NULL && entry->mark != NULL)
    end_entry (entry);
}

void
plant_rpc_connections_note_drained (PlantRpcConnections *self)
{
  plant_rpc_inflow_note_drained (self->inflow);
}

/* ---- whether the other ends still acknowledge */

static gboolean
on_pulses (gpointer user_data)
{
  PlantRpcConnections *self = user_data;
  gboolean calm = !self->sent;
  GHashTableIter iter;
  Entry *entry;

  self->sent = FALSE;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &entry))
    {
      PlantRpcPulseState state = plant_rpc_pulse_feel (&entry->pulse);

      if (state == PLANT_RPC_PULSE_LOST)
        end_entry (entry);
      calm = calm && state == PLANT_RPC_PULSE_CALM;
    }
  if (!calm)
    return G_SOURCE_CONTINUE;
  plant_rpc_source_clear (&self->pulses);
  return G_SOURCE_REMOVE;
}

void
plant_rpc_connections_note_sent (PlantRpcConnections *self)
{
  self->sent = TRUE;
  if (self->pulses != NULL)
    return;
  self->pulses = plant_rpc_source_start (g_timeout_source_new (PULSE_MS), self->context, on_pulses,
                                         self, "[plantrpc] pulses");
}

/* ---- construction and destruction */

PlantRpcConnections *
plant_rpc_connections_new (PlantRpcSocket                  *socket,
                           gsize                            max_frame,
                           GMainContext                    *context,
                           const PlantRpcConnectionsFuncs  *funcs,
                           gpointer                         owner,
                           GError                         **error)
{
  PlantRpcInflow *inflow = plant_rpc_inflow_new (max_frame + ENVELOPE_ROOM, error);
  PlantRpcConnections *self;

  if (inflow == NULL || !plant_rpc_socket_watch (socket, PLANT_RPC_SERVER_EVENTS, error))
    {
      g_clear_pointer (&inflow, plant_rpc_inflow_free);
      return NULL;
    }
  self = g_rc_box_new0 (PlantRpcConnections);
  self->funcs = *funcs;
  self->owner = owner;
  self->context = g_main_context_ref (context);
  self->socket = socket;
  self->entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, entry_free);
  self->by_fd = g_hash_table_new (NULL, NULL);
  self->by_mark = g_hash_table_new (NULL, NULL);
  self->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->arrivals);
  g_queue_init (&self->departures);
  plant_rpc_socket_set_max_frame (socket, max_frame);
  self->inflow = inflow;
  if (plant_rpc_socket_is_secured (socket))
    plant_rpc_inflow_set_max_first (inflow, MAX_FIRST);
  self->monitor = plant_rpc_source_attach (plant_rpc_socket_get_monitor (socket),
                                           plant_rpc_socket_get_monitor_quiet (socket), context,
                                           on_monitor, self, "[plantrpc] connections");
  self->alarm = plant_rpc_source_new_alarm (context, on_alarm, self, "[plantrpc] who has left");
  return self;
}

void
plant_rpc_connections_free (PlantRpcConnections *self)
{
  self->socket = NULL;
  plant_rpc_source_clear (&self->pulses);
  plant_rpc_source_clear (&self->alarm);
  plant_rpc_source_clear (&self->monitor);
  g_clear_pointer (&self->inflow, plant_rpc_inflow_free);
  release (self);
}

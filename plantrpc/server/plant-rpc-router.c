/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <malloc.h>
#include <string.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-connections-private.h"
#include "plant-rpc-lane-message-private.h"
#include "plant-rpc-lanes-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-router-private.h"
#include "plant-rpc-source-private.h"

#define N_RANDOM_PORTS 100

/* The event that a queue has drained can be swallowed by any other call on the socket. */
#define FLUSH_INTERVAL_MS 10

/* When this many bytes have been freed, for connections that have ended or with large requests,
 * free memory is returned to the system N_TRIMS times, every TRIM_DELAY_MS, since libzmq frees its
 * messages on a thread of its own. Small blocks are spread over the heap, and the allocator would
 * keep them. */
#define TRIM_SIZE     ((gsize) 16 * 1024 * 1024)
#define TRIM_DELAY_MS 1000
#define N_TRIMS       3

/* A request of this many bytes is large. What is made of it takes up to LARGE_FACTOR times as
 * many. */
#define LARGE_REQUEST ((gsize) 1024 * 1024)
#define LARGE_FACTOR  8

/* bytes counted for a waiting message in addition to its size */
#define MESSAGE_OVERHEAD ((gsize) 768)

typedef struct {
  PlantRpcEnvelope  envelope;
  GBytes           *payload; /* (owned) (nullable) */
  GBytes           *buffer;  /* (owned) (nullable) */
  gboolean          plain;   /* TRUE: it goes over the ordinary connection, before all that goes
                                over the lane of the peer */
} Message;

typedef struct {
  GQueue messages; /* (element-type Message) */
  gsize  size;
} Backlog;

/* An rc box. */
struct _PlantRpcRouter {
  PlantRpcRouterFuncs  funcs;
  gpointer             owner;
  GMainContext        *context;     /* (owned) */
  PlantRpcChannel     *channel;     /* (owned) (nullable): NULL once closed */
  PlantRpcSocket      *socket;      /* (unowned): the channel's */
  PlantRpcConnections *connections; /* (owned): borrows the socket */
  PlantRpcLanes       *lanes;       /* (owned) */
  GSource             *flush;       /* (owned) (nullable): while messages wait */
  GSource             *trim;        /* (owned) (nullable): while a trim is due */
  guint                n_trims;     /* number of trims that are due */
  gsize                freed;       /* bytes since the last trim, at most */
  GHashTable          *backlogs;    /* (owned): Backlog by peer, if its queue in libzmq is full */
  PlantRpcHoldings    *holdings;    /* (owned) */
  guint16              port;
  gboolean             secured;
};

static void
message_free (Message *message)
{
  g_clear_pointer (&message->payload, g_bytes_unref);
  g_clear_pointer (&message->buffer, g_bytes_unref);
  g_free (message);
}

static void
backlog_free (Backlog *backlog)
{
  g_queue_clear_full (&backlog->messages, (GDestroyNotify) message_free);
  g_free (backlog);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcRouter, g_rc_box_release)

static GBytes *
count_unread (PlantRpcRouter *self,
              guint64         connection,
              GBytes         *bytes)
{
  if (bytes == NULL)
    return NULL;
  if (g_bytes_get_size (bytes) <= PLANT_RPC_SMALL_MESSAGE)
    return g_bytes_ref (bytes);
  return plant_rpc_holdings_count (self->holdings, connection, bytes);
}

static gboolean
send_plainly (PlantRpcRouter         *self,
              const PlantRpcEnvelope *envelope,
              GBytes                 *payload,
              GBytes                 *buffer)
{
  /* Another peer may have claimed the routing id of a peer that has left. */
  if (!plant_rpc_connections_is_open (self->connections, envelope->connection))
    return TRUE;
  switch (plant_rpc_socket_send (self->socket, envelope, payload, buffer))
    {
    case PLANT_RPC_SEND_WOULD_BLOCK:
      return FALSE;
    case PLANT_RPC_SEND_UNREACHABLE:
    case PLANT_RPC_SEND_FAILED:
      plant_rpc_debug ("A message could not be sent");
      return TRUE;
    case PLANT_RPC_SEND_DONE:
    default:
      plant_rpc_connections_note_sent (self->connections);
      return TRUE;
    }
}

/* Returns FALSE if the message has to wait. PLAIN messages do not go over the lane of the peer. */
static gboolean
send_now (PlantRpcRouter         *self,
          const PlantRpcEnvelope *envelope,
          GBytes                 *payload,
          GBytes                 *buffer,
          gboolean                plain)
{
  g_autoptr (GBytes) counted_payload = count_unread (self, envelope->connection, payload);
  g_autoptr (GBytes) counted_buffer = count_unread (self, envelope->connection, buffer);
  PlantRpcSendResult result = PLANT_RPC_SEND_UNREACHABLE;

  if (!plain)
    result = plant_rpc_lanes_send (self->lanes, envelope, counted_payload, counted_buffer);
  if (result == PLANT_RPC_SEND_UNREACHABLE)
    return send_plainly (self, envelope, counted_payload, counted_buffer);
  return result == PLANT_RPC_SEND_DONE;
}

static gsize
measure (const Message *message)
{
  return MESSAGE_OVERHEAD + (message->payload != NULL ? g_bytes_get_size (message->payload) : 0) +
         (message->buffer != NULL ? g_bytes_get_size (message->buffer) : 0);
}

static void
flush_backlogs (PlantRpcRouter *self)
{
  GHashTableIter iter;
  Backlog *backlog;

  g_hash_table_iter_init (&iter, self->backlogs);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &backlog))
    {
      Message *message;

      while ((message = g_queue_peek_head (&backlog->messages)) != NULL &&
             send_now (self, &message->envelope, message->payload, message->buffer,
                       message->plain))
        {
          const gsize size = measure (message);

          backlog->size -= size;
          plant_rpc_holdings_subtract (self->holdings, message->envelope.connection, size);
          message_free (g_queue_pop_head (&backlog->messages));
        }
      if (message == NULL)
        g_hash_table_iter_remove (&iter);
    }
  if (g_hash_table_size (self->backlogs) == 0)
    {
      plant_rpc_channel_set_wants_write (self->channel, FALSE);
      plant_rpc_source_clear (&self->flush);
    }
}

static gboolean
on_flush (gpointer user_data)
{
  flush_backlogs (user_data);
  return G_SOURCE_CONTINUE;
}

static void
keep_message (PlantRpcRouter         *self,
              Backlog                *backlog,
              const PlantRpcEnvelope *envelope,
              GBytes                 *payload,
              GBytes                 *buffer,
              gboolean                plain)
{
  Message *message = g_new (Message, 1);

  message->envelope = *envelope;
  message->payload = payload != NULL ? g_bytes_ref (payload) : NULL;
  message->buffer = buffer != NULL ? g_bytes_ref (buffer) : NULL;
  message->plain = plain;
  backlog->size += measure (message);
  plant_rpc_holdings_add (self->holdings, envelope->connection, measure (message));
  g_queue_push_tail (&backlog->messages, message);
}

/* If a reply cannot be kept, its connection is ended: the peer learns from the loss that no reply
 * comes. */
static gboolean
check_room (PlantRpcRouter         *self,
            Backlog                *backlog,
            const PlantRpcEnvelope *envelope)
{
  if (backlog->size <= PLANT_RPC_MAX_WAITING &&
      plant_rpc_holdings_make_room (self->holdings, envelope->connection, MESSAGE_OVERHEAD, FALSE))
    return TRUE;
  plant_rpc_debug ("A peer that does not read has lost its connection");
  plant_rpc_connections_end (self->connections, envelope->connection);
  return FALSE;
}

static void
send_later (PlantRpcRouter         *self,
            const PlantRpcEnvelope *envelope,
            GBytes                 *payload,
            GBytes                 *buffer,
            gboolean                plain)
{
  g_autoptr (GBytes) peer = plant_rpc_envelope_dup_peer (envelope);
  Backlog *backlog = g_hash_table_lookup (self->backlogs, peer);

  if (backlog == NULL)
    {
      backlog = g_new0 (Backlog, 1);
      g_queue_init (&backlog->messages);
      g_hash_table_insert (self->backlogs, g_bytes_ref (peer), backlog);
    }
  if (!check_room (self, backlog, envelope))
    return;
  keep_message (self, backlog, envelope, payload, buffer, plain);
  plant_rpc_channel_set_wants_write (self->channel, TRUE);
  if (self->flush == NULL)
    self->flush = plant_rpc_source_start (g_timeout_source_new (FLUSH_INTERVAL_MS), self->context,
                                          on_flush, self, "[plantrpc] flush");
}

/* Returns NULL if nothing waits for the peer. */
static Backlog *
find_backlog (PlantRpcRouter         *self,
              const PlantRpcEnvelope *envelope)
{
  g_autoptr (GBytes) peer = NULL;

  if (g_hash_table_size (self->backlogs) == 0)
    return NULL;
  peer = plant_rpc_envelope_dup_peer (envelope);
  return g_hash_table_lookup (self->backlogs, peer);
}

void
plant_rpc_router_send (PlantRpcRouter         *self,
                       const PlantRpcEnvelope *envelope,
                       GBytes                 *payload,
                       GBytes                 *buffer)
{
  if (find_backlog (self, envelope) != NULL ||
      !send_now (self, envelope, payload, buffer, FALSE))
    send_later (self, envelope, payload, buffer, FALSE);
}

PlantRpcHoldings *
plant_rpc_router_get_holdings (PlantRpcRouter *self)
{
  return self->holdings;
}

static gboolean
on_trim (gpointer user_data)
{
  PlantRpcRouter *self = user_data;

#ifdef __GLIBC__
  malloc_trim (0);
#endif
  self->freed = 0;
  if (--self->n_trims > 0)
    return G_SOURCE_CONTINUE;
  plant_rpc_source_clear (&self->trim);
  return G_SOURCE_REMOVE;
}

static void
note_freed (PlantRpcRouter *self,
            gsize           size)
{
  self->freed += size;
  if (self->freed < TRIM_SIZE)
    return;
  self->n_trims = N_TRIMS;
  if (self->trim == NULL)
    self->trim = plant_rpc_source_start (g_timeout_source_new (TRIM_DELAY_MS), self->context,
                                         on_trim, self, "[plantrpc] trim");
}

/* Returns the index of the frame behind the delimiter, or 0 if there is no delimiter. */
static guint
find_payload (PlantRpcFrames *frames)
{
  /* Of a message with too many frames, the last one that was kept is its last one. */
  const guint n_frames = frames->n_frames - (frames->truncated ? 1 : 0);

  for (guint i = 1; i < n_frames; i++)
    {
      if (zmq_msg_size (&frames->frames[i]) == 0)
        return i + 1;
    }
  return 0;
}

/* An envelope beyond the limits is not kept. It goes back at once, with an error. */
static void
refuse (PlantRpcRouter *self,
        guint64         connection,
        PlantRpcFrames *frames)
{
  const guint payload_index = find_payload (frames);
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (payload_index == 0 ||
      !plant_rpc_holdings_make_room (self->holdings, connection, frames->n_bytes, FALSE))
    {
      plant_rpc_debug ("A message of %u frames has no envelope and was dropped", frames->n_frames);
      return;
    }
  g_ptr_array_add (parts, self->funcs.refused (self->owner, frames, payload_index));
  for (guint i = payload_index; i > 0; i--)
    {
      g_autoptr (GBytes) part = plant_rpc_frames_steal (frames, i - 1);

      g_ptr_array_insert (parts, 0, count_unread (self, connection, part));
    }
  if (plant_rpc_socket_send_parts (self->socket, parts) == PLANT_RPC_SEND_DONE)
    plant_rpc_connections_note_sent (self->connections);
}

static gboolean
is_about_lane (PlantRpcFrames *frames,
               guint           payload_index,
               GBytes         *payload)
{
  return frames->n_frames == payload_index + 1 && plant_rpc_lane_message_is_request (payload);
}

static void answer_about_lane (PlantRpcRouter         *self,
                               const PlantRpcEnvelope *envelope,
                               GBytes                 *payload);

static void
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  PlantRpcRouter *self = user_data;
  guint64 connection = plant_rpc_connections_identify (self->connections, frames);
  PlantRpcEnvelope envelope;
  PlantRpcArrived arrived = { &envelope, frames, NULL, TRUE };
  guint payload_index = 0;

  if (!plant_rpc_frames_split (frames, &envelope, &payload_index))
    {
      refuse (self, connection, frames);
      return;
    }
  envelope.connection = connection;
  if (frames->n_bytes >= LARGE_REQUEST)
    note_freed (self, LARGE_FACTOR * frames->n_bytes);
  arrived.payload = plant_rpc_frames_steal_payload (frames, payload_index);
  arrived.whole = frames->n_frames == payload_index + 1;
  if (is_about_lane (frames, payload_index, arrived.payload))
    answer_about_lane (self, &envelope, arrived.payload);
  else
    self->funcs.received (self->owner, &arrived);
  g_clear_pointer (&arrived.payload, g_bytes_unref);
}

static void
on_turned (gpointer user_data,
           gboolean drained)
{
  PlantRpcRouter *self = user_data;

  if (drained)
    plant_rpc_connections_note_drained (self->connections);
  if (g_hash_table_size (self->backlogs) > 0)
    flush_backlogs (self);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .turned = on_turned,
};

/* ---- lanes */

static void
on_lane_received (gpointer                owner,
                  const PlantRpcEnvelope *envelope,
                  GBytes                 *payload,
                  GBytes                 *buffer)
{
  PlantRpcRouter *self = owner;
  const gsize size = g_bytes_get_size (payload);
  PlantRpcArrived arrived = { envelope, NULL, g_bytes_ref (payload), buffer == NULL };

  if (size >= LARGE_REQUEST)
    note_freed (self, LARGE_FACTOR * size);
  self->funcs.received (self->owner, &arrived);
  g_clear_pointer (&arrived.payload, g_bytes_unref);
}

static void
mark_plain (gpointer message,
            gpointer user_data)
{
  ((Message *) message)->plain = TRUE;
}

static void
on_lane_send (gpointer                owner,
              const PlantRpcEnvelope *envelope,
              GBytes                 *payload,
              GBytes                 *buffer)
{
  PlantRpcRouter *self = owner;
  Backlog *backlog = find_backlog (self, envelope);

  if (backlog != NULL)
    g_queue_foreach (&backlog->messages, mark_plain, NULL);
  if (backlog != NULL || !send_now (self, envelope, payload, buffer, TRUE))
    send_later (self, envelope, payload, buffer, TRUE);
}

static void
on_lane_drained (gpointer owner)
{
  PlantRpcRouter *self = owner;

  if (g_hash_table_size (self->backlogs) > 0)
    flush_backlogs (self);
}

static const PlantRpcLanesFuncs lanes_funcs = {
  .received = on_lane_received,
  .send = on_lane_send,
  .drained = on_lane_drained,
};

/* What comes over a lane counts as sent with the key of its connection, so that must be known. */
static int
find_lane_descriptor (PlantRpcRouter *self,
                      guint64         connection)
{
  if (self->secured && plant_rpc_router_peek_key (self, connection) == NULL)
    return -1;
  if (self->funcs.may_have_lane != NULL && !self->funcs.may_have_lane (self->owner, connection))
    return -1;
  return plant_rpc_connections_get_descriptor (self->connections, connection);
}

/* What waits for the peer comes behind what its lane gives back. */
static void
answer_about_lane (PlantRpcRouter         *self,
                   const PlantRpcEnvelope *envelope,
                   GBytes                 *payload)
{
  g_autoptr (GBytes) peer = plant_rpc_envelope_dup_peer (envelope);
  g_autoptr (GBytes) key = NULL;
  Backlog *backlog = NULL;
  Message *message;

  if (plant_rpc_message_get_kind (payload) == PLANT_RPC_KIND_LANE_END)
    g_hash_table_steal_extended (self->backlogs, peer, (gpointer *) &key, (gpointer *) &backlog);
  plant_rpc_lanes_answer (self->lanes, envelope, payload,
                          find_lane_descriptor (self, envelope->connection));
  while (backlog != NULL && (message = g_queue_pop_head (&backlog->messages)) != NULL)
    {
      plant_rpc_holdings_subtract (self->holdings, envelope->connection, measure (message));
      plant_rpc_router_send (self, &message->envelope, message->payload, message->buffer);
      message_free (message);
    }
  g_clear_pointer (&backlog, backlog_free);
}

char *
plant_rpc_router_dup_address (PlantRpcRouter        *self,
                              const PlantRpcArrived *arrived)
{
  if (arrived->frames != NULL)
    return plant_rpc_frames_dup_address (arrived->frames);
  return plant_rpc_connections_dup_address (self->connections, arrived->envelope->connection);
}

const char *
plant_rpc_router_peek_key (PlantRpcRouter *self,
                           guint64         connection)
{
  return self->secured ? plant_rpc_connections_peek_key (self->connections, connection) : NULL;
}

const char *
plant_rpc_router_peek_sender (PlantRpcRouter        *self,
                              const PlantRpcArrived *arrived)
{
  if (self->secured && arrived->frames != NULL)
    return plant_rpc_frames_peek_key (arrived->frames);
  return plant_rpc_router_peek_key (self, arrived->envelope->connection);
}

gboolean
plant_rpc_router_is_near (PlantRpcRouter *self,
                          guint64         connection)
{
  g_autofree char *text = plant_rpc_connections_dup_address (self->connections, connection);
  g_autoptr (GInetAddress) address = NULL;

  /* Whoever reaches a socket file is on this machine. */
  if (self->port == 0)
    return TRUE;
  address = g_inet_address_new_from_string (text);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

void
plant_rpc_router_end_key (PlantRpcRouter *self,
                          const char     *key)
{
  plant_rpc_connections_end_key (self->connections, key);
}

void
plant_rpc_router_end_all (PlantRpcRouter *self)
{
  plant_rpc_connections_end_all (self->connections);
}

/* ---- connections */

static void
on_accepted (gpointer    owner,
             const char *address)
{
  PlantRpcRouter *self = owner;

  self->funcs.connected (self->owner, address);
}

static void
on_left (gpointer owner,
         guint64  connection)
{
  g_autoptr (PlantRpcRouter) self = g_rc_box_acquire (owner);

  note_freed (self, plant_rpc_holdings_take_freed (self->holdings) +
                        plant_rpc_holdings_get (self->holdings, connection));
  if (connection != 0)
    plant_rpc_lanes_remove (self->lanes, connection);
  if (self->holdings != NULL)
    self->funcs.left (self->owner, connection);
  if (self->holdings != NULL)
    plant_rpc_holdings_remove (self->holdings, connection);
}

static gsize
on_give_way (gpointer owner,
             guint64  connection)
{
  PlantRpcRouter *self = owner;
  const gsize size = self->funcs.give_way (self->owner, connection);

  if (size > 0)
    return size;
  plant_rpc_debug ("The peer for which the most was held has lost its connection");
  self->freed += plant_rpc_holdings_get (self->holdings, connection);
  plant_rpc_connections_end (self->connections, connection);
  return 0;
}

static gboolean
on_spare (gpointer owner)
{
  return plant_rpc_lanes_spare_one (((PlantRpcRouter *) owner)->lanes);
}

static const PlantRpcConnectionsFuncs connections_funcs = {
  .accepted = on_accepted,
  .left = on_left,
  .spare = on_spare,
};

/* Returns FALSE without an error if the port is in use. */
static gboolean
try_port (PlantRpcRouter          *self,
          const PlantRpcEndpoint  *endpoint,
          guint16                  port,
          GError                 **error)
{
  g_autofree char *url = plant_rpc_endpoint_print (endpoint, port);

  g_clear_error (error);
  return plant_rpc_channel_bind (self->channel, url, error) ||
         !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

static gboolean
bind_any_port (PlantRpcRouter          *self,
               const PlantRpcEndpoint  *endpoint,
               GError                 **error)
{
  g_autoptr (GError) local_error = NULL;

  for (guint i = 0; i < N_RANDOM_PORTS; i++)
    {
      guint16 port = g_random_int_range (PLANT_RPC_FIRST_PORT, PLANT_RPC_LAST_PORT + 1);

      if (try_port (self, endpoint, port, &local_error))
        break;
    }
  for (guint16 port = PLANT_RPC_FIRST_PORT; local_error != NULL && port <= PLANT_RPC_LAST_PORT;
       port++)
    {
      if (try_port (self, endpoint, port, &local_error))
        break;
    }
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static gboolean
open_channel (PlantRpcRouter          *self,
              const PlantRpcEndpoint  *endpoint,
              const PlantRpcSecurity  *security,
              GError                 **error)
{
  const PlantRpcChannelOptions options = {
    .name = "[plantrpc] requests",
    .type = ZMQ_ROUTER,
    .max_unsent = PLANT_RPC_MAX_HELD,
    .max_unread = PLANT_RPC_MAX_UNREAD_MESSAGES,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
    .security = security,
  };
  g_autofree char *url = plant_rpc_endpoint_print (endpoint, 0);

  self->channel = plant_rpc_channel_new (&options, self->context, &channel_funcs, self, error);
  if (self->channel == NULL)
    return FALSE;
  self->socket = plant_rpc_channel_get_socket (self->channel);
  self->connections = plant_rpc_connections_new (self->socket, PLANT_RPC_MAX_REQUEST_SIZE,
                                                 self->context, &connections_funcs, self, error);
  if (self->connections == NULL)
    return FALSE;
  if (endpoint->tcp && endpoint->port == 0 && !endpoint->any_port)
    return bind_any_port (self, endpoint, error);
  return plant_rpc_channel_bind (self->channel, url, error);
}

PlantRpcRouter *
plant_rpc_router_new (const PlantRpcEndpoint     *endpoint,
                      const PlantRpcSecurity     *security,
                      GMainContext               *context,
                      gsize                       max_unread,
                      const PlantRpcRouterFuncs  *funcs,
                      gpointer                    owner,
                      GError                    **error)
{
  PlantRpcRouter *self = g_rc_box_new0 (PlantRpcRouter);

  self->funcs = *funcs;
  self->owner = owner;
  self->context = g_main_context_ref (context);
  self->backlogs = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                          (GDestroyNotify) g_bytes_unref,
                                          (GDestroyNotify) backlog_free);
  self->holdings = plant_rpc_holdings_new (max_unread, on_give_way, self);
  self->lanes = plant_rpc_lanes_new (self->context, security != NULL, &lanes_funcs, self);
  self->secured = security != NULL;
  if (!open_channel (self, endpoint, security, error))
    {
      plant_rpc_router_free (self);
      return NULL;
    }
  self->port = plant_rpc_socket_get_port (self->socket);
  return self;
}

void
plant_rpc_router_free (PlantRpcRouter *self)
{
  plant_rpc_source_clear (&self->flush);
  plant_rpc_source_clear (&self->trim);
  g_clear_pointer (&self->lanes, plant_rpc_lanes_free);
  g_clear_pointer (&self->connections, plant_rpc_connections_free);
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  g_clear_pointer (&self->backlogs, g_hash_table_unref);
  g_clear_pointer (&self->holdings, plant_rpc_holdings_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_rc_box_release (self);
}

guint16
plant_rpc_router_get_port (PlantRpcRouter *self)
{
  return self->port;
}

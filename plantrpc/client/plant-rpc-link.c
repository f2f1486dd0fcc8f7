/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-pulse-private.h"
#include "plant-rpc-source-private.h"

#define CONNECT_TIMEOUT_US (5 * G_USEC_PER_SEC)
#define FIRST_RETRY_US     (50 * 1000)
#define LAST_RETRY_US      (2 * G_USEC_PER_SEC)

/* µs between two checks whether the other end acknowledges what was sent. While nothing is under
 * way, keepalive notices a cut cable. */
#define PULSE_US      G_USEC_PER_SEC
#define IDLE_PULSE_US (2 * G_USEC_PER_SEC)

#define PARTING_US (100 * 1000)

typedef struct {
  guint64               id;
  PlantRpcLinkReplyFunc func;
  gpointer              user_data;
  gboolean              large; /* TRUE: its reply may exceed PLANT_RPC_MAX_UNFINISHED */
} Pending;

struct _PlantRpcLink {
  char                    *url;     /* (owned) */
  GMainContext            *context; /* (owned) */
  const PlantRpcLinkFuncs *funcs;
  gpointer                 owner;

  PlantRpcSocket *socket;         /* (owned) (nullable): of this connection or attempt */
  GSource        *data_source;    /* (owned) (nullable) */
  GSource        *monitor_source; /* (owned) (nullable) */
  gboolean        open;
  PlantRpcPulse   pulse;
  gint64          pulse_time;   /* monotonic µs: next check of the pulse; 0: the link is closed */
  guint64         taken;        /* bytes of the messages read from this connection */
  gint64          parting_time; /* when the connection is given up; 0: it is not */
  GError         *parting;      /* (owned) (nullable): and why */
  gint64          give_up_time; /* of the attempt under way; 0: none is */
  gint64          retry_time;   /* of the next attempt; 0: none is due */
  gint64          retry_delay;  /* µs */

  GHashTable *pending; /* (owned) (element-type Pending Pending): awaiting a reply, by id */
  guint64     next_id;
  guint       n_connections; /* so far, and attempts */
  guint       n_late;
  guint       n_malformed;
  char       *own_address;  /* (owned) (nullable) */
  char       *peer_address; /* (owned) (nullable) */
};

static gboolean on_data (gpointer user_data);
static gboolean on_monitor (gpointer user_data);
static void drain (PlantRpcLink *self, guint limit);

PlantRpcLink *
plant_rpc_link_new (const char              *url,
                    GMainContext            *context,
                    const PlantRpcLinkFuncs *funcs,
                    gpointer                 owner)
{
  PlantRpcLink *self = g_new0 (PlantRpcLink, 1);

  self->url = g_strdup (url);
  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  self->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->next_id = 1;
  self->retry_delay = FIRST_RETRY_US;
  return self;
}

static void
drop_socket (PlantRpcLink *self)
{
  plant_rpc_source_clear (&self->data_source);
  plant_rpc_source_clear (&self->monitor_source);
  g_clear_pointer (&self->socket, plant_rpc_socket_free);
  plant_rpc_pulse_init (&self->pulse, -1);
  self->pulse_time = 0;
  self->taken = 0;
  self->parting_time = 0;
  g_clear_error (&self->parting);
  self->open = FALSE;
  self->give_up_time = 0;
}

void
plant_rpc_link_close (PlantRpcLink *self)
{
  drop_socket (self);
  g_hash_table_remove_all (self->pending);
  self->retry_time = 0;
}

void
plant_rpc_link_set_url (PlantRpcLink *self,
                        const char   *url)
{
  g_free (self->url);
  self->url = g_strdup (url);
}

void
plant_rpc_link_free (PlantRpcLink *self)
{
  plant_rpc_link_close (self);
  g_hash_table_unref (self->pending);
  g_main_context_unref (self->context);
  g_free (self->own_address);
  g_free (self->peer_address);
  g_free (self->url);
  g_free (self);
}

/* Half of it at random, so that many clients of a restarted server do not come all at once. */
static void
schedule_retry (PlantRpcLink *self)
{
  gint64 half = self->retry_delay / 2;

  self->retry_time = g_get_monotonic_time () + half + g_random_int_range (0, (gint32) half + 1);
  self->retry_delay = MIN (self->retry_delay * 2, LAST_RETRY_US);
}

static gboolean
open_socket (PlantRpcLink  *self,
             GError       **error)
{
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_DEALER, error);

  if (socket == NULL)
    return FALSE;
  plant_rpc_socket_set_int (socket, ZMQ_RECONNECT_IVL, -1);
  plant_rpc_socket_set_int (socket, ZMQ_SNDHWM, 0);
  plant_rpc_socket_set_int (socket, ZMQ_RCVHWM, PLANT_RPC_MAX_UNREAD_MESSAGES);
  plant_rpc_socket_set_int64 (socket, ZMQ_MAXMSGSIZE, PLANT_RPC_MAX_REPLY_SIZE);
  plant_rpc_socket_keep_alive (socket, PLANT_RPC_KEEPALIVE_ALERT);
  if (!plant_rpc_socket_watch (socket, ZMQ_EVENT_ALL, error) ||
      !plant_rpc_socket_connect (socket, self->url, error))
    return FALSE;
  self->socket = g_steal_pointer (&socket);
  return TRUE;
}

void
plant_rpc_link_connect (PlantRpcLink *self)
{
  g_autoptr (GError) error = NULL;

  drop_socket (self);
  self->n_connections++;
  self->retry_time = 0;
  if (!open_socket (self, &error))
    {
      plant_rpc_link_disconnect (self, error);
      return;
    }
  self->give_up_time = g_get_monotonic_time () + CONNECT_TIMEOUT_US;
  self->data_source =
      plant_rpc_source_attach (plant_rpc_socket_get_handle (self->socket), self->context, on_data,
                               self, "[plantrpc] replies");
  self->monitor_source =
      plant_rpc_source_attach (plant_rpc_socket_get_monitor (self->socket), self->context,
                               on_monitor, self, "[plantrpc] connection");
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  guint64 first = *(const guint64 *) a, second = *(const guint64 *) b;

  return first < second ? -1 : first > second;
}

static GArray *
list_pending (PlantRpcLink *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer call;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, &call, NULL))
    g_array_append_val (ids, ((Pending *) call)->id);
  g_array_sort (ids, compare_ids);
  return ids;
}

static void
fail_pending (PlantRpcLink *self,
              const GError *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) ids = list_pending (self);

  g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN,
               _("The connection to “%s” was lost before the reply came (%s)"), self->url,
               reason->message);
  /* A callback may forget any of the others. */
  for (guint i = 0; i < ids->len; i++)
    {
      guint64 id = g_array_index (ids, guint64, i);
      Pending *found = g_hash_table_lookup (self->pending, &id);
      Pending call;

      if (found == NULL)
        continue;
      call = *found;
      g_hash_table_remove (self->pending, &id);
      call.func (NULL, NULL, error, call.user_data);
    }
}

void
plant_rpc_link_disconnect (PlantRpcLink *self,
                           const GError *reason)
{
  /* Nothing that lingers here may reach a server that comes back. */
  if (self->socket != NULL)
    plant_rpc_socket_set_int (self->socket, ZMQ_LINGER, 0);
  drop_socket (self);
  schedule_retry (self);
  self->funcs->lost (self->owner, reason);
  fail_pending (self, reason);
}

gboolean
plant_rpc_link_is_open (PlantRpcLink *self)
{
  return self->open;
}

void
plant_rpc_link_part (PlantRpcLink *self,
                     const GError *reason)
{
  if (!self->open || self->parting_time > 0)
    return;
  self->parting = g_error_copy (reason);
  self->parting_time = g_get_monotonic_time () + PARTING_US;
  self->funcs->rearm (self->owner);
}

gint64
plant_rpc_link_get_deadline (PlantRpcLink *self)
{
  if (self->parting_time > 0 && self->pulse_time > 0)
    return MIN (self->parting_time, self->pulse_time);
  if (self->parting_time > 0)
    return self->parting_time;
  if (self->pulse_time > 0)
    return self->pulse_time;
  if (self->give_up_time > 0)
    return self->give_up_time;
  return self->retry_time > 0 ? self->retry_time : -1;
}

/* A reply that had arrived wins over the loss. A callback may have made the next connection by
 * then. */
static void
note_loss (PlantRpcLink *self,
           GError       *reason)
{
  g_autoptr (GError) owned = reason;
  guint n_connections = self->n_connections;

  drain (self, G_MAXUINT);
  if (self->socket != NULL && self->n_connections == n_connections)
    plant_rpc_link_disconnect (self, owned);
}

static gboolean
expects_large (PlantRpcLink *self)
{
  GHashTableIter iter;
  gpointer call;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, &call, NULL))
    {
      if (((Pending *) call)->large)
        return TRUE;
    }
  return FALSE;
}

/* libzmq limits neither the frames of a message nor how many bytes of messages it queues. Bytes
 * that were received and not read are held by libzmq or by the system. */
static gboolean
is_flooded (PlantRpcLink *self)
{
  guint64 received;

  return plant_rpc_pulse_count_received (&self->pulse, &received) && received > self->taken &&
         received - self->taken > PLANT_RPC_MAX_UNFINISHED && !expects_large (self);
}

static void
check_flood (PlantRpcLink *self)
{
  g_autoptr (GError) error = NULL;

  if (!self->open || !is_flooded (self))
    return;
  g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
               /* Translators: the address of a device */
               _("“%s” sends much that nobody has asked for"), self->url);
  plant_rpc_link_disconnect (self, error);
}

static void
check_pulse (PlantRpcLink *self,
             gint64        now)
{
  PlantRpcPulseState state = plant_rpc_pulse_feel (&self->pulse);
  gboolean calm = state == PLANT_RPC_PULSE_CALM && g_hash_table_size (self->pending) == 0;

  self->pulse_time = now + (calm ? IDLE_PULSE_US : PULSE_US);
  if (state != PLANT_RPC_PULSE_LOST)
    check_flood (self);
  else
    note_loss (self, g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                                  /* Translators: the address of a device */
                                  _("“%s” no longer acknowledges what is sent to it"), self->url));
}

void
plant_rpc_link_check_time (PlantRpcLink *self,
                           gint64        now)
{
  g_autoptr (GError) reason = NULL;

  if (self->parting_time > 0 && now >= self->parting_time)
    {
      note_loss (self, g_steal_pointer (&self->parting));
    }
  else if (self->pulse_time > 0 && now >= self->pulse_time)
    {
      check_pulse (self, now);
    }
  else if (self->give_up_time > 0 && now >= self->give_up_time)
    {
      g_set_error (&reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                   _("“%s” did not answer the connection"), self->url);
      plant_rpc_link_disconnect (self, reason);
    }
  else if (self->retry_time > 0 && now >= self->retry_time)
    {
      plant_rpc_link_connect (self);
    }
}

void
plant_rpc_link_reset_backoff (PlantRpcLink *self)
{
  self->retry_delay = FIRST_RETRY_US;
}

/* A request could not be sent, so no reply will come: the link gives the connection up, and every
 * waiting caller gets this error. */
static void
note_unsent (PlantRpcLink *self)
{
  g_autoptr (GError) reason =
      g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                   _("The connection to “%s” was closed"), self->url);

  plant_rpc_link_part (self, reason);
}

static void
feel_pulse_later (PlantRpcLink *self)
{
  gint64 time = g_get_monotonic_time () + PULSE_US;

  if (self->pulse_time <= time)
    return;
  self->pulse_time = time;
  self->funcs->rearm (self->owner);
}

guint64
plant_rpc_link_send (PlantRpcLink          *self,
                     GBytes                *payload,
                     PlantRpcLinkReplyFunc  func,
                     gpointer               user_data)
{
  guint64 id = self->next_id++, wire_id = GUINT64_TO_LE (id);
  PlantRpcEnvelope envelope;

  g_return_val_if_fail (self->open, 0);

  if (func != NULL)
    {
      Pending *call = g_new (Pending, 1);

      *call = (Pending) { id, func, user_data, FALSE };
      g_hash_table_add (self->pending, call);
    }
  feel_pulse_later (self);
  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, &wire_id, sizeof wire_id);
  plant_rpc_envelope_append (&envelope, NULL, 0);
  /* The socket has no high-water mark. Sending fails only if the connection is lost, which the
   * monitor reports. */
  if (plant_rpc_socket_send (self->socket, &envelope, payload, NULL) != PLANT_RPC_SEND_DONE)
    note_unsent (self);
  return id;
}

void
plant_rpc_link_expect_large (PlantRpcLink *self,
                             guint64       id)
{
  Pending *call = g_hash_table_lookup (self->pending, &id);

  if (call != NULL)
    call->large = TRUE;
}

void
plant_rpc_link_forget (PlantRpcLink *self,
                       guint64       id)
{
  g_hash_table_remove (self->pending, &id);
}

guint
plant_rpc_link_get_n_late (PlantRpcLink *self)
{
  return self->n_late;
}

guint
plant_rpc_link_get_n_malformed (PlantRpcLink *self)
{
  return self->n_malformed;
}

const char *
plant_rpc_link_get_own_address (PlantRpcLink *self)
{
  return self->own_address;
}

const char *
plant_rpc_link_get_peer_address (PlantRpcLink *self)
{
  return self->peer_address;
}

static void
take_reply (PlantRpcLink   *self,
            guint64         id,
            PlantRpcFrames *frames)
{
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GBytes) buffer = NULL;
  Pending *found;
  Pending call;

  self->funcs->heard (self->owner);
  found = g_hash_table_lookup (self->pending, &id);
  if (found == NULL)
    {
      self->n_late++;
      return;
    }
  call = *found;
  g_hash_table_remove (self->pending, &id);
  payload = plant_rpc_frames_steal (frames, 2);
  if (frames->n_frames > 3)
    buffer = plant_rpc_frames_steal (frames, 3);
  call.func (payload, buffer, NULL, call.user_data);
}

static void
take_message (PlantRpcLink   *self,
              PlantRpcFrames *frames)
{
  guint64 id;

  if (frames->n_frames < 2 || zmq_msg_size (&frames->frames[0]) != sizeof id)
    {
      self->n_malformed++;
      return;
    }
  memcpy (&id, zmq_msg_data (&frames->frames[0]), sizeof id);
  id = GUINT64_FROM_LE (id);
  if ((id & PLANT_RPC_PUSH_BIT) != 0)
    {
      g_autoptr (GBytes) payload = plant_rpc_frames_steal (frames, 1);

      self->funcs->pushed (self->owner, id & ~PLANT_RPC_PUSH_BIT, payload);
    }
  else if (frames->n_frames >= 3 && zmq_msg_size (&frames->frames[1]) == 0 && id > 0 &&
           id < self->next_id)
    {
      take_reply (self, id, frames);
    }
  else
    {
      self->n_malformed++;
    }
}

/* A callback may drop the socket, or the whole link. */
static void
drain (PlantRpcLink *self,
       guint         limit)
{
  PlantRpcSocket *socket = self->socket;

  while (limit-- > 0 && socket != NULL && self->socket == socket)
    {
      g_auto (PlantRpcFrames) frames = { 0 };

      if (!plant_rpc_socket_receive (socket, &frames))
        return;
      self->taken += frames.n_bytes;
      take_message (self, &frames);
    }
}

static gboolean
on_data (gpointer user_data)
{
  PlantRpcLink *self = user_data;
  const PlantRpcLinkFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  check_flood (self);
  drain (self, PLANT_RPC_SOURCE_BATCH);
  funcs->release (owner);
  return G_SOURCE_CONTINUE;
}

char *
plant_rpc_link_dup_address (int   fd,
                            int (*get) (int, struct sockaddr *, socklen_t *))
{
  struct sockaddr_storage address = { 0 };
  socklen_t size = sizeof address;
  g_autoptr (GSocketAddress) wrapped = NULL;

  if (get (fd, (struct sockaddr *) &address, &size) != 0)
    return NULL;
  wrapped = g_socket_address_new_from_native (&address, size);
  if (!G_IS_INET_SOCKET_ADDRESS (wrapped))
    return NULL;
  if (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (wrapped)) == NULL)
    return NULL;
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (wrapped)));
}

static void
note_addresses (PlantRpcLink *self,
                int           fd)
{
  g_free (self->own_address);
  self->own_address = plant_rpc_link_dup_address (fd, getsockname);
  g_free (self->peer_address);
  self->peer_address = plant_rpc_link_dup_address (fd, getpeername);
}

static GError *
explain_loss (PlantRpcLink *self,
              int           event)
{
  switch (event)
    {
    case ZMQ_EVENT_DISCONNECTED:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
                          _("The connection to “%s” was closed"), self->url);
    case ZMQ_EVENT_CLOSED:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, _("Nobody listens at “%s”"),
                          self->url);
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                          _("“%s” refuses this client"), self->url);
    default:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                          _("“%s” does not speak ZeroMQ, or not as this client does"), self->url);
    }
}

static void
take_event (PlantRpcLink              *self,
            const PlantRpcSocketEvent *event)
{
  switch (event->type)
    {
    case ZMQ_EVENT_CONNECTED:
      note_addresses (self, event->value);
      plant_rpc_pulse_init (&self->pulse, event->value);
      break;
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      self->open = TRUE;
      self->pulse_time = g_get_monotonic_time () + IDLE_PULSE_US;
      self->give_up_time = 0;
      self->funcs->opened (self->owner);
      break;
    case ZMQ_EVENT_DISCONNECTED:
    case ZMQ_EVENT_CLOSED:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      note_loss (self, explain_loss (self, event->type));
      break;
    default:
      break;
    }
}

static void
process_events (PlantRpcLink *self)
{
  PlantRpcSocket *socket = self->socket;
  PlantRpcSocketEvent event;

  while (socket != NULL && self->socket == socket && plant_rpc_socket_next_event (socket, &event))
    take_event (self, &event);
}

static gboolean
on_monitor (gpointer user_data)
{
  PlantRpcLink *self = user_data;
  const PlantRpcLinkFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  process_events (self);
  funcs->release (owner);
  return G_SOURCE_CONTINUE;
}

guint
plant_rpc_link_fill_poll (PlantRpcLink   *self,
                          zmq_pollitem_t *items)
{
  return self->socket != NULL ? plant_rpc_socket_fill_poll (self->socket, items) : 0;
}

void
plant_rpc_link_process (PlantRpcLink *self)
{
  check_flood (self);
  drain (self, PLANT_RPC_SOURCE_BATCH);
  process_events (self);
}

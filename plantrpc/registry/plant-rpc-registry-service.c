/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-connections-private.h"
#include "plant-rpc-device-table-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-guard-private.h"
#include "plant-rpc-holdings-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-registry-service-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-watchers-private.h"
#include "plant-rpc-worker-private.h"

#define TICK_MS 100

/* what UNREAD counts the lists of all peers under; no connection has this number */
#define EVERYONE G_MAXUINT64

/* µs for which a packed list is sent again, although the ages in it do not grow */
#define LIST_TIME (100 * 1000) /* µs */

struct _PlantRpcRegistryService {
  PlantRpcWorker              *worker;      /* (owned): all fields without (mutex mutex) belong to
                                               its thread */
  PlantRpcGuard               *guard;       /* (owned) (nullable): NULL if everybody may do all */
  PlantRpcChannel             *channel;     /* (owned) */
  PlantRpcSocket              *socket;      /* (unowned): the channel's */
  PlantRpcConnections         *connections; /* (owned): borrows the socket */
  PlantRpcWatchers            *watchers;    /* (owned): borrows the socket and the connections */
  GSource                     *tick;        /* (owned) */
  PlantRpcRegistryServiceFunc  func;
  gpointer                     owner;
  guint16                      port;
  GMutex                       mutex;
  PlantRpcDeviceTable         *table;       /* (owned) (mutex mutex) */
  gint64                       serial;      /* number of changes so far */
  GBytes                      *list;        /* (owned) (nullable): the last packed list */
  gint64                       list_serial;
  gint64                       list_end;    /* monotonic µs: until when LIST may be sent */
  PlantRpcHoldings            *unread;      /* (owned): counts the bytes of lists that were sent and
                                               not read */
};

/* The peer that sent a request. */
typedef struct {
  PlantRpcEnvelope  envelope;
  const char       *address; /* (unowned) (nullable): its network address */
  const char       *key;     /* (unowned) (nullable): its public key, at a secured registry */
  PlantRpcRole      role;
} Peer;

static void
on_device (gpointer              owner,
           PlantRpcDeviceRecord *record,
           gboolean              added)
{
  PlantRpcRegistryService *self = owner;
  g_auto (PlantRpcRegistryReply) reply = {
    .type = added ? PLANT_RPC_REGISTRY_DEVICE_ADDED : PLANT_RPC_REGISTRY_DEVICE_REMOVED,
    .serial = ++self->serial,
  };
  g_autoptr (GBytes) payload = NULL;

  if (plant_rpc_watchers_count (self->watchers) == 0)
    return;
  reply.uuid = g_strdup (record->uuid);
  reply.records = g_ptr_array_new ();
  g_ptr_array_add (reply.records, record);
  payload = plant_rpc_registry_reply_pack (&reply);
  plant_rpc_watchers_push (self->watchers, payload);
}

/* ---- the list */

static void
pack_list (PlantRpcRegistryService *self,
           gint64                   now)
{
  g_auto (PlantRpcRegistryReply) reply = {
    .type = PLANT_RPC_REGISTRY_DEVICES,
    .serial = self->serial,
    .records = plant_rpc_device_table_list (self->table),
  };
  g_autoptr (GBytes) packed = plant_rpc_registry_reply_pack (&reply);

  g_clear_pointer (&self->list, g_bytes_unref);
  self->list = plant_rpc_holdings_count (self->unread, EVERYONE, packed);
  self->list_serial = self->serial;
  self->list_end = now + LIST_TIME;
}

/* All peers that ask while nothing changes get the same bytes. A list that a peer does not read
 * stays in memory, and each change makes another list. */
static gboolean
prepare_list (PlantRpcRegistryService  *self,
              const Peer               *peer,
              GError                  **error)
{
  gint64 now = g_get_monotonic_time ();
  gboolean fresh =
      self->list != NULL && self->list_serial == self->serial && now < self->list_end;

  if (plant_rpc_holdings_get (self->unread, peer->envelope.connection) >=
      PLANT_RPC_MAX_LISTS_UNREAD)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "Lists that were sent on this connection have not been read yet");
  if (!fresh && plant_rpc_holdings_get (self->unread, EVERYONE) >= PLANT_RPC_MAX_LISTS_HELD)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                                 "Too many lists that were sent have not been read yet");
  if (!fresh)
    pack_list (self, now);
  return TRUE;
}

static void
send_reply (PlantRpcRegistryService     *self,
            const Peer                  *peer,
            const PlantRpcRegistryReply *reply)
{
  g_autoptr (GBytes) payload =
      reply->type == PLANT_RPC_REGISTRY_DEVICES
          ? plant_rpc_holdings_count (self->unread, peer->envelope.connection, self->list)
          : plant_rpc_registry_reply_pack (reply);

  if (!plant_rpc_connections_is_open (self->connections, peer->envelope.connection))
    return;
  plant_rpc_connections_note_sent (self->connections);
  plant_rpc_socket_send (self->socket, &peer->envelope, payload, NULL);
}

/* ---- requests */

/* A device of Plant Imager that listens on all addresses registers as that, which would lead each
 * client to itself. Returns NULL if URL is good as it is. */
static char *
replace_wildcard (const char *url,
                  const char *address)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, NULL);

  if (endpoint == NULL || address == NULL || !plant_rpc_endpoint_is_wildcard (endpoint))
    return NULL;
  return plant_rpc_endpoint_print_whole (endpoint, address, 0);
}

static gboolean
answer_registration (PlantRpcRegistryService  *self,
                     const Peer               *peer,
                     PlantRpcRegistryRequest  *request,
                     PlantRpcRegistryReply    *reply,
                     GError                  **error)
{
  g_autofree char *url = replace_wildcard (request->url, peer->address);
  const PlantRpcCandidate candidate = {
    .device_type = request->device_type,
    .name = request->name,
    .url = url != NULL ? url : request->url,
    .overwrite = request->overwrite,
    .peer = peer->address,
    .key = peer->key,
    .administrator = peer->role == PLANT_RPC_ROLE_ADMINISTRATOR,
  };
  PlantRpcDeviceRecord *record = plant_rpc_device_table_register (
      self->table, &candidate, g_get_monotonic_time (), error);

  if (record == NULL)
    return FALSE;
  reply->type = PLANT_RPC_REGISTRY_REGISTER_ACK;
  reply->name = g_strdup (record->name);
  reply->uuid = g_strdup (record->uuid);
  return TRUE;
}

static gboolean
answer_list (PlantRpcRegistryService  *self,
             const Peer               *peer,
             gboolean                  watch,
             PlantRpcRegistryReply    *reply,
             GError                  **error)
{
  if (!prepare_list (self, peer, error) ||
      (watch && !plant_rpc_watchers_add (self->watchers, &peer->envelope, peer->address,
                                         g_get_monotonic_time (), error)))
    return FALSE;
  reply->type = PLANT_RPC_REGISTRY_DEVICES;
  return TRUE;
}

/* ---- what a peer may do */

static PlantRpcRole
get_needed_role (PlantRpcRegistryEvent event)
{
  switch (event)
    {
    case PLANT_RPC_REGISTRY_REGISTER:
    case PLANT_RPC_REGISTRY_UNREGISTER:
    case PLANT_RPC_REGISTRY_CHECK_ALIVE:
      return PLANT_RPC_ROLE_OPERATOR;
    case PLANT_RPC_REGISTRY_LIST:
    case PLANT_RPC_REGISTRY_WATCH:
    case PLANT_RPC_REGISTRY_UNKNOWN:
    default:
      return PLANT_RPC_ROLE_VIEWER;
    }
}

static gboolean
check_role (const Peer             *peer,
            PlantRpcRegistryEvent   event,
            GError                **error)
{
  const PlantRpcRole needed = get_needed_role (event);

  if (peer->role >= needed)
    return TRUE;
  if (peer->role == PLANT_RPC_ROLE_NONE)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                                 "The key of this client is no longer allowed");
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                               "This asks for the role “%s”, and the key has the role “%s”",
                               plant_rpc_role_get_nick (needed),
                               plant_rpc_role_get_nick (peer->role));
}

/* A device is kept, or removed, by the key that registered it. An administrator may do both. */
static gboolean
check_device (PlantRpcRegistryService        *self,
              const Peer                     *peer,
              const PlantRpcRegistryRequest  *request,
              GError                        **error)
{
  const char *owner;

  if (self->guard == NULL || request->uuid == NULL ||
      peer->role == PLANT_RPC_ROLE_ADMINISTRATOR)
    return TRUE;
  owner = plant_rpc_device_table_get_key (self->table, request->uuid);
  if (owner == NULL || g_strcmp0 (owner, peer->key) == 0)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_REFUSED,
                               "The device was registered by another key");
}

/* REPLY is initialised as an ACK with success FALSE, and stays so if the request fails. */
static gboolean
answer (PlantRpcRegistryService  *self,
        const Peer               *peer,
        PlantRpcRegistryRequest  *request,
        PlantRpcRegistryReply    *reply,
        GError                  **error)
{
  if (!check_role (peer, request->event, error) || !check_device (self, peer, request, error))
    return FALSE;
  switch (request->event)
    {
    case PLANT_RPC_REGISTRY_REGISTER:
      return answer_registration (self, peer, request, reply, error);
    case PLANT_RPC_REGISTRY_UNREGISTER:
      reply->success = plant_rpc_device_table_unregister (self->table, request->uuid);
      return TRUE;
    case PLANT_RPC_REGISTRY_CHECK_ALIVE:
      reply->success = plant_rpc_device_table_touch (self->table, request->uuid,
                                                     request->alive_timeout,
                                                     g_get_monotonic_time ());
      return TRUE;
    case PLANT_RPC_REGISTRY_LIST:
    case PLANT_RPC_REGISTRY_WATCH:
      return answer_list (self, peer, request->event == PLANT_RPC_REGISTRY_WATCH, reply, error);
    case PLANT_RPC_REGISTRY_UNKNOWN:
    default:
      reply->type = PLANT_RPC_REGISTRY_UNSUPPORTED;
      return TRUE;
    }
}

static gboolean
unpack (PlantRpcRegistryRequest  *request,
        PlantRpcFrames           *frames,
        guint                     payload_index,
        GError                  **error)
{
  g_autoptr (GBytes) payload = NULL;

  if (frames->n_frames != payload_index + 1 || frames->truncated)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 "A request has exactly one frame behind the delimiter");
  payload = plant_rpc_frames_steal (frames, payload_index);
  return plant_rpc_registry_request_unpack (request, payload, error);
}

static void
give_answer (PlantRpcRegistryService *self,
             PlantRpcFrames          *frames,
             const Peer              *peer,
             guint                    payload_index,
             PlantRpcRegistryRequest *request)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_auto (PlantRpcRegistryReply) reply = { .type = PLANT_RPC_REGISTRY_ACK };
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->mutex);
  if (!unpack (request, frames, payload_index, &error) ||
      !answer (self, peer, request, &reply, &error))
    reply.error = g_strdup (error->message);
  g_mutex_unlock (&self->mutex);
  reply.sent = g_steal_pointer (&request->sent);
  send_reply (self, peer, &reply);
}

/* Where everybody is let in, everybody may do all. */
static PlantRpcRole
find_role (PlantRpcRegistryService *self,
           const char              *key)
{
  return self->guard != NULL ? plant_rpc_guard_find_role (self->guard, key)
                             : PLANT_RPC_ROLE_ADMINISTRATOR;
}

/* The owner is told of changes after the reply has been sent. */
static void
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  PlantRpcRegistryService *self = user_data;
  g_auto (PlantRpcRegistryRequest) request = { 0 };
  g_autofree char *address = plant_rpc_frames_dup_address (frames);
  g_autofree char *key = self->guard != NULL ? g_strdup (plant_rpc_frames_peek_key (frames)) : NULL;
  Peer peer = {
    .address = *address != '\0' ? address : NULL,
    .key = key,
    .role = find_role (self, key),
  };
  guint64 connection = plant_rpc_connections_identify (self->connections, frames);
  gint64 serial = self->serial;
  guint payload_index = 0;

  if (!plant_rpc_frames_split (frames, &peer.envelope, &payload_index))
    {
      plant_rpc_debug ("A message of %u frames has no envelope and was dropped", frames->n_frames);
      return;
    }
  peer.envelope.connection = connection;
  give_answer (self, frames, &peer, payload_index, &request);
  if (serial != self->serial || request.event == PLANT_RPC_REGISTRY_CHECK_ALIVE)
    self->func (self->owner, serial != self->serial);
}

static void
on_turned (gpointer user_data,
           gboolean drained)
{
  PlantRpcRegistryService *self = user_data;

  if (drained)
    plant_rpc_connections_note_drained (self->connections);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .turned = on_turned,
};

static void
on_left (gpointer owner,
         guint64  connection)
{
  PlantRpcRegistryService *self = owner;

  plant_rpc_watchers_leave (self->watchers, connection);
  plant_rpc_holdings_remove (self->unread, connection);
}

static const PlantRpcConnectionsFuncs connections_funcs = { .left = on_left };

static gboolean
on_tick (gpointer user_data)
{
  PlantRpcRegistryService *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gint64 serial = self->serial;

  g_mutex_lock (&self->mutex);
  plant_rpc_device_table_expire (self->table, now);
  g_mutex_unlock (&self->mutex);
  plant_rpc_watchers_look_after (self->watchers, now);
  if (serial != self->serial)
    self->func (self->owner, TRUE);
  return G_SOURCE_CONTINUE;
}

/* ---- life */

/* Whoever may no longer register devices has none. */
static void
on_key_changed (gpointer    owner,
                const char *key)
{
  PlantRpcRegistryService *self = owner;
  gint64 serial = self->serial;

  plant_rpc_connections_end_key (self->connections, key);
  if (plant_rpc_guard_find_role (self->guard, key) >= PLANT_RPC_ROLE_OPERATOR)
    return;
  g_mutex_lock (&self->mutex);
  plant_rpc_device_table_remove_key (self->table, key);
  g_mutex_unlock (&self->mutex);
  if (serial != self->serial)
    self->func (self->owner, TRUE);
}

static gboolean
open_guard (PlantRpcRegistryService         *self,
            const PlantRpcRegistrySecurity  *security,
            GMainContext                    *context,
            GError                         **error)
{
  self->guard = plant_rpc_guard_new (security->authenticator, security->keypair, context,
                                     on_key_changed, self, error);
  if (self->guard == NULL)
    return FALSE;
  plant_rpc_device_table_set_names (self->table, plant_rpc_owned_names_new (security->names));
  return TRUE;
}

static gboolean
open_channel (PlantRpcRegistryService  *self,
              const PlantRpcEndpoint   *endpoint,
              GMainContext             *context,
              GError                  **error)
{
  const PlantRpcChannelOptions options = {
    .name = "[plantrpc] registry",
    .type = ZMQ_ROUTER,
    .max_unsent = PLANT_RPC_MAX_REGISTRY_HELD,
    .max_unread = PLANT_RPC_MAX_REGISTRY_QUEUED,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
    .security = self->guard != NULL ? plant_rpc_guard_get_security (self->guard) : NULL,
  };
  PlantRpcEndpoint given = *endpoint;
  g_autofree char *url = NULL;

  self->channel = plant_rpc_channel_new (&options, context, &channel_funcs, self, error);
  if (self->channel == NULL)
    return FALSE;
  self->socket = plant_rpc_channel_get_socket (self->channel);
  self->connections = plant_rpc_connections_new (self->socket, PLANT_RPC_MAX_REGISTRY_FRAME,
                                                 context, &connections_funcs, self, error);
  if (self->connections == NULL)
    return FALSE;
  given.any_port = endpoint->port == 0;
  url = plant_rpc_endpoint_print (&given, 0);
  return plant_rpc_channel_bind (self->channel, url, error);
}

/* The sockets are opened before the thread begins, which uses them from then on. */
static gboolean
open_service (PlantRpcRegistryService         *self,
              const PlantRpcEndpoint          *endpoint,
              const PlantRpcRegistrySecurity  *security,
              GError                         **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  if (security != NULL && !open_guard (self, security, context, error))
    return FALSE;
  if (!open_channel (self, endpoint, context, error))
    return FALSE;
  self->port = plant_rpc_socket_get_port (self->socket);
  self->watchers = plant_rpc_watchers_new (self->socket, self->connections);
  self->tick = plant_rpc_source_start (g_timeout_source_new (TICK_MS), context, on_tick, self,
                                       "[plantrpc] expiry");
  self->worker = plant_rpc_worker_new ("plantrpc registry", context, error);
  return self->worker != NULL;
}

PlantRpcRegistryService *
plant_rpc_registry_service_new (const PlantRpcEndpoint          *endpoint,
                                const PlantRpcRegistrySecurity  *security,
                                PlantRpcRegistryServiceFunc      func,
                                gpointer                         owner,
                                GError                         **error)
{
  PlantRpcRegistryService *self = g_new0 (PlantRpcRegistryService, 1);

  g_mutex_init (&self->mutex);
  self->func = func;
  self->owner = owner;
  self->table = plant_rpc_device_table_new (on_device, self);
  self->unread = plant_rpc_holdings_new (G_MAXSIZE, NULL, NULL);
  if (open_service (self, endpoint, security, error))
    return self;
  plant_rpc_registry_service_free (self);
  return NULL;
}

void
plant_rpc_registry_service_free (PlantRpcRegistryService *self)
{
  g_clear_pointer (&self->worker, plant_rpc_worker_free);
  plant_rpc_source_clear (&self->tick);
  g_clear_pointer (&self->watchers, plant_rpc_watchers_free);
  g_clear_pointer (&self->connections, plant_rpc_connections_free);
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  g_clear_pointer (&self->guard, plant_rpc_guard_free);
  g_clear_pointer (&self->list, g_bytes_unref);
  plant_rpc_holdings_free (self->unread);
  plant_rpc_device_table_free (self->table);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

guint16
plant_rpc_registry_service_get_port (PlantRpcRegistryService *self)
{
  return self->port;
}

GPtrArray *
plant_rpc_registry_service_list (PlantRpcRegistryService *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return plant_rpc_device_table_list (self->table);
}

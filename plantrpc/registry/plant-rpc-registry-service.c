/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-device-table-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-registry-service-private.h"
#include "plant-rpc-socket-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-worker-private.h"

#define TICK_MS      100

typedef struct {
  PlantRpcEnvelope envelope;
  gint64           end; /* monotonic µs: of the lease */
} Watcher;

struct _PlantRpcRegistryService {
  PlantRpcWorker              *worker; /* (owned): all but the mutex's belongs to its thread */
  PlantRpcSocket              *socket; /* (owned) */
  GSource                     *source; /* (owned) */
  GSource                     *tick;   /* (owned) */
  PlantRpcRegistryServiceFunc  func;
  gpointer                     owner;
  guint16                      port;
  GMutex                       mutex;
  PlantRpcDeviceTable         *table;    /* (owned) (mutex mutex) */
  GHashTable                  *watchers; /* (owned): Watcher by identity */
  gint64                       serial;   /* how many changes there have been */
};

/* -- those that watch */

static gboolean
send_reply (PlantRpcRegistryService     *self,
            const PlantRpcEnvelope      *envelope,
            const PlantRpcRegistryReply *reply)
{
  g_autoptr(GBytes) payload = plant_rpc_registry_reply_pack (reply);

  return plant_rpc_socket_send (self->socket, envelope, payload, NULL) == PLANT_RPC_SEND_DONE;
}

/* One that is gone, or too slow, is let go of: whoever still watches asks again, and gets the whole
 * list. */
static void
push (PlantRpcRegistryService     *self,
      const PlantRpcRegistryReply *reply)
{
  GHashTableIter iter;
  gpointer watcher;

  g_hash_table_iter_init (&iter, self->watchers);
  while (g_hash_table_iter_next (&iter, NULL, &watcher))
    {
      if (!send_reply (self, &((Watcher *) watcher)->envelope, reply))
        g_hash_table_iter_remove (&iter);
    }
}

static void
on_device (gpointer              owner,
           PlantRpcDeviceRecord *record,
           gboolean              added)
{
  PlantRpcRegistryService *self = owner;
  g_auto(PlantRpcRegistryReply) reply = {
    .type = added ? PLANT_RPC_REGISTRY_DEVICE_ADDED : PLANT_RPC_REGISTRY_DEVICE_REMOVED,
    .serial = ++self->serial,
  };

  if (g_hash_table_size (self->watchers) == 0)
    return;
  reply.uuid = g_strdup (record->uuid);
  reply.records = g_ptr_array_new ();
  g_ptr_array_add (reply.records, record);
  push (self, &reply);
}

static void
watch (PlantRpcRegistryService *self,
       const PlantRpcEnvelope  *envelope)
{
  GBytes *identity = g_bytes_new (envelope->data, envelope->sizes[0]);
  Watcher *watcher = g_new (Watcher, 1);

  watcher->envelope = *envelope;
  watcher->end = g_get_monotonic_time () + PLANT_RPC_WATCH_LEASE;
  g_hash_table_replace (self->watchers, identity, watcher);
}

static gboolean
has_ended (gpointer key,
           gpointer value,
           gpointer user_data)
{
  return ((Watcher *) value)->end <= *(gint64 *) user_data;
}

/* -- requests */

static void
answer_registration (PlantRpcRegistryService *self,
                     PlantRpcRegistryRequest *request,
                     PlantRpcRegistryReply   *reply)
{
  PlantRpcDeviceRecord *record =
      plant_rpc_device_table_register (self->table, request->device_type, request->name,
                                       request->url, request->overwrite, g_get_monotonic_time ());

  if (record == NULL)
    {
      reply->error = g_strdup ("There are too many devices");
      return;
    }
  reply->type = PLANT_RPC_REGISTRY_REGISTER_ACK;
  reply->name = g_strdup (record->name);
  reply->uuid = g_strdup (record->uuid);
}

static void
answer_watch (PlantRpcRegistryService *self,
              const PlantRpcEnvelope  *envelope,
              PlantRpcRegistryReply   *reply)
{
  g_autoptr(GBytes) identity = g_bytes_new (envelope->data, envelope->sizes[0]);

  if (g_hash_table_size (self->watchers) >= PLANT_RPC_MAX_WATCHERS &&
      !g_hash_table_contains (self->watchers, identity))
    {
      reply->error = g_strdup ("There are too many that watch");
      return;
    }
  watch (self, envelope);
  reply->type = PLANT_RPC_REGISTRY_DEVICES;
}

/* REPLY is an ACK without success at first. */
static void
answer (PlantRpcRegistryService *self,
        const PlantRpcEnvelope  *envelope,
        PlantRpcRegistryRequest *request,
        PlantRpcRegistryReply   *reply)
{
  switch (request->event)
    {
    case PLANT_RPC_REGISTRY_REGISTER:
      answer_registration (self, request, reply);
      break;
    case PLANT_RPC_REGISTRY_UNREGISTER:
      reply->success = plant_rpc_device_table_unregister (self->table, request->uuid);
      break;
    case PLANT_RPC_REGISTRY_CHECK_ALIVE:
      reply->success = plant_rpc_device_table_touch (self->table, request->uuid,
                                                     request->alive_timeout,
                                                     g_get_monotonic_time ());
      break;
    case PLANT_RPC_REGISTRY_LIST:
      reply->type = PLANT_RPC_REGISTRY_DEVICES;
      break;
    case PLANT_RPC_REGISTRY_WATCH:
      answer_watch (self, envelope, reply);
      break;
    case PLANT_RPC_REGISTRY_UNKNOWN:
    default:
      reply->type = PLANT_RPC_REGISTRY_UNSUPPORTED;
      break;
    }
  reply->serial = self->serial;
  if (reply->type == PLANT_RPC_REGISTRY_DEVICES)
    reply->records = plant_rpc_device_table_list (self->table);
}

static gboolean
unpack (PlantRpcRegistryRequest  *request,
        PlantRpcFrames           *frames,
        guint                     payload_index,
        GError                  **error)
{
  g_auto(PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr(GBytes) payload = NULL;

  if (frames->n_frames != payload_index + 1 || frames->truncated)
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                           "A request has exactly one frame behind the delimiter");
      return FALSE;
    }
  payload = plant_rpc_frames_steal (frames, payload_index);
  return plant_rpc_registry_request_unpack (request, payload, error);
}

/* What is to be told to the owner is told once the reply has been sent. */
static void
take_request (PlantRpcRegistryService *self,
              PlantRpcFrames          *frames)
{
  g_auto(PlantRpcRegistryRequest) request = { 0 };
  g_auto(PlantRpcRegistryReply) reply = { .type = PLANT_RPC_REGISTRY_ACK };
  PlantRpcEnvelope envelope;
  g_autoptr(GError) error = NULL;
  gint64 serial = self->serial;
  guint payload_index = 0;

  if (!plant_rpc_frames_split (frames, &envelope, &payload_index))
    {
      g_debug ("A message of %u frames has no envelope and was dropped", frames->n_frames);
      return;
    }
  g_mutex_lock (&self->mutex);
  if (unpack (&request, frames, payload_index, &error))
    answer (self, &envelope, &request, &reply);
  else
    reply.error = g_strdup (error->message);
  g_mutex_unlock (&self->mutex);
  reply.sent = g_steal_pointer (&request.sent);
  send_reply (self, &envelope, &reply);
  if (serial != self->serial || request.event == PLANT_RPC_REGISTRY_CHECK_ALIVE)
    self->func (self->owner, serial != self->serial);
}

static gboolean
on_readable (gpointer user_data)
{
  PlantRpcRegistryService *self = user_data;

  for (guint i = 0; i < PLANT_RPC_SOURCE_BATCH; i++)
    {
      g_auto(PlantRpcFrames) frames = { 0 };

      if (!plant_rpc_socket_receive (self->socket, &frames))
        break;
      take_request (self, &frames);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_tick (gpointer user_data)
{
  PlantRpcRegistryService *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gint64 serial = self->serial;

  g_mutex_lock (&self->mutex);
  plant_rpc_device_table_expire (self->table, now);
  g_mutex_unlock (&self->mutex);
  g_hash_table_foreach_remove (self->watchers, has_ended, &now);
  if (serial != self->serial)
    self->func (self->owner, TRUE);
  return G_SOURCE_CONTINUE;
}

/* -- life */

static PlantRpcSocket *
open_socket (const PlantRpcEndpoint  *endpoint,
             GError                 **error)
{
  g_autoptr(PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_ROUTER, error);
  PlantRpcEndpoint given = *endpoint;
  g_autofree char *url = NULL;

  if (socket == NULL)
    return NULL;
  given.any_port = endpoint->port == 0;
  url = plant_rpc_endpoint_print (&given, 0);
  plant_rpc_socket_set_int (socket, ZMQ_ROUTER_MANDATORY, 1);
  plant_rpc_socket_set_int (socket, ZMQ_SNDHWM, PLANT_RPC_MAX_HELD);
  plant_rpc_socket_set_int64 (socket, ZMQ_MAXMSGSIZE, PLANT_RPC_MAX_REGISTRY_FRAME);
  plant_rpc_socket_set_int (socket, ZMQ_TCP_KEEPALIVE, 1);
  plant_rpc_socket_set_int (socket, ZMQ_TCP_KEEPALIVE_IDLE, 2);
  plant_rpc_socket_set_int (socket, ZMQ_TCP_KEEPALIVE_INTVL, 1);
  plant_rpc_socket_set_int (socket, ZMQ_TCP_KEEPALIVE_CNT, 2);
  /* Hundreds may come at once when a registry is back. */
  plant_rpc_socket_set_int (socket, ZMQ_BACKLOG, 1024);
  return plant_rpc_socket_bind (socket, url, error) ? g_steal_pointer (&socket) : NULL;
}

static guint16
find_port (PlantRpcSocket *socket)
{
  g_autofree char *url = plant_rpc_socket_dup_last_endpoint (socket);
  const char *port = url != NULL && g_str_has_prefix (url, "tcp://") ? strrchr (url, ':') : NULL;

  return port != NULL ? (guint16) g_ascii_strtoull (port + 1, NULL, 10) : 0;
}

/* The socket is given to the thread here, and taken back when that has ended. */
static gboolean
serve (gpointer user_data)
{
  PlantRpcRegistryService *self = user_data;
  GMainContext *context = plant_rpc_worker_get_context (self->worker);

  self->source = plant_rpc_source_attach (plant_rpc_socket_get_handle (self->socket), context,
                                          on_readable, self, "[plantrpc] registry");
  self->tick = g_timeout_source_new (TICK_MS);
  g_source_set_static_name (self->tick, "[plantrpc] expiry");
  g_source_set_callback (self->tick, on_tick, self, NULL);
  g_source_attach (self->tick, context);
  return G_SOURCE_REMOVE;
}

PlantRpcRegistryService *
plant_rpc_registry_service_new (const PlantRpcEndpoint       *endpoint,
                                PlantRpcRegistryServiceFunc   func,
                                gpointer                      owner,
                                GError                      **error)
{
  g_autoptr(PlantRpcSocket) socket = open_socket (endpoint, error);
  PlantRpcRegistryService *self;

  if (socket == NULL)
    return NULL;
  self = g_new0 (PlantRpcRegistryService, 1);
  g_mutex_init (&self->mutex);
  self->func = func;
  self->owner = owner;
  self->port = find_port (socket);
  self->socket = g_steal_pointer (&socket);
  self->table = plant_rpc_device_table_new (on_device, self);
  self->watchers = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                          (GDestroyNotify) g_bytes_unref, g_free);
  self->worker = plant_rpc_worker_new ("plantrpc registry");
  plant_rpc_worker_call (self->worker, serve, self, NULL);
  return self;
}

void
plant_rpc_registry_service_free (PlantRpcRegistryService *self)
{
  plant_rpc_worker_free (self->worker);
  plant_rpc_source_clear (&self->source);
  plant_rpc_source_clear (&self->tick);
  plant_rpc_socket_free (self->socket);
  g_hash_table_unref (self->watchers);
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
  GPtrArray *records;

  g_mutex_lock (&self->mutex);
  records = plant_rpc_device_table_list (self->table);
  g_mutex_unlock (&self->mutex);
  return records;
}

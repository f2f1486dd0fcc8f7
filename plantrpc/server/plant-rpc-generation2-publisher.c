/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-connections-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-generation2-publisher-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-router-private.h"
#include "plant-rpc-source-private.h"

/* subscriptions of one connection that libzmq queues before they are read here */
#define MAX_UNSEEN 16

struct _PlantRpcGeneration2Publisher {
  PlantRpcSocket                 *socket;      /* (owned): an XPUB, which reads subscriptions */
  PlantRpcConnections            *connections; /* (owned): borrows the socket */
  GSource                        *source;      /* (owned) */
  PlantRpcGeneration2KnowsFunc    knows_signal;
  gpointer                        owner;
  guint16                         port;
  GHashTable                     *subscribed;  /* (owned) (element-type guint64): the connections
                                                  that have subscribed */
};

/* libzmq keeps every topic of every connection, without a limit. A signal is one frame that begins
 * with a brace, so only a peer that subscribes to everything receives it. */
static gboolean
is_welcome (PlantRpcGeneration2Publisher *self,
            const guint8                 *data,
            gsize                         size)
{
  g_autofree char *topic = NULL;

  if (size == 0 || data[0] > 1)
    return FALSE;
  if (size == 1)
    return TRUE;
  topic = g_strndup ((const char *) data + 1, size - 1);
  return strlen (topic) == size - 1 && self->knows_signal (self->owner, topic);
}

/* A peer that cancels one topic may have others, or may never have had it. So it counts until its
 * connection ends. */
static void
take_subscription (PlantRpcGeneration2Publisher *self,
                   PlantRpcFrames               *frames)
{
  const guint8 *data = zmq_msg_data (&frames->frames[0]);
  gsize size = zmq_msg_size (&frames->frames[0]);
  guint64 connection = plant_rpc_connections_identify (self->connections, frames);

  if (!is_welcome (self, data, size))
    plant_rpc_connections_end (self->connections, connection);
  else if (data[0] == 1 && connection != 0)
    g_hash_table_add (self->subscribed, g_memdup2 (&connection, sizeof connection));
}

static gboolean
take_next (PlantRpcGeneration2Publisher *self)
{
  g_auto (PlantRpcFrames) frames = { 0 };

  if (!plant_rpc_socket_receive (self->socket, &frames))
    {
      plant_rpc_connections_note_drained (self->connections);
      return FALSE;
    }
  take_subscription (self, &frames);
  return TRUE;
}

static gboolean
on_subscriptions (gpointer user_data)
{
  guint n = 0;

  while (n < PLANT_RPC_SOURCE_BATCH && take_next (user_data))
    n++;
  return G_SOURCE_CONTINUE;
}

static void
on_left (gpointer owner,
         guint64  connection)
{
  PlantRpcGeneration2Publisher *self = owner;

  g_hash_table_remove (self->subscribed, &connection);
}

static const PlantRpcConnectionsFuncs connections_funcs = { .left = on_left };

static PlantRpcSocket *
open_socket (GError **error)
{
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_XPUB, error);

  if (socket == NULL)
    return NULL;
  plant_rpc_socket_set_int (socket, ZMQ_SNDHWM, PLANT_RPC_MAX_PUBLISHED);
  plant_rpc_socket_set_int (socket, ZMQ_RCVHWM, MAX_UNSEEN);
  plant_rpc_socket_set_int (socket, ZMQ_XPUB_VERBOSE, 1);
  plant_rpc_socket_keep_alive (socket, PLANT_RPC_KEEPALIVE_ALERT);
  return g_steal_pointer (&socket);
}

PlantRpcGeneration2Publisher *
plant_rpc_generation2_publisher_new (const PlantRpcEndpoint        *endpoint,
                                     GMainContext                  *context,
                                     PlantRpcGeneration2KnowsFunc   knows_signal,
                                     gpointer                       owner,
                                     GError                       **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr (PlantRpcSocket) socket = NULL;
  g_autoptr (PlantRpcConnections) connections = NULL;
  g_autofree PlantRpcGeneration2Publisher *self = g_new0 (PlantRpcGeneration2Publisher, 1);
  PlantRpcEndpoint any = *endpoint;
  g_autofree char *url = NULL;

  if (!endpoint->tcp)
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                           "Signals cannot be published over ipc");
      return NULL;
    }
  any.port = 0;
  any.any_port = TRUE;
  url = plant_rpc_endpoint_print (&any, 0);
  socket = open_socket (error);
  if (socket == NULL)
    return NULL;
  connections = plant_rpc_connections_new (socket, PLANT_RPC_MAX_SUBSCRIPTION, context,
                                           &connections_funcs, self, error);
  if (connections == NULL || !plant_rpc_socket_bind (socket, url, error))
    return NULL;
  self->port = plant_rpc_socket_find_port (socket);
  self->source = plant_rpc_source_attach (plant_rpc_socket_get_handle (socket), context,
                                          on_subscriptions, self, "[plantrpc] subscriptions");
  self->connections = g_steal_pointer (&connections);
  self->socket = g_steal_pointer (&socket);
  self->subscribed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->knows_signal = knows_signal;
  self->owner = owner;
  return g_steal_pointer (&self);
}

void
plant_rpc_generation2_publisher_free (PlantRpcGeneration2Publisher *self)
{
  plant_rpc_source_clear (&self->source);
  plant_rpc_connections_free (self->connections);
  plant_rpc_socket_free (self->socket);
  g_hash_table_unref (self->subscribed);
  g_free (self);
}

guint16
plant_rpc_generation2_publisher_get_port (PlantRpcGeneration2Publisher *self)
{
  return self->port;
}

gboolean
plant_rpc_generation2_publisher_is_heard (PlantRpcGeneration2Publisher *self)
{
  on_subscriptions (self);
  return g_hash_table_size (self->subscribed) > 0;
}

void
plant_rpc_generation2_publisher_push (PlantRpcGeneration2Publisher *self,
                                      GBytes                       *payload)
{
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  if (plant_rpc_socket_send (self->socket, &envelope, payload, NULL) == PLANT_RPC_SEND_DONE)
    plant_rpc_connections_note_sent (self->connections);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-connections-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-generation2-publisher-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-router-private.h"

/* subscriptions of one connection that libzmq queues before they are read here */
#define MAX_UNSEEN 16

struct _PlantRpcGeneration2Publisher {
  PlantRpcChannel              *channel;     /* (owned): an XPUB, which reads subscriptions */
  PlantRpcConnections          *connections; /* (owned): borrows the channel's socket */
  PlantRpcGeneration2KnowsFunc  knows_signal;
  gpointer                      owner;
  guint16                       port;
  GHashTable                   *subscribed;  /* (owned) (element-type guint64): the connections
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
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  PlantRpcGeneration2Publisher *self = user_data;
  const guint8 *data = zmq_msg_data (&frames->frames[0]);
  gsize size = zmq_msg_size (&frames->frames[0]);
  guint64 connection = plant_rpc_connections_identify (self->connections, frames);

  if (!is_welcome (self, data, size))
    plant_rpc_connections_end (self->connections, connection);
  else if (data[0] == 1 && connection != 0)
    g_hash_table_add (self->subscribed, g_memdup2 (&connection, sizeof connection));
}

static void
on_turned (gpointer user_data,
           gboolean drained)
{
  PlantRpcGeneration2Publisher *self = user_data;

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
  PlantRpcGeneration2Publisher *self = owner;

  g_hash_table_remove (self->subscribed, &connection);
}

static const PlantRpcConnectionsFuncs connections_funcs = { .left = on_left };

static gboolean
open_channel (PlantRpcGeneration2Publisher  *self,
              const char                    *url,
              GMainContext                  *context,
              GError                       **error)
{
  static const PlantRpcChannelOptions options = {
    .name = "[plantrpc] subscriptions",
    .type = ZMQ_XPUB,
    .max_unsent = PLANT_RPC_MAX_PUBLISHED,
    .max_unread = MAX_UNSEEN,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
  };

  self->channel = plant_rpc_channel_new (&options, context, &channel_funcs, self, error);
  if (self->channel == NULL)
    return FALSE;
  self->connections = plant_rpc_connections_new (plant_rpc_channel_get_socket (self->channel),
                                                 PLANT_RPC_MAX_SUBSCRIPTION, context,
                                                 &connections_funcs, self, error);
  return self->connections != NULL && plant_rpc_channel_bind (self->channel, url, error);
}

PlantRpcGeneration2Publisher *
plant_rpc_generation2_publisher_new (const PlantRpcEndpoint        *endpoint,
                                     GMainContext                  *context,
                                     PlantRpcGeneration2KnowsFunc   knows_signal,
                                     gpointer                       owner,
                                     GError                       **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr (PlantRpcGeneration2Publisher) self = NULL;
  PlantRpcEndpoint any = *endpoint;
  g_autofree char *url = NULL;

  if (!endpoint->tcp)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_REFUSED,
                                      "Signals cannot be published over ipc");
  any.port = 0;
  any.any_port = TRUE;
  url = plant_rpc_endpoint_print (&any, 0);
  self = g_new0 (PlantRpcGeneration2Publisher, 1);
  self->subscribed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->knows_signal = knows_signal;
  self->owner = owner;
  if (!open_channel (self, url, context, error))
    return NULL;
  self->port = plant_rpc_socket_get_port (plant_rpc_channel_get_socket (self->channel));
  return g_steal_pointer (&self);
}

void
plant_rpc_generation2_publisher_free (PlantRpcGeneration2Publisher *self)
{
  g_clear_pointer (&self->connections, plant_rpc_connections_free);
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
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
  plant_rpc_channel_process (self->channel);
  return g_hash_table_size (self->subscribed) > 0;
}

void
plant_rpc_generation2_publisher_push (PlantRpcGeneration2Publisher *self,
                                      GBytes                       *payload)
{
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  if (plant_rpc_socket_send (plant_rpc_channel_get_socket (self->channel), &envelope, payload,
                             NULL) == PLANT_RPC_SEND_DONE)
    plant_rpc_connections_note_sent (self->connections);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-generation2-publisher-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-router-private.h"

struct _PlantRpcGeneration2Publisher {
  PlantRpcSocket *socket;   /* (owned): XPUB, which tells of subscriptions */
  guint16         port;
  guint           n_topics; /* that somebody has subscribed to */
};

PlantRpcGeneration2Publisher *
plant_rpc_generation2_publisher_new (const PlantRpcEndpoint  *endpoint,
                                     GError                 **error)
{
  g_auto(PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr(PlantRpcSocket) socket = NULL;
  PlantRpcEndpoint any = *endpoint;
  g_autofree char *url = NULL;
  PlantRpcGeneration2Publisher *self;

  if (!endpoint->tcp)
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED,
                           "Signals cannot be published over ipc");
      return NULL;
    }
  any.port = 0;
  any.any_port = TRUE;
  url = plant_rpc_endpoint_print (&any, 0);
  socket = plant_rpc_socket_new (ZMQ_XPUB, error);
  if (socket == NULL)
    return NULL;
  plant_rpc_socket_set_int (socket, ZMQ_SNDHWM, PLANT_RPC_MAX_PUBLISHED);
  plant_rpc_socket_set_int64 (socket, ZMQ_MAXMSGSIZE, PLANT_RPC_MAX_SUBSCRIPTION);
  plant_rpc_router_tune (socket);
  if (!plant_rpc_socket_bind (socket, url, error))
    return NULL;
  self = g_new0 (PlantRpcGeneration2Publisher, 1);
  self->port = plant_rpc_router_find_port (socket);
  self->socket = g_steal_pointer (&socket);
  return self;
}

void
plant_rpc_generation2_publisher_free (PlantRpcGeneration2Publisher *self)
{
  plant_rpc_socket_free (self->socket);
  g_free (self);
}

guint16
plant_rpc_generation2_publisher_get_port (PlantRpcGeneration2Publisher *self)
{
  return self->port;
}

/* The first subscription to each topic is told, and the end of the last one. */
gboolean
plant_rpc_generation2_publisher_is_heard (PlantRpcGeneration2Publisher *self)
{
  g_auto(PlantRpcFrames) frames = { 0 };

  while (plant_rpc_socket_receive (self->socket, &frames))
    {
      const guint8 *data = zmq_msg_data (&frames.frames[0]);
      gsize size = zmq_msg_size (&frames.frames[0]);

      if (size > 0 && data[0] == 1)
        self->n_topics++;
      else if (size > 0 && data[0] == 0 && self->n_topics > 0)
        self->n_topics--;
      plant_rpc_frames_clear (&frames);
    }
  return self->n_topics > 0;
}

void
plant_rpc_generation2_publisher_push (PlantRpcGeneration2Publisher *self,
                                      GBytes                       *payload)
{
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  plant_rpc_socket_send (self->socket, &envelope, payload, NULL);
}

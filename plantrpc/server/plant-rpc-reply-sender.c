/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-reply-sender-private.h"

static gboolean
check_size (GBytes  *bytes,
            GError **error)
{
  if (bytes == NULL || g_bytes_get_size (bytes) <= PLANT_RPC_MAX_REPLY_SIZE)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                               "The reply has %zu bytes, more than %zu", g_bytes_get_size (bytes),
                               PLANT_RPC_MAX_REPLY_SIZE);
}

/* A peer that keeps asking and does not read gets errors for the rest of its requests. */
static gboolean
check_unread (PlantRpcRouter          *router,
              const PlantRpcEnvelope  *envelope,
              gsize                    size,
              GError                 **error)
{
  PlantRpcHoldings *holdings = plant_rpc_router_get_holdings (router);
  gsize unread;

  if (size <= PLANT_RPC_SMALL_MESSAGE)
    return TRUE;
  unread = plant_rpc_holdings_get (holdings, envelope->connection);
  if (unread <= PLANT_RPC_MAX_UNREAD &&
      plant_rpc_holdings_make_room (holdings, envelope->connection, size, unread == 0))
    return TRUE;
  return plant_rpc_error_fail (
      error, PLANT_RPC_ERROR_LIMIT,
      "The reply has been dropped, since %zu bytes of others have not been read", unread);
}

static GBytes *
pack_reply (const PlantRpcReply  *reply,
            PlantRpcFormat        format,
            PlantRpcEvent         event,
            GError              **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr (GBytes) payload = plant_rpc_reply_pack (reply, format, event, error);

  if (payload == NULL || !check_size (payload, error) || !check_size (reply->buffer, error))
    return NULL;
  return g_steal_pointer (&payload);
}

GBytes *
plant_rpc_reply_sender_pack_error (PlantRpcFormat  format,
                                   PlantRpcError   code,
                                   const char     *message)
{
  g_auto (PlantRpcReply) reply = {
    .error = g_error_new_literal (PLANT_RPC_ERROR, (int) code, message),
  };

  return pack_reply (&reply, format, PLANT_RPC_EVENT_METHOD_CALL, NULL);
}

static gsize
measure (GBytes *payload,
         GBytes *buffer)
{
  return (payload != NULL ? g_bytes_get_size (payload) : 0) +
         (buffer != NULL ? g_bytes_get_size (buffer) : 0);
}

void
plant_rpc_reply_sender_send (const PlantRpcReply    *self,
                             PlantRpcRouter         *router,
                             const PlantRpcEnvelope *envelope,
                             PlantRpcFormat          format,
                             PlantRpcEvent           event)
{
  g_auto (PlantRpcReply) failure = { 0 };
  g_autoptr (GBytes) payload = pack_reply (self, format, event, &failure.error);

  if (payload != NULL &&
      !check_unread (router, envelope, measure (payload, self->buffer), &failure.error))
    g_clear_pointer (&payload, g_bytes_unref);
  if (payload == NULL)
    payload = pack_reply (&failure, format, event, NULL);
  if (payload == NULL)
    {
      g_clear_error (&failure.error);
      failure.error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT, "");
      payload = pack_reply (&failure, format, event, NULL);
    }
  plant_rpc_router_send (router, envelope, payload,
                         self->error == NULL && failure.error == NULL ? self->buffer : NULL);
}

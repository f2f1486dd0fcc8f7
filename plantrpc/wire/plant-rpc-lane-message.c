/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-lane-message-private.h"

/* characters of an address or of a name */
#define MAX_TEXT 128

static GVariant *
make_secret (const guint8 *secret)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, secret, PLANT_RPC_LANE_SECRET_SIZE, 1);
}

static gboolean
take_secret (GVariant *value,
             guint8   *secret)
{
  gsize size;
  gconstpointer data = g_variant_get_fixed_array (value, &size, 1);

  if (size != PLANT_RPC_LANE_SECRET_SIZE)
    return FALSE;
  memcpy (secret, data, size);
  return TRUE;
}

gboolean
plant_rpc_lane_message_is_request (GBytes *payload)
{
  switch (plant_rpc_message_get_kind (payload))
    {
    case PLANT_RPC_KIND_LANE_ASK:
    case PLANT_RPC_KIND_LANE_BEGIN:
    case PLANT_RPC_KIND_LANE_END:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Returns NULL for a message of another kind, or of another form. */
static GVariant *
unpack (GBytes       *payload,
        PlantRpcKind  kind,
        const char   *type)
{
  if (plant_rpc_message_get_kind (payload) != kind)
    return NULL;
  return plant_rpc_message_unpack_native (payload, type, NULL);
}

GBytes *
plant_rpc_lane_message_pack_ask (const char *address)
{
  return plant_rpc_message_pack_native (g_variant_new ("(ys)", PLANT_RPC_KIND_LANE_ASK, address),
                                        NULL);
}

char *
plant_rpc_lane_message_unpack_ask (GBytes *payload)
{
  g_autoptr (GVariant) message = unpack (payload, PLANT_RPC_KIND_LANE_ASK, "(ys)");
  const char *address;

  if (message == NULL)
    return NULL;
  g_variant_get (message, "(y&s)", NULL, &address);
  return strlen (address) <= MAX_TEXT ? g_strdup (address) : NULL;
}

GBytes *
plant_rpc_lane_message_pack_offer (const PlantRpcLaneOffer *offer)
{
  return plant_rpc_message_pack_native (
      g_variant_new ("(y@ay@aysq)", PLANT_RPC_KIND_LANE_OFFER, make_secret (offer->token),
                     make_secret (offer->proof), offer->name != NULL ? offer->name : "",
                     offer->port),
      NULL);
}

gboolean
plant_rpc_lane_message_unpack_offer (PlantRpcLaneOffer *offer,
                                     GBytes            *payload)
{
  g_autoptr (GVariant) message = unpack (payload, PLANT_RPC_KIND_LANE_OFFER, "(yayaysq)");
  g_autoptr (GVariant) token = NULL;
  g_autoptr (GVariant) proof = NULL;
  const char *name;

  if (message == NULL)
    return FALSE;
  g_variant_get (message, "(y@ay@ay&sq)", NULL, &token, &proof, &name, &offer->port);
  if (!take_secret (token, offer->token) || !take_secret (proof, offer->proof) ||
      strlen (name) > MAX_TEXT)
    {
      plant_rpc_lane_offer_clear (offer);
      return FALSE;
    }
  offer->name = *name != '\0' ? g_strdup (name) : NULL;
  return TRUE;
}

GBytes *
plant_rpc_lane_message_pack_begin (void)
{
  static const guint8 begin[] = { PLANT_RPC_KIND_LANE_BEGIN };

  return g_bytes_new_static (begin, sizeof begin);
}

GBytes *
plant_rpc_lane_message_pack_end (guint64 n_received)
{
  return plant_rpc_message_pack_native (
      g_variant_new ("(yt)", PLANT_RPC_KIND_LANE_END, n_received), NULL);
}

gboolean
plant_rpc_lane_message_unpack_end (GBytes  *payload,
                                   guint64 *n_received)
{
  g_autoptr (GVariant) message = unpack (payload, PLANT_RPC_KIND_LANE_END, "(yt)");

  if (message == NULL)
    return FALSE;
  g_variant_get (message, "(yt)", NULL, n_received);
  return TRUE;
}

void
plant_rpc_lane_offer_clear (PlantRpcLaneOffer *self)
{
  g_free (self->name);
  *self = (PlantRpcLaneOffer) { .name = NULL };
}

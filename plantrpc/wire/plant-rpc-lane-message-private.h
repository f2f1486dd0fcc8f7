/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-message-private.h"

G_BEGIN_DECLS

/* What two native peers say over their ordinary connection about a lane, a second connection beside
 * it, over which messages travel faster. See plant-rpc-lane-private.h. */

/* with which the name of each socket begins */
#define PLANT_RPC_LANE_NAME_PREFIX "plantrpc-"

/* bytes of each of the two secrets of an offer */
#define PLANT_RPC_LANE_SECRET_SIZE 16

/* A client shows the token on the lane, and the server answers with the proof. */
typedef struct {
  guint8   token[PLANT_RPC_LANE_SECRET_SIZE];
  guint8   proof[PLANT_RPC_LANE_SECRET_SIZE];
  char    *name; /* (owned) (nullable): of a socket in the abstract namespace of the host */
  guint16  port; /* of TCP, at the address of the server; 0: none */
} PlantRpcLaneOffer;

/* Whether PAYLOAD is a request about a lane. */
gboolean plant_rpc_lane_message_is_request (GBytes                   *payload);

/* The client asks for an offer. ADDRESS is its end of the ordinary connection as it sees it, or ""
 * for ipc. */
GBytes  *plant_rpc_lane_message_pack_ask   (const char               *address);
/* Returns the address, or NULL if PAYLOAD is another message or malformed. */
char    *plant_rpc_lane_message_unpack_ask (GBytes                   *payload);
GBytes  *plant_rpc_lane_message_pack_offer (const PlantRpcLaneOffer  *offer);
/* OFFER must be zeroed, and is so again after a failure. */
gboolean plant_rpc_lane_message_unpack_offer (PlantRpcLaneOffer      *offer,
                                              GBytes                 *payload);
/* The sender's next messages come over the lane. */
GBytes  *plant_rpc_lane_message_pack_begin (void);
/* The lane has broken. N_RECEIVED messages have come over it to the sender, of a request or its
 * reply. */
GBytes  *plant_rpc_lane_message_pack_end   (guint64                   n_received);
gboolean plant_rpc_lane_message_unpack_end (GBytes                   *payload,
                                            guint64                  *n_received);

void     plant_rpc_lane_offer_clear        (PlantRpcLaneOffer        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcLaneOffer, plant_rpc_lane_offer_clear)

G_END_DECLS

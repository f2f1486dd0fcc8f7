/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-router-private.h"

G_BEGIN_DECLS

/* If a reply cannot be packed or is too large, an error is sent instead, so that there is a reply
 * in any case. */
void    plant_rpc_reply_sender_send       (const PlantRpcReply    *self,
                                           PlantRpcRouter         *router,
                                           const PlantRpcEnvelope *envelope,
                                           PlantRpcFormat          format,
                                           PlantRpcEvent           event);
/* Returns the payload of a reply to a request in FORMAT that could not be kept. */
GBytes *plant_rpc_reply_sender_pack_error (PlantRpcFormat          format,
                                           PlantRpcError           code,
                                           const char             *message);

G_END_DECLS

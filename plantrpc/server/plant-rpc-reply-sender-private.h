/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-reply-private.h"
#include "plant-rpc-router-private.h"

G_BEGIN_DECLS

/* Bytes of replies that one peer may leave unread; what is to follow then becomes errors. */
#define PLANT_RPC_MAX_UNREAD ((gsize) 256 * 1024 * 1024)

/* What cannot be packed, or is too large, becomes an error: there is a reply in any case. */
void plant_rpc_reply_send (const PlantRpcReply    *self,
                           PlantRpcRouter         *router,
                           const PlantRpcEnvelope *envelope,
                           PlantRpcFormat          format,
                           PlantRpcEvent           event);

G_END_DECLS

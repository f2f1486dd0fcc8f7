/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-reply-private.h"

G_BEGIN_DECLS

/* What is known of the server on the other side: what it offers, how long to wait for it, what of
 * the template it lacks, and what may be sent to it. */
typedef struct _PlantRpcPeer PlantRpcPeer;

PlantRpcPeer          *plant_rpc_peer_new           (const char             *url,
                                                     PlantRpcInterfaceInfo  *template_info);
void                   plant_rpc_peer_free          (PlantRpcPeer           *self);
void                   plant_rpc_peer_set_url       (PlantRpcPeer *self,
                                                     const char *url);
/* From now on, where there was none. */
void                   plant_rpc_peer_set_template  (PlantRpcPeer           *self,
                                                     PlantRpcInterfaceInfo  *template_info);
gboolean               plant_rpc_peer_learn         (PlantRpcPeer           *self,
                                                     PlantRpcInventory      *inventory,
                                                     GVariant               *values,
                                                     GError                **error);
/* ms, or PLANT_RPC_TIMEOUT_NONE. */
int                    plant_rpc_peer_get_timeout   (PlantRpcPeer           *self,
                                                     const PlantRpcRequest  *request);
gboolean               plant_rpc_peer_check_request (PlantRpcPeer           *self,
                                                     const PlantRpcRequest  *request,
                                                     gboolean                wants_buffer,
                                                     GError                **error);
/* NULL until it was learnt. */
PlantRpcInterfaceInfo *plant_rpc_peer_get_interface (PlantRpcPeer           *self);
const char *const     *plant_rpc_peer_get_missing   (PlantRpcPeer           *self);
const char            *plant_rpc_peer_get_name      (PlantRpcPeer           *self);

G_END_DECLS

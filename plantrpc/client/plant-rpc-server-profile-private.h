/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-reply-private.h"

G_BEGIN_DECLS

/* What a client knows of its server: what the server offers, how long a client has to wait for it,
 * which members of the template it lacks, and what may be sent to it. */
typedef struct _PlantRpcServerProfile PlantRpcServerProfile;

PlantRpcServerProfile *
plant_rpc_server_profile_new           (const char            *url,
                                        PlantRpcInterfaceInfo *template_info);
void
plant_rpc_server_profile_free          (PlantRpcServerProfile *self);
void
plant_rpc_server_profile_set_url       (PlantRpcServerProfile *self,
                                        const char            *url);
/* Sets the template if there was none. */
void
plant_rpc_server_profile_set_template  (PlantRpcServerProfile *self,
                                        PlantRpcInterfaceInfo *template_info);
gboolean
plant_rpc_server_profile_learn         (PlantRpcServerProfile  *self,
                                        PlantRpcInventory      *inventory,
                                        GVariant               *values,
                                        GError                **error);
/* Returns how many ms to wait for REQUEST, or PLANT_RPC_TIMEOUT_NONE. */
int
plant_rpc_server_profile_get_timeout   (PlantRpcServerProfile *self,
                                        const PlantRpcRequest *request);
gboolean
plant_rpc_server_profile_check_request (PlantRpcServerProfile  *self,
                                        const PlantRpcRequest  *request,
                                        gboolean                wants_buffer,
                                        GError                **error);
/* Returns NULL until the interface is known. */
PlantRpcInterfaceInfo *
plant_rpc_server_profile_get_interface (PlantRpcServerProfile *self);
const char *const *
plant_rpc_server_profile_get_missing   (PlantRpcServerProfile *self);
const char *
plant_rpc_server_profile_get_name      (PlantRpcServerProfile *self);

G_END_DECLS

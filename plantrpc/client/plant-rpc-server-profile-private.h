/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-reply-private.h"

G_BEGIN_DECLS

/* What a client knows of its server: what the server offers, how long a client has to wait for it,
 * which members of the template it lacks, and what may be sent to it. */
typedef struct _PlantRpcServerProfile PlantRpcServerProfile;

PlantRpcServerProfile *
plant_rpc_server_profile_new           (void);
void
plant_rpc_server_profile_free          (PlantRpcServerProfile *self);
/* Sets the template if there was none. Which of its members are missing is found at the next
 * connection. */
void
plant_rpc_server_profile_set_template  (PlantRpcServerProfile *self,
                                        PlantRpcInterfaceInfo *template_info);
/* Returns the members that the client knows, or NULL if it asks for all. */
PlantRpcInterfaceInfo *
plant_rpc_server_profile_get_template  (PlantRpcServerProfile *self);
/* Sets whether the server is to take the client for one of Plant Imager: it is not offered the
 * native wire, and its properties are not read unless somebody asks. */
void
plant_rpc_server_profile_set_legacy    (PlantRpcServerProfile *self,
                                        gboolean               legacy);
gboolean
plant_rpc_server_profile_is_legacy     (PlantRpcServerProfile *self);
gboolean
plant_rpc_server_profile_learn         (PlantRpcServerProfile  *self,
                                        PlantRpcInventory      *inventory,
                                        GVariant               *values,
                                        GError                **error);
/* Returns how many ms to wait for REQUEST, or PLANT_RPC_TIMEOUT_NONE. */
int
plant_rpc_server_profile_get_timeout   (PlantRpcServerProfile *self,
                                        const PlantRpcRequest *request);
/* Returns FALSE and sets ERROR if REQUEST may not be sent. LABEL is what texts call the server. */
gboolean
plant_rpc_server_profile_check_request (PlantRpcServerProfile  *self,
                                        const char             *label,
                                        const PlantRpcRequest  *request,
                                        gboolean                wants_buffer,
                                        GError                **error);
/* Returns NULL until the interface is known. */
PlantRpcInterfaceInfo *
plant_rpc_server_profile_get_interface (PlantRpcServerProfile *self);
/* Returns the wire names of the members of the template that the server lacks. It is never NULL. */
const char *const *
plant_rpc_server_profile_get_missing   (PlantRpcServerProfile *self);
const char *
plant_rpc_server_profile_get_name      (PlantRpcServerProfile *self);
/* Returns the role that the server gives to the client, PLANT_RPC_ROLE_NONE until it is known. A
 * server that is not secured lets everybody do all. */
PlantRpcRole
plant_rpc_server_profile_get_role      (PlantRpcServerProfile *self);
/* The ids that the server has told last of the relay that it is itself, and of those behind it.
 * They are NULL for a device. Those of a server that has nothing to offer are taken, too. */
void
plant_rpc_server_profile_take_relays   (PlantRpcServerProfile *self,
                                        GStrv                  relays);
const char *const *
plant_rpc_server_profile_get_relays    (PlantRpcServerProfile *self);

G_END_DECLS

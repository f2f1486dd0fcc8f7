/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include "plant-rpc-device.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-keypair.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_REGISTRY_CLIENT (plant_rpc_registry_client_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PlantRpcRegistryClient, plant_rpc_registry_client, PLANT_RPC, REGISTRY_CLIENT,
                      GObject)

PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcRegistryClient *plant_rpc_registry_client_new            (const char              *url);
PLANT_RPC_AVAILABLE_IN_1_0
void                    plant_rpc_registry_client_close          (PlantRpcRegistryClient  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char             *plant_rpc_registry_client_get_url        (PlantRpcRegistryClient  *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcState           plant_rpc_registry_client_get_state      (PlantRpcRegistryClient  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const GError           *plant_rpc_registry_client_get_last_error (PlantRpcRegistryClient  *self);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair        *plant_rpc_registry_client_get_keypair    (PlantRpcRegistryClient  *self);
PLANT_RPC_AVAILABLE_IN_1_1
void                    plant_rpc_registry_client_set_keypair    (PlantRpcRegistryClient  *self,
                                                                  PlantRpcKeypair         *keypair);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcDevice         *plant_rpc_registry_client_find_device    (PlantRpcRegistryClient  *self,
                                                                  const char              *name);

G_END_DECLS

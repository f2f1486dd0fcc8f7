/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include "plant-rpc-client.h"
#include "plant-rpc-server.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_RELAY (plant_rpc_relay_get_type ())

PLANT_RPC_AVAILABLE_IN_1_1
G_DECLARE_FINAL_TYPE (PlantRpcRelay, plant_rpc_relay, PLANT_RPC, RELAY, PlantRpcServer)

PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRelay  *plant_rpc_relay_new              (const char             *device_url,
                                                  const char             *url);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRelay  *plant_rpc_relay_new_for_device   (const char             *registry_url,
                                                  const char             *device,
                                                  const char             *url);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRelay  *plant_rpc_relay_new_for_interface (PlantRpcInterfaceInfo *info,
                                                  const char             *device_url,
                                                  const char             *url);
PLANT_RPC_AVAILABLE_IN_1_1
const char     *plant_rpc_relay_get_device_url   (PlantRpcRelay          *self);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcClient *plant_rpc_relay_get_client       (PlantRpcRelay          *self);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean        plant_rpc_relay_is_ready         (PlantRpcRelay          *self);
PLANT_RPC_AVAILABLE_IN_1_1
const GError   *plant_rpc_relay_get_last_error   (PlantRpcRelay          *self);

G_END_DECLS

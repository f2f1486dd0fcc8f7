/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include "plant-rpc-client.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_DISCOVERY (plant_rpc_discovery_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PlantRpcDiscovery, plant_rpc_discovery, PLANT_RPC, DISCOVERY, GObject)

PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcDiscovery *plant_rpc_discovery_new              (const char        *url);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcDiscovery *plant_rpc_discovery_new_for_device   (const char        *registry_url,
                                                         const char        *device);
PLANT_RPC_AVAILABLE_IN_1_1
void               plant_rpc_discovery_wait_client      (PlantRpcDiscovery   *self,
                                                         int                  timeout,
                                                         GCancellable        *cancellable,
                                                         GAsyncReadyCallback  callback,
                                                         gpointer             user_data);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcClient    *plant_rpc_discovery_wait_client_finish (PlantRpcDiscovery  *self,
                                                           GAsyncResult       *result,
                                                           GError            **error);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcClient    *plant_rpc_discovery_wait_client_sync (PlantRpcDiscovery   *self,
                                                         int                  timeout,
                                                         GCancellable        *cancellable,
                                                         GError             **error);
PLANT_RPC_AVAILABLE_IN_1_0
void               plant_rpc_discovery_close            (PlantRpcDiscovery *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcClient    *plant_rpc_discovery_get_client       (PlantRpcDiscovery *self);
PLANT_RPC_AVAILABLE_IN_1_0
const GError      *plant_rpc_discovery_get_last_error   (PlantRpcDiscovery *self);
PLANT_RPC_AVAILABLE_IN_1_1
char              *plant_rpc_discovery_dup_unknown_key  (PlantRpcDiscovery *self);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean           plant_rpc_discovery_accept_key       (PlantRpcDiscovery *self,
                                                         const char        *key,
                                                         GError           **error);
PLANT_RPC_AVAILABLE_IN_1_0
const char        *plant_rpc_discovery_get_url          (PlantRpcDiscovery *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char        *plant_rpc_discovery_get_registry_url (PlantRpcDiscovery *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char        *plant_rpc_discovery_get_device       (PlantRpcDiscovery *self);

G_END_DECLS

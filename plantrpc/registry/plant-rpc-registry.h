/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include "plant-rpc-authenticator.h"
#include "plant-rpc-device.h"
#include "plant-rpc-keypair.h"

G_BEGIN_DECLS

/**
 * PLANT_RPC_REGISTRY_URL:
 *
 * The default URL of a registry. Only this machine can reach it. The port is that of Plant Imager's
 * registry, which listens on all interfaces.
 *
 * Since: 1.0
 */
#define PLANT_RPC_REGISTRY_URL "tcp://127.0.0.1:5555"

#define PLANT_RPC_TYPE_REGISTRY (plant_rpc_registry_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PlantRpcRegistry, plant_rpc_registry, PLANT_RPC, REGISTRY, GObject)

PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcRegistry *plant_rpc_registry_new         (const char        *url);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean          plant_rpc_registry_secure      (PlantRpcRegistry  *self,
                                                  const char        *name,
                                                  GError           **error);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair  *plant_rpc_registry_get_keypair (PlantRpcRegistry  *self);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcAuthenticator *
                  plant_rpc_registry_get_authenticator (PlantRpcRegistry *self);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean          plant_rpc_registry_release_name (PlantRpcRegistry *self,
                                                  const char        *name,
                                                  GError           **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean          plant_rpc_registry_start       (PlantRpcRegistry  *self,
                                                  GError           **error);
PLANT_RPC_AVAILABLE_IN_1_0
void              plant_rpc_registry_stop        (PlantRpcRegistry  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char       *plant_rpc_registry_get_url     (PlantRpcRegistry  *self);
PLANT_RPC_AVAILABLE_IN_1_0
guint             plant_rpc_registry_get_port    (PlantRpcRegistry  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean          plant_rpc_registry_get_running (PlantRpcRegistry  *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcDevice   *plant_rpc_registry_find_device (PlantRpcRegistry  *self,
                                                  const char        *name);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-discovery.h"
#include "plant-rpc-waiters-private.h"

G_BEGIN_DECLS

typedef enum {
  PLANT_RPC_DISCOVERY_PROP_URL = 1,
  PLANT_RPC_DISCOVERY_PROP_REGISTRY_URL,
  PLANT_RPC_DISCOVERY_PROP_DEVICE,
  PLANT_RPC_DISCOVERY_PROP_KEYPAIR,
  PLANT_RPC_DISCOVERY_PROP_UNKNOWN_DEVICES,
  PLANT_RPC_DISCOVERY_PROP_CLIENT,
  PLANT_RPC_DISCOVERY_PROP_UNKNOWN_KEY,
  PLANT_RPC_DISCOVERY_PROP_LAST_ERROR,
} PlantRpcDiscoveryProperty;

/* Fills PROPERTIES by PlantRpcDiscoveryProperty. */
void            plant_rpc_discovery_make_properties (GParamSpec   **properties);
/* Ends TASK with TRUE once there is a client, or with the error that says why there will be none.
 * TIMEOUT is in ms, or PLANT_RPC_TIMEOUT_NONE. TASK must hold a reference to the discovery. */
void            plant_rpc_discovery_add_task     (PlantRpcDiscovery  *self,
                                                  GTask              *task,
                                                  int                 timeout);
/* Blocks until there is a client. Returns FALSE and sets ERROR if there is none in time. */
gboolean        plant_rpc_discovery_run          (PlantRpcDiscovery  *self,
                                                  int                 timeout,
                                                  GCancellable       *cancellable,
                                                  GError            **error);
/* Returns the client (transfer full), or NULL with PLANT_RPC_ERROR_CLOSED if it has gone since. */
PlantRpcClient *plant_rpc_discovery_ref_client   (PlantRpcDiscovery  *self,
                                                  GError            **error);
/* Returns the ids of the relay that is the server, and of those behind it, or NULL for a device.
 * They are known although there is no client, if that is what the relay tells. */
const char *const *
                plant_rpc_discovery_get_relays   (PlantRpcDiscovery  *self);
/* Returns the client (transfer full), of which the discovery knows nothing any more. There must be
 * one. */
PlantRpcClient *plant_rpc_discovery_steal_client (PlantRpcDiscovery  *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <zmq.h>

#include "plant-rpc-registry-client.h"

G_BEGIN_DECLS

typedef enum {
  PLANT_RPC_REGISTRY_CLIENT_PROP_URL = 1,
  PLANT_RPC_REGISTRY_CLIENT_PROP_KEYPAIR,
  PLANT_RPC_REGISTRY_CLIENT_PROP_STATE,
  PLANT_RPC_REGISTRY_CLIENT_PROP_LAST_ERROR,
} PlantRpcRegistryClientProperty;

/* Fills PROPERTIES by PlantRpcRegistryClientProperty. */
void   plant_rpc_registry_client_make_properties (GParamSpec         **properties);

/* Called at home after the list or the state has changed, in whichever thread has noticed that. */
typedef void (*PlantRpcRegistryClientWatch)   (gpointer                user_data);

void   plant_rpc_registry_client_set_watch    (PlantRpcRegistryClient *self,
                                               PlantRpcRegistryClientWatch watch,
                                               gpointer                user_data);

/* For a caller that blocks, at home. Changes are notified inside these functions. */
guint  plant_rpc_registry_client_fill_poll    (PlantRpcRegistryClient *self,
                                               zmq_pollitem_t         *items);
/* Returns when step() must be called at the latest (monotonic µs), or -1. */
gint64 plant_rpc_registry_client_get_deadline (PlantRpcRegistryClient *self);
void   plant_rpc_registry_client_process      (PlantRpcRegistryClient *self);

G_END_DECLS

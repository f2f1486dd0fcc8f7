/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-relay.h"

G_BEGIN_DECLS

typedef enum {
  PLANT_RPC_RELAY_PROP_DEVICE_URL = 1,
  PLANT_RPC_RELAY_PROP_REGISTRY_URL,
  PLANT_RPC_RELAY_PROP_DEVICE,
  PLANT_RPC_RELAY_PROP_DEVICE_INTERFACE,
  PLANT_RPC_RELAY_PROP_DEVICE_KEYPAIR,
  PLANT_RPC_RELAY_PROP_CLIENT,
  PLANT_RPC_RELAY_PROP_READY,
  PLANT_RPC_RELAY_PROP_LAST_ERROR,
} PlantRpcRelayProperty;

/* Fills PROPERTIES by PlantRpcRelayProperty. */
void plant_rpc_relay_make_properties (GParamSpec **properties);

G_END_DECLS

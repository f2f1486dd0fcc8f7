/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <gio/gio.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_DEVICE (plant_rpc_device_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PlantRpcDevice, plant_rpc_device, PLANT_RPC, DEVICE, GObject)

PLANT_RPC_AVAILABLE_IN_1_0
const char *plant_rpc_device_get_name        (PlantRpcDevice *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char *plant_rpc_device_get_device_type (PlantRpcDevice *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char *plant_rpc_device_get_url         (PlantRpcDevice *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char *plant_rpc_device_get_uuid        (PlantRpcDevice *self);
PLANT_RPC_AVAILABLE_IN_1_0
GDateTime  *plant_rpc_device_get_last_seen   (PlantRpcDevice *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean    plant_rpc_device_get_alive       (PlantRpcDevice *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-record-private.h"
#include "plant-rpc-device.h"

G_BEGIN_DECLS

PlantRpcDevice       *plant_rpc_device_new         (PlantRpcDeviceRecord *record);
PlantRpcDeviceRecord *plant_rpc_device_get_record  (PlantRpcDevice       *self);
/* Notifies if the device has been seen since. */
void                  plant_rpc_device_note_seen   (PlantRpcDevice       *self);
void                  plant_rpc_device_note_gone   (PlantRpcDevice       *self);

G_END_DECLS

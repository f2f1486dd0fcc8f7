/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-private.h"

G_BEGIN_DECLS

/* The devices as a list model, for an owner that is one itself: it is brought in line with what is
 * known, told one device at a time, those that left before those that came. */
typedef struct _PlantRpcDeviceList PlantRpcDeviceList;

/* OWNER, a GListModel, emits items-changed, and its signals device-added and device-removed with a
 * device each. */
PlantRpcDeviceList *plant_rpc_device_list_new    (GListModel          *owner);
void                plant_rpc_device_list_free   (PlantRpcDeviceList  *self);

/* RECORDS (element-type PlantRpcDeviceRecord). What the owner's handlers do may change the list
 * again; then the last call wins. */
void                plant_rpc_device_list_update (PlantRpcDeviceList  *self,
                                                  GPtrArray           *records);
guint               plant_rpc_device_list_count  (PlantRpcDeviceList  *self);
/* (transfer full) (nullable) */
PlantRpcDevice     *plant_rpc_device_list_get    (PlantRpcDeviceList  *self,
                                                  guint                position);
/* (transfer none) (nullable) */
PlantRpcDevice     *plant_rpc_device_list_find   (PlantRpcDeviceList  *self,
                                                  const char          *name);

G_END_DECLS

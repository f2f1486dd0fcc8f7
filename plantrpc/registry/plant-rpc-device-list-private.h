/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-private.h"

G_BEGIN_DECLS

/* The devices of an owner that is a list model of them: it is brought in line with what is known,
 * told one device at a time, those that left before those that came. */
typedef struct _PlantRpcDeviceList PlantRpcDeviceList;

/* Of the owner's type: the interface, and the signals device-added and device-removed. */
void                plant_rpc_device_list_implement       (GListModelInterface *iface);
void                plant_rpc_device_list_install_signals (GType                type);

/* OWNER has one, whose life is as long. */
PlantRpcDeviceList *plant_rpc_device_list_new    (GListModel          *owner);
void                plant_rpc_device_list_free   (PlantRpcDeviceList  *self);

/* RECORDS (element-type PlantRpcDeviceRecord). What the owner's handlers do may change the list
 * again; then the last call wins. */
void                plant_rpc_device_list_update (PlantRpcDeviceList  *self,
                                                  GPtrArray           *records);
/* (transfer none) (nullable) */
PlantRpcDevice     *plant_rpc_device_list_find   (PlantRpcDeviceList  *self,
                                                  const char          *name);

G_END_DECLS

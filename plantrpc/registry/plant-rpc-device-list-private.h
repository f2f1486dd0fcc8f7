/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-private.h"
#include "plant-rpc-home-private.h"

G_BEGIN_DECLS

/* The devices of an owner that is a list model of them. Changes are notified one device at a time,
 * and devices that have left before those that have come. */
typedef struct _PlantRpcDeviceList PlantRpcDeviceList;

/* Adds the interface and the signals device-added and device-removed to the owner's type. */
void                plant_rpc_device_list_implement       (GListModelInterface *iface);
void                plant_rpc_device_list_install_signals (GType                type);

/* A device list lives as long as its OWNER. The functions below must be called at HOME. */
PlantRpcDeviceList *plant_rpc_device_list_new    (GListModel          *owner,
                                                  PlantRpcHome        *home);
void                plant_rpc_device_list_free   (PlantRpcDeviceList  *self);

/* Makes the list that of RECORDS (element-type PlantRpcDeviceRecord). If a handler of the owner
 * changes the list again, the latest call counts. */
void                plant_rpc_device_list_update (PlantRpcDeviceList  *self,
                                                  GPtrArray           *records);
/* (transfer none) (nullable): for another thread than that of the main context as
 * plant_rpc_loan_lend() has it */
PlantRpcDevice     *plant_rpc_device_list_find   (PlantRpcDeviceList  *self,
                                                  const char          *name);

G_END_DECLS

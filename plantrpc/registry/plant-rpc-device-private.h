/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdatomic.h>

#include "plant-rpc-device.h"

G_BEGIN_DECLS

/* A registration, which several threads may use. Only its time changes. A device that registers
 * again gets another record. */
typedef struct {
  char           *name;        /* (owned) */
  char           *device_type; /* (owned) */
  char           *url;         /* (owned) */
  char           *uuid;        /* (owned) */
  char           *written;     /* (owned) (nullable): its JSON up to the value of its last member,
                                  the age; a registry keeps it, since it sends it many times */
  _Atomic gint64  last_seen;   /* monotonic µs */
} PlantRpcDeviceRecord;

PlantRpcDeviceRecord *plant_rpc_device_record_new   (const char           *device_type,
                                                     const char           *name,
                                                     const char           *url,
                                                     const char           *uuid,
                                                     gint64                last_seen);
PlantRpcDeviceRecord *plant_rpc_device_record_ref   (PlantRpcDeviceRecord *self);
void                  plant_rpc_device_record_unref (PlantRpcDeviceRecord *self);

PlantRpcDevice       *plant_rpc_device_new         (PlantRpcDeviceRecord *record);
PlantRpcDeviceRecord *plant_rpc_device_get_record  (PlantRpcDevice       *self);
/* Notifies if the device has been seen since. */
void                  plant_rpc_device_note_seen   (PlantRpcDevice       *self);
void                  plant_rpc_device_note_gone   (PlantRpcDevice       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcDeviceRecord, plant_rpc_device_record_unref)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-private.h"
#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* The devices that a registry knows, and its rules for names, addresses and expiry. It has neither
 * a clock nor a socket. NOW is a time in µs that never goes back. */
typedef struct _PlantRpcDeviceTable PlantRpcDeviceTable;

/* A device that asks to be listed. It is accepted only if every client of the registry can read
 * it. */
typedef struct {
  const char *device_type;
  const char *name; /* "" if the registry shall choose one */
  const char *url;
  gboolean    overwrite; /* TRUE: a listed device of the same name is removed */
  const char *peer; /* (nullable): network address of the request */
} PlantRpcCandidate;

#define PLANT_RPC_ALIVE_TIMEOUT (20 * G_USEC_PER_SEC) /* µs, unless a device asks for another */

typedef void (*PlantRpcDeviceTableFunc) (gpointer              owner,
                                         PlantRpcDeviceRecord *record,
                                         gboolean              added);

/* FUNC is called for each device that comes or goes. */
PlantRpcDeviceTable  *plant_rpc_device_table_new        (PlantRpcDeviceTableFunc  func,
                                                         gpointer                 owner);
void                  plant_rpc_device_table_free       (PlantRpcDeviceTable     *self);

/* Returns the registered device. Returns NULL with ERROR set, and changes nothing, if a client
 * could not read the device or a limit is reached. */
PlantRpcDeviceRecord *plant_rpc_device_table_register   (PlantRpcDeviceTable     *self,
                                                         const PlantRpcCandidate *candidate,
                                                         gint64                   now,
                                                         GError                 **error);
/* Both return FALSE if the uuid is unknown. */
gboolean              plant_rpc_device_table_unregister (PlantRpcDeviceTable     *self,
                                                         const char              *uuid);
gboolean              plant_rpc_device_table_touch      (PlantRpcDeviceTable     *self,
                                                         const char              *uuid,
                                                         gint64                   alive_timeout,
                                                         gint64                   now);
void                  plant_rpc_device_table_expire     (PlantRpcDeviceTable     *self,
                                                         gint64                   now);

/* Returns the records (element-type PlantRpcDeviceRecord) in the order of registration. */
GPtrArray            *plant_rpc_device_table_list       (PlantRpcDeviceTable     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcDeviceTable, plant_rpc_device_table_free)

G_END_DECLS

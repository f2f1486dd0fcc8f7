/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-owned-names-private.h"

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
  const char *key;  /* (nullable): public key of the sender; NULL at a registry without keys */
  gboolean    administrator; /* TRUE: a device of another key at the same address is removed */
} PlantRpcCandidate;

#define PLANT_RPC_ALIVE_TIMEOUT (20 * G_USEC_PER_SEC) /* µs, unless a device asks for another */

typedef void (*PlantRpcDeviceTableFunc) (gpointer              owner,
                                         PlantRpcDeviceRecord *record,
                                         gboolean              added);

/* FUNC is called for each device that comes or goes. */
PlantRpcDeviceTable  *plant_rpc_device_table_new        (PlantRpcDeviceTableFunc  func,
                                                         gpointer                 owner);
void                  plant_rpc_device_table_free       (PlantRpcDeviceTable     *self);
/* From now on a name belongs to the key of the first candidate that gets it. Takes ownership of
 * NAMES. */
void                  plant_rpc_device_table_set_names  (PlantRpcDeviceTable     *self,
                                                         PlantRpcOwnedNames      *names);

/* Returns the registered device. Returns NULL with ERROR set, and changes nothing, if a client
 * could not read the device, a limit is reached, or it would take what belongs to another key. */
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
/* Returns (nullable) the key that registered the device, or NULL if the uuid is unknown. */
const char           *plant_rpc_device_table_get_key    (PlantRpcDeviceTable     *self,
                                                         const char              *uuid);
/* Removes all devices that KEY has registered. */
void                  plant_rpc_device_table_remove_key (PlantRpcDeviceTable     *self,
                                                         const char              *key);
void                  plant_rpc_device_table_expire     (PlantRpcDeviceTable     *self,
                                                         gint64                   now);

/* Returns the records (element-type PlantRpcDeviceRecord) in the order of registration. */
GPtrArray            *plant_rpc_device_table_list       (PlantRpcDeviceTable     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcDeviceTable, plant_rpc_device_table_free)

G_END_DECLS

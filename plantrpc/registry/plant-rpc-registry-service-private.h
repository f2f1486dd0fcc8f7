/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-device-record-private.h"

G_BEGIN_DECLS

/* The registry itself: answers requests, forgets devices, tells those that watch; all on a thread
 * of its own, so that nothing the application does holds up a device. */
typedef struct _PlantRpcRegistryService PlantRpcRegistryService;

/* On that thread. CHANGED: devices came or went; else one of them was heard of. */
typedef void (*PlantRpcRegistryServiceFunc) (gpointer owner,
                                             gboolean changed);

/* Binds and serves. A missing port is one that the system picks. */
PlantRpcRegistryService *plant_rpc_registry_service_new      (const PlantRpcEndpoint      *endpoint,
                                                              PlantRpcRegistryServiceFunc  func,
                                                              gpointer                     owner,
                                                              GError                     **error);
/* Waits for the thread: FUNC is not called any more. */
void                     plant_rpc_registry_service_free     (PlantRpcRegistryService *self);
/* 0 for ipc. */
guint16                  plant_rpc_registry_service_get_port (PlantRpcRegistryService *self);
/* (transfer full) (element-type PlantRpcDeviceRecord): as they are now. From any thread. */
GPtrArray               *plant_rpc_registry_service_list     (PlantRpcRegistryService *self);

G_END_DECLS

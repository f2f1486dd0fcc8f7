/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <gio/gio.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_KNOWN_DEVICES (plant_rpc_known_devices_get_type ())

PLANT_RPC_AVAILABLE_IN_1_1
G_DECLARE_FINAL_TYPE (PlantRpcKnownDevices, plant_rpc_known_devices, PLANT_RPC, KNOWN_DEVICES,
                      GObject)

PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKnownDevices *plant_rpc_known_devices_new        (void);
PLANT_RPC_AVAILABLE_IN_1_1
const char           *plant_rpc_known_devices_get_path   (PlantRpcKnownDevices  *self);
PLANT_RPC_AVAILABLE_IN_1_1
char                 *plant_rpc_known_devices_lookup     (PlantRpcKnownDevices  *self,
                                                          const char            *name,
                                                          GError               **error);
PLANT_RPC_AVAILABLE_IN_1_1
char                **plant_rpc_known_devices_list_names (PlantRpcKnownDevices  *self,
                                                          GError               **error);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean              plant_rpc_known_devices_check      (PlantRpcKnownDevices  *self,
                                                          const char            *name,
                                                          const char            *url,
                                                          GError               **error);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean              plant_rpc_known_devices_remember   (PlantRpcKnownDevices  *self,
                                                          const char            *name,
                                                          const char            *url,
                                                          GError               **error);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean              plant_rpc_known_devices_forget     (PlantRpcKnownDevices  *self,
                                                          const char            *name,
                                                          GError               **error);

G_END_DECLS

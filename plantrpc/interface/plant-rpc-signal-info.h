/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_SIGNAL_INFO (plant_rpc_signal_info_get_type ())

typedef struct _PlantRpcSignalInfo PlantRpcSignalInfo;

PLANT_RPC_AVAILABLE_IN_1_0
GType               plant_rpc_signal_info_get_type      (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char         *plant_rpc_signal_info_get_name      (PlantRpcSignalInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char         *plant_rpc_signal_info_get_wire_name (PlantRpcSignalInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char         *plant_rpc_signal_info_get_signature (PlantRpcSignalInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char         *plant_rpc_signal_info_get_property  (PlantRpcSignalInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean            plant_rpc_signal_info_get_implicit  (PlantRpcSignalInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant           *plant_rpc_signal_info_validate_args (PlantRpcSignalInfo  *self,
                                                         GVariant            *args,
                                                         gboolean             coerce,
                                                         GError             **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcSignalInfo *plant_rpc_signal_info_ref           (PlantRpcSignalInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                plant_rpc_signal_info_unref         (PlantRpcSignalInfo  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSignalInfo, plant_rpc_signal_info_unref)

G_END_DECLS

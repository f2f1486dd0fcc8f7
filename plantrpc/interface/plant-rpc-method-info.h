/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-parameter-info.h"
#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_METHOD_INFO (plant_rpc_method_info_get_type ())

typedef struct _PlantRpcMethodInfo PlantRpcMethodInfo;

PLANT_RPC_AVAILABLE_IN_1_0
GType                  plant_rpc_method_info_get_type         (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_method_info_get_name         (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_method_info_get_signature    (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
int                    plant_rpc_method_info_get_n_parameters (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcParameterInfo *plant_rpc_method_info_get_parameter    (PlantRpcMethodInfo *self,
                                                               guint               index);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_method_info_get_return_type  (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_method_info_get_buffer       (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
int                    plant_rpc_method_info_get_timeout      (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRole           plant_rpc_method_info_get_role         (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcMethodInfo    *plant_rpc_method_info_ref              (PlantRpcMethodInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_method_info_unref            (PlantRpcMethodInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMethodInfo, plant_rpc_method_info_unref)

G_END_DECLS

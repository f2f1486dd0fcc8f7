/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_PARAMETER_INFO (plant_rpc_parameter_info_get_type ())

typedef struct _PlantRpcParameterInfo PlantRpcParameterInfo;

PLANT_RPC_AVAILABLE_IN_1_0
GType                  plant_rpc_parameter_info_get_type        (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_parameter_info_get_name        (PlantRpcParameterInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_parameter_info_get_type_string (PlantRpcParameterInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_parameter_info_get_default     (PlantRpcParameterInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcParameterInfo *plant_rpc_parameter_info_ref             (PlantRpcParameterInfo *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_parameter_info_unref           (PlantRpcParameterInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcParameterInfo, plant_rpc_parameter_info_unref)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_PROPERTY_INFO (plant_rpc_property_info_get_type ())

typedef struct _PlantRpcPropertyInfo PlantRpcPropertyInfo;

PLANT_RPC_AVAILABLE_IN_1_0
GType                 plant_rpc_property_info_get_type          (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char           *plant_rpc_property_info_get_name          (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char           *plant_rpc_property_info_get_wire_name     (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char           *plant_rpc_property_info_get_type_string   (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char *const    *plant_rpc_property_info_get_choices       (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean              plant_rpc_property_info_get_readable      (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean              plant_rpc_property_info_get_writable      (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRole          plant_rpc_property_info_get_role          (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant             *plant_rpc_property_info_get_default       (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant             *plant_rpc_property_info_get_minimum       (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant             *plant_rpc_property_info_get_maximum       (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
double                plant_rpc_property_info_get_step          (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char           *plant_rpc_property_info_get_unit          (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char           *plant_rpc_property_info_get_description   (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char           *plant_rpc_property_info_get_change_signal (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant             *plant_rpc_property_info_fit_value         (PlantRpcPropertyInfo  *self,
                                                                 GVariant              *value,
                                                                 GError               **error);
PLANT_RPC_AVAILABLE_IN_1_0
GParamSpec           *plant_rpc_property_info_create_param_spec (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcPropertyInfo *plant_rpc_property_info_ref               (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                  plant_rpc_property_info_unref             (PlantRpcPropertyInfo  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcPropertyInfo, plant_rpc_property_info_unref)

G_END_DECLS

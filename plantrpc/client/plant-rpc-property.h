/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_PROPERTY (plant_rpc_property_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PlantRpcProperty, plant_rpc_property, PLANT_RPC, PROPERTY, GObject)

PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_get_name        (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_get_wire_name   (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_property_dup_value       (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcPropertyState  plant_rpc_property_get_state       (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const GError          *plant_rpc_property_get_error       (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_property_get_writable    (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const GError          *plant_rpc_property_get_refusal     (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_get_message     (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
double                 plant_rpc_property_get_minimum     (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
double                 plant_rpc_property_get_maximum     (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
double                 plant_rpc_property_get_step        (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_get_unit        (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_get_description (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
double                 plant_rpc_property_get_max_rate    (PlantRpcProperty  *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_property_set_max_rate    (PlantRpcProperty  *self,
                                                           double             max_rate);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <gio/gio.h>

#include "plant-rpc-method-info.h"
#include "plant-rpc-property-info.h"
#include "plant-rpc-signal-info.h"
#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_INTERFACE_INFO (plant_rpc_interface_info_get_type ())

typedef struct _PlantRpcInterfaceInfo PlantRpcInterfaceInfo;

/* The whole: an immutable, reference counted description. */
PLANT_RPC_AVAILABLE_IN_1_0
GType                  plant_rpc_interface_info_get_type        (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_for_type    (GType                   type,
                                                                 GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_from_json   (const char             *json,
                                                                 GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_from_file   (GFile                  *file,
                                                                 GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcInterfaceInfo *plant_rpc_interface_info_ref             (PlantRpcInterfaceInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_interface_info_unref           (PlantRpcInterfaceInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
char                  *plant_rpc_interface_info_to_json         (PlantRpcInterfaceInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_interface_info_equal           (PlantRpcInterfaceInfo  *self,
                                                                 PlantRpcInterfaceInfo  *other);
PLANT_RPC_AVAILABLE_IN_1_0
char                 **plant_rpc_interface_info_list_methods    (PlantRpcInterfaceInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
char                 **plant_rpc_interface_info_list_properties (PlantRpcInterfaceInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
char                 **plant_rpc_interface_info_list_signals    (PlantRpcInterfaceInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcMethodInfo    *plant_rpc_interface_info_lookup_method   (PlantRpcInterfaceInfo  *self,
                                                                 const char             *name);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcPropertyInfo  *plant_rpc_interface_info_lookup_property (PlantRpcInterfaceInfo  *self,
                                                                 const char             *name);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcSignalInfo    *plant_rpc_interface_info_lookup_signal   (PlantRpcInterfaceInfo  *self,
                                                                 const char             *name);

/* What a GType cannot carry, declared beside it. */
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_type_declare_method            (GType                   type,
                                                                 const char             *name,
                                                                 const char             *signature,
                                                                 gboolean                buffer,
                                                                 int                     timeout);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_type_declare_wire_name         (GType                   type,
                                                                 const char             *member,
                                                                 const char             *wire_name);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_type_declare_unit              (GType                   type,
                                                                 const char             *property,
                                                                 const char             *unit);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_type_declare_step              (GType                   type,
                                                                 const char             *property,
                                                                 double                  step);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_type_declare_read_only         (GType                   type,
                                                                 const char             *property,
                                                                 gboolean                read_only);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_type_declare_variant_type      (GType                   type,
                                                                 const char             *property,
                                                                 const char             *values);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcInterfaceInfo, plant_rpc_interface_info_unref)

G_END_DECLS

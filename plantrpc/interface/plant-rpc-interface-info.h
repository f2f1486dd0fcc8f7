/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <gio/gio.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_INTERFACE_INFO (plant_rpc_interface_info_get_type ())
#define PLANT_RPC_TYPE_METHOD_INFO    (plant_rpc_method_info_get_type ())
#define PLANT_RPC_TYPE_PROPERTY_INFO  (plant_rpc_property_info_get_type ())
#define PLANT_RPC_TYPE_SIGNAL_INFO    (plant_rpc_signal_info_get_type ())

typedef struct _PlantRpcInterfaceInfo PlantRpcInterfaceInfo;
typedef struct _PlantRpcMethodInfo    PlantRpcMethodInfo;
typedef struct _PlantRpcPropertyInfo  PlantRpcPropertyInfo;
typedef struct _PlantRpcSignalInfo    PlantRpcSignalInfo;

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
GType                  plant_rpc_method_info_get_type           (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_method_info_get_name           (PlantRpcMethodInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_method_info_get_signature      (PlantRpcMethodInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_method_info_get_buffer         (PlantRpcMethodInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
int                    plant_rpc_method_info_get_timeout        (PlantRpcMethodInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcMethodInfo    *plant_rpc_method_info_ref                (PlantRpcMethodInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_method_info_unref              (PlantRpcMethodInfo     *self);

PLANT_RPC_AVAILABLE_IN_1_0
GType                  plant_rpc_property_info_get_type         (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_info_get_name         (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_info_get_wire_name    (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_info_get_type_string  (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char *const     *plant_rpc_property_info_get_choices      (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_property_info_get_readable     (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean               plant_rpc_property_info_get_writable     (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_property_info_get_default      (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_property_info_get_minimum      (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_property_info_get_maximum      (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_info_get_unit         (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_info_get_description  (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_property_info_get_change_signal (PlantRpcPropertyInfo  *self);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcPropertyInfo  *plant_rpc_property_info_ref              (PlantRpcPropertyInfo   *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_property_info_unref            (PlantRpcPropertyInfo   *self);

PLANT_RPC_AVAILABLE_IN_1_0
GType                  plant_rpc_signal_info_get_type           (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_signal_info_get_name           (PlantRpcSignalInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_signal_info_get_wire_name      (PlantRpcSignalInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char            *plant_rpc_signal_info_get_signature      (PlantRpcSignalInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant              *plant_rpc_signal_info_validate_args      (PlantRpcSignalInfo     *self,
                                                                 GVariant               *args,
                                                                 gboolean                coerce,
                                                                 GError                **error);
PLANT_RPC_AVAILABLE_IN_1_0
PlantRpcSignalInfo    *plant_rpc_signal_info_ref                (PlantRpcSignalInfo     *self);
PLANT_RPC_AVAILABLE_IN_1_0
void                   plant_rpc_signal_info_unref              (PlantRpcSignalInfo     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcInterfaceInfo, plant_rpc_interface_info_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMethodInfo, plant_rpc_method_info_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcPropertyInfo, plant_rpc_property_info_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSignalInfo, plant_rpc_signal_info_unref)

G_END_DECLS

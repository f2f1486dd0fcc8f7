/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Members are filled in by the files of this floor before anyone else sees them. A new property is
 * readable and writable; SIGNATURE has been checked. */
PlantRpcPropertyInfo *plant_rpc_property_info_new              (const char            *name,
                                                                const char            *wire_name,
                                                                const char            *type_string);
PlantRpcSignalInfo   *plant_rpc_signal_info_new                (const char            *name,
                                                                const char            *wire_name,
                                                                const char            *signature);

/* One member as GVariant (a{sv}), and back: PLANT_RPC_ERROR_INVALID_INTERFACE for what cannot be
 * understood. FORM is anything at all. */
GVariant             *plant_rpc_method_info_to_variant         (PlantRpcMethodInfo    *self);
GVariant             *plant_rpc_property_info_to_variant       (PlantRpcPropertyInfo  *self);
GVariant             *plant_rpc_signal_info_to_variant         (PlantRpcSignalInfo    *self);
PlantRpcMethodInfo   *plant_rpc_method_info_new_from_variant   (const char            *name,
                                                                GVariant              *form,
                                                                GError               **error);
PlantRpcPropertyInfo *plant_rpc_property_info_new_from_variant (const char            *wire_name,
                                                                GVariant              *form,
                                                                GError               **error);
PlantRpcSignalInfo   *plant_rpc_signal_info_new_from_variant   (const char            *wire_name,
                                                                GVariant              *form,
                                                                GError               **error);

/* VALUE as it comes back from a file, so that an interface equals the one read from its own JSON;
 * NULL for null, and for what JSON cannot carry. */
GVariant             *plant_rpc_property_info_normalize        (const char            *type_string,
                                                                GVariant              *value);

G_END_DECLS

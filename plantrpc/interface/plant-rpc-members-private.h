/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* New members, which the files of this folder fill in before others see them. A new property is
 * readable and writable. SIGNATURE must have been checked. */
PlantRpcPropertyInfo *plant_rpc_property_info_new              (const char            *name,
                                                                const char            *wire_name,
                                                                const char            *type_string);
PlantRpcSignalInfo   *plant_rpc_signal_info_new                (const char            *name,
                                                                const char            *wire_name,
                                                                const char            *signature);

/* Convert a member to its form (a{sv}), and back. FORM may be of any type. Reading it fails with
 * PLANT_RPC_ERROR_INVALID_INTERFACE. */
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

/* Returns VALUE as it would be read back from a file, so that an interface equals the one that is
 * read from its own JSON. Returns NULL for null and for what JSON cannot express. */
GVariant             *plant_rpc_property_info_normalize        (const char            *type_string,
                                                                GVariant              *value);

G_END_DECLS

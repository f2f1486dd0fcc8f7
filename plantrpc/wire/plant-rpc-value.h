/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

PLANT_RPC_AVAILABLE_IN_1_0
GVariant *plant_rpc_value_to_variant   (const GValue  *value,
                                        GError       **error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean  plant_rpc_value_from_variant (GVariant      *variant,
                                        GType          type,
                                        GValue        *result,
                                        GError       **error);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant *plant_rpc_value_from_json    (const char   *json,
                                        GError      **error);
PLANT_RPC_AVAILABLE_IN_1_0
char     *plant_rpc_value_to_json      (GVariant     *variant,
                                        GError      **error);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant *plant_rpc_value_from_marshal (const guint8 *data,
                                        gsize         length);
PLANT_RPC_AVAILABLE_IN_1_0
guint8   *plant_rpc_value_to_marshal   (GVariant     *variant,
                                        gsize        *length);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* The parameters (element-type PlantRpcParameter) that TEXT declares for a method, as in
 * "lores: b = false, size: (ii) -> d". RETURN_TYPE is what stands behind the arrow (owned by the
 * caller), NULL without one. NULL with PLANT_RPC_ERROR_INVALID_INTERFACE. */
GArray   *plant_rpc_signature_parse        (const char          *text,
                                            char               **return_type,
                                            GError             **error);

/* Whether TEXT is what a signal declares: a tuple of definite types, "(si)". */
gboolean  plant_rpc_signature_check_tuple  (const char          *text,
                                            GError             **error);

/* Whether TEXT is one definite GVariant type, without handles, which mean nothing elsewhere. */
gboolean  plant_rpc_signature_check_type   (const char          *text,
                                            GError             **error);

/* The number of types in TUPLE, and the type string of one of them. */
guint     plant_rpc_signature_count        (const char          *tuple);
char     *plant_rpc_signature_dup_nth      (const char          *tuple,
                                            guint                index);

/* An argument as TYPE_STRING, strictly or coerced, out of its variant: never floating. */
GVariant *plant_rpc_signature_convert      (GVariant            *argument,
                                            const char          *type_string,
                                            gboolean             coerce,
                                            GError             **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* Returns the parameters (element-type PlantRpcParameterInfo) that TEXT declares for a method, as
 * in "lores: b = false, size: (ii) -> d". Sets RETURN_TYPE (transfer full) to the type behind the
 * arrow, or to NULL if there is no arrow. Fails with PLANT_RPC_ERROR_INVALID_INTERFACE. */
GPtrArray *plant_rpc_signature_parse        (const char          *text,
                                             char               **return_type,
                                             GError             **error);

/* Returns whether TEXT can be a signal's signature: a tuple of definite types, as in "(si)". */
gboolean   plant_rpc_signature_check_tuple  (const char          *text,
                                             GError             **error);

/* Returns whether TEXT is one definite GVariant type without handles, which have no meaning in
 * another process. */
gboolean   plant_rpc_signature_check_type   (const char          *text,
                                             GError             **error);

/* Return the number of types in TUPLE, and the type string of one of them. */
guint      plant_rpc_signature_count        (const char          *tuple);
char      *plant_rpc_signature_dup_nth      (const char          *tuple,
                                             guint                index);

/* Converts an argument to TYPE_STRING, strictly or with coercion. The result is never floating. */
GVariant  *plant_rpc_signature_convert      (GVariant            *argument,
                                             const char          *type_string,
                                             gboolean             coerce,
                                             GError             **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns what is inside all variants and maybes around VARIANT, or an empty maybe. */
GVariant *plant_rpc_value_open          (GVariant            *variant);
gboolean  plant_rpc_value_is_nothing    (GVariant            *opened);

/* Returns the value as text for a message, shortened to less than a line. */
char     *plant_rpc_value_describe      (GVariant            *variant);

/* Sets PLANT_RPC_ERROR_INVALID_VALUE, "expected …, got …". Returns NULL. */
GVariant *plant_rpc_value_refuse        (GVariant            *variant,
                                         const char          *expected,
                                         GError             **error);

/* Sets the error for a SEQUENCE of more than PLANT_RPC_MAX_ELEMENTS elements. Returns FALSE. */
gboolean  plant_rpc_value_refuse_length (GVariant            *sequence,
                                         GError             **error);

/* Stores the number at DATA, of the type FROM, as TYPE if that loses nothing. Returns its size in
 * bytes, at most eight, or 0 if it does not fit. It allocates nothing and sets no error. */
gsize     plant_rpc_value_store_number  (char                 from,
                                         gconstpointer        data,
                                         char                 type,
                                         gpointer             result);

/* Converts OPENED to the basic type TYPE, strictly or with the coercions of
 * plant_rpc_value_coerce(). The result is never floating. */
GVariant *plant_rpc_value_convert_basic (GVariant            *opened,
                                         const GVariantType  *type,
                                         gboolean             coerce,
                                         GError             **error);

G_END_DECLS

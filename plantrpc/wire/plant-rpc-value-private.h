/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* GVariant and GValue, both ways, for an expected type; no other file converts.
 *
 * Strict: no string for a number, no fraction for an integer, nothing outside the range, no
 * enumeration value without a nick. What is lossless passes: an integer for a double that holds
 * it exactly, any integer type that holds the value, an empty maybe for a string (NULL), a
 * GVariant (an empty "mv") or a double (NaN). Enumerations travel as their nick, flags as an
 * array of nicks. All errors are PLANT_RPC_ERROR_INVALID_VALUE, "expected …, got …". */

/* Whether values of TYPE can travel: boolean, the integer and floating types, string,
 * enumerations, flags, GStrv, GVariant. */
gboolean     plant_rpc_value_type_is_supported (GType          type);

/* The GVariant type string that stands for TYPE on the wire ("v" for a GVariant, "s" for an
 * enumeration, "as" for flags), or NULL. */
const char  *plant_rpc_value_type_string       (GType          type);

/* Never floating. NULL with error set for a type that cannot travel, text that is not UTF-8, or an
 * enumeration value without a nick. A NULL string is an empty "ms", a NULL GVariant an empty
 * "mv", any other GVariant is itself. */
GVariant    *plant_rpc_value_to_variant        (const GValue  *value,
                                                GError       **error);

/* RESULT is initialised here to TYPE on success, and left alone on failure. Variants in VARIANT
 * are opened first (v, mv). */
gboolean     plant_rpc_value_from_variant      (GVariant      *variant,
                                                GType          type,
                                                GValue        *result,
                                                GError       **error);

/* The same, and the value must lie in the range of PSPEC: refused, never clamped. A GVariant
 * becomes the type that PSPEC names, and NULL from an empty maybe where NULL is the default. */
gboolean     plant_rpc_value_from_variant_for  (GVariant      *variant,
                                                GParamSpec    *pspec,
                                                GValue        *result,
                                                GError       **error);

/* FALSE, with the error set, if g_param_value_validate() would change VALUE, of PSPEC's type. */
gboolean     plant_rpc_value_check_range       (const GValue  *value,
                                                GParamSpec    *pspec,
                                                GError       **error);

/* VARIANT as TYPE_STRING, for arguments with a declared type: never floating. The result has that
 * type: "v" takes all, and wraps it. The same strictness; keys of dictionaries may be text. */
GVariant    *plant_rpc_value_fit               (GVariant      *variant,
                                                const char    *type_string,
                                                GError       **error);

/* The coercion of the Python module's validate_args(coerce): integers from decimal strings and
 * truncated doubles, doubles from strings, strings from anything (null is "None"). */
GVariant    *plant_rpc_value_coerce            (GVariant      *variant,
                                                const char    *type_string,
                                                GError       **error);

/* Equality by value: NaN equals NaN, string lists compare element by element, GVariants too. What
 * is the same on the wire is equal: no GVariant and an empty "mv", no list and an empty one. */
gboolean     plant_rpc_value_equal             (const GValue  *a,
                                                const GValue  *b);

G_END_DECLS

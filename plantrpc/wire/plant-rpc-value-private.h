/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-value.h"

G_BEGIN_DECLS

/* Converts between GVariant and GValue for an expected type. No other file does.
 *
 * A conversion that would lose something is refused: a string is not accepted for a number, a
 * fraction not for an integer, a number not outside the range of its type, and an enumeration value
 * not without a nick. A conversion that loses nothing is accepted: an integer for a double that
 * holds it exactly, any integer type that holds the value, and an empty maybe for a string (NULL)
 * or a GVariant (an empty "mv"). Enumerations travel as their nick, and flags as an array of nicks.
 * All errors are PLANT_RPC_ERROR_INVALID_VALUE, with the text "expected …, got …". */

/* Returns the GVariant type string that stands for TYPE on the wire ("v" for a GVariant, "s" for an
 * enumeration, "as" for flags), or NULL if values of TYPE cannot travel. Those that can are
 * boolean, the integer and floating types, string, enumerations, flags, GStrv and GVariant. */
const char  *plant_rpc_value_type_string       (GType          type);

/* Like plant_rpc_value_from_variant() for the type of PSPEC. A value outside the range of PSPEC is
 * refused, and never clamped. A GVariant is converted to the type that PSPEC names. An empty maybe
 * becomes NULL if that is the default. */
gboolean     plant_rpc_value_from_variant_for  (GVariant      *variant,
                                                GParamSpec    *pspec,
                                                GValue        *result,
                                                GError       **error);

/* Fails if g_param_value_validate() would change VALUE, which has the type of PSPEC. */
gboolean     plant_rpc_value_check_range       (const GValue  *value,
                                                GParamSpec    *pspec,
                                                GError       **error);

/* Returns VARIANT converted to exactly the type TYPE_STRING, never floating, for arguments with a
 * declared type. It is as strict as plant_rpc_value_from_variant(). Every value fits "v". The keys
 * of a dictionary may be given as text. */
GVariant    *plant_rpc_value_fit               (GVariant      *variant,
                                                const char    *type_string,
                                                GError       **error);

/* Like plant_rpc_value_fit(), with the coercion of the Python module's validate_args(coerce):
 * integers from decimal strings and truncated doubles, doubles from strings, and strings from
 * anything (null becomes "None"). */
GVariant    *plant_rpc_value_coerce            (GVariant      *variant,
                                                const char    *type_string,
                                                GError       **error);

/* Returns the double that has the fewest digits of those that round to NUMBER: 0.7, where a cast
 * returns 0.699999988079071. */
double       plant_rpc_value_widen             (float          number);

/* Returns the nick of the choice with that index of an enumeration or flags class, and sets its
 * NUMBER. Returns NULL if there are not so many. */
const char  *plant_rpc_value_get_choice        (GTypeClass    *klass,
                                                guint          index,
                                                int           *number);

/* Returns what is expected of one of NICKS, for a message: "one of a, b". */
char        *plant_rpc_value_describe_choices  (const char *const *nicks);

/* Returns whether two values are the same on the wire. NaN equals NaN, no GVariant equals an empty
 * "mv", and no list equals an empty list. */
gboolean     plant_rpc_value_equal             (const GValue  *a,
                                                const GValue  *b);

G_END_DECLS

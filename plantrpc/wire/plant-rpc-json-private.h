/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* JSON bytes to GVariant and back.
 *
 *   JSON                           GVariant
 *   null                           an empty maybe, "mv"
 *   true                           b
 *   integer                        x; t above G_MAXINT64; d beyond 64 bits; "mv" beyond a double
 *   number with '.' or exponent    d; "mv" beyond a double
 *   NaN, Infinity, -Infinity       d; these are Python's tokens
 *   string                         s; U+0000 and lone surrogates become U+FFFD
 *   array                          av
 *   object                         a{sv}; of equal names, the last value at the place of the first
 *
 * The writer accepts all basic types, maybes, variants, arrays, tuples, and dictionaries with basic
 * keys. A double that JSON lacks becomes null, or Python's token within a message. Handles, object
 * paths and signatures become strings. Doubles always have a fraction or an exponent. The locale
 * has no influence. */

/* Reads the whole text. The result is never floating. Fails with PLANT_RPC_ERROR_PROTOCOL, or with
 * PLANT_RPC_ERROR_LIMIT for the nesting and the number of values. The message names the byte. */
GVariant *plant_rpc_json_parse         (const char  *data,
                                        gsize        length,
                                        GError     **error);

/* Appends to OUT, which is left as it was where VALUE is nested too deeply
 * (PLANT_RPC_ERROR_LIMIT). */
gboolean  plant_rpc_json_write         (GVariant    *value,
                                        GString     *out,
                                        GError     **error);
/* The same with Python's tokens, so that a peer is told the numbers that JSON lacks. */
gboolean  plant_rpc_json_write_message (GVariant    *value,
                                        GString     *out,
                                        GError     **error);

G_END_DECLS

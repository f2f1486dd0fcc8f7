/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-view-private.h"

G_BEGIN_DECLS

/* JSON bytes to GVariant and back.
 *
 *   JSON                           GVariant
 *   null                           an empty maybe, "mv"
 *   true                           b
 *   integer                        x; t above G_MAXINT64; {ys} beyond 64 bits
 *   number with '.' or exponent    d; infinity beyond a double
 *   NaN, Infinity, -Infinity       d; these are Python's tokens
 *   string                         s, where lone surrogates become U+FFFD; {ys} with U+0000 in it
 *   array                          av
 *   object                         a{sv}; of equal names, the last value at the place of the first
 *
 * A {ys} is a PlantRpcJsonKind and the JSON text, that of a string without its quotes.
 *
 * The writer accepts all basic types, maybes, variants, arrays, tuples, and dictionaries with basic
 * keys. A double that JSON lacks becomes null, or Python's token within a message. Handles, object
 * paths and signatures become strings. Doubles always have a fraction or an exponent. The locale
 * has no influence. */

/* The type of a value that no other type of GVariant holds. */
#define PLANT_RPC_JSON_KEPT G_VARIANT_TYPE ("{ys}")

typedef enum {
  PLANT_RPC_JSON_INTEGER, /* beyond 64 bits */
  PLANT_RPC_JSON_TEXT,    /* with U+0000 */
} PlantRpcJsonKind;

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
/* The same for a value that is DEPTH levels deep in a message. */
gboolean  plant_rpc_json_write_member  (GVariant    *value,
                                        guint        depth,
                                        GString     *out,
                                        GError     **error);
/* The same without a token, for a reader whose numbers are all doubles. Fails with
 * PLANT_RPC_ERROR_INVALID_VALUE for what such a reader would not know again: bytes, an integer of
 * more than 53 bits, NaN and infinity, a handle, names that are no texts, and a {ys}. */
gboolean  plant_rpc_json_write_exactly (GVariant    *value,
                                        GString     *out,
                                        GError     **error);

/* Appends TEXT, which is UTF-8, as a string. */
void      plant_rpc_json_append_string (GString     *out,
                                        const char  *text);

/* Returns the text of a PLANT_RPC_JSON_INTEGER: its digits, behind a minus if it is negative.
 * Returns NULL for any other value. */
const char *plant_rpc_json_peek_digits (const PlantRpcSerialView  *value);

G_END_DECLS

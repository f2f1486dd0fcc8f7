/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* JSON bytes to GVariant and back; no other file meets JSON.
 *
 *   JSON                           GVariant
 *   null, NaN, Infinity            an empty maybe, "mv"
 *   true                           b
 *   integer                        x; t above G_MAXINT64; d beyond 64 bits; "mv" beyond a double
 *   number with '.' or exponent    d
 *   string                         s; U+0000 and lone surrogates become U+FFFD
 *   array                          av
 *   object                         a{sv}; of equal names the last counts
 *
 * Written are all basic types (a double that is no number becomes null), maybes, variants,
 * arrays, tuples, and dictionaries with basic keys. Doubles always have a fraction or exponent. */

#define PLANT_RPC_JSON_MAX_DEPTH 128

GVariant *plant_rpc_json_parse (const char  *data,
                                gsize        length,
                                GError     **error);
gboolean  plant_rpc_json_write (GVariant    *value,
                                GString     *out,
                                GError     **error);

G_END_DECLS

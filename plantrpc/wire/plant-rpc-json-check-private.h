/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the bytes once and refuses all that is not one JSON value (RFC 8259, in UTF-8), apart from
 * Python's NaN, Infinity and -Infinity: PLANT_RPC_ERROR_PROTOCOL, or PLANT_RPC_ERROR_LIMIT for
 * nesting, with the byte where it happened.
 *
 * What json-glib would read wrongly, or slowly, is written anew into SAFE, which stays NULL where
 * the bytes can be taken as they are:
 *
 *   NaN, Infinity, -Infinity, an integer of over 309 digits    null
 *   \u0000, a lone surrogate                                   \ufffd
 *   an integer above G_MAXINT64 that fits 64 bits              "<mark>digits"
 *   any other integer beyond 64 bits                           the same with ".0"
 *   a string or name that starts with the mark                 the mark once more in front
 *   a name after so many others that it needs a salt           "<mark>salt" in front: equal
 *                                                              names are no longer equal then */
gboolean plant_rpc_json_check (const char  *data,
                               gsize        length,
                               GString    **safe,
                               GError     **error);

/* U+0001, which JSON can hold only as an escape. */
#define PLANT_RPC_JSON_MARK '\001'

/* In one object, that do without a salt. */
#define PLANT_RPC_JSON_MANY_MEMBERS 256
#define PLANT_RPC_JSON_SALT_LENGTH  16

G_END_DECLS

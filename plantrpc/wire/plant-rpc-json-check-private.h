/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the bytes once, and refuses all that is not one JSON value (RFC 8259, in UTF-8), apart from
 * Python's NaN, Infinity and -Infinity: PLANT_RPC_ERROR_PROTOCOL, or PLANT_RPC_ERROR_LIMIT for the
 * size, the nesting and the number of values, with the byte where it happened. Nothing is built,
 * so that what a refused text costs is the time to read it. */
gboolean plant_rpc_json_check (const char  *data,
                               gsize        length,
                               GError     **error);

G_END_DECLS

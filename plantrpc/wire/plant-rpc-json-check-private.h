/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Checks that DATA is one JSON value (RFC 8259, in UTF-8; Python's NaN, Infinity and -Infinity are
 * accepted). Fails with PLANT_RPC_ERROR_PROTOCOL, or with PLANT_RPC_ERROR_LIMIT for the size, the
 * nesting and the number of values. The message names the byte. Nothing is built, so a refused text
 * costs only the time to read it. */
gboolean plant_rpc_json_check (const char  *data,
                               gsize        length,
                               GError     **error);

G_END_DECLS

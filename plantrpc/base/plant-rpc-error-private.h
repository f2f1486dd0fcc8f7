/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-error.h"

G_BEGIN_DECLS

/* Set ERROR, and return FALSE or NULL for a function that fails with it. */
gboolean plant_rpc_error_fail          (GError        **error,
                                        PlantRpcError   code,
                                        const char     *format,
                                        ...) G_GNUC_PRINTF (3, 4);
#define  plant_rpc_error_fail_null(...) (plant_rpc_error_fail (__VA_ARGS__), NULL)

/* Returns whether both are NULL or say the same. */
gboolean plant_rpc_error_equal         (const GError  *a,
                                        const GError  *b);

/* Converts an error to its name on the wire, and back. A name that is not one of this library
 * becomes REMOTE. */
char   *plant_rpc_error_dup_wire_name (const GError *error);
GError *plant_rpc_error_new_remote    (const char   *wire_name,
                                       const char   *message,
                                       const char   *traceback);

/* The peer that told ERROR is one that knows what became of a request, so the error may be one that
 * is not sent, or whose outcome is unknown. */
void    plant_rpc_error_believe        (GError       *error);

/* Takes the traceback out of ERROR, if it has one. */
void    plant_rpc_error_drop_traceback (GError       *error);

G_END_DECLS

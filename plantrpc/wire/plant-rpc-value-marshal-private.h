/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-value.h"

G_BEGIN_DECLS

/* A whole call in Python's “marshal”, so that the override for Python makes one in one step. */

/* Sets ARGS (av) and KWARGS (a{sv}), neither floating, of what `marshal.dumps ((args, kwargs), 2)`
 * returns. Returns FALSE where plant_rpc_value_from_marshal() would return NULL for one of them. */
gboolean  plant_rpc_value_take_marshal_call   (const guint8  *data,
                                               gsize          length,
                                               GVariant     **args,
                                               GVariant     **kwargs);

/* Returns the same for `marshal.loads ()`, or NULL where plant_rpc_value_to_marshal() would. */
guint8   *plant_rpc_value_call_to_marshal     (GVariant      *args,
                                               GVariant      *kwargs,
                                               gsize         *length);

/* Returns what came of a call, as a tuple: of the value, which is None if VALUE (nullable) and
 * ERROR (nullable) are NULL; of the type and the bytes of a value that marshal cannot tell; or of
 * the domain, code, message and traceback (a text or None) of ERROR. */
guint8   *plant_rpc_value_outcome_to_marshal  (GVariant      *value,
                                               const GError  *error,
                                               gsize         *length);

G_END_DECLS

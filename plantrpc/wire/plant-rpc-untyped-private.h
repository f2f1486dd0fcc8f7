/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The GType of the members of a peer that tells no types, so that each value tells its own. It is a
 * GVariant which GObject transforms to and from booleans, numbers, texts and lists of texts, so
 * such a member can be bound to any widget. */
#define PLANT_RPC_TYPE_UNTYPED (plant_rpc_untyped_get_type ())

/* Thread-safe. */
GType     plant_rpc_untyped_get_type (void);

/* Returns VALUE (nullable) as it comes from JSON, without variants around it: an integer as the
 * first of "x" and "t" that holds it, and nothing as an empty "mv". Any other value is itself. */
GVariant *plant_rpc_untyped_open     (GVariant *value);

G_END_DECLS

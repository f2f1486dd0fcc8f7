/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Sets TARGET, which has the GType of a property or argument of a client, to a value that fits
 * it. */
void mock_value_take (GVariant *source,
                      GValue   *target);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What was typed or read from a file, as a value of a GType. TARGET is initialised. */
gboolean mock_value_take (GVariant  *source,
                          GValue    *target,
                          GError   **error);

G_END_DECLS

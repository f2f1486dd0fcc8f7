/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char     *tool_json_print           (GVariant     *value);
char     *tool_json_print_value     (GVariant     *value);
char     *tool_json_print_tokens    (GVariant     *value);
GVariant *tool_json_parse           (const char   *text,
                                     GError      **error);
GVariant *tool_json_string          (const char   *text);
/* Returns whether VALUE is an integer beyond 64 bits. */
gboolean  tool_json_is_long_integer (GVariant     *value);

G_END_DECLS

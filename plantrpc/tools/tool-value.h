/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* What is typed in a shell, as a value of a type that may be known. */
GVariant *tool_value_parse      (const char            *text,
                                 const char            *type_string,
                                 GError               **error);
GVariant *tool_value_parse_for  (PlantRpcPropertyInfo  *property,
                                 const char            *text,
                                 GError               **error);

/* For people: text without quotes, the rest as JSON. */
char     *tool_value_print      (GVariant              *value);
char     *tool_value_print_args (GVariant              *args);

/* Returns what is inside all variants and maybes around VALUE, or an empty maybe. */
GVariant *tool_value_unbox      (GVariant              *value);
/* Returns FALSE if VALUE is no number. */
gboolean  tool_value_get_number (GVariant              *value,
                                 double                *number);

/* For people: “int32” for i, “strings” for as. */
char     *tool_value_name_type  (const char            *type_string);

G_END_DECLS

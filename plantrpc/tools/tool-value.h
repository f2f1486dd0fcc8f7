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

GVariant *tool_value_fit        (PlantRpcPropertyInfo  *property,
                                 GVariant              *value);

/* For people: text without quotes, the rest as JSON. */
char     *tool_value_print      (GVariant              *value);
char     *tool_value_print_args (GVariant              *args);

gboolean  tool_value_get_number (GVariant              *value,
                                 double                *number);
int       tool_value_compare    (GVariant              *a,
                                 GVariant              *b,
                                 gboolean              *comparable);

/* For people: “int32” for i, “strings” for as. */
char     *tool_value_name_type  (const char            *type_string);

G_END_DECLS

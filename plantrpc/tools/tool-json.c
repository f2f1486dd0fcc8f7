/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-json.h"

#include <string.h>

#include "plant-rpc-json-private.h"
#include "tool-json-layout.h"

static char *
print_by (GVariant *value,
          gboolean (*write) (GVariant *value, GString *out, GError **error))
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!write (value, out, NULL))
    g_string_assign (out, "null");
  return tool_json_escape (out->str);
}

/* VALUE, which is sunk, on one line. What is nested beyond all reason is null. */
char *
tool_json_print (GVariant *value)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);

  return tool_json_print_value (owned);
}

/* Prints VALUE, which is borrowed, on one line. Characters that a terminal interprets are escaped
 * even if the output is not a terminal; a program that reads the JSON gets the same text. */
char *
tool_json_print_value (GVariant *value)
{
  return print_by (value, plant_rpc_json_write);
}

/* As tool_json_print_value(), but the numbers that JSON lacks are told, as tool_json_parse() takes
 * them. */
char *
tool_json_print_tokens (GVariant *value)
{
  return print_by (value, plant_rpc_json_write_message);
}

GVariant *
tool_json_parse (const char  *text,
                 GError     **error)
{
  return plant_rpc_json_parse (text, strlen (text), error);
}

gboolean
tool_json_is_long_integer (GVariant *value)
{
  g_autoptr (GVariant) kind = NULL;

  if (!g_variant_is_of_type (value, PLANT_RPC_JSON_KEPT))
    return FALSE;
  kind = g_variant_get_child_value (value, 0);
  return g_variant_get_byte (kind) == PLANT_RPC_JSON_INTEGER;
}

/* Whatever bytes TEXT has, as text. */
GVariant *
tool_json_string (const char *text)
{
  return g_variant_new_take_string (g_utf8_make_valid (text, -1));
}

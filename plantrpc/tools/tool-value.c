/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-value.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-json-number-private.h"
#include "tool-json.h"

static GVariant *
fail (const char  *text,
      const char  *expected,
      GError     **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE, _("expected %s, got “%s”"),
               expected, text);
  return NULL;
}

static GVariant *
parse_boolean (const char  *text,
               GError     **error)
{
  static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (g_ascii_strcasecmp (text, words[i]) == 0)
        return g_variant_ref_sink (g_variant_new_boolean (i % 2));
    }
  return fail (text, _("true or false"), error);
}

static GVariant *
parse_integer (const char *text)
{
  gint64 number;
  guint64 natural;

  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return g_variant_ref_sink (g_variant_new_int64 (number));
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &natural, NULL))
    return g_variant_ref_sink (g_variant_new_uint64 (natural));
  return NULL;
}

static GVariant *
parse_double (const char  *text,
              GError     **error)
{
  char *end = NULL;
  double number = g_ascii_strtod (text, &end);

  if (end == text || *end != '\0' || strpbrk (text, "xX") != NULL)
    return fail (text, _("a number"), error);
  if (isinf (number) && strpbrk (text, "0123456789") != NULL)
    return fail (text, _("a number that a double can hold"), error);
  return g_variant_ref_sink (g_variant_new_double (number));
}

/* Text is what was typed, unless that is text in JSON. */
static GVariant *
parse_string (const char *text)
{
  g_autoptr (GVariant) value = NULL;

  if (*text == '"')
    value = tool_json_parse (text, NULL);
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_steal_pointer (&value);
  return g_variant_ref_sink (tool_json_string (text));
}

static GVariant *
parse_strings (const char  *text,
               GError     **error)
{
  g_auto (GStrv) parts = NULL;

  if (*text == '[')
    return tool_json_parse (text, error);
  parts = g_strsplit (text, ",", -1);
  return g_variant_ref_sink (g_variant_new_strv ((const char *const *) parts, -1));
}

/* Text that begins like JSON and is none is refused, since it is rather JSON with a mistake than a
 * text to be sent. */
static GVariant *
parse_any (const char  *text,
           GError     **error)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *number = g_strdup (text);
  const char *start = text + strspn (text, " \t\n\r");

  value = tool_json_parse (text, &reason);
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return parse_double (g_strstrip (number), error);
  if (value != NULL)
    return g_steal_pointer (&value);
  if (*start == '\0' || strchr ("{[\"", *start) == NULL)
    return parse_string (text);
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
               /* Translators: what was typed, and where the mistake is */
               _("“%s” begins like JSON. %s"), text, reason->message);
  return NULL;
}

static GVariant *
parse_structure (const char  *text,
                 const char  *type_string,
                 GError     **error)
{
  g_autoptr (GVariant) value = tool_json_parse (text, NULL);
  g_autofree char *expected = NULL;

  if (value != NULL)
    return g_steal_pointer (&value);
  expected = g_strdup_printf (_("JSON for the type %s"), type_string);
  return fail (text, expected, error);
}

/* An integer stays one also where a double is expected: JSON has both, and so has Python. */
GVariant *
tool_value_parse (const char  *text,
                  const char  *type_string,
                  GError     **error)
{
  GVariant *integer;

  if (type_string == NULL || *type_string == '\0' || g_str_equal (type_string, "v"))
    return parse_any (text, error);
  if (g_str_equal (type_string, "as"))
    return parse_strings (text, error);
  if (type_string[1] != '\0')
    return parse_structure (text, type_string, error);
  if (strchr ("sog", *type_string) != NULL)
    return parse_string (text);
  if (*type_string == 'b')
    return parse_boolean (text, error);
  integer = parse_integer (text);
  if (integer != NULL)
    return integer;
  return *type_string == 'd' ? parse_double (text, error) : fail (text, _("an integer"), error);
}

/* An integer beyond 64 bits is sent with each digit where the device declares no type. */
static GVariant *
parse_long_integer (PlantRpcPropertyInfo *property,
                    const char           *text)
{
  g_autoptr (GVariant) value = tool_json_parse (text, NULL);
  g_autoptr (GVariant) fitted = NULL;

  if (value == NULL || !tool_json_is_long_integer (value))
    return NULL;
  fitted = plant_rpc_property_info_fit_value (property, value, NULL);
  return fitted != NULL && tool_json_is_long_integer (fitted) ? g_steal_pointer (&value) : NULL;
}

GVariant *
tool_value_parse_for (PlantRpcPropertyInfo  *property,
                      const char            *text,
                      GError               **error)
{
  GVariant *integer = parse_long_integer (property, text);

  if (integer != NULL)
    return integer;
  return tool_value_parse (text, plant_rpc_property_info_get_type_string (property), error);
}

GVariant *
tool_value_unbox (GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  if (!(g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT) ||
        g_variant_is_of_type (value, G_VARIANT_TYPE_MAYBE)) ||
      g_variant_n_children (value) == 0)
    return g_variant_ref (value);
  inner = g_variant_get_child_value (value, 0);
  return tool_value_unbox (inner);
}

gboolean
tool_value_get_number (GVariant *value,
                       double   *number)
{
  g_autoptr (GVariant) inner = tool_value_unbox (value);
  g_autofree char *text = NULL;
  char *end = NULL;

  if (!tool_json_is_long_integer (inner) &&
      (!g_variant_type_is_basic (g_variant_get_type (inner)) ||
       strchr ("ynqiuxtd", *g_variant_get_type_string (inner)) == NULL))
    return FALSE;
  if (g_variant_is_of_type (inner, G_VARIANT_TYPE_DOUBLE))
    {
      *number = g_variant_get_double (inner);
      return TRUE;
    }
  text = tool_json_print_value (inner);
  *number = g_ascii_strtod (text, &end);
  return *end == '\0';
}

static char *
print_double (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  plant_rpc_json_print_double (text, number);
  return g_strdup (text);
}

static gboolean
is_finite (GVariant *value)
{
  return g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE) &&
         isfinite (g_variant_get_double (value));
}

char *
tool_value_print (GVariant *value)
{
  g_autoptr (GVariant) inner = tool_value_unbox (value);

  if (g_variant_is_of_type (inner, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (inner, NULL);
  if (is_finite (inner))
    return print_double (g_variant_get_double (inner));
  return tool_json_print_tokens (inner);
}

/* The arguments of a signal, an av. */
char *
tool_value_print_args (GVariant *args)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (gsize i = 0; i < g_variant_n_children (args); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (args, i);
      g_autofree char *text = tool_json_print_tokens (child);

      g_string_append_printf (out, "%s%s", i > 0 ? " " : "", text);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
tool_value_name_type (const char *type_string)
{
  static const char *const names[][2] = {
    { "b", "boolean" }, { "y", "uint8" }, { "n", "int16" }, { "q", "uint16" }, { "i", "int32" },
    { "u", "uint32" }, { "x", "int64" }, { "t", "uint64" }, { "d", "double" }, { "s", "string" },
    { "as", "strings" }, { "v", "any" }, { "", "any" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_str_equal (type_string, names[i][0]))
        return g_strdup (names[i][1]);
    }
  return g_strdup (type_string);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <plantrpc/plantrpc.h>

#include "value-text.h"

#define MAX_ARGUMENTS 160 /* characters */

gboolean
scanner_value_text_is_size (const char *type_string)
{
  return g_str_equal (type_string, "(ii)") || g_str_equal (type_string, "(uu)");
}

static char *
print_size (GVariant *value)
{
  g_autoptr (GVariant) width = g_variant_get_child_value (value, 0);
  g_autoptr (GVariant) height = g_variant_get_child_value (value, 1);
  g_autofree char *first = g_variant_print (width, FALSE);
  g_autofree char *second = g_variant_print (height, FALSE);

  return g_strdup_printf ("%s × %s", first, second);
}

/* (transfer full) (nullable): NULL if the texts cannot be told apart that way. */
static char *
print_texts (GVariant *value)
{
  g_autofree const char **texts = g_variant_get_strv (value, NULL);

  for (guint i = 0; texts[i] != NULL; i++)
    {
      if (*texts[i] == '\0' || *texts[i] == '[' || strchr (texts[i], ',') != NULL)
        return NULL;
    }
  return g_strjoinv (", ", (char **) texts);
}

/* (transfer full) */
char *
scanner_value_text_of (GVariant *value)
{
  char *texts = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    texts = print_texts (value);
  if (texts != NULL)
    return texts;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (scanner_value_text_is_size (g_variant_get_type_string (value)))
    return print_size (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return g_strdup_printf ("%.10g", g_variant_get_double (value));
  return json_gvariant_serialize_data (value, NULL);
}

/* (transfer full): what a device or its error says, for a label that takes markup. */
char *
scanner_value_text_to_markup (const char *text)
{
  g_autofree char *shown = plant_rpc_text_escape (text);

  return g_markup_escape_text (shown, -1);
}

static char *
shorten (const char *text)
{
  g_autofree char *start = NULL;

  if (g_utf8_strlen (text, -1) <= MAX_ARGUMENTS)
    return g_strdup (text);
  start = g_utf8_substring (text, 0, MAX_ARGUMENTS);
  return g_strconcat (start, "…", NULL);
}

/* (transfer full): the members of a tuple or array, which may be NULL. */
char *
scanner_value_text_of_arguments (GVariant *args)
{
  gsize n_arguments = args != NULL ? g_variant_n_children (args) : 0;
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < n_arguments; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (args, i);
      g_autoptr (GVariant) boxed = NULL;
      g_autofree char *argument = NULL;

      if (g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT))
        boxed = g_variant_get_variant (child);
      argument = scanner_value_text_of (boxed != NULL ? boxed : child);
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", argument);
    }
  return shorten (text->str);
}

/* What a person puts between two numbers becomes what JSON has there. */
static char *
size_to_json (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t,;x*", -1);
  g_autoptr (GString) json = g_string_new ("[");

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (*words[i] != '\0')
        g_string_append_printf (json, "%s%s", json->len > 1 ? "," : "", words[i]);
    }
  g_string_append_c (json, ']');
  g_string_replace (json, ",×,", ",", 0);
  g_string_replace (json, "×", ",", 0);
  return g_string_free (g_steal_pointer (&json), FALSE);
}

static GVariant *
parse_texts (const char *text)
{
  g_auto (GStrv) texts = g_strsplit (text, ",", -1);

  for (guint i = 0; texts[i] != NULL; i++)
    g_strstrip (texts[i]);
  return g_variant_ref_sink (g_variant_new_strv ((const char *const *) texts, -1));
}

/* (transfer full): type_string is empty or "v" where the value may be of any type. */
GVariant *
scanner_value_text_parse (const char  *text,
                          const char  *type_string,
                          GError     **error)
{
  gboolean any = *type_string == '\0' || g_str_equal (type_string, "v");
  gboolean size = scanner_value_text_is_size (type_string);
  g_autoptr (GError) reason = NULL;
  g_autofree char *json = NULL;
  GVariant *value;

  if (g_str_equal (type_string, "s"))
    return g_variant_ref_sink (g_variant_new_string (text));
  if (g_str_equal (type_string, "as") && *text != '[')
    return parse_texts (text);
  json = size ? size_to_json (text) : g_strdup (text);
  value = json_gvariant_deserialize_data (json, -1, any ? NULL : type_string, &reason);
  if (value != NULL)
    return g_variant_ref_sink (value);
  if (!size)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("This is not JSON: %s"),
                 reason != NULL ? reason->message : text);
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _("Width and height are expected, as in 640 × 480"));
  return NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "vala-values.h"

#include <math.h>

#include "text.h"

#define LINE_START "\n      "

char *
vala_attribute_literal (const char *text)
{
  g_autofree char *quoted = text_to_c_literal (text);
  g_autofree char *inner = g_strndup (quoted + 1, strlen (quoted) - 2);

  return text_to_vala_literal (inner);
}

char *
vala_timeout (int timeout)
{
  return timeout == PLANT_RPC_TIMEOUT_NONE ? g_strdup ("PlantRpc.TIMEOUT_NONE")
                                           : g_strdup_printf ("%d", timeout);
}

static char *
double_of (double value)
{
  if (isnan (value))
    return g_strdup ("double.NAN");
  if (isinf (value))
    return g_strdup (value < 0 ? "-double.INFINITY" : "double.INFINITY");
  return text_to_double_literal (value);
}

static char *
number_of (GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return double_of (g_variant_get_double (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64) &&
      g_variant_get_int64 (value) == G_MININT64)
    return g_strdup ("(-9223372036854775807 - 1)");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT32) &&
      g_variant_get_int32 (value) == G_MININT32)
    return g_strdup ("(-2147483647 - 1)");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTE))
    return g_strdup_printf ("%u", g_variant_get_byte (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    return g_strdup_printf ("%uU", g_variant_get_uint32 (value));
  return g_variant_print (value, FALSE);
}

static char *
list_of (GVariant *value)
{
  g_autofree const char **words = g_variant_get_strv (value, NULL);
  GString *text = g_string_new ("{ ");

  for (gsize i = 0; words[i] != NULL; i++)
    {
      g_autofree char *literal = text_to_vala_literal (words[i]);

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", literal);
    }
  return g_string_free (g_string_append (text, " }"), FALSE);
}

static char *
variant_of (GVariant *value)
{
  g_autofree char *text = g_variant_print (value, TRUE);
  g_autofree char *literal = text_to_vala_literal (text);

  return g_strdup_printf ("new GLib.Variant.parsed (%s)", literal);
}

static char *
literal_of (const Kind *kind,
            GVariant   *value)
{
  if (kind == kind_variant ())
    return variant_of (value);
  if (kind_is_list (kind))
    return list_of (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return text_to_vala_literal (g_variant_get_string (value, NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? "true" : "false");
  return kind->minimum != NULL ? number_of (value) : NULL;
}

/* The enumerator of the choice that has this nick; NULL if there is none. */
static char *
choice_of (Member     *member,
           const char *nick)
{
  for (guint i = 0; member->choices[i] != NULL; i++)
    {
      g_autofree char *key = g_strdup_printf ("choice-%u", i);

      if (g_str_equal (member->choices[i], nick))
        return g_strdup_printf ("%s.%s", scope_get (member->scope, "Enum"),
                                scope_get (member->scope, key));
    }
  return NULL;
}

static char *
flags_of (Member   *member,
          GVariant *value)
{
  g_autofree const char **nicks = value != NULL ? g_variant_get_strv (value, NULL) : NULL;
  GString *text = g_string_new (NULL);

  for (gsize i = 0; nicks != NULL && nicks[i] != NULL; i++)
    {
      g_autofree char *choice = choice_of (member, nicks[i]);

      if (choice != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? " | " : "", choice);
    }
  return g_string_free (text, text->len == 0);
}

/* Without a default an enumeration begins with its first choice, which may not be 0. */
char *
vala_value (Member *member)
{
  GVariant *value = member->default_value;

  if (member->kind == kind_flags ())
    return flags_of (member, value);
  if (member->choices != NULL)
    return choice_of (member, value != NULL ? g_variant_get_string (value, NULL)
                                            : member->choices[0]);
  if (value == NULL && member->kind->minimum != NULL)
    value = member_get_nearest (member);
  return value != NULL ? literal_of (member->kind, value) : NULL;
}

static char *
to_variant (Argument *argument)
{
  if (argument->kind->vala_new == NULL)
    return g_strdup (argument->identifier);
  return g_strdup_printf ("new GLib.Variant.%s (%s)", argument->kind->vala_new,
                          argument->identifier);
}

/* Only the last ones can be left out. */
static gboolean
can_default (Member *member,
             guint   from)
{
  for (guint i = from; i < member->arguments->len; i++)
    {
      if (((Argument *) g_ptr_array_index (member->arguments, i))->preset == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
append_parameter (GString *params,
                  Member  *member,
                  guint    index)
{
  Argument *argument = g_ptr_array_index (member->arguments, index);
  gboolean omittable = argument_is_omittable (argument);
  g_autofree char *preset = NULL;

  if (argument->preset != NULL && can_default (member, index))
    preset = omittable ? g_strdup ("null") : literal_of (argument->kind, argument->preset);
  g_string_append_printf (params, "%s%s %s%s%s," LINE_START, argument->kind->vala,
                          omittable ? "?" : "", argument->identifier, preset != NULL ? " = " : "",
                          preset != NULL ? preset : "");
}

static void
append_named (GString *pack,
              Member  *member,
              guint    from)
{
  if (from < member->arguments->len)
    g_string_append (pack, "    var kwargs = new GLib.VariantDict ();\n");
  for (guint i = from; i < member->arguments->len; i++)
    {
      Argument *argument = g_ptr_array_index (member->arguments, i);
      g_autofree char *value = to_variant (argument);
      g_autofree char *name = text_to_vala_literal (argument->wire_name);

      if (argument_is_omittable (argument))
        g_string_append_printf (pack, "    if (%s != null)\n  ", argument->identifier);
      g_string_append_printf (pack, "    kwargs.insert_value (%s, %s);\n", name, value);
    }
}

void
vala_set_call (Member *member)
{
  g_autoptr (GString) params = g_string_new (NULL);
  g_autoptr (GString) pack = g_string_new (NULL);
  guint n_placed = member_count_placed (member);
  gboolean raw = member_is_raw (member);

  for (guint i = 0; i < member->arguments->len; i++)
    append_parameter (params, member, i);
  if (n_placed > 0)
    g_string_append (pack, "    GLib.Variant[] args = {");
  for (guint i = 0; i < n_placed; i++)
    {
      g_autofree char *value = to_variant (g_ptr_array_index (member->arguments, i));

      g_string_append_printf (pack, "%s %s", i > 0 ? "," : "", value);
    }
  if (n_placed > 0)
    g_string_append (pack, " };\n");
  append_named (pack, member, n_placed);
  scope_set (member->scope, "params", raw ? "GLib.Variant? args = null," LINE_START
                                            "GLib.Variant? kwargs = null," LINE_START
                                          : params->str);
  scope_set (member->scope, "pack", pack->str);
  scope_set (member->scope, "args",
             raw ? "args" : n_placed > 0 ? "new GLib.Variant.tuple (args)" : "null");
  scope_set (member->scope, "kwargs",
             raw ? "kwargs" : n_placed < member->arguments->len ? "kwargs.end ()" : "null");
}

void
vala_set_handler (Member *member)
{
  g_autoptr (GString) params = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);

  if (member_is_raw (member))
    {
      g_string_append (params, "GLib.Variant args, GLib.Variant kwargs," LINE_START);
      g_string_append (values, "invocation.get_args (), invocation.get_kwargs (), ");
    }
  for (guint i = 0; i < member->arguments->len; i++)
    {
      Argument *argument = g_ptr_array_index (member->arguments, i);
      const char *get = kind_is_list (argument->kind) ? "dup_strv" : argument->kind->vala_get;

      g_string_append_printf (params, "%s %s," LINE_START, argument->kind->vala,
                              argument->identifier);
      g_string_append_printf (values, "nth (invocation, %u)%s%s%s, ", i, get != NULL ? "." : "",
                              get != NULL ? get : "", get != NULL ? " ()" : "");
    }
  scope_set (member->scope, "params", params->str);
  scope_set (member->scope, "values", values->str);
}

/* How the GVariant “value” is read. */
static char *
read_value (const Kind *kind)
{
  if (kind_is_list (kind))
    return g_strdup ("    return value.dup_strv ();\n");
  return g_strdup_printf ("    return value.%s ();\n", kind->vala_get);
}

void
vala_set_result (Member *member)
{
  const Kind *kind = member_get_result (member);
  gboolean variant = kind == kind_variant ();
  gboolean typed = kind != NULL && !variant;

  scope_set (member->scope, "result", kind != NULL ? kind->vala : "void");
  scope_set (member->scope, "take", variant ? "return " : typed ? "var value = " : "");
  scope_take (member->scope, "hand", typed ? read_value (kind) : g_strdup (""));
  scope_take (member->scope, "given_type",
              g_strconcat (kind != NULL ? kind->vala : "void",
                           member->returned == NULL ? "?" : "", NULL));
  scope_set (member->scope, "given_take", kind != NULL ? "var value = " : "");
  scope_take (member->scope, "given", kind == NULL ? g_strdup ("null")
              : variant ? g_strdup ("value")
                        : g_strdup_printf ("new GLib.Variant.%s (value)", kind->vala_new));
}

/* The default that Vala leaves out of the GParamSpec: it writes only that of a number, a choice or
 * a boolean, and only if the property can be written. A GParamSpec of a list has none. */
static char *
left_out_default (Member *member)
{
  gboolean written = member->writable && !kind_is_pointer (member->kind) &&
                     member->kind != kind_flags ();

  return written || kind_is_list (member->kind) ? NULL : vala_value (member);
}

static const char *
variant_type_of (Member *member)
{
  gboolean known = member->kind == kind_variant () && !g_str_equal (member->type_string, "v") &&
                   g_variant_type_string_is_valid (member->type_string);

  return known ? member->type_string : NULL;
}

/* A limit in Vala, or NULL. An integer of 16 bits is kept in 32, so it has limits in any case. */
static char *
limit_of (Member     *member,
          GVariant   *limit,
          const char *signed_limit,
          const char *unsigned_limit)
{
  if (limit != NULL)
    return number_of (limit);
  if (g_str_equal (member->kind->type_string, "n"))
    return g_strdup (signed_limit);
  return g_strdup (g_str_equal (member->kind->type_string, "q") ? unsigned_limit : NULL);
}

/* Statements that give a GParamSpec, found by FIND, what no property in Vala can declare. */
static void
append_spec (GString    *out,
             Member     *member,
             const char *find)
{
  g_autofree char *minimum = limit_of (member, member->minimum, "int16.MIN", NULL);
  g_autofree char *maximum = limit_of (member, member->maximum, "int16.MAX", "uint16.MAX");
  g_autofree char *preset = left_out_default (member);
  const char *type = variant_type_of (member);
  const char *name = scope_get (member->scope, "plain");

  if (minimum == NULL && maximum == NULL && preset == NULL && type == NULL)
    return;
  g_string_append_printf (out, "    unowned var %s_spec = (GLib.%s) %s\"%s\");\n", name,
                          member->kind->vala_spec, find, member->name);
  if (minimum != NULL)
    g_string_append_printf (out, "    %s_spec.minimum = %s;\n", name, minimum);
  if (maximum != NULL)
    g_string_append_printf (out, "    %s_spec.maximum = %s;\n", name, maximum);
  if (type != NULL)
    g_string_append_printf (out, "    %s_spec.type = new GLib.VariantType (\"%s\");\n", name, type);
  if (preset != NULL)
    g_string_append_printf (out, "    %s_spec.default_value = %s;\n", name, preset);
}

char *
vala_specs (Model      *model,
            const char *find)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < model->properties->len; i++)
    append_spec (out, g_ptr_array_index (model->properties, i), find);
  return g_string_free (out, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "c.h"
#include "text.h"

/* Integers as wide as their type, of either sign. */
static char *
integer (GVariant *value)
{
  g_autofree char *digits = NULL;

  switch (*g_variant_get_type_string (value))
    {
    case 'y':
      return g_strdup_printf ("%u", g_variant_get_byte (value));
    case 'u':
      return g_strdup_printf ("%uu", g_variant_get_uint32 (value));
    case 'i':
      if (g_variant_get_int32 (value) == G_MININT32)
        return g_strdup ("G_MININT");
      break;
    case 'x':
      if (g_variant_get_int64 (value) == G_MININT64)
        return g_strdup ("G_MININT64");
      break;
    default:
      break;
    }
  digits = g_variant_print (value, FALSE);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return g_strdup_printf ("G_GINT64_CONSTANT (%s)", digits);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return g_strdup_printf ("G_GUINT64_CONSTANT (%s)", digits);
  return g_steal_pointer (&digits);
}

static char *
list (GVariant *value)
{
  g_autofree const char **words = g_variant_get_strv (value, NULL);
  GString *text = g_string_new ("(const char *const []) { ");

  for (gsize i = 0; words[i] != NULL; i++)
    {
      g_autofree char *literal = text_to_c_literal (words[i]);

      g_string_append_printf (text, "%s, ", literal);
    }
  return g_string_free (g_string_append (text, "NULL }"), FALSE);
}

static char *
c_variant (GVariant *value)
{
  g_autofree char *text = g_variant_print (value, FALSE);
  g_autofree char *literal = text_to_c_literal (text);
  g_autofree char *type = text_to_c_literal (g_variant_get_type_string (value));

  return g_strdup_printf ("new_variant (%s, %s)", type, literal);
}

static int
index_of (Member     *member,
          const char *nick)
{
  for (int i = 0; member->choices[i] != NULL; i++)
    {
      if (g_str_equal (member->choices[i], nick))
        return i;
    }
  return 0;
}

static char *
choice (Member   *member,
        GVariant *value)
{
  g_autofree const char **nicks = NULL;
  GString *text;

  if (member->kind == kind_enum ())
    {
      int index = value != NULL ? index_of (member, g_variant_get_string (value, NULL)) : 0;
      g_autofree char *key = g_strdup_printf ("choice-%d", index);

      return g_strdup (scope_get (member->scope, key));
    }
  text = g_string_new (NULL);
  nicks = value != NULL ? g_variant_get_strv (value, NULL) : NULL;
  for (gsize i = 0; nicks != NULL && nicks[i] != NULL; i++)
    {
      g_autofree char *key = g_strdup_printf ("choice-%d", index_of (member, nicks[i]));

      g_string_append_printf (text, "%s%s", i > 0 ? " | " : "", scope_get (member->scope, key));
    }
  return g_string_free (g_string_append (text, text->len == 0 ? "0" : ""), FALSE);
}

char *
c_value (Member   *member,
         GVariant *value)
{
  const Kind *kind = member->kind;

  if (kind == kind_enum () || kind == kind_flags ())
    return choice (member, value);
  if (kind == kind_variant ())
    return value != NULL ? c_variant (value) : g_strdup ("NULL");
  if (value == NULL && kind->minimum != NULL)
    value = member_get_nearest (member);
  if (value == NULL)
    return g_strdup (kind->zero);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? "TRUE" : "FALSE");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return text_to_double_literal (g_variant_get_double (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return text_to_c_literal (g_variant_get_string (value, NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    return list (value);
  return integer (value);
}

static char *
limit (Member     *member,
       GVariant   *value,
       const char *widest)
{
  return value != NULL ? c_value (member, value) : g_strdup (widest);
}

static const char *
access_flags (Member *member)
{
  return !member->writable ? "TOLD" : !member->readable ? "TAKEN" : "TOLD | TAKEN";
}

char *
c_param_spec (Member *member)
{
  const Kind *kind = member->kind;
  g_autofree char *blurb =
    member->description != NULL ? text_to_c_literal (member->description) : g_strdup ("NULL");
  g_autofree char *preset = c_value (member, member->default_value);
  g_autofree char *given = g_strdup_printf ("\"%s\", NULL, %s", member->name, blurb);
  const char *flags = access_flags (member);
  const char *type = g_variant_type_string_is_valid (member->type_string) ? member->type_string
                                                                          : "v";

  if (kind == kind_enum () || kind == kind_flags ())
    return g_strdup_printf ("g_param_spec_%s (%s, %s, %s, %s)", kind->pspec, given,
                            scope_get (member->scope, "ENUM_TYPE"), preset, flags);
  if (kind == kind_variant ())
    return g_strdup_printf ("g_param_spec_variant (%s, G_VARIANT_TYPE (\"%s\"), %s, %s)", given,
                            g_str_equal (type, "v") ? "*" : type, preset, flags);
  if (kind->pspec == NULL)
    return g_strdup_printf ("g_param_spec_boxed (%s, G_TYPE_STRV, %s)", given, flags);
  if (kind->minimum != NULL)
    {
      g_autofree char *minimum = limit (member, member->minimum, kind->minimum);
      g_autofree char *maximum = limit (member, member->maximum, kind->maximum);

      return g_strdup_printf ("g_param_spec_%s (%s, %s, %s, %s, %s)", kind->pspec, given, minimum,
                              maximum, preset, flags);
    }
  return g_strdup_printf ("g_param_spec_%s (%s, %s, %s)", kind->pspec, given, preset, flags);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "probe.h"

/* Written once more, so that the tests do not judge the library by itself. */

static int
find_enum (GType       type,
           const char *nick)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value_by_nick (klass, nick);

  g_assert_nonnull (found);
  return found->value;
}

static guint
find_flags (GType     type,
            GVariant *nicks)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (type);
  GVariantIter iter;
  const char *nick;
  guint flags = 0;

  g_variant_iter_init (&iter, nicks);
  while (g_variant_iter_next (&iter, "&s", &nick))
    flags |= g_flags_get_value_by_nick (klass, nick)->value;
  return flags;
}

static void
set_number (GValue   *value,
            GVariant *variant)
{
  switch (G_VALUE_TYPE (value))
    {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, g_variant_get_boolean (variant));
      return;
    case G_TYPE_INT:
      g_value_set_int (value, g_variant_get_int32 (variant));
      return;
    case G_TYPE_UINT:
      g_value_set_uint (value, g_variant_get_uint32 (variant));
      return;
    case G_TYPE_INT64:
      g_value_set_int64 (value, g_variant_get_int64 (variant));
      return;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, g_variant_get_uint64 (variant));
      return;
    case G_TYPE_DOUBLE:
    default:
      g_value_set_double (value, g_variant_get_double (variant));
    }
}

void
test_value_from_variant (GValue   *value,
                         GType     type,
                         GVariant *variant)
{
  g_value_init (value, type);
  if (type == G_TYPE_STRING && g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING))
    g_value_set_string (value, g_variant_get_string (variant, NULL));
  else if (type == G_TYPE_STRING)
    g_value_set_string (value, NULL);
  else if (type == G_TYPE_STRV)
    g_value_take_boxed (value, g_variant_dup_strv (variant, NULL));
  else if (g_type_is_a (type, G_TYPE_VARIANT))
    g_value_set_variant (value, variant);
  else if (G_TYPE_IS_ENUM (type))
    g_value_set_enum (value, find_enum (type, g_variant_get_string (variant, NULL)));
  else if (G_TYPE_IS_FLAGS (type))
    g_value_set_flags (value, find_flags (type, variant));
  else
    set_number (value, variant);
}

static GVariant *
number_to_variant (const GValue *value)
{
  switch (G_VALUE_TYPE (value))
    {
    case G_TYPE_BOOLEAN:
      return g_variant_new_boolean (g_value_get_boolean (value));
    case G_TYPE_INT:
      return g_variant_new_int32 (g_value_get_int (value));
    case G_TYPE_UINT:
      return g_variant_new_uint32 (g_value_get_uint (value));
    case G_TYPE_INT64:
      return g_variant_new_int64 (g_value_get_int64 (value));
    case G_TYPE_UINT64:
      return g_variant_new_uint64 (g_value_get_uint64 (value));
    case G_TYPE_DOUBLE:
    default:
      return g_variant_new_double (g_value_get_double (value));
    }
}

static GVariant *
flags_to_variant (const GValue *value)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (G_VALUE_TYPE (value));
  guint flags = g_value_get_flags (value);
  GVariantBuilder nicks;

  g_variant_builder_init (&nicks, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < klass->n_values; i++)
    {
      if ((klass->values[i].value & flags) != 0)
        g_variant_builder_add (&nicks, "s", klass->values[i].value_nick);
    }
  return g_variant_builder_end (&nicks);
}

static GVariant *
to_floating_variant (const GValue *value)
{
  if (G_VALUE_HOLDS_STRING (value))
    return g_value_get_string (value) != NULL
               ? g_variant_new_string (g_value_get_string (value))
               : g_variant_new_maybe (G_VARIANT_TYPE_STRING, NULL);
  if (G_VALUE_TYPE (value) == G_TYPE_STRV)
    return g_variant_new_strv (g_value_get_boxed (value), -1);
  if (G_VALUE_HOLDS_ENUM (value))
    {
      g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (value));

      return g_variant_new_string (g_enum_get_value (klass, g_value_get_enum (value))->value_nick);
    }
  if (G_VALUE_HOLDS_FLAGS (value))
    return flags_to_variant (value);
  return number_to_variant (value);
}

GVariant *
test_value_to_variant (const GValue *value)
{
  if (G_VALUE_HOLDS_VARIANT (value))
    return g_value_get_variant (value) != NULL
               ? g_value_dup_variant (value)
               : g_variant_ref_sink (g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  return g_variant_ref_sink (to_floating_variant (value));
}

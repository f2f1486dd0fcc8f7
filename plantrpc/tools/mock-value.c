/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "mock-value.h"

#include <glib/gi18n-lib.h>
#include <plantrpc/plantrpc.h>

#include "tool-json.h"
#include "tool-value.h"

static gboolean
fail (GVariant *source,
      GValue   *target,
      GError  **error)
{
  g_autofree char *text = tool_value_print (source);

  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
               _("the value %s does not fit"), text);
  return FALSE;
}

static GVariant *
unbox (GVariant *value)
{
  g_autoptr (GVariant) inner = NULL;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    return g_variant_ref (value);
  inner = g_variant_get_variant (value);
  return unbox (inner);
}

static gboolean
take_integer (GVariant *source,
              GValue   *target,
              GError  **error)
{
  g_auto (GValue) wide = G_VALUE_INIT;
  g_auto (GValue) back = G_VALUE_INIT;
  gboolean natural = g_variant_is_of_type (source, G_VARIANT_TYPE_UINT64);

  if (!natural && !g_variant_is_of_type (source, G_VARIANT_TYPE_INT64))
    return fail (source, target, error);
  g_value_init (&wide, natural ? G_TYPE_UINT64 : G_TYPE_INT64);
  g_value_init (&back, natural ? G_TYPE_UINT64 : G_TYPE_INT64);
  if (natural)
    g_value_set_uint64 (&wide, g_variant_get_uint64 (source));
  else
    g_value_set_int64 (&wide, g_variant_get_int64 (source));
  /* What does not fit comes back as something else; a sign may be lost on the way. */
  if (!g_value_transform (&wide, target) || !g_value_transform (target, &back) ||
      wide.data[0].v_uint64 != back.data[0].v_uint64 ||
      (!natural && g_value_get_int64 (&wide) < 0 && G_VALUE_HOLDS_UINT64 (target)) ||
      (natural && G_VALUE_HOLDS_INT64 (target) && g_value_get_int64 (target) < 0))
    return fail (source, target, error);
  return TRUE;
}

static gboolean
take_number (GVariant *source,
             GValue   *target,
             GError  **error)
{
  double number;

  if (!tool_value_get_number (source, &number))
    return fail (source, target, error);
  if (G_VALUE_HOLDS_FLOAT (target))
    g_value_set_float (target, (float) number);
  else
    g_value_set_double (target, number);
  return TRUE;
}

static gboolean
take_enum (GVariant *source,
           GValue   *target,
           GError  **error)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (G_VALUE_TYPE (target));
  const GEnumValue *value = NULL;

  if (g_variant_is_of_type (source, G_VARIANT_TYPE_STRING))
    value = g_enum_get_value_by_nick (klass, g_variant_get_string (source, NULL));
  if (value == NULL)
    return fail (source, target, error);
  g_value_set_enum (target, value->value);
  return TRUE;
}

/* The strings of an as or av. */
static char **
dup_strings (GVariant *source)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (!g_variant_type_is_array (g_variant_get_type (source)))
    return NULL;
  for (gsize i = 0; i < g_variant_n_children (source); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (source, i);
      g_autoptr (GVariant) string = unbox (child);

      if (!g_variant_is_of_type (string, G_VARIANT_TYPE_STRING))
        return NULL;
      g_strv_builder_add (builder, g_variant_get_string (string, NULL));
    }
  return g_strv_builder_end (builder);
}

static gboolean
take_flags (GVariant *source,
            GValue   *target,
            GError  **error)
{
  g_autoptr (GFlagsClass) klass = g_type_class_ref (G_VALUE_TYPE (target));
  g_auto (GStrv) nicks = dup_strings (source);
  guint flags = 0;

  for (guint i = 0; nicks != NULL && nicks[i] != NULL; i++)
    {
      const GFlagsValue *value = g_flags_get_value_by_nick (klass, nicks[i]);

      if (value == NULL)
        return fail (source, target, error);
      flags |= value->value;
    }
  if (nicks == NULL)
    return fail (source, target, error);
  g_value_set_flags (target, flags);
  return TRUE;
}

static gboolean
take_strings (GVariant *source,
              GValue   *target,
              GError  **error)
{
  g_auto (GStrv) strings = dup_strings (source);

  if (strings == NULL)
    return fail (source, target, error);
  g_value_take_boxed (target, g_steal_pointer (&strings));
  return TRUE;
}

static gboolean
take_unboxed (GVariant *source,
              GValue   *target,
              GError  **error)
{
  GType type = G_VALUE_TYPE (target);

  if (type == G_TYPE_VARIANT)
    g_value_set_variant (target, source);
  else if (type == G_TYPE_STRV)
    return take_strings (source, target, error);
  else if (type == G_TYPE_DOUBLE || type == G_TYPE_FLOAT)
    return take_number (source, target, error);
  else if (G_TYPE_IS_ENUM (type))
    return take_enum (source, target, error);
  else if (G_TYPE_IS_FLAGS (type))
    return take_flags (source, target, error);
  else if (type == G_TYPE_BOOLEAN && g_variant_is_of_type (source, G_VARIANT_TYPE_BOOLEAN))
    g_value_set_boolean (target, g_variant_get_boolean (source));
  else if (type == G_TYPE_STRING && g_variant_is_of_type (source, G_VARIANT_TYPE_STRING))
    g_value_set_string (target, g_variant_get_string (source, NULL));
  else if (type == G_TYPE_BOOLEAN || type == G_TYPE_STRING)
    return fail (source, target, error);
  else
    return take_integer (source, target, error);
  return TRUE;
}

gboolean
mock_value_take (GVariant *source,
                 GValue   *target,
                 GError  **error)
{
  g_autoptr (GVariant) inner = unbox (source);
  g_autofree char *json = NULL;
  g_autoptr (GVariant) number = NULL;
  double any;

  /* There is one kind of integer here, that of JSON. */
  if (G_VALUE_HOLDS_VARIANT (target) || !tool_value_get_number (inner, &any))
    return take_unboxed (inner, target, error);
  json = tool_json_print_value (inner);
  number = tool_json_parse (json, error);
  return number != NULL && take_unboxed (number, target, error);
}

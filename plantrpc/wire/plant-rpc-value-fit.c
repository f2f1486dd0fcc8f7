/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

static GVariant *convert (GVariant            *variant,
                          const GVariantType  *type,
                          gboolean             coerce,
                          GError             **error);

static gboolean
is_sequence (GVariant *variant)
{
  return g_variant_is_of_type (variant, G_VARIANT_TYPE_TUPLE) ||
         (g_variant_is_of_type (variant, G_VARIANT_TYPE_ARRAY) &&
          !g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY));
}

static GVariant *
convert_element (GVariant            *sequence,
                 gsize                index,
                 const GVariantType  *type,
                 gboolean             coerce,
                 GError             **error)
{
  g_autoptr (GVariant) element = g_variant_get_child_value (sequence, index);
  GVariant *result = convert (element, type, coerce, error);

  if (result == NULL)
    /* Translators: a place in an array; what is wrong there follows */
    g_prefix_error (error, _("element %u: "), (guint) index);
  return result;
}

static GVariant *
convert_array (GVariant            *variant,
               const GVariantType  *type,
               gboolean             coerce,
               GError             **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  gsize length;

  if (!is_sequence (variant))
    return plant_rpc_value_refuse (variant, _("an array"), error);

  length = g_variant_n_children (variant);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) element = convert_element (variant, i, g_variant_type_element (type),
                                                      coerce, error);

      if (element == NULL)
        return NULL;
      g_variant_builder_add_value (&builder, element);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
convert_tuple (GVariant            *variant,
               const GVariantType  *type,
               gboolean             coerce,
               GError             **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  const GVariantType *item = g_variant_type_first (type);
  gsize length = g_variant_type_n_items (type);

  if (!is_sequence (variant) || g_variant_n_children (variant) != length)
    {
      g_autofree char *expected =
        g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "an array of %u element",
                                      "an array of %u elements", length),
                         (guint) length);

      return plant_rpc_value_refuse (variant, expected, error);
    }

  for (gsize i = 0; i < length; i++, item = g_variant_type_next (item))
    {
      g_autoptr (GVariant) element = convert_element (variant, i, item, coerce, error);

      if (element == NULL)
        return NULL;
      g_variant_builder_add_value (&builder, element);
    }
  return g_variant_builder_end (&builder);
}

/* JSON has only strings for keys, so that the text of a key of another type is read here. */
static GVariant *
convert_key (GVariant            *key,
             const GVariantType  *type,
             gboolean             coerce,
             GError             **error)
{
  if (!g_variant_is_of_type (key, G_VARIANT_TYPE_STRING))
    return convert (key, type, coerce, error);

  if (g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
    {
      const char *text = g_variant_get_string (key, NULL);

      if (g_str_equal (text, "true") || g_str_equal (text, "false"))
        return g_variant_ref_sink (g_variant_new_boolean (*text == 't'));
    }
  return convert (key, type, TRUE, error);
}

static GVariant *
convert_entry (GVariant            *entry,
               const GVariantType  *type,
               gboolean             coerce,
               GError             **error)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);
  g_autoptr (GVariant) new_key = convert_key (key, g_variant_type_key (type), coerce, error);
  g_autoptr (GVariant) new_value = NULL;

  if (new_key != NULL)
    new_value = convert (value, g_variant_type_value (type), coerce, error);
  if (new_value == NULL)
    {
      g_autofree char *name = plant_rpc_value_describe (key);

      /* Translators: a place in a dictionary; what is wrong there follows */
      g_prefix_error (error, _("member %s: "), name);
      return NULL;
    }
  return g_variant_new_dict_entry (new_key, new_value);
}

static GVariant *
convert_dictionary (GVariant            *variant,
                    const GVariantType  *type,
                    gboolean             coerce,
                    GError             **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (type);
  gsize length;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY))
    return plant_rpc_value_refuse (variant, _("a dictionary"), error);

  length = g_variant_n_children (variant);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (variant, i);
      GVariant *converted = convert_entry (entry, g_variant_type_element (type), coerce, error);

      if (converted == NULL)
        return NULL;
      g_variant_builder_add_value (&builder, converted);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
convert_maybe (GVariant            *opened,
               const GVariantType  *type,
               gboolean             coerce,
               GError             **error)
{
  const GVariantType *inner_type = g_variant_type_element (type);
  g_autoptr (GVariant) inner = NULL;

  if (plant_rpc_value_is_nothing (opened))
    return g_variant_new_maybe (inner_type, NULL);
  inner = convert (opened, inner_type, coerce, error);
  return inner != NULL ? g_variant_new_maybe (inner_type, inner) : NULL;
}

/* What OPENED becomes, possibly floating. */
static GVariant *
convert_opened (GVariant            *opened,
                const GVariantType  *type,
                gboolean             coerce,
                GError             **error)
{
  if (g_variant_is_of_type (opened, type))
    return g_variant_ref (opened);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return g_variant_new_variant (opened);
  if (!g_variant_type_is_definite (type) || g_variant_type_is_dict_entry (type))
    {
      g_autofree char *type_string = g_variant_type_dup_string (type);
      g_autofree char *expected = g_strdup_printf (_("a value of type %s"), type_string);

      return plant_rpc_value_refuse (opened, expected, error);
    }
  if (g_variant_type_is_maybe (type))
    return convert_maybe (opened, type, coerce, error);
  if (g_variant_type_is_subtype_of (type, G_VARIANT_TYPE_DICTIONARY))
    return convert_dictionary (opened, type, coerce, error);
  if (g_variant_type_is_array (type))
    return convert_array (opened, type, coerce, error);
  if (g_variant_type_is_tuple (type))
    return convert_tuple (opened, type, coerce, error);
  return plant_rpc_value_convert_basic (opened, type, coerce, error);
}

/* Never floating. What has the type already is taken as it is. */
static GVariant *
convert (GVariant            *variant,
         const GVariantType  *type,
         gboolean             coerce,
         GError             **error)
{
  g_autoptr (GVariant) opened = NULL;
  GVariant *result;

  if (g_variant_type_is_definite (type) && g_variant_is_of_type (variant, type))
    return g_variant_ref (variant);
  opened = plant_rpc_value_open (variant);
  result = convert_opened (opened, type, coerce, error);
  return result != NULL ? g_variant_take_ref (result) : NULL;
}

static GVariant *
fit (GVariant    *variant,
     const char  *type_string,
     gboolean     coerce,
     GError     **error)
{
  if (!g_variant_type_string_is_valid (type_string))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
                   _("“%s” is no type of values"), type_string);
      return NULL;
    }
  return convert (variant, G_VARIANT_TYPE (type_string), coerce, error);
}

GVariant *
plant_rpc_value_fit (GVariant    *variant,
                     const char  *type_string,
                     GError     **error)
{
  return fit (variant, type_string, FALSE, error);
}

GVariant *
plant_rpc_value_coerce (GVariant    *variant,
                        const char  *type_string,
                        GError     **error)
{
  return fit (variant, type_string, TRUE, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-description-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-param-spec-private.h"
#include "plant-rpc-property-info.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* Fits a value that somebody gives to a property, as the interface describes it, and makes the
 * GParamSpec of an object that offers the property. */

static GVariant *
refuse_choice (PlantRpcPropertyInfo  *self,
               GVariant              *given,
               GError               **error)
{
  g_autofree char *expected =
    plant_rpc_value_describe_choices ((const char *const *) self->choices);

  return plant_rpc_value_refuse (given, expected, error);
}

/* Returns the index of a choice, or -1. */
static int
find_nick (PlantRpcPropertyInfo *self,
           const char           *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  const char *spellings[] = { text, g_strdelimit (lower, "_", '-') };

  for (guint i = 0; i < G_N_ELEMENTS (spellings); i++)
    {
      for (guint j = 0; self->choices[j] != NULL; j++)
        {
          if (g_str_equal (self->choices[j], spellings[i]))
            return (int) j;
        }
    }
  return -1;
}

static int
find_number (PlantRpcPropertyInfo *self,
             gint                  number)
{
  for (guint i = 0; self->choices[i] != NULL; i++)
    {
      if (self->choice_values[i] == number)
        return (int) i;
    }
  return -1;
}

static GVariant *
fit_choice (PlantRpcPropertyInfo  *self,
            GVariant              *opened,
            GError               **error)
{
  g_autoptr (GVariant) number = plant_rpc_value_fit (opened, "i", NULL);
  int index = -1;

  if (number != NULL)
    index = find_number (self, g_variant_get_int32 (number));
  else if (g_variant_is_of_type (opened, G_VARIANT_TYPE_STRING))
    index = find_nick (self, g_variant_get_string (opened, NULL));
  if (index < 0)
    return refuse_choice (self, opened, error);
  return g_variant_ref_sink (g_variant_new_string (self->choices[index]));
}

static gboolean
read_flag (PlantRpcPropertyInfo *self,
           GVariant             *opened,
           guint                *flags)
{
  g_autoptr (GVariant) number = plant_rpc_value_fit (opened, "u", NULL);
  int index = -1;

  if (number != NULL)
    {
      *flags |= g_variant_get_uint32 (number);
      return TRUE;
    }
  if (g_variant_is_of_type (opened, G_VARIANT_TYPE_STRING))
    index = find_nick (self, g_variant_get_string (opened, NULL));
  if (index >= 0)
    *flags |= (guint) self->choice_values[index];
  return index >= 0;
}

/* Bytes and dictionaries are arrays, too. */
static gboolean
is_list (GVariant *opened)
{
  const char *type_string = g_variant_get_type_string (opened);

  return *type_string == 'a' && type_string[1] != '\0' && type_string[2] == '\0' &&
         strchr ("svnqiuxt", type_string[1]) != NULL;
}

static gboolean
read_flags (PlantRpcPropertyInfo  *self,
            GVariant              *opened,
            guint                 *flags,
            GError               **error)
{
  if (!is_list (opened))
    return read_flag (self, opened, flags) || refuse_choice (self, opened, error) != NULL;
  for (gsize i = 0; i < g_variant_n_children (opened); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (opened, i);
      g_autoptr (GVariant) flag = plant_rpc_value_open (child);

      if (!read_flag (self, flag, flags))
        return refuse_choice (self, flag, error) != NULL;
    }
  return TRUE;
}

/* Flags may overlap: those that add a bit are told. */
static GVariant *
fit_flags (PlantRpcPropertyInfo  *self,
           GVariant              *opened,
           GError               **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  guint flags = 0;
  guint told = 0;

  if (!read_flags (self, opened, &flags, error))
    return NULL;
  for (guint i = 0; self->choices[i] != NULL; i++)
    {
      guint bits = (guint) self->choice_values[i];

      if ((bits & ~flags) != 0 || (bits & ~told) == 0)
        continue;
      g_variant_builder_add (&builder, "s", self->choices[i]);
      told |= bits;
    }
  if (told != flags)
    return refuse_choice (self, opened, error);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* The GParamSpec of a client's property states the range, and gives the error its text. A double is
 * finite even without bounds. */
static GVariant *
fit_number (PlantRpcPropertyInfo  *self,
            GVariant              *opened,
            GError               **error)
{
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (opened, self->type_string, error);
  g_autoptr (GParamSpec) pspec = NULL;
  g_auto (GValue) ignored = G_VALUE_INIT;

  if (fitted == NULL || (self->pspec == NULL && self->minimum == NULL && self->maximum == NULL &&
                         *self->type_string != 'd'))
    return g_steal_pointer (&fitted);
  if (self->pspec != NULL)
    pspec = g_param_spec_ref (self->pspec);
  else
    pspec = g_param_spec_ref_sink (
      plant_rpc_param_spec_new_for_info (self, plant_rpc_runtime_type_of_property (self)));
  if (!plant_rpc_value_from_variant_for (fitted, pspec, &ignored, error))
    return NULL;
  return g_steal_pointer (&fitted);
}

/* A text may be missing, and so may a structure that has no default. */
static gboolean
takes_nothing (PlantRpcPropertyInfo *self)
{
  const char *type_string = self->type_string;

  if (self->choices != NULL)
    return FALSE;
  if (*type_string == '\0' || g_str_equal (type_string, "v") || g_str_equal (type_string, "s"))
    return TRUE;
  return self->default_value == NULL && !g_str_equal (type_string, "as") &&
         !g_variant_type_is_basic (G_VARIANT_TYPE (type_string));
}

static GVariant *
fit (PlantRpcPropertyInfo  *self,
     GVariant              *opened,
     GError               **error)
{
  gboolean nothing = plant_rpc_value_is_nothing (opened);

  if (self->untyped)
    return plant_rpc_untyped_open (opened);
  if (nothing && takes_nothing (self))
    return g_variant_ref_sink (g_variant_new_maybe (
      g_str_equal (self->type_string, "s") ? G_VARIANT_TYPE_STRING : G_VARIANT_TYPE_VARIANT, NULL));
  if (self->choices != NULL)
    return g_str_equal (self->type_string, "as") ? fit_flags (self, opened, error)
                                                 : fit_choice (self, opened, error);
  if (*self->type_string == '\0' || g_str_equal (self->type_string, "v"))
    return g_variant_ref (opened);
  if (!plant_rpc_property_info_is_number (self))
    return plant_rpc_value_fit (opened, self->type_string, error);
  if (nothing)
    return plant_rpc_value_refuse (
        opened, *self->type_string == 'd' ? _("a number") : _("an integer"), error);
  return fit_number (self, opened, error);
}

/**
 * plant_rpc_property_info_fit_value:
 * @self: a property
 * @value: a value
 * @error: return location for an error
 *
 * Converts a value to the type of the property, or tells why it does not fit.
 *
 * A conversion must lose nothing: an integer of any type fits an integer type that can hold its
 * value, and fits a double. Values are never clamped. A choice is given by its number or by its
 * nick, which may also be spelt like a constant in a program, such as `FOR_SESSION`. Flags are
 * given by one choice or by an array of choices. An empty maybe fits a string, any value (`v`), and
 * a structure without a default.
 *
 * It fails with %PLANT_RPC_ERROR_INVALID_VALUE if the type is wrong, the value is out of range, or
 * it is not one of the choices. The message names the property, for example: “rotation”: expected
 * an integer from 0 to 359, got 400.
 *
 * Returns: (transfer full): the value, of the type of the property; an empty maybe if @value is
 *   one, and @value itself if the type is not known
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_property_info_fit_value (PlantRpcPropertyInfo  *self,
                                   GVariant              *value,
                                   GError               **error)
{
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GVariant) opened = NULL;
  GVariant *fitted;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (value != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  owned = g_variant_ref_sink (value);
  opened = plant_rpc_value_open (owned);
  fitted = fit (self, opened, error);
  if (fitted == NULL)
    g_prefix_error (error, _("“%s”: "), self->wire_name);
  return fitted;
}

/* The type of a GVariant is stated to clients, unless any value is taken. */
static GParamSpec *
create_variant_spec (PlantRpcPropertyInfo *self)
{
  gboolean any = self->untyped || *self->type_string == '\0' ||
                 g_str_equal (self->type_string, "v");
  g_autoptr (GVariant) preset = NULL;

  if (self->default_value != NULL)
    preset = plant_rpc_value_fit (self->default_value, any ? "v" : self->type_string, NULL);
  return g_param_spec_variant (self->name, NULL, self->description,
                               any ? G_VARIANT_TYPE_ANY : G_VARIANT_TYPE (self->type_string),
                               preset, G_PARAM_EXPLICIT_NOTIFY);
}

/**
 * plant_rpc_property_info_create_param_spec:
 * @self: a property
 *
 * Creates a [class@GObject.ParamSpec] for a class that offers the property itself, such as a mock
 * of a device.
 *
 * It has the GObject name, the type, limits, default and description of the property, and may be
 * read and written as the property may. If nothing tells the type, or values of the type have none
 * in GObject, it is for variants. An enumeration or flags get a type of their own, which is never
 * freed, unless the type of the device is known here. A unit and a name that travels are declared
 * beside it, with [func@type_declare_unit] and [func@type_declare_wire_name]. It may be called from
 * any thread.
 *
 * Returns: (transfer full): the new parameter specification, which is not floating
 *
 * Since: 1.0
 */
GParamSpec *
plant_rpc_property_info_create_param_spec (PlantRpcPropertyInfo *self)
{
  GType type;
  GParamSpec *pspec;

  g_return_val_if_fail (self != NULL, NULL);

  type = plant_rpc_runtime_type_of_property (self);
  if (self->pspec != NULL)
    pspec = plant_rpc_param_spec_clone (self->pspec, self->name);
  else if (g_type_is_a (type, G_TYPE_VARIANT))
    pspec = create_variant_spec (self);
  else
    pspec = plant_rpc_param_spec_new_for_info (self, type);

  pspec->flags &= (GParamFlags) ~G_PARAM_READWRITE;
  if (self->readable)
    pspec->flags |= G_PARAM_READABLE;
  if (self->writable)
    pspec->flags |= G_PARAM_WRITABLE;
  return g_param_spec_ref_sink (pspec);
}

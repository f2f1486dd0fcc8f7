/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-description-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-signature-private.h"

/* more than the number of levels around a default in a written interface */
#define OUTER_LEVELS 8

gboolean
plant_rpc_property_info_is_number (PlantRpcPropertyInfo *self)
{
  return *self->type_string != '\0' && self->type_string[1] == '\0' &&
         strchr ("ynqiuxtd", *self->type_string) != NULL;
}

static gboolean
is_flags (PlantRpcPropertyInfo *self)
{
  return self->choices != NULL && g_str_equal (self->type_string, "as");
}

static GVariant *
choices_to_variant (PlantRpcPropertyInfo *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sx}"));
  for (guint i = 0; self->choices[i] != NULL; i++)
    {
      gint64 number = is_flags (self) ? (gint64) (guint) self->choice_values[i]
                                      : self->choice_values[i];

      g_variant_builder_add (&builder, "{sx}", self->choices[i], number);
    }
  return g_variant_builder_end (&builder);
}

static void
add_value (GVariantBuilder *builder,
           const char      *key,
           GVariant        *value)
{
  if (value != NULL)
    g_variant_builder_add (builder, "{sv}", key, value);
}

GVariant *
plant_rpc_property_info_to_variant (gpointer member)
{
  PlantRpcPropertyInfo *self = member;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (*self->type_string != '\0')
    plant_rpc_description_add_string (&builder, "type", self->type_string);
  plant_rpc_description_add_string (&builder, "access", !self->writable ? "read"
                                                 : !self->readable ? "write" : "readwrite");
  plant_rpc_description_add_name (&builder, self->name, self->wire_name);
  plant_rpc_description_add_string (&builder, "typeName", self->type_name);
  if (self->choices != NULL)
    add_value (&builder, "choices", choices_to_variant (self));
  add_value (&builder, "default", self->default_value);
  add_value (&builder, "minimum", self->minimum);
  add_value (&builder, "maximum", self->maximum);
  if (self->step > 0)
    add_value (&builder, "step", g_variant_new_double (self->step));
  plant_rpc_description_add_string (&builder, "unit", self->unit);
  plant_rpc_description_add_string (&builder, "description", self->description);
  plant_rpc_description_add_string (&builder, "changeSignal", self->change_signal);
  plant_rpc_description_add_role (&builder, self->role);
  return g_variant_builder_end (&builder);
}

static gboolean
fail (GError     **error,
      const char  *message)
{
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE, "%s", message);
}

static gboolean
read_type (PlantRpcPropertyInfo      *self,
           const PlantRpcDescription *form,
           GError                   **error)
{
  g_autofree char *type_string = NULL;

  if (!plant_rpc_description_read_string (form, "type", &type_string, error) ||
      !plant_rpc_description_read_string (form, "typeName", &self->type_name, error))
    return FALSE;
  if (type_string == NULL)
    return TRUE;
  if (!plant_rpc_signature_check_type (type_string, error))
    {
      g_prefix_error (error, _("“%s”: "), "type");
      return FALSE;
    }
  g_free (self->type_string);
  self->type_string = g_steal_pointer (&type_string);
  return TRUE;
}

static gboolean
read_access (PlantRpcPropertyInfo      *self,
             const PlantRpcDescription *form,
             GError                   **error)
{
  g_autofree char *access = g_strdup ("readwrite");

  if (!plant_rpc_description_read_string (form, "access", &access, error))
    return FALSE;
  if (!g_str_equal (access, "readwrite") && !g_str_equal (access, "read") &&
      !g_str_equal (access, "write"))
    return fail (error, _("“access”: expected “read”, “write” or “readwrite”"));

  self->readable = g_str_has_prefix (access, "read");
  self->writable = g_str_has_suffix (access, "write");
  return TRUE;
}

static gboolean
read_choice (PlantRpcPropertyInfo  *self,
             GVariant              *entry,
             guint                  index,
             GHashTable            *seen,
             GError               **error)
{
  g_autoptr (GVariant) boxed = g_variant_get_child_value (entry, 1);
  g_autoptr (GVariant) number = plant_rpc_description_open (boxed);
  gboolean flags = g_str_equal (self->type_string, "as");
  g_autofree char *quoted = NULL;
  gint64 value = 0;

  g_variant_get_child (entry, 0, "s", &self->choices[index]);
  quoted = plant_rpc_names_quote (self->choices[index]);
  if (!plant_rpc_names_is_method (self->choices[index]))
    return fail (error, _("“choices”: a name is empty or too long"));
  if (!g_hash_table_add (seen, self->choices[index]))
    return fail (error, _("“choices”: a name is there twice"));
  if (number == NULL)
    return fail (error, _("“choices”: expected numbers, got null"));
  if (!plant_rpc_description_get_integer (number, flags ? 0 : G_MININT,
                                          flags ? G_MAXUINT : G_MAXINT, &value, error))
    {
      g_prefix_error (error, _("“%s”, %s: "), "choices", quoted);
      return FALSE;
    }
  self->choice_values[index] = (gint) (guint) value;
  return TRUE;
}

static gboolean
read_choices (PlantRpcPropertyInfo      *self,
              const PlantRpcDescription *form,
              GError                   **error)
{
  g_autoptr (GVariant) choices = plant_rpc_description_lookup (form, "choices");
  g_autoptr (GHashTable) seen = NULL;
  gsize n_choices;

  if (choices == NULL)
    return TRUE;
  if (!g_str_equal (self->type_string, "s") && !g_str_equal (self->type_string, "as"))
    return fail (error, _("“choices”: only the types “s” and “as” have choices"));
  if (!g_variant_is_of_type (choices, G_VARIANT_TYPE ("a{s*}")))
    return fail (error, _("“choices”: expected an object of names and numbers"));

  n_choices = g_variant_n_children (choices);
  if (n_choices == 0)
    return fail (error, _("“choices”: there are none"));
  if (n_choices > PLANT_RPC_MAX_MEMBERS)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                 _("there are too many members: at most %d of a kind are taken"),
                                 PLANT_RPC_MAX_MEMBERS);
  seen = g_hash_table_new (g_str_hash, g_str_equal);
  self->choices = g_new0 (char *, n_choices + 1);
  self->choice_values = g_new0 (gint, n_choices);
  for (gsize i = 0; i < n_choices; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (choices, i);

      if (!read_choice (self, entry, i, seen, error))
        return FALSE;
    }
  return TRUE;
}

/* RESULT stays NULL if FORM has no such value. */
static gboolean
read_value (PlantRpcPropertyInfo      *self,
            const PlantRpcDescription *form,
            const char                *key,
            GVariant                 **result,
            GError                   **error)
{
  g_autoptr (GVariant) value = plant_rpc_description_lookup (form, key);
  g_autoptr (GError) local_error = NULL;

  if (value == NULL)
    return TRUE;
  if (*self->type_string == '\0')
    return fail (error, _("a default or limit needs a “type”"));
  *result = plant_rpc_signature_convert (value, self->type_string, FALSE, &local_error);
  if (*result != NULL)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE, _("“%s”: %s"), key,
                               local_error->message);
}

static gboolean
is_number (GVariant *value)
{
  return value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE) ||
         isfinite (g_variant_get_double (value));
}

static gboolean
check_limits (PlantRpcPropertyInfo  *self,
              GError               **error)
{
  if (!plant_rpc_property_info_is_number (self))
    {
      if (self->minimum != NULL || self->maximum != NULL)
        return fail (error, _("only a number has a “minimum” and “maximum”"));
      return TRUE;
    }
  if (!is_number (self->minimum) || !is_number (self->maximum) || !is_number (self->default_value))
    return fail (error, _("the default or a limit is not finite"));
  if (self->minimum != NULL && self->maximum != NULL &&
      g_variant_compare (self->minimum, self->maximum) > 0)
    return fail (error, _("“minimum” is above “maximum”"));
  if (self->default_value == NULL)
    return TRUE;
  if ((self->minimum != NULL && g_variant_compare (self->default_value, self->minimum) < 0) ||
      (self->maximum != NULL && g_variant_compare (self->default_value, self->maximum) > 0))
    return fail (error, _("“default” is not between “minimum” and “maximum”"));
  return TRUE;
}

static gboolean
read_step (PlantRpcPropertyInfo      *self,
           const PlantRpcDescription *form,
           GError                   **error)
{
  g_autoptr (GVariant) value = plant_rpc_description_lookup (form, "step");
  g_autoptr (GVariant) number = NULL;

  if (value == NULL)
    return TRUE;
  if (!plant_rpc_property_info_is_number (self))
    return fail (error, _("only a number has a “step”"));
  number = plant_rpc_signature_convert (value, "d", FALSE, NULL);
  if (number == NULL || !is_number (number) || g_variant_get_double (number) <= 0)
    return fail (error, _("“step”: expected a number above 0"));
  self->step = g_variant_get_double (number);
  return TRUE;
}

static gboolean
check_default_choice (PlantRpcPropertyInfo  *self,
                      GError               **error)
{
  g_autofree const char **nicks = NULL;
  const char *one[] = { NULL, NULL };

  if (self->choices == NULL || self->default_value == NULL)
    return TRUE;

  if (is_flags (self))
    nicks = g_variant_get_strv (self->default_value, NULL);
  else
    one[0] = g_variant_get_string (self->default_value, NULL);
  for (const char **nick = nicks != NULL ? nicks : one; *nick != NULL; nick++)
    {
      if (!g_strv_contains ((const char *const *) self->choices, *nick))
        return fail (error, _("“default” is none of the choices"));
    }
  return TRUE;
}

/* A NULL string, and a variant that cannot be written, count as no default. */
static void
normalize_default (PlantRpcPropertyInfo *self)
{
  g_autoptr (GVariant) value = g_steal_pointer (&self->default_value);

  if (value != NULL)
    self->default_value = plant_rpc_property_info_normalize (self->type_string, value);
}

gpointer
plant_rpc_property_info_new_from_form (const char                *wire_name,
                                       const PlantRpcDescription *form,
                                       GError                   **error)
{
  g_autoptr (PlantRpcPropertyInfo) self = NULL;
  g_autofree char *name = plant_rpc_description_dup_name (form, wire_name, error);

  if (name == NULL)
    return NULL;

  self = plant_rpc_property_info_new (name, wire_name, "");
  if (!read_type (self, form, error) || !read_access (self, form, error) ||
      !read_choices (self, form, error) ||
      !read_value (self, form, "default", &self->default_value, error) ||
      !read_value (self, form, "minimum", &self->minimum, error) ||
      !read_value (self, form, "maximum", &self->maximum, error) ||
      !check_limits (self, error) || !check_default_choice (self, error) ||
      !read_step (self, form, error) ||
      !plant_rpc_description_read_role (form, &self->role, error) ||
      !plant_rpc_description_read_string (form, "unit", &self->unit, error) ||
      !plant_rpc_description_read_string (form, "description", &self->description, error) ||
      !plant_rpc_description_read_string (form, "changeSignal", &self->change_signal, error))
    return NULL;
  normalize_default (self);
  return g_steal_pointer (&self);
}

/* Writes the value as JSON, at the depth that it will have, and reads it back. */
static GVariant *
pass_through_json (GVariant *value)
{
  g_autoptr (GVariant) nested = g_variant_ref_sink (value);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GVariant) read = NULL;

  for (guint i = 0; i < OUTER_LEVELS; i++)
    {
      GVariant *outer = g_variant_new ("(v)", nested);

      g_variant_unref (nested);
      nested = g_variant_ref_sink (outer);
    }
  if (!plant_rpc_json_write (nested, text, NULL))
    return NULL;
  read = plant_rpc_json_parse (text->str, text->len, NULL);
  for (guint i = 0; i < OUTER_LEVELS && read != NULL; i++)
    {
      g_autoptr (GVariant) outer = g_steal_pointer (&read);
      g_autoptr (GVariant) boxed = g_variant_get_child_value (outer, 0);

      read = g_variant_get_variant (boxed);
    }
  return g_steal_pointer (&read);
}

GVariant *
plant_rpc_property_info_normalize (const char *type_string,
                                   GVariant   *value)
{
  g_autoptr (GVariant) opened = plant_rpc_description_open (value);
  g_autoptr (GVariant) read = NULL;

  if (opened == NULL)
    return NULL;
  if (g_variant_type_is_basic (G_VARIANT_TYPE (type_string)) || g_str_equal (type_string, "as"))
    return g_steal_pointer (&opened);

  read = pass_through_json (opened);
  if (read == NULL || g_variant_is_of_type (read, G_VARIANT_TYPE_MAYBE))
    return NULL;
  return plant_rpc_signature_convert (read, type_string, FALSE, NULL);
}

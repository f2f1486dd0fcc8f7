/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-description-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-role-private.h"
#include "plant-rpc-signature-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

static char *
dup_type (const PlantRpcSerialView *view)
{
  return g_variant_type_dup_string (view->type);
}

/* Returns the text of a string, or NULL if it is not in normal form. */
static const char *
peek_text (const PlantRpcSerialView *string)
{
  const char *text = (const char *) string->data;

  return string->size > 0 && memchr (text, '\0', string->size) == text + string->size - 1 ? text
                                                                                          : NULL;
}

GVariant *
plant_rpc_description_open (GVariant *value)
{
  g_autoptr (GVariant) opened = plant_rpc_value_open (value);

  return plant_rpc_value_is_nothing (opened) ? NULL : g_steal_pointer (&opened);
}

gboolean
plant_rpc_description_next (PlantRpcSerialIter  *iter,
                            const char         **key,
                            PlantRpcSerialView  *value)
{
  PlantRpcSerialView entry, name;
  PlantRpcSerialIter parts;

  do
    {
      if (!plant_rpc_serial_iter_next (iter, &entry))
        return FALSE;
      plant_rpc_serial_iter_init (&parts, &entry);
      if (!plant_rpc_serial_iter_next (&parts, &name) ||
          !plant_rpc_serial_iter_next (&parts, value))
        return FALSE;
      *key = peek_text (&name);
    }
  while (*key == NULL);
  return TRUE;
}

gboolean
plant_rpc_description_init (PlantRpcDescription       *self,
                            const PlantRpcSerialView  *view,
                            GError                   **error)
{
  PlantRpcSerialIter iter;
  const char *key;
  PlantRpcSerialView value;
  g_autofree char *type = NULL;

  if (!plant_rpc_serial_view_is (view, G_VARIANT_TYPE_VARDICT))
    {
      type = dup_type (view);
      return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                   _("expected an object, got a value of type %s"), type);
    }
  self->view = *view;
  self->n_members = 0;
  plant_rpc_serial_iter_init (&iter, view);
  while ((self->whole = !plant_rpc_description_next (&iter, &key, &value)) == FALSE &&
         self->n_members < G_N_ELEMENTS (self->members))
    {
      self->members[self->n_members].key = key;
      self->members[self->n_members++].value = value;
    }
  return TRUE;
}

/* Looks among the members that there was no place for. */
static gboolean
find_further (const PlantRpcDescription *self,
              const char                *key,
              PlantRpcSerialView        *value)
{
  PlantRpcSerialIter iter;
  const char *name;

  plant_rpc_serial_iter_init (&iter, &self->view);
  while (plant_rpc_description_next (&iter, &name, value))
    {
      if (g_str_equal (name, key))
        return TRUE;
    }
  return FALSE;
}

gboolean
plant_rpc_description_find (const PlantRpcDescription *self,
                            const char                *key,
                            PlantRpcSerialView        *value)
{
  for (guint i = 0; i < self->n_members; i++)
    {
      if (!g_str_equal (self->members[i].key, key))
        continue;
      *value = self->members[i].value;
      return TRUE;
    }
  return !self->whole && find_further (self, key, value);
}

gboolean
plant_rpc_description_look (const PlantRpcDescription *self,
                            const char                *key,
                            PlantRpcSerialView        *value)
{
  PlantRpcSerialView found;

  if (!plant_rpc_description_find (self, key, &found))
    return FALSE;
  *value = plant_rpc_serial_view_open (&found);
  return !plant_rpc_serial_view_is (value, G_VARIANT_TYPE_MAYBE);
}

GVariant *
plant_rpc_description_lookup (const PlantRpcDescription *self,
                              const char                *key)
{
  PlantRpcSerialView value;

  return plant_rpc_description_look (self, key, &value) ? plant_rpc_serial_view_copy (&value)
                                                        : NULL;
}

static gboolean
check_type (const char                *key,
            const PlantRpcSerialView  *value,
            const GVariantType        *type,
            const char                *expected,
            GError                   **error)
{
  g_autofree char *got = NULL;

  if (plant_rpc_serial_view_is (value, type))
    return TRUE;
  got = dup_type (value);
  return plant_rpc_error_fail (
      error, PLANT_RPC_ERROR_INVALID_INTERFACE,
      /* Translators: a key, what belongs there, such as “a string”, and a GVariant type */
      _("“%s”: expected %s, got a value of type %s"), key, expected, got);
}

gboolean
plant_rpc_description_read_string (const PlantRpcDescription *form,
                                   const char                *key,
                                   char                     **result,
                                   GError                   **error)
{
  PlantRpcSerialView value;
  const char *text;

  if (!plant_rpc_description_look (form, key, &value))
    return TRUE;
  if (!check_type (key, &value, G_VARIANT_TYPE_STRING, _("a string"), error))
    return FALSE;
  text = peek_text (&value);
  g_free (*result);
  *result = g_strdup (text != NULL ? text : "");
  return TRUE;
}

gboolean
plant_rpc_description_read_role (const PlantRpcDescription *form,
                                 PlantRpcRole              *role,
                                 GError                   **error)
{
  g_autofree char *nick = NULL;

  if (!plant_rpc_description_read_string (form, "role", &nick, error))
    return FALSE;
  return nick == NULL || (plant_rpc_role_parse (nick, role) && *role != PLANT_RPC_ROLE_NONE) ||
         plant_rpc_error_fail (
             error, PLANT_RPC_ERROR_INVALID_INTERFACE,
             _("“role”: expected “viewer”, “operator” or “administrator”"));
}

void
plant_rpc_description_add_role (GVariantBuilder *builder,
                                PlantRpcRole     role)
{
  if (role != PLANT_RPC_DEFAULT_ROLE)
    plant_rpc_description_add_string (builder, "role", plant_rpc_role_get_nick (role));
}

static gboolean
read_boolean (const PlantRpcDescription *form,
              const char                *key,
              gboolean                  *result,
              GError                   **error)
{
  PlantRpcSerialView value;

  if (!plant_rpc_description_look (form, key, &value))
    return TRUE;
  if (!check_type (key, &value, G_VARIANT_TYPE_BOOLEAN, _("true or false"), error))
    return FALSE;
  *result = value.size > 0 && *value.data != 0;
  return TRUE;
}

gboolean
plant_rpc_description_get_integer (GVariant  *value,
                                   gint64     minimum,
                                   gint64     maximum,
                                   gint64    *result,
                                   GError   **error)
{
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (value, "x", NULL);

  if (fitted != NULL && g_variant_get_int64 (fitted) >= minimum &&
      g_variant_get_int64 (fitted) <= maximum)
    {
      *result = g_variant_get_int64 (fitted);
      return TRUE;
    }
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               _("expected an integer from %lld to %lld"), (long long) minimum,
                               (long long) maximum);
}

char *
plant_rpc_description_dup_name (const PlantRpcDescription *form,
                                const char                *wire_name,
                                GError                   **error)
{
  g_autofree char *name = NULL;
  g_autoptr (GError) local_error = NULL;

  if (!plant_rpc_description_read_string (form, "name", &name, error))
    return NULL;
  if (name == NULL)
    name = plant_rpc_names_derive (wire_name, &local_error);
  if (name == NULL)
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_INTERFACE, "%s",
                                      local_error->message);
  if (!plant_rpc_names_is_valid (name))
    {
      g_autofree char *quoted = plant_rpc_names_quote (name);

      return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                        /* Translators: a name in quotes */
                                        _("“name”: no GObject can have a member called %s"),
                                        quoted);
    }
  return plant_rpc_names_protect (g_strdelimit (name, "_", '-'));
}

void
plant_rpc_description_add_name (GVariantBuilder *builder,
                                const char      *name,
                                const char      *wire_name)
{
  g_autofree char *derived = plant_rpc_names_derive (wire_name, NULL);
  g_autofree char *protected = derived != NULL ? plant_rpc_names_protect (derived) : NULL;

  if (g_strcmp0 (name, derived) != 0 && g_strcmp0 (name, protected) != 0)
    plant_rpc_description_add_string (builder, "name", name);
}

void
plant_rpc_description_add_string (GVariantBuilder *builder,
                                  const char      *key,
                                  const char      *value)
{
  if (value != NULL)
    g_variant_builder_add (builder, "{sv}", key, g_variant_new_string (value));
}

GVariant *
plant_rpc_description_of_timeout (int timeout)
{
  return timeout == PLANT_RPC_TIMEOUT_NONE ? g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL)
                                           : g_variant_new_int64 (timeout);
}

GVariant *
plant_rpc_method_info_to_variant (gpointer member)
{
  PlantRpcMethodInfo *self = member;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  plant_rpc_description_add_string (&builder, "signature", self->signature);
  if (self->buffer)
    g_variant_builder_add (&builder, "{sv}", "buffer", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&builder, "{sv}", "timeout",
                         plant_rpc_description_of_timeout (self->timeout));
  plant_rpc_description_add_role (&builder, self->role);
  return g_variant_builder_end (&builder);
}

/* A timeout of null means no limit. Without the member, it is the default timeout. */
static gboolean
read_timeout (const PlantRpcDescription *form,
              int                       *timeout,
              GError                   **error)
{
  PlantRpcSerialView given;
  g_autoptr (GVariant) value = NULL;
  gint64 number = PLANT_RPC_TIMEOUT_NONE;

  if (!plant_rpc_description_find (form, "timeout", &given))
    return TRUE;
  value = plant_rpc_description_lookup (form, "timeout");
  if (value != NULL &&
      !plant_rpc_description_get_integer (value, G_MININT, G_MAXINT, &number, error))
    {
      g_prefix_error (error, _("“%s”: "), "timeout");
      return FALSE;
    }
  *timeout = number;
  return TRUE;
}

gpointer
plant_rpc_method_info_new_from_form (const char                *name,
                                     const PlantRpcDescription *form,
                                     GError                   **error)
{
  g_autofree char *signature = NULL;
  gboolean buffer = FALSE;
  int timeout = PLANT_RPC_TIMEOUT_DEFAULT;
  PlantRpcRole role = PLANT_RPC_DEFAULT_ROLE;
  PlantRpcMethodInfo *self;

  if (!plant_rpc_description_read_string (form, "signature", &signature, error) ||
      !read_boolean (form, "buffer", &buffer, error) ||
      !read_timeout (form, &timeout, error) ||
      !plant_rpc_description_read_role (form, &role, error))
    return NULL;
  self = plant_rpc_method_info_new (name, signature, buffer, timeout, error);
  if (self != NULL)
    self->role = role;
  return self;
}

GVariant *
plant_rpc_signal_info_to_variant (gpointer member)
{
  PlantRpcSignalInfo *self = member;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  plant_rpc_description_add_string (&builder, "signature", self->signature);
  plant_rpc_description_add_name (&builder, self->name, self->wire_name);
  plant_rpc_description_add_string (&builder, "property", self->property);
  if (self->implicit)
    g_variant_builder_add (&builder, "{sv}", "implicit", g_variant_new_boolean (TRUE));
  return g_variant_builder_end (&builder);
}

gpointer
plant_rpc_signal_info_new_from_form (const char                *wire_name,
                                     const PlantRpcDescription *form,
                                     GError                   **error)
{
  g_autofree char *signature = NULL;
  g_autofree char *name = NULL;
  g_autofree char *property = NULL;
  gboolean implicit = FALSE;
  PlantRpcSignalInfo *self;

  if (!plant_rpc_description_read_string (form, "signature", &signature, error) ||
      !plant_rpc_description_read_string (form, "property", &property, error) ||
      !read_boolean (form, "implicit", &implicit, error) ||
      (signature != NULL && !plant_rpc_signature_check_tuple (signature, error)))
    return NULL;

  name = plant_rpc_description_dup_name (form, wire_name, error);
  if (name == NULL)
    return NULL;
  self = plant_rpc_signal_info_new (name, wire_name, signature);
  self->property = g_steal_pointer (&property);
  self->implicit = implicit;
  return self;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-description-private.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-signature-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

gboolean
plant_rpc_description_check (GVariant  *form,
                             GError   **error)
{
  if (g_variant_is_of_type (form, G_VARIANT_TYPE_VARDICT))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                               _("expected an object, got a value of type %s"),
                               g_variant_get_type_string (form));
}

GVariant *
plant_rpc_description_open (GVariant *value)
{
  g_autoptr (GVariant) opened = plant_rpc_value_open (value);

  return plant_rpc_value_is_nothing (opened) ? NULL : g_steal_pointer (&opened);
}

GVariant *
plant_rpc_description_lookup (GVariant   *form,
                              const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (form, key, NULL);

  return value != NULL ? plant_rpc_description_open (value) : NULL;
}

static gboolean
check_type (const char          *key,
            GVariant            *value,
            const GVariantType  *type,
            const char          *expected,
            GError             **error)
{
  if (g_variant_is_of_type (value, type))
    return TRUE;
  return plant_rpc_error_fail (
      error, PLANT_RPC_ERROR_INVALID_INTERFACE,
      /* Translators: a key, what belongs there, such as “a string”, and a GVariant type */
      _("“%s”: expected %s, got a value of type %s"), key, expected,
      g_variant_get_type_string (value));
}

gboolean
plant_rpc_description_read_string (GVariant    *form,
                                   const char  *key,
                                   char       **result,
                                   GError     **error)
{
  g_autoptr (GVariant) value = plant_rpc_description_lookup (form, key);

  if (value == NULL)
    return TRUE;
  if (!check_type (key, value, G_VARIANT_TYPE_STRING, _("a string"), error))
    return FALSE;
  g_free (*result);
  *result = g_variant_dup_string (value, NULL);
  return TRUE;
}

static gboolean
read_boolean (GVariant    *form,
              const char  *key,
              gboolean    *result,
              GError     **error)
{
  g_autoptr (GVariant) value = plant_rpc_description_lookup (form, key);

  if (value == NULL)
    return TRUE;
  if (!check_type (key, value, G_VARIANT_TYPE_BOOLEAN, _("true or false"), error))
    return FALSE;
  *result = g_variant_get_boolean (value);
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
plant_rpc_description_dup_name (GVariant    *form,
                                const char  *wire_name,
                                GError     **error)
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
  return g_variant_builder_end (&builder);
}

/* A timeout of null means no limit. Without the member, it is the default timeout. */
static gboolean
read_timeout (GVariant  *form,
              int       *timeout,
              GError   **error)
{
  g_autoptr (GVariant) given = g_variant_lookup_value (form, "timeout", NULL);
  g_autoptr (GVariant) value = NULL;
  gint64 number = PLANT_RPC_TIMEOUT_NONE;

  if (given == NULL)
    return TRUE;
  value = plant_rpc_description_open (given);
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
plant_rpc_method_info_new_from_variant (const char  *name,
                                        GVariant    *form,
                                        GError     **error)
{
  g_autofree char *signature = NULL;
  gboolean buffer = FALSE;
  int timeout = PLANT_RPC_TIMEOUT_DEFAULT;

  if (!plant_rpc_description_read_string (form, "signature", &signature, error) ||
      !read_boolean (form, "buffer", &buffer, error) ||
      !read_timeout (form, &timeout, error))
    return NULL;
  return plant_rpc_method_info_new (name, signature, buffer, timeout, error);
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
plant_rpc_signal_info_new_from_variant (const char  *wire_name,
                                        GVariant    *form,
                                        GError     **error)
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

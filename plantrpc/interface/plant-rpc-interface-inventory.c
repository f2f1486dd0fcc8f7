/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-builder-private.h"
#include "plant-rpc-description-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-value-private.h"

/* The state while an inventory is read that has names only. */
typedef struct {
  PlantRpcInterfaceInfo *info;    /* (unowned): what is made of it */
  GVariant              *values;  /* (unowned) (nullable): a{sv} */
  GPtrArray             *skipped; /* (unowned) (nullable) (element-type utf8) */
} Reading;

/* The reasons name the members that were left out. */
static void
skip (Reading      *self,
      const char   *kind,
      const GError *reason)
{
  if (self->skipped != NULL)
    g_ptr_array_add (self->skipped, g_strdup_printf ("%s: %s", kind, reason->message));
}

gboolean
plant_rpc_interface_info_check_count (GVariant  *members,
                                      GError   **error)
{
  if (g_variant_n_children (members) <= PLANT_RPC_MAX_MEMBERS)
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                               _("the peer offers %zu members of one kind: at most %d are taken"),
                               g_variant_n_children (members), PLANT_RPC_MAX_MEMBERS);
}

/* Reads an integer beyond 64 bits. Anything else is no timeout. */
static gint64
read_long_timeout (GVariant *value)
{
  g_autoptr (GVariant) number = plant_rpc_value_coerce (value, "d", NULL);

  return number != NULL ? CLAMP (g_variant_get_double (number), -1, G_MAXINT) : 0;
}

int
plant_rpc_interface_info_read_timeout (GVariant *told)
{
  g_autoptr (GVariant) value = plant_rpc_description_open (told);
  gint64 number = 0;

  if (value == NULL || (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE) &&
                        !isfinite (g_variant_get_double (value))))
    return PLANT_RPC_TIMEOUT_NONE;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    number = CLAMP (g_variant_get_double (value), -1, G_MAXINT);
  else if (g_variant_is_of_type (value, PLANT_RPC_JSON_KEPT))
    number = read_long_timeout (value);
  else
    plant_rpc_description_get_integer (value, G_MININT64, G_MAXINT64, &number, NULL);
  if (number < 0)
    return PLANT_RPC_TIMEOUT_NONE;
  return number == 0 ? PLANT_RPC_TIMEOUT_DEFAULT : (int) MIN (number, G_MAXINT);
}

static gboolean
read_methods (Reading   *self,
              GVariant  *methods,
              gboolean   buffer,
              GError   **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *boxed;

  if (!g_variant_is_of_type (methods, G_VARIANT_TYPE_VARDICT))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 _("the methods of the inventory are no object"));
  if (!plant_rpc_interface_info_check_count (methods, error))
    return FALSE;

  g_variant_iter_init (&iter, methods);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &boxed))
    {
      g_autoptr (GVariant) owned = boxed;
      g_autoptr (GError) reason = NULL;
      PlantRpcMethodInfo *method =
        plant_rpc_method_info_new (name, NULL, buffer,
                                   plant_rpc_interface_info_read_timeout (owned), &reason);

      if (method == NULL ||
          !plant_rpc_members_take (&self->info->methods, method, &reason))
        skip (self, "method", reason);
    }
  return TRUE;
}

static gboolean
is_string_list (GVariant *value)
{
  gsize length = 0;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    return g_variant_n_children (value) > 0;
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE ("av")))
    return FALSE;
  length = g_variant_n_children (value);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) element = plant_rpc_description_open (boxed);

      if (element == NULL || !g_variant_is_of_type (element, G_VARIANT_TYPE_STRING))
        return FALSE;
    }
  return length > 0;
}

/* A single value tells little about the type. The next value after an integer may have a fraction,
 * and null or an empty list may become anything. */
static const char *
guess_type (Reading    *self,
            const char *wire_name)
{
  g_autoptr (GVariant) given = self->values != NULL
                                ? g_variant_lookup_value (self->values, wire_name, NULL) : NULL;
  g_autoptr (GVariant) value = given != NULL ? plant_rpc_description_open (given) : NULL;
  char letter;

  if (given == NULL)
    return "";
  if (value == NULL)
    return "v";
  letter = *g_variant_get_type_string (value);
  if (letter == 'b' || letter == 's')
    return letter == 'b' ? "b" : "s";
  if (letter == 'a')
    return is_string_list (value) ? "as" : "v";
  return strchr ("ynqiuxtd", letter) != NULL ? "d" : "v";
}

static PlantRpcPropertyInfo *
make_property (Reading    *self,
               const char *name,
               const char *wire_name)
{
  PlantRpcPropertyInfo *property =
      plant_rpc_property_info_new (name, wire_name, guess_type (self, wire_name));

  property->untyped = TRUE;
  return property;
}

static void
read_name (Reading         *self,
           GVariant        *given,
           const char      *kind,
           PlantRpcMembers *members)
{
  g_autoptr (GVariant) value = plant_rpc_description_open (given);
  g_autoptr (GError) reason = NULL;
  g_autofree char *name = NULL;
  const char *wire_name;
  gpointer member = NULL;

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      reason = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                                    "a name is no string");
      skip (self, kind, reason);
      return;
    }
  wire_name = g_variant_get_string (value, NULL);
  name = plant_rpc_names_from_any (wire_name, &reason);
  if (name != NULL && members == &self->info->properties)
    member = make_property (self, name, wire_name);
  else if (name != NULL)
    member = plant_rpc_signal_info_new (name, wire_name, NULL);
  if (member == NULL || !plant_rpc_members_take (members, member, &reason))
    skip (self, kind, reason);
}

static gboolean
read_names (Reading          *self,
            GVariant         *names,
            const char       *kind,
            PlantRpcMembers  *members,
            GError          **error)
{
  gsize n_names;

  if (!g_variant_is_of_type (names, G_VARIANT_TYPE ("av")) &&
      !g_variant_is_of_type (names, G_VARIANT_TYPE_STRING_ARRAY))
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_PROTOCOL,
                                 _("the properties or signals of the inventory are no array"));
  if (!plant_rpc_interface_info_check_count (names, error))
    return FALSE;

  n_names = g_variant_n_children (names);
  for (gsize i = 0; i < n_names; i++)
    {
      g_autoptr (GVariant) given = g_variant_get_child_value (names, i);

      read_name (self, given, kind, members);
    }
  return TRUE;
}

PlantRpcInterfaceInfo *
plant_rpc_interface_info_new_from_inventory (GVariant   *json_methods,
                                             GVariant   *buffer_methods,
                                             GVariant   *property_names,
                                             GVariant   *signal_names,
                                             GVariant   *values,
                                             GPtrArray  *skipped,
                                             GError    **error)
{
  g_autoptr (PlantRpcInterfaceInfo) self = plant_rpc_interface_info_new ();
  Reading reading = { self, values, skipped };

  if (values != NULL && !g_variant_is_of_type (values, G_VARIANT_TYPE_VARDICT))
    reading.values = NULL;
  if (!read_methods (&reading, json_methods, FALSE, error) ||
      !read_methods (&reading, buffer_methods, TRUE, error) ||
      !read_names (&reading, property_names, "property", &self->properties, error) ||
      !read_names (&reading, signal_names, "signal", &self->signals, error))
    return NULL;

  plant_rpc_builder_pair (self);
  plant_rpc_builder_complete_signatures (self);
  return g_steal_pointer (&self);
}

/* ---- the inventory of an interface */

static GVariant *
list_methods (PlantRpcInterfaceInfo *self,
              gboolean               buffer)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  for (guint i = 0; i < self->methods.list->len; i++)
    {
      PlantRpcMethodInfo *method = self->methods.list->pdata[i];

      if (method->buffer == buffer)
        g_variant_builder_add (&list, "{sv}", method->name,
                               plant_rpc_description_of_timeout (method->timeout));
    }
  return g_variant_ref_sink (g_variant_builder_end (&list));
}

static GVariant *
list_names (PlantRpcMembers *members)
{
  g_auto (GStrv) names = plant_rpc_members_list_wire_names (members);

  return g_variant_ref_sink (g_variant_new_strv ((const char *const *) names, -1));
}

GBytes *
plant_rpc_interface_info_pack_inventory (PlantRpcInterfaceInfo  *self,
                                         const char             *name,
                                         const char             *instance,
                                         PlantRpcRole            role,
                                         const char *const      *relays,
                                         GError                **error)
{
  g_auto (PlantRpcInventory) inventory = {
    .json_methods = list_methods (self, FALSE),
    .buffer_methods = list_methods (self, TRUE),
    .signals = list_names (&self->signals),
    .properties = list_names (&self->properties),
    .name = g_strdup (name),
    .native_version = instance != NULL ? PLANT_RPC_NATIVE_VERSION : 0,
    .interface = instance != NULL ? g_variant_ref (plant_rpc_interface_info_get_form (self)) : NULL,
    .instance = g_strdup (instance),
    .role = role,
    .relays = g_strdupv ((char **) relays),
  };

  return plant_rpc_inventory_pack (&inventory, error);
}

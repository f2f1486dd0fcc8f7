/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-known-interfaces-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-server-profile-private.h"
#include "plant-rpc-signature-private.h"

#define PROPERTY_TIMEOUT_MS 10000

/* The most members that are left out of which a log tells the names. */
#define MAX_TOLD 8

struct _PlantRpcServerProfile {
  PlantRpcInterfaceInfo *template_info;  /* (owned) (nullable) */
  PlantRpcInterfaceInfo *interface;      /* (owned) (nullable) */
  GVariant              *json_methods;   /* (owned) (nullable): a{sv} of the inventory */
  GVariant              *buffer_methods; /* (owned) (nullable): likewise */
  GStrv                  missing;        /* (owned) */
  char                  *name;           /* (owned) (nullable) */
  GStrv                  relays;         /* (owned) (nullable): NULL for a device */
  PlantRpcRole           role;           /* of this client */
  gboolean               legacy;
  gboolean               has_told;       /* TRUE: the log tells what is left out */
};

PlantRpcServerProfile *
plant_rpc_server_profile_new (void)
{
  PlantRpcServerProfile *self = g_new0 (PlantRpcServerProfile, 1);

  self->missing = g_new0 (char *, 1);
  return self;
}

void
plant_rpc_server_profile_set_template (PlantRpcServerProfile *self,
                                       PlantRpcInterfaceInfo *template_info)
{
  self->template_info = plant_rpc_interface_info_ref (template_info);
}

void
plant_rpc_server_profile_set_legacy (PlantRpcServerProfile *self,
                                     gboolean               legacy)
{
  self->legacy = legacy;
}

gboolean
plant_rpc_server_profile_is_legacy (PlantRpcServerProfile *self)
{
  return self->legacy;
}

PlantRpcInterfaceInfo *
plant_rpc_server_profile_get_template (PlantRpcServerProfile *self)
{
  return self->template_info;
}

static void
forget (PlantRpcServerProfile *self)
{
  g_clear_pointer (&self->interface, plant_rpc_interface_info_unref);
  g_clear_pointer (&self->json_methods, g_variant_unref);
  g_clear_pointer (&self->buffer_methods, g_variant_unref);
  g_clear_pointer (&self->missing, g_strfreev);
  g_clear_pointer (&self->name, g_free);
}

void
plant_rpc_server_profile_free (PlantRpcServerProfile *self)
{
  forget (self);
  g_clear_pointer (&self->relays, g_strfreev);
  g_clear_pointer (&self->template_info, plant_rpc_interface_info_unref);
  g_free (self);
}

/* This is no warning, since a peer has chosen the names and warnings may be fatal. It is told once,
 * not each time that the device comes back. */
static void
tell_skipped (PlantRpcServerProfile *self,
              GPtrArray             *skipped)
{
  g_autoptr (GString) text = NULL;

  if (self->has_told || skipped->len == 0)
    return;
  self->has_told = TRUE;
  text = g_string_new (NULL);
  for (guint i = 0; i < skipped->len && i < MAX_TOLD; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", (const char *) skipped->pdata[i]);
  plant_rpc_message ("%u members of the device are left out: %s%s", skipped->len, text->str,
                     skipped->len > MAX_TOLD ? "; …" : "");
}

static PlantRpcInterfaceInfo *
read_interface (PlantRpcServerProfile  *self,
                PlantRpcInventory      *inventory,
                GVariant               *values,
                GError                **error)
{
  g_autoptr (GPtrArray) skipped = g_ptr_array_new_with_free_func (g_free);
  PlantRpcInterfaceInfo *info;

  if (inventory->native_version > 0)
    return plant_rpc_known_interfaces_describe (inventory->interface, error);
  info = plant_rpc_interface_info_new_from_inventory (
      inventory->json_methods, inventory->buffer_methods, inventory->properties,
      inventory->signals, values, skipped, error);
  tell_skipped (self, skipped);
  return info;
}

static gboolean
is_among (const char *type_string,
          const char *letters)
{
  return type_string[0] != '\0' && type_string[1] == '\0' && strchr (letters, *type_string) != NULL;
}

/* Returns whether values that a device has of the type TOLD can be had as values of the type
 * WANTED. The widths of integers may differ: whether a value fits is seen when it comes. */
static gboolean
can_hold (const char *wanted,
          const char *told)
{
  if (*wanted == '\0' || *told == '\0' || is_among (wanted, "v") || is_among (told, "v") ||
      g_str_equal (wanted, told))
    return TRUE;
  return is_among (told, "ynqiuxt") && is_among (wanted, "ynqiuxtd");
}

static gboolean
can_hold_all (const char *wanted,
              const char *told)
{
  guint n = plant_rpc_signature_count (wanted);

  if (n != plant_rpc_signature_count (told))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *one = plant_rpc_signature_dup_nth (wanted, i);
      g_autofree char *other = plant_rpc_signature_dup_nth (told, i);

      if (!can_hold (one, other))
        return FALSE;
    }
  return TRUE;
}

/* The device checks the arguments, so those may be sent of which some fit. */
static gboolean
can_take (PlantRpcParameterInfo *wanted,
          PlantRpcParameterInfo *told)
{
  return can_hold (told->type_string, wanted->type_string) ||
         can_hold (wanted->type_string, told->type_string);
}

/* Returns whether a call with the arguments that are WANTED is one that the device takes. */
static gboolean
can_take_all (GPtrArray *wanted,
              GPtrArray *told)
{
  if (wanted == NULL || told == NULL)
    return TRUE;
  for (guint i = 0; i < MAX (wanted->len, told->len); i++)
    {
      PlantRpcParameterInfo *one = i < wanted->len ? wanted->pdata[i] : NULL;
      PlantRpcParameterInfo *other = i < told->len ? told->pdata[i] : NULL;

      if (one == NULL ? other->default_value == NULL
                      : other == NULL ? one->default_value == NULL : !can_take (one, other))
        return FALSE;
    }
  return TRUE;
}

static gboolean
can_return (const char *wanted,
            const char *told)
{
  return wanted == NULL || told == NULL || g_str_equal (wanted, "()") || can_hold (wanted, told);
}

static gboolean
has_method (PlantRpcServerProfile *self,
            PlantRpcInventory     *inventory,
            PlantRpcMethodInfo    *wanted)
{
  GVariant *methods = wanted->buffer ? inventory->buffer_methods : inventory->json_methods;
  PlantRpcMethodInfo *told = plant_rpc_interface_info_find_method (self->interface, wanted->name);

  if (!g_variant_lookup (methods, wanted->name, "*", NULL))
    return FALSE;
  return inventory->native_version == 0 || told == NULL ||
         (can_take_all (wanted->parameters, told->parameters) &&
          can_return (wanted->return_type, told->return_type));
}

static gboolean
is_same_choice (const char *one,
                const char *other)
{
  g_autofree char *a = g_strdelimit (g_ascii_strdown (one, -1), "_", '-');
  g_autofree char *b = g_strdelimit (g_ascii_strdown (other, -1), "_", '-');

  return g_str_equal (a, b);
}

/* Returns whether the device can tell one of the choices that are WANTED. Flags can always be told,
 * since no flags are a value, too. */
static gboolean
has_choice (PlantRpcPropertyInfo *wanted,
            PlantRpcPropertyInfo *told)
{
  if (wanted->choices == NULL || told->choices == NULL || !g_str_equal (wanted->type_string, "s"))
    return TRUE;
  for (guint i = 0; wanted->choices[i] != NULL; i++)
    {
      for (guint k = 0; told->choices[k] != NULL; k++)
        {
          if (is_same_choice (wanted->choices[i], told->choices[k]))
            return TRUE;
        }
    }
  return FALSE;
}

static GHashTable *
make_set (const char **names)
{
  GHashTable *set = g_hash_table_new (g_str_hash, g_str_equal);

  for (; *names != NULL; names++)
    g_hash_table_add (set, (gpointer) *names);
  return set;
}

/* The types of a device that does not tell them are only guessed. */
static gboolean
has_property (PlantRpcServerProfile *self,
              PlantRpcInventory     *inventory,
              GHashTable            *names,
              PlantRpcPropertyInfo  *wanted)
{
  PlantRpcPropertyInfo *told =
      plant_rpc_interface_info_find_property (self->interface, wanted->wire_name);

  if (!g_hash_table_contains (names, wanted->wire_name))
    return FALSE;
  return inventory->native_version == 0 || told == NULL ||
         (can_hold (wanted->type_string, told->type_string) && has_choice (wanted, told));
}

static gboolean
has_signal (PlantRpcServerProfile *self,
            PlantRpcInventory     *inventory,
            GHashTable            *names,
            PlantRpcSignalInfo    *wanted)
{
  PlantRpcSignalInfo *told =
      plant_rpc_interface_info_find_signal (self->interface, wanted->wire_name);

  if (!g_hash_table_contains (names, wanted->wire_name))
    return FALSE;
  return inventory->native_version == 0 || told == NULL || told->signature == NULL ||
         wanted->signature == NULL || can_hold_all (wanted->signature, told->signature);
}

static GStrv
find_missing (PlantRpcServerProfile *self,
              PlantRpcInventory     *inventory)
{
  g_autoptr (GStrvBuilder) missing = g_strv_builder_new ();
  g_autofree const char **property_names = g_variant_get_strv (inventory->properties, NULL);
  g_autofree const char **signal_names = g_variant_get_strv (inventory->signals, NULL);
  g_autoptr (GHashTable) properties = NULL;
  g_autoptr (GHashTable) signals = NULL;
  GPtrArray *members;

  if (self->template_info == NULL)
    return g_strv_builder_end (missing);
  properties = make_set (property_names);
  signals = make_set (signal_names);
  members = self->template_info->methods.list;
  for (guint i = 0; i < members->len; i++)
    {
      PlantRpcMethodInfo *method = members->pdata[i];

      if (!has_method (self, inventory, method))
        g_strv_builder_add (missing, method->name);
    }
  members = self->template_info->properties.list;
  for (guint i = 0; i < members->len; i++)
    {
      PlantRpcPropertyInfo *property = members->pdata[i];

      if (!has_property (self, inventory, properties, property))
        g_strv_builder_add (missing, property->wire_name);
    }
  members = self->template_info->signals.list;
  for (guint i = 0; i < members->len; i++)
    {
      PlantRpcSignalInfo *signal = members->pdata[i];

      if (!signal->implicit && !has_signal (self, inventory, signals, signal))
        g_strv_builder_add (missing, signal->wire_name);
    }
  return g_strv_builder_end (missing);
}

gboolean
plant_rpc_server_profile_learn (PlantRpcServerProfile  *self,
                                PlantRpcInventory      *inventory,
                                GVariant               *values,
                                GError                **error)
{
  PlantRpcInterfaceInfo *info = read_interface (self, inventory, values, error);

  if (info == NULL)
    return FALSE;
  forget (self);
  self->interface = info;
  self->json_methods = g_variant_ref (inventory->json_methods);
  self->buffer_methods = g_variant_ref (inventory->buffer_methods);
  self->name = g_strdup (inventory->name);
  self->role = inventory->native_version > 0 ? inventory->role : PLANT_RPC_ROLE_ADMINISTRATOR;
  self->missing = find_missing (self, inventory);
  return TRUE;
}

void
plant_rpc_server_profile_take_relays (PlantRpcServerProfile *self,
                                      GStrv                  relays)
{
  g_strfreev (self->relays);
  self->relays = relays;
}

const char *const *
plant_rpc_server_profile_get_relays (PlantRpcServerProfile *self)
{
  return (const char *const *) self->relays;
}

static PlantRpcMethodInfo *
find_method (PlantRpcServerProfile *self,
             const char            *name)
{
  return self->interface != NULL ? plant_rpc_interface_info_find_method (self->interface, name)
                                 : NULL;
}

/* Returns the timeout of a method that is not described, since its name is too long. */
static int
find_timeout (PlantRpcServerProfile *self,
              const char            *method)
{
  g_autoptr (GVariant) timeout = NULL;

  if (self->json_methods != NULL)
    timeout = g_variant_lookup_value (self->json_methods, method, NULL);
  if (timeout == NULL && self->buffer_methods != NULL)
    timeout = g_variant_lookup_value (self->buffer_methods, method, NULL);
  return timeout != NULL ? plant_rpc_interface_info_read_timeout (timeout)
                         : PLANT_RPC_TIMEOUT_DEFAULT;
}

int
plant_rpc_server_profile_get_timeout (PlantRpcServerProfile *self,
                                      const PlantRpcRequest *request)
{
  PlantRpcMethodInfo *method;

  if (request->event != PLANT_RPC_EVENT_METHOD_CALL)
    return PROPERTY_TIMEOUT_MS;
  method = find_method (self, request->name);
  return method != NULL ? method->timeout : find_timeout (self, request->name);
}

static gboolean
refuse_kind (const char  *name,
             gboolean     wants_buffer,
             GError     **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
               wants_buffer ? _("The method “%s” returns no buffer")
                            : _("The method “%s” returns a buffer"),
               name);
  return FALSE;
}

/* A native server refuses what it does not offer. The member may have been added since the
 * inventory. */
static gboolean
check_native (PlantRpcServerProfile  *self,
              const PlantRpcRequest  *request,
              gboolean                wants_buffer,
              GError                **error)
{
  PlantRpcMethodInfo *method = NULL;

  if (request->event == PLANT_RPC_EVENT_METHOD_CALL)
    method = find_method (self, request->name);
  if (method == NULL || method->buffer == wants_buffer)
    return TRUE;
  return refuse_kind (request->name, wants_buffer, error);
}

static gboolean
check_method (PlantRpcServerProfile  *self,
              const char             *label,
              const char             *name,
              gboolean                wants_buffer,
              GError                **error)
{
  GVariant *wanted = wants_buffer ? self->buffer_methods : self->json_methods;
  GVariant *other = wants_buffer ? self->json_methods : self->buffer_methods;
  PlantRpcMethodInfo *method = find_method (self, name);

  if (method != NULL && method->buffer == wants_buffer)
    return TRUE;
  if (g_variant_lookup (wanted, name, "*", NULL))
    return TRUE;
  if (g_variant_lookup (other, name, "*", NULL))
    return refuse_kind (name, wants_buffer, error);
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD,
               _("“%s” has no method “%s”"), label, name);
  return FALSE;
}

/* A server of Plant Imager returns any attribute and crashes on unknown names, so they are refused
 * here. A script that was written for it may read an attribute, as it did. */
gboolean
plant_rpc_server_profile_check_request (PlantRpcServerProfile  *self,
                                        const char             *label,
                                        const PlantRpcRequest  *request,
                                        gboolean                wants_buffer,
                                        GError                **error)
{
  if (request->format == PLANT_RPC_FORMAT_NATIVE)
    return check_native (self, request, wants_buffer, error);
  if (request->event == PLANT_RPC_EVENT_METHOD_CALL)
    return check_method (self, label, request->name, wants_buffer, error);
  if (request->name == NULL || self->legacy ||
      plant_rpc_interface_info_find_property (self->interface, request->name) != NULL)
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
               _("“%s” has no property “%s”"), label, request->name);
  return FALSE;
}

PlantRpcInterfaceInfo *
plant_rpc_server_profile_get_interface (PlantRpcServerProfile *self)
{
  return self->interface;
}

const char *const *
plant_rpc_server_profile_get_missing (PlantRpcServerProfile *self)
{
  return (const char *const *) self->missing;
}

const char *
plant_rpc_server_profile_get_name (PlantRpcServerProfile *self)
{
  return self->name;
}

PlantRpcRole
plant_rpc_server_profile_get_role (PlantRpcServerProfile *self)
{
  return self->role;
}

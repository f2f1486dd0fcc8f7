/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-interface-info.h"

#include <string.h>

#include "plant-rpc-description-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-known-interfaces-private.h"

/**
 * PlantRpcInterfaceInfo:
 *
 * The interface of a remote object: its methods, properties and signals.
 *
 * An interface is made from a GType ([ctor@InterfaceInfo.new_for_type]), from JSON
 * ([ctor@InterfaceInfo.new_from_json]), or by a client that asks a device. Its JSON looks like
 * this. Every member may be left out, and unknown members are ignored:
 *
 * ```json
 * {
 *   "methods": {
 *     "get_image": { "signature": "lores: b = false", "buffer": true, "timeout": null }
 *   },
 *   "properties": {
 *     "mode": { "type": "s", "choices": { "still": 0, "video": 1 }, "default": "still" },
 *     "rotation": {
 *       "type": "i", "access": "read", "minimum": 0, "maximum": 359, "unit": "°",
 *       "description": "How the camera is mounted", "changeSignal": "rotationChanged"
 *     }
 *   },
 *   "signals": {
 *     "rotationChanged": { "signature": "(i)", "property": "rotation" }
 *   }
 * }
 * ```
 *
 * The names are those on the wire. `"name"` gives a property or signal another GObject name than
 * the one made from its name on the wire. `"timeout"` is in ms, and null means to wait for ever.
 * `"access"` is `read`, `write` or `readwrite`.
 *
 * Immutable; may be used from any thread.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (PlantRpcInterfaceInfo, plant_rpc_interface_info,
                     plant_rpc_interface_info_ref, plant_rpc_interface_info_unref)

static GVariant *
members_to_variant (PlantRpcMembers   *members,
                    GVariant        *(*to_variant) (gpointer))
{
  g_auto (GStrv) names = plant_rpc_members_list_wire_names (members);
  GVariantBuilder form = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  for (guint i = 0; i < members->list->len; i++)
    g_variant_builder_add (&form, "{sv}", names[i], to_variant (members->list->pdata[i]));
  return g_variant_builder_end (&form);
}

static GVariant *
make_form (PlantRpcInterfaceInfo *self)
{
  GVariantBuilder form = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&form, "{sv}", "methods",
                         members_to_variant (&self->methods, plant_rpc_method_info_to_variant));
  g_variant_builder_add (&form, "{sv}", "properties",
                         members_to_variant (&self->properties,
                                             plant_rpc_property_info_to_variant));
  g_variant_builder_add (&form, "{sv}", "signals",
                         members_to_variant (&self->signals, plant_rpc_signal_info_to_variant));
  return g_variant_ref_sink (g_variant_builder_end (&form));
}

static void
hash_string (GChecksum  *checksum,
             const char *string)
{
  g_checksum_update (checksum, (const guchar *) string, strlen (string) + 1);
}

static gboolean
is_untyped (PlantRpcInterfaceInfo *self)
{
  PlantRpcPropertyInfo *first =
    self->properties.list->len > 0 ? g_ptr_array_index (self->properties.list, 0) : NULL;

  return first != NULL && first->untyped;
}

/* The types of a peer that tells none are those of its values just now. When they change, its
 * interface is the same all the same. */
static void
hash_names (GChecksum             *checksum,
            PlantRpcInterfaceInfo *self)
{
  g_autoptr (GVariant) signals =
    g_variant_ref_sink (members_to_variant (&self->signals, plant_rpc_signal_info_to_variant));

  hash_string (checksum, "untyped");
  for (guint i = 0; i < self->methods.list->len; i++)
    hash_string (checksum, ((PlantRpcMethodInfo *) self->methods.list->pdata[i])->name);
  for (guint i = 0; i < self->properties.list->len; i++)
    {
      PlantRpcPropertyInfo *member = g_ptr_array_index (self->properties.list, i);

      hash_string (checksum, member->name);
      hash_string (checksum, member->wire_name);
    }
  g_checksum_update (checksum, g_variant_get_data (signals), g_variant_get_size (signals));
}

static void
hash_form (GChecksum             *checksum,
           PlantRpcInterfaceInfo *self)
{
  GVariant *form = plant_rpc_interface_info_get_form (self);

  g_checksum_update (checksum, g_variant_get_data (form), g_variant_get_size (form));
}

/* Two interfaces with the same form can differ in what does not travel, since a template's
 * GParamSpec says more than a type string. */
static char *
make_hash (PlantRpcInterfaceInfo *self)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  if (is_untyped (self))
    hash_names (checksum, self);
  else
    hash_form (checksum, self);
  for (guint i = 0; i < self->properties.list->len; i++)
    {
      PlantRpcPropertyInfo *member = g_ptr_array_index (self->properties.list, i);

      if (member->pspec == NULL)
        continue;
      hash_string (checksum, member->name);
      hash_string (checksum, g_type_name (G_PARAM_SPEC_VALUE_TYPE (member->pspec)));
      hash_string (checksum, g_param_spec_get_nick (member->pspec));
    }
  for (guint i = 0; i < self->signals.list->len; i++)
    {
      PlantRpcSignalInfo *member = g_ptr_array_index (self->signals.list, i);

      hash_string (checksum, member->name);
      for (guint j = 0; member->param_types != NULL && j < member->n_params; j++)
        hash_string (checksum, g_type_name (member->param_types[j]));
    }
  return g_strdup (g_checksum_get_string (checksum));
}

PlantRpcInterfaceInfo *
plant_rpc_interface_info_new (void)
{
  PlantRpcInterfaceInfo *self = g_new0 (PlantRpcInterfaceInfo, 1);

  g_atomic_ref_count_init (&self->ref_count);
  plant_rpc_members_init (&self->methods, "methods", (GDestroyNotify) plant_rpc_method_info_unref,
                          G_STRUCT_OFFSET (PlantRpcMethodInfo, name), 0);
  plant_rpc_members_init (&self->properties, "properties",
                          (GDestroyNotify) plant_rpc_property_info_unref,
                          G_STRUCT_OFFSET (PlantRpcPropertyInfo, wire_name),
                          G_STRUCT_OFFSET (PlantRpcPropertyInfo, name));
  plant_rpc_members_init (&self->signals, "signals", (GDestroyNotify) plant_rpc_signal_info_unref,
                          G_STRUCT_OFFSET (PlantRpcSignalInfo, wire_name),
                          G_STRUCT_OFFSET (PlantRpcSignalInfo, name));
  return self;
}

/* Most interfaces are never written nor compared, so what that needs is made when it is wanted. Two
 * threads may want it at the same time. */
GVariant *
plant_rpc_interface_info_get_form (PlantRpcInterfaceInfo *self)
{
  GVariant *form = g_atomic_pointer_get (&self->form);

  if (form != NULL)
    return form;
  form = make_form (self);
  if (g_atomic_pointer_compare_and_exchange (&self->form, NULL, form))
    return form;
  g_variant_unref (form);
  return g_atomic_pointer_get (&self->form);
}

const char *
plant_rpc_interface_info_get_hash (PlantRpcInterfaceInfo *self)
{
  char *hash = g_atomic_pointer_get (&self->hash);

  if (hash != NULL)
    return hash;
  hash = make_hash (self);
  if (g_atomic_pointer_compare_and_exchange (&self->hash, NULL, hash))
    return hash;
  g_free (hash);
  return g_atomic_pointer_get (&self->hash);
}

/**
 * plant_rpc_interface_info_ref:
 * @self: an interface
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
PlantRpcInterfaceInfo *
plant_rpc_interface_info_ref (PlantRpcInterfaceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * plant_rpc_interface_info_unref:
 * @self: (transfer full): an interface
 *
 * Releases a reference, and frees the interface with the last one.
 *
 * Since: 1.0
 */
void
plant_rpc_interface_info_unref (PlantRpcInterfaceInfo *self)
{
  g_return_if_fail (self != NULL);

  if (self->told != NULL)
    plant_rpc_known_interfaces_unref (self);
  else if (g_atomic_ref_count_dec (&self->ref_count))
    plant_rpc_interface_info_free (self);
}

void
plant_rpc_interface_info_free (PlantRpcInterfaceInfo *self)
{
  plant_rpc_members_clear (&self->methods);
  plant_rpc_members_clear (&self->properties);
  plant_rpc_members_clear (&self->signals);
  g_clear_pointer (&self->form, g_variant_unref);
  g_free (self->hash);
  g_clear_pointer (&self->told, g_bytes_unref);
  g_free (self);
}

PlantRpcMethodInfo *
plant_rpc_interface_info_find_method (PlantRpcInterfaceInfo *self,
                                      const char            *wire_name)
{
  return g_hash_table_lookup (self->methods.by_wire, wire_name);
}

PlantRpcPropertyInfo *
plant_rpc_interface_info_find_property (PlantRpcInterfaceInfo *self,
                                        const char            *wire_name)
{
  return g_hash_table_lookup (self->properties.by_wire, wire_name);
}

PlantRpcSignalInfo *
plant_rpc_interface_info_find_signal (PlantRpcInterfaceInfo *self,
                                      const char            *wire_name)
{
  return g_hash_table_lookup (self->signals.by_wire, wire_name);
}

/**
 * plant_rpc_interface_info_to_json:
 * @self: an interface
 *
 * Writes the interface as JSON, which [ctor@InterfaceInfo.new_from_json] can read.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
plant_rpc_interface_info_to_json (PlantRpcInterfaceInfo *self)
{
  GString *json;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  json = g_string_new (NULL);
  if (!plant_rpc_json_write (plant_rpc_interface_info_get_form (self), json, &error))
    g_error ("an interface that cannot be written: %s", error->message);
  return g_string_free (json, FALSE);
}

/**
 * plant_rpc_interface_info_equal:
 * @self: an interface
 * @other: another interface
 *
 * Compares two interfaces. They are equal if they describe the same members in the same order with
 * the same texts.
 *
 * Returns: whether they are equal
 *
 * Since: 1.0
 */
gboolean
plant_rpc_interface_info_equal (PlantRpcInterfaceInfo *self,
                                PlantRpcInterfaceInfo *other)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (other != NULL, FALSE);

  return self == other || g_variant_equal (plant_rpc_interface_info_get_form (self),
                                           plant_rpc_interface_info_get_form (other));
}

/**
 * plant_rpc_interface_info_lookup_method:
 * @self: an interface
 * @name: a name on the wire (`get_image`) or in GObject's spelling (`get-image`)
 *
 * Looks up a method.
 *
 * Returns: (transfer none) (nullable): the method, or %NULL if there is none of that name
 *
 * Since: 1.0
 */
PlantRpcMethodInfo *
plant_rpc_interface_info_lookup_method (PlantRpcInterfaceInfo *self,
                                        const char            *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return plant_rpc_members_lookup (&self->methods, name, '_');
}

/**
 * plant_rpc_interface_info_lookup_property:
 * @self: an interface
 * @name: a name on the wire (`video_url`) or in GObject's spelling (`video-url`)
 *
 * Looks up a property. If @name is the name on the wire of one and the GObject name of another, the
 * former is found.
 *
 * Returns: (transfer none) (nullable): the property, or %NULL if there is none of that name
 *
 * Since: 1.0
 */
PlantRpcPropertyInfo *
plant_rpc_interface_info_lookup_property (PlantRpcInterfaceInfo *self,
                                          const char            *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return plant_rpc_members_lookup (&self->properties, name, '-');
}

/**
 * plant_rpc_interface_info_lookup_signal:
 * @self: an interface
 * @name: a name on the wire (`videoUrlChanged`) or in GObject's spelling (`video-url-changed`)
 *
 * Looks up a signal. If @name is the name on the wire of one and the GObject name of another, the
 * former is found.
 *
 * Returns: (transfer none) (nullable): the signal, or %NULL if there is none of that name
 *
 * Since: 1.0
 */
PlantRpcSignalInfo *
plant_rpc_interface_info_lookup_signal (PlantRpcInterfaceInfo *self,
                                        const char            *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return plant_rpc_members_lookup (&self->signals, name, '-');
}

/**
 * plant_rpc_interface_info_list_methods:
 * @self: an interface
 *
 * Lists the methods by their names on the wire, in the order of their declaration.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
plant_rpc_interface_info_list_methods (PlantRpcInterfaceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return plant_rpc_members_list_names (&self->methods);
}

/**
 * plant_rpc_interface_info_list_properties:
 * @self: an interface
 *
 * Lists the properties by their GObject names, in the order of their declaration.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
plant_rpc_interface_info_list_properties (PlantRpcInterfaceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return plant_rpc_members_list_names (&self->properties);
}

/**
 * plant_rpc_interface_info_list_signals:
 * @self: an interface
 *
 * Lists the signals by their GObject names, in the order of their declaration.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names
 *
 * Since: 1.0
 */
char **
plant_rpc_interface_info_list_signals (PlantRpcInterfaceInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return plant_rpc_members_list_names (&self->signals);
}

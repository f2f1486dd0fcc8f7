/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-property-info.h"
#include "plant-rpc-role-private.h"


/**
 * PlantRpcPropertyInfo:
 *
 * A property of a remote object: its names on the wire and as a GObject property, and its type,
 * access, range and choices, as far as they are known.
 *
 * If a peer sends only the names of its properties, they count as readable and writable, and have
 * no limits.
 *
 * Immutable; may be used from any thread.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (PlantRpcPropertyInfo, plant_rpc_property_info,
                     plant_rpc_property_info_ref, plant_rpc_property_info_unref)

PlantRpcPropertyInfo *
plant_rpc_property_info_new (const char *name,
                             const char *wire_name,
                             const char *type_string)
{
  PlantRpcPropertyInfo *self = g_new0 (PlantRpcPropertyInfo, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->wire_name = g_strdup (wire_name);
  self->type_string = g_strdup (type_string);
  self->readable = TRUE;
  self->writable = TRUE;
  self->role = PLANT_RPC_DEFAULT_ROLE;
  return self;
}

/**
 * plant_rpc_property_info_ref:
 * @self: a property
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
PlantRpcPropertyInfo *
plant_rpc_property_info_ref (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * plant_rpc_property_info_unref:
 * @self: (transfer full): a property
 *
 * Releases a reference, and frees the property with the last one.
 *
 * Since: 1.0
 */
void
plant_rpc_property_info_unref (PlantRpcPropertyInfo *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->wire_name);
  g_free (self->type_string);
  g_free (self->type_name);
  g_strfreev (self->choices);
  g_free (self->choice_values);
  g_clear_pointer (&self->default_value, g_variant_unref);
  g_clear_pointer (&self->minimum, g_variant_unref);
  g_clear_pointer (&self->maximum, g_variant_unref);
  g_free (self->unit);
  g_free (self->description);
  g_free (self->change_signal);
  g_clear_pointer (&self->pspec, g_param_spec_unref);
  g_free (self);
}

/**
 * plant_rpc_property_info_get_name:
 * @self: a property
 *
 * Gets the name of the GObject property that stands for it, such as `video-url`.
 *
 * Returns: (transfer none): the name, unique among the properties of its interface
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_info_get_name (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * plant_rpc_property_info_get_wire_name:
 * @self: a property
 *
 * Gets the name on the wire, such as `video_url`.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_info_get_wire_name (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->wire_name;
}

/**
 * plant_rpc_property_info_get_type_string:
 * @self: a property
 *
 * Gets the type of the values, as a GVariant type string.
 *
 * The type of an enumeration is `s`, since its values are sent as nicks. The type of flags is `as`.
 *
 * Returns: (transfer none): the type, empty if it is not known
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_info_get_type_string (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->type_string;
}

/**
 * plant_rpc_property_info_get_choices:
 * @self: a property
 *
 * Gets the nicks of an enumeration or of flags.
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the nicks, or %NULL if the
 *   property is neither
 *
 * Since: 1.0
 */
const char *const *
plant_rpc_property_info_get_choices (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *) self->choices;
}

/**
 * plant_rpc_property_info_get_readable:
 * @self: a property
 *
 * Tells whether the property can be read.
 *
 * Returns: whether it can be read
 *
 * Since: 1.0
 */
gboolean
plant_rpc_property_info_get_readable (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->readable;
}

/**
 * plant_rpc_property_info_get_writable:
 * @self: a property
 *
 * Tells whether the interface declares the property as writable. The device may still refuse a
 * write.
 *
 * Returns: whether it can be written
 *
 * Since: 1.0
 */
gboolean
plant_rpc_property_info_get_writable (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->writable;
}

/**
 * plant_rpc_property_info_get_role:
 * @self: a property
 *
 * Gets the role that a secured server asks of who writes the property. Each client that is let in
 * may read it.
 *
 * Returns: the role
 *
 * Since: 1.1
 */
PlantRpcRole
plant_rpc_property_info_get_role (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, PLANT_RPC_DEFAULT_ROLE);

  return self->role;
}

/**
 * plant_rpc_property_info_get_default:
 * @self: a property
 *
 * Gets the value that a client shows until the device has sent its own.
 *
 * Returns: (transfer none) (nullable): the default, of the type of the property; %NULL if there
 *   is none
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_property_info_get_default (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->default_value;
}

/**
 * plant_rpc_property_info_get_minimum:
 * @self: a property
 *
 * Gets the smallest value the property takes.
 *
 * Returns: (transfer none) (nullable): the limit, of the type of the property; %NULL if only the
 *   type limits it
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_property_info_get_minimum (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->minimum;
}

/**
 * plant_rpc_property_info_get_maximum:
 * @self: a property
 *
 * Gets the largest value the property takes.
 *
 * Returns: (transfer none) (nullable): the limit, of the type of the property; %NULL if only the
 *   type limits it
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_property_info_get_maximum (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->maximum;
}

/**
 * plant_rpc_property_info_get_step:
 * @self: a property
 *
 * Gets by how much a widget should change the number at once. Values between two steps are taken as
 * well.
 *
 * Returns: the step, or 0 if none was declared
 *
 * Since: 1.0
 */
double
plant_rpc_property_info_get_step (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->step;
}

/**
 * plant_rpc_property_info_get_unit:
 * @self: a property
 *
 * Gets the unit of the values, such as `mm`, for people to read.
 *
 * Returns: (transfer none) (nullable): the unit, or %NULL if none was declared
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_info_get_unit (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->unit;
}

/**
 * plant_rpc_property_info_get_description:
 * @self: a property
 *
 * Gets a description for people to read.
 *
 * Returns: (transfer none) (nullable): the description, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_info_get_description (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->description;
}

/**
 * plant_rpc_property_info_get_change_signal:
 * @self: a property
 *
 * Gets the name on the wire of the signal that reports the changes of this property, such as
 * `videoUrlChanged`.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if there is no such signal
 *
 * Since: 1.0
 */
const char *
plant_rpc_property_info_get_change_signal (PlantRpcPropertyInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->change_signal;
}

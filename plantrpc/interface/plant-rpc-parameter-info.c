/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-parameter-info.h"

/**
 * PlantRpcParameterInfo:
 *
 * A parameter of a method: its name, its type, and the value that it has if it is left out.
 *
 * Immutable; may be used from any thread.
 *
 * Since: 1.0
 */
G_DEFINE_BOXED_TYPE (PlantRpcParameterInfo, plant_rpc_parameter_info,
                     plant_rpc_parameter_info_ref, plant_rpc_parameter_info_unref)

PlantRpcParameterInfo *
plant_rpc_parameter_info_new (void)
{
  PlantRpcParameterInfo *self = g_new0 (PlantRpcParameterInfo, 1);

  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

/**
 * plant_rpc_parameter_info_ref:
 * @self: a parameter
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @self
 *
 * Since: 1.0
 */
PlantRpcParameterInfo *
plant_rpc_parameter_info_ref (PlantRpcParameterInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * plant_rpc_parameter_info_unref:
 * @self: (transfer full): a parameter
 *
 * Releases a reference, and frees the parameter with the last one.
 *
 * Since: 1.0
 */
void
plant_rpc_parameter_info_unref (PlantRpcParameterInfo *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->name);
  g_free (self->type_string);
  g_clear_pointer (&self->default_value, g_variant_unref);
  g_free (self);
}

/**
 * plant_rpc_parameter_info_get_name:
 * @self: a parameter
 *
 * Gets the name, by which an argument can be given, too.
 *
 * Returns: (transfer none): the name, unique among the parameters of its method
 *
 * Since: 1.0
 */
const char *
plant_rpc_parameter_info_get_name (PlantRpcParameterInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * plant_rpc_parameter_info_get_type_string:
 * @self: a parameter
 *
 * Gets the type of the argument, as a GVariant type string.
 *
 * Returns: (transfer none): the type; `v` if the parameter takes any value, as one without a
 *   declared type does
 *
 * Since: 1.0
 */
const char *
plant_rpc_parameter_info_get_type_string (PlantRpcParameterInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->type_string;
}

/**
 * plant_rpc_parameter_info_get_default:
 * @self: a parameter
 *
 * Gets the value that the parameter has if no argument is given for it.
 *
 * Returns: (transfer none) (nullable): the default, of the type of the parameter, and of any type
 *   if that is `v`; %NULL if the argument is required
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_parameter_info_get_default (PlantRpcParameterInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->default_value;
}

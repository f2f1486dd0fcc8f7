/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-invocation-private.h"
#include "plant-rpc-value-json-private.h"

/* What is given and answered in JSON, in one step each for the override for JavaScript, see
 * plant-rpc-value-json.c. */

/**
 * plant_rpc_invocation_get_json:
 * @self: an invocation
 *
 * Gets what is given, for JavaScript in one step.
 *
 * The override for JavaScript uses it, and programs have no need to: for a call, this is
 * [method@Invocation.get_args] in an array, as [func@value_to_json] has it, with
 * [method@Invocation.get_kwargs] behind that if there are any; for a write,
 * [method@Invocation.get_value].
 *
 * Returns: (transfer full) (nullable): the JSON text, or %NULL for what JSON does not tell exactly
 *
 * Since: 1.0
 */
char *
plant_rpc_invocation_get_json (PlantRpcInvocation *self)
{
  GVariant *value;

  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);

  value = plant_rpc_invocation_get_value (self);
  if (value != NULL)
    return plant_rpc_value_tell_json (value);
  return plant_rpc_value_call_to_json (plant_rpc_invocation_get_args (self),
                                       plant_rpc_invocation_get_kwargs (self));
}

/**
 * plant_rpc_invocation_return_json:
 * @self: an invocation
 * @json: what `JSON.stringify()` of JavaScript returns
 *
 * Answers with a value of JavaScript in one step.
 *
 * The override for JavaScript uses it, and programs have no need to: this is
 * [method@Invocation.return_value] with what [func@value_from_json] returns. Of a write it is what
 * the property has then, and is told the writer, so that the property is not read. Nothing is done
 * if there is an answer already. May be called from any thread.
 *
 * Returns: whether there is an answer now, and not a text that [func@value_from_json] does not take
 *
 * Since: 1.0
 */
gboolean
plant_rpc_invocation_return_json (PlantRpcInvocation *self,
                                  const char         *json)
{
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), FALSE);
  g_return_val_if_fail (json != NULL, FALSE);

  if (plant_rpc_invocation_get_answered (self))
    return TRUE;
  value = plant_rpc_value_from_json (json, NULL);
  if (value == NULL)
    return FALSE;
  plant_rpc_invocation_take_result (self, value);
  return TRUE;
}

/**
 * plant_rpc_invocation_return_buffer_json:
 * @self: an invocation
 * @data: (array length=length) (transfer full): the bytes, of which JavaScript makes a copy
 * @length: the number of bytes
 * @info: (nullable): information about the buffer, what `JSON.stringify()` of JavaScript returns of
 *   an object
 *
 * Answers with a buffer of JavaScript in one step.
 *
 * The override for JavaScript uses it, and programs have no need to: this is
 * [method@Invocation.return_buffer] with what [func@value_from_json] returns, and without a
 * [struct@GLib.Bytes], which would keep the bytes until JavaScript collects it. Nothing is done if
 * there is an answer already. May be called from any thread.
 *
 * Returns: whether there is an answer now, and not a text that [func@value_from_json] does not take
 *   for a dictionary
 *
 * Since: 1.0
 */
gboolean
plant_rpc_invocation_return_buffer_json (PlantRpcInvocation *self,
                                         guint8             *data,
                                         gsize               length,
                                         const char         *info)
{
  g_autoptr (GBytes) buffer = g_bytes_new_take (data, length);
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), FALSE);

  if (plant_rpc_invocation_get_answered (self))
    return TRUE;
  value = info != NULL ? plant_rpc_value_from_json (info, NULL) : NULL;
  if (info != NULL &&
      (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT)))
    return FALSE;
  plant_rpc_invocation_return_buffer (self, buffer, value);
  return TRUE;
}

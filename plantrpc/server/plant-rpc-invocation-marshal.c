/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-invocation-private.h"
#include "plant-rpc-value-marshal-private.h"

/* What is given and answered in marshal, in one step each for the override for Python, see
 * plant-rpc-value-marshal.c. */

/**
 * plant_rpc_invocation_get_marshal:
 * @self: an invocation
 * @length: (out): the number of bytes
 *
 * Gets the arguments for Python in one step.
 *
 * The override for Python uses it, and programs have no need to: this is
 * [method@Invocation.get_args] and [method@Invocation.get_kwargs], each as
 * [func@value_to_marshal] has it, in a tuple.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full) (nullable): what
 *   `marshal.loads()` of Python takes, or %NULL for arguments that marshal cannot tell
 *
 * Since: 1.0
 */
guint8 *
plant_rpc_invocation_get_marshal (PlantRpcInvocation *self,
                                  gsize              *length)
{
  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), NULL);
  g_return_val_if_fail (length != NULL, NULL);

  return plant_rpc_value_call_to_marshal (plant_rpc_invocation_get_args (self),
                                          plant_rpc_invocation_get_kwargs (self), length);
}

/**
 * plant_rpc_invocation_return_marshal:
 * @self: an invocation
 * @data: (array length=length) (element-type guint8): what `marshal.dumps (value, 2)` of Python
 *   returns
 * @length: the number of bytes
 *
 * Answers with a value of Python in one step.
 *
 * The override for Python uses it, and programs have no need to: this is
 * [method@Invocation.return_value] with what [func@value_from_marshal] returns. Of a write it is
 * what the property has then, and is told the writer, so that the property is not read. Nothing is
 * done if there is an answer already. May be called from any thread.
 *
 * Returns: whether there is an answer now, and not a value that [func@value_from_marshal] does not
 *   take
 *
 * Since: 1.0
 */
gboolean
plant_rpc_invocation_return_marshal (PlantRpcInvocation *self,
                                     const guint8       *data,
                                     gsize               length)
{
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_INVOCATION (self), FALSE);

  if (plant_rpc_invocation_get_answered (self))
    return TRUE;
  value = plant_rpc_value_from_marshal (data, length);
  if (value == NULL)
    return FALSE;
  plant_rpc_invocation_take_result (self, value);
  return TRUE;
}

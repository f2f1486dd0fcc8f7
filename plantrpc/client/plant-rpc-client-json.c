/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client.h"
#include "plant-rpc-value-json-private.h"

/* A call in one step for the override for JavaScript: what it gives and takes is JSON, see
 * plant-rpc-value-json.c. Nothing is done, and NULL returned, where the override has to look at a
 * value itself. */

/* Sets VALUE to what TEXT says, or to NULL if there is no TEXT. Returns FALSE if that is not of
 * TYPE. */
static gboolean
take (const char  *text,
      const char  *type,
      GVariant   **value)
{
  *value = text != NULL ? plant_rpc_value_from_json (text, NULL) : NULL;
  return text == NULL || (*value != NULL && g_variant_is_of_type (*value, G_VARIANT_TYPE (type)));
}

/**
 * plant_rpc_client_call_json_sync:
 * @self: a client
 * @method: the name of a method that returns a value
 * @args: (nullable): the positional arguments, what `JSON.stringify()` of JavaScript returns of an
 *   array
 * @kwargs: (nullable): the named arguments, what it returns of an object
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_FROM_SERVER, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @value: (out) (transfer full) (nullable): a result that JSON does not tell exactly
 * @error: return location for an error
 *
 * Calls a method that returns a value, and blocks until it has ended.
 *
 * The override for JavaScript uses it, and programs have no need to: this is
 * [method@Client.call_sync] in one step. An empty tuple is told as `null`. Errors are those of
 * [method@Client.call_finish].
 *
 * Returns: (transfer full) (nullable): the result as [func@value_to_json] has it; %NULL if @value
 *   has it or there is an error, and without either, if nothing was done, since
 *   [func@value_from_json] would not take the arguments
 *
 * Since: 1.0
 */
char *
plant_rpc_client_call_json_sync (PlantRpcClient  *self,
                                 const char      *method,
                                 const char      *args,
                                 const char      *kwargs,
                                 int              timeout,
                                 GCancellable    *cancellable,
                                 GVariant       **value,
                                 GError         **error)
{
  g_autoptr (GVariant) positional = NULL;
  g_autoptr (GVariant) named = NULL;
  g_autoptr (GVariant) result = NULL;
  char *told;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (value != NULL, NULL);

  *value = NULL;
  if (!take (args, "av", &positional) || !take (kwargs, "a{sv}", &named))
    return NULL;
  result = plant_rpc_client_call_sync (self, method, positional, named, timeout, cancellable,
                                       error);
  if (result == NULL)
    return NULL;
  told = plant_rpc_value_tell_json (result);
  if (told == NULL)
    *value = g_steal_pointer (&result);
  return told;
}

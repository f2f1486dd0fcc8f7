/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-discovery-private.h"

/* Waiting for the first client of a discovery. */

/**
 * plant_rpc_discovery_wait_client:
 * @self: a discovery
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller
 * @user_data: data for @callback
 *
 * Waits until there is a client. It is for a program that needs one client, and sets
 * [property@Discovery:keypair] or [property@Discovery:unknown-devices]; otherwise
 * [func@Client.discover] is shorter.
 *
 * Since: 1.1
 */
void
plant_rpc_discovery_wait_client (PlantRpcDiscovery   *self,
                                 int                  timeout,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (PLANT_RPC_IS_DISCOVERY (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_discovery_wait_client);
  plant_rpc_discovery_add_task (self, task, timeout);
}

/**
 * plant_rpc_discovery_wait_client_finish:
 * @self: a discovery
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Finishes an operation started with [method@Discovery.wait_client].
 *
 * Errors are those of [func@Client.discover_finish].
 *
 * Returns: (transfer full): a client that was ready. It stays open as long as somebody holds a
 *   reference to it, unless the discovery is closed.
 *
 * Since: 1.1
 */
PlantRpcClient *
plant_rpc_discovery_wait_client_finish (PlantRpcDiscovery  *self,
                                        GAsyncResult       *result,
                                        GError            **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_boolean (G_TASK (result), error)
             ? plant_rpc_discovery_ref_client (self, error) : NULL;
}

/**
 * plant_rpc_discovery_wait_client_sync:
 * @self: a discovery
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Waits until there is a client, as [method@Discovery.wait_client] does, and blocks.
 *
 * Errors are those of [func@Client.discover_finish].
 *
 * Returns: (transfer full): a client that was ready
 *
 * Since: 1.1
 */
PlantRpcClient *
plant_rpc_discovery_wait_client_sync (PlantRpcDiscovery  *self,
                                      int                 timeout,
                                      GCancellable       *cancellable,
                                      GError            **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_DISCOVERY (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return plant_rpc_discovery_run (self, timeout, cancellable, error)
             ? plant_rpc_discovery_ref_client (self, error) : NULL;
}

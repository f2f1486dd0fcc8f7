/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-server-parts-private.h"

/**
 * plant_rpc_server_register_to_registry:
 * @self: a server that runs
 * @device_type: what kind of device it is, such as `camera`
 * @name: (nullable): the name to ask for; empty or %NULL to let the registry choose
 * @registry_url: where the registry is, such as `tcp://192.168.1.2:5555`
 * @overwrite: whether a device that has the name already is to be removed
 * @cancellable: (nullable): cancels the operation, and withdraws a registration that was made in
 *   the meantime
 * @callback: (scope async): called in the thread-default context of the caller once the registry
 *   has accepted it
 * @user_data: data for @callback
 *
 * Registers the server with a registry.
 *
 * If the registry cannot be reached, the operation waits for it without a time limit. Once the
 * registry has accepted the server, the server stays registered. A thread of its own sends signs of
 * life, so handlers cannot delay them. If the registry was restarted or has forgotten the server,
 * the server registers again under its present name. [property@Server:registered] tells whether the
 * server is registered, and [property@Server:name] is the accepted name. The registration is
 * withdrawn when the server stops for any reason, or is finalized.
 *
 * The server sends the registry one address to which clients can connect. If the server listens on
 * all interfaces, this is the address from which it reaches the registry. When that changes, as
 * with another network, the server registers again, under its present name. If the registry is on
 * the same computer, a [class@RegistryClient] elsewhere shows the address of that computer.
 *
 * A registry that is secured has its key at the end of @registry_url, after a `#`. It knows the
 * server by its [property@Server:keypair], or if the server is not secured by the pair `default` of
 * the user, and that key needs the role of an operator there.
 *
 * A server is registered with one registry at most. It is withdrawn from a former registry.
 *
 * Fails with %PLANT_RPC_ERROR_CLOSED if the server does not run or is stopped, with
 * %PLANT_RPC_ERROR_INVALID_URL, with %G_IO_ERROR_HOST_NOT_FOUND if there is no host with the name
 * in @registry_url, with %G_IO_ERROR_PERMISSION_DENIED if keys keep the server from the registry,
 * and with %PLANT_RPC_ERROR_REFUSED if the registry refuses the server, such as for a name that
 * belongs to another key.
 *
 * Counterpart of `RPCServer.register_to_registry`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_register_to_registry (PlantRpcServer      *self,
                                       const char          *device_type,
                                       const char          *name,
                                       const char          *registry_url,
                                       gboolean             overwrite,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  const PlantRpcAnnouncementSetup setup = {
    .registry_url = registry_url,
    .device_type = device_type,
    .name = name != NULL ? name : "",
    .overwrite = overwrite,
  };
  GTask *task;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (device_type != NULL);
  g_return_if_fail (registry_url != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  hold = plant_rpc_server_enter (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_server_register_to_registry);
  plant_rpc_registration_register (plant_rpc_server_get_parts (self)->registration, &setup, task);
}

/**
 * plant_rpc_server_register_to_registry_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes an operation that [method@Server.register_to_registry] started.
 *
 * Errors are those of [method@Server.register_to_registry], and %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): the name that the registry accepted, or %NULL with @error set
 *
 * Since: 1.0
 */
char *
plant_rpc_server_register_to_registry_finish (PlantRpcServer  *self,
                                              GAsyncResult    *result,
                                              GError         **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * plant_rpc_server_register_to_registry_sync:
 * @self: a server that runs
 * @device_type: what kind of device it is, such as `camera`
 * @name: (nullable): the name to ask for; empty or %NULL to let the registry choose
 * @registry_url: where the registry is
 * @overwrite: whether a device that has the name already is to be removed
 * @cancellable: (nullable): cancels the operation, from another thread
 * @error: return location for an error
 *
 * Registers the server with a registry, like [method@Server.register_to_registry], and waits until
 * the registry has accepted it. The server serves no request in the meantime. If the registry
 * cannot be reached, the function waits without a time limit, and only @cancellable ends that.
 *
 * Errors are those of [method@Server.register_to_registry_finish].
 *
 * Returns: (transfer full): the name that the registry accepted, or %NULL with @error set
 *
 * Since: 1.0
 */
char *
plant_rpc_server_register_to_registry_sync (PlantRpcServer  *self,
                                            const char      *device_type,
                                            const char      *name,
                                            const char      *registry_url,
                                            gboolean         overwrite,
                                            GCancellable    *cancellable,
                                            GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  const PlantRpcAnnouncementSetup setup = {
    .registry_url = registry_url,
    .device_type = device_type,
    .name = name != NULL ? name : "",
    .overwrite = overwrite,
  };

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);
  g_return_val_if_fail (device_type != NULL, NULL);
  g_return_val_if_fail (registry_url != NULL, NULL);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_registration_register_sync (plant_rpc_server_get_parts (self)->registration,
                                               &setup, cancellable, error);
}

/**
 * plant_rpc_server_unregister:
 * @self: a server
 * @cancellable: (nullable): cancels the waiting for the registry's answer
 * @callback: (scope async): called in the thread-default context of the caller once the registry
 *   has answered, or after a second without an answer
 * @user_data: data for @callback
 *
 * Withdraws the server from its registry. The server continues to serve, under the name that it had
 * before the registration.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if the server is not registered, and with %G_IO_ERROR_TIMED_OUT
 * if the registry has not confirmed the withdrawal. The server is not registered afterwards in
 * either case. A server that the process before a fork has started stays registered, and the error
 * is %PLANT_RPC_ERROR_CLOSED.
 *
 * Counterpart of `unregister_device`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_unregister (PlantRpcServer      *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  GTask *task;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  hold = plant_rpc_server_enter (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_server_unregister);
  plant_rpc_registration_unregister (plant_rpc_server_get_parts (self)->registration, task);
}

/**
 * plant_rpc_server_unregister_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Finishes an operation that [method@Server.unregister] started.
 *
 * Errors are those of [method@Server.unregister], and %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether the registry has confirmed it
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_unregister_finish (PlantRpcServer  *self,
                                    GAsyncResult    *result,
                                    GError         **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * plant_rpc_server_unregister_sync:
 * @self: a server
 * @cancellable: (nullable): if cancelled already, nothing is done
 * @error: return location for an error
 *
 * Withdraws the server from its registry, like [method@Server.unregister], and waits for the
 * registry's answer, but for at most a second.
 *
 * Errors are those of [method@Server.unregister_finish].
 *
 * Returns: whether the registry has confirmed it
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_unregister_sync (PlantRpcServer  *self,
                                  GCancellable    *cancellable,
                                  GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = plant_rpc_server_enter (self);
  return !g_cancellable_set_error_if_cancelled (cancellable, error) &&
         plant_rpc_registration_unregister_sync (plant_rpc_server_get_parts (self)->registration,
                                                 error);
}

/**
 * plant_rpc_server_get_registered:
 * @self: a server
 *
 * Tells whether a registry lists the server, as far as is known.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_registered (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->listing->registered;
}

/**
 * plant_rpc_server_get_alive_timeout:
 * @self: a server
 *
 * Gets the time of silence after which a registry forgets the server.
 *
 * Returns: the time in s
 *
 * Since: 1.0
 */
guint
plant_rpc_server_get_alive_timeout (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->listing->alive_timeout;
}

/**
 * plant_rpc_server_get_exit_without_registry:
 * @self: a server
 *
 * Tells whether the server stops when its registry does not answer any more.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_exit_without_registry (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->listing->exit_without_registry;
}

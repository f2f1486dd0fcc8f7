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
 * @cancellable: (nullable): cancels it, and withdraws what was registered meanwhile
 * @callback: (scope async): called in the context of the server once the registry has accepted it
 * @user_data: data for @callback
 *
 * Registers the server with a registry.
 *
 * It waits for a registry that is not there yet, without limit. Once accepted, the server stays
 * registered: signs of life are sent from a thread of their own, whatever the handlers do; where
 * the registry was restarted, or has forgotten the server, it registers again under its present
 * name. [property@Server:registered] tells how it stands, [property@Server:name] the accepted name.
 * It is withdrawn when the server is stopped, by whatever means, or goes.
 *
 * The registry is told one address that clients can connect to: where the server listens on all
 * interfaces, it is the one from which the registry is reached.
 *
 * A server is registered with one registry at most: with the former it is withdrawn.
 *
 * Fails with %PLANT_RPC_ERROR_CLOSED if the server does not run or is stopped,
 * %PLANT_RPC_ERROR_INVALID_URL, and %PLANT_RPC_ERROR_REFUSED if the registry does not want it.
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

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_server_register_to_registry);
  plant_rpc_registration_register (plant_rpc_server_get_registration (self), &setup, task);
}

/**
 * plant_rpc_server_register_to_registry_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends what [method@Server.register_to_registry] began.
 *
 * Errors are those of [method@Server.register_to_registry], with %G_IO_ERROR_CANCELLED.
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
 * @cancellable: (nullable): cancels it, from another thread
 * @error: return location for an error
 *
 * Registers the server with a registry, as [method@Server.register_to_registry] does, and waits
 * until that has accepted it. No request is served meanwhile. A registry that is not there is
 * waited for without limit: only @cancellable ends that.
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

  return plant_rpc_registration_register_sync (plant_rpc_server_get_registration (self), &setup,
                                               cancellable, error);
}

/**
 * plant_rpc_server_unregister:
 * @self: a server
 * @cancellable: (nullable): cancels the waiting for the registry's answer
 * @callback: (scope async): called in the context of the server once the registry has answered, or
 *   has not for a second
 * @user_data: data for @callback
 *
 * Withdraws the server from its registry. It goes on serving, under the name that it had before.
 *
 * Fails with %G_IO_ERROR_NOT_FOUND if it is not registered, and with %G_IO_ERROR_TIMED_OUT if the
 * registry has not confirmed it; withdrawn it is in either case.
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
  GTask *task;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_server_unregister);
  plant_rpc_registration_unregister (plant_rpc_server_get_registration (self), task);
}

/**
 * plant_rpc_server_unregister_finish:
 * @self: a server
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends what [method@Server.unregister] began.
 *
 * Errors are those of [method@Server.unregister], with %G_IO_ERROR_CANCELLED.
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
 * Withdraws the server from its registry, as [method@Server.unregister] does, and waits for the
 * registry's answer, for a second at most.
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
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return !g_cancellable_set_error_if_cancelled (cancellable, error) &&
         plant_rpc_registration_unregister_sync (plant_rpc_server_get_registration (self), error);
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
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);

  return plant_rpc_registration_get_state (plant_rpc_server_get_registration (self))->registered;
}

/**
 * plant_rpc_server_get_alive_timeout:
 * @self: a server
 *
 * Gets after how much silence a registry is to forget the server.
 *
 * Returns: the time in s
 *
 * Since: 1.0
 */
guint
plant_rpc_server_get_alive_timeout (PlantRpcServer *self)
{
  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);

  return plant_rpc_registration_get_state (plant_rpc_server_get_registration (self))->alive_timeout;
}

/**
 * plant_rpc_server_set_alive_timeout:
 * @self: a server
 * @seconds: the time in s, more than 0
 *
 * Sets after how much silence a registry is to forget the server, for registrations made later.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_alive_timeout (PlantRpcServer *self,
                                    guint           seconds)
{
  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (seconds > 0);

  plant_rpc_registration_set_alive_timeout (plant_rpc_server_get_registration (self), seconds);
}

/**
 * plant_rpc_server_get_exit_without_registry:
 * @self: a server
 *
 * Tells whether the server stops when its registry is gone.
 *
 * Returns: whether it does
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_exit_without_registry (PlantRpcServer *self)
{
  PlantRpcRegistration *registration;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);

  registration = plant_rpc_server_get_registration (self);
  return plant_rpc_registration_get_state (registration)->exit_without_registry;
}

/**
 * plant_rpc_server_set_exit_without_registry:
 * @self: a server
 * @exit: whether it stops
 *
 * Sets whether the server stops when its registry is gone; at first it goes on.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_exit_without_registry (PlantRpcServer *self,
                                            gboolean        exit)
{
  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  plant_rpc_registration_set_exit_without_registry (plant_rpc_server_get_registration (self), exit);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-loan-private.h"
#include "plant-rpc-server-parts-private.h"

/**
 * plant_rpc_server_start:
 * @self: a server
 * @error: return location for an error
 *
 * Starts to listen, and serves while the main context of the server runs.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_URL, with %G_IO_ERROR_ADDRESS_IN_USE if the port is taken, or
 * if another server or a file has the path, with %G_IO_ERROR_NOT_FOUND if this computer does not
 * have the address, with %G_IO_ERROR_HOST_NOT_FOUND if nothing has the name, and with another
 * %G_IO_ERROR if the system does not permit it. If the server runs already, nothing changes.
 *
 * While the name of a host is looked up, the function blocks, for five seconds at most. It ends
 * with %G_IO_ERROR_CANCELLED when the current cancellable of the thread is cancelled; see
 * [method@Gio.Cancellable.push_current].
 *
 * If a service manager such as systemd started the process, the first server that starts notifies
 * it that the process is ready (`READY=1`), and the last one that stops that it is stopping
 * (`STOPPING=1`). If the service manager expects beats of a watchdog, the main context of the
 * server sends them (`WATCHDOG=1`), twice within the time that is allowed. A handler that runs in
 * that context for longer than that delays them. One with %PLANT_RPC_METHOD_FLAGS_BLOCKING delays
 * none.
 *
 * Returns: whether the server runs
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_start (PlantRpcServer  *self,
                        GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_service_start (plant_rpc_server_get_parts (self)->service, error);
}

/**
 * plant_rpc_server_serve_forever:
 * @self: a server
 * @error: return location for an error
 *
 * Starts the server unless it runs already, and runs its main context until the server is stopped:
 * by [method@Server.stop], or by a client if [property@Server:allow-stop] is set. While the server
 * is registered with a registry, SIGTERM and SIGINT stop it, too, so that it is withdrawn from the
 * registry.
 *
 * Errors are those of [method@Server.start]. If a handler forks, the function goes on in the parent
 * and fails in the child with %PLANT_RPC_ERROR_CLOSED, when the handler has returned there.
 *
 * Counterpart of `RPCServer.serve_forever`.
 *
 * Returns: %TRUE once the server has been stopped; %FALSE if it could not be started, or belongs to
 *   the process that forked this one
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_serve_forever (PlantRpcServer  *self,
                                GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcServerPrivate *parts;
  g_autoptr (PlantRpcServer) kept = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  parts = plant_rpc_server_get_parts (self);
  g_return_val_if_fail (!parts->listing->in_loop || plant_rpc_service_is_inherited (parts->service),
                        FALSE);

  hold = plant_rpc_server_enter (self);
  if (!plant_rpc_service_start (parts->service, error))
    return FALSE;
  kept = g_object_ref (self);
  plant_rpc_registration_set_in_loop (parts->registration, TRUE);
  plant_rpc_service_run_loop (parts->service);
  plant_rpc_registration_set_in_loop (parts->registration, FALSE);
  return plant_rpc_service_check_own (parts->service, error);
}

/**
 * plant_rpc_server_get_running:
 * @self: a server
 *
 * Tells whether the server runs.
 *
 * Returns: whether it has been started and not been stopped
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_running (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->running;
}

/**
 * plant_rpc_server_get_url:
 * @self: a server
 *
 * Gets the URL as it was given, or the URL with the actual port while the server runs.
 *
 * A wildcard host stays `*`, since its address depends on where a client is.
 *
 * Returns: (transfer none) (nullable): the URL
 *
 * Since: 1.0
 */
const char *
plant_rpc_server_get_url (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_loan_lend_string (plant_rpc_server_get_parts (self)->home,
                                     plant_rpc_server_get_parts (self)->serving->url);
}

/**
 * plant_rpc_server_get_port:
 * @self: a server
 *
 * Gets the TCP port that the server listens on.
 *
 * Returns: the port; 0 while it does not run, and over `ipc://`
 *
 * Since: 1.0
 */
guint
plant_rpc_server_get_port (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->port;
}

/**
 * plant_rpc_server_get_name:
 * @self: a server
 *
 * Gets the name that the server sends to clients.
 *
 * Returns: (transfer none): the name, which may be empty
 *
 * Since: 1.0
 */
const char *
plant_rpc_server_get_name (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_loan_lend_string (plant_rpc_server_get_parts (self)->home,
                                     plant_rpc_server_get_parts (self)->serving->name);
}

/**
 * plant_rpc_server_set_name:
 * @self: a server
 * @name: (nullable): a name; %NULL stands for an empty one
 *
 * Sets the name that the server sends to clients when they connect.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_name (PlantRpcServer *self,
                           const char     *name)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  plant_rpc_service_set_name (plant_rpc_server_get_parts (self)->service, name);
}

/**
 * plant_rpc_server_get_peer_address:
 * @self: a server
 *
 * Gets the IP address of the client that connected last.
 *
 * Returns: (transfer none) (nullable): the address; %NULL before the first client
 *
 * Since: 1.0
 */
const char *
plant_rpc_server_get_peer_address (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_loan_lend_string (plant_rpc_server_get_parts (self)->home,
                                     plant_rpc_server_get_parts (self)->serving->peer_address);
}

/**
 * plant_rpc_server_get_allow_stop:
 * @self: a server
 *
 * Tells whether a client may stop the server.
 *
 * Returns: whether it may
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_get_allow_stop (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->allow_stop;
}

/**
 * plant_rpc_server_get_max_peer_calls:
 * @self: a server
 *
 * Gets how many calls and writes of one client may be under way at a time.
 *
 * Returns: the number of calls and writes
 *
 * Since: 1.1
 */
guint
plant_rpc_server_get_max_peer_calls (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->max_peer_calls;
}

/**
 * plant_rpc_server_get_max_unread:
 * @self: a server
 *
 * Gets how many bytes the server holds, for all clients together, because they do not read them.
 *
 * Returns: the number of bytes
 *
 * Since: 1.1
 */
guint64
plant_rpc_server_get_max_unread (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), 0);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_server_get_parts (self)->serving->max_unread;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-server-private.h"

static const char *
get_name (gpointer owner)
{
  return plant_rpc_server_get_private (owner)->name;
}

static gboolean
may_stop (gpointer owner)
{
  return plant_rpc_server_get_private (owner)->allow_stop;
}

static void
stop (gpointer owner)
{
  plant_rpc_server_stop (owner);
}

static void
on_connected (gpointer    owner,
              const char *address)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (owner);

  if (g_strcmp0 (priv->peer_address, address) == 0)
    return;
  g_free (priv->peer_address);
  priv->peer_address = g_strdup (address);
  g_object_notify (owner, "peer-address");
}

static gboolean
decides_writes (gpointer owner)
{
  return plant_rpc_server_decides_writes (owner);
}

static gboolean
decide_write (gpointer             owner,
              PlantRpcInvocation  *invocation,
              const char          *name,
              GVariant            *value,
              GError             **error)
{
  g_autoptr (PlantRpcServer) self = g_object_ref (owner);

  return plant_rpc_server_decide_write (self, invocation, name, value, error);
}

static const PlantRpcDispatcherFuncs dispatcher_funcs = {
  .get_name = get_name,
  .may_stop = may_stop,
  .stop = stop,
  .connected = on_connected,
  .decides_writes = decides_writes,
  .decide_write = decide_write,
};

static void
notify_state (PlantRpcServer *self)
{
  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify (G_OBJECT (self), "url");
  g_object_notify (G_OBJECT (self), "port");
  g_object_notify (G_OBJECT (self), "running");
  g_object_thaw_notify (G_OBJECT (self));
}

static PlantRpcDispatcher *
make_dispatcher (PlantRpcServer          *self,
                 const PlantRpcEndpoint  *endpoint,
                 const char              *uuid,
                 GError                 **error)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  PlantRpcDispatcherSetup setup = {
    .object = plant_rpc_server_get_object (self),
    .interface = plant_rpc_server_ensure_interface (self, error),
    .methods = priv->methods,
    .endpoint = endpoint,
    .context = priv->context,
    .instance = uuid,
    .max_peer_calls = priv->max_peer_calls,
    .max_unread = MIN (priv->max_unread, G_MAXSIZE),
    .funcs = &dispatcher_funcs,
    .owner = self,
  };

  return setup.interface != NULL ? plant_rpc_dispatcher_new (&setup, error) : NULL;
}

/**
 * plant_rpc_server_start:
 * @self: a server
 * @error: return location for an error
 *
 * Listens, and serves from now on while its main context runs.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_URL, with %G_IO_ERROR_ADDRESS_IN_USE where the port is taken,
 * and with another %G_IO_ERROR where the address is not of this machine. A server that runs already
 * goes on. The service manager, if there is one, is told that the process is ready.
 *
 * Returns: whether the server runs
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_start (PlantRpcServer  *self,
                        GError         **error)
{
  PlantRpcServerPrivate *priv;
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;
  g_autofree char *uuid = g_uuid_string_random ();

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = plant_rpc_server_get_private (self);
  if (priv->dispatcher != NULL)
    return TRUE;
  endpoint = plant_rpc_endpoint_parse (priv->url != NULL ? priv->url : "", error);
  if (endpoint == NULL)
    return FALSE;
  priv->dispatcher = make_dispatcher (self, endpoint, uuid, error);
  if (priv->dispatcher == NULL)
    return FALSE;

  priv->bound_url = plant_rpc_endpoint_print (endpoint, plant_rpc_server_get_port (self));
  priv->endpoint = g_steal_pointer (&endpoint);
  g_free (priv->uuid);
  priv->uuid = g_steal_pointer (&uuid);
  priv->watchdog = plant_rpc_watchdog_new (priv->context);
  g_object_notify (G_OBJECT (self), "uuid");
  notify_state (self);
  return TRUE;
}

static void
close_down (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  PlantRpcDispatcher *dispatcher = g_steal_pointer (&priv->dispatcher);
  g_autoptr (PlantRpcEndpoint) endpoint = g_steal_pointer (&priv->endpoint);

  if (priv->announcement != NULL)
    plant_rpc_announcement_leave (priv->announcement);
  g_clear_pointer (&priv->watchdog, plant_rpc_watchdog_free);
  g_clear_pointer (&priv->bound_url, g_free);
  if (priv->loop != NULL)
    g_main_loop_quit (priv->loop);
  plant_rpc_dispatcher_close (dispatcher);
  plant_rpc_server_withdraw (self, TRUE);
  notify_state (self);
}

/**
 * plant_rpc_server_stop:
 * @self: a server
 *
 * Stops serving, and lets go of all handlers, also where the server was not running.
 *
 * Connections are closed, once what was sent has left; invocations under way are cancelled, and
 * their answers dropped: a handler that stops its own server answers first. A server that is
 * registered is withdrawn, for which a registry that is connected has a second at most.
 * [method@Server.serve_forever] returns. The server can be started again at the same URL, once its
 * handlers have been registered again.
 *
 * Counterpart of `RPCServer.stop_server`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_stop (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  priv = plant_rpc_server_get_private (self);
  g_object_ref (self);
  if (priv->dispatcher != NULL)
    close_down (self);
  plant_rpc_server_release_handlers (self);
  g_object_unref (self);
}

/**
 * plant_rpc_server_serve_forever:
 * @self: a server
 * @error: return location for an error
 *
 * Starts the server unless it runs, and runs its main context until it is stopped: by
 * [method@Server.stop], or by a client where [property@Server:allow-stop] says so. While it is
 * registered with a registry, SIGTERM and SIGINT stop it too, so that it is withdrawn there.
 *
 * Errors are those of [method@Server.start].
 *
 * Counterpart of `RPCServer.serve_forever`.
 *
 * Returns: %TRUE once the server has been stopped; %FALSE if it could not be started
 *
 * Since: 1.0
 */
gboolean
plant_rpc_server_serve_forever (PlantRpcServer  *self,
                                GError         **error)
{
  PlantRpcServerPrivate *priv;
  g_autoptr (PlantRpcServer) kept = NULL;
  g_autoptr (GMainLoop) loop = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = plant_rpc_server_get_private (self);
  g_return_val_if_fail (priv->loop == NULL, FALSE);

  if (!plant_rpc_server_start (self, error))
    return FALSE;
  kept = g_object_ref (self);
  loop = g_main_loop_new (priv->context, FALSE);
  priv->loop = loop;
  plant_rpc_server_update_signals (self);
  g_main_context_push_thread_default (priv->context);
  if (priv->dispatcher != NULL)
    g_main_loop_run (loop);
  g_main_context_pop_thread_default (priv->context);
  priv->loop = NULL;
  plant_rpc_server_update_signals (self);
  return TRUE;
}

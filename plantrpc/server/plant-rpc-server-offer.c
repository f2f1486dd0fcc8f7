/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-names-private.h"
#include "plant-rpc-server-private.h"

PlantRpcInterfaceInfo *
plant_rpc_server_ensure_interface (PlantRpcServer  *self,
                                   GError         **error)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  GObject *object = plant_rpc_server_get_object (self);
  GType base = PLANT_RPC_IS_SERVER (object) ? PLANT_RPC_TYPE_SERVER : G_TYPE_OBJECT;
  g_autoptr (GPtrArray) methods = NULL;

  if (priv->interface != NULL)
    return priv->interface;
  methods = plant_rpc_method_table_list (priv->methods);
  priv->interface = plant_rpc_interface_info_new_for_export (
      G_OBJECT_TYPE (object), base, (const char *const *) priv->hidden->pdata, methods, error);
  return priv->interface;
}

void
plant_rpc_server_update_interface (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&priv->interface, plant_rpc_interface_info_unref);
  if (priv->dispatcher == NULL)
    return;
  if (plant_rpc_server_ensure_interface (self, &error) != NULL)
    plant_rpc_dispatcher_set_interface (priv->dispatcher, priv->interface);
  else
    g_warning ("Clients are not told of the change: %s", error->message);
}

static void
register_method (PlantRpcServer        *self,
                 const char            *name,
                 const char            *signature,
                 gboolean               buffer,
                 int                    timeout,
                 PlantRpcMethodFlags    flags,
                 PlantRpcMethodHandler  handler,
                 gpointer               user_data,
                 GDestroyNotify         notify)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);
  int told = timeout == PLANT_RPC_TIMEOUT_FROM_SERVER ? PLANT_RPC_TIMEOUT_DEFAULT : timeout;
  g_autoptr (GError) error = NULL;
  PlantRpcMethodInfo *info = plant_rpc_method_info_new (name, signature, buffer, told, &error);

  if (info == NULL)
    {
      g_critical ("The method “%s” cannot be registered: %s", name, error->message);
      if (notify != NULL)
        notify (user_data);
      return;
    }
  plant_rpc_method_table_add (priv->methods, info, flags, handler, user_data, notify);
  plant_rpc_server_update_interface (self);
}

static void
clear_writer (gpointer data)
{
  PlantRpcWriter *writer = data;

  if (writer->notify != NULL)
    writer->notify (writer->user_data);
}

static void
release_writer (PlantRpcWriter *writer)
{
  g_rc_box_release_full (writer, clear_writer);
}

void
plant_rpc_server_release_handlers (PlantRpcServer *self)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);

  g_clear_pointer (&priv->writer, release_writer);
  plant_rpc_method_table_clear (priv->methods);
  plant_rpc_server_update_interface (self);
}

gboolean
plant_rpc_server_accept_write (PlantRpcServer      *self,
                               PlantRpcInvocation  *invocation,
                               const char          *name,
                               GVariant            *value,
                               GError             **error)
{
  return TRUE;
}

gboolean
plant_rpc_server_decides_writes (PlantRpcServer *self)
{
  return plant_rpc_server_get_private (self)->writer != NULL ||
         PLANT_RPC_SERVER_GET_CLASS (self)->write_property != plant_rpc_server_accept_write;
}

gboolean
plant_rpc_server_decide_write (PlantRpcServer      *self,
                               PlantRpcInvocation  *invocation,
                               const char          *name,
                               GVariant            *value,
                               GError             **error)
{
  PlantRpcServerPrivate *priv = plant_rpc_server_get_private (self);

  PlantRpcWriter *writer;
  gboolean accepted;

  if (priv->writer == NULL)
    return PLANT_RPC_SERVER_GET_CLASS (self)->write_property (self, invocation, name, value, error);
  writer = g_rc_box_acquire (priv->writer);
  accepted = writer->handler (invocation, name, value, writer->user_data, error);
  release_writer (writer);
  return accepted;
}

/**
 * plant_rpc_server_register_method_json:
 * @self: a server
 * @name: the name of the method, as it travels
 * @signature: (nullable): the parameters and what is returned, as in `lores: b = false -> d`, see
 *   [func@type_declare_method]. Empty: there are none. %NULL: nothing is checked, and the handler
 *   looks at args and kwargs itself
 * @timeout: the time in ms that clients are told to wait; %PLANT_RPC_TIMEOUT_NONE: for ever; 0:
 *   %PLANT_RPC_TIMEOUT_DEFAULT
 * @flags: how the handler is run
 * @handler: (scope notified) (closure user_data) (destroy notify): runs the method
 * @user_data: data for @handler
 * @notify: (nullable): lets go of @user_data, in the main context of the server
 *
 * Offers a method that returns a value.
 *
 * One of the same name is replaced. While the server runs, clients learn of it with their
 * next connection. The handler is let go of by [method@Server.stop].
 *
 * Counterpart of `RPCServer.register_method_json`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_register_method_json (PlantRpcServer        *self,
                                       const char            *name,
                                       const char            *signature,
                                       int                    timeout,
                                       PlantRpcMethodFlags    flags,
                                       PlantRpcMethodHandler  handler,
                                       gpointer               user_data,
                                       GDestroyNotify         notify)
{
  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL && plant_rpc_names_is_method (name));
  g_return_if_fail (timeout >= PLANT_RPC_TIMEOUT_NONE);
  g_return_if_fail (handler != NULL);

  register_method (self, name, signature, FALSE, timeout, flags, handler, user_data, notify);
}

/**
 * plant_rpc_server_register_method_buffer:
 * @self: a server
 * @name: the name of the method, as it travels
 * @signature: (nullable): the parameters and the type of the information, see
 *   [method@Server.register_method_json]
 * @timeout: the time in ms that clients are told to wait; %PLANT_RPC_TIMEOUT_NONE: for ever; 0:
 *   %PLANT_RPC_TIMEOUT_DEFAULT
 * @flags: how the handler is run
 * @handler: (scope notified) (closure user_data) (destroy notify): runs the method
 * @user_data: data for @handler
 * @notify: (nullable): lets go of @user_data, in the main context of the server
 *
 * Offers a method that returns bytes and information about them, with
 * [method@Invocation.return_buffer].
 *
 * Counterpart of `RPCServer.register_method_buffer`.
 *
 * Since: 1.0
 */
void
plant_rpc_server_register_method_buffer (PlantRpcServer        *self,
                                         const char            *name,
                                         const char            *signature,
                                         int                    timeout,
                                         PlantRpcMethodFlags    flags,
                                         PlantRpcMethodHandler  handler,
                                         gpointer               user_data,
                                         GDestroyNotify         notify)
{
  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL && plant_rpc_names_is_method (name));
  g_return_if_fail (timeout >= PLANT_RPC_TIMEOUT_NONE);
  g_return_if_fail (handler != NULL);

  register_method (self, name, signature, TRUE, timeout, flags, handler, user_data, notify);
}

/**
 * PlantRpcServerClass::write_property:
 * @self: a server
 * @invocation: the write
 * @name: the GObject name of the property
 * @value: the new value, of the property's type and in its range
 * @error: return location for an error: the reason why the write is refused
 *
 * Decides about a write from a peer where no handler was set, as [callback@WriteHandler] does, in
 * the main context of the server. Any error refuses; the writer gets its message. The default
 * accepts.
 *
 * Returns: %TRUE to accept: the property is set and the writer told so; %FALSE without an error
 *   if the function answers through @invocation, at once or later
 *
 * Since: 1.0
 */

/**
 * plant_rpc_server_set_write_handler:
 * @self: a server
 * @handler: (nullable) (scope notified) (closure user_data) (destroy notify): decides about writes;
 *   %NULL: the `write_property` virtual function does
 * @user_data: data for @handler
 * @notify: (nullable): lets go of @user_data
 *
 * Sets what decides about writes from peers: a GObject setter can neither refuse nor give a reason.
 *
 * It is asked only about values of the right type and in range. The handler is let go of by
 * [method@Server.stop].
 *
 * Counterpart of the setter of an `RPCProperty`, which refuses by raising.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_write_handler (PlantRpcServer       *self,
                                    PlantRpcWriteHandler  handler,
                                    gpointer              user_data,
                                    GDestroyNotify        notify)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  priv = plant_rpc_server_get_private (self);
  g_clear_pointer (&priv->writer, release_writer);
  if (handler == NULL)
    return;
  priv->writer = g_rc_box_new (PlantRpcWriter);
  *priv->writer = (PlantRpcWriter) { handler, user_data, notify };
}

/**
 * plant_rpc_server_hide_member:
 * @self: a server that does not run
 * @name: the name of a property or signal, as GObject or as the wire spells it
 *
 * Keeps a property or signal of the object to this process.
 *
 * Since: 1.0
 */
void
plant_rpc_server_hide_member (PlantRpcServer *self,
                              const char     *name)
{
  PlantRpcServerPrivate *priv;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (!plant_rpc_server_get_running (self));

  priv = plant_rpc_server_get_private (self);
  g_ptr_array_insert (priv->hidden, priv->hidden->len - 1, g_strdup (name));
  plant_rpc_server_update_interface (self);
}

/**
 * plant_rpc_server_dup_interface:
 * @self: a server
 *
 * Describes what is offered now: the object's members, and the methods registered so far.
 *
 * Returns: (transfer full) (nullable): the interface; %NULL if the object has more members than can
 *   be offered
 *
 * Since: 1.0
 */
PlantRpcInterfaceInfo *
plant_rpc_server_dup_interface (PlantRpcServer *self)
{
  PlantRpcInterfaceInfo *interface;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  interface = plant_rpc_server_ensure_interface (self, &error);
  if (interface != NULL)
    return plant_rpc_interface_info_ref (interface);
  g_debug ("No interface: %s", error->message);
  return NULL;
}

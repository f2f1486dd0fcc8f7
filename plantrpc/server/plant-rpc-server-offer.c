/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-log-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-server-parts-private.h"

/**
 * plant_rpc_server_get_object:
 * @self: a server
 *
 * Gets the object that is offered.
 *
 * Returns: (transfer none): the object; @self if no other was given
 *
 * Since: 1.0
 */
GObject *
plant_rpc_server_get_object (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  return plant_rpc_offer_get_object (plant_rpc_server_get_parts (self)->offer);
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
  int told = timeout == PLANT_RPC_TIMEOUT_FROM_SERVER ? PLANT_RPC_TIMEOUT_DEFAULT : timeout;
  g_autoptr (GError) error = NULL;
  PlantRpcMethodInfo *info = plant_rpc_method_info_new (name, signature, buffer, told, &error);

  if (info == NULL)
    {
      g_critical ("The method “%s” cannot be registered: %s", name, error->message);
      plant_rpc_home_call_outside (notify, user_data);
      return;
    }
  plant_rpc_offer_add_method (plant_rpc_server_get_parts (self)->offer, info, flags, handler,
                              user_data, notify);
}

/**
 * plant_rpc_server_register_method_json:
 * @self: a server
 * @name: the name of the method on the wire
 * @signature: (nullable): the parameters and the type of the result, as in `lores: b = false -> d`,
 *   see [func@type_declare_method]. An empty text declares no parameters. With %NULL nothing is
 *   checked, and the handler reads args and kwargs itself
 * @timeout: the time in ms that clients should wait; %PLANT_RPC_TIMEOUT_NONE means for ever, and 0
 *   means %PLANT_RPC_TIMEOUT_DEFAULT
 * @flags: how the handler is run
 * @handler: (scope notified) (closure user_data) (destroy notify): runs the method
 * @user_data: data for @handler
 * @notify: (nullable): releases @user_data, in the main context of the server
 *
 * Offers a method that returns a value.
 *
 * It replaces a method of the same name. If the server runs already, a client learns of the method
 * when it connects the next time. [method@Server.stop] releases the handler.
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL && plant_rpc_names_is_method (name));
  g_return_if_fail (timeout >= PLANT_RPC_TIMEOUT_NONE);
  g_return_if_fail (handler != NULL);

  hold = plant_rpc_server_enter (self);
  register_method (self, name, signature, FALSE, timeout, flags, handler, user_data, notify);
}

/**
 * plant_rpc_server_register_method_buffer:
 * @self: a server
 * @name: the name of the method on the wire
 * @signature: (nullable): the parameters and the type of the information, see
 *   [method@Server.register_method_json]
 * @timeout: the time in ms that clients should wait; %PLANT_RPC_TIMEOUT_NONE means for ever, and 0
 *   means %PLANT_RPC_TIMEOUT_DEFAULT
 * @flags: how the handler is run
 * @handler: (scope notified) (closure user_data) (destroy notify): runs the method
 * @user_data: data for @handler
 * @notify: (nullable): releases @user_data, in the main context of the server
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL && plant_rpc_names_is_method (name));
  g_return_if_fail (timeout >= PLANT_RPC_TIMEOUT_NONE);
  g_return_if_fail (handler != NULL);

  hold = plant_rpc_server_enter (self);
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
 * Decides about a write from a peer if no handler was set, like [callback@WriteHandler]. It runs in
 * the main context of the server. Any error refuses the write, and the writer gets its message. The
 * default accepts every write.
 *
 * Returns: %TRUE to accept the write, so that the server sets the property and informs the writer;
 *   %FALSE without an error if the function answers through @invocation, at once or later
 *
 * Since: 1.0
 */

/**
 * plant_rpc_server_set_write_handler:
 * @self: a server
 * @handler: (nullable) (scope notified) (closure user_data) (destroy notify): decides about writes;
 *   with %NULL the `write_property` virtual function does
 * @user_data: data for @handler
 * @notify: (nullable): releases @user_data
 *
 * Sets the handler that decides about writes from peers, since a GObject setter can neither refuse
 * a write nor give a reason.
 *
 * The server calls it only for values of the right type and in range. [method@Server.stop] releases
 * the handler.
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
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  plant_rpc_offer_set_writer (plant_rpc_server_get_parts (self)->offer, handler, user_data, notify);
}

/**
 * PlantRpcServerClass::read_property:
 * @self: a server
 * @invocation: the read
 * @name: the GObject name of the property
 * @error: return location for an error: the reason why the property cannot be read
 *
 * Decides how a property is read if no handler was set, like [callback@ReadHandler]. It runs in the
 * main context of the server, or on a worker thread if [method@Server.set_read_flags] says so. Any
 * error fails the read, and the reader gets its message. The default reads the property of the
 * object.
 *
 * Returns: %TRUE to have the server read the property of the object in its main context; %FALSE
 *   without an error if the function answers through @invocation, at once or later
 *
 * Since: 1.0
 */

/**
 * plant_rpc_server_set_read_handler:
 * @self: a server
 * @handler: (nullable) (scope notified) (closure user_data) (destroy notify): decides how a
 *   property is read; with %NULL the `read_property` virtual function does
 * @user_data: data for @handler
 * @notify: (nullable): releases @user_data
 *
 * Sets the handler that decides how properties are read, since a GObject getter can neither fail
 * nor take its time.
 *
 * A property that cannot be read has no value for peers: who reads it gets the error, and it is
 * left out where all properties are read. If it changes, native clients are told that its value is
 * not known, and why. The server logs the first failure of a property, and the next one only after
 * the property has been read.
 *
 * [method@Server.stop] releases the handler.
 *
 * Counterpart of the getter of an `RPCProperty`, which fails by raising.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_read_handler (PlantRpcServer      *self,
                                   PlantRpcReadHandler  handler,
                                   gpointer             user_data,
                                   GDestroyNotify       notify)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));

  hold = plant_rpc_server_enter (self);
  plant_rpc_offer_set_reader (plant_rpc_server_get_parts (self)->offer, handler, user_data, notify);
}

/**
 * plant_rpc_server_set_read_flags:
 * @self: a server
 * @name: the GObject name of a property
 * @flags: how its reads are run
 *
 * Sets how the handler of [method@Server.set_read_handler], or the `read_property` virtual
 * function, is run for one property.
 *
 * With %PLANT_RPC_METHOD_FLAGS_BLOCKING it runs on a worker thread, so that it may wait for the
 * hardware. The property is left out where all properties are read, and a plantrpc client asks for
 * it then, so nobody waits for it in vain.
 *
 * Since: 1.0
 */
void
plant_rpc_server_set_read_flags (PlantRpcServer      *self,
                                 const char          *name,
                                 PlantRpcMethodFlags  flags)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL);

  hold = plant_rpc_server_enter (self);
  plant_rpc_offer_set_blocking (plant_rpc_server_get_parts (self)->offer, name,
                                (flags & PLANT_RPC_METHOD_FLAGS_BLOCKING) != 0);
}

/**
 * plant_rpc_server_hide_member:
 * @self: a server that does not run
 * @name: the name of a property or signal in GObject's spelling or on the wire
 *
 * Hides a property or signal of the object from clients. It has no effect on a [class@Relay], which
 * offers what its device offers, or what its interface has.
 *
 * Since: 1.0
 */
void
plant_rpc_server_hide_member (PlantRpcServer *self,
                              const char     *name)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_SERVER (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (!plant_rpc_server_get_parts (self)->serving->running);

  hold = plant_rpc_server_enter (self);
  plant_rpc_offer_hide_member (plant_rpc_server_get_parts (self)->offer, name);
}

/**
 * plant_rpc_server_dup_interface:
 * @self: a server
 *
 * Describes the present interface: the object's members and the methods that have been registered
 * so far.
 *
 * Returns: (transfer full) (nullable): the interface; %NULL if the object has more members than can
 *   be offered
 *
 * Since: 1.0
 */
PlantRpcInterfaceInfo *
plant_rpc_server_dup_interface (PlantRpcServer *self)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcInterfaceInfo *interface;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_SERVER (self), NULL);

  hold = plant_rpc_server_enter (self);
  interface = plant_rpc_offer_get_interface (plant_rpc_server_get_parts (self)->offer, &error);
  if (interface != NULL)
    return plant_rpc_interface_info_ref (interface);
  plant_rpc_debug ("No interface: %s", error->message);
  return NULL;
}

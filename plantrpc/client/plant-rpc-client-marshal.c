/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-marshal-private.h"

/* The operations that block, in one step each for the override for Python: what it gives and takes
 * is marshal, see plant-rpc-value-marshal.c. Errors are part of what is returned, since PyGObject
 * runs functions of Python to raise one, in which the exception of a signal handler would be lost.
 * Nothing is done, and NULL returned, where the override has to look at a value itself. */

/**
 * plant_rpc_client_call_marshal_sync:
 * @self: a client
 * @method: the name of a method that returns a value
 * @data: (array length=size) (element-type guint8): what `marshal.dumps ((args, kwargs), 2)` of
 *   Python returns
 * @size: the number of bytes of @data
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_FROM_SERVER, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @length: (out): the number of bytes that are returned
 *
 * Calls a method that returns a value, and blocks until it has ended.
 *
 * The override for Python uses it, and programs have no need to: this is
 * [method@Client.call_sync] in one step. What is returned is a tuple: of the result; of the type
 * and the bytes of a result that marshal cannot tell; or of the domain, the code, the message and
 * the traceback of an error.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full) (nullable): what
 *   `marshal.loads()` of Python takes, or %NULL if nothing was done, since
 *   [func@value_from_marshal] would not take the arguments
 *
 * Since: 1.0
 */
guint8 *
plant_rpc_client_call_marshal_sync (PlantRpcClient *self,
                                    const char     *method,
                                    const guint8   *data,
                                    gsize           size,
                                    int             timeout,
                                    GCancellable   *cancellable,
                                    gsize          *length)
{
  g_autoptr (GVariant) args = NULL;
  g_autoptr (GVariant) kwargs = NULL;
  g_autoptr (GVariant) result = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  *length = 0;
  if (!plant_rpc_value_take_marshal_call (data, size, &args, &kwargs))
    return NULL;
  result = plant_rpc_client_call_sync (self, method, args,
                                       g_variant_n_children (kwargs) > 0 ? kwargs : NULL, timeout,
                                       cancellable, &error);
  return plant_rpc_value_outcome_to_marshal (result, error, length);
}

/* Returns whether Python has for values of TYPE what marshal makes of them. */
static gboolean
is_plain (GType type)
{
  return type == G_TYPE_BOOLEAN || type == G_TYPE_INT || type == G_TYPE_UINT ||
         type == G_TYPE_INT64 || type == G_TYPE_UINT64 || type == G_TYPE_DOUBLE ||
         type == G_TYPE_STRING || type == G_TYPE_STRV || type == G_TYPE_VARIANT ||
         type == PLANT_RPC_TYPE_UNTYPED;
}

/* The values of a legacy client are of any type. */
static gboolean
can_read (PlantRpcClient *self,
          const char     *name)
{
  PlantRpcServerProfile *profile =
      plant_rpc_session_get_profile (plant_rpc_client_get_session (self));
  PlantRpcProperty *property;

  if (plant_rpc_server_profile_is_legacy (profile))
    return FALSE;
  property = plant_rpc_client_lookup_property (self, name);
  return property != NULL && is_plain (plant_rpc_property_get_value_type (property));
}

/**
 * plant_rpc_client_read_marshal_sync:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @length: (out): the number of bytes that are returned
 *
 * Asks the device for the value of a property, and blocks until it is there.
 *
 * The override for Python uses it, and programs have no need to: this is
 * [method@Client.read_property_sync] in one step. What is returned is as of
 * [method@Client.call_marshal_sync].
 *
 * Returns: (array length=length) (element-type guint8) (transfer full) (nullable): what
 *   `marshal.loads()` of Python takes, or %NULL if the device was not asked, since Python has its
 *   own types for such values, or the main loop runs in this thread
 *
 * Since: 1.0
 */
guint8 *
plant_rpc_client_read_marshal_sync (PlantRpcClient *self,
                                    const char     *name,
                                    GCancellable   *cancellable,
                                    gsize          *length)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  *length = 0;
  /* Where the loop runs, the value that was told last counts. */
  if (plant_rpc_client_is_context_owner (self))
    return NULL;
  hold = plant_rpc_client_enter (self);
  if (!can_read (self, name))
    return NULL;
  value = plant_rpc_client_read_property_sync (self, name, cancellable, &error);
  return plant_rpc_value_outcome_to_marshal (value, error, length);
}

/* Returns what describes a property: what the type of the client was made for, or else the device.
 */
static PlantRpcPropertyInfo *
find_description (PlantRpcClient *self,
                  const char     *name)
{
  PlantRpcInterfaceInfo *const infos[] = {
    plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (self)),
    plant_rpc_client_get_interface (self),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (infos); i++)
    {
      PlantRpcPropertyInfo *info =
          infos[i] != NULL ? plant_rpc_interface_info_lookup_property (infos[i], name) : NULL;

      if (info != NULL)
        return info;
    }
  return NULL;
}

/* Returns what is sent of a value, or NULL if it does not fit. A device of the Python module has a
 * double for each number, and may want an integer, so a number is sent as it was given then. */
static GVariant *
fit (PlantRpcPropertyInfo *info,
     GVariant             *given)
{
  g_autoptr (GVariant) fitted = NULL;
  gboolean is_double = g_variant_is_of_type (given, G_VARIANT_TYPE_DOUBLE);

  /* A choice may be given by a number that Python has as a float. */
  if (is_double && !g_str_equal (info->type_string, "d"))
    return NULL;
  fitted = plant_rpc_property_info_fit_value (info, given, NULL);
  if (fitted != NULL && g_variant_is_of_type (fitted, G_VARIANT_TYPE_DOUBLE))
    return g_variant_ref (given);
  return g_steal_pointer (&fitted);
}

/**
 * plant_rpc_client_write_marshal_sync:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @data: (array length=size) (element-type guint8): what `marshal.dumps (value, 2)` of Python
 *   returns
 * @size: the number of bytes of @data
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @length: (out): the number of bytes that are returned
 *
 * Asks the device to set a property, and blocks until it has answered.
 *
 * The override for Python uses it, and programs have no need to: this is
 * [method@Client.write_property_sync] in one step. What is returned is as of
 * [method@Client.call_marshal_sync]; the result is `None`.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full) (nullable): what
 *   `marshal.loads()` of Python takes, or %NULL if the device was not asked, since the value does
 *   not fit, or the main loop runs in this thread
 *
 * Since: 1.0
 */
guint8 *
plant_rpc_client_write_marshal_sync (PlantRpcClient *self,
                                     const char     *name,
                                     const guint8   *data,
                                     gsize           size,
                                     GCancellable   *cancellable,
                                     gsize          *length)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  g_autoptr (GVariant) given = NULL;
  g_autoptr (GVariant) fitted = NULL;
  g_autoptr (GError) error = NULL;
  PlantRpcPropertyInfo *info;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  *length = 0;
  given = plant_rpc_value_from_marshal (data, size);
  if (given == NULL || plant_rpc_client_is_context_owner (self))
    return NULL;
  hold = plant_rpc_client_enter (self);
  info = find_description (self, name);
  fitted = info != NULL ? fit (info, given) : NULL;
  if (fitted == NULL)
    return NULL;
  plant_rpc_client_write_property_sync (self, name, fitted, cancellable, &error);
  return plant_rpc_value_outcome_to_marshal (NULL, error, length);
}

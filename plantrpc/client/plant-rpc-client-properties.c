/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-operation-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-value-private.h"

/* VALUE is NULL to read the property. */
static PlantRpcOperation
make_operation (PlantRpcClient *self,
                const char     *name,
                GVariant       *value)
{
  const PlantRpcRequest request = {
    .event = value != NULL ? PLANT_RPC_EVENT_PROPERTY_SET : PLANT_RPC_EVENT_PROPERTY_GET,
    .name = g_strdup (plant_rpc_client_get_property_wire_name (self, name)),
    .value = value != NULL ? g_variant_ref_sink (value) : NULL,
  };

  return (PlantRpcOperation) { request, FALSE, PLANT_RPC_TIMEOUT_FROM_SERVER };
}

static gboolean
is_legacy (PlantRpcClient *self)
{
  return plant_rpc_server_profile_is_legacy (
      plant_rpc_session_get_profile (plant_rpc_client_get_session (self)));
}

/* Takes VALUE from a reply, with the ASKED of that PlantRpcReply, and converts it to the type of
 * the property, since JSON has one kind of integer and no enumerations. Returns FALSE if it does
 * not fit. */
static gboolean
take_value (PlantRpcClient  *self,
            const char      *wire_name,
            GVariant       **value,
            gint64           asked,
            GError         **error)
{
  PlantRpcRemoteObject *remote = plant_rpc_client_get_remote (self);
  PlantRpcProperty *property = plant_rpc_remote_object_find_property (remote, wire_name);
  g_autoptr (GVariant) given = NULL;

  if (is_legacy (self))
    return TRUE;
  plant_rpc_remote_object_take_value (remote, wire_name, *value, asked);
  if (property == NULL)
    return TRUE;
  given = g_steal_pointer (value);
  *value = plant_rpc_property_fit (property, given, error);
  return *value != NULL;
}

/* A write has succeeded. */
static void
forget_refusal (PlantRpcClient *self,
                const char     *wire_name)
{
  PlantRpcProperty *property =
      plant_rpc_remote_object_find_property (plant_rpc_client_get_remote (self), wire_name);

  if (property != NULL)
    plant_rpc_property_forget_refusal (property);
}

static void
take_failure (PlantRpcClient *self,
              const char     *wire_name,
              const GError   *error,
              gint64          asked)
{
  plant_rpc_remote_object_take_failure (plant_rpc_client_get_remote (self), wire_name, error,
                                        asked);
}

static void
on_read (PlantRpcReply *reply,
         GError        *error,
         gpointer       user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) misfit = NULL;

  if (reply != NULL && reply->value != NULL &&
      !take_value (g_task_get_source_object (task), g_task_get_task_data (task), &reply->value,
                   reply->asked, &misfit))
    plant_rpc_operation_return (NULL, misfit, task);
  else
    plant_rpc_operation_return (reply, error, task);
}

static void
on_asked (PlantRpcReply *reply,
          GError        *error,
          gpointer       user_data)
{
  GTask *task = user_data;

  if (error != NULL)
    take_failure (g_task_get_source_object (task), g_task_get_task_data (task), error,
                  plant_rpc_reply_get_asked (reply));
  on_read (reply, error, task);
}

/* The write has succeeded even if the value after it could not be read or does not fit the type. */
static void
on_read_after_write (PlantRpcReply *reply,
                     GError        *error,
                     gpointer       user_data)
{
  PlantRpcReply none = { 0 };
  GTask *task = user_data;

  if (error != NULL)
    take_failure (g_task_get_source_object (task), g_task_get_task_data (task), error,
                  plant_rpc_reply_get_asked (reply));
  else if (reply->value != NULL)
    take_value (g_task_get_source_object (task), g_task_get_task_data (task), &reply->value,
                reply->asked, NULL);
  plant_rpc_operation_return (reply != NULL ? reply : &none, NULL, task);
}

/**
 * plant_rpc_client_read_property:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller when the value is
 *   there
 * @user_data: data for @callback
 *
 * Asks the device for the value of a property.
 *
 * What is shown for the property follows. It takes as long as [property@Client:property-timeout]
 * permits.
 *
 * Since: 1.0
 */
void
plant_rpc_client_read_property (PlantRpcClient      *self,
                                const char          *name,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (name != NULL);

  hold = plant_rpc_client_enter (self);
  plant_rpc_operation_start (self, make_operation (self, name, NULL), on_asked, cancellable,
                             callback, user_data, plant_rpc_client_read_property);
}

/**
 * plant_rpc_client_read_property_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.read_property] began.
 *
 * The value has the type of the property, where that is known, whatever the wire; as for
 * [method@Client.get_cached_property] an enumeration is its nick.
 *
 * Errors are those of [method@Client.call_finish], and %PLANT_RPC_ERROR_UNKNOWN_PROPERTY. If the
 * value does not fit the type of the property, the error is %PLANT_RPC_ERROR_PROTOCOL.
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_client_read_property_finish (PlantRpcClient  *self,
                                       GAsyncResult    *result,
                                       GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_outcome_take_value (
      plant_rpc_operation_finish (self, result, plant_rpc_client_read_property, error));
}

/**
 * plant_rpc_client_read_property_sync:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Asks the device for the value of a property, and blocks until it is there.
 *
 * Errors are those of [method@Client.read_property_finish].
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_client_read_property_sync (PlantRpcClient  *self,
                                     const char      *name,
                                     GCancellable    *cancellable,
                                     GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcOperation operation;
  g_autofree char *wire_name = NULL;
  const gint64 begun = g_get_monotonic_time ();
  GError *failure = NULL;
  PlantRpcOutcome *outcome;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  hold = plant_rpc_client_enter (self);
  operation = make_operation (self, name, NULL);
  wire_name = g_strdup (operation.request.name);
  outcome = plant_rpc_operation_run (self, operation, cancellable, &failure);
  if (outcome == NULL)
    {
      take_failure (self, wire_name, failure, begun);
      g_propagate_error (error, failure);
      return NULL;
    }
  if (take_value (self, wire_name, &outcome->value, outcome->asked, error))
    return plant_rpc_outcome_take_value (outcome);
  plant_rpc_outcome_free (outcome);
  return NULL;
}

/* A server of Plant Imager confirms a write without the value. */
static void
on_written (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  GTask *task = user_data;

  if (error == NULL)
    forget_refusal (g_task_get_source_object (task), g_task_get_task_data (task));
  if (error != NULL)
    plant_rpc_operation_return (NULL, error, task);
  else if (reply->value != NULL || is_legacy (g_task_get_source_object (task)))
    on_read_after_write (reply, NULL, task);
  else
    plant_rpc_operation_go_on (
        task, make_operation (g_task_get_source_object (task), g_task_get_task_data (task), NULL),
        on_read_after_write);
}

/**
 * plant_rpc_client_write_property:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @value: the new value; sunk
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller when the device has
 *   answered
 * @user_data: data for @callback
 *
 * Asks the device to set a property.
 *
 * What is shown for the property follows once the device has confirmed it. It takes as long as
 * [property@Client:property-timeout] permits.
 *
 * Since: 1.0
 */
void
plant_rpc_client_write_property (PlantRpcClient      *self,
                                 const char          *name,
                                 GVariant            *value,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (value != NULL);

  hold = plant_rpc_client_enter (self);
  plant_rpc_operation_start (self, make_operation (self, name, value), on_written, cancellable,
                             callback, user_data, plant_rpc_client_write_property);
}

/**
 * plant_rpc_client_write_property_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.write_property] began.
 *
 * Errors are those of [method@Client.call_finish], with %PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
 * %PLANT_RPC_ERROR_NOT_WRITABLE and %PLANT_RPC_ERROR_INVALID_VALUE.
 *
 * Returns: whether the device has taken the value
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_write_property_finish (PlantRpcClient  *self,
                                        GAsyncResult    *result,
                                        GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_outcome_take_success (
      plant_rpc_operation_finish (self, result, plant_rpc_client_write_property, error));
}

/**
 * plant_rpc_client_write_property_sync:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @value: the new value; sunk
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Asks the device to set a property, and blocks until it has answered.
 *
 * Errors are those of [method@Client.write_property_finish].
 *
 * Returns: whether the device has taken the value
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_write_property_sync (PlantRpcClient  *self,
                                      const char      *name,
                                      GVariant        *value,
                                      GCancellable    *cancellable,
                                      GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;
  PlantRpcOperation operation;
  g_autofree char *wire_name = NULL;
  PlantRpcOutcome *outcome;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  hold = plant_rpc_client_enter (self);
  operation = make_operation (self, name, value);
  wire_name = g_strdup (operation.request.name);
  outcome = plant_rpc_operation_run (self, operation, cancellable, error);
  if (outcome != NULL)
    forget_refusal (self, wire_name);
  if (outcome != NULL && outcome->value != NULL)
    {
      take_value (self, wire_name, &outcome->value, outcome->asked, NULL);
    }
  else if (outcome != NULL && !is_legacy (self))
    {
      g_autoptr (GVariant) read =
          plant_rpc_client_read_property_sync (self, wire_name, cancellable, NULL);
    }
  return plant_rpc_outcome_take_success (outcome);
}

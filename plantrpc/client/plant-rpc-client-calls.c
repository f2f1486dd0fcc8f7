/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-error.h"
#include "plant-rpc-operation-private.h"
#include "plant-rpc-runtime-type-private.h"

/* Converts ARGS (NULL, av, or a tuple) to av. A variant inside a tuple stands for an argument of
 * any type. */
static GVariant *
list_args (GVariant *args)
{
  g_autoptr (GPtrArray) list = NULL;
  gsize n_args;

  if (args == NULL)
    return NULL;
  if (g_variant_is_of_type (args, G_VARIANT_TYPE ("av")))
    return g_variant_ref_sink (args);
  n_args = g_variant_n_children (args);
  list = g_ptr_array_new_full (n_args, (GDestroyNotify) g_variant_unref);
  for (gsize i = 0; i < n_args; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (args, i);

      if (g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT))
        g_ptr_array_add (list, g_steal_pointer (&child));
      else
        g_ptr_array_add (list, g_variant_ref_sink (g_variant_new_variant (child)));
    }
  g_variant_unref (g_variant_ref_sink (args));
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARIANT,
                                                  (GVariant **) list->pdata, n_args));
}

static gboolean
are_args (GVariant *args)
{
  return args == NULL || g_variant_is_of_type (args, G_VARIANT_TYPE_TUPLE) ||
         g_variant_is_of_type (args, G_VARIANT_TYPE ("av"));
}

static gboolean
are_kwargs (GVariant *kwargs)
{
  return kwargs == NULL || g_variant_is_of_type (kwargs, G_VARIANT_TYPE_VARDICT);
}

static PlantRpcOperation
make_call (const char *method,
           GVariant   *args,
           GVariant   *kwargs,
           gboolean    wants_buffer,
           int         timeout)
{
  const PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_METHOD_CALL,
    .name = g_strdup (method),
    .args = list_args (args),
    .kwargs = kwargs != NULL ? g_variant_ref_sink (kwargs) : NULL,
  };

  return (PlantRpcOperation) { request, wants_buffer, timeout };
}

/* Returns the interface that declares what METHOD returns: that of the client's type, or else that
 * of the device. */
static PlantRpcMethodInfo *
find_declared (PlantRpcClient *self,
               const char     *method)
{
  PlantRpcInterfaceInfo *const infos[] = {
    plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (self)),
    plant_rpc_client_get_interface (self),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (infos); i++)
    {
      PlantRpcMethodInfo *info =
          infos[i] != NULL ? plant_rpc_interface_info_find_method (infos[i], method) : NULL;

      if (info != NULL && info->return_type != NULL)
        return info;
    }
  return NULL;
}

/* Converts a result, or the info of a buffer, to the declared type. The method has run, so a result
 * that does not fit must be PLANT_RPC_ERROR_PROTOCOL, for which plant_rpc_error_may_have_run() is
 * TRUE. */
static gboolean
fit_result (PlantRpcClient  *self,
            const char      *method,
            gboolean         buffer,
            GVariant       **value,
            GError         **error)
{
  PlantRpcMethodInfo *info = find_declared (self, method);
  g_autoptr (GVariant) given = NULL;
  g_autoptr (GError) local_error = NULL;

  if (info == NULL || info->buffer != buffer)
    return TRUE;
  given = g_steal_pointer (value);
  *value = plant_rpc_method_info_fit (info, given, &local_error);
  if (*value != NULL)
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
               /* Translators: the name of a method, a GVariant type, what came instead */
               _("What “%s” returned is not of type %s: %s"), method, info->return_type,
               local_error->message);
  return FALSE;
}

static void
on_called (PlantRpcReply *reply,
           GError        *error,
           gpointer       user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) misfit = NULL;

  if (error == NULL && !fit_result (g_task_get_source_object (task), g_task_get_task_data (task),
                                    reply->buffer != NULL, &reply->value, &misfit))
    reply = NULL;
  plant_rpc_operation_return (reply, misfit != NULL ? misfit : error, task);
}

static PlantRpcOutcome *
run_call (PlantRpcClient     *self,
          PlantRpcOperation   operation,
          GCancellable       *cancellable,
          GError            **error)
{
  g_autofree char *method = g_strdup (operation.request.name);
  PlantRpcOutcome *outcome = plant_rpc_operation_run (self, operation, cancellable, error);

  if (outcome == NULL ||
      fit_result (self, method, outcome->buffer != NULL, &outcome->value, error))
    return outcome;
  plant_rpc_outcome_free (outcome);
  return NULL;
}

/* ---- methods */

/**
 * plant_rpc_client_call:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_FROM_SERVER for as long as the
 *   server tells its clients, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller when the call has
 *   ended
 * @user_data: data for @callback
 *
 * Calls a method that returns a value.
 *
 * Where the interface that the client was made for, or else the device, declares what the method
 * returns, the result is of exactly that type: a number told as `5` is the double that was
 * declared. What cannot be that is the error %PLANT_RPC_ERROR_PROTOCOL.
 *
 * Several calls may be under way at once; a server that works on one at a time keeps their
 * order. Before the client is ready the call waits within its timeout. Counterpart of
 * `RPCClient.execute`.
 *
 * Since: 1.0
 */
void
plant_rpc_client_call (PlantRpcClient      *self,
                       const char          *method,
                       GVariant            *args,
                       GVariant            *kwargs,
                       int                  timeout,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_return_if_fail (are_args (args) && are_kwargs (kwargs));

  hold = plant_rpc_client_enter (self);
  plant_rpc_operation_start (self, make_call (method, args, kwargs, FALSE, timeout), on_called,
                             cancellable, callback, user_data, plant_rpc_client_call);
}

/**
 * plant_rpc_client_call_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.call] began.
 *
 * The error is of %PLANT_RPC_ERROR_REMOTE if the method failed, %PLANT_RPC_ERROR_NOT_SENT if it
 * certainly did not run because there was no connection in time, %G_IO_ERROR_TIMED_OUT if the reply
 * did not come in time, %PLANT_RPC_ERROR_OUTCOME_UNKNOWN if the connection was lost after it had
 * been sent, %PLANT_RPC_ERROR_CLOSED, %G_IO_ERROR_CANCELLED, %PLANT_RPC_ERROR_UNKNOWN_METHOD,
 * %PLANT_RPC_ERROR_INVALID_ARGUMENTS, %PLANT_RPC_ERROR_LIMIT, %PLANT_RPC_ERROR_NO_REPLY, or
 * %PLANT_RPC_ERROR_PROTOCOL. [func@Error.may_have_run] sums up whether it may have run.
 *
 * Returns: (transfer full): the result, of the type that is declared; without one, an empty `mv` if
 *   the method has none
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_client_call_finish (PlantRpcClient  *self,
                              GAsyncResult    *result,
                              GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_outcome_take_value (
      plant_rpc_operation_finish (self, result, plant_rpc_client_call, error));
}

/**
 * plant_rpc_client_call_sync:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_FROM_SERVER, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Calls a method that returns a value, and blocks until it has ended.
 *
 * No main context runs meanwhile. Errors are those of [method@Client.call_finish].
 *
 * Returns: (transfer full): the result, of the type that is declared; without one, an empty `mv` if
 *   the method has none
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_client_call_sync (PlantRpcClient  *self,
                            const char      *method,
                            GVariant        *args,
                            GVariant        *kwargs,
                            int              timeout,
                            GCancellable    *cancellable,
                            GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (are_args (args) && are_kwargs (kwargs), NULL);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_outcome_take_value (
      run_call (self, make_call (method, args, kwargs, FALSE, timeout), cancellable, error));
}

/**
 * plant_rpc_client_call_buffer:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_FROM_SERVER, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller when the call has
 *   ended
 * @user_data: data for @callback
 *
 * Calls a method that returns a buffer, as an image, and information about it.
 *
 * It waits, and is ordered with other calls, as [method@Client.call] is.
 *
 * Since: 1.0
 */
void
plant_rpc_client_call_buffer (PlantRpcClient      *self,
                              const char          *method,
                              GVariant            *args,
                              GVariant            *kwargs,
                              int                  timeout,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_return_if_fail (are_args (args) && are_kwargs (kwargs));

  hold = plant_rpc_client_enter (self);
  plant_rpc_operation_start (self, make_call (method, args, kwargs, TRUE, timeout), on_called,
                             cancellable, callback, user_data, plant_rpc_client_call_buffer);
}

static GBytes *
take_buffer (PlantRpcOutcome   *outcome,
             GVariant **info,
             GError   **error)
{
  GBytes *buffer;

  if (outcome == NULL)
    return NULL;
  buffer = g_steal_pointer (&outcome->buffer);
  if (buffer == NULL)
    g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                         _("The method returns no buffer"));
  else if (info != NULL)
    *info = g_steal_pointer (&outcome->value);
  plant_rpc_outcome_free (outcome);
  return buffer;
}

/**
 * plant_rpc_client_call_buffer_finish:
 * @self: a client
 * @result: the result given to the callback
 * @info: (out) (optional) (transfer full): return location for the information, an `a{sv}` or of
 *   the type that is declared
 * @error: return location for an error
 *
 * Ends what [method@Client.call_buffer] began.
 *
 * The bytes are the memory that the message was received into, not a copy. Errors are those of
 * [method@Client.call_finish].
 *
 * Returns: (transfer full): the buffer
 *
 * Since: 1.0
 */
GBytes *
plant_rpc_client_call_buffer_finish (PlantRpcClient  *self,
                                     GAsyncResult    *result,
                                     GVariant       **info,
                                     GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  hold = plant_rpc_client_enter (self);
  return take_buffer (
      plant_rpc_operation_finish (self, result, plant_rpc_client_call_buffer, error), info, error);
}

/**
 * plant_rpc_client_call_buffer_sync:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_FROM_SERVER, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @info: (out) (optional) (transfer full): return location for the information, an `a{sv}` or of
 *   the type that is declared
 * @error: return location for an error
 *
 * Calls a method that returns a buffer and information about it, and blocks until it has ended.
 *
 * Errors are those of [method@Client.call_finish].
 *
 * Returns: (transfer full): the buffer
 *
 * Since: 1.0
 */
GBytes *
plant_rpc_client_call_buffer_sync (PlantRpcClient  *self,
                                   const char      *method,
                                   GVariant        *args,
                                   GVariant        *kwargs,
                                   int              timeout,
                                   GCancellable    *cancellable,
                                   GVariant       **info,
                                   GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (are_args (args) && are_kwargs (kwargs), NULL);

  hold = plant_rpc_client_enter (self);
  return take_buffer (
      run_call (self, make_call (method, args, kwargs, TRUE, timeout), cancellable, error), info,
      error);
}

/* ---- the server */

static const PlantRpcOperation stop = {
  .request = { .event = PLANT_RPC_EVENT_STOP_SERVER },
  .timeout = PLANT_RPC_TIMEOUT_FROM_SERVER,
};

/**
 * plant_rpc_client_stop_server:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller when the server has
 *   answered
 * @user_data: data for @callback
 *
 * Asks the server to stop serving.
 *
 * A plantrpc server refuses unless its [property@Server:allow-stop] is set. Counterpart of
 * `RPCClient.stop_server`.
 *
 * Since: 1.0
 */
void
plant_rpc_client_stop_server (PlantRpcClient      *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  plant_rpc_operation_start (self, stop, plant_rpc_operation_return, cancellable, callback,
                             user_data, plant_rpc_client_stop_server);
}

/**
 * plant_rpc_client_stop_server_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.stop_server] began.
 *
 * Errors are those of [method@Client.call_finish], with %PLANT_RPC_ERROR_REFUSED.
 *
 * Returns: whether the server stops
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_stop_server_finish (PlantRpcClient  *self,
                                     GAsyncResult    *result,
                                     GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_outcome_take_success (
      plant_rpc_operation_finish (self, result, plant_rpc_client_stop_server, error));
}

/**
 * plant_rpc_client_stop_server_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Asks the server to stop serving, and blocks until it has answered.
 *
 * Errors are those of [method@Client.stop_server_finish].
 *
 * Returns: whether the server stops
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_stop_server_sync (PlantRpcClient  *self,
                                   GCancellable    *cancellable,
                                   GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  hold = plant_rpc_client_enter (self);
  return plant_rpc_outcome_take_success (plant_rpc_operation_run (self, stop, cancellable, error));
}

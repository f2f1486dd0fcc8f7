/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"

/* What a task returns; a value, and for a buffer method the buffer with its info. */
typedef struct {
  GVariant *value;  /* (owned) (nullable) */
  GBytes   *buffer; /* (owned) (nullable) */
} Outcome;

static void
outcome_free (gpointer data)
{
  Outcome *outcome = data;

  g_clear_pointer (&outcome->value, g_variant_unref);
  g_clear_pointer (&outcome->buffer, g_bytes_unref);
  g_free (outcome);
}

/* ---- requests */

/* Arguments as av, from nothing, an av, or a tuple. */
static GVariant *
list_args (GVariant *args)
{
  GVariantBuilder list;

  if (args == NULL)
    return NULL;
  if (g_variant_is_of_type (args, G_VARIANT_TYPE ("av")))
    return g_variant_ref_sink (args);
  g_variant_builder_init (&list, G_VARIANT_TYPE ("av"));
  for (gsize i = 0; i < g_variant_n_children (args); i++)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (args, i);

      g_variant_builder_add (&list, "v", child);
    }
  g_variant_unref (g_variant_ref_sink (args));
  return g_variant_ref_sink (g_variant_builder_end (&list));
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

static PlantRpcRequest
make_call (const char *method,
           GVariant   *args,
           GVariant   *kwargs)
{
  return (PlantRpcRequest) {
    .event = PLANT_RPC_EVENT_METHOD_CALL,
    .name = g_strdup (method),
    .args = list_args (args),
    .kwargs = kwargs != NULL ? g_variant_ref_sink (kwargs) : NULL,
  };
}

static PlantRpcRequest
make_read (PlantRpcClient *self,
           const char     *name)
{
  return (PlantRpcRequest) {
    .event = PLANT_RPC_EVENT_PROPERTY_GET,
    .name = g_strdup (plant_rpc_client_get_property_wire_name (self, name)),
  };
}

static PlantRpcRequest
make_write (PlantRpcClient *self,
            const char     *name,
            GVariant       *value)
{
  return (PlantRpcRequest) {
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = g_strdup (plant_rpc_client_get_property_wire_name (self, name)),
    .value = g_variant_ref_sink (value),
  };
}

static gboolean
check_open (PlantRpcClient  *self,
            GError         **error)
{
  PlantRpcSession *session = plant_rpc_client_get_session (self);

  if (session != NULL && !plant_rpc_session_is_closed (session))
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED, _("The client is closed"));
  return FALSE;
}

/* ---- the form that does not block */

typedef struct {
  GTask   *task;    /* (owned) (nullable): NULL once it has returned */
  Outcome *outcome; /* (owned) (nullable) */
  GError  *error;   /* (owned) (nullable) */
} Return;

static void
do_return (gpointer owner,
           gpointer data)
{
  Return *self = data;
  g_autoptr(GTask) task = g_steal_pointer (&self->task);

  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&self->outcome), outcome_free);
}

static void
return_free (gpointer data)
{
  Return *self = data;

  if (self->task != NULL)
    do_return (NULL, self);
  g_free (self);
}

static void
return_task (GTask   *task,
             Outcome *outcome,
             GError  *error)
{
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (g_task_get_source_object (task));
  Return *self = g_new (Return, 1);

  *self = (Return) { g_object_ref (task), outcome, error };
  /* While the application blocks in another call its callbacks have to wait. */
  if (plant_rpc_inbox_is_blocked (inbox))
    {
      plant_rpc_inbox_defer (inbox, NULL, do_return, self, return_free);
      return;
    }
  return_free (self);
}

static Outcome *
take_outcome (PlantRpcReply *reply)
{
  Outcome *outcome = g_new (Outcome, 1);

  outcome->value = g_steal_pointer (&reply->value);
  outcome->buffer = g_steal_pointer (&reply->buffer);
  return outcome;
}

static void
on_replied (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  g_autoptr(GTask) task = user_data;

  if (error != NULL)
    return_task (task, NULL, g_error_copy (error));
  else
    return_task (task, take_outcome (reply), NULL);
}

static GTask *
make_task (PlantRpcClient      *self,
           GCancellable        *cancellable,
           GAsyncReadyCallback  callback,
           gpointer             user_data,
           gpointer             tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  /* Whether it ran is told by the reply, and not to be hidden by a cancellation that came later. */
  g_task_set_check_cancellable (task, FALSE);
  return task;
}

static void
start (GTask            *task,
       PlantRpcRequest  *request,
       gboolean          wants_buffer,
       int               timeout,
       PlantRpcCallFunc  func)
{
  PlantRpcClient *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!check_open (self, &error))
    {
      plant_rpc_request_clear (request);
      return_task (task, NULL, error);
      return;
    }
  plant_rpc_outbox_add (plant_rpc_session_get_outbox (plant_rpc_client_get_session (self)),
                        request, wants_buffer, timeout, g_task_get_cancellable (task), FALSE, func,
                        g_object_ref (task));
}

static Outcome *
finish (PlantRpcClient  *self,
        GAsyncResult    *result,
        gpointer         tag,
        GError         **error)
{
  GError *failure = NULL;
  Outcome *outcome;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), NULL);

  outcome = g_task_propagate_pointer (G_TASK (result), &failure);
  if (failure != NULL)
    {
      plant_rpc_client_note_traceback (self, failure);
      g_propagate_error (error, failure);
    }
  return outcome;
}

/* ---- the form that blocks */

typedef struct {
  gboolean  done;
  Outcome  *outcome; /* (owned) (nullable) */
  GError   *error;   /* (owned) (nullable) */
} Wait;

static void
on_awaited (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  Wait *wait = user_data;

  wait->done = TRUE;
  if (error != NULL)
    wait->error = g_error_copy (error);
  else
    wait->outcome = take_outcome (reply);
}

static int
open_cancel_fd (GCancellable *cancellable)
{
  return cancellable != NULL ? g_cancellable_get_fd (cancellable) : -1;
}

static void
close_cancel_fd (GCancellable *cancellable,
                 int           fd)
{
  if (fd >= 0)
    g_cancellable_release_fd (cancellable);
}

static void
wait_for_reply (PlantRpcSession *session,
                PlantRpcCall    *call,
                Wait            *wait,
                GCancellable    *cancellable)
{
  PlantRpcOutbox *outbox = plant_rpc_session_get_outbox (session);
  int fd = open_cancel_fd (cancellable);

  while (!wait->done)
    {
      gint64 deadline = plant_rpc_call_get_deadline (call);

      if (g_cancellable_is_cancelled (cancellable))
        plant_rpc_outbox_cancel (outbox, call);
      else if (deadline >= 0 && g_get_monotonic_time () >= deadline)
        plant_rpc_outbox_expire (outbox, call);
      else
        plant_rpc_session_step (session, deadline, fd);
    }
  close_cancel_fd (cancellable, fd);
}

static Outcome *
run (PlantRpcClient   *self,
     PlantRpcRequest  *request,
     gboolean          wants_buffer,
     int               timeout,
     GCancellable     *cancellable,
     GError          **error)
{
  g_autoptr(PlantRpcClient) guard = g_object_ref (self);
  g_autoptr(PlantRpcSession) session = NULL;
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (self);
  PlantRpcCall *call;
  Wait wait = { 0 };

  if (!check_open (self, error))
    {
      plant_rpc_request_clear (request);
      return NULL;
    }
  session = plant_rpc_session_ref (plant_rpc_client_get_session (self));
  plant_rpc_inbox_block (inbox);
  call = plant_rpc_outbox_add (plant_rpc_session_get_outbox (session), request, wants_buffer,
                               timeout, cancellable, TRUE, on_awaited, &wait);
  if (call != NULL)
    wait_for_reply (session, call, &wait, cancellable);
  plant_rpc_inbox_unblock (inbox);
  if (wait.error != NULL)
    {
      plant_rpc_client_note_traceback (self, wait.error);
      g_propagate_error (error, wait.error);
    }
  return wait.outcome;
}

/* ---- methods */

/**
 * plant_rpc_client_call:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_TOLD for as long as the server
 *   tells its clients, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the context of the client when the call has ended
 * @user_data: data for @callback
 *
 * Calls a method that returns a value.
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
  g_autoptr(GTask) task = NULL;
  PlantRpcRequest request;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_return_if_fail (are_args (args) && are_kwargs (kwargs));

  task = make_task (self, cancellable, callback, user_data, plant_rpc_client_call);
  request = make_call (method, args, kwargs);
  start (task, &request, FALSE, timeout, on_replied);
}

static GVariant *
take_value (Outcome *outcome)
{
  GVariant *value;

  if (outcome == NULL)
    return NULL;
  value = g_steal_pointer (&outcome->value);
  outcome_free (outcome);
  /* A method without a result. */
  if (value == NULL)
    value = g_variant_ref_sink (g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  return value;
}

/**
 * plant_rpc_client_call_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.call] began.
 *
 * The error is of %PLANT_RPC_ERROR_REMOTE if the method failed, %PLANT_RPC_ERROR_NOT_SENT if it certainly did
 * not run because there was no connection in time, %G_IO_ERROR_TIMED_OUT if the reply did not come in time,
 * %PLANT_RPC_ERROR_OUTCOME_UNKNOWN if the connection was lost after it had been sent,
 * %G_IO_ERROR_CANCELLED, %PLANT_RPC_ERROR_UNKNOWN_METHOD,
 * %PLANT_RPC_ERROR_INVALID_ARGUMENTS, or %PLANT_RPC_ERROR_PROTOCOL.
 * [func@error_may_have_run] sums up whether it may have run.
 *
 * Returns: (transfer full): the result; an empty `mv` if the method has none
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_client_call_finish (PlantRpcClient  *self,
                              GAsyncResult    *result,
                              GError         **error)
{
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return take_value (finish (self, result, plant_rpc_client_call, error));
}

/**
 * plant_rpc_client_call_sync:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_TOLD, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Calls a method that returns a value, and blocks until it has ended.
 *
 * No main context runs meanwhile. Errors are those of [method@Client.call_finish].
 *
 * Returns: (transfer full): the result; an empty `mv` if the method has none
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
  PlantRpcRequest request;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (are_args (args) && are_kwargs (kwargs), NULL);

  request = make_call (method, args, kwargs);
  return take_value (run (self, &request, FALSE, timeout, cancellable, error));
}

/**
 * plant_rpc_client_call_buffer:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_TOLD, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the context of the client when the call has ended
 * @user_data: data for @callback
 *
 * Calls a method that returns a buffer, as an image, and information about it.
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
  g_autoptr(GTask) task = NULL;
  PlantRpcRequest request;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_return_if_fail (are_args (args) && are_kwargs (kwargs));

  task = make_task (self, cancellable, callback, user_data, plant_rpc_client_call_buffer);
  request = make_call (method, args, kwargs);
  start (task, &request, TRUE, timeout, on_replied);
}

static GBytes *
take_buffer (Outcome   *outcome,
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
  outcome_free (outcome);
  return buffer;
}

/**
 * plant_rpc_client_call_buffer_finish:
 * @self: a client
 * @result: the result given to the callback
 * @info: (out) (optional) (transfer full): return location for the information, an `a{sv}`
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
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return take_buffer (finish (self, result, plant_rpc_client_call_buffer, error), info, error);
}

/**
 * plant_rpc_client_call_buffer_sync:
 * @self: a client
 * @method: the name of the method
 * @args: (nullable): the positional arguments, as a tuple or `av`; sunk
 * @kwargs: (nullable): the named arguments, as `a{sv}`; sunk
 * @timeout: how long to wait for the reply in ms, %PLANT_RPC_TIMEOUT_TOLD, or
 *   %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @info: (out) (optional) (transfer full): return location for the information, an `a{sv}`
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
  PlantRpcRequest request;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (are_args (args) && are_kwargs (kwargs), NULL);

  request = make_call (method, args, kwargs);
  return take_buffer (run (self, &request, TRUE, timeout, cancellable, error), info, error);
}

/* ---- properties by name */

static void
on_read (PlantRpcReply *reply,
         GError        *error,
         gpointer       user_data)
{
  GTask *task = user_data;

  if (reply != NULL && reply->value != NULL)
    plant_rpc_client_take_value (g_task_get_source_object (task), g_task_get_task_data (task),
                                 reply->value);
  on_replied (reply, error, task);
}

/* The write itself has succeeded, whatever became of the read. */
static void
on_read_after_write (PlantRpcReply *reply,
                     GError        *error,
                     gpointer       user_data)
{
  PlantRpcReply none = { 0 };

  on_read (reply != NULL ? reply : &none, NULL, user_data);
}

/**
 * plant_rpc_client_read_property:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the context of the client when the value is there
 * @user_data: data for @callback
 *
 * Asks the device for the value of a property.
 *
 * What is shown for the property follows. It waits 10 s for the reply.
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
  g_autoptr(GTask) task = NULL;
  PlantRpcRequest request;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (name != NULL);

  task = make_task (self, cancellable, callback, user_data, plant_rpc_client_read_property);
  request = make_read (self, name);
  g_task_set_task_data (task, g_strdup (request.name), g_free);
  start (task, &request, FALSE, PLANT_RPC_TIMEOUT_TOLD, on_read);
}

/**
 * plant_rpc_client_read_property_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.read_property] began.
 *
 * Errors are those of [method@Client.call_finish], with %PLANT_RPC_ERROR_UNKNOWN_PROPERTY.
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
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);

  return take_value (finish (self, result, plant_rpc_client_read_property, error));
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
  PlantRpcRequest request;
  g_autofree char *wire_name = NULL;
  Outcome *outcome;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  request = make_read (self, name);
  wire_name = g_strdup (request.name);
  outcome = run (self, &request, FALSE, PLANT_RPC_TIMEOUT_TOLD, cancellable, error);
  if (outcome != NULL && outcome->value != NULL)
    plant_rpc_client_take_value (self, wire_name, outcome->value);
  return take_value (outcome);
}

/* A peer of Plant Imager confirms without telling the value. */
static void
on_written (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  GTask *task = user_data;
  PlantRpcRequest request;

  if (error != NULL || reply->value != NULL)
    {
      on_read (reply, error, task);
      return;
    }
  request = make_read (g_task_get_source_object (task), g_task_get_task_data (task));
  start (task, &request, FALSE, PLANT_RPC_TIMEOUT_TOLD, on_read_after_write);
  g_object_unref (task);
}

/**
 * plant_rpc_client_write_property:
 * @self: a client
 * @name: the name of a property, as of GObject or as on the wire
 * @value: the new value; sunk
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the context of the client when the device has answered
 * @user_data: data for @callback
 *
 * Asks the device to set a property.
 *
 * What is shown for the property follows once the device has confirmed it. It waits 10 s for the reply.
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
  g_autoptr(GTask) task = NULL;
  PlantRpcRequest request;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (value != NULL);

  task = make_task (self, cancellable, callback, user_data, plant_rpc_client_write_property);
  request = make_write (self, name, value);
  g_task_set_task_data (task, g_strdup (request.name), g_free);
  start (task, &request, FALSE, PLANT_RPC_TIMEOUT_TOLD, on_written);
}

static gboolean
take_success (Outcome *outcome)
{
  if (outcome == NULL)
    return FALSE;
  outcome_free (outcome);
  return TRUE;
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
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  return take_success (finish (self, result, plant_rpc_client_write_property, error));
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
  PlantRpcRequest request;
  g_autofree char *wire_name = NULL;
  Outcome *outcome;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  request = make_write (self, name, value);
  wire_name = g_strdup (request.name);
  outcome = run (self, &request, FALSE, PLANT_RPC_TIMEOUT_TOLD, cancellable, error);
  if (outcome != NULL && outcome->value != NULL)
    {
      plant_rpc_client_take_value (self, wire_name, outcome->value);
    }
  else if (outcome != NULL)
    {
      g_autoptr(GVariant) read =
          plant_rpc_client_read_property_sync (self, wire_name, cancellable, NULL);
    }
  return take_success (outcome);
}

/* ---- the server */

static PlantRpcRequest
make_stop (void)
{
  return (PlantRpcRequest) { .event = PLANT_RPC_EVENT_STOP_SERVER };
}

/**
 * plant_rpc_client_stop_server:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the context of the client when the server has answered
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
  g_autoptr(GTask) task = NULL;
  PlantRpcRequest request = make_stop ();

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  task = make_task (self, cancellable, callback, user_data, plant_rpc_client_stop_server);
  start (task, &request, FALSE, PLANT_RPC_TIMEOUT_TOLD, on_replied);
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
  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  return take_success (finish (self, result, plant_rpc_client_stop_server, error));
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
  PlantRpcRequest request = make_stop ();

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  return take_success (run (self, &request, FALSE, PLANT_RPC_TIMEOUT_TOLD, cancellable, error));
}

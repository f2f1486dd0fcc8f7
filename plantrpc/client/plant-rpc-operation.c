/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-operation-private.h"
#include "plant-rpc-served-private.h"

void
plant_rpc_outcome_free (gpointer data)
{
  PlantRpcOutcome *outcome = data;

  g_clear_pointer (&outcome->value, g_variant_unref);
  g_clear_pointer (&outcome->buffer, g_bytes_unref);
  g_free (outcome);
}

/* ---- the form that does not block */

typedef struct {
  GTask           *task;    /* (owned) (nullable): NULL once it has returned */
  PlantRpcOutcome *outcome; /* (owned) (nullable) */
  GError          *error;   /* (owned) (nullable) */
} Return;

static void
do_return (gpointer owner,
           gpointer data)
{
  Return *self = data;
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (task, g_steal_pointer (&self->outcome), plant_rpc_outcome_free);
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
return_task (GTask           *task,
             PlantRpcOutcome *outcome,
             GError          *error)
{
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (g_task_get_source_object (task));
  Return *self = g_new (Return, 1);

  *self = (Return) { g_object_ref (task), outcome, error };
  /* While the application blocks in another call, its callbacks must wait. What the device has sent
   * before the reply is shown before it. */
  plant_rpc_inbox_post (inbox, NULL, do_return, self, return_free);
}

static PlantRpcOutcome *
take_outcome (PlantRpcReply *reply)
{
  PlantRpcOutcome *outcome = g_new (PlantRpcOutcome, 1);

  outcome->value = g_steal_pointer (&reply->value);
  outcome->buffer = g_steal_pointer (&reply->buffer);
  outcome->asked = reply->asked;
  return outcome;
}

void
plant_rpc_operation_return (PlantRpcReply *reply,
                            GError        *error,
                            gpointer       user_data)
{
  g_autoptr (GTask) task = user_data;

  if (error != NULL)
    return_task (task, NULL, g_error_copy (error));
  else
    return_task (task, take_outcome (reply), NULL);
}

void
plant_rpc_operation_go_on (GTask             *task,
                           PlantRpcOperation  operation,
                           PlantRpcCallFunc   func)
{
  g_autoptr (GTask) owned = task;
  PlantRpcClient *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!plant_rpc_client_check_open (self, &error))
    {
      plant_rpc_request_clear (&operation.request);
      return_task (task, NULL, error);
      return;
    }
  plant_rpc_calls_add (plant_rpc_session_get_calls (plant_rpc_client_get_session (self)),
                       &operation.request, operation.wants_buffer, operation.timeout,
                       g_task_get_cancellable (task), FALSE, func, g_object_ref (task));
}

void
plant_rpc_operation_start (PlantRpcClient      *self,
                           PlantRpcOperation    operation,
                           PlantRpcCallFunc     func,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data,
                           gpointer             tag)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, g_strdup (operation.request.name), g_free);
  /* The reply says whether the request has run. A later cancellation must not hide that. */
  g_task_set_check_cancellable (task, FALSE);
  plant_rpc_remote_object_send_writes (plant_rpc_client_get_remote (self));
  plant_rpc_operation_go_on (task, operation, func);
}

PlantRpcOutcome *
plant_rpc_operation_finish (PlantRpcClient  *self,
                            GAsyncResult    *result,
                            gpointer         tag,
                            GError         **error)
{
  GError *failure = NULL;
  PlantRpcOutcome *outcome;

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
  gboolean         done;
  PlantRpcOutcome *outcome; /* (owned) (nullable) */
  GError          *error;   /* (owned) (nullable) */
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

static gboolean
is_done (gpointer data)
{
  return ((Wait *) data)->done;
}

static void
wait_for_reply (PlantRpcSession *session,
                PlantRpcCall    *call,
                Wait            *wait,
                GCancellable    *cancellable)
{
  switch (plant_rpc_driver_run (plant_rpc_session_get_driver (session), is_done, wait,
                                plant_rpc_call_get_deadline (call), cancellable))
    {
    case PLANT_RPC_DRIVER_LATE:
      plant_rpc_call_expire (call);
      break;
    case PLANT_RPC_DRIVER_CANCELLED:
      plant_rpc_call_cancel (call);
      break;
    case PLANT_RPC_DRIVER_OVER:
    default:
      break;
    }
}

PlantRpcOutcome *
plant_rpc_operation_run (PlantRpcClient     *self,
                         PlantRpcOperation   operation,
                         GCancellable       *cancellable,
                         GError            **error)
{
  g_autoptr (PlantRpcClient) guard = g_object_ref (self);
  g_autoptr (PlantRpcSession) session = NULL;
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (self);
  PlantRpcCall *call;
  Wait wait = { 0 };

  if (!plant_rpc_client_check_open (self, &wait.error) ||
      (!g_cancellable_is_cancelled (cancellable) &&
       !plant_rpc_served_check (plant_rpc_client_get_url (self), &wait.error)))
    {
      plant_rpc_client_note_traceback (self, wait.error);
      g_propagate_error (error, wait.error);
      plant_rpc_request_clear (&operation.request);
      return NULL;
    }
  session = plant_rpc_session_ref (plant_rpc_client_get_session (self));
  plant_rpc_inbox_block (inbox);
  plant_rpc_remote_object_send_writes (plant_rpc_client_get_remote (self));
  call = plant_rpc_calls_add (plant_rpc_session_get_calls (session), &operation.request,
                              operation.wants_buffer, operation.timeout, cancellable, TRUE,
                              on_awaited, &wait);
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

GVariant *
plant_rpc_outcome_take_value (PlantRpcOutcome *outcome)
{
  GVariant *value;

  if (outcome == NULL)
    return NULL;
  value = g_steal_pointer (&outcome->value);
  plant_rpc_outcome_free (outcome);
  /* A method without a result. */
  if (value == NULL)
    value = g_variant_ref_sink (g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  return value;
}

gboolean
plant_rpc_outcome_take_success (PlantRpcOutcome *outcome)
{
  if (outcome == NULL)
    return FALSE;
  plant_rpc_outcome_free (outcome);
  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"

/* The operations that wait: until the client is ready, until all is written, and until all is
 * read. */

/* Blocks until a condition holds. */
static gboolean
run_until (PlantRpcClient  *self,
           PlantRpcWait     wait,
           GCancellable    *cancellable,
           GError         **error)
{
  g_autoptr (PlantRpcClient) guard = g_object_ref (self);
  g_autoptr (PlantRpcSession) session =
      plant_rpc_session_ref (plant_rpc_client_get_session (self));
  gboolean holds;

  plant_rpc_inbox_block (plant_rpc_client_get_inbox (self));
  holds = plant_rpc_waiters_run (plant_rpc_client_get_waiters (self),
                                 plant_rpc_session_get_driver (session), wait, cancellable, error);
  plant_rpc_inbox_unblock (plant_rpc_client_get_inbox (self));
  return holds;
}

gboolean
plant_rpc_client_check_open (PlantRpcClient  *self,
                             GError         **error)
{
  PlantRpcSession *session = plant_rpc_client_get_session (self);
  PlantRpcCalls *calls = plant_rpc_session_get_calls (session);

  if (plant_rpc_calls_are_inherited (calls))
    g_propagate_error (error, plant_rpc_calls_make_inherited_error (calls));
  else if (!plant_rpc_session_has_server (session))
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                 _("The client has neither a URL nor a device to follow"));
  else if (plant_rpc_session_get_state (session) == PLANT_RPC_STATE_CLOSED)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED,
                 _("The client for “%s” is closed"),
                 plant_rpc_link_get_label (plant_rpc_session_get_link (session)));
  else
    return TRUE;
  return FALSE;
}

static void
start (PlantRpcClient      *self,
       PlantRpcWait         wait,
       GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data,
       gpointer             tag)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  plant_rpc_waiters_add (plant_rpc_client_get_waiters (self), task, wait);
}

static gboolean
finish (PlantRpcClient  *self,
        GAsyncResult    *result,
        gpointer         tag,
        GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), FALSE);

  hold = plant_rpc_client_enter (self);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Returns why the client is not ready. */
static GError *
excuse_not_ready (gpointer owner)
{
  PlantRpcLink *link = plant_rpc_session_get_link (plant_rpc_client_get_session (owner));
  const GError *former = plant_rpc_client_get_last_error (owner);
  g_autoptr (GError) look_up = plant_rpc_link_explain_look_up (link, former);
  const GError *reason = look_up != NULL ? look_up : former;

  /* Translators: the address of a device, and the reason */
  return g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("“%s” is not ready: %s"),
                      plant_rpc_link_get_label (link),
                      /* Translators: a reason: “it” is the device */
                      reason != NULL ? reason->message : _("it has not answered yet"));
}

static guint
count_vain (PlantRpcClient *self)
{
  return plant_rpc_session_get_n_vain (plant_rpc_client_get_session (self));
}

/* N_VAIN is what count_vain() told when the waiting began. */
static gboolean
is_ready (gpointer   owner,
          guint      n_vain,
          GError   **error)
{
  const GError *reason = plant_rpc_client_get_last_error (owner);

  if (!plant_rpc_client_check_open (owner, error))
    return FALSE;
  if (plant_rpc_client_is_ready (owner))
    return TRUE;
  if (g_error_matches (reason, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL) ||
      (plant_rpc_session_is_vain (reason) && count_vain (owner) != n_vain))
    g_propagate_error (error, g_error_copy (reason));
  return FALSE;
}

static PlantRpcWait
wait_for_ready (PlantRpcClient *self,
                int             timeout)
{
  /* Whoever waits wants to know now whether the client is still refused. */
  if (g_error_matches (plant_rpc_session_get_error (plant_rpc_client_get_session (self)),
                       G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    plant_rpc_client_try_again (self);
  return (PlantRpcWait) { is_ready, count_vain (self), timeout, excuse_not_ready };
}

/**
 * plant_rpc_client_wait_ready:
 * @self: a client
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller
 * @user_data: data for @callback
 *
 * Waits until the client is ready; see [property@Client:ready].
 *
 * If there is no host with the name in the URL, it does not wait longer, although the client goes
 * on trying to connect.
 *
 * Since: 1.0
 */
void
plant_rpc_client_wait_ready (PlantRpcClient      *self,
                             int                  timeout,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  start (self, wait_for_ready (self, timeout), cancellable, callback, user_data,
         plant_rpc_client_wait_ready);
}

/**
 * plant_rpc_client_wait_ready_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.wait_ready] began.
 *
 * The error is %G_IO_ERROR_TIMED_OUT, with the reason, if the client was not ready in time,
 * %G_IO_ERROR_HOST_NOT_FOUND if there is no host with that name, %G_IO_ERROR_PERMISSION_DENIED if
 * keys keep the client from its server, %PLANT_RPC_ERROR_INVALID_URL if it never will be ready,
 * %PLANT_RPC_ERROR_CLOSED or %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether the client is ready
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_wait_ready_finish (PlantRpcClient  *self,
                                    GAsyncResult    *result,
                                    GError         **error)
{
  return finish (self, result, plant_rpc_client_wait_ready, error);
}

/**
 * plant_rpc_client_wait_ready_sync:
 * @self: a client
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Blocks until the client is ready.
 *
 * Errors are those of [method@Client.wait_ready_finish].
 *
 * Returns: whether the client is ready
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_wait_ready_sync (PlantRpcClient  *self,
                                  int              timeout,
                                  GCancellable    *cancellable,
                                  GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  hold = plant_rpc_client_enter (self);
  return run_until (self, wait_for_ready (self, timeout), cancellable, error);
}

static gboolean
is_flushed (gpointer   owner,
            guint      data,
            GError   **error)
{
  PlantRpcCalls *calls = plant_rpc_session_get_calls (plant_rpc_client_get_session (owner));

  if (!plant_rpc_calls_are_inherited (calls))
    return !plant_rpc_remote_object_has_pending_writes (plant_rpc_client_get_remote (owner));
  g_propagate_error (error, plant_rpc_calls_make_inherited_error (calls));
  return FALSE;
}

static const PlantRpcWait flush = { .condition = is_flushed, .timeout = PLANT_RPC_TIMEOUT_NONE };

/**
 * plant_rpc_client_flush:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller
 * @user_data: data for @callback
 *
 * Waits until each write of a property of this client has been confirmed or refused, and what is
 * shown is the device's.
 *
 * Since: 1.0
 */
void
plant_rpc_client_flush (PlantRpcClient      *self,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  start (self, flush, cancellable, callback, user_data, plant_rpc_client_flush);
}

/**
 * plant_rpc_client_flush_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.flush] began.
 *
 * A refused write is no error here: [signal@Client::write-failed] tells it.
 *
 * Returns: %TRUE, or %FALSE with %G_IO_ERROR_CANCELLED, or with %PLANT_RPC_ERROR_CLOSED in a child
 *   that the process of the client has forked
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_flush_finish (PlantRpcClient  *self,
                               GAsyncResult    *result,
                               GError         **error)
{
  return finish (self, result, plant_rpc_client_flush, error);
}

/**
 * plant_rpc_client_flush_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Blocks until each write of a property of this client has been confirmed or refused.
 *
 * Errors are those of [method@Client.flush_finish].
 *
 * Returns: whether that is so
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_flush_sync (PlantRpcClient  *self,
                             GCancellable    *cancellable,
                             GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  hold = plant_rpc_client_enter (self);
  return run_until (self, flush, cancellable, error);
}

static PlantRpcSnapshot *
get_snapshot (PlantRpcClient *self)
{
  return plant_rpc_session_get_snapshot (plant_rpc_client_get_session (self));
}

static gboolean
is_refreshed (gpointer   owner,
              guint      number,
              GError   **error)
{
  if (!plant_rpc_client_check_open (owner, error))
    return FALSE;
  return (gint) (plant_rpc_snapshot_get_n_done (get_snapshot (owner)) - number) >= 0;
}

/* Returns how many ms all reads together may take: as long as one of them. */
static int
get_refresh_timeout (PlantRpcClient *self)
{
  PlantRpcCalls *calls = plant_rpc_session_get_calls (plant_rpc_client_get_session (self));
  int timeout = plant_rpc_calls_get_property_timeout (calls);
  int send_timeout = plant_rpc_calls_get_send_timeout (calls);

  if (timeout == PLANT_RPC_TIMEOUT_FROM_SERVER)
    timeout = PLANT_RPC_TIMEOUT_DEFAULT;
  if (plant_rpc_client_is_ready (self) || send_timeout == PLANT_RPC_TIMEOUT_NONE)
    return timeout;
  /* A caller that blocks connects while it waits, so it waits for a moment at least. */
  send_timeout = MAX (send_timeout, 1);
  return timeout == PLANT_RPC_TIMEOUT_NONE ? send_timeout : MIN (timeout, send_timeout);
}

static PlantRpcWait
take_snapshot (PlantRpcClient *self)
{
  guint number = plant_rpc_snapshot_take (get_snapshot (self));

  return (PlantRpcWait) { is_refreshed, number, get_refresh_timeout (self), excuse_not_ready };
}

/**
 * plant_rpc_client_refresh:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller when all values are
 *   there
 * @user_data: data for @callback
 *
 * Asks the device for the values of all properties.
 *
 * What is shown for them follows. It waits for them as long as a read waits: see
 * [property@Client:property-timeout], and [property@Client:send-timeout] while the client is not
 * ready.
 *
 * Since: 1.0
 */
void
plant_rpc_client_refresh (PlantRpcClient      *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_if_fail (PLANT_RPC_IS_CLIENT (self));

  hold = plant_rpc_client_enter (self);
  start (self, take_snapshot (self), cancellable, callback, user_data, plant_rpc_client_refresh);
}

/**
 * plant_rpc_client_refresh_finish:
 * @self: a client
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Ends what [method@Client.refresh] began.
 *
 * The error is %G_IO_ERROR_TIMED_OUT with the reason, also if the client was not ready in time,
 * %PLANT_RPC_ERROR_CLOSED or %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether all values have been read
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_refresh_finish (PlantRpcClient  *self,
                                 GAsyncResult    *result,
                                 GError         **error)
{
  return finish (self, result, plant_rpc_client_refresh, error);
}

/**
 * plant_rpc_client_refresh_sync:
 * @self: a client
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Asks the device for the values of all properties, and blocks until they are there.
 *
 * Errors are those of [method@Client.refresh_finish].
 *
 * Returns: whether all values have been read
 *
 * Since: 1.0
 */
gboolean
plant_rpc_client_refresh_sync (PlantRpcClient  *self,
                               GCancellable    *cancellable,
                               GError         **error)
{
  g_autoptr (PlantRpcHold) hold = NULL;

  g_return_val_if_fail (PLANT_RPC_IS_CLIENT (self), FALSE);

  hold = plant_rpc_client_enter (self);
  return run_until (self, take_snapshot (self), cancellable, error);
}

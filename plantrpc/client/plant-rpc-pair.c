/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-home-private.h"
#include "plant-rpc-joining-private.h"
#include "plant-rpc-pair.h"
#include "plant-rpc-source-private.h"

/* How a client joins a secured server by an invitation. */

/* A joining that a task waits for. */
typedef struct {
  GTask           *task;      /* (owned) */
  PlantRpcJoining *joining;   /* (owned) */
  GSource         *cancelled; /* (owned) (nullable) */
} Waiting;

static void
waiting_free (Waiting *self)
{
  plant_rpc_source_clear (&self->cancelled);
  plant_rpc_joining_free (self->joining);
  g_object_unref (self->task);
  g_free (self);
}

/* Takes ownership of ERROR. */
static void
end (Waiting    *self,
     const char *url,
     GError     *error)
{
  g_autoptr (GTask) task = g_object_ref (self->task);
  g_autofree char *copy = g_strdup (url);
  g_auto (PlantRpcOutside) outside = { 0 };

  waiting_free (self);
  outside = plant_rpc_home_step_out ();
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&copy), g_free);
}

static void
on_over (gpointer      owner,
         const char   *url,
         const GError *error)
{
  end (owner, url, error != NULL ? g_error_copy (error) : NULL);
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  end (user_data, NULL, error);
  return G_SOURCE_REMOVE;
}

/**
 * plant_rpc_is_invitation:
 * @text: any text, such as what a user has pasted
 *
 * Tells whether a text is the link of an invitation, which [func@pair] takes. Spaces around it do
 * not matter. Whether the invitation is still good is not known before.
 *
 * Returns: whether it is one
 *
 * Since: 1.1
 */
gboolean
plant_rpc_is_invitation (const char *text)
{
  g_auto (PlantRpcInvitation) invitation = { 0 };

  g_return_val_if_fail (text != NULL, FALSE);

  return plant_rpc_invitation_parse (&invitation, text, NULL);
}

/**
 * plant_rpc_pair:
 * @link: the link of an invitation; see [method@Server.invite]
 * @keypair: (nullable): the keys that are allowed from then on; %NULL for those of the user, which
 *   are made if there are none
 * @name: (nullable): what the owner of the device sees; %NULL for the names of the user and of the
 *   computer
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller
 * @user_data: data for @callback
 *
 * Joins a secured server by an invitation: the public key of @keypair is allowed there from then
 * on.
 *
 * The link connects by a pair of keys of its own, which may do nothing else, and the server at the
 * other end must have the key that the link names. Nothing is stored here but the pair of keys of
 * the user. Of @name the first 128 bytes are sent.
 *
 * If the answer is lost, or the invitation was used already, it sees whether @keypair is allowed,
 * which then is a success, too: so it may be tried again.
 *
 * Since: 1.1
 */
void
plant_rpc_pair (const char          *link,
                PlantRpcKeypair     *keypair,
                const char          *name,
                GCancellable        *cancellable,
                GAsyncReadyCallback  callback,
                gpointer             user_data)
{
  g_autoptr (PlantRpcHome) home = NULL;
  g_autoptr (PlantRpcHold) hold = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  PlantRpcJoining *joining;
  Waiting *waiting;

  g_return_if_fail (link != NULL);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, plant_rpc_pair);
  g_task_set_check_cancellable (task, FALSE);
  home = plant_rpc_home_new_for_object ();
  hold = plant_rpc_home_enter (home);
  joining = plant_rpc_joining_new (link, keypair, name, plant_rpc_home_get_context (home), &error);
  if (joining == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  waiting = g_new0 (Waiting, 1);
  waiting->task = g_steal_pointer (&task);
  waiting->joining = joining;
  if (cancellable != NULL)
    waiting->cancelled = plant_rpc_source_new_cancelled (
        cancellable, plant_rpc_home_get_context (home), on_cancelled, waiting);
  plant_rpc_joining_begin (joining, on_over, waiting);
}

/**
 * plant_rpc_pair_finish:
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Finishes what [func@pair] began.
 *
 * Fails with %G_IO_ERROR_INVALID_ARGUMENT if the link is none, with %G_IO_ERROR_PERMISSION_DENIED
 * if the invitation is not good any more or was taken back, or if the server cannot prove its key
 * or is not secured, with %G_IO_ERROR_CONNECTION_REFUSED, %G_IO_ERROR_HOST_NOT_FOUND or
 * %G_IO_ERROR_HOST_UNREACHABLE if there is no device, with %G_IO_ERROR_BUSY if it is connected and
 * does not answer, with %PLANT_RPC_ERROR_REMOTE if it could not store the key, with
 * %G_IO_ERROR_CANCELLED, and with the errors of [ctor@Keypair.ensure]. The message is a sentence
 * for people.
 *
 * Returns: (transfer full): the URL of the device from now on, such as `tcp://pi-cam-1:5000#KEY`
 *
 * Since: 1.1
 */
char *
plant_rpc_pair_finish (GAsyncResult  *result,
                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, plant_rpc_pair), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- blocking */

typedef struct {
  gboolean  over;
  char     *url;   /* (owned) (nullable) */
  GError   *error; /* (owned) (nullable) */
} Outcome;

static void
on_outcome (gpointer      owner,
            const char   *url,
            const GError *error)
{
  Outcome *outcome = owner;

  outcome->over = TRUE;
  outcome->url = g_strdup (url);
  outcome->error = error != NULL ? g_error_copy (error) : NULL;
}

static gboolean
on_stopped (GCancellable *cancellable,
            gpointer      user_data)
{
  Outcome *outcome = user_data;

  outcome->over = TRUE;
  return G_SOURCE_REMOVE;
}

static void
run (PlantRpcJoining *joining,
     GMainContext    *context,
     GCancellable    *cancellable,
     Outcome         *outcome)
{
  GSource *cancelled = NULL;

  if (cancellable != NULL)
    cancelled = plant_rpc_source_new_cancelled (cancellable, context, on_stopped, outcome);
  plant_rpc_joining_begin (joining, on_outcome, outcome);
  while (!outcome->over)
    g_main_context_iteration (context, TRUE);
  plant_rpc_source_clear (&cancelled);
}

/**
 * plant_rpc_pair_sync:
 * @link: the link of an invitation; see [method@Server.invite]
 * @keypair: (nullable): the keys that are allowed from then on; %NULL for those of the user, which
 *   are made if there are none
 * @name: (nullable): what the owner of the device sees; %NULL for the names of the user and of the
 *   computer
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Joins a secured server by an invitation, as [func@pair] does, and blocks meanwhile, for some
 * seconds at most. The main loop of the caller does not run.
 *
 * Errors are those of [func@pair_finish].
 *
 * Returns: (transfer full): the URL of the device from now on, such as `tcp://pi-cam-1:5000#KEY`
 *
 * Since: 1.1
 */
char *
plant_rpc_pair_sync (const char       *link,
                     PlantRpcKeypair  *keypair,
                     const char       *name,
                     GCancellable     *cancellable,
                     GError          **error)
{
  g_autoptr (GMainContext) context = NULL;
  PlantRpcJoining *joining;
  Outcome outcome = { FALSE };

  g_return_val_if_fail (link != NULL, NULL);

  context = g_main_context_new ();
  joining = plant_rpc_joining_new (link, keypair, name, context, error);
  if (joining == NULL)
    return NULL;
  run (joining, context, cancellable, &outcome);
  plant_rpc_joining_free (joining);
  if (outcome.error != NULL)
    g_propagate_error (error, outcome.error);
  else if (outcome.url == NULL)
    g_cancellable_set_error_if_cancelled (cancellable, error);
  return outcome.url;
}

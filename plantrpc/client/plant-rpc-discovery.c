/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-source-private.h"

/* A session that has no client until the device has described the type that its client must
 * have. */
typedef struct {
  PlantRpcSession *session;   /* (owned) */
  char            *url;       /* (owned) */
  GVariant        *values;    /* (owned) (nullable): the snapshot */
  PlantRpcClient  *client;    /* (owned) (nullable): once made */
  GError          *error;     /* (owned) (nullable): why there will be none */
  GTask           *task;      /* (owned) (nullable): in the form that does not block */
  GSource         *timeout;   /* (owned) (nullable) */
  GSource         *cancelled; /* (owned) (nullable) */
} Discovery;

static void
discovery_free (Discovery *self)
{
  plant_rpc_source_clear (&self->timeout);
  plant_rpc_source_clear (&self->cancelled);
  if (self->client == NULL)
    {
      plant_rpc_session_set_owner (self->session, NULL, NULL);
      plant_rpc_session_close (self->session);
    }
  plant_rpc_session_unref (self->session);
  g_clear_pointer (&self->values, g_variant_unref);
  g_clear_object (&self->client);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  g_free (self->url);
  g_free (self);
}

/* The task returns from the main loop, since the session is in the middle of its work. */
static gboolean
on_ended (gpointer user_data)
{
  Discovery *self = user_data;

  if (self->error != NULL)
    g_task_return_error (self->task, g_steal_pointer (&self->error));
  else
    g_task_return_pointer (self->task, g_object_ref (self->client), g_object_unref);
  discovery_free (self);
  return G_SOURCE_REMOVE;
}

static void
end (Discovery *self)
{
  g_autoptr (GSource) source = NULL;

  if (self->task == NULL)
    return;
  plant_rpc_source_clear (&self->timeout);
  plant_rpc_source_clear (&self->cancelled);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_ended, self, NULL);
  g_source_attach (source, g_task_get_context (self->task));
}

static gboolean
is_over (Discovery *self)
{
  return self->client != NULL || self->error != NULL;
}

static void
make_client (Discovery *self)
{
  PlantRpcInterfaceInfo *info = plant_rpc_session_get_interface (self->session);
  const char *peer = plant_rpc_session_get_peer_address (self->session);
  GType type = plant_rpc_client_make_type (info, G_TYPE_INVALID, peer != NULL ? peer : self->url,
                                           &self->error);

  if (type == G_TYPE_INVALID)
    return;
  self->client = g_object_new (type, NULL);
  plant_rpc_client_adopt (self->client, self->session, self->values);
}

static void
on_changed (gpointer owner)
{
  Discovery *self = owner;
  const GError *error = plant_rpc_session_get_error (self->session);

  if (is_over (self))
    return;
  if (plant_rpc_session_get_state (self->session) == PLANT_RPC_STATE_READY)
    make_client (self);
  else if (g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL))
    self->error = g_error_copy (error);
  if (is_over (self))
    end (self);
}

static void
on_snapshot (gpointer  owner,
             GVariant *values)
{
  Discovery *self = owner;

  g_clear_pointer (&self->values, g_variant_unref);
  self->values = g_variant_ref (values);
}

/* Nobody is told before the session is ready. Then the client takes over at once. */
static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  Discovery *self = owner;

  if (sequence > 0)
    plant_rpc_subscription_acknowledge (plant_rpc_session_get_subscription (self->session),
                                        sequence, size, TRUE);
}

static void
on_lost (gpointer owner,
         guint64  n_lost)
{
}

static const PlantRpcSessionFuncs session_funcs = {
  .changed = on_changed,
  .snapshot = on_snapshot,
  .received = on_received,
  .lost = on_lost,
};

static Discovery *
discovery_new (const char *url)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  Discovery *self = g_new0 (Discovery, 1);

  self->url = g_strdup (url);
  self->session = plant_rpc_session_new (context);
  plant_rpc_session_set_url (self->session, url);
  plant_rpc_session_set_owner (self->session, &session_funcs, self);
  return self;
}

static GError *
make_timeout_error (Discovery *self)
{
  const GError *reason = plant_rpc_session_get_error (self->session);

  /* Translators: the address of a device, and the reason */
  return g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("“%s” could not be discovered: %s"),
                      self->url,
                      reason != NULL ? reason->message : _("it has not answered yet"));
}

static gboolean
on_timeout (gpointer user_data)
{
  Discovery *self = user_data;

  self->error = make_timeout_error (self);
  end (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  Discovery *self = user_data;

  g_cancellable_set_error_if_cancelled (cancellable, &self->error);
  end (self);
  return G_SOURCE_REMOVE;
}

static void
watch (Discovery    *self,
       int           timeout,
       GCancellable *cancellable)
{
  GMainContext *context = g_task_get_context (self->task);

  if (timeout >= 0)
    {
      self->timeout = g_timeout_source_new (timeout);
      g_source_set_callback (self->timeout, on_timeout, self, NULL);
      g_source_attach (self->timeout, context);
    }
  if (cancellable != NULL)
    {
      self->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), self, NULL);
      g_source_attach (self->cancelled, context);
    }
}

/**
 * plant_rpc_client_discover:
 * @url: where the server is
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called in the thread-default context of the caller
 * @user_data: data for @callback
 *
 * Connects to a device, learns what it offers, and makes a client of a type made for it.
 *
 * A plantrpc server tells the types of its properties. A server of Plant Imager tells their names
 * only: their types follow from their values, where each number is a double and null, empty and
 * mixed values are GVariants.
 *
 * The type stays as it is when the device comes back as another: what it lacks by then is in
 * [property@Client:missing], what is new can be used by name.
 *
 * Since: 1.0
 */
void
plant_rpc_client_discover (const char          *url,
                           int                  timeout,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  Discovery *self;

  g_return_if_fail (url != NULL);

  self = discovery_new (url);
  self->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, plant_rpc_client_discover);
  g_task_set_check_cancellable (self->task, FALSE);
  watch (self, timeout, cancellable);
  plant_rpc_session_start (self->session);
}

/**
 * plant_rpc_client_discover_finish:
 * @result: the result given to the callback
 * @error: return location for an error
 *
 * Finishes an operation started with [func@Client.discover].
 *
 * The error is %G_IO_ERROR_TIMED_OUT, with the reason, if the device was not ready in time,
 * %PLANT_RPC_ERROR_INVALID_URL, %PLANT_RPC_ERROR_INVALID_INTERFACE, %PLANT_RPC_ERROR_LIMIT if
 * devices have described more interfaces than this process makes types for, or
 * %G_IO_ERROR_CANCELLED.
 *
 * Returns: (transfer full): a client that is ready
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_discover_finish (GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, plant_rpc_client_discover), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
is_run_over (gpointer data)
{
  return is_over (data);
}

static void
run (Discovery    *self,
     int           timeout,
     GCancellable *cancellable)
{
  gint64 deadline = timeout < 0 ? -1 : g_get_monotonic_time () + (gint64) timeout * 1000;
  PlantRpcDriverEnd end;

  plant_rpc_session_start (self->session);
  end = plant_rpc_driver_run (plant_rpc_session_get_driver (self->session), is_run_over, self,
                              &deadline, cancellable);
  if (end == PLANT_RPC_DRIVER_LATE)
    self->error = make_timeout_error (self);
  else if (end == PLANT_RPC_DRIVER_CANCELLED)
    g_cancellable_set_error_if_cancelled (cancellable, &self->error);
}

/**
 * plant_rpc_client_discover_sync:
 * @url: where the server is
 * @timeout: how long to wait in ms, or %PLANT_RPC_TIMEOUT_NONE
 * @cancellable: (nullable): a cancellable, which may be cancelled from another thread
 * @error: return location for an error
 *
 * Connects to a device, learns what it offers, and makes a client of a type made for it; blocks
 * until that is done.
 *
 * Errors are those of [func@Client.discover_finish].
 *
 * Returns: (transfer full): a client that is ready
 *
 * Since: 1.0
 */
PlantRpcClient *
plant_rpc_client_discover_sync (const char    *url,
                                int            timeout,
                                GCancellable  *cancellable,
                                GError       **error)
{
  Discovery *self;
  PlantRpcClient *client;

  g_return_val_if_fail (url != NULL, NULL);

  self = discovery_new (url);
  run (self, timeout, cancellable);
  client = self->client != NULL ? g_object_ref (self->client) : NULL;
  if (client == NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  discovery_free (self);
  return client;
}

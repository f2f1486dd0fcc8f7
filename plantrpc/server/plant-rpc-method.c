/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-home-private.h"
#include "plant-rpc-invocation-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-method-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-worker-pool-private.h"

/* An atomic rc box. */
struct _PlantRpcMethod {
  PlantRpcMethodInfo    *info;      /* (owned) */
  PlantRpcMethodFlags    flags;
  PlantRpcMethodHandler  handler;
  gpointer               user_data; /* (owned by notify) */
  GDestroyNotify         notify;
  GMainContext          *context;   /* (owned) */
};

/* One call of a handler on a worker thread, an atomic rc box. The signal handler at the cancellable
 * holds its own reference, since the cancellable may be cancelled on any thread. */
typedef struct {
  PlantRpcWorkerTask  task;
  PlantRpcMethod     *method;       /* (owned) */
  PlantRpcInvocation *invocation;   /* (owned) */
  gulong              cancellation; /* handler id at the cancellable of INVOCATION */
} Run;

PlantRpcMethod *
plant_rpc_method_new (GMainContext          *context,
                      PlantRpcMethodInfo    *info,
                      PlantRpcMethodFlags    flags,
                      PlantRpcMethodHandler  handler,
                      gpointer               user_data,
                      GDestroyNotify         notify)
{
  PlantRpcMethod *self = g_atomic_rc_box_new (PlantRpcMethod);

  *self = (PlantRpcMethod) {
    .info = info,
    .flags = flags,
    .handler = handler,
    .user_data = user_data,
    .notify = notify,
    .context = g_main_context_ref (context),
  };
  return self;
}

static void
clear_method (gpointer data)
{
  PlantRpcMethod *self = data;

  plant_rpc_home_call_outside (self->notify, self->user_data);
  plant_rpc_method_info_unref (self->info);
  g_main_context_unref (self->context);
}

void
plant_rpc_method_unref (PlantRpcMethod *self)
{
  g_atomic_rc_box_release_full (self, clear_method);
}

PlantRpcMethodInfo *
plant_rpc_method_get_info (PlantRpcMethod *self)
{
  return self->info;
}

void
plant_rpc_method_run_handler (PlantRpcMethodHandler  handler,
                              gpointer               user_data,
                              PlantRpcInvocation    *invocation)
{
  g_autoptr (GError) error = NULL;
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  handler (invocation, user_data, &error);
  if (error == NULL)
    return;
  if (plant_rpc_invocation_get_answered (invocation))
    plant_rpc_warning ("“%s” failed after it had answered: %s",
                       plant_rpc_invocation_get_name (invocation), error->message);
  else
    plant_rpc_invocation_return_gerror (invocation, error);
}

static void
unref_run (gpointer  data,
           GClosure *closure)
{
  g_atomic_rc_box_release (data);
}

/* g_cancellable_disconnect() would wait for ever if a callback of the cancellable runs the loop. */
static void
close_run (gpointer data)
{
  Run *run = data;

  g_signal_handler_disconnect (plant_rpc_invocation_get_cancellable (run->invocation),
                               run->cancellation);
  g_clear_object (&run->invocation);
  g_clear_pointer (&run->method, plant_rpc_method_unref);
  g_atomic_rc_box_release (run);
}

static gboolean
remove_source (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* A language binding crashes if a handler's data is freed on another thread. */
static void
finish_run (Run *run)
{
  g_autoptr (GMainContext) context = g_main_context_ref (run->method->context);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[plantrpc] handler done");
  g_source_set_callback (source, remove_source, run, close_run);
  g_source_attach (source, context);
}

/* Returns FALSE, after answering the invocation, if it has been cancelled. */
static gboolean
check_cancelled (PlantRpcInvocation *invocation)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr (GError) error = NULL;

  if (!g_cancellable_set_error_if_cancelled (plant_rpc_invocation_get_cancellable (invocation),
                                             &error))
    return TRUE;
  plant_rpc_invocation_return_gerror (invocation, error);
  return FALSE;
}

static void
run_on_worker (PlantRpcWorkerTask *task)
{
  Run *run = (Run *) task;

  if (check_cancelled (run->invocation))
    plant_rpc_method_run_handler (run->method->handler, run->method->user_data, run->invocation);
  finish_run (run);
}

/* A cancelled call that waits for a thread must neither start nor stay in memory, since many may
 * wait. */
static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  Run *run = user_data;

  if (!plant_rpc_worker_pool_withdraw (plant_rpc_worker_pool_get_default (), &run->task))
    return;
  check_cancelled (run->invocation);
  finish_run (run);
}

static void
start_run (PlantRpcMethod     *self,
           PlantRpcInvocation *invocation)
{
  Run *run = g_atomic_rc_box_new0 (Run);

  run->task.run = run_on_worker;
  run->method = g_atomic_rc_box_acquire (self);
  run->invocation = invocation;
  run->cancellation = g_signal_connect_data (plant_rpc_invocation_get_cancellable (invocation),
                                             "cancelled", G_CALLBACK (on_cancelled),
                                             g_atomic_rc_box_acquire (run), unref_run,
                                             G_CONNECT_DEFAULT);
  plant_rpc_worker_pool_push (plant_rpc_worker_pool_get_default (), &run->task,
                              plant_rpc_invocation_get_peer (invocation));
}

void
plant_rpc_method_run (PlantRpcMethod     *self,
                      PlantRpcInvocation *invocation)
{
  g_autoptr (PlantRpcMethod) method = g_atomic_rc_box_acquire (self);

  if ((self->flags & PLANT_RPC_METHOD_FLAGS_BLOCKING) != 0)
    {
      start_run (self, invocation);
      return;
    }
  plant_rpc_method_run_handler (self->handler, self->user_data, invocation);
  g_object_unref (invocation);
}

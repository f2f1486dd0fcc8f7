/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-init-private.h"
#include "plant-rpc-worker-private.h"

struct _PlantRpcWorker {
  GMainLoop *loop;    /* (owned); the thread has a reference of its own */
  GThread   *thread;  /* (owned) */
  guint      process; /* that the thread belongs to */
};

static gpointer
run (gpointer data)
{
  g_autoptr (GMainLoop) loop = data;
  GMainContext *context = g_main_loop_get_context (loop);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);
  g_main_context_pop_thread_default (context);
  return NULL;
}

PlantRpcWorker *
plant_rpc_worker_new (const char    *name,
                      GMainContext  *context,
                      GError       **error)
{
  g_autoptr (GMainContext) run_context =
      context != NULL ? g_main_context_ref (context) : g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (run_context, FALSE);
  GThread *thread = g_thread_try_new (name, run, g_main_loop_ref (loop), error);
  PlantRpcWorker *self;

  if (thread == NULL)
    {
      g_main_loop_unref (loop);
      return NULL;
    }
  self = g_new (PlantRpcWorker, 1);
  *self = (PlantRpcWorker) { g_steal_pointer (&loop), thread, plant_rpc_init_get_process () };
  return self;
}

static gboolean
quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

void
plant_rpc_worker_free (PlantRpcWorker *self)
{
  /* A forked child has no such thread to wait for. */
  if (plant_rpc_init_is_inherited (self->process))
    return;
  /* The loop must be quit from inside, since quitting has no effect before it runs. */
  plant_rpc_worker_call (self, quit, self->loop, NULL);
  if (g_thread_self () == self->thread)
    g_thread_unref (self->thread);
  else
    g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_free (self);
}

GMainContext *
plant_rpc_worker_get_context (PlantRpcWorker *self)
{
  return g_main_loop_get_context (self->loop);
}

void
plant_rpc_worker_call (PlantRpcWorker *self,
                       GSourceFunc     func,
                       gpointer        user_data,
                       GDestroyNotify  notify)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[plantrpc] worker");
  g_source_set_callback (source, func, user_data, notify);
  g_source_attach (source, plant_rpc_worker_get_context (self));
}

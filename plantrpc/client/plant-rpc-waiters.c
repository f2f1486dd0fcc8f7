/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-home-private.h"
#include "plant-rpc-served-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-timer-private.h"
#include "plant-rpc-waiters-private.h"

/* µs after which a caller that blocks looks again whether its server is served. */
#define PAUSE (G_USEC_PER_SEC)

typedef struct {
  PlantRpcWaiters *waiters;   /* (unowned) */
  GTask           *task;      /* (owned) (nullable): NULL for a caller that blocks */
  PlantRpcWait     wait;
  GSource         *timeout;   /* (owned) (nullable) */
  GSource         *cancelled; /* (owned) (nullable) */
  GError          *error;     /* (owned) (nullable): why the condition never will hold */
} Waiter;

struct _PlantRpcWaiters {
  GMainContext *context; /* (owned) */
  gpointer      owner;   /* (unowned): kept alive by each task */
  GPtrArray    *waiters; /* (owned) (element-type Waiter) */
};

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  plant_rpc_source_clear (&waiter->timeout);
  plant_rpc_source_clear (&waiter->cancelled);
  g_clear_object (&waiter->task);
  g_free (waiter);
}

PlantRpcWaiters *
plant_rpc_waiters_new (GMainContext *context,
                       gpointer      owner)
{
  PlantRpcWaiters *self = g_new0 (PlantRpcWaiters, 1);

  self->context = g_main_context_ref (context);
  self->owner = owner;
  self->waiters = g_ptr_array_new_with_free_func (waiter_free);
  return self;
}

void
plant_rpc_waiters_free (PlantRpcWaiters *self)
{
  g_ptr_array_unref (self->waiters);
  g_main_context_unref (self->context);
  g_free (self);
}

/* Returns the task, which is no longer in the array. Its callback may change the array, or free
 * it. */
static GTask *
take (Waiter *waiter)
{
  GTask *task = g_object_ref (waiter->task);

  g_ptr_array_remove (waiter->waiters->waiters, waiter);
  return task;
}

static void
end_task (GTask  *task,
          GError *error)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
on_timeout (gpointer user_data)
{
  Waiter *waiter = user_data;
  GError *error = waiter->wait.excuse (waiter->waiters->owner);
  g_autoptr (GTask) task = take (waiter);

  end_task (task, error);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  g_autoptr (GTask) task = take (user_data);
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static gboolean
is_over (gpointer data)
{
  Waiter *waiter = data;

  return waiter->wait.condition (waiter->waiters->owner, waiter->wait.data, &waiter->error) ||
         waiter->error != NULL;
}

static void
watch (Waiter *waiter)
{
  PlantRpcWaiters *self = waiter->waiters;
  GCancellable *cancellable = g_task_get_cancellable (waiter->task);

  if (waiter->wait.timeout != PLANT_RPC_TIMEOUT_NONE)
    waiter->timeout =
        plant_rpc_source_start (g_timeout_source_new (MAX (waiter->wait.timeout, 0)),
                                self->context, on_timeout, waiter, "[plantrpc] waiting");
  if (cancellable != NULL)
    waiter->cancelled =
        plant_rpc_source_new_cancelled (cancellable, self->context, on_cancelled, waiter);
}

void
plant_rpc_waiters_add (PlantRpcWaiters *self,
                       GTask           *task,
                       PlantRpcWait     wait)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->waiters = self;
  waiter->task = g_object_ref (task);
  waiter->wait = wait;
  if (is_over (waiter))
    {
      end_task (task, g_steal_pointer (&waiter->error));
      waiter_free (waiter);
      return;
    }
  g_ptr_array_add (self->waiters, waiter);
  watch (waiter);
}

/* A registry may tell only later where the server is, and the loop that serves it may end. */
static PlantRpcDriverEnd
run_while_served (PlantRpcDriver *driver,
                  Waiter         *waiter,
                  gint64          deadline,
                  GCancellable   *cancellable)
{
  PlantRpcDriverEnd end = PLANT_RPC_DRIVER_LATE;
  gint64 until = -1;

  while (end == PLANT_RPC_DRIVER_LATE && (until < 0 || until != deadline))
    {
      if (!plant_rpc_served_check (plant_rpc_driver_get_url (driver), &waiter->error))
        return PLANT_RPC_DRIVER_OVER;
      until = g_get_monotonic_time () + PAUSE;
      if (deadline >= 0)
        until = MIN (until, deadline);
      end = plant_rpc_driver_run (driver, is_over, waiter, &until, cancellable);
    }
  return end;
}

gboolean
plant_rpc_waiters_run (PlantRpcWaiters  *self,
                       PlantRpcDriver   *driver,
                       PlantRpcWait      wait,
                       GCancellable     *cancellable,
                       GError          **error)
{
  gint64 deadline = plant_rpc_timer_end_of (wait.timeout);
  Waiter waiter = { .waiters = self, .wait = wait };
  PlantRpcDriverEnd end = PLANT_RPC_DRIVER_OVER;

  if (!is_over (&waiter) && !g_cancellable_set_error_if_cancelled (cancellable, &waiter.error))
    end = run_while_served (driver, &waiter, deadline, cancellable);
  if (end == PLANT_RPC_DRIVER_LATE)
    waiter.error = wait.excuse (self->owner);
  else if (end == PLANT_RPC_DRIVER_CANCELLED)
    g_cancellable_set_error_if_cancelled (cancellable, &waiter.error);
  if (waiter.error == NULL)
    return TRUE;
  g_propagate_error (error, waiter.error);
  return FALSE;
}

void
plant_rpc_waiters_check (PlantRpcWaiters *self)
{
  g_autoptr (GPtrArray) tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) errors = g_ptr_array_new ();

  for (guint i = self->waiters->len; i > 0; i--)
    {
      Waiter *waiter = self->waiters->pdata[i - 1];

      if (!is_over (waiter))
        continue;
      g_ptr_array_add (errors, g_steal_pointer (&waiter->error));
      g_ptr_array_add (tasks, take (waiter));
    }
  for (guint i = tasks->len; i > 0; i--)
    end_task (tasks->pdata[i - 1], errors->pdata[i - 1]);
}

static void
check (gpointer owner,
       gpointer data)
{
  g_autoptr (GObject) guard = g_object_ref (owner);

  plant_rpc_waiters_check (data);
}

void
plant_rpc_waiters_check_later (PlantRpcWaiters *self,
                               PlantRpcInbox   *inbox)
{
  if (self->waiters->len > 0)
    plant_rpc_inbox_defer (inbox, PLANT_RPC_INBOX_KEY ("waiters"), check, self, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-handover-private.h"
#include "plant-rpc-source-private.h"

typedef struct {
  PlantRpcHandoverFunc func;
  gpointer             data;
  GDestroyNotify       destroy;
} Call;

typedef struct {
  gpointer               asker;    /* (owned) */
  PlantRpcReply          reply;    /* (owned) */
  gboolean               accepted;
  PlantRpcHandoverAnswer func;
  GDestroyNotify         unref;
} Answer;

struct _PlantRpcHandover {
  gatomicrefcount  ref_count;
  PlantRpcHome    *home;    /* (owned) */
  GSource         *source;  /* (owned): ready while there are calls */
  GMutex           lock;
  GQueue           calls;   /* (mutex lock) (element-type Call) */
  gboolean         closed;  /* (mutex lock) */
};

static void
call_free (Call *call)
{
  if (call->destroy != NULL)
    call->destroy (call->data);
  g_free (call);
}

static Call *
take_call (PlantRpcHandover *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_pop_head (&self->calls);
}

/* Only the calls that were there at the beginning are handled, since a thread that posts without
 * end must not stop the loop. */
static gboolean
on_calls (gpointer user_data)
{
  g_autoptr (PlantRpcHandover) self = plant_rpc_handover_ref (user_data);
  guint n_calls;
  Call *call;

  g_mutex_lock (&self->lock);
  n_calls = g_queue_get_length (&self->calls);
  g_mutex_unlock (&self->lock);

  for (; n_calls > 0 && (call = take_call (self)) != NULL; n_calls--)
    {
      call->func (call->data);
      call_free (call);
    }

  g_mutex_lock (&self->lock);
  if (!self->closed && g_queue_is_empty (&self->calls))
    g_source_set_ready_time (self->source, -1);
  g_mutex_unlock (&self->lock);
  return G_SOURCE_CONTINUE;
}

PlantRpcHandover *
plant_rpc_handover_new (GMainContext *context)
{
  PlantRpcHandover *self = g_new0 (PlantRpcHandover, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->home = plant_rpc_home_new (context);
  g_mutex_init (&self->lock);
  g_queue_init (&self->calls);
  self->source = plant_rpc_source_new_alarm (context, on_calls, self, "[plantrpc] handover");
  return self;
}

PlantRpcHandover *
plant_rpc_handover_ref (PlantRpcHandover *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
plant_rpc_handover_unref (PlantRpcHandover *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  plant_rpc_handover_close (self);
  g_source_unref (self->source);
  plant_rpc_home_unref (self->home);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
plant_rpc_handover_close (PlantRpcHandover *self)
{
  GQueue calls;

  g_mutex_lock (&self->lock);
  calls = self->calls;
  g_queue_init (&self->calls);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);

  g_source_destroy (self->source);
  g_queue_clear_full (&calls, (GDestroyNotify) call_free);
}

PlantRpcHold *
plant_rpc_handover_enter (PlantRpcHandover *self)
{
  if (!g_main_context_is_owner (plant_rpc_home_get_context (self->home)))
    return NULL;
  return plant_rpc_home_enter (self->home);
}

void
plant_rpc_handover_post (PlantRpcHandover     *self,
                         PlantRpcHandoverFunc  func,
                         gpointer              data,
                         GDestroyNotify        destroy)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { func, data, destroy };
  g_mutex_lock (&self->lock);
  if (!self->closed)
    {
      g_queue_push_tail (&self->calls, g_steal_pointer (&call));
      g_source_set_ready_time (self->source, 0);
    }
  g_mutex_unlock (&self->lock);

  if (call != NULL)
    call_free (call);
}

static void
deliver_answer (gpointer data)
{
  Answer *answer = data;

  answer->func (answer->asker, &answer->reply, answer->accepted);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  plant_rpc_reply_clear (&answer->reply);
  answer->unref (answer->asker);
  g_free (answer);
}

void
plant_rpc_handover_answer (PlantRpcHandover       *self,
                           gpointer                asker,
                           PlantRpcReply          *reply,
                           gboolean                accepted,
                           PlantRpcHandoverAnswer  func,
                           GDestroyNotify          unref)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_handover_enter (self);
  Answer *answer;

  if (hold != NULL)
    {
      func (asker, reply, accepted);
      plant_rpc_reply_clear (reply);
      return;
    }
  answer = g_new (Answer, 1);
  *answer = (Answer) { g_atomic_rc_box_acquire (asker), *reply, accepted, func, unref };
  *reply = (PlantRpcReply) { 0 };
  plant_rpc_handover_post (self, deliver_answer, answer, answer_free);
}

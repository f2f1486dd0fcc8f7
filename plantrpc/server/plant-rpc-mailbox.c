/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-mailbox-private.h"
#include "plant-rpc-source-private.h"

typedef struct {
  PlantRpcMailboxFunc  func;
  gpointer             data;
  GDestroyNotify       destroy;
} Letter;

struct _PlantRpcMailbox {
  gatomicrefcount  ref_count;
  GMainContext    *context; /* (owned) */
  GSource         *source;  /* (owned): ready while there are letters */
  GMutex           lock;
  GQueue           letters; /* (mutex lock) (element-type Letter) */
  gboolean         closed;  /* (mutex lock) */
};

static void
letter_free (Letter *letter)
{
  if (letter->destroy != NULL)
    letter->destroy (letter->data);
  g_free (letter);
}

static Letter *
take_letter (PlantRpcMailbox *self)
{
  Letter *letter;

  g_mutex_lock (&self->lock);
  letter = g_queue_pop_head (&self->letters);
  g_mutex_unlock (&self->lock);
  return letter;
}

/* Only the letters that were there at the beginning are handled, since a thread that posts without
 * end must not stop the loop. */
static gboolean
on_letters (gpointer user_data)
{
  g_autoptr (PlantRpcMailbox) self = plant_rpc_mailbox_ref (user_data);
  guint n_letters;
  Letter *letter;

  g_mutex_lock (&self->lock);
  n_letters = g_queue_get_length (&self->letters);
  g_mutex_unlock (&self->lock);

  for (; n_letters > 0 && (letter = take_letter (self)) != NULL; n_letters--)
    {
      letter->func (letter->data);
      letter_free (letter);
    }

  g_mutex_lock (&self->lock);
  if (!self->closed && g_queue_is_empty (&self->letters))
    g_source_set_ready_time (self->source, -1);
  g_mutex_unlock (&self->lock);
  return G_SOURCE_CONTINUE;
}

PlantRpcMailbox *
plant_rpc_mailbox_new (GMainContext *context)
{
  PlantRpcMailbox *self = g_new0 (PlantRpcMailbox, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (context);
  g_mutex_init (&self->lock);
  g_queue_init (&self->letters);
  self->source = plant_rpc_source_new_alarm (context, on_letters, self, "[plantrpc] mailbox");
  return self;
}

PlantRpcMailbox *
plant_rpc_mailbox_ref (PlantRpcMailbox *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
plant_rpc_mailbox_unref (PlantRpcMailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  plant_rpc_mailbox_close (self);
  g_source_unref (self->source);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
plant_rpc_mailbox_close (PlantRpcMailbox *self)
{
  GQueue letters;

  g_mutex_lock (&self->lock);
  letters = self->letters;
  g_queue_init (&self->letters);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);

  g_source_destroy (self->source);
  g_queue_clear_full (&letters, (GDestroyNotify) letter_free);
}

gboolean
plant_rpc_mailbox_is_here (PlantRpcMailbox *self)
{
  return g_main_context_is_owner (self->context);
}

void
plant_rpc_mailbox_post (PlantRpcMailbox     *self,
                        PlantRpcMailboxFunc  func,
                        gpointer             data,
                        GDestroyNotify       destroy)
{
  Letter *letter = g_new (Letter, 1);

  *letter = (Letter) { func, data, destroy };
  g_mutex_lock (&self->lock);
  if (!self->closed)
    {
      g_queue_push_tail (&self->letters, g_steal_pointer (&letter));
      g_source_set_ready_time (self->source, 0);
    }
  g_mutex_unlock (&self->lock);

  if (letter != NULL)
    letter_free (letter);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-write-queue-private.h"

/* Writes of one property that may be under way while another property, of which none is, waits
 * behind it. */
#define MAX_SENT 2

struct _PlantRpcWriteQueue {
  PlantRpcWriteFunc send;
  GQueue            slots; /* (element-type PlantRpcWriteSlot): those with a value that waits, in
                              the order in which their values were written */
};

PlantRpcWriteQueue *
plant_rpc_write_queue_new (PlantRpcWriteFunc send)
{
  PlantRpcWriteQueue *self = g_new0 (PlantRpcWriteQueue, 1);

  self->send = send;
  g_queue_init (&self->slots);
  return self;
}

void
plant_rpc_write_queue_free (PlantRpcWriteQueue *self)
{
  g_assert (g_queue_is_empty (&self->slots));
  g_free (self);
}

static void
send_first (PlantRpcWriteQueue *self)
{
  PlantRpcWriteSlot *slot = g_queue_pop_head (&self->slots);
  g_autoptr (GVariant) value = g_steal_pointer (&slot->waiting);

  slot->n_sent++;
  self->send (slot->owner, value);
}

static gboolean
has_idle (PlantRpcWriteQueue *self)
{
  for (GList *l = self->slots.head; l != NULL; l = l->next)
    {
      if (((PlantRpcWriteSlot *) l->data)->n_sent == 0)
        return TRUE;
    }
  return FALSE;
}

/* A device that takes long for one property may be quick with another one, whose first value does
 * not wait for it. So the value before it is sent, too. */
static gboolean
may_send_first (PlantRpcWriteQueue *self)
{
  PlantRpcWriteSlot *first = g_queue_peek_head (&self->slots);

  if (first == NULL)
    return FALSE;
  return first->n_sent == 0 || (first->n_sent < MAX_SENT && has_idle (self));
}

static void
send_due (PlantRpcWriteQueue *self)
{
  while (may_send_first (self))
    send_first (self);
}

void
plant_rpc_write_queue_add (PlantRpcWriteQueue *self,
                           PlantRpcWriteSlot  *slot,
                           GVariant           *value)
{
  plant_rpc_write_queue_remove (self, slot);
  slot->waiting = g_variant_ref (value);
  g_queue_push_tail (&self->slots, slot);
  send_due (self);
}

void
plant_rpc_write_queue_note_answer (PlantRpcWriteQueue *self,
                                   PlantRpcWriteSlot  *slot)
{
  slot->n_sent--;
  send_due (self);
}

void
plant_rpc_write_queue_send_all (PlantRpcWriteQueue *self)
{
  while (!g_queue_is_empty (&self->slots))
    send_first (self);
}

void
plant_rpc_write_queue_remove (PlantRpcWriteQueue *self,
                              PlantRpcWriteSlot  *slot)
{
  if (slot->waiting == NULL)
    return;
  g_queue_remove (&self->slots, slot);
  g_clear_pointer (&slot->waiting, g_variant_unref);
}

gboolean
plant_rpc_write_slot_is_busy (PlantRpcWriteSlot *slot)
{
  return slot->n_sent > 0 || slot->waiting != NULL;
}

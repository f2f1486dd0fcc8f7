/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-held-private.h"
#include "plant-rpc-inbox-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-source-private.h"

typedef struct {
  PlantRpcInboxFunc  func;
  gpointer           data;    /* (owned by destroy) */
  GDestroyNotify     destroy;
  char              *key;     /* (owned) (nullable) */
  gboolean           bounded;
  gsize              size;    /* bytes of a bounded item, else 0 */
} Item;

struct _PlantRpcInbox {
  gpointer    owner;        /* (nullable): NULL once freed, which an item of the inbox may do */
  GSource    *source;       /* (owned): ready while items wait and nothing blocks */
  GQueue      items;        /* (element-type Item) */
  GHashTable *by_key;       /* (owned) (element-type utf8 GList): the items with a key */
  guint       n_bounded;    /* items that wait */
  gsize       bounded_size; /* bytes of all of those */
  guint       n_blocks;
};

static void
item_free (Item *item)
{
  if (item->destroy != NULL)
    item->destroy (item->data);
  g_free (item->key);
  g_free (item);
}

static void
clear_inbox (PlantRpcInbox *self)
{
  g_queue_clear_full (&self->items, (GDestroyNotify) item_free);
  g_hash_table_unref (self->by_key);
}

PLANT_RPC_DEFINE_HELD (PlantRpcInbox, clear_inbox)

static void
update_source (PlantRpcInbox *self)
{
  gboolean ready = self->n_blocks == 0 && self->items.length > 0;

  if (self->source != NULL && ready != (g_source_get_ready_time (self->source) == 0))
    g_source_set_ready_time (self->source, ready ? 0 : -1);
}

static Item *
pop (PlantRpcInbox *self)
{
  Item *item = g_queue_pop_head (&self->items);

  if (item != NULL && item->key != NULL)
    g_hash_table_remove (self->by_key, item->key);
  if (item != NULL && item->bounded)
    {
      self->n_bounded--;
      self->bounded_size -= item->size;
    }
  return item;
}

static gboolean
on_ready (gpointer user_data)
{
  g_autoptr (Held) self = g_rc_box_acquire ((Held *) user_data);
  guint n_items = self->items.length;

  while (n_items-- > 0 && self->owner != NULL && self->n_blocks == 0)
    {
      Item *item = pop (self);

      if (item == NULL)
        break;
      item->func (self->owner, item->data);
      item_free (item);
    }
  update_source (self);
  return G_SOURCE_CONTINUE;
}

PlantRpcInbox *
plant_rpc_inbox_new (GMainContext *context,
                     gpointer      owner)
{
  PlantRpcInbox *self = g_rc_box_new0 (PlantRpcInbox);

  self->owner = owner;
  g_queue_init (&self->items);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->source = plant_rpc_source_new_alarm (context, on_ready, self, "[plantrpc] inbox");
  return self;
}

void
plant_rpc_inbox_close (PlantRpcInbox *self)
{
  GQueue items = self->items;

  self->owner = NULL;
  plant_rpc_source_clear (&self->source);
  g_queue_init (&self->items);
  g_hash_table_remove_all (self->by_key);
  self->n_bounded = 0;
  self->bounded_size = 0;
  g_queue_clear_full (&items, (GDestroyNotify) item_free);
}

void
plant_rpc_inbox_free (PlantRpcInbox *self)
{
  plant_rpc_inbox_close (self);
  release (self);
}

void
plant_rpc_inbox_block (PlantRpcInbox *self)
{
  self->n_blocks++;
}

void
plant_rpc_inbox_unblock (PlantRpcInbox *self)
{
  g_assert (self->n_blocks > 0);
  self->n_blocks--;
  update_source (self);
}

/* Returns TRUE if the inbox is closed, and then destroys DATA. */
static gboolean
refuse (PlantRpcInbox  *self,
        gpointer        data,
        GDestroyNotify  destroy)
{
  if (self->owner != NULL)
    return FALSE;
  if (destroy != NULL)
    destroy (data);
  return TRUE;
}

gboolean
plant_rpc_inbox_run_now (PlantRpcInbox     *self,
                         PlantRpcInboxFunc  func,
                         gpointer           data,
                         GDestroyNotify     destroy)
{
  g_autoptr (Held) held = NULL;

  if (refuse (self, data, destroy))
    return TRUE;
  if (self->n_blocks > 0 || self->items.length > 0)
    return FALSE;
  held = g_rc_box_acquire (self);
  func (self->owner, data);
  if (destroy != NULL)
    destroy (data);
  return TRUE;
}

static Item *
push (PlantRpcInbox     *self,
      PlantRpcInboxFunc  func,
      gpointer           data,
      GDestroyNotify     destroy)
{
  Item *item = g_new0 (Item, 1);

  item->func = func;
  item->data = data;
  item->destroy = destroy;
  g_queue_push_tail (&self->items, item);
  update_source (self);
  return item;
}

void
plant_rpc_inbox_defer (PlantRpcInbox     *self,
                       const char        *key,
                       PlantRpcInboxFunc  func,
                       gpointer           data,
                       GDestroyNotify     destroy)
{
  GList *link = key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;
  Item *item;

  if (refuse (self, data, destroy))
    return;
  if (link == NULL)
    {
      item = push (self, func, data, destroy);
      if (key == NULL)
        return;
      item->key = g_strdup (key);
      g_hash_table_insert (self->by_key, item->key, self->items.tail);
      return;
    }
  item = link->data;
  if (item->destroy != NULL)
    item->destroy (item->data);
  item->func = func;
  item->data = data;
  item->destroy = destroy;
}

void
plant_rpc_inbox_post (PlantRpcInbox     *self,
                      const char        *key,
                      PlantRpcInboxFunc  func,
                      gpointer           data,
                      GDestroyNotify     destroy)
{
  if (!plant_rpc_inbox_run_now (self, func, data, destroy))
    plant_rpc_inbox_defer (self, key, func, data, destroy);
}

static gboolean
has_room (PlantRpcInbox *self,
          gsize          size)
{
  if (self->n_bounded == 0)
    return TRUE;
  return self->n_bounded < PLANT_RPC_MAX_SHOWN_LATER &&
         self->bounded_size <= PLANT_RPC_MAX_SHOWN_LATER_SIZE &&
         size <= PLANT_RPC_MAX_SHOWN_LATER_SIZE - self->bounded_size;
}

gboolean
plant_rpc_inbox_defer_bounded (PlantRpcInbox     *self,
                               PlantRpcInboxFunc  func,
                               gpointer           data,
                               gsize              size,
                               GDestroyNotify     destroy)
{
  Item *item;

  if (refuse (self, data, destroy))
    return TRUE;
  if (!has_room (self, size))
    {
      destroy (data);
      return FALSE;
    }
  item = push (self, func, data, destroy);
  item->bounded = TRUE;
  item->size = size;
  self->n_bounded++;
  self->bounded_size += size;
  return TRUE;
}

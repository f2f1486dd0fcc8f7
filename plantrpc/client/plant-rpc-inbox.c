/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-held-private.h"
#include "plant-rpc-inbox-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-rest-private.h"
#include "plant-rpc-source-private.h"

#define BLOCKED_PAUSE 10000 /* µs */

typedef struct {
  PlantRpcInboxFunc     func;
  PlantRpcInboxRowFunc  row;     /* (nullable): instead of FUNC */
  gpointer              data;    /* (owned by destroy) */
  GDestroyNotify        destroy;
  char                 *key;     /* (owned) (nullable) */
  guint                 n_users; /* calls of ROW that have not returned */
  gboolean              change;
  guint                 n;       /* of a bounded item: how many it counts as, else 0 */
  gsize                 size;    /* bytes of a bounded item, else 0 */
  guint                 fence;   /* the latest one before it */
} Item;

struct _PlantRpcInbox {
  PlantRpcHome *home;       /* (owned) */
  gpointer    owner;        /* (nullable): NULL once freed, which an item of the inbox may do */
  GSource    *source;       /* (owned): ready while items wait and nothing blocks */
  GQueue      items;        /* (element-type Item) */
  GHashTable *by_key;       /* (owned) (element-type utf8 GList): the items with a key */
  guint       n_changes;    /* items that wait */
  guint       n_bounded;    /* of the items that wait */
  gsize       bounded_size; /* bytes of all of those */
  guint       fence;        /* the number of the latest one */
  gboolean    held;         /* nothing is shown */
  gboolean    slow;         /* the handlers of the last change took long */
  PlantRpcRest rest;        /* after a turn of the source that took long */
};

/* A row that is being shown is freed afterwards. */
static void
item_free (Item *item)
{
  if (item->n_users > 0)
    return;
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
  plant_rpc_home_unref (self->home);
}

PLANT_RPC_DEFINE_HELD (PlantRpcInbox, clear_inbox)

static void
update_source (PlantRpcInbox *self)
{
  gboolean ready = self->items.length > 0 && !self->rest.on;

  if (self->source != NULL && ready != (g_source_get_ready_time (self->source) == 0))
    g_source_set_ready_time (self->source, ready ? 0 : -1);
}

static Item *
pop (PlantRpcInbox *self)
{
  Item *item = g_queue_pop_head (&self->items);

  if (item != NULL && item->key != NULL)
    g_hash_table_remove (self->by_key, item->key);
  if (item != NULL && item->change)
    self->n_changes--;
  if (item != NULL)
    {
      self->n_bounded -= item->n;
      self->bounded_size -= item->size;
    }
  return item;
}

/* A handler may run a loop that shows the rest of the row, and takes it out. */
static void
show_row (PlantRpcInbox *self,
          Item          *item,
          gint64         end)
{
  gboolean more;

  item->n_users++;
  more = item->row (self->owner, item->data, end);
  item->n_users--;
  if (!more && g_queue_peek_head (&self->items) == item)
    pop (self);
  else if (g_queue_peek_head (&self->items) == item)
    return;
  item_free (item);
}

static void
show_item (PlantRpcInbox *self,
           Item          *item)
{
  const gint64 begun = item->change ? g_get_monotonic_time () : 0;

  item->func (self->owner, item->data);
  if (item->change)
    self->slow = g_get_monotonic_time () - begun >= PLANT_RPC_SOURCE_BATCH_USEC;
  item_free (item);
}

/* Shows what waits by now, but not more than a turn may take. Returns how many µs it took. */
static gint64
show (PlantRpcInbox *self)
{
  const gint64 begun = g_get_monotonic_time ();
  guint n_items = self->items.length;
  gint64 took = 0;

  while (n_items-- > 0 && took < PLANT_RPC_SOURCE_BATCH_USEC && self->owner != NULL &&
         plant_rpc_home_is_shown_here (self->home))
    {
      Item *item = g_queue_peek_head (&self->items);

      if (item == NULL)
        break;
      if (item->row != NULL)
        show_row (self, item, begun + PLANT_RPC_SOURCE_BATCH_USEC);
      else
        show_item (self, pop (self));
      took = g_get_monotonic_time () - begun;
    }
  return took;
}

static gboolean
on_ready (gpointer user_data)
{
  g_autoptr (Held) self = g_rc_box_acquire ((Held *) user_data);
  const gint64 took = show (self);

  if (self->source != NULL)
    plant_rpc_rest_after (&self->rest, took);
  /* A loop that runs while the thread blocks must not come round in vain. */
  if (!plant_rpc_home_is_shown_here (self->home) && self->source != NULL)
    g_source_set_ready_time (self->source, g_get_monotonic_time () + BLOCKED_PAUSE);
  else
    update_source (self);
  return G_SOURCE_CONTINUE;
}

static void
on_rested (gpointer owner)
{
  update_source (owner);
}

PlantRpcInbox *
plant_rpc_inbox_new (GMainContext *context,
                     gpointer      owner)
{
  PlantRpcInbox *self = g_rc_box_new0 (PlantRpcInbox);

  self->home = plant_rpc_home_new (context);
  self->owner = owner;
  g_queue_init (&self->items);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  self->source = plant_rpc_source_new_alarm (context, on_ready, self, "[plantrpc] inbox");
  plant_rpc_rest_init (&self->rest, plant_rpc_home_get_context (self->home), on_rested, self);
  return self;
}

void
plant_rpc_inbox_close (PlantRpcInbox *self)
{
  GQueue items = self->items;

  self->owner = NULL;
  plant_rpc_rest_clear (&self->rest);
  plant_rpc_source_clear (&self->source);
  g_queue_init (&self->items);
  g_hash_table_remove_all (self->by_key);
  self->n_changes = 0;
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

PlantRpcHome *
plant_rpc_inbox_get_home (PlantRpcInbox *self)
{
  return self->home;
}

void
plant_rpc_inbox_block (PlantRpcInbox *self)
{
  plant_rpc_home_block (self->home);
}

void
plant_rpc_inbox_unblock (PlantRpcInbox *self)
{
  update_source (self);
  plant_rpc_home_unblock (self->home);
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

static void
run (PlantRpcInbox     *self,
     PlantRpcInboxFunc  func,
     gpointer           data,
     GDestroyNotify     destroy)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  func (self->owner, data);
  if (destroy != NULL)
    destroy (data);
}

void
plant_rpc_inbox_show (PlantRpcInbox *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  if (!self->slow && !self->held)
    show (self);
}

gboolean
plant_rpc_inbox_may_go_on (PlantRpcInbox *self,
                           gint64         end)
{
  return self->owner != NULL && plant_rpc_home_is_shown_here (self->home) &&
         g_get_monotonic_time () < end;
}

static gboolean
begins_with_row (PlantRpcInbox *self)
{
  Item *first = g_queue_peek_head (&self->items);

  return first != NULL && first->row != NULL;
}

void
plant_rpc_inbox_hold (PlantRpcInbox *self)
{
  self->held = TRUE;
}

void
plant_rpc_inbox_show_held (PlantRpcInbox *self)
{
  const gint64 end = g_get_monotonic_time () + PLANT_RPC_SOURCE_BATCH_USEC;
  g_autoptr (Held) held = g_rc_box_acquire (self);

  self->held = FALSE;
  while (begins_with_row (self) && plant_rpc_inbox_may_go_on (self, end))
    show_row (self, g_queue_peek_head (&self->items), end);
  if (!g_queue_is_empty (&self->items) && !begins_with_row (self))
    plant_rpc_inbox_show (self);
  update_source (self);
}

/* Handlers of changes that take long are not waited for. What is held does not count. */
static gboolean
must_queue (PlantRpcInbox *self,
            gboolean       overtakes)
{
  if (!plant_rpc_home_is_shown_here (self->home) || self->items.length > self->n_changes)
    return TRUE;
  return self->n_changes > 0 && !overtakes && !self->slow;
}

static gboolean
must_wait (PlantRpcInbox *self,
           gboolean       overtakes)
{
  return self->held || must_queue (self, overtakes);
}

gboolean
plant_rpc_inbox_run_now (PlantRpcInbox     *self,
                         gboolean           overtakes,
                         PlantRpcInboxFunc  func,
                         gpointer           data,
                         GDestroyNotify     destroy)
{
  if (refuse (self, data, destroy))
    return TRUE;
  if (must_wait (self, overtakes))
    return FALSE;
  run (self, func, data, destroy);
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
  item->fence = self->fence;
  g_queue_push_tail (&self->items, item);
  return item;
}

/* Replaces the item of LINK. A change goes to the end if there is a fence behind it. */
static Item *
replace (PlantRpcInbox     *self,
         GList             *link,
         PlantRpcInboxFunc  func,
         gpointer           data,
         GDestroyNotify     destroy)
{
  Item *item = link->data;

  if (item->destroy != NULL)
    item->destroy (item->data);
  item->func = func;
  item->data = data;
  item->destroy = destroy;
  if (!item->change || item->fence == self->fence)
    return item;
  item->fence = self->fence;
  g_queue_unlink (&self->items, link);
  g_queue_push_tail_link (&self->items, link);
  return item;
}

static Item *
defer (PlantRpcInbox     *self,
       const char        *key,
       PlantRpcInboxFunc  func,
       gpointer           data,
       GDestroyNotify     destroy)
{
  GList *link = key != NULL ? g_hash_table_lookup (self->by_key, key) : NULL;
  Item *item;

  if (link != NULL)
    return replace (self, link, func, data, destroy);
  item = push (self, func, data, destroy);
  update_source (self);
  if (key == NULL)
    return item;
  item->key = g_strdup (key);
  g_hash_table_insert (self->by_key, item->key, self->items.tail);
  return item;
}

void
plant_rpc_inbox_defer (PlantRpcInbox     *self,
                       const char        *key,
                       PlantRpcInboxFunc  func,
                       gpointer           data,
                       GDestroyNotify     destroy)
{
  if (!refuse (self, data, destroy))
    defer (self, key, func, data, destroy);
}

void
plant_rpc_inbox_defer_last (PlantRpcInbox     *self,
                            const char        *key,
                            PlantRpcInboxFunc  func)
{
  GList *link = g_hash_table_lookup (self->by_key, key);

  if (link == NULL)
    {
      plant_rpc_inbox_defer (self, key, func, NULL, NULL);
      return;
    }
  g_queue_unlink (&self->items, link);
  g_queue_push_tail_link (&self->items, link);
}

void
plant_rpc_inbox_defer_change (PlantRpcInbox     *self,
                              const char        *key,
                              PlantRpcInboxFunc  func,
                              gpointer           data,
                              GDestroyNotify     destroy)
{
  Item *item;

  if (refuse (self, data, destroy))
    return;
  item = defer (self, key, func, data, destroy);
  if (!item->change)
    self->n_changes++;
  item->change = TRUE;
}

void
plant_rpc_inbox_add_fence (PlantRpcInbox *self)
{
  self->fence++;
}

void
plant_rpc_inbox_post (PlantRpcInbox     *self,
                      const char        *key,
                      PlantRpcInboxFunc  func,
                      gpointer           data,
                      GDestroyNotify     destroy)
{
  if (refuse (self, data, destroy))
    return;
  if (!self->held && plant_rpc_home_is_shown_here (self->home) &&
      g_queue_is_empty (&self->items))
    run (self, func, data, destroy);
  else
    defer (self, key, func, data, destroy);
}

static gboolean
has_room (PlantRpcInbox *self,
          guint          n,
          gsize          size)
{
  if (self->n_bounded == 0)
    return TRUE;
  return self->n_bounded < PLANT_RPC_MAX_SHOWN_LATER &&
         n <= PLANT_RPC_MAX_SHOWN_LATER - self->n_bounded &&
         self->bounded_size <= PLANT_RPC_MAX_SHOWN_LATER_SIZE &&
         size <= PLANT_RPC_MAX_SHOWN_LATER_SIZE - self->bounded_size;
}

static void
bound (PlantRpcInbox *self,
       Item          *item,
       guint          n,
       gsize          size)
{
  item->n = n;
  item->size = size;
  self->n_bounded += n;
  self->bounded_size += size;
}

gboolean
plant_rpc_inbox_defer_bounded (PlantRpcInbox     *self,
                               PlantRpcInboxFunc  func,
                               gpointer           data,
                               gsize              size,
                               GDestroyNotify     destroy)
{
  if (refuse (self, data, destroy))
    return TRUE;
  if (!has_room (self, 1, size))
    {
      destroy (data);
      return FALSE;
    }
  bound (self, push (self, func, data, destroy), 1, size);
  update_source (self);
  return TRUE;
}

gboolean
plant_rpc_inbox_defer_row (PlantRpcInbox        *self,
                           PlantRpcInboxRowFunc  func,
                           gpointer              data,
                           guint                 n,
                           gsize                 size,
                           GDestroyNotify        destroy)
{
  gboolean overtakes;
  Item *item;

  if (refuse (self, data, destroy))
    return TRUE;
  if (!has_room (self, n, size))
    return FALSE;
  overtakes = !must_queue (self, FALSE);
  item = push (self, NULL, data, destroy);
  item->row = func;
  bound (self, item, n, size);
  if (overtakes)
    g_queue_push_head_link (&self->items, g_queue_pop_tail_link (&self->items));
  else
    plant_rpc_inbox_add_fence (self);
  return TRUE;
}

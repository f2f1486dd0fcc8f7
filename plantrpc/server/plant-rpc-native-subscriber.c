/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-native-subscriber-private.h"

/* Bytes counted in addition to a message's own size: ITEM_COST while it waits here, HELD_COST while
 * libzmq holds it. */
#define ITEM_COST 128
#define HELD_COST 256

typedef struct {
  GList       link;
  GBytes     *payload;  /* (owned) (nullable): NULL for lost signals */
  const char *property; /* (nullable): the key in CHANGES, for a change */
  guint64     n_lost;
} Item;

struct _PlantRpcNativeSubscriber {
  PlantRpcRouter   *router;       /* (unowned) */
  PlantRpcEnvelope  identity;
  gboolean          held;

  guint64           sequence;     /* the number of the latest message that was sent, from 1 on */
  guint64           acknowledged;
  gsize             window;
  gsize             outstanding;  /* bytes */
  guint32          *sizes;        /* (owned): of outstanding messages, by number modulo CAPACITY */
  gsize             capacity;     /* a power of two */

  GQueue            queue;        /* (element-type Item): messages that credit does not allow yet */
  GHashTable       *changes;      /* (owned) (element-type utf8 Item): the changes in QUEUE */
  gsize             queued;       /* bytes of the signals in QUEUE */
  gsize             held_size;    /* bytes counted for it in the holdings */
};

static PlantRpcHoldings *
get_holdings (PlantRpcNativeSubscriber *self)
{
  return plant_rpc_router_get_holdings (self->router);
}

static void
hold (PlantRpcNativeSubscriber *self,
      gsize                     size)
{
  self->held_size += size;
  plant_rpc_holdings_add (get_holdings (self), self->identity.connection, size);
}

static void
let_go (PlantRpcNativeSubscriber *self,
        gsize                     size)
{
  self->held_size -= size;
  plant_rpc_holdings_subtract (get_holdings (self), self->identity.connection, size);
}

/* A change costs no bytes of its own: subscribers share the latest value of each property. */
static gsize
measure_item (Item *item)
{
  return ITEM_COST + (item->property == NULL && item->payload != NULL
                          ? g_bytes_get_size (item->payload) : 0);
}

/* The router counts a large message, since libzmq does not copy it. */
static gsize
measure_held (gsize counted)
{
  const gsize size = counted - PLANT_RPC_PUSH_OVERHEAD;

  return size <= PLANT_RPC_SMALL_MESSAGE ? size + HELD_COST : 0;
}

static void
remove_item (PlantRpcNativeSubscriber *self,
             Item                     *item)
{
  let_go (self, measure_item (item));
  g_queue_unlink (&self->queue, &item->link);
  g_clear_pointer (&item->payload, g_bytes_unref);
  g_free (item);
}

PlantRpcNativeSubscriber *
plant_rpc_native_subscriber_new (PlantRpcRouter         *router,
                                 const PlantRpcEnvelope *envelope,
                                 guint64                 window)
{
  PlantRpcNativeSubscriber *self = g_new0 (PlantRpcNativeSubscriber, 1);

  self->router = router;
  plant_rpc_envelope_init (&self->identity);
  self->identity.connection = envelope->connection;
  plant_rpc_envelope_append (&self->identity, envelope->data, envelope->sizes[0]);
  self->held = TRUE;
  self->window = MIN (window, PLANT_RPC_MAX_WINDOW);
  self->capacity = 16;
  self->sizes = g_new (guint32, self->capacity);
  g_queue_init (&self->queue);
  self->changes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
plant_rpc_native_subscriber_free (PlantRpcNativeSubscriber *self)
{
  Item *item;

  while ((item = g_queue_peek_head (&self->queue)) != NULL)
    remove_item (self, item);
  let_go (self, self->held_size);
  g_hash_table_unref (self->changes);
  g_free (self->sizes);
  g_free (self);
}

static gsize
measure (GBytes *payload)
{
  return g_bytes_get_size (payload) + PLANT_RPC_PUSH_OVERHEAD;
}

static void
grow (PlantRpcNativeSubscriber *self)
{
  gsize capacity = self->capacity * 2;
  guint32 *sizes = g_new (guint32, capacity);

  for (guint64 i = self->acknowledged + 1; i <= self->sequence; i++)
    sizes[i & (capacity - 1)] = self->sizes[i & (self->capacity - 1)];
  g_free (self->sizes);
  self->sizes = sizes;
  self->capacity = capacity;
}

static void
send_payload (PlantRpcNativeSubscriber *self,
              GBytes                   *payload)
{
  gsize size = measure (payload);
  PlantRpcEnvelope envelope = self->identity;
  guint64 number;

  if (self->sequence - self->acknowledged == self->capacity)
    grow (self);
  self->sequence++;
  self->sizes[self->sequence & (self->capacity - 1)] = size;
  self->outstanding += size;
  hold (self, measure_held (size));

  number = GUINT64_TO_LE (self->sequence | PLANT_RPC_PUSH_BIT);
  plant_rpc_envelope_append (&envelope, &number, sizeof number);
  plant_rpc_router_send (self->router, &envelope, payload, NULL);
}

/* A client acknowledges in steps of a quarter of the window, so a part of the window may stay
 * outstanding for ever. A message that is larger than the rest of the window must not wait for
 * it. */
static gboolean
has_credit (PlantRpcNativeSubscriber *self,
            gsize                     size)
{
  return self->outstanding <= self->window / 2 || self->outstanding + size <= self->window;
}

static gboolean
has_room (PlantRpcNativeSubscriber *self,
          gsize                     size,
          gboolean                  first)
{
  return plant_rpc_holdings_make_room (get_holdings (self), self->identity.connection, size,
                                       first);
}

/* Checks the credit of this subscriber and the limit of the server. */
static gboolean
can_send (PlantRpcNativeSubscriber *self,
          GBytes                   *payload)
{
  const gsize size = measure (payload);

  return has_credit (self, size) && has_room (self, size + HELD_COST, self->outstanding == 0);
}

static GBytes *
pack_lost (guint64 n_lost)
{
  const PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_LOST, .n_lost = n_lost };

  return plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_NATIVE, NULL);
}

static void
drop_head (PlantRpcNativeSubscriber *self)
{
  Item *item = g_queue_peek_head (&self->queue);

  if (item->property != NULL)
    g_hash_table_remove (self->changes, item->property);
  else if (item->payload != NULL)
    self->queued -= measure (item->payload);
  remove_item (self, item);
}

static void
pump (PlantRpcNativeSubscriber *self)
{
  Item *item;

  while (!self->held && (item = g_queue_peek_head (&self->queue)) != NULL)
    {
      g_autoptr (GBytes) payload = item->payload != NULL ? g_bytes_ref (item->payload)
                                                        : pack_lost (item->n_lost);

      if (!can_send (self, payload))
        return;
      send_payload (self, payload);
      drop_head (self);
    }
}

static gboolean
may_send (PlantRpcNativeSubscriber *self,
          GBytes                   *payload)
{
  return !self->held && g_queue_is_empty (&self->queue) && can_send (self, payload);
}

static Item *
append_item (PlantRpcNativeSubscriber *self,
             const char               *property,
             GBytes                   *payload)
{
  Item *item = g_new0 (Item, 1);

  item->property = property;
  item->payload = payload != NULL ? g_bytes_ref (payload) : NULL;
  item->link.data = item;
  g_queue_push_tail_link (&self->queue, &item->link);
  hold (self, measure_item (item));
  return item;
}

static void
lose_signal (PlantRpcNativeSubscriber *self)
{
  Item *last = g_queue_peek_tail (&self->queue);

  if (last == NULL || last->payload != NULL)
    last = append_item (self, NULL, NULL);
  last->n_lost++;
}

static void
lose_item (PlantRpcNativeSubscriber *self,
           Item                     *item)
{
  let_go (self, measure_item (item));
  g_clear_pointer (&item->payload, g_bytes_unref);
  item->n_lost = 1;
  hold (self, measure_item (item));
}

void
plant_rpc_native_subscriber_release (PlantRpcNativeSubscriber *self)
{
  self->held = FALSE;
  pump (self);
}

void
plant_rpc_native_subscriber_push_signal (PlantRpcNativeSubscriber *self,
                                         GBytes                   *payload)
{
  if (may_send (self, payload))
    {
      send_payload (self, payload);
    }
  else if (self->queued + measure (payload) > PLANT_RPC_MAX_QUEUED ||
           !has_room (self, measure (payload) + ITEM_COST, FALSE))
    {
      lose_signal (self);
    }
  else
    {
      append_item (self, NULL, payload);
      self->queued += measure (payload);
    }
}

void
plant_rpc_native_subscriber_push_changed (PlantRpcNativeSubscriber *self,
                                          const char               *property,
                                          GBytes                   *payload)
{
  Item *item;
  char *key;

  if (may_send (self, payload))
    {
      send_payload (self, payload);
      return;
    }
  item = g_hash_table_lookup (self->changes, property);
  if (item != NULL)
    {
      g_bytes_unref (item->payload);
      item->payload = g_bytes_ref (payload);
      return;
    }
  key = g_strdup (property);
  g_hash_table_insert (self->changes, key, append_item (self, key, payload));
}

void
plant_rpc_native_subscriber_credit (PlantRpcNativeSubscriber *self,
                                    guint64                   sequence)
{
  sequence = MIN (sequence & ~PLANT_RPC_PUSH_BIT, self->sequence);
  while (self->acknowledged < sequence)
    {
      gsize size;

      self->acknowledged++;
      size = self->sizes[self->acknowledged & (self->capacity - 1)];
      self->outstanding -= size;
      let_go (self, measure_held (size));
    }
  pump (self);
}

guint64
plant_rpc_native_subscriber_get_connection (PlantRpcNativeSubscriber *self)
{
  return self->identity.connection;
}

/* Lost signals in a row become one item that counts them. */
gsize
plant_rpc_native_subscriber_give_way (PlantRpcNativeSubscriber *self)
{
  const gsize before = self->held_size;
  GList *next;

  if (self->queued == 0)
    return 0;
  self->queued = 0;
  for (GList *l = self->queue.head; l != NULL; l = next)
    {
      Item *item = l->data;
      Item *former = l->prev != NULL ? l->prev->data : NULL;

      next = l->next;
      if (item->property != NULL)
        continue;
      if (item->payload != NULL)
        lose_item (self, item);
      if (former != NULL && former->payload == NULL)
        {
          former->n_lost += item->n_lost;
          remove_item (self, item);
        }
    }
  return before - self->held_size;
}

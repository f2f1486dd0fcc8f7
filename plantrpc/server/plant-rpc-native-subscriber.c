/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-native-subscriber-private.h"

/* Bytes counted in addition to a message's own size: ITEM_COST while it waits here, HELD_COST while
 * libzmq holds it. */
#define ITEM_COST 128
#define HELD_COST 256

/* Set in the size of a push that is part of a large message, which the router counts. */
#define COUNTED_ELSEWHERE ((guint32) 1 << 31)

G_STATIC_ASSERT (PLANT_RPC_MAX_REPLY_SIZE + PLANT_RPC_PUSH_OVERHEAD < COUNTED_ELSEWHERE);

/* One emission, or signals of a bundle that follow each other, or a count of lost signals. */
typedef struct {
  GList           link;
  GBytes         *payload;  /* (owned) (nullable) */
  PlantRpcBundle *bundle;   /* (owned) (nullable) */
  guint           first;    /* of BUNDLE */
  guint           n;        /* signals of BUNDLE */
  gsize           counted;  /* bytes of the signals, as in the window */
  const char     *property; /* (nullable): the key in CHANGES, for a change */
  guint64         n_lost;
} Item;

/* Pushes that go out as one message. */
typedef struct {
  PlantRpcBundle *bundle;
  guint           first;
  guint           n;
} Range;

struct _PlantRpcNativeSubscriber {
  PlantRpcRouter   *router;       /* (unowned) */
  PlantRpcEnvelope  identity;
  gboolean          held;
  gboolean          bundled;      /* it understands bundles */

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

/* A change costs no bytes of its own: subscribers share the latest value of each property. Nor does
 * what the window counts in addition to a payload. */
static gsize
measure_item (Item *item)
{
  if (item->bundle != NULL)
    return ITEM_COST + item->counted - item->n * PLANT_RPC_PUSH_OVERHEAD;
  return ITEM_COST + (item->property == NULL && item->payload != NULL
                          ? g_bytes_get_size (item->payload) : 0);
}

static gboolean
is_lost (Item *item)
{
  return item->payload == NULL && item->bundle == NULL;
}

/* The router counts a large message, since libzmq does not copy it. */
static gsize
measure_held (guint32 counted)
{
  const gsize size = (counted & ~COUNTED_ELSEWHERE) - PLANT_RPC_PUSH_OVERHEAD;

  if ((counted & COUNTED_ELSEWHERE) != 0 || size > PLANT_RPC_SMALL_MESSAGE)
    return 0;
  return size + HELD_COST;
}

static void
clear_item (Item *item)
{
  g_clear_pointer (&item->payload, g_bytes_unref);
  g_clear_pointer (&item->bundle, plant_rpc_bundle_unref);
}

static void
remove_item (PlantRpcNativeSubscriber *self,
             Item                     *item)
{
  let_go (self, measure_item (item));
  g_queue_unlink (&self->queue, &item->link);
  clear_item (item);
  g_free (item);
}

PlantRpcNativeSubscriber *
plant_rpc_native_subscriber_new (PlantRpcRouter         *router,
                                 const PlantRpcEnvelope *envelope,
                                 guint64                 window,
                                 gboolean                bundled)
{
  PlantRpcNativeSubscriber *self = g_new0 (PlantRpcNativeSubscriber, 1);

  self->router = router;
  plant_rpc_envelope_init (&self->identity);
  self->identity.connection = envelope->connection;
  plant_rpc_envelope_append (&self->identity, envelope->data, envelope->sizes[0]);
  self->held = TRUE;
  self->bundled = bundled;
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

/* Returns what is held for the push. FLAGS is COUNTED_ELSEWHERE or 0. */
static gsize
note_sent (PlantRpcNativeSubscriber *self,
           gsize                     size,
           guint32                   flags)
{
  if (self->sequence - self->acknowledged == self->capacity)
    grow (self);
  self->sequence++;
  self->sizes[self->sequence & (self->capacity - 1)] = (guint32) size | flags;
  self->outstanding += size;
  return measure_held ((guint32) size | flags);
}

/* FIRST is the number of the first push in the message. */
static void
send_message (PlantRpcNativeSubscriber *self,
              guint64                   first,
              GBytes                   *payload)
{
  PlantRpcEnvelope envelope = self->identity;
  const guint64 number = GUINT64_TO_LE (first | PLANT_RPC_PUSH_BIT);

  plant_rpc_envelope_append (&envelope, &number, sizeof number);
  plant_rpc_router_send (self->router, &envelope, payload, NULL);
}

static void
send_payload (PlantRpcNativeSubscriber *self,
              GBytes                   *payload)
{
  hold (self, note_sent (self, measure (payload), 0));
  send_message (self, self->sequence, payload);
}

static gsize
measure_bundled (PlantRpcBundle *bundle,
                 guint           index)
{
  return plant_rpc_bundle_measure (bundle, index) + PLANT_RPC_PUSH_OVERHEAD;
}

static void
send_range (PlantRpcNativeSubscriber *self,
            const Range              *range)
{
  g_autoptr (GBytes) payload = plant_rpc_bundle_pack (range->bundle, range->first, range->n);
  const guint64 first = self->sequence + 1;
  guint32 flags =
      g_bytes_get_size (payload) > PLANT_RPC_SMALL_MESSAGE ? COUNTED_ELSEWHERE : 0;
  gsize held = 0;

  for (guint i = range->first; i < range->first + range->n; i++)
    held += note_sent (self, measure_bundled (range->bundle, i), flags);
  hold (self, held);
  send_message (self, first, payload);
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

/* Returns how many pushes of a range may be sent by credit, as if each were sent alone, and in
 * COUNTED what they count. */
static guint
count_credited (PlantRpcNativeSubscriber *self,
                const Range              *range,
                gsize                    *counted)
{
  const gsize former = self->outstanding;
  guint n = 0;

  for (; n < range->n; n++)
    {
      const gsize size = measure_bundled (range->bundle, range->first + n);

      if (!has_credit (self, size))
        break;
      self->outstanding += size;
    }
  *counted = self->outstanding - former;
  self->outstanding = former;
  return n;
}

/* Returns how many pushes of a range may be sent. */
static guint
count_allowed (PlantRpcNativeSubscriber *self,
               const Range              *range)
{
  gsize counted =
      plant_rpc_bundle_measure_all (range->bundle) + range->n * PLANT_RPC_PUSH_OVERHEAD;
  guint n = range->n;

  if (self->outstanding + counted > self->window || n < plant_rpc_bundle_get_n (range->bundle))
    n = count_credited (self, range, &counted);
  return n > 0 && has_room (self, counted + n * HELD_COST, self->outstanding == 0) ? n : 0;
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
  else
    self->queued -= item->counted;
  remove_item (self, item);
}

/* Returns the payload of an item that is no range. */
static GBytes *
dup_payload (Item *item)
{
  return item->payload != NULL ? g_bytes_ref (item->payload) : pack_lost (item->n_lost);
}

/* Returns FALSE if not all of it may be sent. */
static gboolean
pump_range (PlantRpcNativeSubscriber *self,
            Item                     *item)
{
  const Range range = { item->bundle, item->first, item->n };
  const guint n = count_allowed (self, &range);
  gsize counted = 0;

  if (n > 0)
    send_range (self, &(Range) { item->bundle, item->first, n });
  if (n == item->n)
    {
      drop_head (self);
      return TRUE;
    }
  for (guint i = item->first; i < item->first + n; i++)
    counted += measure_bundled (item->bundle, i);
  let_go (self, measure_item (item));
  item->first += n;
  item->n -= n;
  item->counted -= counted;
  self->queued -= counted;
  hold (self, measure_item (item));
  return FALSE;
}

/* Small items that follow each other go out together, if that is understood. Returns FALSE if the
 * first one is not sent. */
static gboolean
pump_bundle (PlantRpcNativeSubscriber *self)
{
  g_autoptr (PlantRpcBundle) bundle = plant_rpc_bundle_new ();
  Range range = { bundle, 0, 0 };
  guint n;

  for (GList *l = self->queue.head; l != NULL && !plant_rpc_bundle_is_full (bundle); l = l->next)
    {
      g_autoptr (GBytes) payload = ((Item *) l->data)->bundle == NULL ? dup_payload (l->data)
                                                                      : NULL;

      if (payload == NULL || g_bytes_get_size (payload) > PLANT_RPC_MAX_BUNDLED_PAYLOAD)
        break;
      plant_rpc_bundle_append_payload (bundle, payload);
    }
  range.n = plant_rpc_bundle_get_n (bundle);
  n = count_allowed (self, &range);
  if (n == 0)
    return FALSE;
  range.n = n;
  send_range (self, &range);
  while (n-- > 0)
    drop_head (self);
  return TRUE;
}

static gboolean
pump_payload (PlantRpcNativeSubscriber *self,
              Item                     *item)
{
  g_autoptr (GBytes) payload = dup_payload (item);

  if (self->bundled && item->link.next != NULL &&
      g_bytes_get_size (payload) <= PLANT_RPC_MAX_BUNDLED_PAYLOAD)
    return pump_bundle (self);
  if (!can_send (self, payload))
    return FALSE;
  send_payload (self, payload);
  drop_head (self);
  return TRUE;
}

static void
pump (PlantRpcNativeSubscriber *self)
{
  Item *item;
  gboolean sent = TRUE;

  while (sent && !self->held && (item = g_queue_peek_head (&self->queue)) != NULL)
    sent = item->bundle != NULL ? pump_range (self, item) : pump_payload (self, item);
}

static gboolean
may_send (PlantRpcNativeSubscriber *self,
          GBytes                   *payload)
{
  return !self->held && g_queue_is_empty (&self->queue) && can_send (self, payload);
}

static Item *
append_item (PlantRpcNativeSubscriber *self,
             const Item               *borrowed)
{
  Item *item = g_memdup2 (borrowed, sizeof *borrowed);

  if (item->payload != NULL)
    g_bytes_ref (item->payload);
  if (item->bundle != NULL)
    plant_rpc_bundle_ref (item->bundle);
  item->link.data = item;
  g_queue_push_tail_link (&self->queue, &item->link);
  self->queued += item->counted;
  hold (self, measure_item (item));
  return item;
}

static gboolean
may_wait (PlantRpcNativeSubscriber *self,
          gsize                     counted)
{
  return self->queued + counted <= PLANT_RPC_MAX_QUEUED &&
         has_room (self, counted + ITEM_COST, FALSE);
}

static void
lose_signal (PlantRpcNativeSubscriber *self)
{
  Item *last = g_queue_peek_tail (&self->queue);

  if (last == NULL || !is_lost (last))
    last = append_item (self, &(Item) { .payload = NULL });
  last->n_lost++;
}

static void
lose_item (PlantRpcNativeSubscriber *self,
           Item                     *item)
{
  let_go (self, measure_item (item));
  item->n_lost = item->bundle != NULL ? item->n : 1;
  item->counted = 0;
  clear_item (item);
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
    send_payload (self, payload);
  else if (may_wait (self, measure (payload)))
    append_item (self, &(Item) { .payload = payload, .counted = measure (payload) });
  else
    lose_signal (self);
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
  g_hash_table_insert (self->changes, key,
                       append_item (self, &(Item) { .payload = payload, .property = key }));
}

static void
push_one (PlantRpcNativeSubscriber *self,
          PlantRpcBundle           *bundle,
          guint                     index)
{
  const char *property = plant_rpc_bundle_peek_property (bundle, index);
  g_autoptr (GBytes) payload = plant_rpc_bundle_dup_payload (bundle, index);

  if (property != NULL)
    plant_rpc_native_subscriber_push_changed (self, property, payload);
  else
    plant_rpc_native_subscriber_push_signal (self, payload);
}

/* Returns how many of the emissions from FIRST on are signals that follow each other, and in
 * COUNTED what they count. */
static guint
measure_signals (PlantRpcBundle *bundle,
                 guint           first,
                 gsize          *counted)
{
  guint n = 0;

  *counted = 0;
  while (first + n < plant_rpc_bundle_get_n (bundle) &&
         plant_rpc_bundle_peek_property (bundle, first + n) == NULL)
    *counted += measure_bundled (bundle, first + n++);
  return n;
}

/* Queues the emissions from FIRST on. */
static void
await (PlantRpcNativeSubscriber *self,
       PlantRpcBundle           *bundle,
       guint                     first)
{
  while (first < plant_rpc_bundle_get_n (bundle))
    {
      gsize counted;
      const guint n = measure_signals (bundle, first, &counted);

      if (n > 1 && may_wait (self, counted))
        {
          append_item (self, &(Item) { .bundle = bundle, .first = first, .n = n,
                                       .counted = counted });
          first += n;
        }
      else
        {
          push_one (self, bundle, first++);
        }
    }
}

void
plant_rpc_native_subscriber_push_bundle (PlantRpcNativeSubscriber *self,
                                         PlantRpcBundle           *bundle)
{
  const guint n = plant_rpc_bundle_get_n (bundle);
  guint n_sent = 0;

  if (!self->bundled)
    {
      for (guint i = 0; i < n; i++)
        push_one (self, bundle, i);
      return;
    }
  if (!self->held && g_queue_is_empty (&self->queue))
    n_sent = count_allowed (self, &(Range) { bundle, 0, n });
  if (n_sent > 0)
    send_range (self, &(Range) { bundle, 0, n_sent });
  await (self, bundle, n_sent);
}

void
plant_rpc_native_subscriber_credit (PlantRpcNativeSubscriber *self,
                                    guint64                   sequence)
{
  gsize held = 0;

  sequence = MIN (sequence & ~PLANT_RPC_PUSH_BIT, self->sequence);
  while (self->acknowledged < sequence)
    {
      guint32 size;

      self->acknowledged++;
      size = self->sizes[self->acknowledged & (self->capacity - 1)];
      self->outstanding -= size & ~COUNTED_ELSEWHERE;
      held += measure_held (size);
    }
  let_go (self, held);
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
      if (!is_lost (item))
        lose_item (self, item);
      if (former != NULL && is_lost (former))
        {
          former->n_lost += item->n_lost;
          remove_item (self, item);
        }
    }
  return before - self->held_size;
}

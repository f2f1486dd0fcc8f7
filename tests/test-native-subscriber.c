/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-emission-private.h"
#include "plant-rpc-native-subscriber-private.h"

/* ---- the messages to the subscriber: the linker replaces the functions that send */

typedef struct {
  guint64  number;
  GBytes  *payload; /* (owned) */
} Push;

static GArray *pushes; /* (element-type Push) */

void __wrap_plant_rpc_router_send (PlantRpcRouter         *router,
                                   const PlantRpcEnvelope *envelope,
                                   GBytes                 *payload,
                                   GBytes                 *buffer);

void
__wrap_plant_rpc_router_send (PlantRpcRouter         *router,
                              const PlantRpcEnvelope *envelope,
                              GBytes                 *payload,
                              GBytes                 *buffer)
{
  gsize size;
  const guint8 *frame = plant_rpc_envelope_peek (envelope, 1, &size);
  Push push = { .payload = g_bytes_ref (payload) };

  g_assert_cmpuint (size, ==, sizeof push.number);
  memcpy (&push.number, frame, sizeof push.number);
  push.number = GUINT64_FROM_LE (push.number);
  g_assert_cmpuint (push.number & PLANT_RPC_PUSH_BIT, !=, 0);
  push.number &= ~PLANT_RPC_PUSH_BIT;
  g_array_append_val (pushes, push);
}

/* ---- the bytes held for it */

#define LIMIT      (4 * PLANT_RPC_MAX_QUEUED)
#define CONNECTION 7

static PlantRpcHoldings *holdings;

PlantRpcHoldings *__wrap_plant_rpc_router_get_holdings (PlantRpcRouter *router);

PlantRpcHoldings *
__wrap_plant_rpc_router_get_holdings (PlantRpcRouter *router)
{
  return holdings;
}

static gsize
give_nothing (gpointer owner,
              guint64  connection)
{
  return 0;
}

static void
clear_push (gpointer push)
{
  g_bytes_unref (((Push *) push)->payload);
}

/* ---- the subscriber */

typedef struct {
  PlantRpcNativeSubscriber *subscriber;
} Fixture;

/* A payload counts as its size and PLANT_RPC_PUSH_OVERHEAD, which is 100 bytes here. */
#define COUNTED 100
#define WINDOW  (10 * COUNTED)

static void
start (Fixture *fixture,
       guint64  window)
{
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, "peer", 4);
  envelope.connection = CONNECTION;
  fixture->subscriber = plant_rpc_native_subscriber_new (NULL, &envelope, window, FALSE);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  pushes = g_array_new (FALSE, FALSE, sizeof (Push));
  g_array_set_clear_func (pushes, clear_push);
  holdings = plant_rpc_holdings_new (LIMIT, give_nothing, NULL);
  start (fixture, WINDOW);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  plant_rpc_native_subscriber_free (fixture->subscriber);
  g_assert_cmpuint (plant_rpc_holdings_get_total (holdings), ==, 0);
  plant_rpc_holdings_free (holdings);
  g_array_unref (pushes);
}

static GBytes *
new_payload (gsize counted)
{
  const gsize size = counted - PLANT_RPC_PUSH_OVERHEAD;

  return g_bytes_new_take (g_malloc0 (size), size);
}

static void
push_signals (Fixture *fixture,
              gsize    counted,
              guint    n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) payload = new_payload (counted);

      plant_rpc_native_subscriber_push_signal (fixture->subscriber, payload);
    }
}

/* The size of the payload identifies it. */
static void
push_changed (Fixture    *fixture,
              const char *property,
              gsize       counted)
{
  g_autoptr (GBytes) payload = new_payload (counted);

  plant_rpc_native_subscriber_push_changed (fixture->subscriber, property, payload);
}

static void
assert_sizes (guint        first,
              const gsize *counted,
              guint        n)
{
  g_assert_cmpuint (pushes->len, ==, first + n);
  for (guint i = 0; i < n; i++)
    {
      const Push *push = &g_array_index (pushes, Push, first + i);

      g_assert_cmpuint (push->number, ==, first + i + 1);
      g_assert_cmpuint (g_bytes_get_size (push->payload) + PLANT_RPC_PUSH_OVERHEAD, ==,
                        counted[i]);
    }
}

static guint64
get_lost (guint index)
{
  g_auto (PlantRpcEmission) emission = { 0 };

  g_assert_cmpuint (index, <, pushes->len);
  g_assert_true (plant_rpc_emission_unpack (&emission, g_array_index (pushes, Push, index).payload,
                                            NULL));
  g_assert_cmpint (emission.type, ==, PLANT_RPC_EMISSION_LOST);
  return emission.n_lost;
}

/* ---- tests */

static void
test_held (Fixture       *fixture,
           gconstpointer  data)
{
  push_signals (fixture, COUNTED, 2);
  push_changed (fixture, "level", COUNTED);
  g_assert_cmpuint (pushes->len, ==, 0);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  g_assert_cmpuint (pushes->len, ==, 3);
}

/* Exactly the window may be outstanding. */
static void
test_window (Fixture       *fixture,
             gconstpointer  data)
{
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 11);
  g_assert_cmpuint (pushes->len, ==, 10);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 1);
  g_assert_cmpuint (pushes->len, ==, 11);
  push_signals (fixture, COUNTED, 1);
  g_assert_cmpuint (pushes->len, ==, 11);
}

/* A push larger than the window is sent when at most half of the window is outstanding. */
static void
test_half (Fixture       *fixture,
           gconstpointer  data)
{
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 6);
  push_signals (fixture, 2 * WINDOW, 1);
  g_assert_cmpuint (pushes->len, ==, 6);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 1);
  g_assert_cmpuint (pushes->len, ==, 7);
  push_signals (fixture, COUNTED, 1);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 6);
  g_assert_cmpuint (pushes->len, ==, 7);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 7);
  g_assert_cmpuint (pushes->len, ==, 8);
}

/* More pushes are outstanding than the first buffer of sizes holds, and each counts with its own
 * size. */
static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  plant_rpc_native_subscriber_free (fixture->subscriber);
  start (fixture, 100 * COUNTED);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 10);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 10);
  push_signals (fixture, COUNTED, 20);
  push_signals (fixture, 2 * COUNTED, 40);
  g_assert_cmpuint (pushes->len, ==, 70);
  push_signals (fixture, COUNTED, 1);
  g_assert_cmpuint (pushes->len, ==, 70);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 30);
  g_assert_cmpuint (pushes->len, ==, 71);
  push_signals (fixture, COUNTED, 30);
  g_assert_cmpuint (pushes->len, ==, 90);
}

/* The sizes of the first and of the last push are kept too when the buffer grows. */
static void
test_grown (Fixture       *fixture,
            gconstpointer  data)
{
  plant_rpc_native_subscriber_free (fixture->subscriber);
  start (fixture, 30 * COUNTED);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 5);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 5);
  push_signals (fixture, 5 * COUNTED, 1);
  push_signals (fixture, COUNTED, 14);
  push_signals (fixture, 7 * COUNTED, 1);
  push_signals (fixture, COUNTED, 5);
  /* 26 plus 4 outstanding: the window is full. */
  g_assert_cmpuint (pushes->len, ==, 25);
  push_signals (fixture, COUNTED, 30);
  g_assert_cmpuint (pushes->len, ==, 25);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 6);
  g_assert_cmpuint (pushes->len, ==, 30);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 20);
  g_assert_cmpuint (pushes->len, ==, 44);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 21);
  g_assert_cmpuint (pushes->len, ==, 51);
}

/* A client may not acknowledge a push that was never sent, nor ask for a window above the limit. */
static void
test_false_credit (Fixture       *fixture,
                   gconstpointer  data)
{
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 12);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 0);
  g_assert_cmpuint (pushes->len, ==, 10);
  plant_rpc_native_subscriber_credit (fixture->subscriber, G_MAXUINT64);
  g_assert_cmpuint (pushes->len, ==, 12);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 3 | PLANT_RPC_PUSH_BIT);
  push_signals (fixture, COUNTED, 9);
  g_assert_cmpuint (pushes->len, ==, 20);
}

static void
test_largest_window (Fixture       *fixture,
                     gconstpointer  data)
{
  plant_rpc_native_subscriber_free (fixture->subscriber);
  start (fixture, G_MAXUINT64);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, PLANT_RPC_MAX_WINDOW / 8, 9);
  g_assert_cmpuint (pushes->len, ==, 8);
}

static void
test_merged (Fixture       *fixture,
             gconstpointer  data)
{
  static const gsize sizes[] = { 300, 100, 120 };

  push_changed (fixture, "level", 100);
  push_signals (fixture, 100, 1);
  push_changed (fixture, "label", 110);
  push_changed (fixture, "level", 300);
  push_changed (fixture, "label", 120);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  assert_sizes (0, sizes, G_N_ELEMENTS (sizes));
  /* A change that was sent already is not merged with a later one. */
  push_signals (fixture, WINDOW, 1);
  push_changed (fixture, "level", 100);
  push_changed (fixture, "level", 130);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 3);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 4);
  g_assert_cmpuint (pushes->len, ==, 5);
  g_assert_cmpuint (g_bytes_get_size (g_array_index (pushes, Push, 4).payload), ==,
                    130 - PLANT_RPC_PUSH_OVERHEAD);
}

/* Lost signals are one gap at the place where they were lost. Later signals follow it. */
static void
test_lost (Fixture       *fixture,
           gconstpointer  data)
{
  const gsize half = PLANT_RPC_MAX_QUEUED / 2;

  push_signals (fixture, half, 2);
  push_signals (fixture, COUNTED, 3);
  push_changed (fixture, "level", COUNTED);
  push_signals (fixture, COUNTED, 2);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  g_assert_cmpuint (pushes->len, ==, 1);
  push_signals (fixture, COUNTED, 1);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 1);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 2);
  g_assert_cmpuint (pushes->len, ==, 6);
  g_assert_cmpuint (get_lost (2), ==, 3);
  g_assert_cmpuint (get_lost (4), ==, 2);
}

/* There is one gap for each row of lost signals. Changes keep their place and are sent. */
static void
test_give_way (Fixture       *fixture,
               gconstpointer  data)
{
  push_signals (fixture, COUNTED, 3);
  push_changed (fixture, "level", COUNTED);
  push_signals (fixture, COUNTED, 2);
  g_assert_cmpuint (plant_rpc_native_subscriber_give_way (fixture->subscriber), >, 0);
  g_assert_cmpuint (plant_rpc_native_subscriber_give_way (fixture->subscriber), ==, 0);
  push_signals (fixture, COUNTED, 1);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  g_assert_cmpuint (pushes->len, ==, 4);
  g_assert_cmpuint (get_lost (0), ==, 3);
  g_assert_cmpuint (get_lost (2), ==, 2);
}

/* What gave way leaves its room to the signals that come later. */
static void
test_give_way_again (Fixture       *fixture,
                     gconstpointer  data)
{
  for (guint i = 0; i < 3; i++)
    {
      push_signals (fixture, PLANT_RPC_MAX_QUEUED / 2, 2);
      g_assert_cmpuint (plant_rpc_native_subscriber_give_way (fixture->subscriber), >=,
                        PLANT_RPC_MAX_QUEUED - 2 * PLANT_RPC_PUSH_OVERHEAD);
    }
  push_signals (fixture, COUNTED, 1);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  g_assert_cmpuint (pushes->len, ==, 2);
  g_assert_cmpuint (get_lost (0), ==, 6);
}

/* The first message is sent, however large it is and however much others hold. */
static void
test_first (Fixture       *fixture,
            gconstpointer  data)
{
  plant_rpc_holdings_add (holdings, 1, LIMIT / 2);
  plant_rpc_holdings_add (holdings, 2, LIMIT / 2);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, LIMIT / 2 + COUNTED, 1);
  g_assert_cmpuint (pushes->len, ==, 1);
  plant_rpc_holdings_remove (holdings, 1);
  plant_rpc_holdings_remove (holdings, 2);
}

/* Waiting and outstanding messages count until they are acknowledged. */
static void
test_counted (Fixture       *fixture,
              gconstpointer  data)
{
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 12);
  push_changed (fixture, "level", COUNTED);
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, CONNECTION), >=, 13 * COUNTED);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 10);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 13);
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, CONNECTION), ==, 0);
}

static gsize
get_held (void)
{
  return plant_rpc_holdings_get (holdings, CONNECTION);
}

/* A small message takes a few hundred bytes in addition to its own. A large one is counted by the
 * router, since libzmq does not copy it. */
static void
test_counted_sent (Fixture       *fixture,
                   gconstpointer  data)
{
  const gsize small = PLANT_RPC_SMALL_MESSAGE + PLANT_RPC_PUSH_OVERHEAD;
  gsize held;

  plant_rpc_native_subscriber_free (fixture->subscriber);
  start (fixture, 10 * small);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 1);
  g_assert_cmpuint (get_held (), >=, 200);
  held = get_held ();
  push_signals (fixture, small, 1);
  g_assert_cmpuint (get_held (), ==, 2 * held + small - COUNTED);
  held = get_held ();
  push_signals (fixture, small + 1, 1);
  g_assert_cmpuint (pushes->len, ==, 3);
  g_assert_cmpuint (get_held (), ==, held);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 3);
  g_assert_cmpuint (get_held (), ==, 0);
}

/* A signal that waits is counted whole, a change only as an entry: its value is shared. */
static void
test_counted_waiting (Fixture       *fixture,
                      gconstpointer  data)
{
  gsize held;

  push_changed (fixture, "level", 10000);
  held = get_held ();
  g_assert_cmpuint (held, >, 0);
  g_assert_cmpuint (held, <, 1000);
  push_changed (fixture, "level", 20000);
  g_assert_cmpuint (get_held (), ==, held);
  push_signals (fixture, 10000, 1);
  g_assert_cmpuint (get_held (), ==, 2 * held + 10000 - PLANT_RPC_PUSH_OVERHEAD);
  g_assert_cmpuint (plant_rpc_native_subscriber_give_way (fixture->subscriber), ==,
                    10000 - PLANT_RPC_PUSH_OVERHEAD);
  g_assert_cmpuint (get_held (), ==, 2 * held);
}

/* Others leave room for this subscriber. When it holds the most, its signals are lost, but never
 * its changes. */
static void
test_no_room (Fixture       *fixture,
              gconstpointer  data)
{
  plant_rpc_holdings_add (holdings, 1, LIMIT / 2);
  plant_rpc_holdings_add (holdings, 2, LIMIT / 2);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_signals (fixture, COUNTED, 1);
  g_assert_cmpuint (pushes->len, ==, 1);
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, 1) + plant_rpc_holdings_get (holdings, 2),
                    ==, LIMIT / 2);

  plant_rpc_holdings_add (holdings, CONNECTION, LIMIT / 2);
  push_signals (fixture, COUNTED, 2);
  push_changed (fixture, "level", COUNTED);
  g_assert_cmpuint (pushes->len, ==, 1);
  plant_rpc_holdings_subtract (holdings, CONNECTION, LIMIT / 2);
  plant_rpc_native_subscriber_credit (fixture->subscriber, 1);
  g_assert_cmpuint (pushes->len, ==, 3);
  g_assert_cmpuint (get_lost (1), ==, 2);
  plant_rpc_holdings_remove (holdings, 1);
  plant_rpc_holdings_remove (holdings, 2);
}

#define ADD(name, function) \
  g_test_add ("/native-subscriber/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("held", test_held);
  ADD ("window", test_window);
  ADD ("half", test_half);
  ADD ("many", test_many);
  ADD ("grown", test_grown);
  ADD ("false-credit", test_false_credit);
  ADD ("largest-window", test_largest_window);
  ADD ("merged", test_merged);
  ADD ("lost", test_lost);
  ADD ("give-way", test_give_way);
  ADD ("give-way/again", test_give_way_again);
  ADD ("no-room", test_no_room);
  ADD ("first", test_first);
  ADD ("counted", test_counted);
  ADD ("counted/sent", test_counted_sent);
  ADD ("counted/waiting", test_counted_waiting);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-holdings-private.h"

/* ---- three connections, with the numbers 1 to 3 */

#define LIMIT 1000

typedef struct {
  PlantRpcHoldings *holdings;
  gsize             queued[4];  /* bytes that a connection can release, by its number */
  GString          *gave_way;   /* numbers of the connections that gave way */
} Fixture;

static gsize
give_way (gpointer owner,
          guint64  connection)
{
  Fixture *fixture = owner;
  const gsize queued = fixture->queued[connection];

  g_string_append_printf (fixture->gave_way, "%u", (guint) connection);
  plant_rpc_holdings_subtract (fixture->holdings, connection, queued);
  fixture->queued[connection] = 0;
  return queued;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->holdings = plant_rpc_holdings_new (LIMIT, give_way, fixture);
  fixture->gave_way = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->holdings, plant_rpc_holdings_free);
  g_string_free (fixture->gave_way, TRUE);
}

static gboolean
hold (Fixture *fixture,
      guint64  connection,
      gsize    size)
{
  if (!plant_rpc_holdings_make_room (fixture->holdings, connection, size, FALSE))
    return FALSE;
  plant_rpc_holdings_add (fixture->holdings, connection, size);
  return TRUE;
}

static void
assert_held (Fixture *fixture,
             gsize    first,
             gsize    second,
             gsize    third)
{
  g_assert_cmpuint (plant_rpc_holdings_get (fixture->holdings, 1), ==, first);
  g_assert_cmpuint (plant_rpc_holdings_get (fixture->holdings, 2), ==, second);
  g_assert_cmpuint (plant_rpc_holdings_get (fixture->holdings, 3), ==, third);
  g_assert_cmpuint (plant_rpc_holdings_get_total (fixture->holdings), ==, first + second + third);
}

static GBytes *
count (Fixture *fixture,
       guint64  connection,
       gsize    size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);
  GBytes *counted = plant_rpc_holdings_count (fixture->holdings, connection, bytes);

  g_assert_true (g_bytes_get_data (counted, NULL) == g_bytes_get_data (bytes, NULL));
  return counted;
}

/* ---- tests */

static void
test_limit (Fixture       *fixture,
            gconstpointer  data)
{
  g_assert_true (hold (fixture, 1, LIMIT - 10));
  g_assert_true (hold (fixture, 1, 10));
  g_assert_false (hold (fixture, 1, 1));
  assert_held (fixture, LIMIT, 0, 0);
  plant_rpc_holdings_subtract (fixture->holdings, 1, 1);
  g_assert_true (hold (fixture, 1, 1));
  g_assert_cmpstr (fixture->gave_way->str, ==, "");
}

/* The connection that holds the most gives way, unless the other one would then hold as much. */
static void
test_largest (Fixture       *fixture,
              gconstpointer  data)
{
  hold (fixture, 1, 400);
  hold (fixture, 2, 500);
  fixture->queued[2] = 300;
  g_assert_false (hold (fixture, 3, 500));
  g_assert_false (hold (fixture, 1, 101));
  g_assert_cmpstr (fixture->gave_way->str, ==, "");
  g_assert_true (hold (fixture, 3, 399));
  g_assert_cmpstr (fixture->gave_way->str, ==, "2");
  assert_held (fixture, 400, 200, 399);
}

/* A connection that can release nothing must be ended, and no longer counts. */
static void
test_ended (Fixture       *fixture,
            gconstpointer  data)
{
  GBytes *counted = count (fixture, 1, 600);

  hold (fixture, 1, 100);
  hold (fixture, 2, 300);
  g_assert_true (hold (fixture, 3, 200));
  g_assert_cmpstr (fixture->gave_way->str, ==, "1");
  assert_held (fixture, 0, 300, 200);
  g_assert_false (hold (fixture, 1, 1));
  g_bytes_unref (counted);
  plant_rpc_holdings_subtract (fixture->holdings, 1, 100);
  assert_held (fixture, 0, 300, 200);
  g_assert_true (hold (fixture, 2, 500));
}

/* Several connections may have to give way until there is room. */
static void
test_several (Fixture       *fixture,
              gconstpointer  data)
{
  hold (fixture, 1, 500);
  hold (fixture, 2, 490);
  fixture->queued[1] = fixture->queued[2] = 200;
  g_assert_true (hold (fixture, 3, 350));
  g_assert_cmpstr (fixture->gave_way->str, ==, "12");
  assert_held (fixture, 300, 290, 350);
}

/* Each connection may hold one message of any size, for which others give way. */
static void
test_first (Fixture       *fixture,
            gconstpointer  data)
{
  hold (fixture, 1, 300);
  hold (fixture, 2, 400);
  g_assert_false (plant_rpc_holdings_make_room (fixture->holdings, 3, 800, FALSE));
  g_assert_true (plant_rpc_holdings_make_room (fixture->holdings, 3, 700, TRUE));
  g_assert_cmpstr (fixture->gave_way->str, ==, "2");
  g_assert_true (plant_rpc_holdings_make_room (fixture->holdings, 3, 2 * LIMIT, TRUE));
  g_assert_cmpstr (fixture->gave_way->str, ==, "21");
  g_assert_false (plant_rpc_holdings_make_room (fixture->holdings, 3, 2 * LIMIT, FALSE));
}

static void
test_removed (Fixture       *fixture,
              gconstpointer  data)
{
  GBytes *counted = count (fixture, 1, 600);

  hold (fixture, 2, 400);
  plant_rpc_holdings_remove (fixture->holdings, 1);
  plant_rpc_holdings_subtract (fixture->holdings, 1, 100);
  assert_held (fixture, 0, 400, 0);
  g_bytes_unref (counted);
  assert_held (fixture, 0, 400, 0);
}

/* What is let go of adds up until it is asked for, whether or not its connection is left. */
static void
test_freed (Fixture       *fixture,
            gconstpointer  data)
{
  GBytes *counted = count (fixture, 1, 600);

  hold (fixture, 2, 100);
  g_assert_cmpuint (plant_rpc_holdings_take_freed (fixture->holdings), ==, 0);
  plant_rpc_holdings_subtract (fixture->holdings, 2, 30);
  plant_rpc_holdings_remove (fixture->holdings, 1);
  g_bytes_unref (counted);
  g_assert_cmpuint (plant_rpc_holdings_take_freed (fixture->holdings), ==, 630);
  g_assert_cmpuint (plant_rpc_holdings_take_freed (fixture->holdings), ==, 0);
  /* No more is let go of than was held. */
  plant_rpc_holdings_subtract (fixture->holdings, 2, 1000);
  g_assert_cmpuint (plant_rpc_holdings_take_freed (fixture->holdings), ==, 70);
  assert_held (fixture, 0, 0, 0);
}

static gpointer
let_go (gpointer bytes)
{
  g_bytes_unref (bytes);
  return NULL;
}

/* libzmq frees a message on its own thread, possibly after the server has ended. */
static void
test_other_thread (Fixture       *fixture,
                   gconstpointer  data)
{
  GBytes *first = count (fixture, 1, 10);
  GBytes *second = count (fixture, 1, 20);

  assert_held (fixture, 30, 0, 0);
  g_thread_join (g_thread_new ("io", let_go, first));
  assert_held (fixture, 20, 0, 0);
  g_clear_pointer (&fixture->holdings, plant_rpc_holdings_free);
  g_thread_join (g_thread_new ("io", let_go, second));
}

#define ADD(name, function) \
  g_test_add ("/holdings/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("limit", test_limit);
  ADD ("largest", test_largest);
  ADD ("ended", test_ended);
  ADD ("several", test_several);
  ADD ("first", test_first);
  ADD ("removed", test_removed);
  ADD ("freed", test_freed);
  ADD ("other-thread", test_other_thread);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-inbox.h"

static void
test_at_once (void)
{
  g_autoptr (Owner) self = owner_new ();

  post (self, 'a');
  latest (self, "key", 'b');
  g_assert_cmpstr (self->seen->str, ==, "ab");
  g_assert_cmpuint (self->n_destroyed, ==, 2);
  g_assert_false (g_main_context_pending (NULL));
}

/* Nothing overtakes what waits. */
static void
test_order (void)
{
  g_autoptr (Owner) self = owner_new ();

  defer (self, 'a', NULL);
  post (self, 'b');
  g_assert_true (bounded (self, 'c'));
  latest (self, "key", 'd');
  g_assert_cmpstr (self->seen->str, ==, "");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "abcd");
  g_assert_cmpuint (self->n_destroyed, ==, 4);
  post (self, 'e');
  g_assert_cmpstr (self->seen->str, ==, "abcde");
}

static void
test_blocked (void)
{
  g_autoptr (Owner) self = owner_new ();

  plant_rpc_inbox_block (self->inbox);
  plant_rpc_inbox_block (self->inbox);
  post (self, 'a');
  latest (self, "x", 'b');
  g_assert_true (bounded (self, 'c'));
  latest (self, "x", 'd');
  run ();
  g_assert_cmpstr (self->seen->str, ==, "");
  plant_rpc_inbox_unblock (self->inbox);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "");
  plant_rpc_inbox_unblock (self->inbox);
  /* Not from inside, but from the loop. */
  g_assert_cmpstr (self->seen->str, ==, "");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "adc");
  g_assert_cmpuint (self->n_destroyed, ==, 4);
}

static void
test_bounded (void)
{
  g_autoptr (Owner) self = owner_new ();

  plant_rpc_inbox_block (self->inbox);
  for (guint i = 0; i < PLANT_RPC_MAX_SHOWN_LATER; i++)
    g_assert_true (bounded (self, 'a'));
  g_assert_false (bounded (self, 'b'));
  g_assert_cmpuint (self->n_destroyed, ==, 1);
  post (self, 'c');
  plant_rpc_inbox_unblock (self->inbox);
  run ();
  g_assert_cmpuint (self->seen->len, ==, PLANT_RPC_MAX_SHOWN_LATER + 1);
  g_assert_cmpint (self->seen->str[PLANT_RPC_MAX_SHOWN_LATER], ==, 'c');
  g_assert_true (bounded (self, 'd'));
}

/* A large item counts for more bytes, but an item that waits alone may have any size. */
static void
test_bounded_size (void)
{
  g_autoptr (Owner) self = owner_new ();
  const gsize half = PLANT_RPC_MAX_SHOWN_LATER_SIZE / 2;

  g_assert_true (bounded_size (self, 'a', half));
  g_assert_true (bounded_size (self, 'b', half));
  g_assert_false (bounded_size (self, 'c', 1));
  g_assert_false (bounded_size (self, 'd', G_MAXSIZE));
  run ();
  g_assert_true (bounded_size (self, 'e', G_MAXSIZE));
  g_assert_false (bounded_size (self, 'f', 1));
  run ();
  g_assert_true (bounded_size (self, 'g', half));
  run ();
  g_assert_cmpstr (self->seen->str, ==, "abeg");
  g_assert_cmpuint (self->n_destroyed, ==, 7);
}

static void
post_more (Owner *self)
{
  post (self, 'x');
  defer (self, 'y', NULL);
}

static void
defer_again (Owner *self)
{
  if (self->seen->len < 100)
    defer (self, 'a', defer_again);
}

/* An item added during a turn waits for the next turn of the loop, so other sources get their
 * turn. */
static void
test_turns (void)
{
  g_autoptr (Owner) self = owner_new ();

  defer (self, 'a', defer_again);
  for (guint i = 1; i <= 5; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpuint (self->seen->len, ==, i);
    }
}

static void
test_from_inside (void)
{
  g_autoptr (Owner) self = owner_new ();

  defer (self, 'a', post_more);
  defer (self, 'b', run_loop);
  defer (self, 'c', block);
  defer (self, 'd', NULL);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "abc.dxynz.");
}

/* One that blocks while it is shown leaves the others waiting. */
static void
test_blocked_from_inside (void)
{
  g_autoptr (Owner) self = owner_new ();

  defer (self, 'a', block);
  defer (self, 'b', NULL);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "a.bz");
}

static void
test_freed_from_inside (void)
{
  g_autoptr (Owner) self = owner_new ();

  defer (self, 'a', inbox_free);
  defer (self, 'b', NULL);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "a");
  g_assert_cmpuint (self->n_destroyed, ==, 2);
}

static void
test_freed (void)
{
  g_autoptr (Owner) self = owner_new ();

  defer (self, 'a', NULL);
  latest (self, "key", 'b');
  inbox_free (self);
  g_assert_cmpuint (self->n_destroyed, ==, 2);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "");
}

/* What comes after the end is let go of, and is no loss. */
static void
test_closed (void)
{
  g_autoptr (Owner) self = owner_new ();

  defer (self, 'a', NULL);
  g_assert_true (bounded (self, 'b'));
  plant_rpc_inbox_close (self->inbox);
  g_assert_cmpuint (self->n_destroyed, ==, 2);
  post (self, 'c');
  latest (self, "key", 'd');
  defer (self, 'e', NULL);
  g_assert_true (bounded (self, 'f'));
  g_assert_true (plant_rpc_inbox_run_now (self->inbox, FALSE, show, NULL, NULL));
  g_assert_cmpuint (self->n_destroyed, ==, 6);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "");
}

/* ---- changes */

/* Changes are merged until the next turn. */
static void
test_changes (void)
{
  g_autoptr (Owner) self = owner_new ();

  for (char letter = 'a'; letter < 'z'; letter++)
    change (self, letter % 2 == 0 ? "even" : "odd", letter, NULL);
  g_assert_cmpstr (self->seen->str, ==, "");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "yx");
}

/* While handlers are quick, nothing overtakes a change. */
static void
test_changes_and_signals (void)
{
  g_autoptr (Owner) self = owner_new ();

  change (self, "key", 'a', NULL);
  change (self, "key", 'b', NULL);
  signal_now (self, 'c');
  g_assert_cmpstr (self->seen->str, ==, "bc");
  change (self, "key", 'd', NULL);
  post (self, 'e');
  signal_now (self, 'f');
  change (self, "other", 'g', NULL);
  g_assert_cmpstr (self->seen->str, ==, "bcdef");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "bcdefg");
  /* What tells of the change itself needs no order. */
  change (self, "key", 'h', NULL);
  g_assert_true (plant_rpc_inbox_run_now (self->inbox, TRUE, show, entry_new (self, 'i', NULL),
                                          entry_free));
  g_assert_cmpstr (self->seen->str, ==, "bcdefgi");
}

/* If handlers take long, a signal does not wait for changes. */
static void
test_slow_changes (void)
{
  g_autoptr (Owner) self = owner_new ();

  change (self, "key", 'a', take_long);
  signal_now (self, 'b');
  g_assert_cmpstr (self->seen->str, ==, "a");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "ab");
  change (self, "key", 'c', take_long);
  signal_now (self, 'd');
  change (self, "key", 'e', NULL);
  signal_now (self, 'f');
  g_assert_cmpstr (self->seen->str, ==, "abdf");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "abdfe");
  change (self, "key", 'g', NULL);
  signal_now (self, 'h');
  g_assert_cmpstr (self->seen->str, ==, "abdfegh");
}

/* What arrived before a signal that waits is shown before it, and what arrived later is not. */
static void
test_fence (void)
{
  g_autoptr (Owner) self = owner_new ();

  plant_rpc_inbox_block (self->inbox);
  change (self, "key", 'a', NULL);
  change (self, "other", 'b', NULL);
  signal_now (self, 'c');
  change (self, "key", 'd', NULL);
  change (self, "key", 'e', NULL);
  signal_now (self, 'f');
  plant_rpc_inbox_unblock (self->inbox);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "bcef");
}

/* What leaves the inbox empty may come from a change. */
static void
test_changes_from_inside (void)
{
  g_autoptr (Owner) self = owner_new ();

  change (self, "key", 'a', inbox_free);
  plant_rpc_inbox_show (self->inbox);
  g_assert_null (self->inbox);
  g_assert_cmpstr (self->seen->str, ==, "a");
}

static gboolean
draw (gpointer n)
{
  (*(guint *) n)++;
  return G_SOURCE_CONTINUE;
}

static void
take_long_again (Owner *self)
{
  take_long (self);
  if (self->seen->len < 20)
    defer (self, 'a', take_long_again);
}

/* Handlers that take long and always have something to do leave time to draw a window. */
static void
test_rests (void)
{
  g_autoptr (Owner) self = owner_new ();
  guint n_frames = 0, frames;

  frames = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, draw, &n_frames, NULL);
  defer (self, 'a', take_long_again);
  defer (self, 'b', take_long);
  while (self->seen->len < 20)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (n_frames, >=, 18);
  g_source_remove (frames);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inbox/at-once", test_at_once);
  g_test_add_func ("/inbox/order", test_order);
  g_test_add_func ("/inbox/blocked", test_blocked);
  g_test_add_func ("/inbox/bounded", test_bounded);
  g_test_add_func ("/inbox/bounded-size", test_bounded_size);
  g_test_add_func ("/inbox/turns", test_turns);
  g_test_add_func ("/inbox/from-inside", test_from_inside);
  g_test_add_func ("/inbox/blocked-from-inside", test_blocked_from_inside);
  g_test_add_func ("/inbox/freed-from-inside", test_freed_from_inside);
  g_test_add_func ("/inbox/freed", test_freed);
  g_test_add_func ("/inbox/closed", test_closed);
  g_test_add_func ("/inbox/changes", test_changes);
  g_test_add_func ("/inbox/changes-and-signals", test_changes_and_signals);
  g_test_add_func ("/inbox/slow-changes", test_slow_changes);
  g_test_add_func ("/inbox/fence", test_fence);
  g_test_add_func ("/inbox/changes-from-inside", test_changes_from_inside);
  g_test_add_func ("/inbox/rests", test_rests);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-test-inbox.h"

/* A row of letters. */
typedef struct {
  Owner      *owner;
  const char *letters; /* that are left */
  void      (*action) (Owner *self);
} Row;

static gboolean
show_row (gpointer owner,
          gpointer data,
          gint64   end)
{
  Owner *self = owner;
  Row *row = data;

  while (*row->letters != '\0' && self->inbox != NULL &&
         plant_rpc_inbox_may_go_on (self->inbox, end))
    {
      g_string_append_c (self->seen, *row->letters++);
      if (row->action != NULL)
        row->action (self);
    }
  return *row->letters != '\0';
}

static void
row_free (gpointer data)
{
  ((Row *) data)->owner->n_destroyed++;
  g_free (data);
}

static gboolean
defer_row (Owner      *self,
           const char *letters,
           void      (*action) (Owner *self))
{
  Row *row = g_new (Row, 1);

  *row = (Row) { self, letters, action };
  if (plant_rpc_inbox_defer_row (self->inbox, show_row, row, strlen (letters), 1, row_free))
    return TRUE;
  g_free (row);
  return FALSE;
}

static void
row_now (Owner      *self,
         const char *letters,
         void      (*action) (Owner *self))
{
  plant_rpc_inbox_hold (self->inbox);
  g_assert_true (defer_row (self, letters, action));
  plant_rpc_inbox_show_held (self->inbox);
}

static void
test_row (void)
{
  g_autoptr (Owner) self = owner_new ();

  row_now (self, "abc", NULL);
  g_assert_cmpstr (self->seen->str, ==, "abc");
  g_assert_cmpuint (self->n_destroyed, ==, 1);
  g_assert_false (g_main_context_pending (NULL));
  /* It waits for what waits. */
  defer (self, 'd', NULL);
  g_assert_true (defer_row (self, "ef", NULL));
  g_assert_true (defer_row (self, "gh", NULL));
  post (self, 'i');
  g_assert_cmpstr (self->seen->str, ==, "abc");
  plant_rpc_inbox_show_held (self->inbox);
  g_assert_cmpstr (self->seen->str, ==, "abcdefghi");
  g_assert_cmpuint (self->n_destroyed, ==, 5);
}

static void
test_row_blocked (void)
{
  g_autoptr (Owner) self = owner_new ();

  plant_rpc_inbox_block (self->inbox);
  row_now (self, "ab", NULL);
  post (self, 'c');
  run ();
  g_assert_cmpstr (self->seen->str, ==, "");
  plant_rpc_inbox_unblock (self->inbox);
  run ();
  g_assert_cmpstr (self->seen->str, ==, "abc");
}

/* One that blocks leaves the rest of its row waiting. */
static void
test_row_blocks (void)
{
  g_autoptr (Owner) self = owner_new ();

  row_now (self, "ab", block);
  post (self, 'c');
  run ();
  g_assert_cmpstr (self->seen->str, ==, "a.b.zzc");
}

/* A loop in a handler shows the rest of the row, and what comes next. */
static void
test_row_from_inside (void)
{
  g_autoptr (Owner) self = owner_new ();

  row_now (self, "abc", run_loop);
  g_assert_cmpstr (self->seen->str, ==, "abcnnn...");
  g_assert_cmpuint (self->n_destroyed, ==, 4);
  run ();
  g_assert_cmpuint (self->n_destroyed, ==, 4);
}

static void
test_row_freed_from_inside (void)
{
  g_autoptr (Owner) self = owner_new ();

  row_now (self, "abc", inbox_free);
  g_assert_cmpstr (self->seen->str, ==, "a");
  g_assert_cmpuint (self->n_destroyed, ==, 1);
}

/* Each of a row counts. */
static void
test_row_bounded (void)
{
  g_autoptr (Owner) self = owner_new ();

  plant_rpc_inbox_block (self->inbox);
  for (guint i = 0; i < PLANT_RPC_MAX_SHOWN_LATER / 4; i++)
    g_assert_true (defer_row (self, "abcd", NULL));
  g_assert_false (defer_row (self, "e", NULL));
  g_assert_false (bounded (self, 'f'));
  plant_rpc_inbox_show_held (self->inbox);
  plant_rpc_inbox_unblock (self->inbox);
  run ();
  g_assert_cmpuint (self->seen->len, ==, PLANT_RPC_MAX_SHOWN_LATER);
  g_assert_true (defer_row (self, "g", NULL));
  plant_rpc_inbox_show_held (self->inbox);
  g_assert_cmpint (self->seen->str[PLANT_RPC_MAX_SHOWN_LATER], ==, 'g');
}

/* What is held keeps its order, whatever it is. */
static void
test_held (void)
{
  g_autoptr (Owner) self = owner_new ();

  plant_rpc_inbox_hold (self->inbox);
  post (self, 'a');
  signal_now (self, 'b');
  change (self, "key", 'c', NULL);
  g_assert_true (defer_row (self, "de", NULL));
  g_assert_false (plant_rpc_inbox_run_now (self->inbox, TRUE, show, NULL, NULL));
  post (self, 'f');
  g_assert_cmpstr (self->seen->str, ==, "");
  plant_rpc_inbox_show_held (self->inbox);
  g_assert_cmpstr (self->seen->str, ==, "abcdef");
}

/* A row whose handlers take long is interrupted, and nothing overtakes it. */
static void
test_slow_row (void)
{
  g_autoptr (Owner) self = owner_new ();

  row_now (self, "abc", take_long);
  g_assert_cmpstr (self->seen->str, ==, "a");
  signal_now (self, 'd');
  g_assert_cmpstr (self->seen->str, ==, "ab");
  row_now (self, "ef", NULL);
  g_assert_cmpstr (self->seen->str, ==, "abcdef");
  test_clock_reset ();
}

/* If handlers of changes take long, a row does not wait for them. */
static void
test_row_and_slow_changes (void)
{
  g_autoptr (Owner) self = owner_new ();

  change (self, "key", 'a', NULL);
  row_now (self, "bc", NULL);
  g_assert_cmpstr (self->seen->str, ==, "abc");
  change (self, "key", 'd', take_long);
  row_now (self, "e", NULL);
  g_assert_cmpstr (self->seen->str, ==, "abcd");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "abcde");
  change (self, "key", 'f', NULL);
  row_now (self, "gh", NULL);
  g_assert_cmpstr (self->seen->str, ==, "abcdegh");
  run ();
  g_assert_cmpstr (self->seen->str, ==, "abcdeghf");
  test_clock_reset ();
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inbox-rows/held", test_held);
  g_test_add_func ("/inbox-rows/row", test_row);
  g_test_add_func ("/inbox-rows/blocked", test_row_blocked);
  g_test_add_func ("/inbox-rows/blocks", test_row_blocks);
  g_test_add_func ("/inbox-rows/from-inside", test_row_from_inside);
  g_test_add_func ("/inbox-rows/freed-from-inside", test_row_freed_from_inside);
  g_test_add_func ("/inbox-rows/bounded", test_row_bounded);
  g_test_add_func ("/inbox-rows/slow", test_slow_row);
  g_test_add_func ("/inbox-rows/slow-changes", test_row_and_slow_changes);
  return g_test_run ();
}

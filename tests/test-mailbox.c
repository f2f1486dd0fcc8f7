/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-mailbox-private.h"

typedef struct {
  PlantRpcMailbox *mailbox;
  GString         *order; /* (owned): the letters that were run, and those that were freed */
} Fixture;

typedef struct {
  Fixture *fixture;
  char     name;
} Letter;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->mailbox = plant_rpc_mailbox_new (g_main_context_default ());
  fixture->order = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->mailbox, plant_rpc_mailbox_unref);
  g_string_free (fixture->order, TRUE);
}

static void
run_letter (gpointer data)
{
  Letter *letter = data;

  g_string_append_c (letter->fixture->order, letter->name);
}

static void
letter_free (gpointer data)
{
  Letter *letter = data;

  g_string_append_c (letter->fixture->order, '.');
  g_free (letter);
}

static void
post (Fixture             *fixture,
      char                 name,
      PlantRpcMailboxFunc  func)
{
  Letter *letter = g_new (Letter, 1);

  *letter = (Letter) { fixture, name };
  plant_rpc_mailbox_post (fixture->mailbox, func, letter, letter_free);
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  post (fixture, 'a', run_letter);
  post (fixture, 'b', run_letter);
  g_assert_cmpstr (fixture->order->str, ==, "");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (fixture->order->str, ==, "a.b.");
  g_assert_false (g_main_context_iteration (NULL, FALSE));
}

static void
run_and_post (gpointer data)
{
  Letter *letter = data;

  run_letter (letter);
  post (letter->fixture, letter->name + 1, run_and_post);
}

/* A thread that posts without a pause does not block the loop. */
static void
test_endless (Fixture       *fixture,
              gconstpointer  data)
{
  post (fixture, 'a', run_and_post);
  post (fixture, 'x', run_letter);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->order->str, ==, "a.x.");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->order->str, ==, "a.x.b.");
}

static void
run_and_close (gpointer data)
{
  Letter *letter = data;

  run_letter (letter);
  plant_rpc_mailbox_close (letter->fixture->mailbox);
}

/* Waiting letters are freed at once, and so are letters that are posted later. */
static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  post (fixture, 'a', run_and_close);
  post (fixture, 'b', run_letter);
  post (fixture, 'c', run_letter);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->order->str, ==, "a...");
  post (fixture, 'd', run_letter);
  g_assert_cmpstr (fixture->order->str, ==, "a....");
  g_assert_false (g_main_context_iteration (NULL, FALSE));
}

static void
run_and_unref (gpointer data)
{
  Letter *letter = data;

  run_letter (letter);
  g_clear_pointer (&letter->fixture->mailbox, plant_rpc_mailbox_unref);
}

static void
test_unref_within (Fixture       *fixture,
                   gconstpointer  data)
{
  post (fixture, 'a', run_and_unref);
  post (fixture, 'b', run_letter);
  g_main_context_iteration (NULL, FALSE);
  /* The current letter is still in use, so the mailbox is kept until it has run. */
  g_assert_cmpint (fixture->order->str[0], ==, 'a');
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (fixture->order->len, >=, 3);
}

static gpointer
is_here (gpointer mailbox)
{
  return GINT_TO_POINTER (plant_rpc_mailbox_is_here (mailbox));
}

static void
test_is_here (Fixture       *fixture,
              gconstpointer  data)
{
  g_assert_true (plant_rpc_mailbox_is_here (fixture->mailbox));
  g_assert_null (g_thread_join (g_thread_new ("other", is_here, fixture->mailbox)));
}

#define ADD(name, function) \
  g_test_add ("/mailbox/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (g_main_context_acquire (g_main_context_default ()));

  ADD ("order", test_order);
  ADD ("endless", test_endless);
  ADD ("close", test_close);
  ADD ("unref-within", test_unref_within);
  ADD ("is-here", test_is_here);
  return g_test_run ();
}

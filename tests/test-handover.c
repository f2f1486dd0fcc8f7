/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-handover-private.h"

typedef struct {
  PlantRpcHandover *handover;
  GString          *order; /* (owned): the calls that were run, and those that were freed */
} Fixture;

typedef struct {
  Fixture *fixture;
  char     name;
} Call;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->handover = plant_rpc_handover_new (g_main_context_default ());
  fixture->order = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->handover, plant_rpc_handover_unref);
  g_string_free (fixture->order, TRUE);
}

static void
run_call (gpointer data)
{
  Call *call = data;

  g_string_append_c (call->fixture->order, call->name);
}

static void
call_free (gpointer data)
{
  Call *call = data;

  g_string_append_c (call->fixture->order, '.');
  g_free (call);
}

static void
post (Fixture              *fixture,
      char                  name,
      PlantRpcHandoverFunc  func)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { fixture, name };
  plant_rpc_handover_post (fixture->handover, func, call, call_free);
}

static void
test_order (Fixture       *fixture,
            gconstpointer  data)
{
  post (fixture, 'a', run_call);
  post (fixture, 'b', run_call);
  g_assert_cmpstr (fixture->order->str, ==, "");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (fixture->order->str, ==, "a.b.");
  g_assert_false (g_main_context_iteration (NULL, FALSE));
}

static void
run_and_post (gpointer data)
{
  Call *call = data;

  run_call (call);
  post (call->fixture, call->name + 1, run_and_post);
}

/* A thread that posts without a pause does not block the loop. */
static void
test_endless (Fixture       *fixture,
              gconstpointer  data)
{
  post (fixture, 'a', run_and_post);
  post (fixture, 'x', run_call);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->order->str, ==, "a.x.");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->order->str, ==, "a.x.b.");
}

static void
run_and_close (gpointer data)
{
  Call *call = data;

  run_call (call);
  plant_rpc_handover_close (call->fixture->handover);
}

/* Waiting calls are freed at once, and so are calls that are posted later. */
static void
test_close (Fixture       *fixture,
            gconstpointer  data)
{
  post (fixture, 'a', run_and_close);
  post (fixture, 'b', run_call);
  post (fixture, 'c', run_call);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (fixture->order->str, ==, "a...");
  post (fixture, 'd', run_call);
  g_assert_cmpstr (fixture->order->str, ==, "a....");
  g_assert_false (g_main_context_iteration (NULL, FALSE));
}

static void
run_and_unref (gpointer data)
{
  Call *call = data;

  run_call (call);
  g_clear_pointer (&call->fixture->handover, plant_rpc_handover_unref);
}

static void
test_unref_within (Fixture       *fixture,
                   gconstpointer  data)
{
  post (fixture, 'a', run_and_unref);
  post (fixture, 'b', run_call);
  g_main_context_iteration (NULL, FALSE);
  /* The current call is still in use, so the handover is kept until it has run. */
  g_assert_cmpint (fixture->order->str[0], ==, 'a');
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (fixture->order->len, >=, 3);
}

static gpointer
enter (gpointer handover)
{
  g_autoptr (PlantRpcHold) hold = plant_rpc_handover_enter (handover);

  return hold;
}

static void
test_enter (Fixture       *fixture,
            gconstpointer  data)
{
  g_assert_nonnull (enter (fixture->handover));
  g_assert_null (g_thread_join (g_thread_new ("other", enter, fixture->handover)));
}

/* ---- answers */

static void
hear (gpointer       asker,
      PlantRpcReply *reply,
      gboolean       accepted)
{
  Fixture **fixture = asker;

  g_string_append_printf ((*fixture)->order, "%s%s", g_variant_get_string (reply->value, NULL),
                          accepted ? "+" : "-");
}

static void
forget (gpointer asker)
{
  Fixture *fixture = *(Fixture **) asker;

  g_string_append_c (fixture->order, '.');
  g_atomic_rc_box_release (asker);
}

static gpointer
answer (gpointer asker)
{
  Fixture *fixture = *(Fixture **) asker;
  PlantRpcReply reply = { .value = g_variant_ref_sink (g_variant_new_string ("x")) };

  plant_rpc_handover_answer (fixture->handover, asker, &reply, TRUE, hear, forget);
  g_assert_null (reply.value);
  return NULL;
}

/* An answer of another thread waits for the loop, after what that thread has posted. */
static void
test_answer (Fixture       *fixture,
             gconstpointer  data)
{
  Fixture **asker = g_atomic_rc_box_dup (sizeof fixture, &fixture);

  answer (asker);
  g_assert_cmpstr (fixture->order->str, ==, "x+");
  post (fixture, 'a', run_call);
  g_thread_join (g_thread_new ("other", answer, asker));
  g_assert_cmpstr (fixture->order->str, ==, "x+");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (fixture->order->str, ==, "x+a.x+.");
  /* Nobody hears what comes after the end, and nothing leaks. */
  g_thread_join (g_thread_new ("other", answer, asker));
  plant_rpc_handover_close (fixture->handover);
  g_assert_cmpstr (fixture->order->str, ==, "x+a.x+..");
  g_atomic_rc_box_release (asker);
}

#define ADD(name, function) \
  g_test_add ("/handover/" name, Fixture, NULL, set_up, function, tear_down)

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
  ADD ("enter", test_enter);
  ADD ("answer", test_answer);
  return g_test_run ();
}

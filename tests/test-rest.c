/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-rest-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-clock.h"

#define REDRAW_PRIORITY (G_PRIORITY_HIGH_IDLE + 20)

typedef struct {
  PlantRpcRest rest;
  guint        n_over;
  guint        n_drawn;
} Fixture;

static void
on_over (gpointer owner)
{
  ((Fixture *) owner)->n_over++;
}

static gboolean
on_redraw (gpointer user_data)
{
  ((Fixture *) user_data)->n_drawn++;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_redraw_once (gpointer user_data)
{
  on_redraw (user_data);
  return G_SOURCE_REMOVE;
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  plant_rpc_rest_init (&self->rest, g_main_context_default (), on_over, self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_rest_clear (&self->rest);
  g_assert_false (g_main_context_pending (NULL));
  test_clock_reset ();
}

/* A turn that is short needs no rest. */
static void
test_short (Fixture       *self,
            gconstpointer  data)
{
  g_assert_false (plant_rpc_rest_after (&self->rest, PLANT_RPC_SOURCE_BATCH_USEC - 1));
  g_assert_false (self->rest.on);
  g_assert_false (g_main_context_pending (NULL));
}

/* Where nothing else is ready the rest ends at once. */
static void
test_alone (Fixture       *self,
            gconstpointer  data)
{
  test_clock_stretch (1e6);
  for (guint i = 1; i <= 3; i++)
    {
      g_assert_true (plant_rpc_rest_after (&self->rest, PLANT_RPC_SOURCE_BATCH_USEC));
      g_assert_true (self->rest.on);
      g_main_context_iteration (NULL, TRUE);
      g_assert_false (self->rest.on);
      g_assert_cmpuint (self->n_over, ==, i);
    }
}

/* What is to be drawn is drawn before. */
static void
test_redraw (Fixture       *self,
             gconstpointer  data)
{
  test_clock_stretch (1e6);
  g_idle_add_full (REDRAW_PRIORITY, on_redraw_once, self, NULL);
  plant_rpc_rest_after (&self->rest, PLANT_RPC_SOURCE_BATCH_USEC);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (self->n_drawn, ==, 1);
  g_assert_true (self->rest.on);
  g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (self->n_over, ==, 1);
}

/* A window that is always drawing does not keep it from ending. */
static void
test_always_drawing (Fixture       *self,
                     gconstpointer  data)
{
  guint redraw = g_idle_add_full (REDRAW_PRIORITY, on_redraw, self, NULL);

  test_clock_stretch (1e6);
  plant_rpc_rest_after (&self->rest, PLANT_RPC_SOURCE_BATCH_USEC);
  while (self->n_drawn == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (self->n_over, ==, 0);
  test_clock_reset ();
  plant_rpc_rest_after (&self->rest, PLANT_RPC_SOURCE_BATCH_USEC);
  while (self->n_over == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (self->rest.on);
  g_source_remove (redraw);
}

/* It takes as long as the turn at most, and after a very long one not that long. */
static void
test_lengths (Fixture       *self,
              gconstpointer  data)
{
  const gint64 turns[] = { 5000, 50000, 100000, 60 * G_USEC_PER_SEC };
  g_autoptr (GArray) delays = NULL;

  test_clock_record ("[plantrpc] rest");
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    plant_rpc_rest_after (&self->rest, turns[i]);
  delays = test_clock_end_recording ();
  g_assert_cmpuint (delays->len, ==, G_N_ELEMENTS (turns));
  for (guint i = 0; i < delays->len; i++)
    {
      g_assert_cmpint (g_array_index (delays, gint64, i), <=, MIN (turns[i], 100000));
      g_assert_cmpint (g_array_index (delays, gint64, i), >, 0);
    }
}

static void
test_cleared (Fixture       *self,
              gconstpointer  data)
{
  plant_rpc_rest_after (&self->rest, PLANT_RPC_SOURCE_BATCH_USEC);
  plant_rpc_rest_clear (&self->rest);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (self->n_over, ==, 0);
}

#define ADD(name, func) g_test_add ("/rest/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("short", test_short);
  ADD ("alone", test_alone);
  ADD ("redraw", test_redraw);
  ADD ("always-drawing", test_always_drawing);
  ADD ("lengths", test_lengths);
  ADD ("cleared", test_cleared);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-clock.h"
#include "plant-rpc-throttle-private.h"

typedef struct {
  PlantRpcThrottle throttle;
  guint            n_due;
  gint64           ahead; /* µs of the clock */
} Fixture;

static void
on_due (gpointer owner)
{
  Fixture *self = owner;

  self->n_due++;
  plant_rpc_throttle_note_told (&self->throttle);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  plant_rpc_throttle_init (&self->throttle, NULL, on_due, self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_throttle_clear (&self->throttle);
  g_assert_false (g_main_context_pending (NULL));
  test_clock_reset ();
}

static void
pass (Fixture *self,
      gint64   usec)
{
  self->ahead += usec;
  test_clock_step (self->ahead);
}

/* There is news. It is told at once if the throttle admits it. */
static gboolean
tell (Fixture *self)
{
  if (!plant_rpc_throttle_admit (&self->throttle))
    return FALSE;
  plant_rpc_throttle_note_told (&self->throttle);
  return TRUE;
}

static void
test_unlimited (Fixture       *self,
                gconstpointer  data)
{
  for (guint i = 0; i < 1000; i++)
    g_assert_true (tell (self));
  g_assert_cmpuint (self->n_due, ==, 0);
}

/* The first and the latest are told. */
static void
test_limited (Fixture       *self,
              gconstpointer  data)
{
  plant_rpc_throttle_set_max_rate (&self->throttle, 100);
  test_clock_stretch (0.001);
  g_assert_true (tell (self));
  for (guint i = 0; i < 1000; i++)
    g_assert_false (tell (self));
  while (self->n_due == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (self->n_due, ==, 1);
  /* The limit counts from then. */
  g_assert_false (tell (self));
  plant_rpc_throttle_clear (&self->throttle);
}

/* News that comes seldom is told at once. */
static void
test_seldom (Fixture       *self,
             gconstpointer  data)
{
  plant_rpc_throttle_set_max_rate (&self->throttle, 2);
  for (guint i = 0; i < 10; i++)
    {
      g_assert_true (tell (self));
      pass (self, G_USEC_PER_SEC / 2);
    }
  g_assert_cmpuint (self->n_due, ==, 0);
}

/* How often it is told in a minute of news every 10 ms, and in the time that the test takes. */
static void
test_rate (Fixture       *self,
           gconstpointer  data)
{
  guint n_told = 0;

  plant_rpc_throttle_set_max_rate (&self->throttle, 5);
  test_clock_stretch (1e6);
  for (guint i = 0; i < 6000; i++)
    {
      n_told += tell (self);
      pass (self, 10000);
    }
  g_assert_cmpuint (n_told, >=, 280);
  g_assert_cmpuint (n_told, <=, 310);
}

static void
test_delays (Fixture       *self,
             gconstpointer  data)
{
  const double rates[] = { 1000, 1, 0.1, 1e-300, G_MINDOUBLE };
  g_autoptr (GArray) delays = NULL;

  test_clock_record ("[plantrpc] rate");
  plant_rpc_throttle_set_max_rate (&self->throttle, 1);
  g_assert_true (tell (self));
  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      plant_rpc_throttle_set_max_rate (&self->throttle, rates[i]);
      if (i == 0)
        pass (self, -1000);
      g_assert_false (tell (self));
    }
  delays = test_clock_end_recording ();
  g_assert_cmpuint (delays->len, >=, G_N_ELEMENTS (rates));
  for (guint i = 0; i < delays->len; i++)
    g_assert_cmpint (g_array_index (delays, gint64, i), >, 0);
  plant_rpc_throttle_clear (&self->throttle);
}

/* What waits is told at once when there is no limit any more. */
static void
test_lifted (Fixture       *self,
             gconstpointer  data)
{
  plant_rpc_throttle_set_max_rate (&self->throttle, 1e-3);
  g_assert_true (tell (self));
  g_assert_false (tell (self));
  plant_rpc_throttle_set_max_rate (&self->throttle, 0);
  while (self->n_due == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (tell (self));
}

/* What was told otherwise waits no more. */
static void
test_told_otherwise (Fixture       *self,
                     gconstpointer  data)
{
  plant_rpc_throttle_set_max_rate (&self->throttle, 1e-3);
  g_assert_true (tell (self));
  g_assert_false (tell (self));
  plant_rpc_throttle_note_told (&self->throttle);
  plant_rpc_throttle_set_max_rate (&self->throttle, 0);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (self->n_due, ==, 0);
}

#define ADD(name, func) g_test_add ("/throttle/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("unlimited", test_unlimited);
  ADD ("limited", test_limited);
  ADD ("seldom", test_seldom);
  ADD ("rate", test_rate);
  ADD ("delays", test_delays);
  ADD ("lifted", test_lifted);
  ADD ("told-otherwise", test_told_otherwise);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-wait.h"
#include "plant-rpc-timer-private.h"

/* A timer and three alarms, which write down when they ring. */
typedef struct _Fixture Fixture;

typedef struct {
  PlantRpcAlarm alarm;
  Fixture      *fixture;
  void        (*action) (Fixture *fixture); /* done by the next ring */
} Bell;

struct _Fixture {
  PlantRpcTimer *timer;   /* (owned) (nullable) */
  Bell           bells[3];
  GString       *journal; /* (owned) */
};

static void
on_ring (gpointer owner,
         gint64   now)
{
  Bell *bell = owner;
  void (*action) (Fixture *fixture) = g_steal_pointer (&bell->action);

  g_assert_cmpint (bell->alarm.time, ==, -1);
  g_string_append_printf (bell->fixture->journal, "%s@%" G_GINT64_FORMAT " ", bell->alarm.name,
                          now);
  if (action != NULL)
    action (bell->fixture);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  static const char *const names[] = { "a", "b", "c" };
  g_autoptr (GMainContext) context = g_main_context_new ();

  self->timer = plant_rpc_timer_new (context, "test");
  self->journal = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      self->bells[i].fixture = self;
      plant_rpc_alarm_init (&self->bells[i].alarm, self->timer, names[i], on_ring,
                            &self->bells[i]);
    }
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->timer, plant_rpc_timer_free);
  g_string_free (self->journal, TRUE);
}

#define wait_until(expression) test_wait_for ((g_main_context_iteration (NULL, FALSE), expression))

static void
set (Fixture *self,
     guint    index,
     gint64   time)
{
  plant_rpc_alarm_set (&self->bells[index].alarm, time);
}

static void
assert_rings (Fixture    *self,
              gint64      now,
              const char *expected)
{
  plant_rpc_timer_ring (self->timer, now);
  g_assert_cmpstr (self->journal->str, ==, expected);
  g_string_truncate (self->journal, 0);
}

/* The earliest alarm rings first, and each rings once. */
static void
test_order (Fixture       *self,
            gconstpointer  data)
{
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  set (self, 0, 30);
  set (self, 1, 10);
  set (self, 2, 20);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, 10);
  assert_rings (self, 9, "");
  assert_rings (self, 20, "b@20 c@20 ");
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, 30);
  assert_rings (self, 40, "a@40 ");
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  assert_rings (self, 50, "");
}

/* An alarm can be moved and cleared. A time before the beginning of the clock is due at once. */
static void
test_changes (Fixture       *self,
              gconstpointer  data)
{
  set (self, 0, 10);
  set (self, 0, 30);
  set (self, 1, 30);
  set (self, 1, 5);
  set (self, 2, 5);
  plant_rpc_alarm_clear (&self->bells[2].alarm);
  plant_rpc_alarm_clear (&self->bells[2].alarm);
  assert_rings (self, 20, "b@20 ");
  set (self, 2, -7);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, 0);
  assert_rings (self, 30, "c@30 a@30 ");
}

static void
set_again (Fixture *self)
{
  set (self, 0, 1);
  set (self, 1, 1);
  plant_rpc_alarm_clear (&self->bells[2].alarm);
}

/* An alarm that sets itself waits for the next round, so that nothing rings for ever. One that is
 * set by another and has not rung yet rings in the same round. */
static void
test_set_in_ring (Fixture       *self,
                  gconstpointer  data)
{
  set (self, 0, 10);
  set (self, 2, 11);
  self->bells[0].action = set_again;
  assert_rings (self, 20, "a@20 b@20 ");
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, 1);
  assert_rings (self, 20, "a@20 ");
}

static void
ring_inside (Fixture *self)
{
  g_string_append (self->journal, "( ");
  set (self, 0, 1);
  plant_rpc_timer_ring (self->timer, 30);
  set (self, 1, 1);
  g_string_append (self->journal, ") ");
}

/* A round inside another rings all that is due. The outer round does not ring these again. */
static void
test_nested (Fixture       *self,
             gconstpointer  data)
{
  set (self, 0, 10);
  set (self, 1, 20);
  self->bells[0].action = ring_inside;
  assert_rings (self, 20, "a@20 ( a@30 b@30 ) ");
  assert_rings (self, 20, "b@20 ");
}

static void
discard_timer (Fixture *self)
{
  g_clear_pointer (&self->timer, plant_rpc_timer_free);
}

/* No alarm rings after the timer was freed. */
static void
test_freed_in_ring (Fixture       *self,
                    gconstpointer  data)
{
  set (self, 0, 10);
  set (self, 1, 20);
  self->bells[0].action = discard_timer;
  plant_rpc_timer_ring (self->timer, 20);
  g_assert_cmpstr (self->journal->str, ==, "a@20 ");
  g_assert_cmpint (self->bells[1].alarm.time, ==, -1);
}

/* Moves the alarms to a timer in the default main context. */
static PlantRpcTimer *
ring_by_itself (Fixture *self)
{
  PlantRpcTimer *timer = plant_rpc_timer_new (NULL, "test");

  for (guint i = 0; i < G_N_ELEMENTS (self->bells); i++)
    self->bells[i].alarm.timer = timer;
  return timer;
}

/* The source rings the alarms by itself, also those that are set while one rings, and an alarm that
 * was moved to a later time rings then. */
static void
test_source (Fixture       *self,
             gconstpointer  data)
{
  PlantRpcTimer *timer = ring_by_itself (self);
  gint64 now = g_get_monotonic_time ();

  set (self, 0, now);
  self->bells[0].action = set_again;
  wait_until (g_strrstr (self->journal->str, "b") != NULL);
  wait_until (plant_rpc_timer_get_deadline (timer) == -1);
  g_string_truncate (self->journal, 0);
  now = g_get_monotonic_time ();
  set (self, 0, now + 5000);
  set (self, 0, now + 10000);
  wait_until (self->journal->len > 0);
  g_assert_cmpint (g_ascii_strtoll (self->journal->str + 2, NULL, 10), >=, now + 10000);
  /* A later alarm does not hold an earlier one up. */
  g_string_truncate (self->journal, 0);
  set (self, 0, now + 3600 * (gint64) G_USEC_PER_SEC);
  set (self, 1, now);
  wait_until (self->journal->str[0] == 'b');
  plant_rpc_timer_free (timer);
}

static void
run_loop (Fixture *self)
{
  g_string_append (self->journal, "( ");
  wait_until (g_strrstr (self->journal->str, "b") != NULL);
  g_string_append (self->journal, ") ");
}

/* While an alarm runs a main loop, the others ring. */
static void
test_loop_in_ring (Fixture       *self,
                   gconstpointer  data)
{
  PlantRpcTimer *timer = ring_by_itself (self);
  gint64 now = g_get_monotonic_time ();

  set (self, 0, now);
  set (self, 1, now + 20000);
  self->bells[0].action = run_loop;
  wait_until (g_str_has_suffix (self->journal->str, ") "));
  plant_rpc_timer_free (timer);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/timer/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/timer/changes", Fixture, NULL, set_up, test_changes, tear_down);
  g_test_add ("/timer/set-in-ring", Fixture, NULL, set_up, test_set_in_ring, tear_down);
  g_test_add ("/timer/nested", Fixture, NULL, set_up, test_nested, tear_down);
  g_test_add ("/timer/freed-in-ring", Fixture, NULL, set_up, test_freed_in_ring, tear_down);
  g_test_add ("/timer/source", Fixture, NULL, set_up, test_source, tear_down);
  g_test_add ("/timer/loop-in-ring", Fixture, NULL, set_up, test_loop_in_ring, tear_down);

  return g_test_run ();
}

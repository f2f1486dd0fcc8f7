/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-test-link.h"

/* When a link has something to do, to the microsecond: no test waits for that. */

gint32 __wrap_g_random_int_range (gint32 begin,
                                  gint32 end);

/* Pauses are as long as they may be. */
gint32
__wrap_g_random_int_range (gint32 begin,
                           gint32 end)
{
  return end - 1;
}

static gint64 ahead; /* µs, of the clock that the library sees */

gint64 __real_g_get_monotonic_time (void);
gint64 __wrap_g_get_monotonic_time (void);

gint64
__wrap_g_get_monotonic_time (void)
{
  return __real_g_get_monotonic_time () + ahead;
}

/* The deadline lies DELAY after a moment between SINCE and now. Just before it nothing happens. */
static void
assert_deadline (TestLink *self,
                 gint64    since,
                 gint64    delay)
{
  g_autofree char *told = g_strdup (self->told->str);
  gint64 deadline = plant_rpc_timer_get_deadline (self->timer);

  g_assert_cmpint (deadline, >=, since + delay);
  g_assert_cmpint (deadline, <=, g_get_monotonic_time () + delay);
  plant_rpc_timer_ring (self->timer, deadline - 1);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, deadline);
  g_assert_cmpstr (self->told->str, ==, told);
}

/* Returns the time at which it was passed. */
static gint64
pass_deadline (TestLink *self)
{
  gint64 deadline = plant_rpc_timer_get_deadline (self->timer);

  plant_rpc_timer_ring (self->timer, deadline);
  return deadline;
}

/* As pass_deadline(), but the library's clock goes to that time, too. */
static void
reach_deadline (TestLink *self)
{
  ahead += plant_rpc_timer_get_deadline (self->timer) - g_get_monotonic_time ();
  pass_deadline (self);
}

/* An attempt that is not answered is given up, and the pauses between attempts double. */
static void
test_attempts (void)
{
  static const gint64 pauses[] = { 50, 100, 200, 400, 800, 1600, 2000, 2000, 50, 100 };
  g_autoptr (GSocketListener) mute = g_socket_listener_new ();
  g_autofree char *url = g_strdup_printf (
      "tcp://127.0.0.1:%u", g_socket_listener_add_any_inet_port (mute, NULL, NULL));
  g_autofree char *reason = g_strdup_printf ("“%s” did not answer the connection", url);
  gint64 since = g_get_monotonic_time ();
  g_autoptr (TestLink) self = test_link_new (url);

  for (guint i = 0; i < G_N_ELEMENTS (pauses); i++)
    {
      assert_deadline (self, since, 5 * G_USEC_PER_SEC);
      if (i == 8)
        plant_rpc_link_reset_backoff (self->link);
      since = plant_rpc_timer_get_deadline (self->timer);
      reach_deadline (self);
      g_assert_cmpuint (self->n_lost, ==, i + 1);
      g_assert_error (self->reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_cmpstr (self->reason->message, ==, reason);
      assert_deadline (self, since, pauses[i] * 1000);
      since = plant_rpc_timer_get_deadline (self->timer);
      reach_deadline (self);
    }
  g_assert_cmpuint (self->n_opened, ==, 0);
  plant_rpc_link_close (self->link);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
  ahead = 0;
}

/* The connection is looked at every two seconds, and every second while a reply is awaited. */
static void
test_pulse (void)
{
  gint64 since = g_get_monotonic_time ();
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL, b = NULL;
  gint64 deadline;

  assert_deadline (self, since, 2 * G_USEC_PER_SEC);
  /* What was said when the connection was made may still be under way. */
  test_wait_until ((deadline = pass_deadline (self),
                    plant_rpc_timer_get_deadline (self->timer) == deadline + 2 * G_USEC_PER_SEC));
  since = g_get_monotonic_time ();
  test_link_send (self, "a");
  assert_deadline (self, since, G_USEC_PER_SEC);
  /* The next one changes nothing. */
  deadline = plant_rpc_timer_get_deadline (self->timer);
  test_link_send (self, "b");
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, deadline);
  deadline = pass_deadline (self);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, deadline + G_USEC_PER_SEC);
  a = test_device_expect_get (device, "a");
  b = test_device_expect_get (device, "b");
  test_device_reply_text (device, a, "1");
  test_device_reply_text (device, b, "2");
  test_wait_until (g_str_equal (self->told->str, "a:1 b:2 "));
}

/* A connection that is given up is looked at until then. */
static void
test_parting (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "enough");
  gint64 since = g_get_monotonic_time ();

  plant_rpc_link_part (self->link, reason);
  assert_deadline (self, since, 100 * 1000);
  pass_deadline (self);
  g_assert_cmpuint (self->n_lost, ==, 1);
  g_assert_cmpstr (self->reason->message, ==, "enough");
  assert_deadline (self, since, 50 * 1000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/link/deadlines/attempts", test_attempts);
  g_test_add_func ("/link/deadlines/pulse", test_pulse);
  g_test_add_func ("/link/deadlines/parting", test_parting);

  return g_test_run ();
}

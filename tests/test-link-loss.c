/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>

#include "plant-rpc-error.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-ipv6.h"
#include "plant-rpc-test-link.h"
#include "plant-rpc-test-zmtp.h"

static void
ignore_reply (GBytes       *payload,
              GBytes       *buffer,
              const GError *error,
              gpointer      user_data)
{
  g_assert_not_reached ();
}

/* In the order in which they were sent, and at once. */
static void
test_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL;

  test_link_send (self, "a");
  test_link_send (self, "b");
  test_link_send (self, "c");
  a = test_device_expect_get (device, "a");
  g_clear_pointer (&device, test_device_free);
  test_wait_until (self->n_lost == 1);
  g_assert_cmpstr (self->told->str, ==, "lost a:failed b:failed c:failed ");
  g_assert_error (self->reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_false (plant_rpc_link_is_open (self->link));
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), >, 0);
}

/* The order is kept even if few of many requests are left, so that the hash table has another
 * order. */
static void
test_order_of_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (GString) expected = g_string_new ("lost ");
  g_autoptr (GBytes) payload = g_bytes_new_static ("{\"event\": \"STOP_SERVER\"}", 24);
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "enough");

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      if (i % 7 != 0)
        {
          plant_rpc_link_forget (self->link,
                                 plant_rpc_link_send (self->link, payload, ignore_reply, NULL));
          continue;
        }
      test_link_send (self, name);
      g_string_append_printf (expected, "%s:failed ", name);
    }
  plant_rpc_link_disconnect (self->link, reason);
  g_assert_cmpstr (self->told->str, ==, expected->str);
}

/* A reply that arrived before the loss is delivered, even if that takes several turns of the
 * loop. */
static void
test_replies_before_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  const guint n = 3 * PLANT_RPC_SOURCE_BATCH;
  int linger = TEST_DEADLINE_S * 1000;
  zmq_pollitem_t items[2];

  for (guint i = 0; i < n; i++)
    test_link_send (self, "a");
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TestRequest) request = test_device_expect_get (device, "a");

      test_device_reply_text (device, request, "1");
    }
  test_link_send (self, "b");
  g_assert_cmpuint (plant_rpc_link_fill_poll (self->link, items), ==, 2);
  test_device_set_linger (device, linger);
  g_clear_pointer (&device, test_device_free);
  while (zmq_poll (items + 1, 1, -1) < 1)
    continue;
  plant_rpc_link_process (self->link);
  g_assert_cmpuint (self->n_lost, ==, 1);
  g_assert_null (strstr (self->told->str, "a:failed"));
  g_assert_true (g_str_has_suffix (self->told->str, "a:1 lost b:failed "));
}

static void
do_reconnect_late (gpointer owner)
{
  TestLink *self = owner;
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "enough");

  if (self->n_heard <= PLANT_RPC_SOURCE_BATCH)
    {
      self->action = do_reconnect_late;
      return;
    }
  plant_rpc_link_disconnect (self->link, reason);
  plant_rpc_link_connect (self->link);
}

/* The last replies are delivered because of the loss, and one of them makes the next connection,
 * which is not lost. */
static void
test_reconnected_by_late_reply (void)
{
  g_autoptr (TestDevice) device = test_device_new (), next = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  const guint n = 3 * PLANT_RPC_SOURCE_BATCH;
  zmq_pollitem_t items[2];

  for (guint i = 0; i < n; i++)
    test_link_send (self, "a");
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TestRequest) request = test_device_expect_get (device, "a");

      test_device_reply_text (device, request, "1");
    }
  plant_rpc_link_set_url (self->link, test_device_get_url (next));
  self->action = do_reconnect_late;
  g_assert_cmpuint (plant_rpc_link_fill_poll (self->link, items), ==, 2);
  test_device_set_linger (device, TEST_DEADLINE_S * 1000);
  g_clear_pointer (&device, test_device_free);
  while (zmq_poll (items + 1, 1, -1) < 1)
    continue;
  plant_rpc_link_process (self->link);
  g_assert_cmpuint (self->n_heard, >, PLANT_RPC_SOURCE_BATCH);
  g_assert_cmpuint (self->n_heard, <, n);
  test_wait_until (plant_rpc_link_is_open (self->link));
  g_assert_cmpuint (self->n_lost, ==, 1);
}

/* A request that was reported as lost must not reach a server that was only slow. */
static void
test_nothing_lingers (void)
{
  g_autoptr (TestZmtpListener) listener = test_zmtp_listener_new ();
  g_autoptr (TestLink) self = test_link_new (test_zmtp_listener_get_url (listener));
  g_autoptr (TestZmtp) server = test_zmtp_listener_accept (listener);
  const gsize size = 48 * 1024 * 1024;
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "enough");

  test_zmtp_shake_hands (server, "ROUTER");
  test_wait_until (plant_rpc_link_is_open (self->link));
  plant_rpc_link_send (self->link, large, NULL, NULL);
  plant_rpc_link_disconnect (self->link, reason);
  g_assert_null (test_zmtp_receive (server));
}

/* A reply that had arrived wins over the loss. */
static void
reply_before_loss (const char *host)
{
  g_autoptr (TestDevice) device = test_device_new_at (host);
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) request = NULL;
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (100000), 100000);
  zmq_pollitem_t items[2];

  test_link_send (self, "a");
  request = test_device_expect_get (device, "a");
  test_device_reply (device, request, large, NULL);
  test_link_send (self, "b");
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect_get (device, "b");
  test_device_reply_text (device, request, "2");
  test_link_send (self, "c");
  g_assert_cmpuint (plant_rpc_link_fill_poll (self->link, items), ==, 2);
  /* The loop is busy until all has arrived, the loss included. */
  while (zmq_poll (items, 1, -1) < 1)
    continue;
  g_clear_pointer (&device, test_device_free);
  while (zmq_poll (items + 1, 1, -1) < 1)
    continue;
  plant_rpc_link_process (self->link);
  test_wait_until (self->n_lost == 1);
  g_assert_true (g_str_has_prefix (self->told->str, "a:"));
  g_assert_true (g_str_has_suffix (self->told->str, " b:2 lost c:failed "));
}

static void
test_reply_before_loss (void)
{
  reply_before_loss ("tcp://127.0.0.1:*");
}

static void
test_reply_before_loss_ipv6 (void)
{
  if (test_has_ipv6 ())
    reply_before_loss ("tcp://[::1]:*");
  else
    g_test_skip ("this machine has no IPv6");
}

/* What was under way is not repeated to the one that comes after. */
static void
test_restart (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (TestRequest) a = NULL, b = NULL;
  g_autofree char *url = g_strdup (test_device_get_url (device));

  test_link_send (self, "a");
  a = test_device_expect_get (device, "a");
  test_link_send (self, "never read");
  g_clear_pointer (&device, test_device_free);
  test_wait_until (self->n_lost == 1);
  device = test_device_new_at (url);
  test_wait_until (test_link_is_told (self, "lost a:failed never read:failed ") &&
                   plant_rpc_link_is_open (self->link));
  test_link_send (self, "b");
  b = test_device_expect_get (device, "b");
  test_device_reply_text (device, b, "2");
  test_wait_until (strstr (self->told->str, "b:2") != NULL);
}

static void
test_nobody_listens (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (TestLink) self = NULL;
  gint64 first, wait;

  g_clear_pointer (&device, test_device_free);
  self = test_link_new (url);
  test_wait_until (self->n_lost == 1);
  g_assert_error (self->reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_nonnull (strstr (self->reason->message, url));
  first = plant_rpc_timer_get_deadline (self->timer);
  g_assert_cmpint (first, >, 0);
  for (guint i = 2; i < 12; i++)
    {
      plant_rpc_timer_ring (self->timer, plant_rpc_timer_get_deadline (self->timer));
      test_wait_until (self->n_lost == i);
    }
  /* It has become patient, within bounds. */
  wait = plant_rpc_timer_get_deadline (self->timer) - g_get_monotonic_time ();
  g_assert_cmpint (wait, <=, 2 * G_USEC_PER_SEC);
  g_assert_cmpint (wait, >, G_USEC_PER_SEC / 2);
  plant_rpc_link_reset_backoff (self->link);
  plant_rpc_timer_ring (self->timer, plant_rpc_timer_get_deadline (self->timer));
  test_wait_until (self->n_lost == 12);
  wait = plant_rpc_timer_get_deadline (self->timer) - g_get_monotonic_time ();
  g_assert_cmpint (wait, <, G_USEC_PER_SEC / 2);
}

/* While the first of those that fail runs a loop, the next connection is made: it is not harmed. */
static void
do_reconnect (gpointer owner)
{
  TestLink *self = owner;

  test_wait_until ((plant_rpc_timer_ring (self->timer, g_get_monotonic_time ()),
                    plant_rpc_link_is_open (self->link)));
  test_link_send (self, "new");
}

static void
test_reconnected_in_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (TestRequest) a = NULL, b = NULL;

  test_link_send (self, "a");
  test_link_send (self, "b");
  a = test_device_expect_get (device, "a");
  self->action = do_reconnect;
  g_clear_pointer (&device, test_device_free);
  device = test_device_new_at (url);
  test_wait_until (g_str_equal (self->told->str, "lost a:failed b:failed "));
  b = test_device_expect_get (device, "new");
  test_device_reply_text (device, b, "3");
  test_wait_until (test_link_is_told (self, "lost a:failed b:failed new:3 "));
  g_assert_cmpuint (self->n_lost, ==, 1);
}

static void
test_given_up (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "enough");

  test_link_send (self, "a");
  plant_rpc_link_disconnect (self->link, reason);
  g_assert_cmpstr (self->told->str, ==, "lost a:failed ");
  test_wait_until ((plant_rpc_timer_ring (self->timer, g_get_monotonic_time ()),
                    plant_rpc_link_is_open (self->link)));
  g_assert_cmpuint (self->n_opened, ==, 2);
}

/* The connection is given up soon, unless it is lost by itself before, and for the first reason. */
static void
test_parted (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (GError) first = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "first");
  g_autoptr (GError) second = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "second");
  gint64 deadline;

  plant_rpc_link_part (self->link, first);
  deadline = plant_rpc_timer_get_deadline (self->timer);
  g_assert_cmpint (test_link_measure_wait (self), <=, G_USEC_PER_SEC / 10);
  plant_rpc_link_part (self->link, second);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, deadline);
  plant_rpc_timer_ring (self->timer, deadline - 1);
  g_assert_true (plant_rpc_link_is_open (self->link));
  plant_rpc_timer_ring (self->timer, deadline);
  g_assert_cmpuint (self->n_lost, ==, 1);
  g_assert_error (self->reason, G_IO_ERROR, G_IO_ERROR_FAILED);
  /* What is not open need not be given up. */
  deadline = plant_rpc_timer_get_deadline (self->timer);
  plant_rpc_link_part (self->link, second);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, deadline);
}

/* The replacement is for one thread: the links of this program have no other. */
static gboolean no_memory;

int __real_zmq_send (void       *socket,
                     const void *data,
                     size_t      size,
                     int         flags);
int __wrap_zmq_send (void       *socket,
                     const void *data,
                     size_t      size,
                     int         flags);

int
__wrap_zmq_send (void       *socket,
                 const void *data,
                 size_t      size,
                 int         flags)
{
  if (!no_memory)
    return __real_zmq_send (socket, data, size, flags);
  errno = ENOMEM;
  return -1;
}

/* If a request cannot be sent, the connection is given up. That request has not failed: its sender
 * knows that it was not sent. */
static void
test_unsent (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (GBytes) payload = g_bytes_new_static ("{\"event\": \"STOP_SERVER\"}", 24);

  test_link_send (self, "a");
  no_memory = TRUE;
  g_assert_cmpuint (plant_rpc_link_send (self->link, payload, ignore_reply, NULL), ==, 0);
  no_memory = FALSE;
  g_assert_cmpuint (self->n_lost, ==, 0);
  test_wait_until (test_link_is_told (self, "lost a:failed "));
  g_assert_error (self->reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static gboolean lowest;

gint32 __wrap_g_random_int_range (gint32 begin,
                                  gint32 end);

gint32
__wrap_g_random_int_range (gint32 begin,
                           gint32 end)
{
  return lowest ? begin : end - 1;
}

/* Many clients of a server that was restarted do not come all at once. */
static void
test_random_pause (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestLink) self = test_link_new_open (device);
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "enough");
  gint64 begin;

  for (guint i = 0; i < 10; i++)
    plant_rpc_link_disconnect (self->link, reason);
  begin = g_get_monotonic_time ();
  plant_rpc_link_disconnect (self->link, reason);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), >=, begin + 2 * G_USEC_PER_SEC);
  lowest = TRUE;
  plant_rpc_link_disconnect (self->link, reason);
  lowest = FALSE;
  g_assert_cmpint (test_link_measure_wait (self), <=, G_USEC_PER_SEC);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/link-loss/loss", test_loss);
  g_test_add_func ("/link-loss/order-of-loss", test_order_of_loss);
  g_test_add_func ("/link-loss/reply-before-loss", test_reply_before_loss);
  g_test_add_func ("/link-loss/reply-before-loss-ipv6", test_reply_before_loss_ipv6);
  g_test_add_func ("/link-loss/replies-before-loss", test_replies_before_loss);
  g_test_add_func ("/link-loss/reconnected-by-late-reply", test_reconnected_by_late_reply);
  g_test_add_func ("/link-loss/nothing-lingers", test_nothing_lingers);
  g_test_add_func ("/link-loss/restart", test_restart);
  g_test_add_func ("/link-loss/nobody-listens", test_nobody_listens);
  g_test_add_func ("/link-loss/reconnected-in-loss", test_reconnected_in_loss);
  g_test_add_func ("/link-loss/given-up", test_given_up);
  g_test_add_func ("/link-loss/parted", test_parted);
  g_test_add_func ("/link-loss/random-pause", test_random_pause);
  g_test_add_func ("/link-loss/unsent", test_unsent);

  return g_test_run ();
}

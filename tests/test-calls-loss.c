/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-calls.h"

static void
test_lost (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestRequest) a = NULL;

  test_calls_add (self, "a", 1000, NULL);
  a = test_device_expect_call (device, "a");
  test_calls_add (self, "b", 1000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown b:outcome-unknown ");
  test_calls_add (self, "c", 100, NULL);
  test_calls_pass (self, 100);
  assert_told (self, "a:outcome-unknown b:outcome-unknown c:not-sent ");
}

/* The callback of one that failed asks anew: that waits for the next connection. */
static void
do_add (gpointer owner)
{
  test_calls_add (owner, "again", 1000, NULL);
}

static void
test_asked_anew_at_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);

  self->action = do_add;
  test_calls_add (self, "a", 1000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown ");
  test_calls_pass (self, 1000);
  g_assert_cmpstr (self->told->str, ==, "a:outcome-unknown again:not-sent ");
}

/* While one callback runs a loop, the time of another that was lost too goes by. */
static void
do_pass (gpointer owner)
{
  test_calls_pass (owner, 2000);
}

static void
test_times_out_at_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);

  self->action = do_pass;
  test_calls_add (self, "a", 10000, NULL);
  test_calls_add (self, "b", 1000, NULL);
  test_calls_add (self, "c", 10000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown b:timed-out c:outcome-unknown ");
}

/* The connection was lost long ago, but without a main loop only sending notices it. */
static TestCalls *
new_cut (TestDevice *device)
{
  TestCalls *self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);

  self->cut = TRUE;
  return self;
}

/* Lets the calls go on over a new connection. */
static void
mend (TestCalls *self)
{
  g_autoptr (GError) reason = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "cut");

  self->cut = FALSE;
  plant_rpc_link_disconnect (self->link, reason);
  plant_rpc_link_connect (self->link);
  test_wait_until (plant_rpc_link_is_open (self->link));
  plant_rpc_calls_resume (self->calls, PLANT_RPC_FORMAT_NATIVE);
}

/* What was certainly not sent goes out over the next connection, once and in order. */
static void
test_unsent (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = new_cut (device);
  g_autoptr (TestRequest) a = NULL;
  g_autoptr (TestRequest) b = NULL;

  g_assert_nonnull (test_calls_add (self, "a", 1000, NULL));
  g_assert_nonnull (test_calls_add (self, "b", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL));
  g_assert_cmpstr (self->told->str, ==, "");
  mend (self);
  a = test_device_expect_call (device, "a");
  b = test_device_expect_call (device, "b");
  g_assert_true (test_device_is_idle (device));
  test_device_reply_value (device, a, g_variant_new_int32 (1));
  test_device_reply_value (device, b, g_variant_new_int32 (2));
  assert_told (self, "a:1 b:2 ");
}

/* It waits within its own time. A method that may take any time does not wait for ever for a
 * connection. */
static void
test_unsent_for_long (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = new_cut (device);

  self->server_timeout = PLANT_RPC_TIMEOUT_NONE;
  test_calls_add (self, "a", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL);
  test_calls_add (self, "b", 300, NULL);
  test_calls_pass (self, 300);
  g_assert_cmpstr (self->told->str, ==, "b:not-sent ");
  test_calls_pass (self, PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpstr (self->told->str, ==, "b:not-sent a:not-sent ");
  g_assert_cmpuint (self->n_quiet, ==, 0);
}

/* What the caller has given up while it waited is never sent. */
static void
test_unsent_and_cancelled (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = new_cut (device);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  test_calls_add (self, "a", 1000, cancellable);
  g_cancellable_cancel (cancellable);
  assert_told (self, "a:cancelled ");
  mend (self);
  g_assert_true (test_device_is_idle (device));
}

static void
test_closed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) sent = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (TestCalls) waiting = test_calls_new (device);
  g_autoptr (TestRequest) request = NULL;

  sent->action = do_add;
  test_calls_add (sent, "a", 1000, NULL);
  request = test_device_expect_call (device, "a");
  plant_rpc_calls_close (sent->calls);
  g_assert_cmpstr (sent->told->str, ==, "a:outcome-unknown again:closed ");
  g_assert_null (test_calls_add (sent, "b", 1000, NULL));
  g_assert_true (g_str_has_suffix (sent->told->str, " b:closed "));
  test_device_reply_value (device, request, NULL);
  test_wait_until (plant_rpc_link_get_n_late (sent->link) == 1);

  test_calls_add (waiting, "w", 1000, NULL);
  plant_rpc_calls_close (waiting->calls);
  g_assert_cmpstr (waiting->told->str, ==, "w:closed ");
}

/* When the connection ends, the first callback runs a loop, in which the other calls time out. Each
 * must end exactly once. */
static void
test_times_out_at_close (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      test_calls_add (self, name, 1000, NULL);
    }
  self->action = do_pass;
  plant_rpc_calls_close (self->calls);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *word = g_strdup_printf (" %u:", i);
      g_autofree char *told = g_strconcat (" ", self->told->str, NULL);
      char *first = strstr (told, word);

      g_assert_nonnull (first);
      g_assert_null (strstr (first + 1, word));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/calls-loss/lost", test_lost);
  g_test_add_func ("/calls-loss/asked-anew-at-loss", test_asked_anew_at_loss);
  g_test_add_func ("/calls-loss/times-out-at-loss", test_times_out_at_loss);
  g_test_add_func ("/calls-loss/unsent", test_unsent);
  g_test_add_func ("/calls-loss/unsent-for-long", test_unsent_for_long);
  g_test_add_func ("/calls-loss/unsent-and-cancelled", test_unsent_and_cancelled);
  g_test_add_func ("/calls-loss/closed", test_closed);
  g_test_add_func ("/calls-loss/times-out-at-close", test_times_out_at_close);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-calls.h"

static void
test_cancelled (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new (device);
  g_autoptr (GCancellable) early = g_cancellable_new (), late = g_cancellable_new ();
  g_autoptr (TestRequest) b = NULL, cancel = NULL;
  guint64 id;

  test_calls_add (self, "a", 1000, early);
  test_calls_add (self, "b", 1000, late);
  g_cancellable_cancel (early);
  assert_told (self, "a:cancelled ");
  plant_rpc_calls_resume (self->calls, PLANT_RPC_FORMAT_NATIVE);
  b = test_device_expect_call (device, "b");
  g_cancellable_cancel (late);
  assert_told (self, "a:cancelled b:cancelled ");
  cancel = test_device_expect (device, PLANT_RPC_EVENT_CANCEL);
  memcpy (&id, g_bytes_get_data (b->id, NULL), sizeof id);
  g_assert_cmpuint (cancel->request.number, ==, GUINT64_FROM_LE (id));
  test_device_reply_value (device, b, NULL);
  test_wait_until (plant_rpc_link_get_n_late (self->link) == 1);
  g_assert_cmpuint (self->n_quiet, ==, 0);
}

/* Before it began: it is never sent. */
static void
test_cancelled_before (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (test_calls_add (self, "a", 1000, cancellable));
  g_assert_cmpstr (self->told->str, ==, "a:cancelled ");
  g_assert_true (test_device_is_idle (device));
}

/* A server of Plant Imager would not survive to be told. */
static void
test_cancelled_json (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_JSON);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TestRequest) a = NULL;

  test_calls_add (self, "a", 1000, cancellable);
  a = test_device_expect_call (device, "a");
  g_cancellable_cancel (cancellable);
  assert_told (self, "a:cancelled ");
  g_assert_true (test_device_is_idle (device));
}

static void
test_cancelled_at_loss (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  test_calls_add (self, "a", 1000, NULL);
  g_clear_pointer (&device, test_device_free);
  assert_told (self, "a:outcome-unknown ");
  test_calls_add (self, "b", 1000, cancellable);
  g_cancellable_cancel (cancellable);
  assert_told (self, "a:outcome-unknown b:cancelled ");
}

/* A call that has ended is left alone by its cancellable. */
static void
test_cancelled_after_end (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestCalls) self = test_calls_new_ready (device, PLANT_RPC_FORMAT_NATIVE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (TestRequest) a = NULL;

  test_calls_add (self, "a", 10000, cancellable);
  a = test_device_expect_call (device, "a");
  test_device_reply_value (device, a, NULL);
  assert_told (self, "a:done ");
  g_assert_finalize_object (g_steal_pointer (&cancellable));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/calls-cancellation/cancelled-after-end", test_cancelled_after_end);
  g_test_add_func ("/calls-cancellation/cancelled", test_cancelled);
  g_test_add_func ("/calls-cancellation/cancelled-before", test_cancelled_before);
  g_test_add_func ("/calls-cancellation/cancelled-json", test_cancelled_json);
  g_test_add_func ("/calls-cancellation/cancelled-at-loss", test_cancelled_at_loss);

  return g_test_run ();
}

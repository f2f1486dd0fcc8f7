/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-test-owner.h"

/* What a session acknowledges of the pushes of a native server. */

static GVariant *
make_args (gsize size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  return g_variant_new_parsed ("[<%s>]", text);
}

static void
acknowledge_first (TestOwner *self)
{
  guint64 sequence = g_array_index (self->sequences, guint64, 0);

  g_array_remove_index (self->sequences, 0);
  plant_rpc_subscription_acknowledge (plant_rpc_session_get_subscription (self->session),
                                      sequence, self->size, TRUE);
}

static void
test_credit (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestRequest) credit = NULL;

  for (guint i = 1; i <= 6; i++)
    test_device_push_signal (device, i, "ping", make_args (20000));
  test_wait_until (self->sequences->len == 6);
  acknowledge_first (self);
  acknowledge_first (self);
  acknowledge_first (self);
  g_assert_true (test_device_is_idle (device));
  acknowledge_first (self);
  credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
  g_assert_cmpuint (credit->request.number, ==, 4);
  acknowledge_first (self);
  acknowledge_first (self);
  g_assert_true (test_device_is_idle (device));
}

static void
on_anything (gpointer owner)
{
}

static void
on_values (gpointer  owner,
           GVariant *values)
{
}

/* N signals in one message. */
static GBytes *
make_bundle (guint n)
{
  GVariantBuilder signals;

  g_variant_builder_init (&signals, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < n; i++)
    g_variant_builder_add (&signals, "v", g_variant_new ("(ys@av)", PLANT_RPC_KIND_SIGNAL, "ping",
                                                         make_args (20000)));
  return plant_rpc_message_pack_native (
      g_variant_new ("(y@av)", PLANT_RPC_KIND_BUNDLE, g_variant_builder_end (&signals)), NULL);
}

/* An owner that shows no signals has none to acknowledge, and the window must not fill up. */
static void
test_credit_unshown (void)
{
  static const PlantRpcSessionFuncs funcs = { .changed = on_anything, .snapshot = on_values };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (GBytes) bundle = make_bundle (4);
  g_autoptr (TestRequest) first = NULL, second = NULL;

  plant_rpc_session_set_owner (self->session, &funcs, self);
  for (guint i = 1; i <= 4; i++)
    test_device_push_signal (device, i, "ping", make_args (20000));
  first = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
  g_assert_cmpuint (first->request.number, ==, 4);
  test_device_push_bytes (device, 5, bundle);
  second = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
  g_assert_cmpuint (second->request.number, ==, 8);
  g_assert_cmpuint (self->sequences->len, ==, 0);
}

/* What holds nothing for the application counts too, or the window would fill up with it. */
static void
test_credit_for_nothing (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (GBytes) rubbish = g_bytes_new_take (g_strnfill (30000, '\xa0'), 30000);
  g_autoptr (TestRequest) credit = NULL;
  const guint n_probes = PLANT_RPC_SUBSCRIBER_WINDOW / (PLANT_RPC_PUSH_OVERHEAD + 9);
  guint64 acknowledged = 0;

  for (guint i = 1; i <= n_probes; i++)
    test_device_push_lost (device, i, 0);
  while (acknowledged < n_probes / 2)
    {
      g_clear_pointer (&credit, test_request_free);
      credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
      g_assert_cmpuint (credit->request.number, >, acknowledged);
      acknowledged = credit->request.number;
    }
  for (guint i = 1; i <= 3; i++)
    test_device_push_bytes (device, n_probes + i, rubbish);
  while (acknowledged < n_probes + 2)
    {
      g_clear_pointer (&credit, test_request_free);
      credit = test_device_next (device);
      /* The properties are read anew. */
      if (credit->request.event == PLANT_RPC_EVENT_GET_ALL)
        continue;
      g_assert_cmpint (credit->request.event, ==, PLANT_RPC_EVENT_CREDIT);
      acknowledged = credit->request.number;
    }
  test_wait_until (plant_rpc_session_get_n_malformed (self->session) == 3);
}

/* Not for what the application has not seen, though something after it was. */
static void
test_credit_in_order (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestRequest) credit = NULL;
  guint64 last;

  for (guint i = 1; i <= 3; i++)
    test_device_push_signal (device, i, "ping", make_args (10000));
  test_device_push_changed (device, 4, "level", make_args (70000));
  test_wait_until (self->sequences->len == 4);
  acknowledge_first (self);
  last = g_array_index (self->sequences, guint64, 2);
  g_array_remove_index (self->sequences, 2);
  plant_rpc_subscription_acknowledge (plant_rpc_session_get_subscription (self->session),
                                      last, self->size, FALSE);
  credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
  g_assert_cmpuint (credit->request.number, ==, 1);
}

/* Numbers of a former connection mean nothing to the next server. */
static void
test_credit_after_restart (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new_ready (device);
  g_autoptr (TestRequest) credit = NULL;

  for (guint i = 1; i <= 3; i++)
    test_device_push_signal (device, i, "ping", make_args (60000));
  test_wait_until (self->sequences->len == 3);
  test_device_restart (&device);
  test_device_greet (device, 1, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  test_device_push_signal (device, 1, "ping", make_args (70000));
  test_device_push_signal (device, 2, "ping", make_args (70000));
  test_wait_until (self->sequences->len == 5);
  acknowledge_first (self);
  acknowledge_first (self);
  acknowledge_first (self);
  g_assert_true (test_device_is_idle (device));
  acknowledge_first (self);
  credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
  g_assert_cmpuint (credit->request.number, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session-credit/credit", test_credit);
  g_test_add_func ("/session-credit/unshown", test_credit_unshown);
  g_test_add_func ("/session-credit/credit-for-nothing", test_credit_for_nothing);
  g_test_add_func ("/session-credit/credit-in-order", test_credit_in_order);
  g_test_add_func ("/session-credit/credit-after-restart", test_credit_after_restart);

  return g_test_run ();
}

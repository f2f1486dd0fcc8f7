/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-subscription-private.h"
#include "plant-rpc-test-recorder.h"

static void
on_any_signal (PlantRpcClient *client,
               const char     *name,
               GVariant       *args,
               gpointer        user_data)
{
  g_autofree char *text = g_variant_print (args, FALSE);

  g_string_append_printf (((TestRecorder *) user_data)->told, "%s%s ", name, text);
}

static void
test_signals (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client), any = NULL;

  any = g_new0 (TestRecorder, 1);
  any->told = g_string_new (NULL);
  g_signal_connect (client, "signal-received::captured", G_CALLBACK (on_any_signal), any);
  g_signal_connect (client, "signal-received::levelChanged", G_CALLBACK (on_any_signal), any);
  test_device_push_signal (device, 1, "captured", test_captured ("a", 1));
  test_device_push_signal (device, 2, "ping", g_variant_new_parsed ("@av []"));
  test_device_push_signal (device, 3, "unknown", g_variant_new_parsed ("@av []"));
  /* The change signal is made from the change. */
  test_device_push_changed (device, 4, "level", g_variant_new_int32 (5));
  test_device_push_signal (device, 5, "captured", test_captured ("b", 2));
  test_assert_told (recorder, "a:1 level:5 b:2 ");
  g_assert_cmpstr (any->told->str, ==,
                   "captured[<'a'>, <1>] levelChanged[<5>] captured[<'b'>, <2>] ");
}

/* Those that do not fit are dropped, counted and told, and reception goes on. */
static void
test_wrong_signals (void)
{
  static const char *const wrong[] = { "@av []",        "[<'a'>]",         "[<'a'>, <1>, <1>]",
                                       "[<1>, <'a'>]",  "[<'a'>, <1.5>]",  "[<'a'>, <'1'>]",
                                       "[<'a'>, <@mv nothing>]", "[<'a'>, <int64 9999999999>]" };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  guint64 sequence = 0;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_string_truncate (recorder->told, 0);
      test_device_push_signal (device, ++sequence, "captured", g_variant_new_parsed (wrong[i]));
      test_device_push_signal (device, ++sequence, "captured", test_captured ("good", 1));
      test_assert_told (recorder, "error good:1 ");
      g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, i + 1);
    }
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
}

static void
test_malformed_pushes (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GBytes) rubbish = g_bytes_new ("\xa1\x00\xff\xff", 4), empty = g_bytes_new (NULL, 0);
  g_autoptr (TestRequest) request = NULL;

  test_device_push_bytes (device, 1, rubbish);
  test_device_push_bytes (device, 2, empty);
  test_device_push_signal (device, 3, "captured", test_captured ("good", 1));
  test_assert_told (recorder, "lost:1 lost:1 good:1 ");
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 2);
  /* A change may have been among them. */
  request = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
}

static void
test_signals_lost (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (TestRequest) one = NULL, two = NULL, three = NULL;

  test_device_push_signal (device, 5, "captured", test_captured ("a", 1));
  test_device_push_lost (device, 6, 12);
  one = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, one, g_variant_new_parsed ("{'level': <77>, 'mode': <'x'>}"));
  two = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, two, g_variant_new_parsed ("{'level': <77>, 'mode': <'x'>}"));
  test_assert_told (recorder, "lost:0 a:1 lost:12 level:77 ");
  /* Each loss is told once. */
  test_device_push_lost (device, 7, 3);
  three = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, three, g_variant_new_parsed ("{'level': <78>, 'mode': <'x'>}"));
  test_assert_told (recorder, "lost:0 a:1 lost:12 level:77 lost:3 level:78 ");
}

/* However large they are, the server gets its window back. */
static void
test_credit (void)
{
  static const gsize sizes[] = { 10, 20000, 100000, 300000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
      g_autofree char *name = g_strnfill (sizes[i], 'x');
      gsize cost = sizes[i] + 100, outstanding = 0;
      guint64 sequence = 0, acknowledged = 0;

      while (acknowledged * cost < 3 * PLANT_RPC_SUBSCRIBER_WINDOW)
        {
          g_autoptr (TestRequest) credit = NULL;

          while (outstanding == 0 || outstanding + cost <= PLANT_RPC_SUBSCRIBER_WINDOW)
            {
              test_device_push_signal (device, ++sequence, "captured", test_captured (name, 1));
              outstanding += cost;
            }
          credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
          g_assert_cmpuint (credit->request.number, >, acknowledged);
          outstanding -= (credit->request.number - acknowledged) * cost;
          acknowledged = credit->request.number;
        }
    }
}

/* A reply comes after the signals that were sent before it, whatever waits. */
static void
test_order (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (TestRequest) set = NULL, request = NULL;

  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, test_record_reply, recorder);
  set = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  g_string_truncate (recorder->told, 0);
  test_device_reply_error (device, set, "no");
  test_device_push_signal (device, 1, "captured", test_captured ("a", 1));
  test_device_reply_value (device, request, NULL);
  test_device_push_signal (device, 2, "captured", test_captured ("b", 2));
  test_assert_told (recorder, "level:10 failed:level:no a:1 reply b:2 ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/signals", test_signals);
  g_test_add_func ("/client/signals/wrong", test_wrong_signals);
  g_test_add_func ("/client/signals/malformed", test_malformed_pushes);
  g_test_add_func ("/client/signals/lost", test_signals_lost);
  g_test_add_func ("/client/signals/credit", test_credit);
  g_test_add_func ("/client/signals/order", test_order);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"
#include "plant-rpc-test-recorder.h"

/* What a server of generation 2 signals, over a connection of its own. */

/* Lets DEVICE tell CLIENT to hear its signals at PUBLISHER. */
static void
greet (TestDevice     *device,
       TestPeer       *publisher,
       PlantRpcClient *client)
{
  g_autofree char *reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}",
                                            test_peer_bind (publisher));

  test_device_greet_json (device, 5, "x", reply);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_run_pending ();
  g_ptr_array_unref (test_peer_receive (publisher));
}

static void
push_signal (TestPeer   *publisher,
             const char *name,
             const char *args)
{
  g_autofree char *text = g_strdup_printf ("{\"event\": \"EMIT_SIGNAL\", \"signal\": \"%s\","
                                           " \"args\": %s, \"blocking\": false}", name, args);

  test_peer_send_text (publisher, text, NULL);
}

/* Only a signal with one argument can be a change. */
static void
test_change_of_two_arguments (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (TestRecorder) recorder = NULL;
  guint n_level_reads = 0;

  greet (device, publisher, client);
  recorder = test_recorder_new (client);
  push_signal (publisher, "levelChanged", "[7, 8]");
  push_signal (publisher, "levelChanged", "[]");
  push_signal (publisher, "levelChanged", "[9]");
  test_assert_told (recorder, "error error level:9 ");
  /* Two of the second snapshot, and one for each change that does not tell the value. */
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (TestRequest) read = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);

      n_level_reads += g_str_equal (read->request.name, "level");
    }
  g_assert_cmpuint (n_level_reads, ==, 3);
}

static void
dispose (PlantRpcProperty *property,
         GParamSpec       *pspec,
         PlantRpcClient   *client)
{
  g_object_run_dispose (G_OBJECT (client));
}

/* A handler of a change that came as a signal may end the client, and with it the property. */
static void
test_disposed_by_signal (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));

  greet (device, publisher, client);
  g_signal_connect (plant_rpc_client_lookup_property (client, "level"), "notify::value",
                    G_CALLBACK (dispose), client);
  push_signal (publisher, "level_changed", "[7]");
  push_signal (publisher, "levelChanged", "[7]");
  test_client_wait_state (client, PLANT_RPC_STATE_CLOSED);
}

/* Sends a change of “level” that overtakes the reply to a read. */
static void
overtake (TestPeer       *publisher,
          PlantRpcClient *client,
          int             expected)
{
  g_autofree char *args = g_strdup_printf ("[%d]", expected);
  int level = 0;

  push_signal (publisher, "levelChanged", args);
  test_wait_until ((g_object_get (client, "level", &level, NULL), level == expected));
}

/* The signals of an old server have a connection of their own: one may overtake the reply to a read
 * that was answered before the change. Either of the two may be older, so the device is asked
 * again. */
static void
test_change_before_older_value (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (GAsyncResult) refreshed = NULL;
  g_autoptr (TestRequest) level_read = NULL;
  g_autoptr (TestRequest) mode_read = NULL;
  g_autoptr (TestRequest) again = NULL;
  g_autoptr (TestRequest) single = NULL;
  g_autoptr (GAsyncResult) read = NULL;
  PlantRpcProperty *property;
  int level = 0;

  greet (device, publisher, client);
  /* The second snapshot, which follows the first. */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestRequest) second = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);

      test_device_reply_text (device, second, g_str_equal (second->request.name, "level")
                                                 ? "{\"success\": true, \"value\": 5}"
                                                 : "{\"success\": true, \"value\": \"x\"}");
    }
  plant_rpc_client_refresh (client, NULL, test_keep_result, &refreshed);
  level_read = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  mode_read = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (level_read->request.name, ==, "level");
  overtake (publisher, client, 9);
  test_device_reply_text (device, level_read, "{\"success\": true, \"value\": 5}");
  test_device_reply_text (device, mode_read, "{\"success\": true, \"value\": \"y\"}");
  test_wait_until (refreshed != NULL);
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 9);
  property = plant_rpc_client_lookup_property (client, "level");
  g_assert_cmpint (plant_rpc_property_get_state (property), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  again = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (again->request.name, ==, "level");
  test_device_reply_text (device, again, "{\"success\": true, \"value\": 7}");
  test_wait_until ((g_object_get (client, "level", &level, NULL), level == 7));

  plant_rpc_client_read_property (client, "level", NULL, test_keep_result, &read);
  single = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  overtake (publisher, client, 8);
  test_device_reply_text (device, single, "{\"success\": true, \"value\": 7}");
  test_wait_until (read != NULL);
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 8);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
}

static void
count_signal (guint *n)
{
  (*n)++;
}

/* The same while a client without a type reads the properties for the first time. */
static void
test_change_before_known (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}",
                                            test_peer_bind (publisher));
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL;
  g_autoptr (TestRequest) level_read = NULL;
  g_autoptr (TestRequest) mode_read = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autofree char *text = NULL;
  PlantRpcProperty *property;
  guint n_received = 0;

  g_signal_connect_swapped (client, "signal-received", G_CALLBACK (count_signal), &n_received);
  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"name\": \"\","
                          " \"signals\": [\"levelChanged\", \"captured\"],"
                          " \"properties\": [\"level\", \"mode\"]}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, init, reply);
  g_ptr_array_unref (test_peer_receive (publisher));
  level_read = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  mode_read = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  push_signal (publisher, "captured", "[7]");
  push_signal (publisher, "levelChanged", "[8]");
  push_signal (publisher, "levelChanged", "[9]");
  test_wait_until (n_received == 3);
  test_device_reply_text (device, level_read, "{\"success\": true, \"value\": 5}");
  test_device_reply_text (device, mode_read, "{\"success\": true, \"value\": \"x\"}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  property = plant_rpc_client_lookup_property (client, "level");
  value = plant_rpc_property_dup_value (property);
  text = g_variant_print (value, TRUE);
  g_assert_cmpstr (text, ==, "int64 9");
  g_assert_cmpint (plant_rpc_property_get_state (property), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/remote-signals/change-of-two-arguments", test_change_of_two_arguments);
  g_test_add_func ("/remote-signals/disposed-by-signal", test_disposed_by_signal);
  g_test_add_func ("/remote-signals/change-before-older-value", test_change_before_older_value);
  g_test_add_func ("/remote-signals/change-before-known", test_change_before_known);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-test-owner.h"
#include "plant-rpc-test-subscription.h"

static const char *const *
get_missing (TestOwner *self)
{
  return plant_rpc_server_profile_get_missing (plant_rpc_session_get_profile (self->session));
}

static const char *
get_name (TestOwner *self)
{
  return plant_rpc_server_profile_get_name (plant_rpc_session_get_profile (self->session));
}

static void
test_native (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_CONNECTING);
  g_assert_null (plant_rpc_session_get_interface (self->session));
  test_device_greet (device, 10, "x");
  test_assert_told (self, "level:10 ready ");
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_NATIVE);
  g_assert_nonnull (plant_rpc_interface_info_find_signal (
      plant_rpc_session_get_interface (self->session), "captured"));
  g_assert_null (get_missing (self)[0]);
  g_assert_cmpstr (get_name (self), ==, "");
  g_assert_cmpstr (plant_rpc_link_get_own_address (plant_rpc_session_get_link (self->session)), ==,
                   "127.0.0.1");
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_true (test_device_is_idle (device));
}

/* The socket offered to it is the one that signals come to. */
static void
test_generation1 (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL, get = NULL;
  g_autofree char *signal_url = NULL;
  g_autoptr (TestPeer) pusher = NULL;

  test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  signal_url = g_strdup_printf ("tcp://%s:%u", init->request.address, init->request.port);
  pusher = test_peer_new (ZMQ_REQ, signal_url);
  test_device_reply_text (device, init, "{\"success\": true}");
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (get->request.name, ==, "level");
  test_device_reply_text (device, get, "{\"success\": true, \"value\": 5}");
  g_clear_pointer (&get, test_request_free);
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (get->request.name, ==, "mode");
  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_CONNECTING);
  /* One that cannot be read holds up nothing. */
  test_device_reply_text (device, get, "{\"success\": false, \"error\": \"x\"}");
  test_assert_told (self, "level:5 ready ");
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_1);
  test_peer_send_text (pusher,
                       "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"ping\", \"args\": [],"
                       " \"blocking\": false}",
                       NULL);
  test_assert_told (self, "level:5 ready ping ");
  g_assert_true (test_device_is_idle (device));
}

/* It reads once more a moment after the subscription stands. */
static void
test_generation2 (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = test_make_port_reply (publisher);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) level = NULL, mode = NULL;

  test_device_greet_json (device, 5, "x", reply);
  test_assert_told (self, "level:5 ready ");
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_2);
  level = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  mode = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_text (device, mode, "{\"success\": true, \"value\": \"y\"}");
  test_device_reply_text (device, level, "{\"success\": true, \"value\": 6}");
  test_assert_told (self, "level:5 ready level:6 ");
  g_assert_true (test_device_is_idle (device));
}

/* The subscription is waited for, before the snapshot. */
static void
test_port_that_does_not_answer (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", port);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  test_device_greet_json (device, 5, "x", reply);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  /* It works, and what does not is told. */
  g_assert_error (plant_rpc_session_get_error (self->session), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
test_port_that_refuses (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = test_make_port_reply (publisher);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  g_clear_pointer (&publisher, test_peer_free);
  test_device_greet_json (device, 5, "x", reply);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_nonnull (plant_rpc_session_get_error (self->session));
  g_assert_true (test_device_is_idle (device));
}

/* Signals come once the port can be reached, and the values are read again then. */
static void
test_port_that_comes_late (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) absent = test_peer_new (ZMQ_PUB, NULL);
  guint16 port = test_peer_bind (absent);
  g_autofree char *reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", port);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  g_clear_pointer (&absent, test_peer_free);
  test_device_greet_json (device, 5, "x", reply);
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  test_wait_until (zmq_bind (test_peer_get_socket (publisher), url) == 0);
  g_ptr_array_unref (test_peer_receive (publisher));
  for (guint i = 0; i < 2; i++)
    test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
}

static void
test_init_refused (void)
{
  static const char *const replies[] = { "{\"success\": false, \"error\": \"no\"}", "[]", "x",
                                         "{\"success\": true, \"signal_port\": 0}",
                                         "{\"success\": true, \"signal_port\": 70000}",
                                         "{\"success\": true, \"signal_port\": -1}",
                                         "{\"success\": true, \"signal_port\": \"5000\"}",
                                         "{\"success\": true, \"signal_port\": 5000.5}",
                                         "{\"success\": true, \"signal_port\": null}",
                                         "{\"success\": true, \"signal_port\": [5000]}" };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

      test_device_greet_json (device, 5, "x", replies[i]);
      test_assert_told (self, "level:5 ready ");
      g_assert_nonnull (plant_rpc_session_get_error (self->session));
      if (strstr (replies[i], "signal_port") != NULL)
        g_assert_nonnull (strstr (plant_rpc_session_get_error (self->session)->message,
                                  "signal_port"));
      /* The server must not count as one of generation 1. */
      g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_2);
    }
}

/* Only the members of the template are of interest. */
static void
test_template (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self =
      test_owner_new (test_device_get_url (device),
                      "{\"methods\": {\"echo\": {}, \"fly\": {}}, \"properties\": {\"level\":"
                      " {\"type\": \"i\"}, \"zoom\": {\"type\": \"d\"}},"
                      " \"signals\": {\"gone\": {}}}");
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL, get = NULL;
  const char *const *missing;

  test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, init, "{\"success\": true}");
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (get->request.name, ==, "level");
  test_device_reply_text (device, get, "{\"success\": true, \"value\": 5}");
  test_assert_told (self, "level:5 mismatch ");
  missing = get_missing (self);
  g_assert_cmpuint (g_strv_length ((char **) missing), ==, 3);
  g_assert_true (g_strv_contains (missing, "fly"));
  g_assert_true (g_strv_contains (missing, "zoom"));
  g_assert_true (g_strv_contains (missing, "gone"));
  g_assert_error (plant_rpc_session_get_error (self->session), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_MISMATCH);
}

/* A signal that only says that a property has changed is not missing where the device has none. */
static void
test_template_of_changes (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (
      test_device_get_url (device),
      "{\"properties\": {\"level\": {\"type\": \"i\", \"changeSignal\": \"levelMoved\"}},"
      " \"signals\": {\"levelMoved\": {\"signature\": \"(i)\", \"property\": \"level\","
      " \"implicit\": true}}}");

  test_device_greet (device, 10, "x");
  test_assert_told (self, "level:10 ready ");
  g_assert_null (get_missing (self)[0]);
}

/* Each INIT_SIGNALS_HANDLING makes an old server send every signal once more. */
static void
test_no_signals_wanted (void)
{
  static const char *const interfaces[] = {
    "{\"methods\": {\"echo\": {}}}",
    "{\"properties\": {\"mode\": {\"type\": \"s\"}}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), interfaces[i]);
      g_autoptr (TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);

      test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
      if (i == 1)
        test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
      else
        test_owner_wait_state (self, PLANT_RPC_STATE_READY);
    }
}

/* Nothing but asking for signals tells the generations apart. */
static void
test_signals_not_received (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = NULL, level = NULL, mode = NULL;

  /* The connection is opened from the loop. */
  plant_rpc_session_set_receives (self->session, FALSE);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
  level = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  mode = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_text (device, level, "{\"success\": true, \"value\": 5}");
  test_device_reply_text (device, mode, "{\"success\": true, \"value\": \"x\"}");
  test_assert_told (self, "level:5 ready ");
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_UNKNOWN);
  g_assert_true (test_device_is_idle (device));
}

static void
test_rubbish_inventory (void)
{
  static const char *const replies[] = {
    "",
    "x",
    "[]",
    "{\"success\": false, \"error\": \"no\"}",
    "{\"json_methods\": [], \"buffer_methods\": {}, \"signals\": [], \"properties\": []}",
    "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": {}, \"properties\": []}",
    "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 1, \"instance\": \"i\","
    " \"interface\": {\"properties\": {\"level\": 3}}}}",
  };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);

      test_device_reply_text (device, inventory, replies[i]);
      if (strstr (replies[i], "plantrpc") != NULL)
        {
          g_autoptr (TestRequest) subscribe = test_device_expect (device,
                                                                 PLANT_RPC_EVENT_SUBSCRIBE);

          test_device_reply_value (device, subscribe, g_variant_new_parsed ("@a{sv} {}"));
        }
      test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
      g_assert_nonnull (plant_rpc_session_get_error (self->session));
    }
  test_device_greet (device, 1, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
}

/* The reason is the server's own. */
static void
test_refused (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) subscribe = NULL;
  g_autofree char *message = g_strdup_printf ("“%s” refuses this client: The server is full",
                                              test_device_get_url (device));

  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [],"
                          " \"properties\": [], \"name\": \"\", \"plantrpc\":"
                          " {\"version\": 1, \"instance\": \"x\", \"interface\": {}}}");
  subscribe = test_device_expect (device, PLANT_RPC_EVENT_SUBSCRIBE);
  test_device_reply_error (device, subscribe, "The server is full");
  test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
  g_assert_cmpstr (plant_rpc_session_get_error (self->session)->message, ==, message);
}

static char *
make_large_inventory (const char *member,
                      guint       n_members)
{
  gboolean methods = g_str_has_suffix (member, "methods");
  GString *json = g_string_new ("{");
  static const char *const members[] = { "json_methods", "buffer_methods", "signals",
                                         "properties" };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gboolean large = g_str_equal (members[i], member);

      g_string_append_printf (json, "\"%s\": %s", members[i], i < 2 ? "{" : "[");
      for (guint k = 0; large && k < n_members; k++)
        g_string_append_printf (json, "%s\"m%u\"%s", k > 0 ? "," : "", k, methods ? ": 1" : "");
      g_string_append (json, i < 2 ? "}," : "],");
    }
  return g_string_free (g_string_append (json, "\"name\": \"\"}"), FALSE);
}

/* The members are counted before they are compared. */
static void
test_too_many_members (void)
{
  static const char *const members[] = { "json_methods", "buffer_methods", "signals",
                                         "properties" };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
      g_autoptr (TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);
      g_autofree char *text = make_large_inventory (members[i], PLANT_RPC_MAX_MEMBERS + 1);

      test_device_reply_text (device, inventory, text);
      test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
      g_assert_error (plant_rpc_session_get_error (self->session), PLANT_RPC_ERROR,
                      PLANT_RPC_ERROR_LIMIT);
    }
}

/* So many are taken. */
static void
test_many_members (void)
{
  static const char *const members[] = { "json_methods", "buffer_methods", "signals",
                                         "properties" };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device),
                                                  "{\"methods\": {\"m0\": {}}}");
      g_autoptr (TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);
      g_autofree char *text = make_large_inventory (members[i], PLANT_RPC_MAX_MEMBERS);

      test_device_reply_text (device, inventory, text);
      test_owner_wait_state (self, i == 0 ? PLANT_RPC_STATE_READY : PLANT_RPC_STATE_MISMATCH);
    }
}

/* An extension that is none is overlooked. */
static void
test_rubbish_extension (void)
{
  static const char *const extensions[] = { "null", "1", "{}", "{\"version\": 0}",
                                            "{\"version\": \"1\"}",
                                            "{\"version\": 1, \"instance\": 5}" };

  for (guint i = 0; i < G_N_ELEMENTS (extensions); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
      g_autoptr (TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);
      g_autofree char *text = g_strdup_printf ("{" TEST_DEVICE_INVENTORY ", \"plantrpc\": %s}",
                                               extensions[i]);

      test_device_reply_text (device, inventory, text);
      test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
    }
}

/* Of a version that is not known here, the latest one that is known is spoken. */
static void
test_subscribe_refused (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) subscribe = NULL;

  test_device_reply_text (device, inventory,
                          "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 9, \"instance\":"
                          " \"i\", \"interface\": " TEST_DEVICE_INTERFACE "}}");
  subscribe = test_device_expect (device, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);
  g_assert_cmpuint (subscribe->request.number, ==, PLANT_RPC_SUBSCRIBER_WINDOW);
  test_device_reply_error (device, subscribe, "full");
  test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
  g_assert_nonnull (strstr (plant_rpc_session_get_error (self->session)->message, "full"));
  test_device_greet (device, 1, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
}

/* What comes instead of the values is refused, and the next attempt may be better. */
static void
test_rubbish_values (void)
{
  static const char *const values[] = { "5", "['level']", "{'level': 5}" };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);
      g_autoptr (TestRequest) subscribe = NULL;

      test_device_reply_text (device, inventory,
                              "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 1,"
                              " \"instance\": \"i\", \"interface\": " TEST_DEVICE_INTERFACE "}}");
      subscribe = test_device_expect (device, PLANT_RPC_EVENT_SUBSCRIBE);
      test_device_reply_value (device, subscribe, g_variant_new_parsed (values[i]));
      test_owner_wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
      g_assert_error (plant_rpc_session_get_error (self->session), PLANT_RPC_ERROR,
                      PLANT_RPC_ERROR_PROTOCOL);
    }
  test_device_greet (device, 1, "x");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpuint (self->n_snapshots, ==, 1);
}

static void
test_bad_urls (void)
{
  static const char *const urls[] = { "", "127.0.0.1:5000", "tcp://127.0.0.1", "tcp://*:5000",
                                      "http://x:1" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (TestOwner) self = test_owner_new (urls[i], NULL);

      g_assert_error (plant_rpc_session_get_error (self->session), PLANT_RPC_ERROR,
                      PLANT_RPC_ERROR_INVALID_URL);
      g_assert_cmpint (plant_rpc_session_get_state (self->session), ==,
                       PLANT_RPC_STATE_DISCONNECTED);
    }
}

/* A server that takes connections and says nothing is told of, and waited for. */
static void
test_patience (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);
  g_autoptr (TestRequest) inventory = NULL;

  plant_rpc_session_set_patience (self->session, 20);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_wait_until (plant_rpc_session_get_error (self->session) != NULL);
  g_assert_error (plant_rpc_session_get_error (self->session), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_CONNECTING);
  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [],"
                          " \"properties\": [], \"name\": \"slow\"}");
  test_owner_wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_cmpstr (get_name (self), ==, "slow");
}

/* The timeout becomes shorter while the reply is awaited. */
static void
test_less_patience (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  plant_rpc_session_set_patience (self->session, G_MAXINT);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
  plant_rpc_session_set_patience (self->session, 20);
  test_wait_until (plant_rpc_session_get_error (self->session) != NULL);
}

/* The session asks for its signals although another client of this process still keeps a publisher
 * that has gone. */
static void
test_stale_port (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestSubscription) other = test_subscription_new_stale (test_device_get_url (device));
  g_autoptr (TestOwner) self = test_owner_new (test_device_get_url (device), NULL);

  test_device_greet_json (device, 5, "x", "{\"success\": true}");
  test_assert_told (self, "level:5 ready ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/handshake/native", test_native);
  g_test_add_func ("/handshake/refused", test_refused);
  g_test_add_func ("/handshake/generation1", test_generation1);
  g_test_add_func ("/handshake/generation2", test_generation2);
  g_test_add_func ("/handshake/port-that-does-not-answer", test_port_that_does_not_answer);
  g_test_add_func ("/handshake/port-that-refuses", test_port_that_refuses);
  g_test_add_func ("/handshake/port-that-comes-late", test_port_that_comes_late);
  g_test_add_func ("/handshake/init-refused", test_init_refused);
  g_test_add_func ("/handshake/template", test_template);
  g_test_add_func ("/handshake/template-of-changes", test_template_of_changes);
  g_test_add_func ("/handshake/no-signals-wanted", test_no_signals_wanted);
  g_test_add_func ("/handshake/signals-not-received", test_signals_not_received);
  g_test_add_func ("/handshake/rubbish-inventory", test_rubbish_inventory);
  g_test_add_func ("/handshake/too-many-members", test_too_many_members);
  g_test_add_func ("/handshake/many-members", test_many_members);
  g_test_add_func ("/handshake/rubbish-extension", test_rubbish_extension);
  g_test_add_func ("/handshake/subscribe-refused", test_subscribe_refused);
  g_test_add_func ("/handshake/rubbish-values", test_rubbish_values);
  g_test_add_func ("/handshake/bad-urls", test_bad_urls);
  g_test_add_func ("/handshake/patience", test_patience);
  g_test_add_func ("/handshake/less-patience", test_less_patience);
  g_test_add_func ("/handshake/stale-port", test_stale_port);

  return g_test_run ();
}

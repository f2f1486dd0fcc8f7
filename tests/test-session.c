/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-session-private.h"
#include "plant-rpc-test-device.h"

/* An owner that writes down what it is told. */
typedef struct {
  PlantRpcSession *session;     /* (owned) */
  GString         *told;        /* (owned): states, snapshots, signals */
  PlantRpcState    state;       /* as last told */
  guint            n_snapshots;
  guint64          n_lost;
  GArray          *sequences;   /* (owned) (element-type guint64): not acknowledged yet */
  gsize            size;        /* of each of them */
} Owner;

static void
on_changed (gpointer owner)
{
  Owner *self = owner;
  PlantRpcState state = plant_rpc_session_get_state (self->session);
  g_autoptr(GEnumClass) states = g_type_class_ref (PLANT_RPC_TYPE_STATE);

  if (state == self->state)
    return;
  self->state = state;
  g_string_append_printf (self->told, "%s ", g_enum_get_value (states, state)->value_nick);
}

static void
on_snapshot (gpointer  owner,
             GVariant *values)
{
  Owner *self = owner;
  g_autoptr(GVariant) level = g_variant_lookup_value (values, "level", NULL);
  g_autofree char *text = level != NULL ? g_variant_print (level, FALSE) : g_strdup ("none");

  self->n_snapshots++;
  g_string_append_printf (self->told, "level:%s ", text);
}

static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  Owner *self = owner;

  g_string_append_printf (self->told, "%s ", emission->name);
  if (sequence > 0)
    g_array_append_val (self->sequences, sequence);
  self->size = size;
}

static void
on_lost (gpointer owner,
         guint64  n_lost)
{
  Owner *self = owner;

  self->n_lost += n_lost;
  g_string_append (self->told, "lost ");
}

static const PlantRpcSessionFuncs funcs = { on_changed, on_snapshot, on_received, on_lost };

static Owner *
owner_new (const char *url,
           const char *interface)
{
  Owner *self = g_new0 (Owner, 1);
  g_autoptr(PlantRpcInterfaceInfo) info = NULL;
  g_autoptr(GError) error = NULL;

  if (interface != NULL)
    info = plant_rpc_interface_info_new_from_json (interface, &error);
  g_assert_no_error (error);
  self->told = g_string_new (NULL);
  self->sequences = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->session = plant_rpc_session_new (url, g_main_context_default (), info);
  plant_rpc_session_set_owner (self->session, &funcs, self);
  plant_rpc_session_start (self->session);
  self->state = plant_rpc_session_get_state (self->session);
  return self;
}

static void
owner_free (Owner *self)
{
  plant_rpc_session_close (self->session);
  plant_rpc_session_unref (self->session);
  g_array_unref (self->sequences);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

static void
wait_state (Owner         *self,
            PlantRpcState  state)
{
  test_wait_until (plant_rpc_session_get_state (self->session) == state);
}

static Owner *
owner_new_ready (TestDevice *device)
{
  Owner *self = owner_new (test_device_get_url (device), NULL);

  test_device_greet (device, 10, "x");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_string_truncate (self->told, 0);
  return self;
}

#define assert_told(self, expected) test_wait_until (g_str_equal ((self)->told->str, expected))

static void
restart (TestDevice **device)
{
  g_autofree char *url = g_strdup (test_device_get_url (*device));

  test_device_free (*device);
  *device = test_device_new_at (url);
}

/* ---- the handshake */

static void
test_native (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);

  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_CONNECTING);
  g_assert_null (plant_rpc_session_get_interface (self->session));
  test_device_greet (device, 10, "x");
  assert_told (self, "level:10 ready ");
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_NATIVE);
  g_assert_nonnull (plant_rpc_interface_info_find_signal (
      plant_rpc_session_get_interface (self->session), "captured"));
  g_assert_null (plant_rpc_session_get_missing (self->session)[0]);
  g_assert_cmpstr (plant_rpc_session_get_name (self->session), ==, "");
  g_assert_cmpstr (plant_rpc_session_get_own_address (self->session), ==, "127.0.0.1");
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_true (test_device_is_idle (device));
}

/* The socket offered to it is the one that signals come to. */
static void
test_generation1 (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr(TestRequest) init = NULL, get = NULL;
  g_autofree char *signal_url = NULL;
  g_autoptr(TestPeer) pusher = NULL;

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
  assert_told (self, "level:5 ready ");
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_1);
  test_peer_send_text (pusher,
                       "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"ping\", \"args\": [],"
                       " \"blocking\": false}",
                       NULL);
  assert_told (self, "level:5 ready ping ");
  g_assert_true (test_device_is_idle (device));
}

static char *
make_port_reply (TestPeer *publisher)
{
  return g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", test_peer_bind (publisher));
}

/* It reads once more a moment after the subscription stands. */
static void
test_generation2 (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = make_port_reply (publisher);
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) level = NULL, mode = NULL;

  test_device_greet_json (device, 5, "x", reply);
  assert_told (self, "level:5 ready ");
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_2);
  level = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  mode = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_text (device, mode, "{\"success\": true, \"value\": \"y\"}");
  test_device_reply_text (device, level, "{\"success\": true, \"value\": 6}");
  assert_told (self, "level:5 ready level:6 ");
  g_assert_true (test_device_is_idle (device));
}

/* The subscription is waited for, before the snapshot. */
static void
test_port_that_does_not_answer (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *reply = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}", port);
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);

  test_device_greet_json (device, 5, "x", reply);
  wait_state (self, PLANT_RPC_STATE_READY);
  /* It works, and what does not is told. */
  g_assert_error (plant_rpc_session_get_error (self->session), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
test_port_that_refuses (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = make_port_reply (publisher);
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);

  g_clear_pointer (&publisher, test_peer_free);
  test_device_greet_json (device, 5, "x", reply);
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_nonnull (plant_rpc_session_get_error (self->session));
  g_assert_true (test_device_is_idle (device));
}

static void
test_init_refused (void)
{
  static const char *const replies[] = { "{\"success\": false, \"error\": \"no\"}", "[]", "x",
                                         "{\"success\": true, \"signal_port\": 0}",
                                         "{\"success\": true, \"signal_port\": 70000}" };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(TestDevice) device = test_device_new ();
      g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);

      test_device_greet_json (device, 5, "x", replies[i]);
      assert_told (self, "level:5 ready ");
      if (i < 3)
        g_assert_nonnull (plant_rpc_session_get_error (self->session));
    }
}

/* Only the members of the template are of interest. */
static void
test_template (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self =
      owner_new (test_device_get_url (device),
                 "{\"methods\": {\"echo\": {}, \"fly\": {}}, \"properties\": {\"level\": {\"type\":"
                 " \"i\"}, \"zoom\": {\"type\": \"d\"}}, \"signals\": {\"gone\": {}}}");
  g_autoptr(TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr(TestRequest) init = NULL, get = NULL;
  const char *const *missing;

  test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, init, "{\"success\": true}");
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (get->request.name, ==, "level");
  test_device_reply_text (device, get, "{\"success\": true, \"value\": 5}");
  assert_told (self, "level:5 mismatch ");
  missing = plant_rpc_session_get_missing (self->session);
  g_assert_cmpuint (g_strv_length ((char **) missing), ==, 3);
  g_assert_true (g_strv_contains (missing, "fly"));
  g_assert_true (g_strv_contains (missing, "zoom"));
  g_assert_true (g_strv_contains (missing, "gone"));
  g_assert_error (plant_rpc_session_get_error (self->session), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_MISMATCH);
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
      g_autoptr(TestDevice) device = test_device_new ();
      g_autoptr(Owner) self = owner_new (test_device_get_url (device), interfaces[i]);
      g_autoptr(TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);

      test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
      if (i == 1)
        test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
      else
        wait_state (self, PLANT_RPC_STATE_READY);
    }
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
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);

      test_device_reply_text (device, inventory, replies[i]);
      if (strstr (replies[i], "plantrpc") != NULL)
        {
          g_autoptr(TestRequest) subscribe = test_device_expect (device,
                                                                 PLANT_RPC_EVENT_SUBSCRIBE);

          test_device_reply_value (device, subscribe, g_variant_new_parsed ("@a{sv} {}"));
        }
      wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
      g_assert_nonnull (plant_rpc_session_get_error (self->session));
    }
  test_device_greet (device, 1, "x");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
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
      g_autoptr(TestDevice) device = test_device_new ();
      g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
      g_autoptr(TestRequest) inventory = test_device_expect (device,
                                                             PLANT_RPC_EVENT_GET_INVENTORY);
      g_autofree char *text = g_strdup_printf ("{" TEST_DEVICE_INVENTORY ", \"plantrpc\": %s}",
                                               extensions[i]);

      test_device_reply_text (device, inventory, text);
      test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
    }
}

static void
test_subscribe_refused (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr(TestRequest) subscribe = NULL;

  test_device_reply_text (device, inventory,
                          "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 9, \"instance\":"
                          " \"i\", \"interface\": " TEST_DEVICE_INTERFACE "}}");
  subscribe = test_device_expect (device, PLANT_RPC_EVENT_SUBSCRIBE);
  g_assert_cmpuint (subscribe->request.number, ==, PLANT_RPC_SUBSCRIBER_WINDOW);
  test_device_reply_error (device, subscribe, "full");
  wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
  g_assert_nonnull (strstr (plant_rpc_session_get_error (self->session)->message, "full"));
  test_device_greet (device, 1, "x");
  wait_state (self, PLANT_RPC_STATE_READY);
}

static void
test_bad_urls (void)
{
  static const char *const urls[] = { "", "127.0.0.1:5000", "tcp://127.0.0.1", "http://x:1" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr(Owner) self = owner_new (urls[i], NULL);

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
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) inventory = NULL;

  plant_rpc_session_set_patience (self->session, 20);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_wait_until (plant_rpc_session_get_error (self->session) != NULL);
  g_assert_error (plant_rpc_session_get_error (self->session), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_CONNECTING);
  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [],"
                          " \"properties\": [], \"name\": \"slow\"}");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_cmpstr (plant_rpc_session_get_name (self->session), ==, "slow");
}

/* ---- one connection after the other */

static void
test_restarts (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = make_port_reply (publisher);

  restart (&device);
  test_device_greet (device, 20, "y");
  assert_told (self, "disconnected connecting level:20 ready ");
  restart (&device);
  test_device_greet_json (device, 30, "y", "{\"success\": true}");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_1);
  restart (&device);
  test_device_greet_json (device, 40, "y", reply);
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_GENERATION_2);
  restart (&device);
  test_device_greet (device, 50, "y");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_session_get_wire (self->session), ==, PLANT_RPC_WIRE_NATIVE);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_true (test_device_is_idle (device));
}

/* The connection of the calls was lost, that of the signals was not: it is the same process. */
static void
test_signals_kept (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *reply = make_port_reply (publisher);
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);

  test_device_greet_json (device, 5, "x", reply);
  wait_state (self, PLANT_RPC_STATE_READY);
  restart (&device);
  test_device_greet_json (device, 6, "x", NULL);
  wait_state (self, PLANT_RPC_STATE_READY);
  /* They stop, and are asked for again. */
  test_peer_free (g_steal_pointer (&publisher));
  wait_state (self, PLANT_RPC_STATE_DISCONNECTED);
  for (;;)
    {
      g_autoptr(TestRequest) request = test_device_next (device);

      if (request->request.event == PLANT_RPC_EVENT_PROPERTY_GET)
        continue; /* of the second snapshot */
      g_assert_cmpint (request->request.event, ==, PLANT_RPC_EVENT_GET_INVENTORY);
      test_device_reply_text (device, request, "{" TEST_DEVICE_INVENTORY "}");
      break;
    }
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
}

/* The same where the server pushes: what is thought to stand may be that of a process that is gone. */
static void
test_pushed_signals_kept (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr(TestRequest) init = NULL;
  g_autofree char *signal_url = NULL;
  g_autoptr(TestPeer) pusher = NULL;
  g_autofree char *told = NULL;

  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [\"ping\"],"
                          " \"properties\": [], \"name\": \"\"}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  signal_url = g_strdup_printf ("tcp://127.0.0.1:%u", init->request.port);
  pusher = test_peer_new (ZMQ_REQ, signal_url);
  test_peer_send_text (pusher, "{}", NULL);
  g_ptr_array_unref (test_peer_receive (pusher));
  test_device_reply_text (device, init, "{\"success\": true}");
  wait_state (self, PLANT_RPC_STATE_READY);

  restart (&device);
  g_clear_pointer (&inventory, test_request_free);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [\"ping\"],"
                          " \"properties\": [], \"name\": \"\"}");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
  g_clear_pointer (&pusher, test_peer_free);
  g_clear_pointer (&inventory, test_request_free);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [\"ping\"],"
                          " \"properties\": [], \"name\": \"\"}");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
}

/* Another client took the signals of an old server: they are not taken back, for ever and ever. */
static void
test_pushed_signals_taken (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr(TestRequest) init = NULL;
  g_autofree char *signal_url = NULL;
  g_autoptr(TestPeer) pusher = NULL;

  test_device_reply_text (device, inventory,
                          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [\"ping\"],"
                          " \"properties\": [], \"name\": \"\"}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  signal_url = g_strdup_printf ("tcp://127.0.0.1:%u", init->request.port);
  pusher = test_peer_new (ZMQ_REQ, signal_url);
  test_peer_send_text (pusher, "{}", NULL);
  g_ptr_array_unref (test_peer_receive (pusher));
  test_device_reply_text (device, init, "{\"success\": true}");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_clear_pointer (&pusher, test_peer_free);
  test_wait_until (plant_rpc_session_get_error (self->session) != NULL);
  g_assert_cmpint (plant_rpc_session_get_state (self->session), ==, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
}

/* A server that goes in the middle of the handshake. */
static void
test_restarts_in_handshake (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) request = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);

  restart (&device);
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, request, "{" TEST_DEVICE_INVENTORY "}");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING));
  restart (&device);
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, request, "{" TEST_DEVICE_INVENTORY "}");
  g_clear_pointer (&request, test_request_free);
  request = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, request, "{\"success\": true}");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
  restart (&device);
  test_device_greet_json (device, 5, "x", "{\"success\": true}");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpuint (self->n_snapshots, ==, 1);
}

/* ---- suspicion */

static void
ignore_end (PlantRpcReply *reply,
            GError        *error,
            gpointer       user_data)
{
  guint *n = user_data;

  (*n)++;
}

static void
call (Owner *self,
      guint *n_ended)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = g_strdup ("told") };

  plant_rpc_outbox_add (plant_rpc_session_get_outbox (self->session), &request, FALSE,
                        PLANT_RPC_TIMEOUT_TOLD, NULL, FALSE, ignore_end, n_ended);
}

static void
test_suspect (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(TestRequest) request = NULL, probe = NULL;
  guint n_ended = 0;

  call (self, &n_ended);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  wait_state (self, PLANT_RPC_STATE_SUSPECT);
  g_assert_cmpuint (n_ended, ==, 1);
  g_assert_error (plant_rpc_session_get_error (self->session), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  call (self, &n_ended);
  test_wait_until (n_ended == 2);
  /* It is asked once for something that each server answers. */
  probe = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_assert_true (test_device_is_idle (device));
  test_device_reply_value (device, request, NULL);
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_no_error (plant_rpc_session_get_error (self->session));
  g_assert_cmpuint (plant_rpc_session_get_n_late (self->session), ==, 1);
  test_device_reply_text (device, probe, "{}");
  g_assert_true (test_device_is_idle (device));
  g_assert_cmpstr (self->told->str, ==, "suspect ready ");
}

/* What else is wrong is told again afterwards. */
static void
test_suspect_mismatch (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device),
                                     "{\"properties\": {\"zoom\": {\"type\": \"d\"}}}");
  g_autoptr(TestRequest) request = NULL;
  guint n_ended = 0;

  test_device_greet (device, 1, "x");
  wait_state (self, PLANT_RPC_STATE_MISMATCH);
  call (self, &n_ended);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  wait_state (self, PLANT_RPC_STATE_SUSPECT);
  test_device_reply_value (device, request, NULL);
  wait_state (self, PLANT_RPC_STATE_MISMATCH);
  g_assert_error (plant_rpc_session_get_error (self->session), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_MISMATCH);
}

static void
test_suspect_then_lost (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  guint n_ended = 0;

  call (self, &n_ended);
  wait_state (self, PLANT_RPC_STATE_SUSPECT);
  restart (&device);
  test_device_greet (device, 1, "x");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpstr (self->told->str, ==, "suspect disconnected connecting level:1 ready ");
}

/* ---- snapshots */

static void
test_refresh (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(TestRequest) first = NULL, second = NULL;
  guint a, b, c;

  a = plant_rpc_session_refresh (self->session);
  b = plant_rpc_session_refresh (self->session);
  c = plant_rpc_session_refresh (self->session);
  g_assert_cmpuint (b, ==, a + 1);
  g_assert_cmpuint (c, ==, b);
  first = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  g_assert_true (test_device_is_idle (device));
  test_device_reply_value (device, first, g_variant_new_parsed ("{'level': <11>}"));
  second = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_wait_until (plant_rpc_session_get_n_snapshots (self->session) == a);
  test_device_reply_value (device, second, g_variant_new_parsed ("{'level': <12>}"));
  test_wait_until (plant_rpc_session_get_n_snapshots (self->session) == b);
  g_assert_cmpstr (self->told->str, ==, "level:11 level:12 ");
  g_assert_true (test_device_is_idle (device));
}

/* In the middle of the first snapshot one is wanted that begins after it. */
static void
test_refresh_in_handshake (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new (test_device_get_url (device), NULL);
  g_autoptr(TestRequest) inventory = NULL, subscribe = NULL, all = NULL;
  guint early = plant_rpc_session_refresh (self->session), late;

  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory,
                          "{" TEST_DEVICE_INVENTORY ", \"plantrpc\": {\"version\": 1, \"instance\":"
                          " \"i\", \"interface\": " TEST_DEVICE_INTERFACE "}}");
  subscribe = test_device_expect (device, PLANT_RPC_EVENT_SUBSCRIBE);
  late = plant_rpc_session_refresh (self->session);
  test_device_reply_value (device, subscribe, g_variant_new_parsed ("{'level': <1>}"));
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpuint (plant_rpc_session_get_n_snapshots (self->session), ==, early);
  all = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, all, g_variant_new_parsed ("{'level': <2>}"));
  test_wait_until (plant_rpc_session_get_n_snapshots (self->session) == late);
}

/* One that was under way when the connection went is made up for by that of the next. */
static void
test_refresh_across_restart (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  guint number = plant_rpc_session_refresh (self->session);

  restart (&device);
  test_device_greet (device, 3, "x");
  wait_state (self, PLANT_RPC_STATE_READY);
  g_assert_cmpuint (plant_rpc_session_get_n_snapshots (self->session), >=, number);
  g_assert_true (test_device_is_idle (device));
}

/* What was missed may have changed a property. */
static void
test_gap (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(TestRequest) all = NULL;

  test_device_push_signal (device, 1, "ping", g_variant_new_parsed ("@av []"));
  test_device_push_signal (device, 3, "ping", g_variant_new_parsed ("@av []"));
  assert_told (self, "ping lost ping ");
  all = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, all, g_variant_new_parsed ("{'level': <2>}"));
  assert_told (self, "ping lost ping level:2 ");
  g_assert_true (test_device_is_idle (device));
}

/* ---- credit */

static GVariant *
make_args (gsize size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  return g_variant_new_parsed ("[<%s>]", text);
}

static void
acknowledge_first (Owner *self)
{
  guint64 sequence = g_array_index (self->sequences, guint64, 0);

  g_array_remove_index (self->sequences, 0);
  plant_rpc_session_acknowledge (self->session, sequence, self->size, TRUE);
}

static void
test_credit (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(TestRequest) credit = NULL;

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

/* What holds nothing for the application counts too, or the window would fill up with it. */
static void
test_credit_for_nothing (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(GBytes) rubbish = g_bytes_new_take (g_strnfill (30000, '\xa0'), 30000);
  g_autoptr(TestRequest) credit = NULL;
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
      credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
      acknowledged = credit->request.number;
    }
  g_assert_cmpuint (plant_rpc_session_get_n_malformed (self->session), ==, 3);
}

/* Not for what the application has not seen, though something after it was. */
static void
test_credit_in_order (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(TestRequest) credit = NULL;
  guint64 last;

  for (guint i = 1; i <= 3; i++)
    test_device_push_signal (device, i, "ping", make_args (10000));
  test_device_push_changed (device, 4, "level", make_args (70000));
  test_wait_until (self->sequences->len == 4);
  acknowledge_first (self);
  last = g_array_index (self->sequences, guint64, 2);
  g_array_remove_index (self->sequences, 2);
  plant_rpc_session_acknowledge (self->session, last, self->size, FALSE);
  credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);
  g_assert_cmpuint (credit->request.number, ==, 1);
}

/* Numbers of a former connection mean nothing to the next server. */
static void
test_credit_after_restart (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  g_autoptr(TestRequest) credit = NULL;

  for (guint i = 1; i <= 3; i++)
    test_device_push_signal (device, i, "ping", make_args (60000));
  test_wait_until (self->sequences->len == 3);
  restart (&device);
  test_device_greet (device, 1, "x");
  wait_state (self, PLANT_RPC_STATE_READY);
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

/* ---- its end */

static void
test_closed (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(Owner) self = owner_new_ready (device);
  guint n_ended = 0;

  call (self, &n_ended);
  plant_rpc_session_close (self->session);
  g_assert_cmpuint (n_ended, ==, 1);
  g_assert_cmpstr (self->told->str, ==, "closed ");
  g_assert_true (plant_rpc_session_is_closed (self->session));
  call (self, &n_ended);
  g_assert_cmpuint (n_ended, ==, 2);
  plant_rpc_session_close (self->session);
  /* What was sent before goes out. */
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_assert_true (test_device_is_idle (device));
  g_assert_cmpstr (self->told->str, ==, "closed ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/session/native", test_native);
  g_test_add_func ("/session/generation1", test_generation1);
  g_test_add_func ("/session/generation2", test_generation2);
  g_test_add_func ("/session/port-that-does-not-answer", test_port_that_does_not_answer);
  g_test_add_func ("/session/port-that-refuses", test_port_that_refuses);
  g_test_add_func ("/session/init-refused", test_init_refused);
  g_test_add_func ("/session/template", test_template);
  g_test_add_func ("/session/no-signals-wanted", test_no_signals_wanted);
  g_test_add_func ("/session/rubbish-inventory", test_rubbish_inventory);
  g_test_add_func ("/session/rubbish-extension", test_rubbish_extension);
  g_test_add_func ("/session/subscribe-refused", test_subscribe_refused);
  g_test_add_func ("/session/bad-urls", test_bad_urls);
  g_test_add_func ("/session/patience", test_patience);
  g_test_add_func ("/session/restarts", test_restarts);
  g_test_add_func ("/session/signals-kept", test_signals_kept);
  g_test_add_func ("/session/pushed-signals-kept", test_pushed_signals_kept);
  g_test_add_func ("/session/pushed-signals-taken", test_pushed_signals_taken);
  g_test_add_func ("/session/restarts-in-handshake", test_restarts_in_handshake);
  g_test_add_func ("/session/suspect", test_suspect);
  g_test_add_func ("/session/suspect-mismatch", test_suspect_mismatch);
  g_test_add_func ("/session/suspect-then-lost", test_suspect_then_lost);
  g_test_add_func ("/session/refresh", test_refresh);
  g_test_add_func ("/session/refresh-in-handshake", test_refresh_in_handshake);
  g_test_add_func ("/session/refresh-across-restart", test_refresh_across_restart);
  g_test_add_func ("/session/gap", test_gap);
  g_test_add_func ("/session/credit", test_credit);
  g_test_add_func ("/session/credit-for-nothing", test_credit_for_nothing);
  g_test_add_func ("/session/credit-in-order", test_credit_in_order);
  g_test_add_func ("/session/credit-after-restart", test_credit_after_restart);
  g_test_add_func ("/session/closed", test_closed);

  return g_test_run ();
}

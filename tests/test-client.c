/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-recorder.h"

static void
count_notify (GObject    *object,
              GParamSpec *pspec,
              guint      *n)
{
  (*n)++;
}

/* A widget that is bound to it is sensitive while the device is there. */
static void
test_ready (void)
{
  static const gboolean expected[] = { FALSE, FALSE, TRUE, FALSE, TRUE, FALSE };
  TestDevice *device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (GSimpleAction) action = g_simple_action_new ("scan", NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_true (plant_rpc_state_is_ready (i) == expected[i]);
  g_signal_connect (client, "notify::ready", G_CALLBACK (count_notify), &n);
  g_object_bind_property (client, "ready", action, "enabled", G_BINDING_SYNC_CREATE);
  g_assert_false (plant_rpc_client_is_ready (client) || g_action_get_enabled (G_ACTION (action)));
  test_device_greet (device, 1, "x");
  test_wait_until (g_action_get_enabled (G_ACTION (action)));
  g_assert_true (plant_rpc_client_is_ready (client));
  g_assert_cmpuint (n, ==, 1);
  test_device_free (device);
  test_wait_until (!g_action_get_enabled (G_ACTION (action)));
  g_assert_false (plant_rpc_client_is_ready (client));
  g_assert_cmpuint (n, ==, 2);
}

static void
test_closed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (PlantRpcClient) waiting = test_client_new (test_device_get_url (device));
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) sent = NULL, unsent = NULL, after = NULL, flushed = NULL, ready = NULL;
  g_autoptr (GError) error = NULL;
  int level;

  test_call (client, "echo", 10000, NULL, &sent);
  test_call (waiting, "echo", 10000, NULL, &unsent);
  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_flush (client, NULL, test_keep_result, &flushed);
  plant_rpc_client_wait_ready (waiting, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &ready);
  plant_rpc_client_close (client);
  plant_rpc_client_close (client);
  plant_rpc_client_close (waiting);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_CLOSED);
  test_wait_until (sent != NULL && unsent != NULL && flushed != NULL && ready != NULL);
  test_assert_failed (client, sent, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  test_assert_failed (waiting, unsent, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_assert_false (plant_rpc_client_wait_ready_finish (waiting, ready, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  /* The device's value stays, and nothing more is written. */
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 10);
  g_object_set (client, "level", 30, NULL);
  test_call (client, "echo", 10000, NULL, &after);
  test_wait_until (after != NULL);
  test_assert_failed (client, after, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_call_sync (client, "echo", NULL, NULL, 0, NULL, &error));
  g_assert_nonnull (strstr (error->message, plant_rpc_client_get_url (client)));
  test_run_pending ();
  g_assert_nonnull (strstr (recorder->told->str, "closed"));
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 10);
}

static void
test_disposed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  PlantRpcClient *client = test_client_new_ready (device);
  g_autoptr (PlantRpcProperty) level =
      g_object_ref (plant_rpc_client_lookup_property (client, "level"));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL;

  test_call (client, "echo", 10000, NULL, &result);
  g_object_set (client, "level", 20, NULL);
  g_object_run_dispose (G_OBJECT (client));
  test_wait_until (result != NULL);
  test_assert_failed (client, result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  g_clear_object (&result);
  g_assert_finalize_object (client);
  /* Who holds a property has its last value. */
  value = plant_rpc_property_dup_value (level);
  g_assert_cmpint (g_variant_get_int32 (value), ==, 10);
  g_assert_false (plant_rpc_property_get_writable (level));
}

/* What is under way without a callback does not keep it alive. */
static void
test_finalized_with_writes (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  PlantRpcClient *client = test_client_new_ready (device);

  g_object_set (client, "level", 20, NULL);
  g_assert_finalize_object (client);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET));
}

/* ---- properties of the client itself */

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
note_name (GObject    *object,
           GParamSpec *pspec,
           gpointer    user_data)
{
  if (!g_ptr_array_find (user_data, pspec->name, NULL))
    g_ptr_array_add (user_data, (char *) pspec->name);
}

/* Which were notified, in the order of the alphabet. */
static char *
take_names (GPtrArray *names)
{
  char *text;

  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  text = g_strjoinv (" ", (char **) names->pdata);
  g_ptr_array_set_size (names, 0);
  return text;
}

/* All that is known of the device is notified once it is ready, and its state at each change. */
static void
test_notifications (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *ready = NULL, *lost = NULL;

  g_signal_connect (client, "notify", G_CALLBACK (note_name), names);
  test_device_greet (device, 10, "x");
  test_wait_until (names->len > 1);
  test_run_pending ();
  ready = take_names (names);
  g_assert_cmpstr (ready, ==,
                   "interface missing name own-address peer-address ready role state wire");
  g_clear_pointer (&device, test_device_free);
  test_wait_until (names->len > 1);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_DISCONNECTED);
  lost = take_names (names);
  g_assert_cmpstr (lost, ==, "last-error ready state");
  g_signal_handlers_disconnect_by_data (client, names);
}

static void
append_name (GObject    *object,
             GParamSpec *pspec,
             gpointer    told)
{
  g_string_append_printf (told, "%s ", pspec->name);
}

/* On each connection the values are notified before the client is ready. */
static void
test_values_before_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (GString) told = g_string_new (NULL);

  g_signal_connect (client, "notify::level", G_CALLBACK (append_name), told);
  g_signal_connect (client, "notify::mode", G_CALLBACK (append_name), told);
  g_signal_connect (client, "notify::ready", G_CALLBACK (append_name), told);
  for (int level = 10; level < 14; level++)
    {
      g_string_truncate (told, 0);
      test_device_greet (device, level, level == 10 ? "x" : "y");
      test_wait_until (strstr (told->str, "ready ") != NULL);
      test_run_pending ();
      g_assert_true (g_str_has_suffix (told->str, " ready "));
      g_assert_nonnull (strstr (told->str, "level "));
      test_device_restart (&device);
      test_client_wait_state (client, PLANT_RPC_STATE_DISCONNECTED);
      test_run_pending ();
    }
  g_signal_handlers_disconnect_by_data (client, told);
}

/* Each can be read as a GObject property. */
static void
test_as_gobject (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autofree char *url = NULL, *name = NULL, *own = NULL, *peer = NULL;
  g_autoptr (PlantRpcInterfaceInfo) interface = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) missing = NULL;
  PlantRpcState state;
  PlantRpcWire wire;
  guint n_late, n_dropped;
  gboolean receives;
  int timeout;

  g_object_get (client, "state", &state, "wire", &wire, "interface", &interface, NULL);
  g_assert_cmpint (state, ==, PLANT_RPC_STATE_CONNECTING);
  g_assert_cmpint (wire, ==, PLANT_RPC_WIRE_UNKNOWN);
  g_assert_null (interface);
  test_device_greet (device, 10, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_device_push_changed (device, 0, "level", g_variant_new_int32 (1));
  test_wait_until (plant_rpc_client_get_n_dropped (client) == 1);
  g_object_get (client, "url", &url, "timeout", &timeout, "receive-signals", &receives, "state",
                &state, "wire", &wire, "last-error", &error, "interface", &interface, "missing",
                &missing, "name", &name, "own-address", &own, "peer-address", &peer,
                "n-late-replies", &n_late, "n-dropped", &n_dropped, NULL);
  g_assert_cmpstr (url, ==, test_device_get_url (device));
  g_assert_cmpint (timeout, ==, 1000);
  g_assert_true (receives);
  g_assert_cmpint (state, ==, PLANT_RPC_STATE_READY);
  g_assert_cmpint (wire, ==, PLANT_RPC_WIRE_NATIVE);
  g_assert_no_error (error);
  g_assert_true (interface == plant_rpc_client_get_interface (client));
  g_assert_cmpuint (g_strv_length (missing), ==, 0);
  g_assert_cmpstr (name, ==, "");
  g_assert_cmpstr (own, ==, "127.0.0.1");
  g_assert_cmpstr (peer, ==, "127.0.0.1");
  g_assert_cmpuint (n_late, ==, 0);
  g_assert_cmpuint (n_dropped, ==, 1);
}

/* A server of Plant Imager is not even asked for its signals. */
static void
test_without_signals (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = g_object_new (PLANT_RPC_TYPE_CLIENT,
                                                   "url", test_device_get_url (device),
                                                   "receive-signals", FALSE,
                                                   NULL);
  gboolean receives;

  g_object_get (client, "receive-signals", &receives, NULL);
  g_assert_false (receives);
  test_device_greet_json (device, 5, "x", NULL);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_client_get_wire (client), ==, PLANT_RPC_WIRE_UNKNOWN);
}

static void
on_read (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  GVariant **value = user_data;
  g_autoptr (GError) error = NULL;

  *value = plant_rpc_client_read_property_finish (PLANT_RPC_CLIENT (source), result, &error);
  g_assert_no_error (error);
}

/* It offers no other wire, and reads only what somebody asks for, of whatever type and name. */
static void
test_legacy (void)
{
  static const char *const answers[] = { "{\"success\": true, \"value\": 7}",
                                         "{\"success\": true, \"value\": 1.5}" };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = g_object_new (PLANT_RPC_TYPE_CLIENT,
                                                   "url", test_device_get_url (device),
                                                   "legacy", TRUE, "receive-signals", FALSE,
                                                   NULL);
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  gboolean legacy;

  g_object_get (client, "legacy", &legacy, NULL);
  g_assert_true (legacy);
  g_assert_cmpuint (inventory->request.native_version, ==, 0);
  test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (TestRequest) get = NULL;
      g_autoptr (GVariant) value = NULL;

      plant_rpc_client_read_property (client, "some_attribute", NULL, on_read, &value);
      get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
      g_assert_cmpstr (get->request.name, ==, "some_attribute");
      test_device_reply_text (device, get, answers[i]);
      test_wait_until (value != NULL);
      g_assert_cmpstr (g_variant_get_type_string (value), ==, i == 0 ? "x" : "d");
    }
}

static void
count (GObject    *object,
       GParamSpec *pspec,
       gpointer    user_data)
{
  (*(guint *) user_data)++;
}

/* It is for a connection under way as well as for later ones. */
static void
test_timeout (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
  guint n_notified = 0;

  g_signal_connect (client, "notify::timeout", G_CALLBACK (count), &n_notified);
  plant_rpc_client_set_timeout (client, 1000);
  g_assert_cmpuint (n_notified, ==, 0);
  g_object_set (client, "timeout", 20, NULL);
  g_assert_cmpint (plant_rpc_client_get_timeout (client), ==, 20);
  g_assert_cmpuint (n_notified, ==, 1);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
  test_wait_until (plant_rpc_client_get_last_error (client) != NULL);
  g_assert_error (plant_rpc_client_get_last_error (client), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_CONNECTING);
}

static gpointer
set_often (gpointer client)
{
  for (guint i = 0; i < 1000; i++)
    g_object_set (client, "heartbeat-interval", 1000 + i, NULL);
  return NULL;
}

static void
count_notice (guint *n)
{
  (*n)++;
}

/* What another thread sets while the loop stands still is notified once. */
static void
test_set_often (void)
{
  g_autoptr (PlantRpcClient) client = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  guint n = 0;

  g_signal_connect_swapped (client, "notify::heartbeat-interval", G_CALLBACK (count_notice), &n);
  g_assert_true (g_main_context_acquire (NULL));
  g_thread_join (g_thread_new ("settings", set_often, client));
  g_main_context_release (NULL);
  g_assert_cmpuint (n, ==, 0);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (n, ==, 1);
}

/* ---- waiting */

static void
test_wait_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (PlantRpcClient) wrong = plant_rpc_client_new ("nowhere");
  g_autoptr (PlantRpcClient) none = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) late = NULL, good = NULL, bad = NULL, cancelled = NULL, closed = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_wait_ready (client, 20, NULL, test_keep_result, &late);
  plant_rpc_client_wait_ready (client, 10000, cancellable, test_keep_result, &cancelled);
  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &good);
  plant_rpc_client_wait_ready (wrong, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &bad);
  plant_rpc_client_wait_ready (none, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &closed);
  g_cancellable_cancel (cancellable);
  test_wait_until (late != NULL && bad != NULL && cancelled != NULL && closed != NULL);
  g_assert_false (plant_rpc_client_wait_ready_finish (client, late, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_wait_ready_finish (client, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_wait_ready_finish (wrong, bad, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_wait_ready_finish (none, closed, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_null (good);
  test_device_greet (device, 1, "x");
  test_wait_until (good != NULL);
  g_assert_true (plant_rpc_client_wait_ready_finish (client, good, &error));
}

/* The reason is told. */
static void
test_wait_for_nobody (void)
{
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new ("tcp://127.0.0.1:1");
  g_autoptr (GError) error = NULL;

  test_client_wait_state (client, PLANT_RPC_STATE_DISCONNECTED);
  g_assert_false (plant_rpc_client_wait_ready_sync (client, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "Nobody listens"));
}

/* Disposing of a client ends what waits for it. */
static void
test_disposed_waiting (void)
{
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new ("tcp://127.0.0.1:1");
  g_autoptr (GAsyncResult) ready = NULL, refreshed = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &ready);
  plant_rpc_client_refresh (client, NULL, test_keep_result, &refreshed);
  g_object_run_dispose (G_OBJECT (client));
  test_wait_until (ready != NULL && refreshed != NULL);
  g_assert_false (plant_rpc_client_wait_ready_finish (client, ready, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_refresh_finish (client, refreshed, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
}

/* A URL that cannot be used is an error of its own, until the client follows a device. */
static void
test_url_then_device (void)
{
  static const char *const urls[] = { "", "nowhere" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (PlantRpcClient) client = plant_rpc_client_new (urls[i]);
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_client_wait_ready_sync (client, 5000, NULL, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
      g_clear_error (&error);
      plant_rpc_client_follow_device (client, "tcp://127.0.0.1:1", "camera");
      g_assert_null (plant_rpc_client_get_last_error (client));
      g_assert_false (plant_rpc_client_wait_ready_sync (client, 50, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_nonnull (strstr (error->message, "camera"));
    }
}

static void
test_without_url (void)
{
  g_autoptr (PlantRpcClient) client = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_DISCONNECTED);
  g_assert_null (plant_rpc_client_get_interface (client));
  g_assert_null (plant_rpc_client_get_name (client));
  g_assert_null (plant_rpc_client_get_url (client));
  g_assert_cmpint (plant_rpc_client_get_wire (client), ==, PLANT_RPC_WIRE_UNKNOWN);
  g_assert_null (plant_rpc_client_get_last_error (client));
  g_assert_cmpint (g_strv_length ((char **) plant_rpc_client_get_missing (client)), ==, 0);
  g_assert_null (plant_rpc_client_get_own_address (client));
  g_assert_null (plant_rpc_client_get_peer_address (client));
  g_assert_cmpuint (plant_rpc_client_get_n_late_replies (client), ==, 0);
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 0);
  g_assert_null (plant_rpc_client_get_cached_property (client, "level"));
  g_assert_null (plant_rpc_client_call_sync (client, "x", NULL, NULL, 0, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_refresh_sync (client, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_assert_true (plant_rpc_client_flush_sync (client, NULL, NULL));
  plant_rpc_client_close (client);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/ready", test_ready);
  g_test_add_func ("/client/closed", test_closed);
  g_test_add_func ("/client/disposed", test_disposed);
  g_test_add_func ("/client/finalized-with-writes", test_finalized_with_writes);
  g_test_add_func ("/client/notifications", test_notifications);
  g_test_add_func ("/client/values-before-ready", test_values_before_ready);
  g_test_add_func ("/client/as-gobject", test_as_gobject);
  g_test_add_func ("/client/without-signals", test_without_signals);
  g_test_add_func ("/client/legacy", test_legacy);
  g_test_add_func ("/client/timeout", test_timeout);
  g_test_add_func ("/client/set-often", test_set_often);
  g_test_add_func ("/client/wait-ready", test_wait_ready);
  g_test_add_func ("/client/wait-for-nobody", test_wait_for_nobody);
  g_test_add_func ("/client/without-url", test_without_url);
  g_test_add_func ("/client/disposed-waiting", test_disposed_waiting);
  g_test_add_func ("/client/url-then-device", test_url_then_device);

  return g_test_run ();
}

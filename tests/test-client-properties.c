/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-recorder.h"

static void
test_defaults (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GVariant) cached = NULL;
  int level = -1;

  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 0);
  g_assert_null (plant_rpc_client_get_cached_property (client, "level"));
  /* What differs is notified, and nothing else, before it is ready. */
  test_device_greet (device, 0, "x");
  test_assert_told (recorder, "mode:x ready ");
  cached = plant_rpc_client_get_cached_property (client, "level");
  g_assert_cmpint (g_variant_get_int32 (cached), ==, 0);
}

static void
test_reconnected (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");

  test_device_restart (&device);
  test_wait_until (strstr (recorder->told->str, "disconnected") != NULL);
  g_assert_cmpint (plant_rpc_property_get_state (level), ==, PLANT_RPC_PROPERTY_STATE_STALE);
  test_device_greet (device, 10, "y");
  test_wait_until (strstr (recorder->told->str, "ready") != NULL);
  test_run_pending ();
  g_assert_cmpint (plant_rpc_property_get_state (level), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_nonnull (strstr (recorder->told->str, "mode:y ready "));
  g_assert_null (strstr (recorder->told->str, "level"));
}

static void
test_changes (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);

  test_device_push_changed (device, 1, "level", g_variant_new_int32 (20));
  test_device_push_changed (device, 2, "level", g_variant_new_int32 (20));
  test_device_push_changed (device, 3, "unknown", g_variant_new_int32 (20));
  test_assert_told (recorder, "level:20 ");
  test_device_push_changed (device, 4, "level", g_variant_new_string ("20"));
  test_assert_told (recorder, "level:20 error ");
  test_device_push_changed (device, 5, "level", g_variant_new_int64 (30));
  test_assert_told (recorder, "level:20 error level:30 ");
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 1);
}

static void
test_write (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TestRequest) one = NULL, two = NULL, three = NULL;

  g_object_set (client, "level", 20, NULL);
  g_object_set (client, "level", 20, NULL);
  g_assert_cmpstr (recorder->told->str, ==, "level:20 ");
  test_call (client, "echo", 10000, NULL, &result);
  g_object_set (client, "mode", "y", NULL);
  /* In the order in which they were made. */
  one = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  g_assert_cmpstr (one->request.name, ==, "level");
  g_assert_cmpint (g_variant_get_int32 (one->request.value), ==, 20);
  two = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  three = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  /* Coerced; then refused. */
  test_device_reply_value (device, one, g_variant_new_int32 (25));
  test_device_reply_error (device, three, "no");
  test_assert_told (recorder, "level:20 mode:y level:25 mode:x failed:mode:no ");
  test_device_reply_value (device, two, NULL);
  test_wait_until (result != NULL);
  g_assert_true (test_device_is_idle (device));
}

static void
assert_set (TestDevice  *device,
            const char  *name,
            int          number,
            TestRequest **request)
{
  *request = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  g_assert_cmpstr ((*request)->request.name, ==, name);
  g_assert_cmpint (g_variant_get_int32 ((*request)->request.value), ==, number);
}

static void
answer_set (TestDevice *device,
            const char *name,
            int         number)
{
  g_autoptr (TestRequest) request = NULL;

  assert_set (device, name, number, &request);
  test_device_reply_value (device, request, g_variant_new_int32 (number));
}

static void
on_flushed (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* What waits goes out before a call, a read or a write by name, which keep their order. */
static void
test_order_of_writes (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRequest) first = NULL, call = NULL, read = NULL, last = NULL;
  gboolean flushed = FALSE;

  for (int i = 20; i <= 30; i++)
    g_object_set (client, "level", i, NULL);
  assert_set (device, "level", 20, &first);
  g_assert_true (test_device_is_idle (device));
  plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, NULL, NULL);
  g_object_set (client, "level", 40, NULL);
  g_object_set (client, "level", 41, NULL);
  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (50), NULL, NULL, NULL);
  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (51), NULL, NULL, NULL);
  g_object_set (client, "level", 60, NULL);
  plant_rpc_client_read_property (client, "mode", NULL, NULL, NULL);
  g_object_set (client, "level", 70, NULL);
  g_object_set (client, "level", 71, NULL);
  plant_rpc_client_flush (client, NULL, on_flushed, &flushed);
  test_device_reply_value (device, first, g_variant_new_int32 (20));
  answer_set (device, "level", 30);
  call = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  answer_set (device, "level", 41);
  answer_set (device, "level", 50);
  answer_set (device, "level", 51);
  answer_set (device, "level", 60);
  read = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  assert_set (device, "level", 71, &last);
  g_assert_true (test_device_is_idle (device));
  g_assert_false (flushed);
  test_device_reply_value (device, last, g_variant_new_int32 (71));
  test_wait_until (flushed);
}

/* The client ends while a value waits. The value is the last that somebody wanted, so it goes
 * out. */
static void
test_disposed_while_waiting (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
      g_autoptr (PlantRpcProperty) level =
          g_object_ref (plant_rpc_client_lookup_property (client, "level"));
      g_autoptr (TestRequest) first = NULL, last = NULL;

      g_object_set (client, "level", 20, NULL);
      g_object_set (client, "level", 30, NULL);
      if (i == 1)
        plant_rpc_client_close (client);
      else if (i == 2)
        g_object_run_dispose (G_OBJECT (client));
      g_assert_finalize_object (g_steal_pointer (&client));
      g_assert_false (plant_rpc_property_get_writable (level));
      g_assert_cmpint (plant_rpc_property_get_state (level), ==, PLANT_RPC_PROPERTY_STATE_STALE);
      assert_set (device, "level", 20, &first);
      assert_set (device, "level", 30, &last);
      g_assert_true (test_device_is_idle (device));
    }
}

/* A device that answers one write after the other is not suspected while its answers keep coming,
 * although the last of them come too late. */
static void
test_slow_device (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) done = NULL, late = NULL, silent = NULL;
  g_autoptr (TestRequest) first = NULL, second = NULL;

  test_call (client, "patient", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &done);
  test_call (client, "told", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &late);
  first = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  second = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, first, NULL);
  test_wait_until (done != NULL && late != NULL);
  test_device_reply_value (device, second, NULL);
  test_wait_until (plant_rpc_client_get_n_late_replies (client) == 1);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
  g_assert_cmpstr (recorder->told->str, ==, "");
  /* A device that has not answered anything in that time is. */
  test_call (client, "told", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &silent);
  test_client_wait_state (client, PLANT_RPC_STATE_SUSPECT);
}

/* What the device tells of a failure is kept as that of a failed call is. */
static void
test_write_refused (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GVariant) message =
      g_variant_ref_sink (g_variant_new ("(ysss)", 0x93, "remote", "no", "line 1\nline 2"));
  g_autoptr (GBytes) payload = g_variant_get_data_as_bytes (message);
  g_autoptr (TestRequest) set = NULL;

  g_object_set (client, "level", 20, NULL);
  set = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  test_device_reply (device, set, payload, NULL);
  test_assert_told (recorder, "level:20 level:10 failed:level:no ");
  g_assert_cmpstr (plant_rpc_client_get_last_traceback (client), ==, "line 1\nline 2");
}

static void
test_write_not_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  int level;

  g_object_set (client, "level", 20, NULL);
  g_assert_cmpstr (recorder->told->str, ==, "");
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 0);
  test_wait_until (g_str_has_prefix (recorder->told->str, "level:0 failed:level:"));
  test_device_greet (device, 10, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
}

/* Where no loop ever runs what there is to tell does not pile up. */
static void
test_refusals_bounded (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info =
      plant_rpc_interface_info_new_from_json (TEST_DEVICE_INTERFACE, NULL);
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_interface (info, "tcp://127.0.0.1:1", NULL);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  guint n_failed = 0;

  for (int i = 0; i < 10000; i++)
    g_object_set (client, "level", i % 100, NULL);
  test_wait_until (strstr (recorder->told->str, "failed:") != NULL);
  test_run_pending ();
  for (const char *p = recorder->told->str; (p = strstr (p, "failed:")) != NULL; p++)
    n_failed++;
  g_assert_cmpuint (n_failed, >, 100);
  g_assert_cmpuint (n_failed, <, 5000);
}

/* The connection is lost while a write is under way. */
static void
test_write_lost (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) flushed = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_flush (client, NULL, test_keep_result, &flushed);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET));
  g_assert_null (flushed);
  test_device_restart (&device);
  test_wait_until (strstr (recorder->told->str, "failed:level:") != NULL);
  g_assert_true (g_str_has_prefix (recorder->told->str, "level:20 disconnected level:10 failed:")
                 || g_str_has_prefix (recorder->told->str, "level:20 level:10 "));
  test_wait_until (flushed != NULL);
  plant_rpc_client_flush_finish (client, flushed, &error);
  g_assert_no_error (error);
  test_device_greet (device, 20, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_run_pending ();
  g_assert_true (g_str_has_suffix (recorder->told->str, "level:20 ready "));
}

static void
test_missing_property (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"level\": {\"type\": \"i\"}, \"zoom\": {\"type\": \"d\"}}}", NULL);
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_interface (info, test_device_get_url (device), NULL);
  PlantRpcProperty *zoom = plant_rpc_client_lookup_property (client, "zoom");

  test_device_greet (device, 1, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_MISMATCH);
  g_assert_true (plant_rpc_client_is_ready (client));
  g_assert_cmpstr (plant_rpc_client_get_missing (client)[0], ==, "zoom");
  /* What only the device has is nothing to a client of that type. */
  g_assert_null (plant_rpc_client_lookup_property (client, "mode"));
  g_assert_false (plant_rpc_property_get_writable (zoom));
  g_assert_nonnull (strstr (plant_rpc_property_get_message (zoom), "zoom"));
  g_assert_true (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (client, "level")));
  g_object_set (client, "zoom", 2.0, NULL);
  g_assert_error (plant_rpc_property_get_refusal (zoom), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_UNKNOWN_PROPERTY);
  g_assert_true (test_device_is_idle (device));
}

static void
test_read_and_write_by_name (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) read = NULL, write = NULL, refused = NULL;
  g_autoptr (TestRequest) one = NULL, two = NULL, three = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_read_property (client, "level", NULL, test_keep_result, &read);
  one = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_value (device, one, g_variant_new_int32 (11));
  test_wait_until (read != NULL);
  value = plant_rpc_client_read_property_finish (client, read, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (value), ==, 11);
  g_assert_cmpstr (recorder->told->str, ==, "level:11 ");
  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (12), NULL,
                                   test_keep_result, &write);
  /* It is shown once it is confirmed. */
  two = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  g_assert_cmpstr (recorder->told->str, ==, "level:11 ");
  test_device_reply_value (device, two, g_variant_new_int32 (12));
  test_wait_until (write != NULL);
  g_assert_true (plant_rpc_client_write_property_finish (client, write, &error));
  g_assert_cmpstr (recorder->told->str, ==, "level:11 level:12 ");
  plant_rpc_client_write_property (client, "level", g_variant_new_string ("12"), NULL,
                                   test_keep_result, &refused);
  three = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  test_device_reply_error (device, three, "no number");
  test_wait_until (refused != NULL);
  g_assert_false (plant_rpc_client_write_property_finish (client, refused, &error));
  g_assert_cmpstr (error->message, ==, "no number");
  test_assert_told (recorder, "level:11 level:12 ");
}

/* An old device confirms a write without the value, which is read then. The write has succeeded
 * even if it cannot be read. */
static void
test_write_by_name_json (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));

  test_device_greet_json (device, 5, "x", "{\"success\": true}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (TestRequest) set = NULL, get = NULL;
      g_autoptr (GError) error = NULL;
      int level;

      plant_rpc_client_write_property (client, "level", g_variant_new_int32 (7), NULL,
                                       test_keep_result, &result);
      set = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
      test_device_reply_text (device, set, i < 2 ? "{\"success\": true}"
                                                 : "{\"success\": false, \"error\": \"no\"}");
      if (i < 2)
        {
          get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
          g_assert_null (result);
          test_device_reply_text (device, get, i == 0 ? "{\"success\": true, \"value\": 6}"
                                                      : "{\"success\": false, \"error\": \"x\"}");
        }
      test_wait_until (result != NULL);
      g_assert_cmpint (plant_rpc_client_write_property_finish (client, result, &error), ==, i < 2);
      g_assert_true ((error == NULL) == (i < 2));
      g_object_get (client, "level", &level, NULL);
      g_assert_cmpint (level, ==, 6);
    }
}

/* What is read is of the property's type, which JSON does not know. */
static void
test_read_by_name_json (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *text = "{\"success\": true, \"value\": 8}";
  guint64 id = GUINT64_TO_LE (6);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TestRequest) get = NULL;
  g_autoptr (GVariant) read = NULL, sync_read = NULL;
  g_autoptr (GError) error = NULL;

  test_device_greet_json (device, 5, "x", "{\"success\": true}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  plant_rpc_client_read_property (client, "level", NULL, test_keep_result, &result);
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_text (device, get, text);
  test_wait_until (result != NULL);
  read = plant_rpc_client_read_property_finish (client, result, &error);
  g_assert_true (g_variant_is_of_type (read, G_VARIANT_TYPE_INT32));
  /* The reply is sent first, and taken once the request has the id that it names. */
  g_ptr_array_add (frames, g_bytes_new (&id, sizeof id));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, g_bytes_new (text, strlen (text)));
  test_device_send (device, frames);
  sync_read = plant_rpc_client_read_property_sync (client, "level", NULL, &error);
  g_assert_true (g_variant_is_of_type (sync_read, G_VARIANT_TYPE_INT32));
}

static void
assert_read (TestDevice     *device,
             PlantRpcClient *client,
             const char     *name)
{
  g_autoptr (TestRequest) get = NULL, set = NULL;

  plant_rpc_client_read_property (client, name, NULL, NULL, NULL);
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (get->request.name, ==, "videoUrl");
  plant_rpc_client_write_property (client, name, g_variant_new_string ("y"), NULL, NULL, NULL);
  set = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  g_assert_cmpstr (set->request.name, ==, "videoUrl");
}

/* A property has its name as a GObject property and the one of the device. */
static void
test_names (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"videoUrl\": {\"type\": \"s\"}}}", NULL);
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_interface (info, test_device_get_url (device), NULL);
  PlantRpcProperty *property = plant_rpc_client_lookup_property (client, "videoUrl");

  g_assert_cmpstr (plant_rpc_property_get_name (property), ==, "video-url");
  g_assert_true (plant_rpc_client_lookup_property (client, "video-url") == property);
  g_assert_null (plant_rpc_client_lookup_property (client, "video_Url"));
  test_device_greet (device, 1, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_MISMATCH);
  g_assert_cmpstr (plant_rpc_client_get_missing (client)[0], ==, "videoUrl");
  assert_read (device, client, "videoUrl");
  assert_read (device, client, "video-url");
}

static void
test_refresh (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) refreshed = NULL;
  g_autoptr (TestRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_refresh (client, NULL, test_keep_result, &refreshed);
  request = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  g_assert_null (refreshed);
  test_device_reply_value (device, request, g_variant_new_parsed ("{'level': <7>, 'mode': <'x'>}"));
  test_wait_until (refreshed != NULL);
  plant_rpc_client_refresh_finish (client, refreshed, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (recorder->told->str, ==, "level:7 ");
}

static void
test_waiting_cancelled (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) flushed = NULL, refreshed = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_flush (client, cancellable, test_keep_result, &flushed);
  plant_rpc_client_refresh (client, cancellable, test_keep_result, &refreshed);
  test_run_pending ();
  g_assert_true (flushed == NULL && refreshed == NULL);
  g_cancellable_cancel (cancellable);
  test_wait_until (flushed != NULL && refreshed != NULL);
  g_assert_false (plant_rpc_client_flush_finish (client, flushed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_refresh_finish (client, refreshed, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_flush_sync (client, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

void __real_plant_rpc_alarm_set (PlantRpcAlarm *self,
                                 gint64         time);
void __wrap_plant_rpc_alarm_set (PlantRpcAlarm *self,
                                 gint64         time);

static PlantRpcAlarm *calls_alarm; /* of the calls of the client that set it last */

void
__wrap_plant_rpc_alarm_set (PlantRpcAlarm *self,
                            gint64         time)
{
  if (g_str_equal (self->name, "calls"))
    calls_alarm = self;
  __real_plant_rpc_alarm_set (self, time);
}


/* How long the device may take, whatever is done with a property. */
static void
test_timeouts (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (TestRequest) request = NULL;
      gint64 since = g_get_monotonic_time (), deadline;

      if (i == 0)
        g_object_set (client, "level", 20, NULL);
      else if (i == 1)
        plant_rpc_client_read_property (client, "level", NULL, test_keep_result, &result);
      else
        plant_rpc_client_write_property (client, "level", g_variant_new_int32 (30), NULL,
                                         test_keep_result, &result);
      deadline = calls_alarm->time;
      g_assert_cmpint (deadline, >=, since + 10 * G_USEC_PER_SEC);
      g_assert_cmpint (deadline, <=, g_get_monotonic_time () + 10 * G_USEC_PER_SEC);
      request = test_device_next (device);
      test_device_reply_value (device, request, g_variant_new_int32 (20));
      test_wait_until (i == 0 ? !plant_rpc_remote_object_has_pending_writes (
                                    plant_rpc_client_get_remote (client))
                              : result != NULL);
      plant_rpc_timer_ring (calls_alarm->timer, deadline);
      g_assert_cmpint (calls_alarm->time, ==, -1);
    }
}

/* A value outside the property's limits stands in no GObject property. Who asks for it gets it. */
static void
test_beyond_limits (void)
{
  static const char *const values[] = { "{'level': <100001>, 'mode': <'x'>}",
                                        "{'level': <-1>, 'mode': <'x'>}",
                                        "{'level': <2147483647>, 'mode': <'x'>}",
                                        "{'level': <2.5>, 'mode': <'x'>}" };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  PlantRpcProperty *property = plant_rpc_client_lookup_property (client, "level");

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (TestRequest) all = NULL, again = NULL;
      g_autoptr (GVariant) given = g_variant_ref_sink (g_variant_new_parsed (values[i]));
      g_autoptr (GVariant) good =
          g_variant_ref_sink (g_variant_new_parsed ("{'level': <7>, 'mode': <'x'>}"));
      int shown;

      plant_rpc_client_refresh (client, NULL, NULL, NULL);
      all = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
      test_device_reply_value (device, all, given);
      test_wait_until (plant_rpc_property_get_error (property) != NULL);
      g_assert_error (plant_rpc_property_get_error (property), PLANT_RPC_ERROR,
                      PLANT_RPC_ERROR_PROTOCOL);
      g_assert_cmpint (plant_rpc_property_get_state (property), ==, PLANT_RPC_PROPERTY_STATE_STALE);
      g_object_get (client, "level", &shown, NULL);
      g_assert_cmpint (shown, ==, i == 0 ? 10 : 7);

      plant_rpc_client_refresh (client, NULL, NULL, NULL);
      again = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
      test_device_reply_value (device, again, good);
      test_wait_until (plant_rpc_property_get_error (property) == NULL);
      g_assert_cmpint (plant_rpc_property_get_state (property), ==,
                       PLANT_RPC_PROPERTY_STATE_CURRENT);
    }
}

/* The device tells why it cannot read a property: with all values, or when it is asked for it. The
 * property is well again when a value comes. */
static void
test_unreadable (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");
  PlantRpcProperty *mode = plant_rpc_client_lookup_property (client, "mode");
  g_autoptr (TestRequest) all = NULL, again = NULL, get = NULL;

  plant_rpc_client_refresh (client, NULL, NULL, NULL);
  all = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, all, g_variant_new_parsed (
      "{'mode': <'y'>, '': <{'level': <('remote', 'no probe', 'line 7')>, 'mode': <5>}>}"));
  test_wait_until (plant_rpc_property_get_state (level) == PLANT_RPC_PROPERTY_STATE_STALE);
  g_assert_cmpint (plant_rpc_property_get_state (mode), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_cmpstr (plant_rpc_property_get_message (level), ==, "no probe");
  g_assert_null (plant_rpc_property_get_message (mode));
  g_assert_error (plant_rpc_property_get_error (level), PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_null (plant_rpc_property_get_error (mode));
  g_assert_cmpstr (plant_rpc_error_get_traceback (plant_rpc_property_get_refusal (level)), ==,
                   "line 7");
  test_device_push_changed (device, 1, "level", g_variant_new_int32 (10));
  test_wait_until (plant_rpc_property_get_state (level) == PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_null (plant_rpc_property_get_message (level));
  g_assert_null (plant_rpc_property_get_error (level));

  plant_rpc_client_refresh (client, NULL, NULL, NULL);
  again = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, again, g_variant_new_parsed ("{'mode': <'y'>}"));
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_error (device, get, "no bus");
  test_wait_until (g_strcmp0 (plant_rpc_property_get_message (level), "no bus") == 0);
  g_assert_cmpint (plant_rpc_property_get_state (level), ==, PLANT_RPC_PROPERTY_STATE_STALE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/property/defaults", test_defaults);
  g_test_add_func ("/client/property/reconnected", test_reconnected);
  g_test_add_func ("/client/property/changes", test_changes);
  g_test_add_func ("/client/property/write", test_write);
  g_test_add_func ("/client/property/order-of-writes", test_order_of_writes);
  g_test_add_func ("/client/property/disposed-while-waiting", test_disposed_while_waiting);
  g_test_add_func ("/client/property/slow-device", test_slow_device);
  g_test_add_func ("/client/property/write-refused", test_write_refused);
  g_test_add_func ("/client/property/write-not-ready", test_write_not_ready);
  g_test_add_func ("/client/property/refusals-bounded", test_refusals_bounded);
  g_test_add_func ("/client/property/write-lost", test_write_lost);
  g_test_add_func ("/client/property/missing", test_missing_property);
  g_test_add_func ("/client/property/by-name", test_read_and_write_by_name);
  g_test_add_func ("/client/property/by-name-json", test_write_by_name_json);
  g_test_add_func ("/client/property/read-by-name-json", test_read_by_name_json);
  g_test_add_func ("/client/property/names", test_names);
  g_test_add_func ("/client/property/refresh", test_refresh);
  g_test_add_func ("/client/property/beyond-limits", test_beyond_limits);
  g_test_add_func ("/client/property/unreadable", test_unreadable);
  g_test_add_func ("/client/property/waiting-cancelled", test_waiting_cancelled);
  g_test_add_func ("/client/property/timeouts", test_timeouts);

  return g_test_run ();
}

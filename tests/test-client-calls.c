/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-recorder.h"

static void
test_call_before_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr (GAsyncResult) first = NULL, second = NULL;
  g_autoptr (TestRequest) request = NULL;

  test_call (client, "echo", 30, NULL, &first);
  test_call (client, "echo", 10000, NULL, &second);
  test_wait_until (first != NULL);
  test_assert_failed (client, first, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  test_device_greet (device, 1, "x");
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, request, g_variant_new_int32 (5));
  test_wait_until (second != NULL);
  test_assert_value (client, second, "5");
  g_assert_true (test_device_is_idle (device));
}

/* The reply that comes too late is counted, and harms no later call. */
static void
test_timed_out (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  g_autoptr (GAsyncResult) first = NULL, second = NULL;
  g_autoptr (TestRequest) one = NULL, two = NULL, probe = NULL;
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");

  test_call (client, "told", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &first);
  one = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_wait_until (first != NULL);
  test_assert_failed (client, first, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  test_client_wait_state (client, PLANT_RPC_STATE_SUSPECT);
  g_assert_false (plant_rpc_property_get_writable (level));
  test_call (client, "echo", 10000, NULL, &second);
  probe = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  two = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, one, g_variant_new_string ("late"));
  test_device_reply_value (device, two, g_variant_new_string ("right"));
  test_device_reply_text (device, probe, "{}");
  test_wait_until (second != NULL);
  test_assert_value (client, second, "'right'");
  g_assert_cmpuint (plant_rpc_client_get_n_late_replies (client), ==, 1);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
  g_assert_true (plant_rpc_property_get_writable (level));
  test_assert_told (recorder, "suspect ready ");
}

static void
test_several_calls (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  GAsyncResult *results[20] = { NULL };
  TestRequest *requests[20];

  for (guint i = 0; i < 20; i++)
    plant_rpc_client_call (client, "echo", g_variant_new ("(u)", i), NULL, 10000, NULL,
                           test_keep_result, &results[i]);
  for (guint i = 0; i < 20; i++)
    requests[i] = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  for (guint i = 20; i > 0; i--)
    {
      g_autoptr (GVariant) arg = NULL;

      g_variant_get_child (requests[i - 1]->request.args, 0, "v", &arg);
      test_device_reply_value (device, requests[i - 1], arg);
      test_request_free (requests[i - 1]);
    }
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%u", i);

      test_wait_until (results[i] != NULL);
      test_assert_value (client, results[i], expected);
      g_object_unref (results[i]);
    }
}

/* A tuple or a list of variants, of which a variant is an argument of any type. */
static void
test_arguments (void)
{
  static const struct {
    const char *given;
    const char *sent;
  } args[] = {
    { "('a', 5)", "[<'a'>, <5>]" },
    { "('a', <5>)", "[<'a'>, <5>]" },
    { "(<<5>>, [<1>])", "[<<5>>, <[<1>]>]" },
    { "[<'a'>, <5>]", "[<'a'>, <5>]" },
    { "[<<5>>]", "[<<5>>]" },
    { "()", "@av []" },
  };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);

  for (guint i = 0; i < G_N_ELEMENTS (args); i++)
    {
      g_autoptr (GVariant) sent = g_variant_ref_sink (g_variant_new_parsed (args[i].sent));
      g_autoptr (GVariant) kwargs =
          g_variant_ref_sink (g_variant_new_parsed ("{'x': <1>, 'y': <<2>>}"));
      g_autoptr (TestRequest) request = NULL;

      plant_rpc_client_call (client, "echo", g_variant_new_parsed (args[i].given), kwargs, 10000,
                             NULL, NULL, NULL);
      request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
      g_assert_cmpvariant (request->request.args, sent);
      g_assert_cmpvariant (request->request.kwargs, kwargs);
      test_device_reply_value (device, request, NULL);
    }
}

static void
test_lost_and_not_sent (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GAsyncResult) sent = NULL, unsent = NULL;
  g_autoptr (GError) error = NULL;

  test_call (client, "patient", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &sent);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_clear_pointer (&device, test_device_free);
  test_wait_until (sent != NULL);
  g_assert_null (plant_rpc_client_call_finish (client, sent, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  g_assert_true (plant_rpc_error_may_have_run (error));
  test_call (client, "echo", 20, NULL, &unsent);
  test_wait_until (unsent != NULL);
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_call_finish (client, unsent, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_assert_false (plant_rpc_error_may_have_run (error));
}

static void
test_remote_error (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TestRequest) request = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GVariant) message =
      g_variant_ref_sink (g_variant_new ("(ysss)", 0x93, "not-sent", "no", "line 1\nline 2"));

  test_call (client, "echo", 10000, NULL, &result);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  payload = g_variant_get_data_as_bytes (message);
  test_device_reply (device, request, payload, NULL);
  test_wait_until (result != NULL);
  g_assert_null (plant_rpc_client_call_finish (client, result, &error));
  /* Whether it ran is for this side to say. */
  g_assert_true (plant_rpc_error_may_have_run (error));
  g_assert_cmpstr (error->message, ==, "no");
  g_assert_cmpstr (plant_rpc_error_get_traceback (error), ==, "line 1\nline 2");
  g_assert_cmpstr (plant_rpc_client_get_last_traceback (client), ==, "line 1\nline 2");
}

static void
test_buffers (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GAsyncResult) good = NULL, bad = NULL, empty = NULL;
  g_autoptr (TestRequest) one = NULL, two = NULL, three = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new ("12345", 5), nothing = g_bytes_new (NULL, 0);
  g_autoptr (GVariant) message = g_variant_ref_sink (
      g_variant_new ("(y@a{sv})", 0x92, g_variant_new_parsed ("{'format': <'raw'>}")));
  g_autoptr (GBytes) payload = g_variant_get_data_as_bytes (message);
  g_autoptr (GBytes) buffer = NULL;
  g_autoptr (GVariant) info = NULL, more = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, NULL, test_keep_result,
                                &good);
  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, NULL, test_keep_result,
                                &empty);
  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, NULL, test_keep_result,
                                &bad);
  one = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  two = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  three = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply (device, one, payload, bytes);
  test_device_reply (device, two, payload, nothing);
  test_device_reply_value (device, three, g_variant_new_int32 (1));
  test_wait_until (good != NULL && empty != NULL && bad != NULL);
  buffer = plant_rpc_client_call_buffer_finish (client, good, &info, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (buffer, bytes));
  g_assert_true (g_variant_is_of_type (info, G_VARIANT_TYPE_VARDICT));
  g_clear_pointer (&buffer, g_bytes_unref);
  buffer = plant_rpc_client_call_buffer_finish (client, empty, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (buffer), ==, 0);
  g_assert_null (plant_rpc_client_call_buffer_finish (client, bad, &more, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_null (more);
}

/* A method of the other kind is not even sent; one that the server did not tell of is. */
static void
test_other_kind (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GAsyncResult) value = NULL, buffer = NULL, unknown = NULL;
  g_autoptr (TestRequest) request = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_call_buffer (client, "echo", NULL, NULL, 10000, NULL, test_keep_result,
                                &buffer);
  test_call (client, "get_image", 10000, NULL, &value);
  test_wait_until (buffer != NULL && value != NULL);
  g_assert_null (plant_rpc_client_call_buffer_finish (client, buffer, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_nonnull (strstr (error->message, "“echo” returns no buffer"));
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_call_finish (client, value, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_nonnull (strstr (error->message, "“get_image” returns a buffer"));
  g_assert_true (test_device_is_idle (device));
  test_call (client, "registered-since", 10000, NULL, &unknown);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, request, g_variant_new_int32 (1));
  test_wait_until (unknown != NULL);
}

/* What the inventory lacks is not sent to one that does not survive it. */
static void
test_checked_for_old_peers (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
  g_autoptr (GAsyncResult) call_result = NULL, read = NULL, write = NULL, kind = NULL;
  g_autoptr (GError) error = NULL;

  test_device_greet_json (device, 1, "x", "{\"success\": true}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_call (client, "nope", 10000, NULL, &call_result);
  plant_rpc_client_read_property (client, "nope", NULL, test_keep_result, &read);
  plant_rpc_client_write_property (client, "nope", g_variant_new_int32 (1), NULL, test_keep_result,
                                   &write);
  plant_rpc_client_call_buffer (client, "echo", NULL, NULL, 10000, NULL, test_keep_result, &kind);
  test_wait_until (call_result != NULL && read != NULL && write != NULL && kind != NULL);
  test_assert_failed (client, call_result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD);
  g_assert_null (plant_rpc_client_read_property_finish (client, read, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_write_property_finish (client, write, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY);
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_call_buffer_finish (client, kind, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_true (test_device_is_idle (device));
}

static void
test_cancelled (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GCancellable) before = g_cancellable_new (), after = g_cancellable_new ();
  g_autoptr (GAsyncResult) first = NULL, second = NULL;
  g_autoptr (TestRequest) request = NULL;

  g_cancellable_cancel (before);
  test_call (client, "echo", 10000, before, &first);
  test_wait_until (first != NULL);
  test_assert_failed (client, first, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (test_device_is_idle (device));
  test_call (client, "echo", 10000, after, &second);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  g_cancellable_cancel (after);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_CANCEL));
  test_wait_until (second != NULL);
  test_assert_failed (client, second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
finish (PlantRpcClient  *client,
        guint            operation,
        GAsyncResult    *result,
        GError         **error)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GBytes) buffer = NULL;

  switch (operation)
    {
    case 0:
      value = plant_rpc_client_call_finish (client, result, error);
      return value != NULL;
    case 1:
      buffer = plant_rpc_client_call_buffer_finish (client, result, NULL, error);
      return buffer != NULL;
    case 2:
      return plant_rpc_client_stop_server_finish (client, result, error);
    case 3:
      value = plant_rpc_client_read_property_finish (client, result, error);
      return value != NULL;
    default:
      return plant_rpc_client_write_property_finish (client, result, error);
    }
}

static void
start_all (PlantRpcClient  *client,
           GCancellable    *cancellable,
           GAsyncResult   **results)
{
  plant_rpc_client_call (client, "echo", NULL, NULL, 10000, cancellable, test_keep_result,
                         &results[0]);
  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, cancellable,
                                test_keep_result, &results[1]);
  plant_rpc_client_stop_server (client, cancellable, test_keep_result, &results[2]);
  plant_rpc_client_read_property (client, "level", cancellable, test_keep_result, &results[3]);
  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (1), cancellable,
                                   test_keep_result, &results[4]);
}

/* Every operation that asks the device can be cancelled, and tells it so. */
static void
test_all_cancelled (void)
{
  static const PlantRpcEvent events[] = {
    PLANT_RPC_EVENT_METHOD_CALL,  PLANT_RPC_EVENT_METHOD_CALL,  PLANT_RPC_EVENT_STOP_SERVER,
    PLANT_RPC_EVENT_PROPERTY_GET, PLANT_RPC_EVENT_PROPERTY_SET,
  };
  static const char *const names[] = { "“echo”", "“get_image”", "“request”", "“level”", "“level”" };
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *results[G_N_ELEMENTS (events)] = { NULL };

  start_all (client, cancellable, results);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    test_request_free (test_device_expect (device, events[i]));
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_autoptr (GError) error = NULL;

      test_wait_until (results[i] != NULL);
      g_assert_false (finish (client, i, results[i], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_nonnull (strstr (error->message, names[i]));
      g_object_unref (results[i]);
      test_request_free (test_device_expect (device, PLANT_RPC_EVENT_CANCEL));
    }
}

static gboolean
run (PlantRpcClient  *client,
     guint            operation,
     int              timeout,
     GCancellable    *cancellable,
     GError         **error)
{
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GBytes) buffer = NULL;

  switch (operation)
    {
    case 0:
      value = plant_rpc_client_call_sync (client, "echo", NULL, NULL, timeout, cancellable, error);
      return value != NULL;
    case 1:
      buffer = plant_rpc_client_call_buffer_sync (client, "get_image", NULL, NULL, timeout,
                                                  cancellable, NULL, error);
      return buffer != NULL;
    case 2:
      return plant_rpc_client_stop_server_sync (client, cancellable, error);
    case 3:
      value = plant_rpc_client_read_property_sync (client, "level", cancellable, error);
      return value != NULL;
    case 4:
      return plant_rpc_client_write_property_sync (client, "level", g_variant_new_int32 (1),
                                                   cancellable, error);
    default:
      return plant_rpc_client_refresh_sync (client, cancellable, error);
    }
}

/* The same of those that block. */
static void
test_sync_cancelled (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (run (client, i, 10000, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  /* Values are asked for all the same. */
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_ALL));
  g_assert_true (test_device_is_idle (device));
}

/* The reply is sent first, and taken once the request has the id that it names. */
static void
test_sync_remote_error (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GVariant) message =
      g_variant_ref_sink (g_variant_new ("(ysss)", 0x93, "remote", "no", "line 1\nline 2"));
  guint64 id = GUINT64_TO_LE (3);
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (frames, g_bytes_new (&id, sizeof id));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, g_variant_get_data_as_bytes (message));
  test_device_send (device, frames);
  g_assert_false (run (client, 0, 10000, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (plant_rpc_client_get_last_traceback (client), ==, "line 1\nline 2");
}

static void
test_sync_timed_out (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (run (client, i, 30, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_assert_nonnull (strstr (error->message, "0.03 s"));
      test_request_free (test_device_expect_soon (device, PLANT_RPC_EVENT_METHOD_CALL));
      if (i == 0)
        test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET));
    }
}

/* The reply decides whether the method has run, so a cancellation between the reply and the
 * callback must not hide it. */
static void
test_cancelled_after_reply (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (client);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (TestRequest) request = NULL;

  test_call (client, "echo", 10000, cancellable, &result);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  plant_rpc_inbox_block (inbox);
  test_device_reply_value (device, request, g_variant_new_int32 (5));
  test_device_reply_value (device, request, g_variant_new_int32 (6));
  test_wait_until (plant_rpc_client_get_n_late_replies (client) == 1);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  plant_rpc_inbox_unblock (inbox);
  test_wait_until (result != NULL);
  test_assert_value (client, result, "5");
  g_assert_true (test_device_is_idle (device));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/call/before-ready", test_call_before_ready);
  g_test_add_func ("/client/call/timed-out", test_timed_out);
  g_test_add_func ("/client/call/several", test_several_calls);
  g_test_add_func ("/client/call/arguments", test_arguments);
  g_test_add_func ("/client/call/lost-and-not-sent", test_lost_and_not_sent);
  g_test_add_func ("/client/call/remote-error", test_remote_error);
  g_test_add_func ("/client/call/buffers", test_buffers);
  g_test_add_func ("/client/call/other-kind", test_other_kind);
  g_test_add_func ("/client/call/checked-for-old-peers", test_checked_for_old_peers);
  g_test_add_func ("/client/call/cancelled", test_cancelled);
  g_test_add_func ("/client/call/all-cancelled", test_all_cancelled);
  g_test_add_func ("/client/call/sync-cancelled", test_sync_cancelled);
  g_test_add_func ("/client/call/sync-remote-error", test_sync_remote_error);
  g_test_add_func ("/client/call/sync-timed-out", test_sync_timed_out);
  g_test_add_func ("/client/call/cancelled-after-reply", test_cancelled_after_reply);

  return g_test_run ();
}

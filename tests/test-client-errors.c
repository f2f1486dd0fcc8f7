/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-client-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-recorder.h"

/* What errors say, word by word, since a name at the wrong place misleads the reader. */

/* Ends ERROR. */
static void G_GNUC_PRINTF (2, 3)
assert_says (GError     **error,
             const char  *format,
             ...)
{
  g_autofree char *expected = NULL;
  va_list args;

  va_start (args, format);
  expected = g_strdup_vprintf (format, args);
  va_end (args);
  g_assert_nonnull (*error);
  g_assert_cmpstr ((*error)->message, ==, expected);
  g_clear_error (error);
}

/* The call fails, and its error says that. Ends RESULT. */
#define assert_call_says(client, result, ...)                                     \
  G_STMT_START                                                                    \
    {                                                                             \
      g_autoptr (GError) test_error = NULL;                                       \
                                                                                  \
      test_wait_until (result != NULL);                                           \
      g_assert_null (plant_rpc_client_call_finish (client, result, &test_error)); \
      assert_says (&test_error, __VA_ARGS__);                                     \
      g_clear_object (&result);                                                   \
    }                                                                             \
  G_STMT_END

static void
assert_last_error (PlantRpcClient *client,
                   const char     *expected)
{
  g_assert_nonnull (plant_rpc_client_get_last_error (client));
  g_assert_cmpstr (plant_rpc_client_get_last_error (client)->message, ==, expected);
}

static void
test_not_ready (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  const char *url = test_device_get_url (device);
  g_autoptr (PlantRpcClient) client = test_client_new (url);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  g_assert_false (plant_rpc_client_wait_ready_sync (client, 0, NULL, &error));
  assert_says (&error, "“%s” is not ready: it has not answered yet", url);
  test_call (client, "echo", 20, NULL, &result);
  assert_call_says (client, result,
                    "“echo” was not sent: there is no connection to “%s” (it is not ready yet)",
                    url);
  g_object_set (client, "level", 5, NULL);
  error = g_error_copy (plant_rpc_property_get_refusal (level));
  assert_says (&error, "“level” was not written: the device is not ready");
  g_assert_null (plant_rpc_client_discover_sync (url, 20, NULL, &error));
  assert_says (&error, "“%s” could not be discovered: it has not answered yet", url);
}

static void
test_nobody (void)
{
  g_autoptr (PlantRpcClient) client = test_client_new ("tcp://127.0.0.1:1");
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  test_client_wait_state (client, PLANT_RPC_STATE_DISCONNECTED);
  assert_last_error (client, "Nobody listens at “tcp://127.0.0.1:1”");
  g_assert_false (plant_rpc_client_wait_ready_sync (client, 0, NULL, &error));
  assert_says (&error, "“tcp://127.0.0.1:1” is not ready: Nobody listens at “tcp://127.0.0.1:1”");
  test_call (client, "echo", 20, NULL, &result);
  assert_call_says (client, result,
                    "“echo” was not sent: there is no connection to “tcp://127.0.0.1:1” "
                    "(Nobody listens at “tcp://127.0.0.1:1”)");
}

static void
test_no_url (void)
{
  g_autoptr (PlantRpcClient) none = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  g_autoptr (PlantRpcClient) no_port = test_client_new ("tcp://127.0.0.1");
  g_autoptr (PlantRpcClient) no_host = test_client_new ("tcp://*:5");
  GError *error = NULL;

  g_assert_false (plant_rpc_client_refresh_sync (none, NULL, &error));
  assert_says (&error, "The client has neither a URL nor a device to follow");
  g_assert_false (plant_rpc_client_wait_ready_sync (no_port, 0, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  assert_says (&error, "“tcp://127.0.0.1” names no port to connect to");
  g_assert_false (plant_rpc_client_wait_ready_sync (no_host, 0, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  assert_says (&error, "“tcp://*:5” names no host to connect to");
}

static void
test_sent (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  const char *url = test_device_get_url (device);
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL, image = NULL;
  g_autoptr (TestRequest) request = NULL;
  g_autofree char *silent = g_strdup_printf ("“%s” does not answer in time", url);
  GError *error = NULL;

  test_call (client, "get_image", 20, NULL, &result);
  assert_call_says (client, result, "The method “get_image” returns a buffer");
  test_call (client, "echo", 10000, cancellable, &result);
  g_cancellable_cancel (cancellable);
  assert_call_says (client, result, "“echo” was cancelled");
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_CANCEL));
  plant_rpc_client_call_buffer (client, "get_image", NULL, NULL, 10000, NULL, test_keep_result,
                                &image);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, request, g_variant_new_int32 (1));
  test_wait_until (image != NULL);
  g_assert_null (plant_rpc_client_call_buffer_finish (client, image, NULL, &error));
  assert_says (&error, "The method returns no buffer");
  test_call (client, "echo", 30, NULL, &result);
  assert_call_says (client, result,
                    "“%s” did not answer to “echo” within 0.03 s; it may still run", url);
  assert_last_error (client, silent);
}

static void
test_old_peer (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  const char *url = test_device_get_url (device);
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (url);
  g_autoptr (GAsyncResult) result = NULL, read = NULL;
  GError *error = NULL;

  test_device_greet_json (device, 1, "x", "{\"success\": true}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_call (client, "nope", 10000, NULL, &result);
  assert_call_says (client, result, "“%s” has no method “nope”", url);
  plant_rpc_client_read_property (client, "none", NULL, test_keep_result, &read);
  test_wait_until (read != NULL);
  g_assert_null (plant_rpc_client_read_property_finish (client, read, &error));
  assert_says (&error, "“%s” has no property “none”", url);
}

static void
test_lost (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GAsyncResult) result = NULL;

  test_call (client, "echo", 10000, NULL, &result);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_clear_pointer (&device, test_device_free);
  assert_call_says (client, result,
                    "The connection to “%s” was lost before the reply came "
                    "(The connection to “%s” was closed)",
                    url, url);
}

static void
test_moved (void)
{
  g_autoptr (TestDevice) device = test_device_new (), next = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GAsyncResult) result = NULL;

  test_call (client, "echo", 10000, NULL, &result);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  plant_rpc_client_move (client, test_device_get_url (next));
  assert_call_says (client, result,
                    "The connection to “%s” was lost before the reply came "
                    "(The device has moved to “%s”)",
                    url, test_device_get_url (next));
  /* From here on it is the other one that is told of. */
  test_call (client, "echo", 20, NULL, &result);
  test_wait_until (result != NULL);
  g_clear_object (&result);
  test_device_greet (next, 1, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_call (client, "echo", 20, NULL, &result);
  assert_call_says (client, result,
                    "“%s” did not answer to “echo” within 0.02 s; it may still run",
                    test_device_get_url (next));
}

static void
test_closed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  const char *url = test_device_get_url (device);
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (GAsyncResult) result = NULL, refreshed = NULL;
  GError *error = NULL;

  test_call (client, "echo", 10000, NULL, &result);
  plant_rpc_client_refresh (client, NULL, test_keep_result, &refreshed);
  plant_rpc_client_close (client);
  assert_call_says (client, result, "The client for “%s” was closed", url);
  test_wait_until (refreshed != NULL);
  g_assert_false (plant_rpc_client_refresh_finish (client, refreshed, &error));
  assert_says (&error, "The client for “%s” is closed", url);
  test_call (client, "echo", 10000, NULL, &result);
  assert_call_says (client, result, "The client for “%s” is closed", url);
  g_assert_false (plant_rpc_client_wait_ready_sync (client, 0, NULL, &error));
  assert_says (&error, "The client for “%s” is closed", url);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client/errors/not-ready", test_not_ready);
  g_test_add_func ("/client/errors/nobody", test_nobody);
  g_test_add_func ("/client/errors/no-url", test_no_url);
  g_test_add_func ("/client/errors/sent", test_sent);
  g_test_add_func ("/client/errors/old-peer", test_old_peer);
  g_test_add_func ("/client/errors/lost", test_lost);
  g_test_add_func ("/client/errors/moved", test_moved);
  g_test_add_func ("/client/errors/closed", test_closed);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-subscriber-private.h"
#include "plant-rpc-test-device.h"

/* Notifications and signals of a client, as they come. */
typedef struct {
  PlantRpcClient *client;
  GObject        *watched; /* the same, while it lives */
  GString        *told; /* (owned) */
  void          (*action) (gpointer recorder); /* done by the next one */
  gpointer        data; /* for the action */
} Recorder;

static void
record (Recorder   *self,
        const char *format,
        ...)
{
  void (*action) (gpointer recorder) = g_steal_pointer (&self->action);
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (self->told, format, args);
  va_end (args);
  if (action != NULL)
    action (self);
}

static void
on_level (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  int level;

  g_object_get (object, "level", &level, NULL);
  record (user_data, "level:%d ", level);
}

static void
on_mode (GObject    *object,
         GParamSpec *pspec,
         gpointer    user_data)
{
  g_autofree char *mode = NULL;

  g_object_get (object, "mode", &mode, NULL);
  record (user_data, "mode:%s ", mode);
}

static void
on_state (GObject    *object,
          GParamSpec *pspec,
          gpointer    user_data)
{
  g_autoptr(GEnumClass) states = g_type_class_ref (PLANT_RPC_TYPE_STATE);
  PlantRpcState state = plant_rpc_client_get_state (PLANT_RPC_CLIENT (object));

  record (user_data, "%s ", g_enum_get_value (states, state)->value_nick);
}

static void
on_captured (PlantRpcClient *client,
             const char     *name,
             int             number,
             gpointer        user_data)
{
  record (user_data, "%s:%d ", name, number);
}

static void
on_write_failed (PlantRpcClient *client,
                 const char     *name,
                 const GError   *error,
                 gpointer        user_data)
{
  record (user_data, "failed:%s:%s ", name, error->message);
}

static void
on_signals_lost (PlantRpcClient *client,
                 guint64         n_lost,
                 gpointer        user_data)
{
  record (user_data, "lost:%" G_GUINT64_FORMAT " ", n_lost);
}

static void
on_protocol_error (PlantRpcClient *client,
                   const GError   *error,
                   gpointer        user_data)
{
  record (user_data, "error ");
}

static Recorder *
recorder_new (PlantRpcClient *client)
{
  Recorder *self = g_new0 (Recorder, 1);

  self->client = client;
  self->watched = G_OBJECT (client);
  g_object_add_weak_pointer (self->watched, (gpointer *) &self->watched);
  self->told = g_string_new (NULL);
  g_signal_connect (client, "notify::level", G_CALLBACK (on_level), self);
  g_signal_connect (client, "notify::mode", G_CALLBACK (on_mode), self);
  g_signal_connect (client, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect (client, "captured", G_CALLBACK (on_captured), self);
  g_signal_connect (client, "write-failed", G_CALLBACK (on_write_failed), self);
  g_signal_connect (client, "signals-lost", G_CALLBACK (on_signals_lost), self);
  g_signal_connect (client, "protocol-error", G_CALLBACK (on_protocol_error), self);
  return self;
}

static void
recorder_free (Recorder *self)
{
  if (self->watched != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->watched, self);
      g_object_remove_weak_pointer (self->watched, (gpointer *) &self->watched);
    }
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recorder, recorder_free)

#define assert_told(self, expected) test_wait_until (g_str_equal ((self)->told->str, expected))

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* One that is ready, with level 10 and mode "x", and has notified that. */
static PlantRpcClient *
client_new_ready (TestDevice *device)
{
  PlantRpcClient *client = test_client_new (test_device_get_url (device));

  test_device_greet (device, 10, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  run ();
  return client;
}

static void
restart (TestDevice **device)
{
  g_autofree char *url = g_strdup (test_device_get_url (*device));

  test_device_free (*device);
  *device = test_device_new_at (url);
}

static void
call (PlantRpcClient  *client,
      const char      *method,
      int              timeout,
      GCancellable    *cancellable,
      GAsyncResult   **result)
{
  plant_rpc_client_call (client, method, NULL, NULL, timeout, cancellable, test_keep_result, result);
}

static void
assert_value (PlantRpcClient *client,
              GAsyncResult   *result,
              const char     *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = plant_rpc_client_call_finish (client, result, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_variant_print (value, FALSE);
  g_assert_cmpstr (text, ==, expected);
}

#define assert_failed(client, result, domain, code)                                       \
  G_STMT_START                                                                            \
    {                                                                                     \
      g_autoptr(GError) test_error = NULL;                                                \
                                                                                          \
      g_assert_null (plant_rpc_client_call_finish (client, result, &test_error));         \
      g_assert_error (test_error, domain, code);                                          \
    }                                                                                     \
  G_STMT_END

/* ---- calls */

static void
test_call_before_ready (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr(GAsyncResult) first = NULL, second = NULL;
  g_autoptr(TestRequest) request = NULL;

  call (client, "echo", 30, NULL, &first);
  call (client, "echo", 10000, NULL, &second);
  test_wait_until (first != NULL);
  assert_failed (client, first, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  test_device_greet (device, 1, "x");
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, request, g_variant_new_int32 (5));
  test_wait_until (second != NULL);
  assert_value (client, second, "5");
  g_assert_true (test_device_is_idle (device));
}

/* The reply that comes too late is counted, and harms no later call. */
static void
test_timed_out (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GAsyncResult) first = NULL, second = NULL;
  g_autoptr(TestRequest) one = NULL, two = NULL, probe = NULL;
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");

  call (client, "told", PLANT_RPC_TIMEOUT_TOLD, NULL, &first);
  one = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_wait_until (first != NULL);
  assert_failed (client, first, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  test_client_wait_state (client, PLANT_RPC_STATE_SUSPECT);
  g_assert_false (plant_rpc_property_get_writable (level));
  call (client, "echo", 10000, NULL, &second);
  probe = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  two = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, one, g_variant_new_string ("late"));
  test_device_reply_value (device, two, g_variant_new_string ("right"));
  test_device_reply_text (device, probe, "{}");
  test_wait_until (second != NULL);
  assert_value (client, second, "'right'");
  g_assert_cmpuint (plant_rpc_client_get_n_late_replies (client), ==, 1);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
  g_assert_true (plant_rpc_property_get_writable (level));
  assert_told (recorder, "suspect ready ");
}

static void
test_several_calls (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  GAsyncResult *results[20] = { NULL };
  TestRequest *requests[20];

  for (guint i = 0; i < 20; i++)
    plant_rpc_client_call (client, "echo", g_variant_new ("(u)", i), NULL, 10000, NULL,
                           test_keep_result, &results[i]);
  for (guint i = 0; i < 20; i++)
    requests[i] = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  for (guint i = 20; i > 0; i--)
    {
      g_autoptr(GVariant) arg = NULL;

      g_variant_get_child (requests[i - 1]->request.args, 0, "v", &arg);
      test_device_reply_value (device, requests[i - 1], arg);
      test_request_free (requests[i - 1]);
    }
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%u", i);

      test_wait_until (results[i] != NULL);
      assert_value (client, results[i], expected);
      g_object_unref (results[i]);
    }
}

static void
test_lost_and_not_sent (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(GAsyncResult) sent = NULL, unsent = NULL;
  g_autoptr(GError) error = NULL;

  call (client, "patient", PLANT_RPC_TIMEOUT_TOLD, NULL, &sent);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL));
  g_clear_pointer (&device, test_device_free);
  test_wait_until (sent != NULL);
  g_assert_null (plant_rpc_client_call_finish (client, sent, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  g_assert_true (plant_rpc_error_may_have_run (error));
  call (client, "echo", 20, NULL, &unsent);
  test_wait_until (unsent != NULL);
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_call_finish (client, unsent, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_assert_false (plant_rpc_error_may_have_run (error));
}

static void
test_remote_error (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(TestRequest) request = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) payload = NULL;
  g_autoptr(GVariant) message =
      g_variant_ref_sink (g_variant_new ("(ysss)", 0x93, "not-sent", "no", "line 1\nline 2"));

  call (client, "echo", 10000, NULL, &result);
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
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(GAsyncResult) good = NULL, bad = NULL, empty = NULL;
  g_autoptr(TestRequest) one = NULL, two = NULL, three = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new ("12345", 5), nothing = g_bytes_new (NULL, 0);
  g_autoptr(GVariant) message = g_variant_ref_sink (
      g_variant_new ("(y@a{sv})", 0x92, g_variant_new_parsed ("{'format': <'raw'>}")));
  g_autoptr(GBytes) payload = g_variant_get_data_as_bytes (message);
  g_autoptr(GBytes) buffer = NULL;
  g_autoptr(GVariant) info = NULL, more = NULL;
  g_autoptr(GError) error = NULL;

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
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(GAsyncResult) value = NULL, buffer = NULL, unknown = NULL;
  g_autoptr(TestRequest) request = NULL;
  g_autoptr(GError) error = NULL;

  plant_rpc_client_call_buffer (client, "echo", NULL, NULL, 10000, NULL, test_keep_result,
                                &buffer);
  call (client, "get_image", 10000, NULL, &value);
  test_wait_until (buffer != NULL && value != NULL);
  g_assert_null (plant_rpc_client_call_buffer_finish (client, buffer, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  assert_failed (client, value, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_true (test_device_is_idle (device));
  call (client, "registered-since", 10000, NULL, &unknown);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  test_device_reply_value (device, request, g_variant_new_int32 (1));
  test_wait_until (unknown != NULL);
}

/* What the inventory lacks is not sent to one that does not survive it. */
static void
test_checked_for_old_peers (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = plant_rpc_client_new (test_device_get_url (device));
  g_autoptr(GAsyncResult) call_result = NULL, read = NULL, write = NULL, kind = NULL;
  g_autoptr(GError) error = NULL;

  test_device_greet_json (device, 1, "x", "{\"success\": true}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  call (client, "nope", 10000, NULL, &call_result);
  plant_rpc_client_read_property (client, "nope", NULL, test_keep_result, &read);
  plant_rpc_client_write_property (client, "nope", g_variant_new_int32 (1), NULL, test_keep_result,
                                   &write);
  plant_rpc_client_call_buffer (client, "echo", NULL, NULL, 10000, NULL, test_keep_result, &kind);
  test_wait_until (call_result != NULL && read != NULL && write != NULL && kind != NULL);
  assert_failed (client, call_result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_METHOD);
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
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(GCancellable) before = g_cancellable_new (), after = g_cancellable_new ();
  g_autoptr(GAsyncResult) first = NULL, second = NULL;
  g_autoptr(TestRequest) request = NULL;

  g_cancellable_cancel (before);
  call (client, "echo", 10000, before, &first);
  test_wait_until (first != NULL);
  assert_failed (client, first, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (test_device_is_idle (device));
  call (client, "echo", 10000, after, &second);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  g_cancellable_cancel (after);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_CANCEL));
  test_wait_until (second != NULL);
  assert_failed (client, second, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---- properties */

static void
test_defaults (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GVariant) cached = NULL;
  int level = -1;

  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 0);
  g_assert_null (plant_rpc_client_get_cached_property (client, "level"));
  /* What differs is notified, and nothing else, before it is ready. */
  test_device_greet (device, 0, "x");
  assert_told (recorder, "mode:x ready ");
  cached = plant_rpc_client_get_cached_property (client, "level");
  g_assert_cmpint (g_variant_get_int32 (cached), ==, 0);
}

static void
test_reconnected (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");

  restart (&device);
  test_wait_until (strstr (recorder->told->str, "disconnected") != NULL);
  g_assert_cmpint (plant_rpc_property_get_state (level), ==, PLANT_RPC_PROPERTY_STATE_STALE);
  test_device_greet (device, 10, "y");
  test_wait_until (strstr (recorder->told->str, "ready") != NULL);
  run ();
  g_assert_cmpint (plant_rpc_property_get_state (level), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_nonnull (strstr (recorder->told->str, "mode:y ready "));
  g_assert_null (strstr (recorder->told->str, "level"));
}

static void
test_changes (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);

  test_device_push_changed (device, 1, "level", g_variant_new_int32 (20));
  test_device_push_changed (device, 2, "level", g_variant_new_int32 (20));
  test_device_push_changed (device, 3, "unknown", g_variant_new_int32 (20));
  test_device_push_changed (device, 4, "level", g_variant_new_string ("20"));
  test_device_push_changed (device, 5, "level", g_variant_new_int64 (30));
  assert_told (recorder, "level:20 error level:30 ");
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 1);
}

static void
test_write (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(TestRequest) one = NULL, two = NULL, three = NULL;

  g_object_set (client, "level", 20, NULL);
  g_object_set (client, "level", 20, NULL);
  g_assert_cmpstr (recorder->told->str, ==, "level:20 ");
  call (client, "echo", 10000, NULL, &result);
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
  assert_told (recorder, "level:20 mode:y level:25 mode:x failed:mode:no ");
  test_device_reply_value (device, two, NULL);
  test_wait_until (result != NULL);
  g_assert_true (test_device_is_idle (device));
}

static void
test_write_not_ready (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr(Recorder) recorder = recorder_new (client);
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

/* The connection is lost while a write is under way. */
static void
test_write_lost (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GAsyncResult) flushed = NULL;
  g_autoptr(GError) error = NULL;

  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_flush (client, NULL, test_keep_result, &flushed);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET));
  g_assert_null (flushed);
  restart (&device);
  test_wait_until (strstr (recorder->told->str, "failed:level:") != NULL);
  g_assert_true (g_str_has_prefix (recorder->told->str, "level:20 disconnected level:10 failed:")
                 || g_str_has_prefix (recorder->told->str, "level:20 level:10 "));
  test_wait_until (flushed != NULL);
  plant_rpc_client_flush_finish (client, flushed, &error);
  g_assert_no_error (error);
  test_device_greet (device, 20, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  run ();
  g_assert_true (g_str_has_suffix (recorder->told->str, "level:20 ready "));
}

static void
test_missing_property (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"level\": {\"type\": \"i\"}, \"zoom\": {\"type\": \"d\"}}}", NULL);
  g_autoptr(PlantRpcClient) client =
      plant_rpc_client_new_for_interface (info, test_device_get_url (device), NULL);
  PlantRpcProperty *zoom = plant_rpc_client_lookup_property (client, "zoom");

  test_device_greet (device, 1, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_MISMATCH);
  g_assert_cmpstr (plant_rpc_client_get_missing (client)[0], ==, "zoom");
  g_assert_false (plant_rpc_property_get_writable (zoom));
  g_assert_true (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (client, "level")));
  g_object_set (client, "zoom", 2.0, NULL);
  g_assert_error (plant_rpc_property_get_refusal (zoom), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_NOT_SENT);
  g_assert_true (test_device_is_idle (device));
}

static void
test_read_and_write_by_name (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GAsyncResult) read = NULL, write = NULL, refused = NULL;
  g_autoptr(TestRequest) one = NULL, two = NULL, three = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

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
  assert_told (recorder, "level:11 level:12 ");
}

static void
test_refresh (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GAsyncResult) refreshed = NULL;
  g_autoptr(TestRequest) request = NULL;
  g_autoptr(GError) error = NULL;

  plant_rpc_client_refresh (client, NULL, test_keep_result, &refreshed);
  request = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  g_assert_null (refreshed);
  test_device_reply_value (device, request, g_variant_new_parsed ("{'level': <7>, 'mode': <'x'>}"));
  test_wait_until (refreshed != NULL);
  plant_rpc_client_refresh_finish (client, refreshed, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (recorder->told->str, ==, "level:7 ");
}

/* ---- signals */

static GVariant *
captured (const char *name,
          int         number)
{
  return g_variant_new_parsed ("[<%s>, <%i>]", name, number);
}

static void
on_any_signal (PlantRpcClient *client,
               const char     *name,
               GVariant       *args,
               gpointer        user_data)
{
  g_autofree char *text = g_variant_print (args, FALSE);

  g_string_append_printf (((Recorder *) user_data)->told, "%s%s ", name, text);
}

static void
test_signals (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client), any = NULL;

  any = g_new0 (Recorder, 1);
  any->told = g_string_new (NULL);
  g_signal_connect (client, "signal-received::captured", G_CALLBACK (on_any_signal), any);
  g_signal_connect (client, "signal-received::levelChanged", G_CALLBACK (on_any_signal), any);
  test_device_push_signal (device, 1, "captured", captured ("a", 1));
  test_device_push_signal (device, 2, "ping", g_variant_new_parsed ("@av []"));
  test_device_push_signal (device, 3, "unknown", g_variant_new_parsed ("@av []"));
  /* The change signal is made from the change. */
  test_device_push_changed (device, 4, "level", g_variant_new_int32 (5));
  test_device_push_signal (device, 5, "captured", captured ("b", 2));
  assert_told (recorder, "a:1 level:5 b:2 ");
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
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  guint64 sequence = 0;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_string_truncate (recorder->told, 0);
      test_device_push_signal (device, ++sequence, "captured", g_variant_new_parsed (wrong[i]));
      test_device_push_signal (device, ++sequence, "captured", captured ("good", 1));
      assert_told (recorder, "error good:1 ");
      g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, i + 1);
    }
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
}

static void
test_malformed_pushes (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GBytes) rubbish = g_bytes_new ("\xa1\x00\xff\xff", 4), empty = g_bytes_new (NULL, 0);

  test_device_push_bytes (device, 1, rubbish);
  test_device_push_bytes (device, 2, empty);
  test_device_push_signal (device, 3, "captured", captured ("good", 1));
  assert_told (recorder, "good:1 ");
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 2);
}

static void
test_signals_lost (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(TestRequest) one = NULL, two = NULL;

  test_device_push_signal (device, 5, "captured", captured ("a", 1));
  test_device_push_lost (device, 6, 12);
  one = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, one, g_variant_new_parsed ("{'level': <77>}"));
  two = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, two, g_variant_new_parsed ("{'level': <77>}"));
  assert_told (recorder, "lost:0 a:1 lost:12 level:77 ");
}

/* However large they are, the server gets its window back. */
static void
test_credit (void)
{
  static const gsize sizes[] = { 10, 20000, 100000, 300000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(TestDevice) device = test_device_new ();
      g_autoptr(PlantRpcClient) client = client_new_ready (device);
      g_autofree char *name = g_strnfill (sizes[i], 'x');
      gsize cost = sizes[i] + 100, outstanding = 0;
      guint64 sequence = 0, acknowledged = 0;

      while (acknowledged * cost < 3 * PLANT_RPC_SUBSCRIBER_WINDOW)
        {
          g_autoptr(TestRequest) credit = NULL;

          while (outstanding == 0 || outstanding + cost <= PLANT_RPC_SUBSCRIBER_WINDOW)
            {
              test_device_push_signal (device, ++sequence, "captured", captured (name, 1));
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
on_reply_recorded (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  record (user_data, "reply ");
}

static void
test_order (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(TestRequest) set = NULL, request = NULL;

  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, on_reply_recorded, recorder);
  set = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  g_string_truncate (recorder->told, 0);
  test_device_reply_error (device, set, "no");
  test_device_push_signal (device, 1, "captured", captured ("a", 1));
  test_device_reply_value (device, request, NULL);
  test_device_push_signal (device, 2, "captured", captured ("b", 2));
  assert_told (recorder, "level:10 failed:level:no a:1 reply b:2 ");
}

/* ---- what handlers do */

static void
do_unref (gpointer recorder)
{
  Recorder *self = recorder;

  g_object_unref (g_steal_pointer (&self->client));
}

/* Whatever comes when, the last reference may go in it. */
static void
test_last_unref (void)
{
  for (guint i = 0; i < 7; i++)
    {
      g_autoptr(TestDevice) device = test_device_new ();
      PlantRpcClient *client = client_new_ready (device);
      g_autoptr(Recorder) recorder = recorder_new (client);
      g_autoptr(TestRequest) request = NULL;

      g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &client);
      recorder->action = do_unref;
      switch (i)
        {
        case 0:
          test_device_push_signal (device, 1, "captured", captured ("a", 1));
          test_device_push_signal (device, 2, "captured", captured ("b", 1));
          break;
        case 1:
          test_device_push_changed (device, 1, "level", g_variant_new_int32 (5));
          test_device_push_changed (device, 2, "mode", g_variant_new_string ("y"));
          break;
        case 2:
          test_device_push_signal (device, 5, "captured", captured ("a", 1));
          break;
        case 3:
          test_device_push_changed (device, 1, "level", g_variant_new_string ("x"));
          break;
        case 4:
          restart (&device);
          break;
        case 5:
          recorder->action = NULL;
          g_object_set (client, "level", 20, NULL);
          g_string_truncate (recorder->told, 0);
          recorder->action = do_unref;
          request = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
          test_device_reply_error (device, request, "no");
          break;
        default:
          plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, on_reply_recorded,
                                 recorder);
          request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
          test_device_reply_value (device, request, NULL);
          test_device_push_signal (device, 1, "captured", captured ("a", 1));
          break;
        }
      test_wait_until (client == NULL);
      run ();
      g_assert_null (recorder->client);
      /* Nothing came after it. */
      g_assert_cmpstr (strchr (recorder->told->str, ' '), ==, " ");
    }
}

/* The first setter's own notification. */
static void
test_last_unref_in_snapshot (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  PlantRpcClient *client = test_client_new (test_device_get_url (device));
  g_autoptr(Recorder) recorder = recorder_new (client);

  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &client);
  recorder->action = do_unref;
  test_device_greet (device, 10, "x");
  test_wait_until (client == NULL);
  run ();
}

static void
do_close (gpointer recorder)
{
  plant_rpc_client_close (((Recorder *) recorder)->client);
}

static void
test_closed_by_handler (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GAsyncResult) result = NULL;

  recorder->action = do_close;
  call (client, "echo", 10000, NULL, &result);
  test_device_push_changed (device, 1, "level", g_variant_new_int32 (5));
  test_device_push_signal (device, 2, "captured", captured ("a", 1));
  test_wait_until (result != NULL);
  assert_failed (client, result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  run ();
  g_assert_cmpstr (recorder->told->str, ==, "level:5 closed ");
}

static void
do_run_loop (gpointer recorder)
{
  Recorder *self = recorder;

  g_string_append (self->told, "( ");
  test_wait_until (strstr (self->told->str, "end:") != NULL);
  g_string_append (self->told, ") ");
}

/* A loop of its own gets everything, in order. */
static void
test_loop_in_handler (void)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(TestDevice) device = test_device_new ();
      g_autoptr(PlantRpcClient) client = client_new_ready (device);
      g_autoptr(Recorder) recorder = recorder_new (client);
      g_autoptr(TestRequest) one = NULL, two = NULL;
      const char *const first[] = { "a:1 ", "level:5 ", "reply " };
      g_autofree char *expected = g_strdup_printf ("%s( mode:y b:2 reply end:3 ) ", first[i]);
      guint64 sequence = 0;

      plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, on_reply_recorded, recorder);
      one = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
      if (i == 2)
        {
          plant_rpc_client_call (client, "echo", NULL, NULL, 10000, NULL, on_reply_recorded,
                                 recorder);
          two = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
        }
      recorder->action = do_run_loop;
      if (i == 0)
        test_device_push_signal (device, ++sequence, "captured", captured ("a", 1));
      else if (i == 1)
        test_device_push_changed (device, ++sequence, "level", g_variant_new_int32 (5));
      else
        test_device_reply_value (device, two, NULL);
      /* GObject notifies one property anew only after the handler. */
      test_device_push_changed (device, ++sequence, "mode", g_variant_new_string ("y"));
      test_device_push_signal (device, ++sequence, "captured", captured ("b", 2));
      test_device_reply_value (device, one, NULL);
      test_device_push_signal (device, ++sequence, "captured", captured ("end", 3));
      assert_told (recorder, expected);
    }
}

static void
test_closed (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = client_new_ready (device);
  g_autoptr(PlantRpcClient) waiting = test_client_new (test_device_get_url (device));
  g_autoptr(Recorder) recorder = recorder_new (client);
  g_autoptr(GAsyncResult) sent = NULL, unsent = NULL, after = NULL, flushed = NULL, ready = NULL;
  g_autoptr(GError) error = NULL;
  int level;

  call (client, "echo", 10000, NULL, &sent);
  call (waiting, "echo", 10000, NULL, &unsent);
  g_object_set (client, "level", 20, NULL);
  plant_rpc_client_flush (client, NULL, test_keep_result, &flushed);
  plant_rpc_client_wait_ready (waiting, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &ready);
  plant_rpc_client_close (client);
  plant_rpc_client_close (client);
  plant_rpc_client_close (waiting);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_CLOSED);
  test_wait_until (sent != NULL && unsent != NULL && flushed != NULL && ready != NULL);
  assert_failed (client, sent, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  assert_failed (waiting, unsent, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  g_assert_false (plant_rpc_client_wait_ready_finish (waiting, ready, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  /* The device's value stays, and nothing more is written. */
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 10);
  g_object_set (client, "level", 30, NULL);
  call (client, "echo", 10000, NULL, &after);
  test_wait_until (after != NULL);
  assert_failed (client, after, PLANT_RPC_ERROR, PLANT_RPC_ERROR_CLOSED);
  run ();
  g_assert_nonnull (strstr (recorder->told->str, "closed"));
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 10);
}

static void
test_disposed (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  PlantRpcClient *client = client_new_ready (device);
  g_autoptr(PlantRpcProperty) level =
      g_object_ref (plant_rpc_client_lookup_property (client, "level"));
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GVariant) value = NULL;

  call (client, "echo", 10000, NULL, &result);
  g_object_set (client, "level", 20, NULL);
  g_object_run_dispose (G_OBJECT (client));
  test_wait_until (result != NULL);
  assert_failed (client, result, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
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
  g_autoptr(TestDevice) device = test_device_new ();
  PlantRpcClient *client = client_new_ready (device);

  g_object_set (client, "level", 20, NULL);
  g_assert_finalize_object (client);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET));
}

/* ---- waiting */

static void
test_wait_ready (void)
{
  g_autoptr(TestDevice) device = test_device_new ();
  g_autoptr(PlantRpcClient) client = test_client_new (test_device_get_url (device));
  g_autoptr(PlantRpcClient) wrong = plant_rpc_client_new ("nowhere");
  g_autoptr(PlantRpcClient) none = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) late = NULL, good = NULL, bad = NULL, cancelled = NULL, closed = NULL;
  g_autoptr(GError) error = NULL;

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

static void
test_without_url (void)
{
  g_autoptr(PlantRpcClient) client = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_DISCONNECTED);
  g_assert_null (plant_rpc_client_get_interface (client));
  g_assert_null (plant_rpc_client_get_name (client));
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

  g_test_add_func ("/client/call/before-ready", test_call_before_ready);
  g_test_add_func ("/client/call/timed-out", test_timed_out);
  g_test_add_func ("/client/call/several", test_several_calls);
  g_test_add_func ("/client/call/lost-and-not-sent", test_lost_and_not_sent);
  g_test_add_func ("/client/call/remote-error", test_remote_error);
  g_test_add_func ("/client/call/buffers", test_buffers);
  g_test_add_func ("/client/call/other-kind", test_other_kind);
  g_test_add_func ("/client/call/checked-for-old-peers", test_checked_for_old_peers);
  g_test_add_func ("/client/call/cancelled", test_cancelled);
  g_test_add_func ("/client/property/defaults", test_defaults);
  g_test_add_func ("/client/property/reconnected", test_reconnected);
  g_test_add_func ("/client/property/changes", test_changes);
  g_test_add_func ("/client/property/write", test_write);
  g_test_add_func ("/client/property/write-not-ready", test_write_not_ready);
  g_test_add_func ("/client/property/write-lost", test_write_lost);
  g_test_add_func ("/client/property/missing", test_missing_property);
  g_test_add_func ("/client/property/by-name", test_read_and_write_by_name);
  g_test_add_func ("/client/property/refresh", test_refresh);
  g_test_add_func ("/client/signals", test_signals);
  g_test_add_func ("/client/signals/wrong", test_wrong_signals);
  g_test_add_func ("/client/signals/malformed", test_malformed_pushes);
  g_test_add_func ("/client/signals/lost", test_signals_lost);
  g_test_add_func ("/client/signals/credit", test_credit);
  g_test_add_func ("/client/signals/order", test_order);
  g_test_add_func ("/client/handler/last-unref", test_last_unref);
  g_test_add_func ("/client/handler/last-unref-in-snapshot", test_last_unref_in_snapshot);
  g_test_add_func ("/client/handler/closes", test_closed_by_handler);
  g_test_add_func ("/client/handler/runs-loop", test_loop_in_handler);
  g_test_add_func ("/client/closed", test_closed);
  g_test_add_func ("/client/disposed", test_disposed);
  g_test_add_func ("/client/finalized-with-writes", test_finalized_with_writes);
  g_test_add_func ("/client/wait-ready", test_wait_ready);
  g_test_add_func ("/client/without-url", test_without_url);

  return g_test_run ();
}

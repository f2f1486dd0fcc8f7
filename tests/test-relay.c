/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-relay.h"
#include "plant-rpc-test-recorder.h"

/* A gauge, its server, a relay before it, and a client of the relay. */
typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
  PlantRpcRelay  *relay;
  PlantRpcClient *client;
  GPtrArray      *calls; /* (element-type PlantRpcInvocation): those of "wait" that are under way */
} Fixture;

static void
handle_echo (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_autoptr (GVariant) message = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &message);
  plant_rpc_invocation_return_value (invocation, message);
}

static void
handle_wait (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_ptr_array_add (user_data, g_object_ref (invocation));
}

static void
handle_fail (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_autoptr (GError) failure =
      plant_rpc_error_new_remote ("lens:7", "the lens is wet", "lens.py, line 3");

  plant_rpc_invocation_return_gerror (invocation, failure);
}

static void
handle_image (PlantRpcInvocation  *invocation,
              gpointer             user_data,
              GError             **error)
{
  const gsize size = 24 * 1024 * 1024;
  char *data = g_malloc (size);
  g_autoptr (GBytes) image = NULL;

  memset (data, 'x', size);
  image = g_bytes_new_take (data, size);
  plant_rpc_invocation_return_buffer (invocation, image,
                                      g_variant_new_parsed ("{'format': <'jpeg'>}"));
}

static PlantRpcServer *
serve (Fixture    *self,
       const char *url)
{
  PlantRpcServer *server = plant_rpc_server_new (G_OBJECT (self->gauge), url);
  g_autoptr (GError) error = NULL;

  plant_rpc_server_register_method_json (server, "echo", "message: v -> v", 1234,
                                         PLANT_RPC_METHOD_FLAGS_NONE, handle_echo, NULL, NULL);
  plant_rpc_server_register_method_json (server, "wait", NULL, PLANT_RPC_TIMEOUT_NONE,
                                         PLANT_RPC_METHOD_FLAGS_NONE, handle_wait, self->calls,
                                         NULL);
  plant_rpc_server_register_method_json (server, "fail", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_fail, NULL, NULL);
  plant_rpc_server_register_method_buffer (server, "get_image", "", 0,
                                           PLANT_RPC_METHOD_FLAGS_NONE, handle_image, NULL, NULL);
  plant_rpc_server_start (server, &error);
  g_assert_no_error (error);
  return server;
}

static PlantRpcRelay *
relay (const char *device_url)
{
  PlantRpcRelay *self = plant_rpc_relay_new (device_url, "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  plant_rpc_server_start (PLANT_RPC_SERVER (self), &error);
  g_assert_no_error (error);
  return self;
}

static PlantRpcClient *
discover (const char *url)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client;

  plant_rpc_client_discover (url, 20000, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  client = plant_rpc_client_discover_finish (result, &error);
  g_assert_no_error (error);
  return client;
}

static const char *
get_url (gpointer server)
{
  return plant_rpc_server_get_url (server);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->calls = g_ptr_array_new_with_free_func (g_object_unref);
  self->gauge = test_gauge_new ();
  self->server = serve (self, "tcp://127.0.0.1:*");
  self->relay = relay (get_url (self->server));
  self->client = discover (get_url (self->relay));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_object (&self->client);
  g_assert_finalize_object (self->relay);
  g_clear_object (&self->server);
  g_clear_object (&self->gauge);
  g_ptr_array_unref (self->calls);
}

static int
get_level (PlantRpcClient *client)
{
  int level = -1;

  g_object_get (client, "level", &level, NULL);
  return level;
}

static PlantRpcPropertyState
get_state (PlantRpcClient *client,
           const char     *name)
{
  return plant_rpc_property_get_state (plant_rpc_client_lookup_property (client, name));
}

/* What the device describes, clients of the relay see, and nothing that only a client has. */
static void
test_interface (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (PlantRpcClient) direct = discover (get_url (self->server));
  PlantRpcInterfaceInfo *behind = plant_rpc_client_get_interface (direct);
  PlantRpcInterfaceInfo *front = plant_rpc_client_get_interface (self->client);
  PlantRpcMethodInfo *method = plant_rpc_interface_info_lookup_method (front, "echo");

  g_assert_true (plant_rpc_interface_info_equal (front, behind));
  g_assert_null (plant_rpc_interface_info_lookup_property (front, "state"));
  g_assert_null (plant_rpc_interface_info_lookup_property (front, "device-url"));
  g_assert_cmpint (plant_rpc_method_info_get_timeout (method), ==, 1234);
  g_assert_true (plant_rpc_relay_is_ready (self->relay));
  g_assert_null (plant_rpc_relay_get_last_error (self->relay));
  g_assert_cmpstr (plant_rpc_relay_get_device_url (self->relay), ==, get_url (self->server));
  g_assert_true (PLANT_RPC_IS_CLIENT (plant_rpc_relay_get_client (self->relay)));
}

static GVariant *
read_property (PlantRpcClient  *client,
               const char      *name,
               GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_client_read_property (client, name, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  return plant_rpc_client_read_property_finish (client, result, error);
}

static gboolean
write_property (PlantRpcClient  *client,
                const char      *name,
                GVariant        *value,
                GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_client_write_property (client, name, value, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  return plant_rpc_client_write_property_finish (client, result, error);
}

static GVariant *
call (PlantRpcClient  *client,
      const char      *method,
      GVariant        *args,
      GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_client_call (client, method, args, NULL, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL,
                         test_keep_result, &result);
  test_wait_until (result != NULL);
  return plant_rpc_client_call_finish (client, result, error);
}

static void
test_values (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  guint n_read;

  test_gauge_set_level (self->gauge, 25);
  test_wait_until (get_level (self->client) == 25);
  /* Coerced by the device, which tells what it has made of it. */
  g_assert_true (write_property (self->client, "level", g_variant_new_int32 (33), &error));
  g_assert_no_error (error);
  g_assert_cmpint (test_gauge_get_level (self->gauge), ==, 30);
  g_assert_cmpint (get_level (self->client), ==, 30);
  /* The device is asked. */
  n_read = test_gauge_get_n_read (self->gauge);
  value = read_property (self->client, "level", &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (value), ==, 30);
  g_assert_cmpuint (test_gauge_get_n_read (self->gauge), ==, n_read + 1);
  g_assert_false (write_property (self->client, "level", g_variant_new_int32 (1000), &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
}

static void
on_measured (PlantRpcClient *client,
             const char     *name,
             GVariant       *args,
             GString        *told)
{
  g_autofree char *text = g_variant_print (args, FALSE);

  g_string_append_printf (told, "%s%s ", name, text);
}

static void
test_signals (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GString) told = g_string_new (NULL);

  g_signal_connect (self->client, "signal-received", G_CALLBACK (on_measured), told);
  test_gauge_measure (self->gauge, 1.5, "m");
  test_gauge_ping (self->gauge);
  test_gauge_measure (self->gauge, 2.5, "s");
  test_gauge_switch (self->gauge, TEST_GAUGE_MODE_ON);
  test_wait_until (g_str_equal (told->str, "measured[<1.5>, <'m'>] pinged[] measured[<2.5>, <'s'>] "
                                           "modeChanged[<'on'>] "));
}

static void
test_calls (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
      call (self->client, "echo", g_variant_new_parsed ("({'a': <1>, 'b': <[1.5]>},)"), &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_variant_print (value, FALSE);
  g_assert_cmpstr (text, ==, "{'a': <1>, 'b': <[1.5]>}");
}

/* Its name, message and traceback are those of the device. */
static void
test_errors (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (call (self->client, "fail", NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (error->message, ==, "the lens is wet");
  g_assert_cmpstr (plant_rpc_error_get_remote_name (error), ==, "lens:7");
  g_assert_cmpstr (plant_rpc_error_get_traceback (error), ==, "lens.py, line 3");
}

static void
test_buffer (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GVariant) info = NULL;
  const char *format;

  plant_rpc_client_call_buffer (self->client, "get_image", NULL, NULL, 20000, NULL,
                                test_keep_result, &result);
  test_wait_until (result != NULL);
  image = plant_rpc_client_call_buffer_finish (self->client, result, &info, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (image), ==, 24 * 1024 * 1024);
  g_assert_true (g_variant_lookup (info, "format", "&s", &format));
  g_assert_cmpstr (format, ==, "jpeg");
}

static gboolean
is_cancelled (Fixture *self,
              guint    index)
{
  return g_cancellable_is_cancelled (
      plant_rpc_invocation_get_cancellable (self->calls->pdata[index]));
}

/* A caller that cancels, and one that leaves, is followed at the device. */
static void
test_cancelled (Fixture       *self,
                gconstpointer  data)
{
  PlantRpcClient *other = discover (get_url (self->relay));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  test_call (self->client, "wait", PLANT_RPC_TIMEOUT_NONE, cancellable, &result);
  test_wait_until (self->calls->len == 1);
  plant_rpc_client_call (other, "wait", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL, NULL, NULL);
  test_wait_until (self->calls->len == 2);
  g_cancellable_cancel (cancellable);
  test_wait_until (result != NULL && is_cancelled (self, 0));
  g_assert_null (plant_rpc_client_call_finish (self->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (is_cancelled (self, 1));
  plant_rpc_client_close (other);
  g_object_unref (other);
  test_wait_until (is_cancelled (self, 1));
}

/* A caller may wait longer than the device tells. */
static void
test_patience (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcRelay) relayed =
      plant_rpc_relay_new (test_device_get_url (device), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (TestRequest) given_up = NULL, request = NULL;
  g_autoptr (GAsyncResult) result = NULL, later = NULL;

  g_assert_true (plant_rpc_server_start (PLANT_RPC_SERVER (relayed), NULL));
  test_device_greet (device, 10, "x");
  test_wait_until (plant_rpc_relay_is_ready (relayed));
  plant_rpc_client_set_heartbeat_interval (plant_rpc_relay_get_client (relayed), 0);
  client = test_client_new (get_url (relayed));
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  /* Its timeout is 50 ms. */
  test_call (client, "told", PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, &result);
  test_wait_until (result != NULL);
  test_assert_failed (client, result, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  test_call (client, "told", 20000, NULL, &later);
  given_up = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  request = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
  for (gint64 end = g_get_monotonic_time () + 100000; g_get_monotonic_time () < end;)
    test_run_pending ();
  g_assert_null (later);
  test_device_reply_value (device, request, g_variant_new_int32 (5));
  test_wait_until (later != NULL);
  test_assert_value (client, later, "5");
}

static void
stop_device (Fixture *self)
{
  g_clear_object (&self->server);
  test_wait_until (!plant_rpc_relay_is_ready (self->relay));
}

/* It is told, and heals by itself. */
static void
test_gone (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *url = g_strdup (get_url (self->server));
  PlantRpcProperty *level = plant_rpc_client_lookup_property (self->client, "level");
  g_autoptr (GError) error = NULL;

  test_gauge_set_level (self->gauge, 25);
  test_wait_until (get_level (self->client) == 25);
  stop_device (self);
  test_wait_until (plant_rpc_property_get_state (level) == PLANT_RPC_PROPERTY_STATE_STALE);
  g_assert_nonnull (strstr (plant_rpc_property_get_error (level)->message, url));
  g_assert_true (plant_rpc_client_is_ready (self->client));
  g_assert_nonnull (plant_rpc_relay_get_last_error (self->relay));
  g_assert_null (read_property (self->client, "level", &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_assert_nonnull (strstr (error->message, url));
  g_clear_error (&error);
  g_assert_false (write_property (self->client, "level", g_variant_new_int32 (5), &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_clear_error (&error);
  g_assert_null (call (self->client, "fail", NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  /* A client that comes now is ready, and sees no value. */
  {
    g_autoptr (PlantRpcClient) other = discover (get_url (self->relay));

    g_assert_cmpint (get_state (other, "level"), !=, PLANT_RPC_PROPERTY_STATE_CURRENT);
  }
  test_gauge_set_level (self->gauge, 40);
  self->server = serve (self, url);
  test_wait_until (plant_rpc_property_get_state (level) == PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_cmpint (get_level (self->client), ==, 40);
  g_assert_null (plant_rpc_property_get_error (level));
  /* Also what has not changed meanwhile. */
  test_wait_until (get_state (self->client, "label") == PLANT_RPC_PROPERTY_STATE_CURRENT);
}

/* The device may have begun it. */
static void
test_outcome (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  test_call (self->client, "wait", PLANT_RPC_TIMEOUT_NONE, NULL, &result);
  test_wait_until (self->calls->len == 1);
  g_clear_object (&self->server);
  test_wait_until (result != NULL);
  g_assert_null (plant_rpc_client_call_finish (self->client, result, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_OUTCOME_UNKNOWN);
  g_assert_cmpuint (self->calls->len, ==, 1);
}

/* Requests go on in the order in which they came, also before their answers. */
static void
test_order (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcRelay) relayed =
      plant_rpc_relay_new (test_device_get_url (device), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcClient) client = NULL;

  g_assert_true (plant_rpc_server_start (PLANT_RPC_SERVER (relayed), NULL));
  test_device_greet (device, 10, "x");
  test_wait_until (plant_rpc_relay_is_ready (relayed));
  plant_rpc_client_set_heartbeat_interval (plant_rpc_relay_get_client (relayed), 0);
  client = test_client_new (get_url (relayed));
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  for (int i = 0; i < 20; i++)
    {
      plant_rpc_client_write_property (client, "level", g_variant_new_int32 (i), NULL, NULL, NULL);
      plant_rpc_client_call (client, "echo", g_variant_new ("(i)", i), NULL, 10000, NULL, NULL,
                             NULL);
      plant_rpc_client_read_property (client, "level", NULL, NULL, NULL);
    }
  for (int i = 0; i < 20; i++)
    {
      g_autoptr (TestRequest) set = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET);
      g_autoptr (TestRequest) echo = test_device_expect (device, PLANT_RPC_EVENT_METHOD_CALL);
      g_autoptr (TestRequest) get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);

      g_assert_cmpint (g_variant_get_int32 (set->request.value), ==, i);
      g_assert_cmpstr (echo->request.name, ==, "echo");
      g_assert_cmpstr (get->request.name, ==, "level");
    }
  g_assert_true (test_device_is_idle (device));
}

/* Until the device was there once, the relay says what it waits for. */
static void
test_early (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *url = g_strdup (get_url (self->server));
  g_autoptr (PlantRpcRelay) early = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  stop_device (self);
  early = relay (url);
  g_assert_false (plant_rpc_relay_is_ready (early));
  g_assert_null (plant_rpc_relay_get_client (early));
  client = plant_rpc_client_new (get_url (early));
  test_wait_until (plant_rpc_client_get_last_error (client) != NULL &&
                   strstr (plant_rpc_client_get_last_error (client)->message,
                           "The relay waits for") != NULL);
  g_assert_nonnull (strstr (plant_rpc_client_get_last_error (client)->message, url));
  self->server = serve (self, url);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_nonnull (plant_rpc_interface_info_lookup_method (
      plant_rpc_client_get_interface (client), "echo"));
}

/* The clients learn another interface as they would at the device. */
static void
test_other_interface (Fixture       *self,
                      gconstpointer  data)
{
  g_autofree char *url = g_strdup (get_url (self->server));
  g_autoptr (PlantRpcClient) plain = plant_rpc_client_new (get_url (self->relay));
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  const guint port = plant_rpc_server_get_port (PLANT_RPC_SERVER (self->relay));

  test_client_wait_state (plain, PLANT_RPC_STATE_READY);
  stop_device (self);
  self->server = plant_rpc_server_new (G_OBJECT (self->gauge), url);
  plant_rpc_server_hide_member (self->server, "level");
  plant_rpc_server_register_method_json (self->server, "repeat", "message: v -> v", 0,
                                         PLANT_RPC_METHOD_FLAGS_NONE, handle_echo, NULL, NULL);
  g_assert_true (plant_rpc_server_start (self->server, NULL));
  test_wait_until (plant_rpc_client_is_ready (plain) &&
                   plant_rpc_interface_info_lookup_method (plant_rpc_client_get_interface (plain),
                                                           "repeat") != NULL);
  g_assert_null (plant_rpc_interface_info_lookup_property (
      plant_rpc_client_get_interface (plain), "level"));
  g_assert_cmpuint (plant_rpc_server_get_port (PLANT_RPC_SERVER (self->relay)), ==, port);
  value = call (plain, "repeat", g_variant_new ("(i)", 7), &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (value), ==, 7);
  /* A client whose type has what is gone says so. */
  test_client_wait_state (self->client, PLANT_RPC_STATE_MISMATCH);
}

/* While one client gives no credit, the others are served, and the relay keeps one value for it. */
static void
test_slow (Fixture       *self,
           gconstpointer  data)
{
  TestPeer *slow = test_peer_new (ZMQ_DEALER, get_url (self->relay));
  PlantRpcRequest subscribe = { .format = PLANT_RPC_FORMAT_NATIVE,
                                .event = PLANT_RPC_EVENT_SUBSCRIBE,
                                .number = 1 };
  PlantRpcReply reply = { 0 };
  g_auto (PlantRpcEmission) first = { 0 };

  test_peer_ask_native (slow, &subscribe, &reply);
  plant_rpc_reply_clear (&reply);
  for (int i = 0; i < 5000; i++)
    test_gauge_set_level (self->gauge, 5 * (i % 20));
  test_gauge_set_level (self->gauge, 100);
  test_wait_until (get_level (self->client) == 100);
  test_peer_receive_push (slow, &first);
  g_assert_null (test_peer_try_receive (slow));
  test_peer_free (slow);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_summary ("A relay passes on what a device offers, tells that it is gone, and heals");

#define ADD(name, func) g_test_add ("/relay/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("interface", test_interface);
  ADD ("values", test_values);
  ADD ("signals", test_signals);
  ADD ("calls", test_calls);
  ADD ("errors", test_errors);
  ADD ("buffer", test_buffer);
  ADD ("cancelled", test_cancelled);
  ADD ("patience", test_patience);
  ADD ("gone", test_gone);
  ADD ("outcome", test_outcome);
  ADD ("order", test_order);
  ADD ("early", test_early);
  ADD ("other-interface", test_other_interface);
  ADD ("slow", test_slow);
#undef ADD
  return g_test_run ();
}

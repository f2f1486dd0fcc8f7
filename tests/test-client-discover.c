/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-untyped-private.h"

/* For whose interface a type was made last. */
static char *type_peer; /* (owned) (nullable) */

GType __real_plant_rpc_runtime_type_get (PlantRpcInterfaceInfo   *info,
                                         GType                    template_type,
                                         GType                    parent,
                                         const char              *peer,
                                         GObjectSetPropertyFunc   set,
                                         GObjectGetPropertyFunc   get,
                                         GError                 **error);
GType __wrap_plant_rpc_runtime_type_get (PlantRpcInterfaceInfo   *info,
                                         GType                    template_type,
                                         GType                    parent,
                                         const char              *peer,
                                         GObjectSetPropertyFunc   set,
                                         GObjectGetPropertyFunc   get,
                                         GError                 **error);

GType
__wrap_plant_rpc_runtime_type_get (PlantRpcInterfaceInfo   *info,
                                   GType                    template_type,
                                   GType                    parent,
                                   const char              *peer,
                                   GObjectSetPropertyFunc   set,
                                   GObjectGetPropertyFunc   get,
                                   GError                 **error)
{
  g_free (type_peer);
  type_peer = g_strdup (peer);
  return __real_plant_rpc_runtime_type_get (info, template_type, parent, peer, set, get, error);
}

/* The timeout made last. */
static GSource *timeout_source; /* (owned) (nullable) */

GSource *__real_g_timeout_source_new (guint interval);
GSource *__wrap_g_timeout_source_new (guint interval);

GSource *
__wrap_g_timeout_source_new (guint interval)
{
  g_clear_pointer (&timeout_source, g_source_unref);
  timeout_source = g_source_ref (__real_g_timeout_source_new (interval));
  return g_source_ref (timeout_source);
}

static void
discover (TestDevice    *device,
          int            timeout,
          GCancellable  *cancellable,
          GAsyncResult **result)
{
  plant_rpc_client_discover (test_device_get_url (device), timeout, cancellable, test_keep_result,
                             result);
}

static PlantRpcClient *
take_client (GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client = plant_rpc_client_discover_finish (result, &error);

  g_assert_no_error (error);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
  return client;
}

static GType
get_type (PlantRpcClient *client,
          const char     *property)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (client), property);

  g_assert_nonnull (pspec);
  return G_PARAM_SPEC_VALUE_TYPE (pspec);
}

static void
test_native (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  GSignalQuery query;
  int level;

  discover (device, 10000, NULL, &result);
  test_device_greet (device, 10, "x");
  test_wait_until (result != NULL);
  client = take_client (result);
  g_assert_true (get_type (client, "level") == G_TYPE_INT);
  g_assert_true (get_type (client, "mode") == G_TYPE_STRING);
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 10);
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==, test_device_get_url (device));
  g_signal_query (g_signal_lookup ("captured", G_OBJECT_TYPE (client)), &query);
  g_assert_cmpuint (query.n_params, ==, 2);
  g_assert_true (query.param_types[0] == G_TYPE_STRING && query.param_types[1] == G_TYPE_INT);
  g_object_set (client, "level", 20, NULL);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_SET));
}

static void
answer_values (TestDevice        *device,
               const char *const *values)
{
  for (guint i = 0; values[i] != NULL; i++)
    {
      g_autoptr (TestRequest) get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
      g_autofree char *text = g_strdup_printf ("{\"success\": true, \"value\": %s}", values[i]);

      test_device_reply_text (device, get, text);
    }
}

/* A device that comes back as another: it has neither told() nor mode, but a zoom. */
static void
greet_changed (TestDevice *device)
{
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) subscribe = NULL;

  test_device_reply_text (
      device, inventory,
      "{\"json_methods\": {\"echo\": 10000, \"patient\": null}, \"buffer_methods\":"
      " {\"get_image\": 10000}, \"signals\": [\"levelChanged\", \"captured\", \"ping\"],"
      " \"properties\": [\"level\", \"zoom\"], \"name\": \"\", \"plantrpc\": {\"version\": 1,"
      " \"instance\": \"j\", \"interface\": {\"methods\": {\"echo\": {}, \"patient\": {},"
      " \"get_image\": {\"buffer\": true}}, \"properties\": {\"level\": {\"type\": \"i\"},"
      " \"zoom\": {\"type\": \"d\"}}, \"signals\": {\"captured\": {\"signature\": \"(si)\"},"
      " \"ping\": {\"signature\": \"()\"}}}}}");
  subscribe = test_device_expect (device, PLANT_RPC_EVENT_SUBSCRIBE);
  test_device_reply_value (device, subscribe,
                           g_variant_new_parsed ("{'level': <3>, 'zoom': <2.0>}"));
}

static void
count (GObject    *object,
       GParamSpec *pspec,
       gpointer    user_data)
{
  (*(guint *) user_data)++;
}

static void
test_changed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  const char *const *missing;
  guint n_states = 0;
  int level;

  discover (device, 10000, NULL, &result);
  test_device_greet (device, 10, "x");
  test_wait_until (result != NULL);
  client = take_client (result);
  g_assert_null (plant_rpc_client_get_missing (client)[0]);

  g_signal_connect (client, "notify::state", G_CALLBACK (count), &n_states);
  g_clear_pointer (&device, test_device_free);
  test_wait_until (n_states == 1);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_DISCONNECTED);
  device = test_device_new_at (url);
  greet_changed (device);
  test_client_wait_state (client, PLANT_RPC_STATE_MISMATCH);
  missing = plant_rpc_client_get_missing (client);
  g_assert_cmpuint (g_strv_length ((char **) missing), ==, 2);
  g_assert_true (g_strv_contains (missing, "told"));
  g_assert_true (g_strv_contains (missing, "mode"));
  g_assert_error (plant_rpc_client_get_last_error (client), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_MISMATCH);
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 3);

  g_clear_pointer (&device, test_device_free);
  device = test_device_new_at (url);
  test_device_greet (device, 20, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_null (plant_rpc_client_get_missing (client)[0]);
}

/* Members have no types of their own, names are made to fit, and what cannot be a member is left
 * out. */
static void
test_untyped (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (TestRequest) inventory = NULL, init = NULL;
  g_autoptr (GVariant) whole = NULL;
  static const char *const untyped[] = { "a-flag", "whole", "part",  "video-url",   "words",
                                         "nothing", "empty", "mixed", "object", "remote-name" };

  discover (device, 10000, NULL, &result);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (
      device, inventory,
      "{\"json_methods\": {\"echo\": 10000}, \"buffer_methods\": {}, \"signals\": "
      "[\"videoUrlChanged\","
      " \"connect\", \"bad name\"], \"properties\": [\"a_flag\", \"whole\", \"part\", \"videoUrl\","
      " \"words\", \"nothing\", \"empty\", \"mixed\", \"object\", \"name\", \"9lives\", \"whole\"],"
      " \"name\": \"c\"}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, init, "{\"success\": true}");
  answer_values (device, (const char *[]) { "true", "5", "1.5", "\"x\"", "[\"a\", \"b\"]", "null",
                                            "[]", "[1, \"a\"]", "{\"a\": 1}", "\"n\"", "1", "6",
                                            NULL });
  test_wait_until (result != NULL);
  client = take_client (result);
  for (guint i = 0; i < G_N_ELEMENTS (untyped); i++)
    {
      g_test_message ("%s", untyped[i]);
      g_assert_true (get_type (client, untyped[i]) == PLANT_RPC_TYPE_UNTYPED);
    }
  g_assert_null (g_object_class_find_property (G_OBJECT_GET_CLASS (client), "9lives"));
  g_assert_cmpuint (g_signal_lookup ("video-url-changed", G_OBJECT_TYPE (client)), !=, 0);
  g_assert_cmpuint (g_signal_lookup ("remote-connect", G_OBJECT_TYPE (client)), !=, 0);
  g_object_get (client, "whole", &whole, NULL);
  g_assert_cmpint (g_variant_get_int64 (whole), >=, 5);
  g_assert_cmpstr (plant_rpc_client_get_name (client), ==, "c");
}

/* Two of the same kind are of one type. */
static void
test_interned (void)
{
  GType types[2];

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (PlantRpcClient) client = NULL;

      discover (device, 10000, NULL, &result);
      test_device_greet (device, i, "x");
      test_wait_until (result != NULL);
      client = take_client (result);
      types[i] = G_OBJECT_TYPE (client);
      /* Types are counted by address, whatever the port. */
      g_assert_cmpstr (type_peer, ==, "127.0.0.1");
    }
  g_clear_pointer (&type_peer, g_free);
  g_assert_cmpuint (types[0], ==, types[1]);
}

#define assert_failed(result, domain, code)                                    \
  G_STMT_START                                                                 \
    {                                                                          \
      g_autoptr (GError) test_error = NULL;                                     \
                                                                               \
      test_wait_until ((result) != NULL);                                      \
      g_assert_null (plant_rpc_client_discover_finish (result, &test_error));  \
      g_assert_error (test_error, domain, code);                               \
    }                                                                          \
  G_STMT_END

static void
test_failures (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GAsyncResult) silent = NULL, at_once = NULL, cancelled = NULL;
  g_autoptr (GAsyncResult) early = NULL, wrong = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new (), before = g_cancellable_new ();

  discover (device, 30, NULL, &silent);
  assert_failed (silent, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  discover (device, 0, NULL, &at_once);
  assert_failed (at_once, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  discover (device, PLANT_RPC_TIMEOUT_NONE, cancellable, &cancelled);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY));
  g_cancellable_cancel (cancellable);
  assert_failed (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_cancellable_cancel (before);
  discover (device, PLANT_RPC_TIMEOUT_NONE, before, &early);
  assert_failed (early, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  plant_rpc_client_discover ("nowhere", 10000, NULL, test_keep_result, &wrong);
  assert_failed (wrong, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
}

/* Nobody is there: the reason is told. */
static void
test_nobody (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&device, test_device_free);
  g_assert_null (plant_rpc_client_discover_sync (url, 100, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "Nobody"));
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_discover_sync ("tcp://127.0.0.1", 100, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
}

/* One that comes later is found all the same, and so is one after a peer that made no sense. */
static void
test_later (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (TestRequest) inventory = NULL;

  g_clear_pointer (&device, test_device_free);
  plant_rpc_client_discover (url, 20000, NULL, test_keep_result, &result);
  for (guint i = 0; i < 20; i++)
    test_iterate ();
  device = test_device_new_at (url);
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  test_device_reply_text (device, inventory, "what?");
  test_device_greet (device, 1, "x");
  test_wait_until (result != NULL);
  client = take_client (result);
}

/* What was found is handed over, even if the search is cancelled afterwards. */
static void
test_cancelled_after_found (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  discover (device, 10000, cancellable, &result);
  test_device_greet (device, 1, "x");
  test_wait_until (result != NULL);
  g_cancellable_cancel (cancellable);
  client = take_client (result);
}

/* It was found in time, although the time is over, or the search cancelled, before that is told. */
static void
test_found_in_time (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (PlantRpcClient) client = NULL;

      discover (device, 100000, cancellable, &result);
      test_device_greet (device, 1, "x");
      g_clear_pointer (&type_peer, g_free);
      test_wait_until (type_peer != NULL);
      g_assert_null (result);
      if (i == 0)
        g_source_set_ready_time (timeout_source, 0);
      else
        g_cancellable_cancel (cancellable);
      test_wait_until (result != NULL);
      client = take_client (result);
    }
  g_clear_pointer (&type_peer, g_free);
  g_clear_pointer (&timeout_source, g_source_unref);
}

/* Whoever asked does not want it any more. */
static void
test_unwanted (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (GAsyncResult) result = NULL;

  discover (device, 10000, NULL, &result);
  test_device_greet (device, 1, "x");
  test_wait_until (result != NULL);
  g_clear_object (&result);
  g_assert_true (test_device_is_idle (device));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client-discover/native", test_native);
  g_test_add_func ("/client-discover/untyped", test_untyped);
  g_test_add_func ("/client-discover/changed", test_changed);
  g_test_add_func ("/client-discover/interned", test_interned);
  g_test_add_func ("/client-discover/failures", test_failures);
  g_test_add_func ("/client-discover/nobody", test_nobody);
  g_test_add_func ("/client-discover/later", test_later);
  g_test_add_func ("/client-discover/cancelled-after-found", test_cancelled_after_found);
  g_test_add_func ("/client-discover/found-in-time", test_found_in_time);
  g_test_add_func ("/client-discover/unwanted", test_unwanted);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-relay.h"
#include "plant-rpc-test-recorder.h"

/* A gauge and its server; relays before it are made by the tests. */
typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
} Fixture;

static void
handle_fail (PlantRpcInvocation  *invocation,
             gpointer             user_data,
             GError             **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "no room on the stage");
}

static PlantRpcServer *
serve (Fixture    *self,
       const char *url)
{
  PlantRpcServer *server = plant_rpc_server_new (G_OBJECT (self->gauge), url);

  plant_rpc_server_register_method_json (server, "fail", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         handle_fail, NULL, NULL);
  g_assert_true (plant_rpc_server_start (server, NULL));
  return server;
}

static const char *
get_url (gpointer server)
{
  return plant_rpc_server_get_url (server);
}

static PlantRpcRelay *
start (PlantRpcRelay *relay)
{
  g_autoptr (GError) error = NULL;

  plant_rpc_server_start (PLANT_RPC_SERVER (relay), &error);
  g_assert_no_error (error);
  return relay;
}

static PlantRpcRelay *
relay (const char *device_url,
       const char *url)
{
  return start (plant_rpc_relay_new (device_url, url));
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->gauge = test_gauge_new ();
  self->server = serve (self, "tcp://127.0.0.1:*");
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_object (&self->server);
  g_clear_object (&self->gauge);
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

static int
get_level (PlantRpcClient *client)
{
  int level = -1;

  g_object_get (client, "level", &level, NULL);
  return level;
}

static GError *
call (PlantRpcClient *client,
      const char     *method)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) value = NULL;
  GError *error = NULL;

  plant_rpc_client_call (client, method, NULL, NULL, 0, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  value = plant_rpc_client_call_finish (client, result, &error);
  return error;
}

static GError *
write_level (PlantRpcClient *client,
             int             level)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (level), NULL,
                                   test_keep_result, &result);
  test_wait_until (result != NULL);
  plant_rpc_client_write_property_finish (client, result, &error);
  return error;
}

/* ---- relays behind each other */

static void
test_chain (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *url = g_strdup (get_url (self->server));
  g_autoptr (PlantRpcRelay) near = relay (url, "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcRelay) far = relay (get_url (near), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcClient) client = discover (get_url (far));
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");
  g_autoptr (GError) failure = NULL, refused = NULL, unsent = NULL;

  test_gauge_set_level (self->gauge, 45);
  test_wait_until (get_level (client) == 45);
  g_assert_no_error (write_level (client, 21));
  g_assert_cmpint (test_gauge_get_level (self->gauge), ==, 20);
  g_assert_cmpint (get_level (client), ==, 20);
  failure = call (client, "fail");
  g_assert_error (failure, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (failure->message, ==, "no room on the stage");
  g_assert_true (g_str_has_prefix (plant_rpc_error_get_remote_name (failure), "g-io-error"));
  g_clear_object (&self->server);
  test_wait_until (plant_rpc_property_get_state (level) == PLANT_RPC_PROPERTY_STATE_STALE);
  /* The device is named, not the relay between. */
  g_assert_nonnull (strstr (plant_rpc_property_get_error (level)->message, url));
  unsent = call (client, "fail");
  g_assert_error (unsent, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  test_gauge_set_level (self->gauge, 70);
  self->server = serve (self, url);
  test_wait_until (plant_rpc_property_get_state (level) == PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_cmpint (get_level (client), ==, 70);
}

/* Returns a URL at which nobody listens yet. */
static char *
make_url (void)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (object, "tcp://127.0.0.1:*");

  g_assert_true (plant_rpc_server_start (server, NULL));
  return g_strdup (get_url (server));
}

static gboolean
is_refused (PlantRpcRelay *self)
{
  return g_error_matches (plant_rpc_relay_get_last_error (self), PLANT_RPC_ERROR,
                          PLANT_RPC_ERROR_REFUSED);
}

static gboolean
has_told (PlantRpcClient *client,
          const char     *text)
{
  const GError *error = plant_rpc_client_get_last_error (client);

  return error != NULL && strstr (error->message, text) != NULL;
}

static void
test_self (Fixture       *self,
           gconstpointer  data)
{
  g_autofree char *url = make_url ();
  g_autoptr (PlantRpcRelay) own = relay (url, url);
  g_autoptr (PlantRpcClient) client = NULL;

  test_wait_until (is_refused (own));
  g_assert_nonnull (strstr (plant_rpc_relay_get_last_error (own)->message, "circle"));
  g_assert_false (plant_rpc_relay_is_ready (own));
  client = plant_rpc_client_new (url);
  test_wait_until (has_told (client, "circle"));
}

static void
test_circle (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *first_url = make_url ();
  g_autofree char *second_url = make_url ();
  g_autofree char *third_url = make_url ();
  g_autoptr (PlantRpcRelay) first = relay (second_url, first_url);
  g_autoptr (PlantRpcRelay) second = relay (third_url, second_url);
  g_autoptr (PlantRpcRelay) third = relay (first_url, third_url);

  test_wait_until (is_refused (first) || is_refused (second) || is_refused (third));
  g_assert_false (plant_rpc_relay_is_ready (first) && plant_rpc_relay_is_ready (second) &&
                  plant_rpc_relay_is_ready (third));
}

/* Both are ready at once, and do not know of each other yet. */
static void
test_given_circle (Fixture       *self,
                   gconstpointer  data)
{
  g_autofree char *first_url = make_url ();
  g_autofree char *second_url = make_url ();
  g_autoptr (PlantRpcInterfaceInfo) info =
      plant_rpc_interface_info_new_for_type (TEST_TYPE_GAUGE, NULL);
  g_autoptr (PlantRpcRelay) first =
      start (plant_rpc_relay_new_for_interface (info, second_url, first_url));
  g_autoptr (PlantRpcRelay) second =
      start (plant_rpc_relay_new_for_interface (info, first_url, second_url));
  g_autoptr (PlantRpcClient) client = NULL;

  test_wait_until (is_refused (first) || is_refused (second));
  client = plant_rpc_client_new (is_refused (first) ? second_url : first_url);
  test_wait_until (has_told (client, "circle") || !plant_rpc_client_is_ready (client));
}

/* A circle that is opened is served. */
static void
test_opened (Fixture       *self,
             gconstpointer  data)
{
  g_autofree char *url = make_url ();
  PlantRpcRelay *wrong = relay (url, url);
  g_autoptr (PlantRpcRelay) before = relay (url, "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcServer) device = NULL;

  test_wait_until (plant_rpc_relay_get_last_error (before) != NULL &&
                   strstr (plant_rpc_relay_get_last_error (before)->message, "circle") != NULL);
  g_object_unref (wrong);
  device = serve (self, url);
  test_wait_until (plant_rpc_relay_is_ready (before));
}

/* The chain is as long as the peer says, which may be a stranger. */
static void
test_long_chain (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcRelay) last = relay (test_device_get_url (device), "tcp://127.0.0.1:*");
  g_autoptr (TestRequest) request = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (GString) relays = g_string_new ("7, \"\", [], \"x");
  g_autoptr (PlantRpcClient) client = NULL;
  g_autofree char *reply = NULL;

  for (guint i = 0; i < 200; i++)
    g_string_append (relays, "é");
  for (guint i = 0; i < 100000; i++)
    g_string_append_printf (relays, "%u\", \"", i);
  reply = g_strdup_printf ("{\"success\": false, \"error\": \"not yet\", \"plantrpc\":"
                           " {\"relays\": [%s\"]}}", relays->str);
  test_device_reply_text (device, request, reply);
  test_wait_until (is_refused (last));
  g_assert_nonnull (strstr (plant_rpc_relay_get_last_error (last)->message, "Too many"));
  client = plant_rpc_client_new (get_url (last));
  test_wait_until (has_told (client, "Too many"));
}

/* ---- a device of a registry */

static void
test_listed (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_autoptr (PlantRpcRelay) listed = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  g_assert_true (plant_rpc_registry_start (registry, NULL));
  listed = start (plant_rpc_relay_new_for_device (plant_rpc_registry_get_url (registry), "lamp",
                                                  "tcp://127.0.0.1:*"));
  test_wait_until (plant_rpc_relay_get_last_error (listed) != NULL);
  g_assert_null (plant_rpc_relay_get_device_url (listed));
  plant_rpc_server_register_to_registry (self->server, "light", "lamp",
                                         plant_rpc_registry_get_url (registry), TRUE, NULL, NULL,
                                         NULL);
  test_wait_until (plant_rpc_relay_is_ready (listed));
  client = discover (get_url (listed));
  test_gauge_set_level (self->gauge, 65);
  test_wait_until (get_level (client) == 65);
  g_assert_cmpstr (plant_rpc_client_get_name (client), ==, "lamp");
  g_clear_object (&self->server);
}

/* ---- another main context */

/* It is run, but it is not the thread-default one while it is. */
static void
test_context (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcRelay) elsewhere = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GAsyncResult) result = NULL, written = NULL;
  g_autoptr (GError) failure = NULL;

  g_main_context_push_thread_default (context);
  elsewhere = relay (get_url (self->server), "tcp://127.0.0.1:*");
  g_main_context_pop_thread_default (context);
  client = plant_rpc_client_new (get_url (elsewhere));
  test_wait_until (g_main_context_iteration (context, FALSE) || plant_rpc_client_is_ready (client));
  while (!plant_rpc_client_is_ready (client))
    test_wait_until (g_main_context_iteration (context, FALSE) ||
                     plant_rpc_client_is_ready (client));
  plant_rpc_client_call (client, "fail", NULL, NULL, 0, NULL, test_keep_result, &result);
  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (55), NULL,
                                   test_keep_result, &written);
  while (result == NULL || written == NULL)
    test_wait_until (g_main_context_iteration (context, FALSE) ||
                     (result != NULL && written != NULL));
  g_assert_null (plant_rpc_client_call_finish (client, result, &failure));
  g_assert_error (failure, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpint (test_gauge_get_level (self->gauge), ==, 55);
}

/* ---- an interface that is given */

static void
test_given (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *url = make_url ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"methods\": {\"fail\": {\"timeout\": 77}}, \"properties\": {\"level\": {\"type\": \"i\","
      " \"unit\": \"%\", \"maximum\": 50}, \"absent\": {\"type\": \"s\"}}}", &error);
  g_autoptr (PlantRpcRelay) given =
      start (plant_rpc_relay_new_for_interface (info, url, "tcp://127.0.0.1:*"));
  g_autoptr (PlantRpcClient) client = discover (get_url (given));
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");
  PlantRpcProperty *absent = plant_rpc_client_lookup_property (client, "absent");
  g_autoptr (PlantRpcServer) device = NULL;
  g_autoptr (GError) beyond = NULL;

  g_assert_no_error (error);
  g_assert_true (plant_rpc_interface_info_equal (info, plant_rpc_client_get_interface (client)));
  g_assert_cmpint (plant_rpc_property_get_state (level), !=, PLANT_RPC_PROPERTY_STATE_CURRENT);
  test_gauge_set_level (self->gauge, 35);
  device = serve (self, url);
  test_wait_until (plant_rpc_property_get_state (level) == PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_cmpint (get_level (client), ==, 35);
  g_assert_cmpstr (plant_rpc_property_get_unit (level), ==, "%");
  beyond = write_level (client, 60);
  g_assert_error (beyond, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
  g_assert_cmpint (plant_rpc_property_get_state (absent), !=, PLANT_RPC_PROPERTY_STATE_CURRENT);
}

/* ---- keys and roles */

static PlantRpcAuthenticator *
secure (gpointer server)
{
  PlantRpcAuthenticator *authenticator = plant_rpc_authenticator_new ();
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);

  plant_rpc_server_set_keypair (server, keypair);
  plant_rpc_server_set_authenticator (server, authenticator);
  return authenticator;
}

static PlantRpcClient *
new_client (gpointer         server,
            PlantRpcKeypair *keypair)
{
  PlantRpcClient *client = g_object_new (PLANT_RPC_TYPE_CLIENT, "url", get_url (server),
                                         "keypair", keypair, NULL);

  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  return client;
}

static PlantRpcKeypair *
allow (PlantRpcAuthenticator *authenticator,
       PlantRpcRole           role)
{
  PlantRpcKeypair *keypair = plant_rpc_keypair_new (NULL);

  g_assert_true (plant_rpc_authenticator_allow (
      authenticator, plant_rpc_keypair_get_public_key (keypair), role, "me", NULL));
  return keypair;
}

static void
test_secured (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (PlantRpcRelay) front =
      plant_rpc_relay_new (get_url (self->server), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcAuthenticator) authenticator = secure (front);
  g_autoptr (PlantRpcKeypair) viewer_key = allow (authenticator, PLANT_RPC_ROLE_VIEWER);
  g_autoptr (PlantRpcKeypair) operator_key = allow (authenticator, PLANT_RPC_ROLE_OPERATOR);
  g_autoptr (PlantRpcClient) viewer = NULL, operator = NULL;
  g_autoptr (GError) refused = NULL, also = NULL, failed = NULL;

  plant_rpc_server_set_member_role (PLANT_RPC_SERVER (front), "fail", PLANT_RPC_ROLE_VIEWER);
  plant_rpc_server_set_member_role (PLANT_RPC_SERVER (front), "label",
                                    PLANT_RPC_ROLE_ADMINISTRATOR);
  start (front);
  test_wait_until (plant_rpc_relay_is_ready (front));
  viewer = new_client (front, viewer_key);
  operator = new_client (front, operator_key);
  refused = write_level (viewer, 5);
  g_assert_error (refused, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_assert_no_error (write_level (operator, 10));
  g_assert_cmpint (test_gauge_get_level (self->gauge), ==, 10);
  failed = call (viewer, "fail");
  g_assert_error (failed, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_true (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (operator, "level")));
  g_assert_false (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (operator, "label")));
  g_assert_false (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (viewer, "level")));
}

/* What the device does not let the relay write, nobody can write there. */
static void
test_roles_behind (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (PlantRpcServer) device =
      plant_rpc_server_new (G_OBJECT (self->gauge), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcAuthenticator) authenticator = secure (device);
  g_autoptr (PlantRpcKeypair) key = allow (authenticator, PLANT_RPC_ROLE_VIEWER);
  g_autoptr (PlantRpcInterfaceInfo) info =
      plant_rpc_interface_info_new_for_type (TEST_TYPE_GAUGE, NULL);
  g_autoptr (PlantRpcRelay) front = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) refused = NULL;

  g_assert_true (plant_rpc_server_start (device, NULL));
  front = g_object_new (PLANT_RPC_TYPE_RELAY, "device-interface", info, "device-url",
                        get_url (device), "url", "tcp://127.0.0.1:*", "device-keypair", key, NULL);
  start (front);
  test_wait_until (plant_rpc_relay_is_ready (front));
  client = discover (get_url (front));
  g_assert_false (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (client, "level")));
  refused = write_level (client, 5);
  g_assert_error (refused, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_WRITABLE);
  g_assert_true (plant_rpc_authenticator_allow (
      authenticator, plant_rpc_keypair_get_public_key (key), PLANT_RPC_ROLE_OPERATOR, "me", NULL));
  test_wait_until (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (client, "level")));
  g_assert_no_error (write_level (client, 15));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_summary ("Relays stand behind each other, but not in circles; roles of both sides hold");

#define ADD(name, func) g_test_add ("/relay/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("chain", test_chain);
  ADD ("self", test_self);
  ADD ("circle", test_circle);
  ADD ("given-circle", test_given_circle);
  ADD ("opened", test_opened);
  ADD ("long-chain", test_long_chain);
  ADD ("listed", test_listed);
  ADD ("context", test_context);
  ADD ("given", test_given);
  ADD ("secured", test_secured);
  ADD ("roles-behind", test_roles_behind);
#undef ADD
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-discovery.h"
#include "plant-rpc-error.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-known-devices.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-registry.h"

/* A registry that says whatever it is told, and a secured device. */
typedef struct {
  PlantRpcKnownDevices *known;
  PlantRpcRegistry     *registry;
  TestPeer             *peer;
  TestGauge            *gauge;
  PlantRpcServer       *server;
  PlantRpcServer       *imposter; /* with another key */
} Fixture;

static PlantRpcServer *
new_server (Fixture  *fixture,
            gboolean  secured)
{
  PlantRpcServer *server = plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcAuthenticator) allowed = plant_rpc_authenticator_new ();
  g_autoptr (PlantRpcKeypair) own = plant_rpc_keypair_ensure ("default", NULL);
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);

  g_assert_true (plant_rpc_authenticator_allow (allowed, plant_rpc_keypair_get_public_key (own),
                                                PLANT_RPC_ROLE_OPERATOR, NULL, NULL));
  plant_rpc_server_set_keypair (server, secured ? keypair : NULL);
  plant_rpc_server_set_authenticator (server, allowed);
  g_assert_true (plant_rpc_server_start (server, NULL));
  return server;
}

static void
set_up (Fixture       *fixture,
        gconstpointer  secured)
{
  fixture->known = plant_rpc_known_devices_new ();
  fixture->gauge = test_gauge_new ();
  fixture->server = new_server (fixture, TRUE);
  fixture->imposter = new_server (fixture, TRUE);
  fixture->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (fixture->registry, NULL));
  fixture->peer = test_peer_new (ZMQ_DEALER, plant_rpc_registry_get_url (fixture->registry));
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  test_peer_free (fixture->peer);
  plant_rpc_registry_stop (fixture->registry);
  g_object_unref (fixture->registry);
  g_object_unref (fixture->server);
  g_object_unref (fixture->imposter);
  g_object_unref (fixture->gauge);
  g_remove (plant_rpc_known_devices_get_path (fixture->known));
  g_object_unref (fixture->known);
}

/* Lists the device “cam” at a URL, and no longer where it was. */
static void
list (Fixture    *fixture,
      const char *url)
{
  g_autofree char *request =
      g_strdup_printf ("{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"gauge\","
                       "\"addr\":\"%s\",\"name\":\"cam\",\"overwrite\":true}}", url);
  g_autoptr (GVariant) reply = test_peer_ask_json (fixture->peer, request);

  g_assert_nonnull (reply);
}

static const char *
get_url (PlantRpcServer *server)
{
  return plant_rpc_server_get_url (server);
}

static char *
get_bare_url (PlantRpcServer *server)
{
  return g_strndup (get_url (server), strcspn (get_url (server), "#"));
}

static PlantRpcClient *
new_client (Fixture                *fixture,
            PlantRpcUnknownDevices  unknown)
{
  PlantRpcClient *client =
      g_object_new (PLANT_RPC_TYPE_CLIENT, "unknown-devices", unknown, NULL);

  plant_rpc_client_follow_device (client, plant_rpc_registry_get_url (fixture->registry), "cam");
  return client;
}

static gboolean
is_told (PlantRpcClient *client,
         int             code,
         const char     *text)
{
  const GError *error = plant_rpc_client_get_last_error (client);

  return g_error_matches (error, G_IO_ERROR, code) && strstr (error->message, text) != NULL;
}

static gboolean
is_at (PlantRpcClient *client,
       PlantRpcServer *server)
{
  return plant_rpc_client_is_ready (client) &&
         g_strcmp0 (plant_rpc_client_get_url (client), get_url (server)) == 0;
}

static gboolean
knows (Fixture        *fixture,
       PlantRpcServer *server)
{
  g_autofree char *url = plant_rpc_known_devices_lookup (fixture->known, "cam", NULL);

  return g_strcmp0 (url, get_url (server)) == 0;
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_client (fixture, PLANT_RPC_UNKNOWN_DEVICES_REFUSE);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &result);
  list (fixture, get_url (fixture->server));
  test_wait_until (result != NULL);
  g_assert_false (plant_rpc_client_wait_ready_finish (client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_nonnull (strstr (error->message, "plantrpc keys remember cam tcp://127.0.0.1"));
  g_assert_null (plant_rpc_client_dup_unknown_key (client));
  /* Another program remembers it. */
  g_assert_true (plant_rpc_known_devices_remember (fixture->known, "cam",
                                                   get_url (fixture->server), NULL));
  test_wait_until (is_at (client, fixture->server));
}

static void
note_key (PlantRpcClient *client,
          GParamSpec     *pspec,
          gpointer        user_data)
{
  char **key = user_data;

  g_free (*key);
  *key = plant_rpc_client_dup_unknown_key (client);
}

static void
test_asked (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_client (fixture, PLANT_RPC_UNKNOWN_DEVICES_ASK);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) none = NULL;
  g_autoptr (GError) former = NULL;
  g_autofree char *key = NULL;
  g_autofree char *first = NULL;

  g_signal_connect (client, "notify::unknown-key", G_CALLBACK (note_key), &key);
  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &result);
  g_assert_false (plant_rpc_client_accept_key (client, "rubbish", &none));
  g_assert_error (none, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  list (fixture, get_url (fixture->imposter));
  test_wait_until (key != NULL);
  g_assert_true (is_told (client, G_IO_ERROR_PENDING, key));
  first = g_strdup (key);
  /* The key is another before the user has answered. */
  list (fixture, get_url (fixture->server));
  test_wait_until (g_strcmp0 (key, first) != 0);
  g_assert_false (plant_rpc_client_accept_key (client, first, &former));
  g_assert_error (former, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_null (result);
  g_assert_true (plant_rpc_client_accept_key (client, key, NULL));
  test_wait_until (is_at (client, fixture->server));
  g_assert_true (knows (fixture, fixture->server));
  test_wait_until (key == NULL && result != NULL);
  g_assert_true (plant_rpc_client_wait_ready_finish (client, result, NULL));
}

static void
test_accepted (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_client (fixture, PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW);

  list (fixture, get_url (fixture->server));
  test_wait_until (is_at (client, fixture->server));
  g_assert_true (knows (fixture, fixture->server));
}

/* Without memory every key would be new. */
static void
test_unwritable (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_client (fixture, PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW);
  const char *path = plant_rpc_known_devices_get_path (fixture->known);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  list (fixture, get_url (fixture->server));
  test_wait_until (is_told (client, G_IO_ERROR_PERMISSION_DENIED, "known_devices"));
  g_assert_cmpint (g_rmdir (path), ==, 0);
  test_wait_until (is_at (client, fixture->server));
}

static void
test_changed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *bare = get_bare_url (fixture->server);
  g_autoptr (PlantRpcClient) connected = NULL;
  g_autoptr (PlantRpcClient) late = NULL;

  g_assert_true (plant_rpc_known_devices_remember (fixture->known, "cam",
                                                   get_url (fixture->server), NULL));
  list (fixture, get_url (fixture->server));
  connected = new_client (fixture, PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW);
  test_wait_until (is_at (connected, fixture->server));
  list (fixture, get_url (fixture->imposter));
  late = new_client (fixture, PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW);
  test_wait_until (is_told (late, G_IO_ERROR_PERMISSION_DENIED, "plantrpc keys forget cam"));
  /* Who is connected stays with the device that is known. */
  g_assert_true (is_at (connected, fixture->server));
  list (fixture, bare);
  test_wait_until (is_told (late, G_IO_ERROR_PERMISSION_DENIED, "without a key"));
  list (fixture, get_url (fixture->imposter));
  plant_rpc_server_stop (fixture->server);
  test_wait_until (is_told (connected, G_IO_ERROR_PERMISSION_DENIED, "plantrpc keys forget cam"));
  g_assert_true (plant_rpc_known_devices_forget (fixture->known, "cam", NULL));
  plant_rpc_client_try_again (late);
  test_wait_until (is_at (late, fixture->imposter));
  test_wait_until (is_at (connected, fixture->imposter));
}

/* Only what a client goes to is ever remembered. */
static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (TestRegistry) hostile = test_registry_new ();
  g_autoptr (PlantRpcClient) client =
      g_object_new (PLANT_RPC_TYPE_CLIENT, "unknown-devices", PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW,
                    NULL);
  const char *key = strchr (get_url (fixture->imposter), '#');
  g_autoptr (GString) devices = g_string_new (NULL);
  g_autoptr (GVariant) request = NULL;
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < 9999; i++)
    g_string_append_printf (devices, "{\"name\":\"%u\",\"device_type\":\"gauge\",\"addr\":"
                                     "\"tcp://127.0.0.1:1%s\",\"uuid\":\"%u\",\"age\":0},",
                            i, key, i);
  g_string_append_printf (devices, "{\"name\":\"cam\",\"device_type\":\"gauge\",\"addr\":\"%s\","
                                   "\"uuid\":\"cam\",\"age\":0}", get_url (fixture->server));
  plant_rpc_client_follow_device (client, test_registry_get_url (hostile), "cam");
  request = test_registry_await (hostile, "WATCH");
  test_registry_send (hostile, "{\"event\":\"DEVICES\",\"payload\":{\"serial\":1,"
                               "\"devices\":[%s]}}", devices->str);
  test_wait_until (is_at (client, fixture->server));
  names = plant_rpc_known_devices_list_names (fixture->known, NULL);
  g_assert_cmpuint (g_strv_length (names), ==, 1);
  g_assert_cmpstr (names[0], ==, "cam");
}

/* A device without keys is connected to as it always was. */
static void
test_plain (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (PlantRpcServer) plain = new_server (fixture, FALSE);
  g_autoptr (PlantRpcClient) client = new_client (fixture, PLANT_RPC_UNKNOWN_DEVICES_REFUSE);

  list (fixture, get_url (plain));
  test_wait_until (is_at (client, plain));
  g_assert_false (g_file_test (plant_rpc_known_devices_get_path (fixture->known),
                               G_FILE_TEST_EXISTS));
}

/* A registry that has proved who it is vouches for the key. */
static void
test_secured (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_autoptr (PlantRpcClient) client = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  g_autoptr (PlantRpcKeypair) own = plant_rpc_keypair_ensure ("default", NULL);
  PlantRpcAuthenticator *allowed;

  g_assert_true (plant_rpc_registry_secure (registry, "registry", NULL));
  g_assert_true (plant_rpc_registry_start (registry, NULL));
  allowed = plant_rpc_registry_get_authenticator (registry);
  g_assert_true (plant_rpc_authenticator_allow (
      allowed, plant_rpc_keypair_get_public_key (plant_rpc_server_get_keypair (fixture->server)),
      PLANT_RPC_ROLE_OPERATOR, NULL, NULL));
  g_assert_true (plant_rpc_authenticator_allow (allowed, plant_rpc_keypair_get_public_key (own),
                                                PLANT_RPC_ROLE_VIEWER, NULL, NULL));
  g_free (plant_rpc_server_register_to_registry_sync (
      fixture->server, "gauge", "cam", plant_rpc_registry_get_url (registry), FALSE, NULL, NULL));
  plant_rpc_client_follow_device (client, plant_rpc_registry_get_url (registry), "cam");
  test_wait_until (is_at (client, fixture->server));
  g_assert_true (knows (fixture, fixture->server));
  plant_rpc_registry_stop (registry);
}

static void
test_discovery (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) own = plant_rpc_keypair_ensure ("default", NULL);
  g_autoptr (PlantRpcDiscovery) discovery =
      g_object_new (PLANT_RPC_TYPE_DISCOVERY, "registry-url",
                    plant_rpc_registry_get_url (fixture->registry), "device", "cam", "keypair", own,
                    "unknown-devices", PLANT_RPC_UNKNOWN_DEVICES_ASK, NULL);
  g_autofree char *key = NULL;
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client;

  list (fixture, get_url (fixture->server));
  test_wait_until ((key = plant_rpc_discovery_dup_unknown_key (discovery)) != NULL);
  g_assert_false (plant_rpc_discovery_accept_key (discovery, "rubbish", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_true (plant_rpc_discovery_accept_key (discovery, key, NULL));
  test_wait_until ((client = plant_rpc_discovery_get_client (discovery)) != NULL);
  g_assert_true (plant_rpc_client_get_keypair (client) == own);
  g_assert_cmpint (plant_rpc_client_get_unknown_devices (client), ==,
                   PLANT_RPC_UNKNOWN_DEVICES_ASK);
}

/* A device that is allowed to another key than the user's is discovered with that one. */
static void
test_keypair (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) other = plant_rpc_keypair_new (NULL);
  g_autoptr (PlantRpcDiscovery) discovery = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  g_assert_true (plant_rpc_authenticator_allow (
      plant_rpc_server_get_authenticator (fixture->server),
      plant_rpc_keypair_get_public_key (other), PLANT_RPC_ROLE_VIEWER, NULL, NULL));
  discovery = g_object_new (PLANT_RPC_TYPE_DISCOVERY, "url", get_url (fixture->server), "keypair",
                            other, NULL);
  plant_rpc_discovery_wait_client (discovery, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result,
                                   &result);
  test_wait_until (result != NULL);
  client = plant_rpc_discovery_wait_client_finish (discovery, result, NULL);
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, PLANT_RPC_ROLE_VIEWER);
}

/* The first connection has the pair that is set right after the client was made. */
static void
test_later_keypair (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (PlantRpcKeypair) other = plant_rpc_keypair_new (NULL);
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (get_url (fixture->server));

  g_assert_true (plant_rpc_authenticator_allow (
      plant_rpc_server_get_authenticator (fixture->server),
      plant_rpc_keypair_get_public_key (other), PLANT_RPC_ROLE_VIEWER, NULL, NULL));
  plant_rpc_client_set_keypair (client, other);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, PLANT_RPC_ROLE_VIEWER);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const kept[] = { "default.key", "default.key_secret", "registry.key",
                                      "registry.key_secret", "registry.allowed",
                                      "registry.names", "" };
  g_autofree char *state = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  int result;

  g_setenv ("STATE_DIRECTORY", state, TRUE);
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  add ("/unknown-devices/refused", test_refused);
  add ("/unknown-devices/asked", test_asked);
  add ("/unknown-devices/accepted", test_accepted);
  add ("/unknown-devices/unwritable", test_unwritable);
  add ("/unknown-devices/changed", test_changed);
  add ("/unknown-devices/many", test_many);
  add ("/unknown-devices/plain", test_plain);
  add ("/unknown-devices/secured", test_secured);
  add ("/unknown-devices/discovery", test_discovery);
  add ("/unknown-devices/keypair", test_keypair);
  add ("/unknown-devices/later-keypair", test_later_keypair);
  result = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *path = g_build_filename (state, "keys", kept[i], NULL);

      g_remove (path);
    }
  g_remove (state);
  return result;
}

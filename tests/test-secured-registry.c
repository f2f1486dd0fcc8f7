/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-error.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-peer.h"

/* A secured registry, and those who may do this and that with it. */
typedef struct {
  PlantRpcRegistry *registry;
  PlantRpcKeypair  *operator;
  PlantRpcKeypair  *other;    /* another operator */
  PlantRpcKeypair  *viewer;
  PlantRpcKeypair  *administrator;
  PlantRpcKeypair  *stranger;
} Fixture;

static char *names_path; /* of the file of the names that belong to keys */

static const char *
get_key (PlantRpcKeypair *keypair)
{
  return plant_rpc_keypair_get_public_key (keypair);
}

static PlantRpcKeypair *
allow (Fixture      *fixture,
       PlantRpcRole  role)
{
  PlantRpcKeypair *keypair = plant_rpc_keypair_new (NULL);

  g_assert_true (
      plant_rpc_authenticator_allow (plant_rpc_registry_get_authenticator (fixture->registry),
                                     get_key (keypair), role, NULL, NULL));
  return keypair;
}

static void
start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  plant_rpc_registry_secure (fixture->registry, "registry", &error);
  g_assert_no_error (error);
  plant_rpc_registry_start (fixture->registry, &error);
  g_assert_no_error (error);
}

static void
end (Fixture *fixture)
{
  plant_rpc_registry_stop (fixture->registry);
  g_clear_object (&fixture->registry);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  start (fixture);
  fixture->operator = allow (fixture, PLANT_RPC_ROLE_OPERATOR);
  fixture->other = allow (fixture, PLANT_RPC_ROLE_OPERATOR);
  fixture->viewer = allow (fixture, PLANT_RPC_ROLE_VIEWER);
  fixture->administrator = allow (fixture, PLANT_RPC_ROLE_ADMINISTRATOR);
  fixture->stranger = plant_rpc_keypair_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  plant_rpc_keypair_unref (fixture->operator);
  plant_rpc_keypair_unref (fixture->other);
  plant_rpc_keypair_unref (fixture->viewer);
  plant_rpc_keypair_unref (fixture->administrator);
  plant_rpc_keypair_unref (fixture->stranger);
  end (fixture);
  g_remove (names_path);
}

/* ---- a raw peer with a key */

static TestPeer *
new_peer (Fixture         *fixture,
          PlantRpcKeypair *keypair)
{
  const char *url = plant_rpc_registry_get_url (fixture->registry);
  const PlantRpcKeyText *keys = plant_rpc_keypair_get_keys (keypair);
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  void *socket = test_peer_get_socket (peer);
  g_autofree char *address = g_strndup (url, strcspn (url, "#"));
  guint8 server_key[PLANT_RPC_PUBLIC_KEY_SIZE];

  g_assert_true (plant_rpc_public_key_parse (strchr (url, '#') + 1, server_key));
  zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, server_key, sizeof server_key);
  zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, keys->public_key, PLANT_RPC_KEY_LENGTH + 1);
  zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, PLANT_RPC_KEY_LENGTH + 1);
  g_assert_cmpint (zmq_connect (socket, address), ==, 0);
  return peer;
}

/* Returns the payload of the reply, and sets EVENT. */
static GVariant *
ask (TestPeer    *peer,
     const char  *request,
     char       **event)
{
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, request);

  g_assert_true (g_variant_lookup (reply, "event", "s", event));
  return g_variant_lookup_value (reply, "payload", G_VARIANT_TYPE_VARDICT);
}

/* Returns why the request is refused, or NULL. */
static char *
try_request (Fixture         *fixture,
             PlantRpcKeypair *keypair,
             const char      *request,
             GVariant       **payload)
{
  TestPeer *peer = new_peer (fixture, keypair);
  g_autofree char *event = NULL;
  GVariant *answer = ask (peer, request, &event);
  gboolean success = FALSE;
  char *error = NULL;

  if (g_str_equal (event, "ACK") && g_variant_lookup (answer, "success", "b", &success) &&
      !success && !g_variant_lookup (answer, "error", "s", &error))
    error = g_strdup ("");
  test_peer_free (peer);
  if (payload != NULL)
    *payload = answer;
  else
    g_variant_unref (answer);
  return error;
}

static char *
print_registration (const char *name,
                    const char *url,
                    gboolean    overwrite)
{
  return g_strdup_printf ("{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"camera\","
                          "\"addr\":\"%s\",\"name\":\"%s\",\"overwrite\":%s}}",
                          url, name, overwrite ? "true" : "false");
}

/* Returns the name that was given, or why none was, in brackets. */
static char *
enter (Fixture         *fixture,
       PlantRpcKeypair *keypair,
       const char      *name,
       const char      *url,
       gboolean         overwrite)
{
  g_autofree char *request = print_registration (name, url, overwrite);
  g_autoptr (GVariant) payload = NULL;
  g_autofree char *error = try_request (fixture, keypair, request, &payload);
  char *given = NULL;

  if (error != NULL)
    return g_strdup_printf ("(%s)", error);
  g_assert_true (g_variant_lookup (payload, "name", "s", &given));
  return given;
}

#define assert_given(fixture, keypair, name, url, overwrite, expected)              \
  G_STMT_START                                                                      \
    {                                                                               \
      g_autofree char *given = enter (fixture, keypair, name, url, overwrite);      \
                                                                                    \
      g_assert_cmpstr (given, ==, expected);                                        \
    }                                                                               \
  G_STMT_END

#define assert_refused(fixture, keypair, name, url, overwrite, text)                \
  G_STMT_START                                                                      \
    {                                                                               \
      g_autofree char *given = enter (fixture, keypair, name, url, overwrite);      \
                                                                                    \
      g_assert_true (*given == '(');                                                \
      g_assert_nonnull (strstr (given, text));                                      \
    }                                                                               \
  G_STMT_END

static char *
find_uuid (Fixture    *fixture,
           const char *name)
{
  PlantRpcDevice *device;

  test_wait_until ((device = plant_rpc_registry_find_device (fixture->registry, name)) != NULL);
  return g_strdup (plant_rpc_device_get_uuid (device));
}

/* ---- names */

static void
test_owner (Fixture       *fixture,
            gconstpointer  data)
{
  assert_given (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "cam");
  assert_refused (fixture, fixture->other, "cam", "tcp://b:1", FALSE, "belongs to another key");
  assert_refused (fixture, fixture->other, "cam", "tcp://b:1", TRUE, "belongs to another key");
  assert_refused (fixture, fixture->administrator, "cam", "tcp://b:1", TRUE, "another key");
  /* Who owns the name goes on as at a registry without keys. */
  assert_given (fixture, fixture->operator, "cam", "tcp://b:1", FALSE, "cam-1");
  assert_given (fixture, fixture->operator, "cam", "tcp://c:1", TRUE, "cam");
  /* Nor does a name that the registry chooses come to another key. */
  assert_given (fixture, fixture->operator, "", "tcp://d:1", FALSE, "camera-0");
  assert_given (fixture, fixture->other, "", "tcp://e:1", FALSE, "camera-1");
}

/* Two keys ask for a name at the same time, and one of them has it from then on. */
static void
test_race (Fixture       *fixture,
           gconstpointer  data)
{
  PlantRpcKeypair *const keypairs[] = { fixture->operator, fixture->other };
  TestPeer *peers[G_N_ELEMENTS (keypairs)];
  guint n_given = 0;

  for (guint i = 0; i < G_N_ELEMENTS (keypairs); i++)
    {
      g_autofree char *request = print_registration ("cam", i == 0 ? "tcp://a:1" : "tcp://b:1",
                                                     TRUE);

      peers[i] = new_peer (fixture, keypairs[i]);
      test_peer_send_text (peers[i], "", request, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (keypairs); i++)
    {
      g_autoptr (GPtrArray) frames = test_peer_receive (peers[i]);
      g_autoptr (GVariant) reply = test_frame_parse (frames, frames->len - 1);
      const char *event = NULL;

      g_assert_true (g_variant_lookup (reply, "event", "&s", &event));
      n_given += g_str_equal (event, "REGISTER_ACK");
      test_peer_free (peers[i]);
    }
  g_assert_cmpuint (n_given, ==, 1);
}

/* A peer of the Python module does not speak CURVE. */
static void
test_old_peer (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *request = print_registration ("old", "tcp://a:1", FALSE);
  g_autofree char *address =
      g_strdup_printf ("tcp://127.0.0.1:%u", plant_rpc_registry_get_port (fixture->registry));
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  void *events = test_peer_watch (peer, ZMQ_EVENT_DISCONNECTED |
                                            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                            ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
  g_autoptr (GPtrArray) reply = NULL;

  g_assert_cmpint (zmq_connect (test_peer_get_socket (peer), address), ==, 0);
  test_peer_send_text (peer, "", request, NULL);
  test_peer_send_text (peer, "", "{\"event\":\"LIST\",\"payload\":{}}", NULL);
  test_wait_until (test_peer_has_event (events));
  assert_given (fixture, fixture->operator, "cam", "tcp://b:1", FALSE, "cam");
  test_wait_until (plant_rpc_registry_find_device (fixture->registry, "cam") != NULL);
  reply = test_peer_try_receive (peer);
  g_assert_null (reply);
  g_assert_null (plant_rpc_registry_find_device (fixture->registry, "old"));
  zmq_close (events);
  test_peer_free (peer);
}

static void
test_alike (Fixture       *fixture,
            gconstpointer  data)
{
  assert_given (fixture, fixture->operator, "Cam 1", "tcp://a:1", FALSE, "Cam 1");
  assert_refused (fixture, fixture->other, "cam 1", "tcp://b:1", TRUE, "another key");
  assert_refused (fixture, fixture->other, "CAM1 ", "tcp://b:1", TRUE, "another key");
  assert_refused (fixture, fixture->other, "Ca\xe2\x80\x8bm 1", "tcp://b:1", TRUE, "another key");
  assert_refused (fixture, fixture->other, "\xef\xbc\xa3\xef\xbd\x81m 1", "tcp://b:1", TRUE,
                  "another key");
}

static void
test_address (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *own = g_strconcat ("tcp://b:1#", get_key (fixture->operator), NULL);

  assert_given (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "cam");
  assert_refused (fixture, fixture->other, "dog", "tcp://a:1", FALSE, "at this address");
  assert_refused (fixture, fixture->other, "dog", own, FALSE, "not the key that registers");
  assert_given (fixture, fixture->operator, "cat", own, FALSE, "cat");
  assert_given (fixture, fixture->administrator, "dog", "tcp://a:1", FALSE, "dog");
}

static void
test_restart (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  assert_given (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "cam");
  end (fixture);
  start (fixture);
  assert_refused (fixture, fixture->other, "cam", "tcp://b:1", FALSE, "another key");
  g_assert_false (plant_rpc_registry_release_name (fixture->registry, "dog", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (plant_rpc_registry_release_name (fixture->registry, "CAM", &error));
  assert_given (fixture, fixture->other, "cam", "tcp://b:1", FALSE, "cam");
  assert_refused (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "another key");
}

/* A name is nobody's while nobody can tell whose it is. */
static void
test_file (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *line = g_strconcat ("# mine\n\nrubbish dog\n", get_key (fixture->other),
                                       "\tbird\n", NULL);

  g_assert_true (g_file_set_contents (names_path, line, -1, NULL));
  assert_refused (fixture, fixture->operator, "dog", "tcp://a:1", FALSE, "another key");
  assert_refused (fixture, fixture->operator, "bird", "tcp://a:1", FALSE, "another key");
  assert_given (fixture, fixture->other, "bird", "tcp://a:1", FALSE, "bird");
  g_assert_cmpint (g_chmod (names_path, 0666), ==, 0);
  assert_refused (fixture, fixture->operator, "cat", "tcp://b:1", FALSE, "Others may write");
  g_assert_cmpint (g_remove (names_path), ==, 0);
  g_assert_cmpint (g_mkdir (names_path, 0700), ==, 0);
  assert_refused (fixture, fixture->operator, "cat", "tcp://b:1", FALSE, "no regular file");
  g_assert_cmpint (g_rmdir (names_path), ==, 0);
  assert_given (fixture, fixture->operator, "cat", "tcp://b:1", FALSE, "cat");
}

/* ---- devices of others */

static void
test_roles (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *listed =
      try_request (fixture, fixture->viewer, "{\"event\":\"LIST\",\"payload\":{}}", NULL);

  g_assert_null (listed);
  assert_refused (fixture, fixture->viewer, "cam", "tcp://a:1", FALSE, "“operator”");
}

static void
test_unregister (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *uuid = NULL;
  g_autofree char *request = NULL;
  g_autofree char *alive = NULL;
  g_autofree char *upper = NULL;
  g_autofree char *by_other = NULL, *by_viewer = NULL, *kept = NULL, *in_upper = NULL;
  g_autofree char *by_administrator = NULL;

  assert_given (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "cam");
  uuid = find_uuid (fixture, "cam");
  request = g_strdup_printf ("{\"event\":\"UNREGISTER\",\"payload\":{\"uuid\":\"%s\"}}", uuid);
  alive = g_strdup_printf ("{\"event\":\"CHECK_ALIVE\",\"payload\":{\"uuid\":\"%s\"}}", uuid);
  by_other = try_request (fixture, fixture->other, request, NULL);
  g_assert_nonnull (strstr (by_other, "another key"));
  kept = try_request (fixture, fixture->other, alive, NULL);
  g_assert_nonnull (strstr (kept, "another key"));
  by_viewer = try_request (fixture, fixture->viewer, request, NULL);
  g_assert_nonnull (strstr (by_viewer, "“operator”"));
  upper = g_ascii_strup (uuid, -1);
  g_free (request);
  request = g_strdup_printf ("{\"event\":\"UNREGISTER\",\"payload\":{\"uuid\":\"%s\"}}", upper);
  in_upper = try_request (fixture, fixture->other, request, NULL);
  g_assert_nonnull (in_upper);
  g_assert_nonnull (plant_rpc_registry_find_device (fixture->registry, "cam"));
  g_free (request);
  request = g_strdup_printf ("{\"event\":\"UNREGISTER\",\"payload\":{\"uuid\":\"%s\"}}", uuid);
  by_administrator = try_request (fixture, fixture->administrator, request, NULL);
  g_assert_null (by_administrator);
  test_wait_until (plant_rpc_registry_find_device (fixture->registry, "cam") == NULL);
}

static void
test_revoked (Fixture       *fixture,
              gconstpointer  data)
{
  PlantRpcAuthenticator *allowed = plant_rpc_registry_get_authenticator (fixture->registry);

  assert_given (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "cam");
  test_wait_until (plant_rpc_registry_find_device (fixture->registry, "cam") != NULL);
  g_assert_true (
      plant_rpc_authenticator_revoke (allowed, get_key (fixture->operator), NULL));
  test_wait_until (plant_rpc_registry_find_device (fixture->registry, "cam") == NULL);
  assert_refused (fixture, fixture->other, "cam", "tcp://b:1", FALSE, "another key");
}

/* ---- clients */

static PlantRpcRegistryClient *
new_client (Fixture         *fixture,
            PlantRpcKeypair *keypair,
            const char      *url)
{
  return g_object_new (PLANT_RPC_TYPE_REGISTRY_CLIENT, "url",
                       url != NULL ? url : plant_rpc_registry_get_url (fixture->registry),
                       "keypair", keypair, NULL);
}

static gboolean
is_told (PlantRpcRegistryClient *client,
         const char             *text)
{
  const GError *error = plant_rpc_registry_client_get_last_error (client);

  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) &&
         strstr (error->message, text) != NULL;
}

static void
test_client (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (PlantRpcRegistryClient) client = new_client (fixture, fixture->viewer, NULL);

  g_assert_true (plant_rpc_registry_client_get_keypair (client) == fixture->viewer);
  test_wait_until (plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY);
  assert_given (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "cam");
  test_wait_until (plant_rpc_registry_client_find_device (client, "cam") != NULL);
}

static void
test_refused_clients (Fixture       *fixture,
                      gconstpointer  data)
{
  const char *url = plant_rpc_registry_get_url (fixture->registry);
  g_autofree char *bare = g_strndup (url, strcspn (url, "#"));
  g_autofree char *wrong = g_strconcat (bare, "#", get_key (fixture->viewer), NULL);
  g_autoptr (PlantRpcRegistry) open = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_autofree char *unsecured = NULL;
  g_autoptr (PlantRpcRegistryClient) stranger = new_client (fixture, fixture->stranger, NULL);
  g_autoptr (PlantRpcRegistryClient) keyless = new_client (fixture, fixture->viewer, bare);
  g_autoptr (PlantRpcRegistryClient) misled = new_client (fixture, fixture->viewer, wrong);
  g_autoptr (PlantRpcRegistryClient) lured = NULL;

  g_assert_true (plant_rpc_registry_start (open, NULL));
  unsecured = g_strconcat (plant_rpc_registry_get_url (open), "#", get_key (fixture->viewer), NULL);
  lured = new_client (fixture, fixture->viewer, unsecured);
  test_wait_until (is_told (stranger, get_key (fixture->stranger)));
  test_wait_until (is_told (keyless, "is secured"));
  test_wait_until (is_told (misled, "another key"));
  test_wait_until (is_told (lured, "is not secured"));
  plant_rpc_registry_client_set_keypair (stranger, fixture->viewer);
  test_wait_until (plant_rpc_registry_client_get_state (stranger) == PLANT_RPC_STATE_READY);
  plant_rpc_registry_stop (open);
}

static void
test_revoked_watch (Fixture       *fixture,
                    gconstpointer  data)
{
  PlantRpcAuthenticator *allowed = plant_rpc_registry_get_authenticator (fixture->registry);
  g_autoptr (PlantRpcRegistryClient) client = new_client (fixture, fixture->viewer, NULL);

  test_wait_until (plant_rpc_registry_client_get_state (client) == PLANT_RPC_STATE_READY);
  g_assert_true (plant_rpc_authenticator_revoke (allowed, get_key (fixture->viewer), NULL));
  test_wait_until (is_told (client, get_key (fixture->viewer)));
  assert_given (fixture, fixture->operator, "cam", "tcp://a:1", FALSE, "cam");
  test_wait_until (plant_rpc_registry_find_device (fixture->registry, "cam") != NULL);
  g_assert_null (plant_rpc_registry_client_find_device (client, "cam"));
}

/* ---- servers */

static PlantRpcServer *
new_server (TestGauge       *gauge,
            PlantRpcKeypair *keypair)
{
  PlantRpcServer *server = plant_rpc_server_new (G_OBJECT (gauge), "tcp://127.0.0.1:*");

  plant_rpc_server_set_keypair (server, keypair);
  g_assert_true (plant_rpc_server_start (server, NULL));
  return server;
}

static char *
register_server (PlantRpcServer  *server,
                 const char      *url,
                 GError         **error)
{
  return plant_rpc_server_register_to_registry_sync (server, "gauge", "gauge", url, FALSE, NULL,
                                                     error);
}

static void
test_servers (Fixture       *fixture,
              gconstpointer  data)
{
  const char *url = plant_rpc_registry_get_url (fixture->registry);
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = new_server (gauge, fixture->operator);
  g_autoptr (PlantRpcServer) thief = new_server (gauge, fixture->other);
  g_autoptr (PlantRpcServer) stranger = new_server (gauge, fixture->stranger);
  g_autoptr (PlantRpcServer) viewer = new_server (gauge, fixture->viewer);
  g_autoptr (GError) refused = NULL, unknown = NULL, unable = NULL;
  g_autofree char *name = register_server (server, url, NULL);
  PlantRpcDevice *device;

  g_assert_cmpstr (name, ==, "gauge");
  g_assert_null (register_server (thief, url, &refused));
  g_assert_error (refused, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_assert_nonnull (strstr (refused->message, "another key"));
  g_assert_null (register_server (stranger, url, &unknown));
  g_assert_error (unknown, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_nonnull (strstr (unknown->message, get_key (fixture->stranger)));
  g_assert_null (register_server (viewer, url, &unable));
  g_assert_error (unable, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  test_wait_until (
      (device = plant_rpc_registry_find_device (fixture->registry, "gauge")) != NULL);
  g_assert_cmpstr (plant_rpc_device_get_url (device), ==, plant_rpc_server_get_url (server));
  plant_rpc_server_unregister_sync (server, NULL, NULL);
}

/* ---- securing */

static void
test_secure (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (PlantRpcRegistry) open = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_autoptr (GError) busy = NULL, open_names = NULL, name = NULL, keyed = NULL;
  g_autoptr (PlantRpcRegistry) given =
      plant_rpc_registry_new (plant_rpc_registry_get_url (fixture->registry));

  g_assert_false (plant_rpc_registry_secure (fixture->registry, "registry", &busy));
  g_assert_error (busy, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_false (plant_rpc_registry_secure (open, "../registry", &name));
  g_assert_error (name, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);
  g_assert_null (plant_rpc_registry_get_keypair (open));
  g_assert_null (plant_rpc_registry_get_authenticator (open));
  g_assert_false (plant_rpc_registry_release_name (open, "cam", &open_names));
  g_assert_error (open_names, G_IO_ERROR, G_IO_ERROR_NOT_INITIALIZED);
  g_assert_false (plant_rpc_registry_start (given, &keyed));
  g_assert_error (keyed, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
}

int
main (int   argc,
      char *argv[])
{
  static const char *const kept[] = { "registry.key", "registry.key_secret", "registry.allowed",
                                      "" };
  g_autofree char *state = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  int result;

  names_path = g_build_filename (state, "keys", "registry.names", NULL);
  g_setenv ("STATE_DIRECTORY", state, TRUE);
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  add ("/secured-registry/owner", test_owner);
  add ("/secured-registry/race", test_race);
  add ("/secured-registry/old-peer", test_old_peer);
  add ("/secured-registry/alike", test_alike);
  add ("/secured-registry/address", test_address);
  add ("/secured-registry/restart", test_restart);
  add ("/secured-registry/file", test_file);
  add ("/secured-registry/roles", test_roles);
  add ("/secured-registry/unregister", test_unregister);
  add ("/secured-registry/revoked", test_revoked);
  add ("/secured-registry/client", test_client);
  add ("/secured-registry/refused-clients", test_refused_clients);
  add ("/secured-registry/revoked-watch", test_revoked_watch);
  add ("/secured-registry/servers", test_servers);
  add ("/secured-registry/secure", test_secure);
  result = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *path = g_build_filename (state, "keys", kept[i], NULL);

      g_remove (path);
    }
  g_remove (state);
  g_free (names_path);
  return result;
}

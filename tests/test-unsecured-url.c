/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-authenticator.h"
#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-keypair.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

/* A secured server that lets in everybody at a second URL. */
typedef struct {
  TestGauge       *gauge;
  PlantRpcServer  *server;
  PlantRpcKeypair *keypair; /* of an administrator */
} Fixture;

static void
answer (PlantRpcInvocation  *invocation,
        gpointer             user_data,
        GError             **error)
{
  plant_rpc_invocation_return_value (invocation, NULL);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) authenticator = plant_rpc_authenticator_new ();
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);

  self->gauge = g_object_new (TEST_TYPE_GAUGE, NULL);
  self->keypair = plant_rpc_keypair_new (NULL);
  self->server = plant_rpc_server_new (G_OBJECT (self->gauge), "tcp://127.0.0.1:*");
  plant_rpc_authenticator_allow (authenticator, plant_rpc_keypair_get_public_key (self->keypair),
                                 PLANT_RPC_ROLE_ADMINISTRATOR, NULL, NULL);
  plant_rpc_server_set_keypair (self->server, keypair);
  plant_rpc_server_set_authenticator (self->server, authenticator);
  plant_rpc_server_set_unsecured_url (self->server, "tcp://127.0.0.1:*");
  plant_rpc_server_register_method_json (self->server, "home", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         answer, NULL, NULL);
  plant_rpc_server_set_member_role (self->server, "level", PLANT_RPC_ROLE_ADMINISTRATOR);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->server);
  g_object_unref (self->gauge);
  plant_rpc_keypair_unref (self->keypair);
}

static void
start (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  plant_rpc_server_start (self->server, &error);
  g_assert_no_error (error);
}

static PlantRpcClient *
new_ready_client (Fixture    *self,
                  const char *url)
{
  PlantRpcClient *client = plant_rpc_client_new_for_type (TEST_TYPE_GAUGE, url, NULL);

  plant_rpc_client_set_keypair (client, self->keypair);
  test_wait_until (plant_rpc_client_is_ready (client));
  return client;
}

static void
keep_result (GObject      *client,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GError *
write_level (PlantRpcClient *client)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (50), NULL, keep_result,
                                   &result);
  test_wait_until (result != NULL);
  plant_rpc_client_write_property_finish (client, result, &error);
  return error;
}

/* Clients of Plant Imager have no keys. */
static void
test_old_wires (Fixture       *self,
                gconstpointer  data)
{
  static const char call_home[] = "{\"event\": \"METHOD_CALL\", \"method\": \"home\","
                                  " \"params\": {\"args\": [], \"kwargs\": {}}}";
  static const char set_level[] = "{\"event\": \"PROPERTY_SET\", \"property\": \"level\","
                                  " \"value\": 5}";
  g_autoptr (TestPeer) peer = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GVariant) told = NULL;
  g_autoptr (GVariant) refused = NULL;
  g_autoptr (GError) error = NULL;

  start (self);
  peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_unsecured_url (self->server));
  test_peer_assert_reply (peer, call_home, "{'success': <true>, 'result': <@mv nothing>}");
  refused = test_peer_ask_json (peer, set_level);
  test_assert_error (refused, "refused", "“level” asks for the role “administrator”, and a client "
                                         "without a key has here the role “operator”");
  test_peer_assert_refused (peer, "{\"event\": \"STOP_SERVER\"}", "refused");
  told = test_peer_ask_json (peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}");
  g_assert_true (g_variant_lookup (told, "signal_port", "x", NULL));

  client = new_ready_client (self, plant_rpc_server_get_url (self->server));
  error = write_level (client);
  g_assert_no_error (error);
}

/* What is changed while the server runs takes effect with the next start. */
static void
test_change (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_server_set_unsecured_role (self->server, PLANT_RPC_ROLE_VIEWER);
  start (self);
  plant_rpc_server_set_unsecured_role (self->server, PLANT_RPC_ROLE_ADMINISTRATOR);
  plant_rpc_server_set_unsecured_url (self->server, NULL);
  g_assert_nonnull (plant_rpc_server_get_unsecured_url (self->server));
  client = new_ready_client (self, plant_rpc_server_get_unsecured_url (self->server));
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, PLANT_RPC_ROLE_VIEWER);
  error = write_level (client);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  plant_rpc_server_stop (self->server);
  g_assert_null (plant_rpc_server_get_unsecured_url (self->server));
}

/* A server that cannot open both doors opens none. */
static void
test_failures (Fixture       *self,
               gconstpointer  data)
{
  g_autofree char *taken = NULL;
  g_autoptr (PlantRpcServer) server =
      plant_rpc_server_new (G_OBJECT (self->gauge), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);
  g_autoptr (GError) error = NULL;

  plant_rpc_server_set_unsecured_url (server, "tcp://127.0.0.1:*");
  g_assert_false (plant_rpc_server_start (server, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  start (self);
  taken = g_strdup (plant_rpc_server_get_unsecured_url (self->server));
  plant_rpc_server_set_keypair (server, keypair);
  plant_rpc_server_set_unsecured_url (server, taken);
  g_assert_false (plant_rpc_server_start (server, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_assert_false (plant_rpc_server_get_running (server));
  g_clear_error (&error);

  plant_rpc_server_set_unsecured_url (server, "nowhere");
  g_assert_false (plant_rpc_server_start (server, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
  plant_rpc_server_set_unsecured_url (server, NULL);
  g_assert_true (plant_rpc_server_start (server, NULL));
}

#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/unsecured-url/old-wires", test_old_wires);
  add ("/unsecured-url/change", test_change);
  add ("/unsecured-url/failures", test_failures);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "devices/gauge.h"
#include "plant-rpc-authenticator.h"
#include "plant-rpc-error.h"
#include "plant-rpc-keypair-private.h"
#include "plant-rpc-lane-door-private.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-zmtp.h"

/* A secured server with a gauge, and key pairs of those who may and may not connect. */
typedef struct {
  PlantRpcAuthenticator *authenticator;
  PlantRpcServer        *server;
  TestGauge             *gauge;
  PlantRpcKeypair       *keypair; /* of an operator */
  PlantRpcKeypair       *stranger;
  guint                  n_calls;
} Fixture;

static void
count_call (PlantRpcInvocation  *invocation,
            gpointer             user_data,
            GError             **error)
{
  Fixture *fixture = user_data;

  fixture->n_calls++;
  plant_rpc_invocation_return_value (invocation, NULL);
}

static const char *
get_key (PlantRpcKeypair *keypair)
{
  return plant_rpc_keypair_get_public_key (keypair);
}

static PlantRpcServer *
new_server (Fixture               *fixture,
            PlantRpcAuthenticator *authenticator)
{
  PlantRpcServer *server =
      plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);

  plant_rpc_server_set_keypair (server, keypair);
  plant_rpc_server_set_authenticator (server, authenticator);
  plant_rpc_server_register_method_json (server, "home", "", 0, PLANT_RPC_METHOD_FLAGS_NONE,
                                         count_call, fixture, NULL);
  g_assert_true (plant_rpc_server_start (server, NULL));
  return server;
}

static void
allow (Fixture         *fixture,
       PlantRpcKeypair *keypair,
       PlantRpcRole     role)
{
  g_assert_true (
      plant_rpc_authenticator_allow (fixture->authenticator, get_key (keypair), role, "me", NULL));
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->gauge = test_gauge_new ();
  fixture->keypair = plant_rpc_keypair_new (NULL);
  fixture->stranger = plant_rpc_keypair_new (NULL);
  fixture->authenticator = plant_rpc_authenticator_new ();
  fixture->server = new_server (fixture, fixture->authenticator);
  allow (fixture, fixture->keypair, PLANT_RPC_ROLE_OPERATOR);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_object_unref (fixture->server);
  g_object_unref (fixture->authenticator);
  g_object_unref (fixture->gauge);
  plant_rpc_keypair_unref (fixture->keypair);
  plant_rpc_keypair_unref (fixture->stranger);
}

static PlantRpcClient *
new_client (PlantRpcServer  *server,
            PlantRpcKeypair *keypair)
{
  return g_object_new (PLANT_RPC_TYPE_CLIENT, "url", plant_rpc_server_get_url (server), "keypair",
                       keypair, NULL);
}

static PlantRpcClient *
new_ready_client (Fixture         *fixture,
                  PlantRpcKeypair *keypair)
{
  PlantRpcClient *client = new_client (fixture->server, keypair);

  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  return client;
}

/* Returns the error of a call, or NULL. */
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

static int
get_level (PlantRpcClient *client)
{
  g_autoptr (GVariant) value = plant_rpc_client_get_cached_property (client, "level");

  return value != NULL ? g_variant_get_int32 (value) : -1;
}

/* The client is told ERROR, whose message has TEXT. */
#define assert_refused(error, text)                                                \
  G_STMT_START                                                                     \
    {                                                                              \
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);            \
      g_assert_nonnull (strstr (error->message, text));                            \
    }                                                                              \
  G_STMT_END

static gboolean
has_error (PlantRpcClient *client,
           GQuark          domain,
           int             code)
{
  return g_error_matches (plant_rpc_client_get_last_error (client), domain, code);
}

/* The client is told why it is not let in. */
#define assert_told(client, text)                                                        \
  G_STMT_START                                                                           \
    {                                                                                    \
      test_wait_until (has_error (client, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));    \
      g_assert_nonnull (strstr (plant_rpc_client_get_last_error (client)->message, text)); \
    }                                                                                    \
  G_STMT_END

/* ---- roles */

static void
test_operator (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_ready_client (fixture, fixture->keypair);
  g_autofree char *end = g_strconcat (
      "#", get_key (plant_rpc_server_get_keypair (fixture->server)), NULL);

  g_assert_true (g_str_has_suffix (plant_rpc_server_get_url (fixture->server), end));
  g_assert_cmpint (plant_rpc_client_get_wire (client), ==, PLANT_RPC_WIRE_NATIVE);
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, PLANT_RPC_ROLE_OPERATOR);
  g_assert_null (call (client, "home"));
  g_assert_null (write_level (client, 40));
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 40);
  test_gauge_set_level (fixture->gauge, 55);
  test_wait_until (get_level (client) == 55);
}

static void
test_viewer (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) called = NULL;
  g_autoptr (GError) written = NULL;
  PlantRpcProperty *level;

  allow (fixture, fixture->keypair, PLANT_RPC_ROLE_VIEWER);
  client = new_ready_client (fixture, fixture->keypair);
  level = plant_rpc_client_lookup_property (client, "level");
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, PLANT_RPC_ROLE_VIEWER);
  g_assert_false (plant_rpc_property_get_writable (level));
  called = call (client, "home");
  assert_refused (called, "“operator”");
  written = write_level (client, 40);
  assert_refused (written, "“viewer”");
  g_assert_cmpuint (fixture->n_calls, ==, 0);
  g_assert_cmpint (test_gauge_get_level (fixture->gauge), ==, 0);
  test_gauge_set_level (fixture->gauge, 55);
  test_wait_until (get_level (client) == 55);
}

static void
test_member_roles (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (PlantRpcClient) viewer = NULL;
  g_autoptr (PlantRpcClient) operator = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) written = NULL;
  PlantRpcInterfaceInfo *info;

  allow (fixture, fixture->stranger, PLANT_RPC_ROLE_VIEWER);
  plant_rpc_server_set_member_role (fixture->server, "home", PLANT_RPC_ROLE_VIEWER);
  plant_rpc_server_set_member_role (fixture->server, "level", PLANT_RPC_ROLE_ADMINISTRATOR);
  viewer = new_ready_client (fixture, fixture->stranger);
  operator = new_ready_client (fixture, fixture->keypair);
  g_assert_null (call (viewer, "home"));
  written = write_level (operator, 40);
  assert_refused (written, "“administrator”");
  info = plant_rpc_client_get_interface (operator);
  g_assert_cmpint (
      plant_rpc_method_info_get_role (plant_rpc_interface_info_lookup_method (info, "home")), ==,
      PLANT_RPC_ROLE_VIEWER);
  g_assert_cmpint (
      plant_rpc_property_info_get_role (plant_rpc_interface_info_lookup_property (info, "level")),
      ==, PLANT_RPC_ROLE_ADMINISTRATOR);
  g_assert_false (
      plant_rpc_property_get_writable (plant_rpc_client_lookup_property (operator, "level")));
  g_assert_true (
      plant_rpc_property_get_writable (plant_rpc_client_lookup_property (operator, "label")));
}

static void
test_stop (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_ready_client (fixture, fixture->keypair);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_server_set_allow_stop (fixture->server, TRUE);
  plant_rpc_client_stop_server (client, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  g_assert_false (plant_rpc_client_stop_server_finish (client, result, &error));
  assert_refused (error, "“administrator”");

  allow (fixture, fixture->keypair, PLANT_RPC_ROLE_ADMINISTRATOR);
  test_wait_until (plant_rpc_client_get_role (client) == PLANT_RPC_ROLE_ADMINISTRATOR &&
                   plant_rpc_client_is_ready (client));
  g_clear_object (&result);
  plant_rpc_client_stop_server (client, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  g_assert_true (plant_rpc_client_stop_server_finish (client, result, NULL));
  test_wait_until (!plant_rpc_server_get_running (fixture->server));
}

/* An open window shows what its user may do now. */
static void
test_changed_role (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_ready_client (fixture, fixture->keypair);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");

  g_assert_true (plant_rpc_property_get_writable (level));
  allow (fixture, fixture->keypair, PLANT_RPC_ROLE_VIEWER);
  test_wait_until (plant_rpc_client_get_role (client) == PLANT_RPC_ROLE_VIEWER &&
                   plant_rpc_client_is_ready (client));
  g_assert_false (plant_rpc_property_get_writable (level));
  allow (fixture, fixture->keypair, PLANT_RPC_ROLE_OPERATOR);
  test_wait_until (plant_rpc_property_get_writable (level));
}

/* ---- who is let in */

static void
note_refused (PlantRpcAuthenticator *authenticator,
              const char            *key,
              const char            *address,
              gpointer               user_data)
{
  char **told = user_data;

  g_free (*told);
  *told = g_strdup_printf ("%s at %s", key, address);
}

/* Whoever waits is told at once, and nothing was sent. */
static void
assert_vain (PlantRpcClient *client)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) waited = NULL;
  g_autoptr (GError) called = NULL;

  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &result);
  called = call (client, "home");
  g_assert_error (called, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  test_wait_until (result != NULL);
  g_assert_false (plant_rpc_client_wait_ready_finish (client, result, &waited));
  g_assert_error (waited, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_stranger (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autofree char *told = NULL;
  g_autofree char *expected = g_strconcat (get_key (fixture->stranger), " at 127.0.0.1", NULL);

  g_signal_connect (fixture->authenticator, "refused", G_CALLBACK (note_refused), &told);
  client = new_client (fixture->server, fixture->stranger);
  test_wait_until (has_error (client, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  g_assert_nonnull (strstr (plant_rpc_client_get_last_error (client)->message,
                            get_key (fixture->stranger)));
  test_wait_until (told != NULL);
  g_assert_cmpstr (told, ==, expected);
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, PLANT_RPC_ROLE_NONE);
  assert_vain (client);

  allow (fixture, fixture->stranger, PLANT_RPC_ROLE_VIEWER);
  plant_rpc_client_try_again (client);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  plant_rpc_client_try_again (client);
  g_assert_true (plant_rpc_client_is_ready (client));
}

/* Each server has its own table. */
static void
test_other_server (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (PlantRpcAuthenticator) authenticator = plant_rpc_authenticator_new ();
  g_autoptr (PlantRpcServer) other = new_server (fixture, authenticator);
  g_autoptr (PlantRpcServer) closed = new_server (fixture, NULL);
  g_autoptr (PlantRpcClient) friend = new_ready_client (fixture, fixture->keypair);
  g_autoptr (PlantRpcClient) stranger = new_client (other, fixture->keypair);
  g_autoptr (PlantRpcClient) outside = new_client (closed, fixture->keypair);

  test_wait_until (has_error (stranger, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  test_wait_until (has_error (outside, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
}

static void
test_wrong_server_key (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u#%s",
                                          plant_rpc_server_get_port (fixture->server),
                                          get_key (fixture->stranger));
  g_autoptr (PlantRpcClient) client =
      g_object_new (PLANT_RPC_TYPE_CLIENT, "url", url, "keypair", fixture->keypair, NULL);

  assert_told (client, "has another key than");
}

/* A client that knows the key of a server never talks to it without. */
static void
test_server_without_key (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (PlantRpcServer) plain =
      plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  g_autofree char *url = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  g_assert_true (plant_rpc_server_start (plain, NULL));
  url = g_strconcat (plant_rpc_server_get_url (plain), "#", get_key (fixture->stranger), NULL);
  client = g_object_new (PLANT_RPC_TYPE_CLIENT, "url", url, "keypair", fixture->keypair, NULL);
  assert_told (client, "is not secured, although");
}

static void
test_client_without_key (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autofree char *url =
      g_strdup_printf ("tcp://127.0.0.1:%u", plant_rpc_server_get_port (fixture->server));
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (url);

  assert_told (client, "is secured: its key belongs");
}

/* A server that runs cannot be secured, and says so. */
static void
test_secured_late (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (PlantRpcServer) server =
      plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_server_start (server, NULL));
  g_assert_false (plant_rpc_server_secure (server, "camera", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_null (plant_rpc_server_get_keypair (server));
}

/* ---- revocation */

static void
test_revoked (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (PlantRpcClient) other = NULL;
  g_autoptr (PlantRpcClient) client = new_ready_client (fixture, fixture->keypair);
  g_autoptr (GError) error = NULL;

  allow (fixture, fixture->stranger, PLANT_RPC_ROLE_VIEWER);
  other = new_ready_client (fixture, fixture->stranger);
  g_assert_true (plant_rpc_authenticator_revoke (fixture->authenticator,
                                                 get_key (fixture->keypair), NULL));
  test_wait_until (has_error (client, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  test_gauge_set_level (fixture->gauge, 55);
  test_wait_until (get_level (other) == 55);
  g_assert_cmpint (get_level (client), ==, 0);
  g_assert_false (plant_rpc_authenticator_revoke (fixture->authenticator,
                                                  get_key (fixture->keypair), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
count_pings (PlantRpcClient *client,
             gpointer        user_data)
{
  guint *n = user_data;

  (*n)++;
}

/* What the device emits after a key was revoked does not reach its owner. */
static void
test_revoked_first (Fixture       *fixture,
                    gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (PlantRpcClient) other = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_server_dup_interface (fixture->server);
  guint n_heard = 0, n_others = 0;

  allow (fixture, fixture->stranger, PLANT_RPC_ROLE_VIEWER);
  client = g_object_new (plant_rpc_client_type_for_interface (info, NULL), "url",
                         plant_rpc_server_get_url (fixture->server), "keypair", fixture->keypair,
                         NULL);
  other = g_object_new (G_OBJECT_TYPE (client), "url", plant_rpc_server_get_url (fixture->server),
                        "keypair", fixture->stranger, NULL);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_client_wait_state (other, PLANT_RPC_STATE_READY);
  g_signal_connect (client, "pinged", G_CALLBACK (count_pings), &n_heard);
  g_signal_connect (other, "pinged", G_CALLBACK (count_pings), &n_others);
  test_gauge_ping (fixture->gauge);
  test_wait_until (n_heard == 1 && n_others == 1);

  g_assert_true (plant_rpc_authenticator_revoke (fixture->authenticator,
                                                 get_key (fixture->keypair), NULL));
  for (guint i = 0; i < 5; i++)
    test_gauge_ping (fixture->gauge);
  test_wait_until (n_others == 6);
  test_wait_until (has_error (client, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
  g_assert_cmpuint (n_heard, ==, 1);
  plant_rpc_interface_info_unref (info);
}

/* A client that gets its key only after it was made is not refused for another one. */
static void
test_later_key (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_client (fixture->server, fixture->stranger);
  g_autoptr (GAsyncResult) result = NULL;

  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_CONNECTING);
  plant_rpc_client_set_keypair (client, fixture->keypair);
  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, test_keep_result, &result);
  test_wait_until (result != NULL);
  g_assert_true (plant_rpc_client_wait_ready_finish (client, result, NULL));
}

/* ---- lanes */

static guint n_offers;
static guint16 offered_port;

gboolean __real_plant_rpc_lane_door_offer (PlantRpcLaneDoor  *self,
                                           guint64            connection,
                                           int                fd,
                                           const char        *address,
                                           PlantRpcLaneOffer *offer);
gboolean __wrap_plant_rpc_lane_door_offer (PlantRpcLaneDoor  *self,
                                           guint64            connection,
                                           int                fd,
                                           const char        *address,
                                           PlantRpcLaneOffer *offer);

gboolean
__wrap_plant_rpc_lane_door_offer (PlantRpcLaneDoor  *self,
                                  guint64            connection,
                                  int                fd,
                                  const char        *address,
                                  PlantRpcLaneOffer *offer)
{
  const gboolean offered =
      __real_plant_rpc_lane_door_offer (self, connection, fd, address, offer);

  n_offers += offered && offer->name != NULL;
  offered_port = offered ? offer->port : 0;
  return offered;
}

static void
call_often (PlantRpcClient *client)
{
  for (guint i = 0; i < 100; i++)
    g_assert_null (call (client, "home"));
}

/* What goes over a lane is not encrypted, so none leaves this computer. Whoever comes over it has
 * the role of the key that was shown on the ordinary connection. */
static void
test_lane (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (PlantRpcClient) viewer = NULL;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) revoked = NULL;

  plant_rpc_server_set_member_role (fixture->server, "home", PLANT_RPC_ROLE_VIEWER);
  allow (fixture, fixture->stranger, PLANT_RPC_ROLE_VIEWER);
  n_offers = 0;
  client = new_ready_client (fixture, fixture->keypair);
  viewer = new_ready_client (fixture, fixture->stranger);
  call_often (client);
  call_often (viewer);
  g_assert_cmpuint (n_offers, ==, 2);
  g_assert_cmpuint (offered_port, ==, 0);
  g_assert_null (write_level (client, 40));
  refused = write_level (viewer, 50);
  assert_refused (refused, "“viewer”");

  g_assert_true (plant_rpc_authenticator_revoke (fixture->authenticator,
                                                 get_key (fixture->keypair), NULL));
  revoked = call (client, "home");
  g_assert_nonnull (revoked);
  g_assert_cmpuint (fixture->n_calls, ==, 200);
  call_often (viewer);
}

/* ---- what CURVE makes longer or slower */

static void
return_image (PlantRpcInvocation  *invocation,
              gpointer             image,
              GError             **error)
{
  plant_rpc_invocation_return_buffer (invocation, image, NULL);
}

static void
test_image (Fixture       *fixture,
            gconstpointer  data)
{
  const gsize size = 24 * 1024 * 1024;
  g_autoptr (GBytes) image = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr (PlantRpcClient) client = NULL;

  plant_rpc_server_register_method_buffer (fixture->server, "image", "", 0,
                                           PLANT_RPC_METHOD_FLAGS_NONE, return_image, image, NULL);
  client = new_ready_client (fixture, fixture->keypair);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GBytes) received = NULL;

      plant_rpc_client_call_buffer (client, "image", NULL, NULL, 0, NULL, test_keep_result,
                                    &result);
      test_wait_until (result != NULL);
      received = plant_rpc_client_call_buffer_finish (client, result, NULL, NULL);
      g_assert_true (g_bytes_equal (received, image));
    }
}

/* A server whose main loop stands still keeps nobody from connecting to another one. */
static void
test_blocked_server (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcServer) blocked = NULL;
  g_autoptr (PlantRpcClient) waiting = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  g_main_context_push_thread_default (context);
  blocked = new_server (fixture, fixture->authenticator);
  g_main_context_pop_thread_default (context);
  waiting = new_client (blocked, fixture->keypair);
  client = new_ready_client (fixture, fixture->keypair);
  test_client_wait_state (waiting, PLANT_RPC_STATE_CONNECTING);
  g_assert_null (plant_rpc_client_get_last_error (waiting));
}

/* ---- the registry */

/* A registry lists the key, so that a client that knows the name alone can connect. */
static void
test_listed (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_autoptr (PlantRpcClient) client = NULL;

  g_assert_true (plant_rpc_registry_start (registry, NULL));
  plant_rpc_server_register_to_registry (fixture->server, "gauge", "boiler",
                                         plant_rpc_registry_get_url (registry), FALSE, NULL, NULL,
                                         NULL);
  client = g_object_new (PLANT_RPC_TYPE_CLIENT, "keypair", fixture->keypair, "unknown-devices",
                         PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW, NULL);
  plant_rpc_client_follow_device (client, plant_rpc_registry_get_url (registry), "boiler");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==,
                   plant_rpc_server_get_url (fixture->server));
  g_assert_cmpint (plant_rpc_client_get_role (client), ==, PLANT_RPC_ROLE_OPERATOR);
  plant_rpc_client_close (client);
  plant_rpc_server_stop (fixture->server);
  plant_rpc_registry_stop (registry);
}

/* ---- peers by hand */

static TestPeer *
new_raw_peer (Fixture         *fixture,
              PlantRpcKeypair *keypair)
{
  return test_peer_new_secured (plant_rpc_server_get_port (fixture->server),
                                plant_rpc_server_get_keypair (fixture->server), keypair);
}

/* What the client does not check, the server does. */
static void
test_raw_peer (Fixture       *fixture,
               gconstpointer  data)
{
  static const char call_home[] = "{\"event\": \"METHOD_CALL\", \"method\": \"home\","
                                  " \"params\": {\"args\": [], \"kwargs\": {}}}";
  g_autoptr (TestPeer) peer = NULL;

  allow (fixture, fixture->keypair, PLANT_RPC_ROLE_VIEWER);
  peer = new_raw_peer (fixture, fixture->keypair);
  test_peer_assert_refused (peer, call_home, "refused");
  test_peer_assert_refused (
      peer, "{\"event\": \"PROPERTY_SET\", \"property\": \"level\", \"value\": 5}", "refused");
  test_peer_assert_refused (peer, "{\"event\": \"STOP_SERVER\"}", "refused");
  test_peer_assert_refused (peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}", "refused");
  test_peer_assert_refused (peer, "{\"event\": \"FIND_PEER_ADDRESS\"}", "refused");
  test_peer_assert_reply (peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"level\"}",
                          "{'success': <true>, 'value': <@x 0>}");
  g_assert_cmpuint (fixture->n_calls, ==, 0);
}

/* Before the handshake a stranger can neither fill the memory nor keep others out. */
static void
test_flood (Fixture       *fixture,
            gconstpointer  data)
{
  static const guint8 greeting[64] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0,
                                       'C',  'U', 'R', 'V', 'E' };
  static const guint8 head[] = { 0x06, 0, 0, 0, 0, 3, 0, 0, 0 }; /* a command of 48 MiB */
  g_autoptr (TestZmtp) stranger = test_zmtp_new (plant_rpc_server_get_port (fixture->server));
  g_autofree guint8 *block = g_malloc0 (65536);
  g_autoptr (PlantRpcClient) client = NULL;

  g_assert_true (test_zmtp_send_bytes (stranger, greeting, sizeof greeting));
  g_assert_true (test_zmtp_send_bytes (stranger, head, sizeof head));
  for (guint i = 0; i < 64 && test_zmtp_send_bytes (stranger, block, 65536); i++)
    g_main_context_iteration (NULL, FALSE);
  client = new_ready_client (fixture, fixture->keypair);
  g_assert_null (call (client, "home"));
  test_wait_until (test_zmtp_is_closed (stranger));
}

int
main (int   argc,
      char *argv[])
{
  g_autofree char *state = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  g_autofree char *keys = g_build_filename (state, "keys", NULL);
  g_autofree char *known = g_build_filename (keys, "known_devices", NULL);
  int result;

  g_setenv ("STATE_DIRECTORY", state, TRUE);
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  add ("/trust/operator", test_operator);
  add ("/trust/viewer", test_viewer);
  add ("/trust/member-roles", test_member_roles);
  add ("/trust/stop", test_stop);
  add ("/trust/changed-role", test_changed_role);
  add ("/trust/stranger", test_stranger);
  add ("/trust/other-server", test_other_server);
  add ("/trust/wrong-server-key", test_wrong_server_key);
  add ("/trust/server-without-key", test_server_without_key);
  add ("/trust/client-without-key", test_client_without_key);
  add ("/trust/secured-late", test_secured_late);
  add ("/trust/revoked", test_revoked);
  add ("/trust/revoked-first", test_revoked_first);
  add ("/trust/later-key", test_later_key);
  add ("/trust/lane", test_lane);
  add ("/trust/image", test_image);
  add ("/trust/blocked-server", test_blocked_server);
  add ("/trust/listed", test_listed);
  add ("/trust/raw-peer", test_raw_peer);
  add ("/trust/flood", test_flood);
  result = g_test_run ();
  g_remove (known);
  g_remove (keys);
  g_remove (state);
  return result;
}

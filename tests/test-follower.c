/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-log.h"
#include "plant-rpc-test-peer.h"

typedef struct {
  PlantRpcRegistry *registry;
  char             *url;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (self->registry, NULL));
  self->url = g_strdup (plant_rpc_registry_get_url (self->registry));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_assert_finalize_object (self->registry);
  g_free (self->url);
}

/* LEVEL tells one device from another. */
static PlantRpcServer *
start_device (Fixture    *self,
              const char *name,
              int         level)
{
  g_autoptr (GObject) gauge = g_object_new (TEST_TYPE_GAUGE, "level", level, NULL);
  PlantRpcServer *server = plant_rpc_server_new (gauge, "tcp://127.0.0.1:*");
  g_autoptr (GError) error = NULL;
  g_autofree char *accepted = NULL;

  plant_rpc_server_set_alive_timeout (server, 1);
  g_assert_true (plant_rpc_server_start (server, &error));
  accepted = plant_rpc_server_register_to_registry_sync (server, "gauge", name, self->url, TRUE,
                                                         NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (accepted, ==, name);
  return server;
}

static gboolean
is_ready (PlantRpcClient *client)
{
  return plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY;
}

static int
get_level (gpointer object)
{
  int level;

  g_object_get (object, "level", &level, NULL);
  return level;
}

static PlantRpcClient *
follow (Fixture    *self,
        const char *device)
{
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client =
      plant_rpc_client_new_for_device (TEST_TYPE_GAUGE, self->url, device, &error);

  g_assert_no_error (error);
  return client;
}

/* A binding that is made before there is any device stays in place wherever that goes. */
static void
test_moves (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = follow (self, "boiler");
  g_autoptr (GObject) shown = g_object_new (TEST_TYPE_GAUGE, NULL);
  g_autoptr (PlantRpcServer) server = NULL;
  g_autofree char *first_url = NULL;
  g_autoptr (GError) error = NULL;

  g_object_bind_property (client, "level", shown, "level", G_BINDING_DEFAULT);
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_DISCONNECTED);
  test_wait_until (g_error_matches (plant_rpc_client_get_last_error (client), G_IO_ERROR,
                                    G_IO_ERROR_NOT_FOUND));
  g_assert_null (plant_rpc_client_get_url (client));
  g_assert_false (plant_rpc_client_wait_ready_sync (client, 1, NULL, &error));
  g_assert_nonnull (strstr (error->message, "“boiler” is not ready"));

  server = start_device (self, "boiler", 10);
  test_wait_until (is_ready (client) && get_level (shown) == 10);
  g_assert_null (plant_rpc_client_get_last_error (client));
  first_url = g_strdup (plant_rpc_client_get_url (client));
  g_assert_cmpstr (first_url, ==, plant_rpc_server_get_url (server));

  g_clear_object (&server);
  test_wait_until (!is_ready (client));
  server = start_device (self, "boiler", 20);
  test_wait_until (is_ready (client) && get_level (shown) == 20);
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==, plant_rpc_server_get_url (server));
}

/* The former device lives on, but another has its name. */
static void
test_replaced (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcServer) former = start_device (self, "boiler", 10);
  g_autoptr (PlantRpcClient) client = follow (self, "boiler");
  g_autoptr (PlantRpcServer) later = NULL;

  test_wait_until (is_ready (client) && get_level (client) == 10);
  later = start_device (self, "boiler", 20);
  test_wait_until (is_ready (client) && get_level (client) == 20);
}

/* A client that follows another device has nothing to do with the former. */
static void
test_follows_another (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = follow (self, "kettle");
  g_autoptr (PlantRpcServer) boiler = start_device (self, "boiler", 10);
  g_autoptr (PlantRpcServer) kettle = NULL;

  plant_rpc_client_follow_device (client, self->url, "boiler");
  test_wait_until (is_ready (client) && get_level (client) == 10);
  kettle = start_device (self, "kettle", 20);
  /* Once other clients have got there, this client would have moved too. */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PlantRpcClient) other = follow (self, "kettle");

      test_wait_until (is_ready (other));
    }
  g_assert_true (is_ready (client));
  g_assert_cmpint (get_level (client), ==, 10);
}

static void
count_losses (PlantRpcClient *client,
              GParamSpec     *pspec,
              guint          *n_losses)
{
  *n_losses += !is_ready (client);
}

/* A client that is at the device already keeps its connection, and the calls under way. */
static void
test_there_already (Fixture       *self,
                    gconstpointer  data)
{
  g_autoptr (PlantRpcServer) server = start_device (self, "boiler", 10);
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_type (TEST_TYPE_GAUGE, plant_rpc_server_get_url (server), NULL);
  g_autoptr (PlantRpcClient) other = NULL;
  guint n_losses = 0;

  test_wait_until (is_ready (client));
  g_signal_connect (client, "notify::state", G_CALLBACK (count_losses), &n_losses);
  plant_rpc_client_follow_device (client, self->url, "boiler");
  other = follow (self, "boiler");
  test_wait_until (is_ready (other));
  g_clear_object (&other);
  other = follow (self, "boiler");
  test_wait_until (is_ready (other));
  g_assert_cmpuint (n_losses, ==, 0);
  g_assert_true (is_ready (client));

  g_clear_object (&server);
  server = start_device (self, "boiler", 20);
  test_wait_until (is_ready (client) && get_level (client) == 20);
}

/* Registers a device that nobody serves. */
static void
register_url (Fixture    *self,
              const char *url)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, self->url);
  g_autofree char *request =
      g_strdup_printf ("{\"event\":\"REGISTER\",\"payload\":{\"device_type\":\"gauge\","
                       "\"name\":\"boiler\",\"addr\":\"%s\"}}", url);

  g_variant_unref (test_peer_ask_json (peer, request));
  test_wait_until (plant_rpc_registry_find_device (self->registry, "boiler") != NULL);
}

static void
count (GObject    *object,
       GParamSpec *pspec,
       gpointer    user_data)
{
  (*(guint *) user_data)++;
}

/* A client that waits in vain where the device is tries there again at once. */
static void
test_there_in_vain (Fixture       *self,
                    gconstpointer  data)
{
  const char *url = "tcp://127.0.0.1:1";
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new_for_type (TEST_TYPE_GAUGE, url, NULL);
  guint n_urls = 0;

  register_url (self, url);
  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_DISCONNECTED);
  g_signal_connect (client, "notify::url", G_CALLBACK (count), &n_urls);
  plant_rpc_client_follow_device (client, self->url, "boiler");
  test_wait_until (n_urls == 1);
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==, url);
}

/* A client that is at a device has no error, although the registry does not know the device. */
static void
test_not_registered (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr (GObject) gauge = g_object_new (TEST_TYPE_GAUGE, NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (gauge, "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcClient) client = NULL;

  g_assert_true (plant_rpc_server_start (server, NULL));
  client = plant_rpc_client_new (plant_rpc_server_get_url (server));
  test_wait_until (is_ready (client));
  plant_rpc_client_follow_device (client, self->url, "boiler");
  /* Once other clients have seen that it is missing, this client has seen it too. */
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PlantRpcClient) other = follow (self, "boiler");

      test_wait_until (g_error_matches (plant_rpc_client_get_last_error (other), G_IO_ERROR,
                                        G_IO_ERROR_NOT_FOUND));
    }
  g_assert_no_error (plant_rpc_client_get_last_error (client));
  g_assert_true (is_ready (client));
}

/* What is not known yet is not said to be missing. */
static void
test_registry_silent (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (TestPeer) silent = test_peer_new (ZMQ_ROUTER, NULL);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", test_peer_bind (silent));
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_device (G_TYPE_INVALID, url, "boiler", NULL);

  test_wait_until (plant_rpc_client_get_last_error (client) != NULL);
  g_assert_error (plant_rpc_client_get_last_error (client), G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
}

/* What is wrong with the registry is told as it is. */
static void
test_registry_absent (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_device (G_TYPE_INVALID, "tcp://127.0.0.1:1", "boiler", NULL);

  test_wait_until (g_error_matches (plant_rpc_client_get_last_error (client), G_IO_ERROR,
                                    G_IO_ERROR_CONNECTION_REFUSED));
}

/* Without a type it is a plain client. */
static void
test_plain (Fixture       *self,
            gconstpointer  data)
{
  static const GType types[] = { G_TYPE_INVALID, G_TYPE_NONE };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (PlantRpcClient) client =
          plant_rpc_client_new_for_device (types[i], self->url, "boiler", &error);

      g_assert_no_error (error);
      g_assert_true (G_OBJECT_TYPE (client) == PLANT_RPC_TYPE_CLIENT);
    }
  g_assert_null (plant_rpc_client_new_for_device (G_TYPE_STRING, self->url, "boiler", &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
}

static void
test_type (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (PlantRpcServer) first = start_device (self, "first", 10);
  g_autoptr (PlantRpcClient) client = follow (self, "gauge");
  g_autoptr (PlantRpcServer) second = NULL;

  test_wait_until (is_ready (client));
  second = start_device (self, "second", 20);
  test_wait_until (plant_rpc_registry_find_device (self->registry, "second") != NULL);
  g_assert_cmpint (get_level (client), ==, 10);
  g_clear_object (&first);
  test_wait_until (is_ready (client) && get_level (client) == 20);
}

/* A client stays with its device if the device is good, even if the registry has lost it. */
static void
test_type_content (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (PlantRpcServer) first = start_device (self, "first", 10);
  g_autoptr (PlantRpcClient) client = follow (self, "gauge");
  g_autoptr (PlantRpcServer) second = NULL;
  g_autoptr (PlantRpcClient) other = NULL;
  g_autoptr (GError) error = NULL;
  guint n_losses = 0;

  test_wait_until (is_ready (client));
  g_signal_connect (client, "notify::state", G_CALLBACK (count_losses), &n_losses);
  second = start_device (self, "second", 20);
  plant_rpc_server_unregister_sync (first, NULL, &error);
  g_assert_no_error (error);
  /* Once another client has seen the new list, this client has got it too. */
  other = follow (self, "gauge");
  test_wait_until (is_ready (other) && get_level (other) == 20);
  g_clear_object (&other);
  other = follow (self, "gauge");
  test_wait_until (is_ready (other));
  g_assert_true (is_ready (client));
  g_assert_cmpint (get_level (client), ==, 10);
  g_assert_cmpuint (n_losses, ==, 0);
}

/* The client prefers the device of the same name to another one of its type. */
static void
test_type_comes_back (Fixture       *self,
                      gconstpointer  data)
{
  g_autoptr (PlantRpcServer) first = start_device (self, "second", 10);
  g_autoptr (PlantRpcClient) client = follow (self, "gauge");
  g_autoptr (PlantRpcServer) other = NULL, again = NULL;
  guint n_losses = 0;

  test_wait_until (is_ready (client));
  other = start_device (self, "first", 20);
  /* The new server takes the name of the former one, which still serves. */
  again = start_device (self, "second", 30);
  g_signal_connect (client, "notify::state", G_CALLBACK (count_losses), &n_losses);
  g_clear_object (&first);
  test_wait_until (n_losses > 0 || get_level (client) == 30);
  test_wait_until (is_ready (client) && get_level (client) == 30);
}

static void
test_registry_later (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr (PlantRpcServer) device = NULL;
  g_autoptr (PlantRpcClient) client = NULL;

  plant_rpc_registry_stop (self->registry);
  client = follow (self, "boiler");
  test_wait_until (plant_rpc_client_get_last_error (client) != NULL);
  g_object_unref (self->registry);
  self->registry = plant_rpc_registry_new (self->url);
  test_wait_until (plant_rpc_registry_start (self->registry, NULL));
  device = start_device (self, "boiler", 10);
  test_wait_until (is_ready (client));

  /* A registry that is gone takes nothing away. */
  plant_rpc_registry_stop (self->registry);
  g_assert_true (is_ready (client));
  test_wait_until (!plant_rpc_server_get_registered (device) ||
                   plant_rpc_registry_start (self->registry, NULL));
  g_assert_true (is_ready (client));
}

/* ---- a script without a loop: the device is served from another thread */

typedef struct {
  Fixture   *fixture;
  GMainLoop *loop;
} Elsewhere;

static gpointer
serve_elsewhere (gpointer data)
{
  Elsewhere *self = data;
  GMainContext *context = g_main_loop_get_context (self->loop);
  PlantRpcServer *server;

  g_main_context_push_thread_default (context);
  server = start_device (self->fixture, "boiler", 10);
  g_main_loop_run (self->loop);
  g_object_unref (server);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
test_sync (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  Elsewhere elsewhere = { self, loop };
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_device (G_TYPE_INVALID, self->url, "boiler", NULL);
  GThread *thread = g_thread_new ("device", serve_elsewhere, &elsewhere);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcClient) found = NULL;
  g_autoptr (GVariant) value = NULL;

  g_assert_true (plant_rpc_client_wait_ready_sync (client, TEST_DEADLINE_S * 1000, NULL, &error));
  g_assert_no_error (error);
  value = plant_rpc_client_read_property_sync (client, "level", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int32 (value), ==, 10);

  found = plant_rpc_client_discover_device_sync (self->url, "boiler", TEST_DEADLINE_S * 1000, NULL,
                                                 &error);
  g_assert_no_error (error);
  g_assert_true (is_ready (found));
  g_assert_cmpint (get_level (found), ==, 10);
  g_main_context_invoke (context, quit, loop);
  g_thread_join (thread);
}

static void
on_ready (PlantRpcClient *client,
          GParamSpec     *pspec,
          PlantRpcClient **owned)
{
  if (is_ready (client))
    g_clear_object (owned);
}

static void
test_dropped (Fixture       *self,
              gconstpointer  data)
{
  PlantRpcClient *client = follow (self, "boiler");
  g_autoptr (PlantRpcServer) device = NULL;

  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *) &client);
  g_assert_finalize_object (follow (self, "boiler"));
  g_signal_connect (client, "notify::state", G_CALLBACK (on_ready), &client);
  device = start_device (self, "boiler", 10);
  test_wait_until (client == NULL);
}

static void
keep_result (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static void
discover (Fixture       *self,
          int            timeout,
          GCancellable  *cancellable,
          GAsyncResult **result)
{
  plant_rpc_client_discover_device (self->url, "boiler", timeout, cancellable, keep_result, result);
}

/* A client of a type made for the device follows it. */
static void
test_discovered (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (GError) error = NULL;

  discover (self, PLANT_RPC_TIMEOUT_NONE, NULL, &result);
  server = start_device (self, "boiler", 10);
  test_wait_until (result != NULL);
  client = plant_rpc_client_discover_device_finish (result, &error);
  g_assert_no_error (error);
  g_assert_true (is_ready (client));
  g_assert_cmpint (get_level (client), ==, 10);
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==, plant_rpc_server_get_url (server));

  g_clear_object (&server);
  server = start_device (self, "boiler", 20);
  test_wait_until (is_ready (client) && get_level (client) == 20);
}

static void
test_not_discovered (Fixture       *self,
                     gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) cancelled = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GError) error = NULL;

  discover (self, PLANT_RPC_TIMEOUT_NONE, cancellable, &cancelled);
  discover (self, 1, NULL, &late);
  g_cancellable_cancel (cancellable);
  test_wait_until (cancelled != NULL && late != NULL);
  g_assert_null (plant_rpc_client_discover_device_finish (cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_discover_device_finish (late, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (plant_rpc_client_discover_device_sync (self->url, "boiler", 1, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
count_errors (GObject    *client,
              GParamSpec *pspec,
              guint      *n)
{
  (*n)++;
}

/* A client that waits for its device sleeps, and tells each reason once. */
static void
test_idle (Fixture       *self,
           gconstpointer  data)
{
  const char *const urls[] = { self->url, "tcp://127.0.0.1:1", "rubbish" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (PlantRpcClient) client =
          plant_rpc_client_new_for_device (TEST_TYPE_GAUGE, urls[i], "absent", NULL);
      guint n = 0;

      g_signal_connect (client, "notify::last-error", G_CALLBACK (count_errors), &n);
      test_wait_until (n > 0);
      for (guint k = 0; k < 500; k++)
        test_iterate ();
      g_assert_cmpuint (n, <, 10);
    }
}

/* Where waiting cannot help, a caller that blocks is told at once. */
static void
test_bad_registry (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_device (TEST_TYPE_GAUGE, "rubbish", "absent", NULL);

  g_assert_false (plant_rpc_client_wait_ready_sync (client, -1, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/follower/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("moves", test_moves);
  ADD ("replaced", test_replaced);
  ADD ("follows-another", test_follows_another);
  ADD ("there-already", test_there_already);
  ADD ("there-in-vain", test_there_in_vain);
  ADD ("not-registered", test_not_registered);
  ADD ("registry-silent", test_registry_silent);
  ADD ("registry-absent", test_registry_absent);
  ADD ("plain", test_plain);
  ADD ("type", test_type);
  ADD ("type-content", test_type_content);
  ADD ("type-comes-back", test_type_comes_back);
  ADD ("registry-later", test_registry_later);
  ADD ("sync", test_sync);
  ADD ("dropped", test_dropped);
  ADD ("discovered", test_discovered);
  ADD ("not-discovered", test_not_discovered);
  ADD ("idle", test_idle);
  ADD ("bad-registry", test_bad_registry);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-client.h"
#include "plant-rpc-discovery.h"
#include "plant-rpc-error.h"
#include "plant-rpc-registry-client.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-resolver.h"
#include "plant-rpc-test-wait.h"

/* Clients, devices and registries that are given names of hosts. */

/* A gauge in a thread of its own, so that the test may block. */
typedef struct {
  const char     *address;
  guint16         port;   /* 0 for any */
  GThread        *thread; /* (owned) */
  GMainLoop      *loop;   /* (owned) */
  GMutex          mutex;
  GCond           cond;
  gboolean        runs;   /* (mutex mutex) */
} Device;

typedef struct {
  TestResolver *names;  /* (owned) */
  Device       *device; /* (owned): at 127.0.0.1 */
} Fixture;

static gpointer
run_device (gpointer data)
{
  Device *self = data;
  GMainContext *context = g_main_loop_get_context (self->loop);
  g_autofree char *url = g_strdup_printf ("tcp://%s:%u", self->address, self->port);
  g_autoptr (GObject) gauge = NULL;
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  gauge = g_object_new (TEST_TYPE_GAUGE, NULL);
  server = plant_rpc_server_new (gauge, url);
  g_assert_true (plant_rpc_server_start (server, &error));
  g_assert_no_error (error);
  g_mutex_lock (&self->mutex);
  self->port = (guint16) plant_rpc_server_get_port (server);
  self->runs = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_main_loop_run (self->loop);
  plant_rpc_server_stop (server);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static Device *
device_new (const char *address,
            guint16     port)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Device *self = g_new0 (Device, 1);

  self->address = address;
  self->port = port;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->loop = g_main_loop_new (context, FALSE);
  self->thread = g_thread_new ("device", run_device, self);
  g_mutex_lock (&self->mutex);
  while (!self->runs)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
  return self;
}

static void
device_free (Device *self)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->names = test_resolver_new ();
  self->device = device_new ("127.0.0.1", 0);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->device, device_free);
  test_resolver_free (self->names);
}

static char *
make_url (Fixture    *self,
          const char *host)
{
  return g_strdup_printf ("tcp://%s:%u", host, self->device->port);
}

static PlantRpcClient *
new_client (Fixture    *self,
            const char *host)
{
  g_autofree char *url = make_url (self, host);

  return plant_rpc_client_new (url);
}

static void
assert_peer (PlantRpcClient *client,
             const char     *address)
{
  g_assert_cmpstr (plant_rpc_client_get_peer_address (client), ==, address);
}

static gboolean
has_failed (PlantRpcClient *client,
            GIOErrorEnum    code)
{
  return g_error_matches (plant_rpc_client_get_last_error (client), G_IO_ERROR, (int) code);
}

/* ---- a name that is unknown */

/* Each blocking function says so, without a limit of time, and the client goes on trying. */
static void
test_unknown_blocking (Fixture       *self,
                       gconstpointer  data)
{
  g_autofree char *url = make_url (self, "pi-cma-1");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (url);
  g_autoptr (PlantRpcClient) found = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;

  g_assert_false (plant_rpc_client_wait_ready_sync (client, PLANT_RPC_TIMEOUT_NONE, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "There is no host with the name “pi-cma-1”");
  g_assert_true (has_failed (client, G_IO_ERROR_HOST_NOT_FOUND));
  g_clear_error (&error);

  value = plant_rpc_client_call_sync (client, "get", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL,
                                      &error);
  g_assert_null (value);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_assert_false (plant_rpc_error_may_have_run (error));
  g_assert_nonnull (strstr (error->message, "There is no host with the name “pi-cma-1”"));
  g_clear_error (&error);

  found = plant_rpc_client_discover_sync (url, PLANT_RPC_TIMEOUT_NONE, NULL, &error);
  g_assert_null (found);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND);
  g_clear_error (&error);

  test_resolver_set (self->names, "pi-cma-1", "127.0.0.1");
  g_assert_true (plant_rpc_client_wait_ready_sync (client, TEST_DEADLINE_S * 1000, NULL, &error));
  g_assert_no_error (error);
  assert_peer (client, "127.0.0.1");
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==, url);
}

static void
on_result (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* The same in a main loop, where the name comes later. */
static void
test_unknown (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = new_client (self, "pi-cma-1");
  g_autoptr (GAsyncResult) called = NULL, waited = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_call (client, "get", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL, on_result,
                         &called);
  plant_rpc_client_wait_ready (client, PLANT_RPC_TIMEOUT_NONE, NULL, on_result, &waited);
  test_wait_until (called != NULL && waited != NULL);
  g_assert_null (plant_rpc_client_call_finish (client, called, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_wait_ready_finish (client, waited, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND);
  g_assert_true (has_failed (client, G_IO_ERROR_HOST_NOT_FOUND));
  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_DISCONNECTED);

  test_resolver_set (self->names, "pi-cma-1", "127.0.0.1");
  test_wait_until (plant_rpc_client_is_ready (client));
  g_assert_null (plant_rpc_client_get_last_error (client));
}

/* ---- a name server that does not answer */

/* Nobody says that the name is unknown, and the limits of time hold. */
static void
test_temporary (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;

  test_resolver_set_error (self->names, "camera", G_RESOLVER_ERROR_TEMPORARY_FAILURE);
  client = new_client (self, "camera");
  g_assert_false (plant_rpc_client_wait_ready_sync (client, 200, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_nonnull (strstr (error->message, "no name server answers"));
  g_clear_error (&error);
  test_resolver_set (self->names, "camera", "127.0.0.1");
  g_assert_true (plant_rpc_client_wait_ready_sync (client, PLANT_RPC_TIMEOUT_NONE, NULL, &error));
  g_assert_no_error (error);
}

static gpointer
cancel_later (gpointer data)
{
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_silent (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcClient) far = NULL, near = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GThread) thread = NULL;

  test_resolver_set_silent (self->names, "far");
  test_resolver_set (self->names, "near", "127.0.0.1");
  far = new_client (self, "far");
  near = new_client (self, "near");
  g_assert_true (plant_rpc_client_wait_ready_sync (near, PLANT_RPC_TIMEOUT_NONE, NULL, &error));
  g_assert_no_error (error);
  test_wait_for (test_resolver_count_open (self->names) == 1);

  g_assert_null (plant_rpc_client_call_sync (far, "get", NULL, NULL, 50, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_clear_error (&error);
  thread = g_thread_new ("canceller", cancel_later, cancellable);
  g_assert_false (plant_rpc_client_wait_ready_sync (far, PLANT_RPC_TIMEOUT_NONE, cancellable,
                                                    &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (g_steal_pointer (&thread));
  g_clear_error (&error);

  plant_rpc_client_close (far);
  test_wait_until (test_resolver_count_open (self->names) == 0);
}

/* The answer reaches a caller that blocks. */
static void
test_late_answer (Fixture       *self,
                  gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;

  test_resolver_set_silent (self->names, "camera");
  client = new_client (self, "camera");
  g_assert_false (plant_rpc_client_wait_ready_sync (client, 50, NULL, &error));
  g_clear_error (&error);
  test_resolver_set (self->names, "camera", "127.0.0.2 ::1 127.0.0.1");
  g_assert_true (plant_rpc_client_wait_ready_sync (client, PLANT_RPC_TIMEOUT_NONE, NULL, &error));
  g_assert_no_error (error);
  assert_peer (client, "127.0.0.1");
}

/* ---- a name that moves */

static void
test_moves (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  Device *second = device_new ("127.0.0.2", self->device->port);

  test_resolver_set (self->names, "camera", "127.0.0.1");
  client = new_client (self, "camera");
  test_wait_until (plant_rpc_client_is_ready (client));
  assert_peer (client, "127.0.0.1");
  test_resolver_set (self->names, "camera", "127.0.0.2");
  device_free (self->device);
  self->device = second;
  test_wait_until (plant_rpc_client_is_ready (client) &&
                   g_str_equal (plant_rpc_client_get_peer_address (client), "127.0.0.2"));
}

/* ---- signals of generation 2 */

/* They are subscribed to at the address at which the device was reached. */
static void
test_published (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_PUB, NULL);
  g_autofree char *signals = g_strdup_printf ("{\"success\": true, \"signal_port\": %u}",
                                              test_peer_bind (publisher));
  g_autofree char *url =
      g_strdup_printf ("tcp://camera%s", strrchr (test_device_get_url (device), ':'));
  g_autoptr (PlantRpcClient) client = NULL;

  test_resolver_set (self->names, "camera", "127.0.0.2 127.0.0.1");
  client = test_client_new (url);
  test_device_greet_json (device, 1, "x", signals);
  test_wait_until (plant_rpc_client_is_ready (client));
  g_assert_no_error (plant_rpc_client_get_last_error (client));
  g_assert_cmpint (plant_rpc_client_get_wire (client), ==, PLANT_RPC_WIRE_GENERATION_2);
}

/* ---- registries */

static char *
start_registry (PlantRpcRegistry **registry)
{
  g_autoptr (GError) error = NULL;

  *registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_registry_start (*registry, &error));
  g_assert_no_error (error);
  return g_strdup_printf ("tcp://registry%s",
                          strrchr (plant_rpc_registry_get_url (*registry), ':'));
}

static gboolean
lists (PlantRpcRegistryClient *client,
       guint                   n_devices)
{
  return g_list_model_get_n_items (G_LIST_MODEL (client)) == n_devices;
}

static void
test_registry (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcRegistry) registry = NULL;
  g_autofree char *url = start_registry (&registry);
  g_autoptr (GObject) gauge = g_object_new (TEST_TYPE_GAUGE, NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (gauge, "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcRegistryClient) watcher = plant_rpc_registry_client_new (url);
  g_autoptr (PlantRpcClient) client = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_server_start (server, &error));
  test_wait_until (g_error_matches (plant_rpc_registry_client_get_last_error (watcher), G_IO_ERROR,
                                    G_IO_ERROR_HOST_NOT_FOUND));
  client = plant_rpc_client_discover_device_sync (url, "gauge-0", PLANT_RPC_TIMEOUT_NONE, NULL,
                                                  &error);
  g_assert_null (client);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND);
  g_clear_error (&error);

  test_resolver_set (self->names, "registry", "::1 127.0.0.1");
  name = plant_rpc_server_register_to_registry_sync (server, "gauge", NULL, url, TRUE, NULL,
                                                     &error);
  g_assert_no_error (error);
  test_wait_until (lists (watcher, 1));
  g_assert_cmpint (plant_rpc_registry_client_get_state (watcher), ==, PLANT_RPC_STATE_READY);
  plant_rpc_server_stop (server);
}

/* ---- a name that is looked up once more */

/* The reason is what the client waits for, not why it lost the connection before. */
static void
test_reason (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  test_resolver_set (self->names, "camera", "127.0.0.1");
  client = new_client (self, "camera");
  test_wait_until (plant_rpc_client_is_ready (client));
  test_resolver_set_silent (self->names, "camera");
  g_clear_pointer (&self->device, device_free);
  test_wait_until (!plant_rpc_client_is_ready (client) &&
                   test_resolver_count_open (self->names) == 1);
  value = plant_rpc_client_call_sync (client, "echo", NULL, NULL, 300, NULL, &error);
  g_assert_null (value);
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  g_assert_nonnull (strstr (error->message, "has not answered yet where “camera” is"));
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_wait_ready_sync (client, 300, NULL, &error));
  g_assert_nonnull (strstr (error->message, "has not answered yet where “camera” is"));
}

/* ---- servers */

/* Whatever is given, a client that is given the URL arrives. */
static void
test_listening (Fixture       *self,
                gconstpointer  data)
{
  static const char *const urls[] = { "tcp://localhost:*", "tcp://localhost", "tcp://camera:*",
                                      "tcp://lo:*" };

  test_resolver_set (self->names, "localhost", "::1 127.0.0.1");
  test_resolver_set (self->names, "camera", "127.0.1.1");
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (GObject) gauge = g_object_new (TEST_TYPE_GAUGE, NULL);
      g_autoptr (PlantRpcServer) server = plant_rpc_server_new (gauge, urls[i]);
      g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (urls[i]);
      g_autoptr (PlantRpcRegistryClient) watcher = NULL;
      g_autoptr (PlantRpcClient) client = NULL;
      g_autofree char *expected = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (plant_rpc_server_start (server, &error));
      expected = g_strdup_printf ("tcp://%s:%u",
                                  i < 2 ? "localhost" : i == 2 ? "camera" : "127.0.0.1",
                                  plant_rpc_server_get_port (server));
      g_assert_cmpstr (plant_rpc_server_get_url (server), ==, expected);
      client = plant_rpc_client_new (expected);
      test_wait_until (plant_rpc_client_is_ready (client));
      g_assert_true (plant_rpc_registry_start (registry, &error));
      watcher = plant_rpc_registry_client_new (plant_rpc_registry_get_url (registry));
      test_wait_until (plant_rpc_registry_client_get_state (watcher) == PLANT_RPC_STATE_READY);
    }
}

static void
test_not_listening (Fixture       *self,
                    gconstpointer  data)
{
  static const struct {
    const char   *url;
    GIOErrorEnum  code;
    const char   *words;
  } cases[] = {
    { "tcp://eth9:*", G_IO_ERROR_HOST_NOT_FOUND, "neither a host nor a network interface" },
    { "tcp://far:*", G_IO_ERROR_NOT_FOUND, "no address of “far” belongs to this computer" },
    { "tcp://192.0.2.7:*", G_IO_ERROR_NOT_FOUND, "this computer does not have that address" },
  };

  test_resolver_set (self->names, "far", "192.0.2.7");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GObject) gauge = g_object_new (TEST_TYPE_GAUGE, NULL);
      g_autoptr (PlantRpcServer) server = plant_rpc_server_new (gauge, cases[i].url);
      g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (cases[i].url);
      g_autoptr (GError) error = NULL, other = NULL;

      g_assert_false (plant_rpc_server_start (server, &error));
      g_assert_error (error, G_IO_ERROR, (int) cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].words));
      g_assert_false (plant_rpc_registry_start (registry, &other));
      g_assert_error (other, G_IO_ERROR, (int) cases[i].code);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/hosts/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("unknown/blocking", test_unknown_blocking);
  ADD ("unknown/in-a-loop", test_unknown);
  ADD ("temporary", test_temporary);
  ADD ("silent", test_silent);
  ADD ("late-answer", test_late_answer);
  ADD ("moves", test_moves);
  ADD ("published", test_published);
  ADD ("registry", test_registry);
  ADD ("reason", test_reason);
  ADD ("listening", test_listening);
  ADD ("not-listening", test_not_listening);

  return g_test_run ();
}

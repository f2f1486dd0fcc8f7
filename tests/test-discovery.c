/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-discovery.h"
#include "plant-rpc-error.h"
#include "plant-rpc-registry.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-device.h"
#include "devices/gauge.h"

/* Counts the notifications of a discovery. */
typedef struct {
  guint n_clients;
  guint n_errors;
} Record;

static void
on_client (PlantRpcDiscovery *discovery,
           GParamSpec        *pspec,
           Record            *record)
{
  PlantRpcClient *client = plant_rpc_discovery_get_client (discovery);

  record->n_clients++;
  if (client != NULL)
    plant_rpc_client_set_heartbeat_interval (client, 0);
}

static void
on_error (PlantRpcDiscovery *discovery,
          GParamSpec        *pspec,
          Record            *record)
{
  record->n_errors++;
}

static PlantRpcDiscovery *
watch (PlantRpcDiscovery *discovery,
       Record            *record)
{
  *record = (Record) { 0 };
  g_signal_connect (discovery, "notify::client", G_CALLBACK (on_client), record);
  g_signal_connect (discovery, "notify::last-error", G_CALLBACK (on_error), record);
  return discovery;
}

static PlantRpcClient *
get_client (PlantRpcDiscovery *discovery)
{
  PlantRpcClient *client = NULL;

  g_object_get (discovery, "client", &client, NULL);
  g_assert_true (client == plant_rpc_discovery_get_client (discovery));
  return client;
}

static void
answer_changed (TestDevice  *device,
                TestRequest *request)
{
  if (request->request.event == PLANT_RPC_EVENT_GET_INVENTORY)
    {
      test_device_reply_text (
          device, request,
          "{\"json_methods\": {}, \"buffer_methods\": {}, \"signals\": [], \"properties\":"
          " [\"level\", \"zoom\"], \"name\": \"\", \"plantrpc\": {\"version\": 1, \"instance\":"
          " \"j\", \"interface\": {\"properties\": {\"level\": {\"type\": \"i\"}, \"zoom\":"
          " {\"type\": \"d\"}}}}}");
      return;
    }
  g_assert_cmpint (request->request.event, ==, PLANT_RPC_EVENT_SUBSCRIBE);
  test_device_reply_value (device, request,
                           g_variant_new_parsed ("{'level': <3>, 'zoom': <2.0>}"));
}

/* A device that has a zoom instead of a mode, for N connections, which may ask in any order. */
static void
greet_changed (TestDevice *device,
               guint       n)
{
  for (guint i = 0; i < 2 * n; i++)
    {
      g_autoptr (TestRequest) request = test_device_next (device);

      answer_changed (device, request);
    }
}

/* It goes on until the device is there, and says why there is no client yet. */
static void
test_later (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (PlantRpcDiscovery) self = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  Record record;
  int level;

  g_clear_pointer (&device, test_device_free);
  self = watch (plant_rpc_discovery_new (url), &record);
  g_assert_cmpstr (plant_rpc_discovery_get_url (self), ==, url);
  g_assert_null (plant_rpc_discovery_get_registry_url (self));
  g_assert_null (plant_rpc_discovery_get_device (self));
  g_assert_null (get_client (self));
  test_wait_until (record.n_errors > 0);
  g_assert_error (plant_rpc_discovery_get_last_error (self), G_IO_ERROR,
                  G_IO_ERROR_CONNECTION_REFUSED);
  g_assert_cmpuint (record.n_clients, ==, 0);
  device = test_device_new_at (url);
  test_device_greet (device, 10, "x");
  test_wait_until (record.n_clients == 1);
  client = get_client (self);
  g_assert_true (plant_rpc_client_is_ready (client));
  g_object_get (client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 10);
  g_assert_null (plant_rpc_discovery_get_last_error (self));
}

/* The client stays as long as the device offers the same. It is replaced and closed once the device
 * offers something else. */
static void
test_changed (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (PlantRpcDiscovery) self = NULL;
  g_autoptr (PlantRpcClient) first = NULL, second = NULL;
  Record record;
  double zoom;

  self = watch (plant_rpc_discovery_new (url), &record);
  test_device_greet (device, 10, "x");
  test_wait_until (record.n_clients == 1);
  first = get_client (self);

  g_clear_pointer (&device, test_device_free);
  test_wait_until (!plant_rpc_client_is_ready (first));
  device = test_device_new_at (url);
  test_device_greet (device, 20, "y");
  test_client_wait_state (first, PLANT_RPC_STATE_READY);
  g_assert_true (test_device_is_idle (device));
  g_assert_cmpuint (record.n_clients, ==, 1);

  g_clear_pointer (&device, test_device_free);
  test_wait_until (!plant_rpc_client_is_ready (first));
  device = test_device_new_at (url);
  greet_changed (device, 1);
  test_client_wait_state (first, PLANT_RPC_STATE_MISMATCH);
  greet_changed (device, 1);
  test_wait_until (record.n_clients == 2);
  second = get_client (self);
  g_assert_true (second != first);
  g_assert_cmpint (plant_rpc_client_get_state (first), ==, PLANT_RPC_STATE_CLOSED);
  g_assert_cmpint (plant_rpc_client_get_state (second), ==, PLANT_RPC_STATE_READY);
  g_object_get (second, "zoom", &zoom, NULL);
  g_assert_cmpfloat (zoom, ==, 2);
}

/* A device that offers more than before is discovered again, too, and the client is kept if the
 * device has become what it was by then. */
static void
test_changed_back (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (PlantRpcDiscovery) self = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (TestRequest) inventory = NULL;
  Record record;

  self = watch (plant_rpc_discovery_new (url), &record);
  greet_changed (device, 1);
  test_wait_until (record.n_clients == 1);
  client = get_client (self);
  g_clear_pointer (&device, test_device_free);
  test_wait_until (!plant_rpc_client_is_ready (client));
  device = test_device_new_at (url);
  test_device_greet (device, 20, "y");
  test_client_wait_state (client, PLANT_RPC_STATE_MISMATCH);
  /* The question of the discovery for the other interface comes to nothing. */
  inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_clear_pointer (&device, test_device_free);
  test_wait_until (!plant_rpc_client_is_ready (client));
  device = test_device_new_at (url);
  greet_changed (device, 2);
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_wait_until (plant_rpc_discovery_get_last_error (self) == NULL);
  g_assert_cmpuint (record.n_clients, ==, 1);
}

/* What cannot be discovered is no client, with the reason. A device that cannot have a client may
 * become one that can. */
static void
test_impossible (void)
{
  g_autoptr (PlantRpcDiscovery) nowhere = plant_rpc_discovery_new ("nowhere");
  g_autoptr (TestDevice) device = test_device_new ();
  g_autofree char *url = g_strdup (test_device_get_url (device));
  g_autoptr (PlantRpcDiscovery) self = NULL;
  Record record;

  g_assert_error (plant_rpc_discovery_get_last_error (nowhere), PLANT_RPC_ERROR,
                  PLANT_RPC_ERROR_INVALID_URL);
  self = watch (plant_rpc_discovery_new (url), &record);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestRequest) inventory = test_device_expect (device,
                                                              PLANT_RPC_EVENT_GET_INVENTORY);

      test_device_reply_text (device, inventory, "rubbish");
      test_wait_until (plant_rpc_discovery_get_last_error (self) != NULL);
    }
  test_device_greet (device, 10, "x");
  test_wait_until (record.n_clients == 1);
  g_assert_null (plant_rpc_discovery_get_last_error (self));
}

/* Closing it closes the client. Disposing of it does not. */
static void
test_end (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = NULL;
      PlantRpcDiscovery *self;
      Record record;

      self = watch (plant_rpc_discovery_new (test_device_get_url (device)), &record);
      test_device_greet (device, 10, "x");
      test_wait_until (record.n_clients == 1);
      client = get_client (self);
      if (i == 0)
        {
          plant_rpc_discovery_close (self);
          g_assert_cmpuint (record.n_clients, ==, 2);
          g_assert_null (get_client (self));
          plant_rpc_discovery_close (self);
          g_assert_cmpuint (record.n_clients, ==, 2);
        }
      g_assert_finalize_object (self);
      g_assert_cmpint (plant_rpc_client_get_state (client), ==,
                       i == 0 ? PLANT_RPC_STATE_CLOSED : PLANT_RPC_STATE_READY);
    }
}

/* It can end before there is a client, at any moment. */
static void
test_early_end (void)
{
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      PlantRpcDiscovery *self = plant_rpc_discovery_new (test_device_get_url (device));

      for (guint k = 0; k < i; k++)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (100);
        }
      if (i % 2 == 0)
        plant_rpc_discovery_close (self);
      g_assert_finalize_object (self);
    }
}

static void
close_it (PlantRpcDiscovery *discovery,
          GParamSpec        *pspec,
          gpointer           user_data)
{
  plant_rpc_discovery_close (discovery);
}

/* A handler of the new client may end the discovery. */
static void
test_ended_by_handler (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  PlantRpcDiscovery *self = plant_rpc_discovery_new (test_device_get_url (device));
  Record record;

  watch (self, &record);
  g_signal_connect (self, "notify::client", G_CALLBACK (close_it), NULL);
  test_device_greet (device, 10, "x");
  test_wait_until (record.n_clients == 2);
  g_assert_null (get_client (self));
  g_assert_finalize_object (self);
}

/* A device of a registry is found by its name, and its client follows it. */
static void
test_registry (void)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new ("tcp://127.0.0.1:*");
  g_autoptr (GObject) gauge = g_object_new (TEST_TYPE_GAUGE, "level", 10, NULL);
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (PlantRpcDiscovery) self = NULL;
  g_autoptr (PlantRpcClient) client = NULL;
  g_autofree char *accepted = NULL;
  g_autofree char *url = NULL;
  Record record;

  g_assert_true (plant_rpc_registry_start (registry, NULL));
  self = plant_rpc_discovery_new_for_device (plant_rpc_registry_get_url (registry), "boiler");
  watch (self, &record);
  g_assert_cmpstr (plant_rpc_discovery_get_device (self), ==, "boiler");
  g_assert_cmpstr (plant_rpc_discovery_get_registry_url (self), ==,
                   plant_rpc_registry_get_url (registry));
  g_assert_null (plant_rpc_discovery_get_url (self));
  test_wait_until (g_error_matches (plant_rpc_discovery_get_last_error (self), G_IO_ERROR,
                                    G_IO_ERROR_NOT_FOUND));
  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&server);
      server = plant_rpc_server_new (gauge, "tcp://127.0.0.1:*");
      plant_rpc_server_set_alive_timeout (server, 1);
      g_assert_true (plant_rpc_server_start (server, NULL));
      g_free (accepted);
      accepted = plant_rpc_server_register_to_registry_sync (
          server, "gauge", "boiler", plant_rpc_registry_get_url (registry), TRUE, NULL, NULL);
      g_assert_cmpstr (accepted, ==, "boiler");
      test_wait_until (record.n_clients == 1 &&
                       g_strcmp0 (plant_rpc_client_get_url (plant_rpc_discovery_get_client (self)),
                                  plant_rpc_server_get_url (server)) == 0 &&
                       plant_rpc_client_is_ready (plant_rpc_discovery_get_client (self)));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/discovery/later", test_later);
  g_test_add_func ("/discovery/changed", test_changed);
  g_test_add_func ("/discovery/changed-back", test_changed_back);
  g_test_add_func ("/discovery/impossible", test_impossible);
  g_test_add_func ("/discovery/end", test_end);
  g_test_add_func ("/discovery/early-end", test_early_end);
  g_test_add_func ("/discovery/ended-by-handler", test_ended_by_handler);
  g_test_add_func ("/discovery/registry", test_registry);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "plant-rpc-test-resolver.h"
#include "stress-cable.h"
#include "stress-device.h"
#include "stress.h"

/* Where a device is: at the far end of a cable, at an address that changes, that is one of several,
 * or that only its own computer knows. */

#define MOVED "10.77.0.3"

static StressCable *cable;

/* ---- the far end, a process of its own */

/* A device that listens at all addresses. It is registered at REGISTRY, or else at a registry of
 * the same process, as that of its own computer. It prints the port of the latter, or its own. */
static int
be_far (const char *registry_url)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new ("tcp://*:*");
  g_autoptr (GObject) device = g_object_new (STRESS_TYPE_DEVICE, NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (device, "tcp://*:*");
  g_autofree char *own_url = NULL;
  guint port;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (!plant_rpc_server_start (server, NULL) || !plant_rpc_registry_start (registry, NULL))
    return 1;
  port = plant_rpc_server_get_port (server);
  if (g_str_equal (registry_url, "own"))
    {
      port = plant_rpc_registry_get_port (registry);
      own_url = g_strdup_printf ("tcp://127.0.0.1:%u", port);
      registry_url = own_url;
    }
  if (!g_str_equal (registry_url, "none"))
    plant_rpc_server_register_to_registry (server, "camera", "cam", registry_url, TRUE, NULL, NULL,
                                           NULL);
  g_print ("%u\n", port);
  return plant_rpc_server_serve_forever (server, NULL) ? 0 : 1;
}

typedef struct {
  GPid  pid;
  guint port; /* that it has printed */
} Far;

static void
far_free (Far *self)
{
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Far, far_free)

static Far *
far_new (const char *registry_url)
{
  char *argv[] = { (char *) "/proc/self/exe", (char *) "--far", (char *) registry_url, NULL };
  Far *self = g_new0 (Far, 1);
  g_autoptr (GError) error = NULL;
  int output;
  FILE *stream;

  g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, stress_cable_cross, cable,
                            &self->pid, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  stream = fdopen (output, "r");
  g_assert_cmpint (fscanf (stream, "%u", &self->port), ==, 1);
  fclose (stream);
  return self;
}

/* ---- the tests */

static gboolean
is_at (PlantRpcClient *client,
       const char     *address)
{
  return stress_client_is_ready (client) &&
         g_strcmp0 (plant_rpc_client_get_peer_address (client), address) == 0;
}

static gboolean
lists (PlantRpcRegistry *registry,
       const char       *url)
{
  g_autoptr (PlantRpcDevice) device = g_list_model_get_item (G_LIST_MODEL (registry), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (registry)) == 1 &&
         g_str_equal (plant_rpc_device_get_name (device), "cam") &&
         g_str_equal (plant_rpc_device_get_url (device), url);
}

/* A device gets another address, as by DHCP: it is listed with that, and a client that follows it
 * arrives there. */
static void
test_moves (void)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (STRESS_NEAR_URL ":*");
  g_autoptr (PlantRpcClient) client = g_object_new (PLANT_RPC_TYPE_CLIENT, NULL);
  g_autoptr (Far) far = NULL;
  g_autofree char *url = NULL, *moved_url = NULL;

  g_assert_true (plant_rpc_registry_start (registry, NULL));
  far = far_new (plant_rpc_registry_get_url (registry));
  url = g_strdup_printf (STRESS_FAR_URL ":%u", far->port);
  moved_url = g_strdup_printf ("tcp://" MOVED ":%u", far->port);
  plant_rpc_client_follow_device (client, plant_rpc_registry_get_url (registry), "cam");
  STRESS_WAIT (lists (registry, url) && is_at (client, "10.77.0.2"));
  stress_cable_move (cable, "10.77.0.2", MOVED);
  STRESS_WAIT (lists (registry, moved_url) && is_at (client, MOVED));
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==, moved_url);
  stress_cable_move (cable, MOVED, "10.77.0.2");
  STRESS_WAIT (lists (registry, url) && is_at (client, "10.77.0.2"));
}

/* A device and its registry are on one computer. From here they are at the address of that. */
static void
test_same_computer (void)
{
  g_autoptr (Far) far = far_new ("own");
  g_autofree char *url = g_strdup_printf (STRESS_FAR_URL ":%u", far->port);
  g_autoptr (PlantRpcRegistryClient) watcher = plant_rpc_registry_client_new (url);
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;
  PlantRpcDevice *device;

  STRESS_WAIT ((device = plant_rpc_registry_client_find_device (watcher, "cam")) != NULL);
  g_assert_true (g_str_has_prefix (plant_rpc_device_get_url (device), STRESS_FAR_URL ":"));
  client = plant_rpc_client_discover_device_sync (url, "cam", STRESS_DEADLINE_S * 1000, NULL,
                                                  &error);
  g_assert_no_error (error);
  g_assert_true (is_at (client, "10.77.0.2"));
}

/* Of the addresses of a host one does not exist any more. */
static void
test_dead_address (void)
{
  g_autoptr (TestResolver) names = test_resolver_new ();
  g_autoptr (Far) far = far_new ("none");
  g_autofree char *url = g_strdup_printf ("tcp://camera:%u", far->port);
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GError) error = NULL;

  stress_cable_lose (cable, "10.77.0.99");
  test_resolver_set (names, "camera", "10.77.0.99 10.77.0.2");
  client = plant_rpc_client_discover_sync (url, STRESS_DEADLINE_S * 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (is_at (client, "10.77.0.2"));
}

static void
test_nothing (gconstpointer reason)
{
  g_test_skip (reason);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  if (argc == 3 && g_str_equal (argv[1], "--far"))
    return be_far (argv[2]);
  cable = stress_cable_new (&error);
  g_test_init (&argc, &argv, NULL);
  if (cable == NULL)
    {
      g_test_add_data_func ("/places", error->message, test_nothing);
      return g_test_run ();
    }
  g_test_add_func ("/places/moves", test_moves);
  g_test_add_func ("/places/same-computer", test_same_computer);
  g_test_add_func ("/places/dead-address", test_dead_address);
  status = g_test_run ();
  stress_cable_free (cable);
  return status;
}

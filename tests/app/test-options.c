/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The application as it is started: it keeps a registry, and connects to an address. */

#include <glib/gstdio.h>
#include <stdlib.h>

#include "application.h"
#include "device-process.h"

#define DEADLINE 60 /* in s */

typedef struct
{
  ScannerApplication *application;
  const char         *names[2];
} Expected;

static gboolean
is_connected (Expected   *self,
              const char *name)
{
  ScannerRoster *roster = scanner_application_get_roster (self->application);
  ScannerConnection *connection = scanner_roster_find (roster, name);

  return connection != NULL &&
         scanner_connection_get_state (connection) == SCANNER_CONNECTION_CONNECTED;
}

static gboolean
look (gpointer data)
{
  Expected *self = data;

  if (!is_connected (self, self->names[0]) || !is_connected (self, self->names[1]))
    return G_SOURCE_CONTINUE;
  g_application_quit (G_APPLICATION (self->application));
  return G_SOURCE_REMOVE;
}

static gboolean
give_up (gpointer data)
{
  g_error ("Waited in vain for the devices");
  return G_SOURCE_REMOVE;
}

static void
test_options (void)
{
  g_autofree char *directory = g_dir_make_tmp ("scanner-app-XXXXXX", NULL);
  g_autofree char *socket = g_build_filename (directory, "registry", NULL);
  g_autofree char *registry = g_strconcat ("ipc://", socket, NULL);
  g_autoptr (GSubprocess) camera = device_process_start ("scanner-camera", NULL);
  g_autoptr (GSubprocess) other = device_process_start ("scanner-camera", registry);
  g_autofree char *url = device_process_read_line (camera);
  const char *arguments[] = { "scanner-app", "--keep-registry", registry, "--connect", url, NULL };
  Expected expected = { scanner_application_new (G_APPLICATION_NON_UNIQUE), { url, "simulated" } };
  guint deadline = g_timeout_add_seconds (DEADLINE, give_up, NULL);

  g_timeout_add (20, look, &expected);
  g_assert_cmpint (g_application_run (G_APPLICATION (expected.application), 5,
                                      (char **) arguments), ==, 0);
  g_source_remove (deadline);
  g_object_unref (expected.application);
  device_process_end (camera);
  device_process_end (other);
  g_unlink (socket);
  g_rmdir (directory);
}

/* A link that a desktop opens: the application joins, and shows the device. */
static void
test_invitation (void)
{
  g_autofree char *directory = g_dir_make_tmp ("scanner-app-XXXXXX", NULL);
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (PlantRpcServer) server = plant_rpc_server_new (object, "tcp://127.0.0.1:*");
  g_autoptr (PlantRpcKeypair) pair = plant_rpc_keypair_new (NULL);
  g_autoptr (PlantRpcAuthenticator) authenticator = plant_rpc_authenticator_new ();
  guint deadline = g_timeout_add_seconds (DEADLINE, give_up, NULL);
  g_autofree char *link = NULL;
  g_auto (GStrv) keys = NULL;
  Expected expected = { scanner_application_new (G_APPLICATION_NON_UNIQUE) };
  const char *arguments[] = { "scanner-app", NULL, NULL };

  g_setenv ("STATE_DIRECTORY", directory, TRUE);
  plant_rpc_server_set_keypair (server, pair);
  plant_rpc_server_set_authenticator (server, authenticator);
  g_assert_true (plant_rpc_server_start (server, NULL));
  link = plant_rpc_server_invite (server, PLANT_RPC_ROLE_VIEWER, 0, NULL);
  arguments[1] = link;
  for (guint i = 0; i < G_N_ELEMENTS (expected.names); i++)
    expected.names[i] = plant_rpc_server_get_url (server);
  g_timeout_add (20, look, &expected);
  g_assert_cmpint (g_application_run (G_APPLICATION (expected.application), 2,
                                      (char **) arguments), ==, 0);
  keys = plant_rpc_authenticator_list_keys (authenticator);
  g_assert_cmpuint (g_strv_length (keys), ==, 1);
  g_source_remove (deadline);
  g_object_unref (expected.application);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *file = g_build_filename (
        directory, "keys", i == 0 ? "default.key" : "default.key_secret", NULL);

      g_unlink (file);
    }
}

static void
test_bad_registry (void)
{
  if (g_test_subprocess ())
    {
      const char *arguments[] = { "scanner-app", "--keep-registry", "nonsense", NULL };
      g_autoptr (ScannerApplication) application =
        scanner_application_new (G_APPLICATION_NON_UNIQUE);

      exit (g_application_run (G_APPLICATION (application), 3, (char **) arguments) == 1 ? 0 : 2);
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*nonsense*");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/devices", test_options);
  g_test_add_func ("/options/invitation", test_invitation);
  g_test_add_func ("/options/bad-registry", test_bad_registry);
  return g_test_run ();
}

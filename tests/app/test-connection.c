/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The state that is shown of a device which nobody asks, which works for long, or which another
 * device replaces. */

#include <glib/gstdio.h>
#include <signal.h>

#include "app-fixture.h"
#include "device-process.h"

#define HEARTBEAT 1000 /* in ms: a device that stands still is then suspect after 2 s */
#define WORK 5.0       /* in s */

/* ---- the states that it shows */

/* The states that it has shown, each with a space after it. */
static void
note_state (ScannerConnection *connection,
            GParamSpec        *pspec,
            gpointer           unused)
{
  GString *states = g_object_get_data (G_OBJECT (connection), "states");
  g_autofree char *state = g_enum_to_string (SCANNER_TYPE_CONNECTION_STATE,
                                             scanner_connection_get_state (connection));

  g_string_append_printf (states, "%s ", state + strlen ("SCANNER_CONNECTION_"));
}

static void
string_free (gpointer string)
{
  g_string_free (string, TRUE);
}

static void
note_states (ScannerConnection *connection)
{
  g_object_set_data_full (G_OBJECT (connection), "states", g_string_new (NULL), string_free);
  g_signal_connect (connection, "notify::state", G_CALLBACK (note_state), NULL);
}

static void
assert_states (ScannerConnection *connection,
               const char        *expected)
{
  GString *states = g_object_get_data (G_OBJECT (connection), "states");

  g_assert_cmpstr (states->str, ==, expected);
}

/* A camera that has shown pictures, until the user wants no more. It speaks the wire of that
 * generation; NULL is the native one. Returns (transfer none). */
static ScannerConnection *
open_idle_camera (AppFixture    *self,
                  gconstpointer  generation)
{
  g_autofree char *url = NULL;
  ScannerConnection *connection;

  if (generation == NULL)
    {
      app_fixture_start_camera (self);
      app_fixture_wait_for_state (self, "simulated", SCANNER_CONNECTION_CONNECTED);
      app_fixture_act (self, "win.select", "simulated");
    }
  else
    {
      url = app_fixture_start_old_camera (self, generation);
      app_fixture_act (self, "win.connect-to", url);
    }
  app_fixture_wait_for_pictures (self);
  g_object_set (app_fixture_get_view (self), "running", FALSE, NULL);
  connection = scanner_window_get_connection (self->window);
  app_fixture_wait_for_state (self, scanner_connection_get_name (connection),
                              SCANNER_CONNECTION_CONNECTED);
  note_states (connection);
  return connection;
}

static void
test_idle_frozen (AppFixture    *self,
                  gconstpointer  generation)
{
  ScannerConnection *connection = open_idle_camera (self, generation);
  GSubprocess *camera = g_ptr_array_index (self->devices, 0);
  gint64 begun = g_get_monotonic_time ();

  g_subprocess_send_signal (camera, SIGSTOP);
  app_fixture_wait_for_state (self, scanner_connection_get_name (connection),
                              SCANNER_CONNECTION_STALE);
  g_test_message ("It was noticed after %.1f s",
                  (double) (g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
  g_subprocess_send_signal (camera, SIGCONT);
  app_fixture_wait_for_state (self, scanner_connection_get_name (connection),
                              SCANNER_CONNECTION_CONNECTED);
  assert_states (connection, "STALE CONNECTED ");
}

static void
on_slow_called (GObject      *connection,
                GAsyncResult *result,
                gpointer      done)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
    scanner_connection_call_finish (SCANNER_CONNECTION (connection), result, &error);

  g_assert_no_error (error);
  *(gboolean *) done = TRUE;
}

static gboolean
is_true (AppFixture *self,
         gpointer    done)
{
  return *(gboolean *) done;
}

static void
hasten_heartbeat (ScannerConnection *connection)
{
  plant_rpc_client_set_heartbeat_interval (scanner_connection_get_client (connection), HEARTBEAT);
}

static void
test_busy (AppFixture    *self,
           gconstpointer  generation)
{
  ScannerConnection *connection = open_idle_camera (self, generation);
  gboolean done = FALSE;

  hasten_heartbeat (connection);
  scanner_connection_call (connection, "slow", g_variant_new ("(d)", WORK),
                           PLANT_RPC_TIMEOUT_NONE, NULL, on_slow_called, &done);
  app_fixture_wait (self, "the end of the call", is_true, &done);
  app_fixture_wait_for_state (self, scanner_connection_get_name (connection),
                              SCANNER_CONNECTION_CONNECTED);
  assert_states (connection, "BUSY CONNECTED ");
}

static void
on_called_by_other (GObject      *client,
                    GAsyncResult *result,
                    gpointer      done)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value =
    plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, &error);

  g_assert_no_error (error);
  *(gboolean *) done = TRUE;
}

static gboolean
is_ready (AppFixture *self,
          gpointer    client)
{
  return plant_rpc_client_is_ready (client);
}

/* Returns (transfer full): a client, for which the camera works and answers nobody else, until
 * done is TRUE. */
static PlantRpcClient *
occupy (AppFixture *self,
        const char *url,
        gboolean   *done)
{
  PlantRpcClient *other = g_object_new (PLANT_RPC_TYPE_CLIENT, "url", url, "receive-signals",
                                        FALSE, NULL);

  app_fixture_wait (self, "another client", is_ready, other);
  plant_rpc_client_call (other, "slow", g_variant_new ("(d)", WORK), NULL, PLANT_RPC_TIMEOUT_NONE,
                         NULL, on_called_by_other, done);
  return other;
}

static void
test_busy_elsewhere (AppFixture    *self,
                     gconstpointer  generation)
{
  ScannerConnection *connection = open_idle_camera (self, generation);
  const char *url = scanner_connection_get_name (connection);
  gboolean done = FALSE;
  g_autoptr (PlantRpcClient) other = NULL;

  hasten_heartbeat (connection);
  other = occupy (self, url, &done);
  app_fixture_wait (self, "the end of the call", is_true, &done);
  assert_states (connection, "");
}

static void
test_found_busy (AppFixture    *self,
                 gconstpointer  generation)
{
  g_autofree char *url = app_fixture_start_old_camera (self, generation);
  gboolean done = FALSE;
  g_autoptr (PlantRpcClient) other = occupy (self, url, &done);
  ScannerConnection *connection = scanner_roster_connect (self->roster, url);

  note_states (connection);
  app_fixture_wait (self, "the end of the call", is_true, &done);
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_CONNECTED);
  assert_states (connection, "STALE CONNECTED ");
}

/* ---- another device at the same place */

static GSubprocess *
start_at (AppFixture *self,
          const char *program,
          const char *url,
          const char *option,
          const char *value)
{
  g_autofree char *path = g_build_filename (g_getenv ("SCANNER_PROGRAMS"), program, NULL);
  const char *arguments[] = { path, "--url", url, option, value, NULL };
  GSubprocess *device = device_process_spawn (arguments);

  g_ptr_array_add (self->devices, device);
  return device;
}

static gboolean
is_shown (AppFixture *self,
          gpointer    page)
{
  return gtk_widget_get_mapped (page);
}

static gboolean
is_hidden (AppFixture *self,
           gpointer    page)
{
  return !gtk_widget_get_mapped (page);
}

static void
test_other_interface (AppFixture    *self,
                      gconstpointer  unused)
{
  g_autofree char *socket = g_build_filename (self->directory, "device", NULL);
  g_autofree char *url = g_strconcat ("ipc://", socket, NULL);
  ScannerCameraPage *camera_page = scanner_window_get_camera_page (self->window);
  ScannerScanPage *scan_page = scanner_window_get_scan_page (self->window);
  GSubprocess *device;

  app_fixture_act (self, "win.connect-to", url);
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_GONE);
  device = start_at (self, "scanner-camera", url, NULL, NULL);
  app_fixture_wait (self, "the page of a camera", is_shown, camera_page);
  g_assert_false (gtk_widget_get_mapped (GTK_WIDGET (scan_page)));

  app_fixture_stop_device (self, device, SIGKILL);
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_GONE);
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (camera_page)));

  start_at (self, "scanner-controller", url, "--registry",
            plant_rpc_registry_get_url (self->registry));
  app_fixture_wait (self, "the page of a controller", is_shown, scan_page);
  app_fixture_wait (self, "the page of a camera going", is_hidden, camera_page);
  app_fixture_wait_for_state (self, url, SCANNER_CONNECTION_CONNECTED);
  g_unlink (socket);
}

/* ---- a device with a key that a registry lists */

/* Returns a running server that lets this user in, and is listed as “lamp”. */
static PlantRpcServer *
list_secured (AppFixture *self)
{
  g_autoptr (GObject) object = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (PlantRpcKeypair) keypair = plant_rpc_keypair_new (NULL);
  g_autoptr (PlantRpcKeypair) own = plant_rpc_keypair_ensure ("default", NULL);
  g_autoptr (PlantRpcAuthenticator) allowed = plant_rpc_authenticator_new ();
  PlantRpcServer *server = plant_rpc_server_new (object, "tcp://127.0.0.1:*");

  plant_rpc_authenticator_allow (allowed, plant_rpc_keypair_get_public_key (own),
                                 PLANT_RPC_ROLE_OPERATOR, NULL, NULL);
  plant_rpc_server_set_keypair (server, keypair);
  plant_rpc_server_set_authenticator (server, allowed);
  g_assert_true (plant_rpc_server_start (server, NULL));
  plant_rpc_server_register_to_registry (server, "lamp", "lamp",
                                         plant_rpc_registry_get_url (self->registry), TRUE, NULL,
                                         NULL, NULL);
  return server;
}

static gboolean
is_listed (AppFixture *self,
           gpointer    name)
{
  return scanner_roster_find (self->roster, name) != NULL;
}

static gboolean
has_remedy (AppFixture *self,
            gpointer    text)
{
  return g_strcmp0 (scanner_connection_get_remedy (scanner_roster_find (self->roster, "lamp")),
                    text) == 0;
}

static void
test_keys (AppFixture    *self,
           gconstpointer  unused)
{
  g_autoptr (PlantRpcServer) server = list_secured (self);
  g_autoptr (PlantRpcServer) anew = NULL;
  g_autofree char *icon = NULL;

  app_fixture_wait (self, "the lamp", is_listed, (gpointer) "lamp");
  app_fixture_act (self, "win.select", "lamp");
  app_fixture_wait_for_state (self, "lamp", SCANNER_CONNECTION_DOUBTED);
  app_fixture_wait (self, "a new key", has_remedy, (gpointer) "_Trust This Key");
  app_fixture_act (self, "win.trust", NULL);
  app_fixture_wait_for_state (self, "lamp", SCANNER_CONNECTION_CONNECTED);
  g_object_get (scanner_roster_find (self->roster, "lamp"), "state-icon", &icon, NULL);
  g_assert_cmpstr (icon, ==, "channel-secure-symbolic");

  plant_rpc_server_stop (server);
  anew = list_secured (self);
  app_fixture_wait (self, "another key", has_remedy, (gpointer) "_Forget the Known Key");
  app_fixture_act (self, "win.trust", NULL);
  app_fixture_wait (self, "a new key", has_remedy, (gpointer) "_Trust This Key");
  app_fixture_act (self, "win.trust", NULL);
  app_fixture_wait_for_state (self, "lamp", SCANNER_CONNECTION_CONNECTED);
  plant_rpc_server_stop (anew);
}

#define ADD(path, data, test) \
  g_test_add ("/connection/" path, AppFixture, data, app_fixture_set_up, test, \
              app_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_autofree char *state = g_dir_make_tmp ("scanner-XXXXXX", NULL);

  g_setenv ("STATE_DIRECTORY", state, TRUE);
  gtk_test_init (&argc, &argv, NULL);
  ADD ("idle-frozen", NULL, test_idle_frozen);
  ADD ("idle-frozen/generation-1", "1", test_idle_frozen);
  ADD ("idle-frozen/generation-2", "2", test_idle_frozen);
  ADD ("busy/generation-1", "1", test_busy);
  ADD ("busy/generation-2", "2", test_busy);
  ADD ("busy-elsewhere/generation-1", "1", test_busy_elsewhere);
  ADD ("busy-elsewhere/generation-2", "2", test_busy_elsewhere);
  ADD ("found-busy/generation-1", "1", test_found_busy);
  ADD ("found-busy/generation-2", "2", test_found_busy);
  ADD ("other-interface", NULL, test_other_interface);
  ADD ("keys", NULL, test_keys);
  return g_test_run ();
}

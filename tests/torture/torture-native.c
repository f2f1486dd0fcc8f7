/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "torture.h"

/* The library is used on both ends. */

static gboolean
finish_call (PlantRpcClient *client,
             GAsyncResult  **result)
{
  g_autoptr (GAsyncResult) owned = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  torture_expect (*result != NULL);
  owned = g_steal_pointer (result);
  value = plant_rpc_client_call_finish (client, owned, &error);
  return torture_check (value != NULL, &error);
}

static PlantRpcClient *
discover (const char *url,
          int         timeout)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  PlantRpcClient *client;

  plant_rpc_client_discover (url, timeout, NULL, torture_keep, &result);
  torture_expect (result != NULL);
  client = plant_rpc_client_discover_finish (result, &error);
  torture_check (client != NULL, &error);
  return client;
}

/* None of the calls has a timeout, and yet each must end. */
static void
call_each (PlantRpcClient *client)
{
  static const char *const names[] = { "echo", "think", "nothing" };
  GAsyncResult *result = NULL;
  g_autoptr (GBytes) picture = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      plant_rpc_client_call (client, names[i], g_variant_new_parsed ("[<'é'>]"), NULL,
                             PLANT_RPC_TIMEOUT_NONE, NULL, torture_keep, &result);
      finish_call (client, &result);
    }
  plant_rpc_client_call_buffer (client, "shoot", NULL, NULL, PLANT_RPC_TIMEOUT_NONE, NULL,
                                torture_keep, &result);
  torture_expect (result != NULL);
  picture = plant_rpc_client_call_buffer_finish (client, result, NULL, &error);
  torture_check (picture != NULL, &error);
  g_object_unref (result);
}

static void
use_properties (PlantRpcClient *client)
{
  GAsyncResult *result = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  plant_rpc_client_write_property (client, "level", g_variant_new_int32 (40), NULL, torture_keep,
                                   &result);
  torture_expect (result != NULL);
  torture_check (plant_rpc_client_write_property_finish (client, result, &error), &error);
  g_clear_object (&result);
  plant_rpc_client_read_property (client, "level", NULL, torture_keep, &result);
  torture_expect (result != NULL);
  value = plant_rpc_client_read_property_finish (client, result, &error);
  torture_check (value != NULL, &error);
  g_clear_object (&result);
  plant_rpc_client_refresh (client, NULL, torture_keep, &result);
  torture_expect (result != NULL);
  torture_check (plant_rpc_client_refresh_finish (client, result, &error), &error);
  g_clear_object (&result);
}

static void
count (guint *n)
{
  (*n)++;
}

static gboolean
has_level (PlantRpcClient *client,
           int             level)
{
  g_autoptr (GVariant) value = plant_rpc_client_get_cached_property (client, "level");

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_INT32) &&
         g_variant_get_int32 (value) == level;
}

/* Lost signals are reported, and in the end a property has the device's value. */
static void
hear_signals (PlantRpcClient *client,
              TestGauge      *gauge)
{
  guint n_heard = 0, n_other = 0;

  g_signal_connect_swapped (client, "signal-received", G_CALLBACK (count), &n_heard);
  g_signal_connect_swapped (client, "signals-lost", G_CALLBACK (count), &n_other);
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (count), &n_other);
  test_gauge_measure (gauge, 1.5, "m");
  test_gauge_ping (gauge);
  test_gauge_set_level (gauge, 75);
  torture_expect (n_heard >= 2 || n_other > 0);
  torture_expect (has_level (client, 75));
  g_signal_handlers_disconnect_by_data (client, &n_heard);
  g_signal_handlers_disconnect_by_data (client, &n_other);
}

void
torture_native (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = torture_serve (gauge, NULL);
  g_autoptr (PlantRpcClient) client = NULL;

  if (server == NULL)
    return;
  client = discover (plant_rpc_server_get_url (server), 10000);
  if (client != NULL)
    {
      call_each (client);
      use_properties (client);
      hear_signals (client, gauge);
      plant_rpc_client_close (client);
    }
  torture_check_served (plant_rpc_server_get_url (server));
  plant_rpc_server_stop (server);
}

/* ---- a caller that blocks, in another thread than the server */

static void
call_and_wait (const char *url)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcClient) client = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) level = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  client = plant_rpc_client_discover_sync (url, 10000, NULL, &error);
  if (torture_check (client != NULL, &error))
    {
      value = plant_rpc_client_call_sync (client, "echo", g_variant_new_parsed ("[<1>]"), NULL,
                                          PLANT_RPC_TIMEOUT_NONE, NULL, &error);
      torture_check (value != NULL, &error);
      level = plant_rpc_client_read_property_sync (client, "level", NULL, &error);
      torture_check (level != NULL, &error);
      torture_check (plant_rpc_client_flush_sync (client, NULL, &error), &error);
      plant_rpc_client_close (client);
    }
  g_main_context_pop_thread_default (context);
}

static gpointer
call_and_tell (gpointer data)
{
  call_and_wait (((gpointer *) data)[0]);
  g_atomic_int_set ((gint *) ((gpointer *) data)[1], 1);
  return NULL;
}

void
torture_blocking (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = torture_serve (gauge, NULL);
  gint done = 0;
  gpointer data[2] = { NULL, &done };
  GThread *thread;

  if (server == NULL)
    return;
  data[0] = (gpointer) plant_rpc_server_get_url (server);
  thread = g_thread_new ("caller", call_and_tell, data);
  torture_expect (g_atomic_int_get (&done) == 1);
  g_thread_join (thread);
  torture_check_served (plant_rpc_server_get_url (server));
}

/* ---- a server that stops and starts again */

void
torture_restart (void)
{
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) first = torture_serve (gauge, NULL);
  g_autofree char *url = first != NULL ? g_strdup (plant_rpc_server_get_url (first)) : NULL;
  g_autoptr (PlantRpcClient) client = url != NULL ? discover (url, 10000) : NULL;
  g_autoptr (PlantRpcServer) second = NULL;
  GAsyncResult *result = NULL;

  if (client == NULL)
    return;
  plant_rpc_server_stop (first);
  torture_expect (plant_rpc_client_get_state (client) != PLANT_RPC_STATE_READY);
  /* A socket that could not be completed may release its port a moment later. */
  torture_expect ((second = torture_serve (gauge, url)) != NULL);
  torture_expect (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  plant_rpc_client_call (client, "echo", g_variant_new_parsed ("[<1>]"), NULL,
                         PLANT_RPC_TIMEOUT_NONE, NULL, torture_keep, &result);
  finish_call (client, &result);
  plant_rpc_client_close (client);
  torture_check_served (url);
}

/* ---- small conversations */

void
torture_nobody (void)
{
  const char *const url = "tcp://127.0.0.1:9";
  g_autoptr (PlantRpcClient) client = discover (url, 300);
  g_autoptr (PlantRpcClient) plain = plant_rpc_client_new (url);
  GAsyncResult *result = NULL;

  g_assert_null (client);
  plant_rpc_client_call (plain, "echo", NULL, NULL, 300, NULL, torture_keep, &result);
  if (finish_call (plain, &result))
    g_error ("Nobody has answered");
}

void
torture_file (void)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "torture-XXXXXX.json", NULL);
  g_autoptr (GFile) file = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_autoptr (PlantRpcInterfaceInfo) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  int fd = g_mkstemp (path);

  close (fd);
  info = plant_rpc_interface_info_new_for_type (TEST_TYPE_GAUGE, &error);
  torture_check (info != NULL, &error);
  json = plant_rpc_interface_info_to_json (info);
  g_file_set_contents (path, json, -1, NULL);
  file = g_file_new_for_path (path);
  again = plant_rpc_interface_info_new_from_file (file, &error);
  torture_check (again != NULL, &error);
  g_unlink (path);
}

/* A service manager reads the notifications. */
void
torture_watchdog (void)
{
  g_autofree char *folder = g_dir_make_tmp ("torture-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "notify", NULL);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_autoptr (TestGauge) gauge = test_gauge_new ();
  g_autoptr (PlantRpcServer) server = NULL;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  g_setenv ("NOTIFY_SOCKET", path, TRUE);
  g_setenv ("WATCHDOG_USEC", "20000", TRUE);
  server = torture_serve (gauge, NULL);
  if (server != NULL)
    {
      torture_wait (FALSE, 50);
      torture_check_served (plant_rpc_server_get_url (server));
      plant_rpc_server_stop (server);
    }
  close (fd);
  g_unlink (path);
  g_rmdir (folder);
}

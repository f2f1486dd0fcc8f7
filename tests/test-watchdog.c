/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "plant-rpc-test-peer.h"
#include "plant-rpc-watchdog-private.h"

/* A service manager: what is sent to its socket. */
static GSocket *
listen_as_manager (const char               *path,
                   GUnixSocketAddressType    type)
{
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                                            G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new_with_type (path, -1, type);
  g_autoptr(GError) error = NULL;

  g_socket_set_blocking (socket, FALSE);
  g_socket_bind (socket, address, FALSE, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&socket);
}

/* NULL: nothing has come. */
static char *
hear (GSocket *manager)
{
  char buffer[256];
  gssize n = g_socket_receive (manager, buffer, sizeof buffer, NULL, NULL);

  return n > 0 ? g_strndup (buffer, n) : NULL;
}

static void
assert_hears (GSocket    *manager,
              const char *expected)
{
  g_autofree char *heard = NULL;

  test_wait_until ((heard = hear (manager)) != NULL);
  g_assert_cmpstr (heard, ==, expected);
}

static void
forget_environment (void)
{
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_USEC");
  g_unsetenv ("WATCHDOG_PID");
}

static void
test_life (void)
{
  g_autofree char *directory = g_dir_make_tmp ("plantrpc-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "notify", NULL);
  g_autoptr(GSocket) manager = listen_as_manager (path, G_UNIX_SOCKET_ADDRESS_PATH);
  g_autoptr(PlantRpcWatchdog) first = NULL, second = NULL;

  g_setenv ("NOTIFY_SOCKET", path, TRUE);
  first = plant_rpc_watchdog_new (NULL);
  assert_hears (manager, "READY=1");
  second = plant_rpc_watchdog_new (NULL);
  g_clear_pointer (&first, plant_rpc_watchdog_free);
  g_assert_null (hear (manager));
  g_clear_pointer (&second, plant_rpc_watchdog_free);
  assert_hears (manager, "STOPPING=1");
  g_assert_null (hear (manager));
  forget_environment ();
  g_unlink (path);
  g_rmdir (directory);
}

static void
test_beat (void)
{
  g_autofree char *name = g_strdup_printf ("plantrpc-test-%d", getpid ());
  g_autofree char *place = g_strdup_printf ("@%s", name);
  g_autofree char *pid = g_strdup_printf ("%d", getpid ());
  g_autoptr(GSocket) manager = listen_as_manager (name, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  g_autoptr(PlantRpcWatchdog) watchdog = NULL;

  g_setenv ("NOTIFY_SOCKET", place, TRUE);
  g_setenv ("WATCHDOG_USEC", "20000", TRUE);
  g_setenv ("WATCHDOG_PID", pid, TRUE);
  watchdog = plant_rpc_watchdog_new (NULL);
  assert_hears (manager, "READY=1");
  assert_hears (manager, "WATCHDOG=1");
  assert_hears (manager, "WATCHDOG=1");
  g_clear_pointer (&watchdog, plant_rpc_watchdog_free);
  forget_environment ();
}

/* Whether a source was added to the context. */
static gboolean
beats (const char *period,
       const char *pid)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(PlantRpcWatchdog) watchdog = NULL;
  int timeout = -1;
  int priority;

  g_setenv ("NOTIFY_SOCKET", "/nonexistent/notify", TRUE);
  g_setenv ("WATCHDOG_USEC", period, TRUE);
  if (pid != NULL)
    g_setenv ("WATCHDOG_PID", pid, TRUE);
  watchdog = plant_rpc_watchdog_new (context);
  g_assert_true (g_main_context_acquire (context));
  g_main_context_prepare (context, &priority);
  g_main_context_query (context, G_MAXINT, &timeout, NULL, 0);
  g_main_context_release (context);
  forget_environment ();
  return timeout >= 0;
}

static void
test_asked (void)
{
  g_autofree char *own = g_strdup_printf ("%d", getpid ());

  g_assert_true (beats ("1000000", NULL));
  g_assert_true (beats ("1000000", own));
  g_assert_false (beats ("1000000", "1"));
  g_assert_false (beats ("1000000", "x"));
  g_assert_false (beats ("0", NULL));
  g_assert_false (beats ("-5", NULL));
  g_assert_false (beats ("10s", NULL));
  g_assert_false (beats ("", NULL));
}

static void
test_bad_places (void)
{
  g_autofree char *long_path = g_strnfill (500, '/');
  const char *const places[] = { "", "/", "relative", "vsock:2:1234", "@", long_path };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr(PlantRpcWatchdog) watchdog = NULL;

      g_setenv ("NOTIFY_SOCKET", places[i], TRUE);
      watchdog = plant_rpc_watchdog_new (NULL);
      g_clear_pointer (&watchdog, plant_rpc_watchdog_free);
    }
  forget_environment ();
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  forget_environment ();

  g_test_add_func ("/watchdog/life", test_life);
  g_test_add_func ("/watchdog/beat", test_beat);
  g_test_add_func ("/watchdog/asked", test_asked);
  g_test_add_func ("/watchdog/bad-places", test_bad_places);
  return g_test_run ();
}

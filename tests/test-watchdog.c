/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-test-descriptors.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-watchdog-private.h"

/* A service manager: what is sent to its socket. */
static GSocket *
listen_as_manager (const char               *path,
                   GUnixSocketAddressType    type)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                                            G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new_with_type (path, -1, type);
  g_autoptr (GError) error = NULL;

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
  g_autoptr (GSocket) manager = listen_as_manager (path, G_UNIX_SOCKET_ADDRESS_PATH);
  g_autoptr (PlantRpcWatchdog) first = NULL, second = NULL;
  const int free_fd = test_find_free_fd ();

  g_setenv ("NOTIFY_SOCKET", path, TRUE);
  first = plant_rpc_watchdog_new (NULL);
  assert_hears (manager, "READY=1");
  second = plant_rpc_watchdog_new (NULL);
  g_clear_pointer (&first, plant_rpc_watchdog_free);
  g_assert_null (hear (manager));
  g_clear_pointer (&second, plant_rpc_watchdog_free);
  assert_hears (manager, "STOPPING=1");
  g_assert_null (hear (manager));
  g_assert_cmpint (test_find_free_fd (), ==, free_fd);
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
  g_autoptr (GSocket) manager = listen_as_manager (name, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  g_autoptr (PlantRpcWatchdog) watchdog = NULL;

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

/* Returns in how many ms a source of the context is ready; -1: none. */
static int
beats_in (const char *period,
          const char *pid)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcWatchdog) watchdog = NULL;
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
  return timeout;
}

static gboolean
beats (const char *period,
       const char *pid)
{
  return beats_in (period, pid) >= 0;
}

static void
test_asked (void)
{
  g_autofree char *own = g_strdup_printf ("%d", getpid ());

  g_assert_true (beats ("1000000", NULL));
  g_assert_true (beats ("1000000", own));
  /* The watchdog notifies twice in a period, so that a late notification does no harm. */
  g_assert_cmpint (beats_in ("100000000", NULL), <=, 50000);
  g_assert_cmpint (beats_in ("100000000", NULL), >, 10000);
  g_assert_false (beats ("1000000", "1"));
  g_assert_false (beats ("1000000", "x"));
  g_assert_false (beats ("0", NULL));
  g_assert_false (beats ("-5", NULL));
  g_assert_false (beats ("10s", NULL));
  g_assert_false (beats ("", NULL));
}

static guint n_sent;
static socklen_t sent_to_size;

/* Catches what the library sends. */
ssize_t __wrap_sendto (int                    fd,
                       const void            *data,
                       size_t                 size,
                       int                    flags,
                       const struct sockaddr *address,
                       socklen_t              address_size);
ssize_t __real_sendto (int                    fd,
                       const void            *data,
                       size_t                 size,
                       int                    flags,
                       const struct sockaddr *address,
                       socklen_t              address_size);

ssize_t
__wrap_sendto (int                    fd,
               const void            *data,
               size_t                 size,
               int                    flags,
               const struct sockaddr *address,
               socklen_t              address_size)
{
  n_sent++;
  sent_to_size = address_size;
  return __real_sendto (fd, data, size, flags, address, address_size);
}

/* The library sends only to a valid path of a socket. The longest path has the size of an
 * address. */
static void
test_places (void)
{
  const gsize room = sizeof ((struct sockaddr_un *) NULL)->sun_path;
  g_autofree char *longest = g_strnfill (room - 1, '/');
  g_autofree char *too_long = g_strnfill (room, '/');
  g_autofree char *far_too_long = g_strnfill (500, '/');
  const struct {
    const char *place;
    guint       n_sent;
  } cases[] = {
    { "", 0 },       { "/", 0 }, { "relative", 0 }, { "vsock:2:1234", 0 },     { "@", 0 },
    { longest, 2 },  { too_long, 0 }, { far_too_long, 0 }, { "@plantrpc-nobody", 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PlantRpcWatchdog) watchdog = NULL;

      n_sent = 0;
      g_setenv ("NOTIFY_SOCKET", cases[i].place, TRUE);
      watchdog = plant_rpc_watchdog_new (NULL);
      g_clear_pointer (&watchdog, plant_rpc_watchdog_free);
      g_assert_cmpuint (n_sent, ==, cases[i].n_sent);
      if (n_sent > 0)
        g_assert_cmpuint (sent_to_size, ==,
                          offsetof (struct sockaddr_un, sun_path) + strlen (cases[i].place));
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
  g_test_add_func ("/watchdog/places", test_places);
  return g_test_run ();
}

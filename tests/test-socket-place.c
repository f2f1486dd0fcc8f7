/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plant-rpc-socket-private.h"
#include "plant-rpc-test-descriptors.h"
#include "plant-rpc-test-ipv6.h"

#define N_TIMES 300

/* ---- functions that the library calls instead of those of libzmq */

int __wrap_zmq_getsockopt (void *socket, int option, void *value, size_t *size);
int __real_zmq_getsockopt (void *socket, int option, void *value, size_t *size);

static gboolean place_is_unknown;

int
__wrap_zmq_getsockopt (void   *socket,
                       int     option,
                       void   *value,
                       size_t *size)
{
  if (!place_is_unknown || option != ZMQ_LAST_ENDPOINT)
    return __real_zmq_getsockopt (socket, option, value, size);
  errno = ENOMEM;
  return -1;
}

/* In a network of its own, no other program takes a port that is free for a moment. Without the
 * right to make one, the test stays where it is. */
static void
leave_network (void)
{
  struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
  int fd;

  if (unshare (CLONE_NEWNET) != 0)
    return;
  fd = socket (AF_INET, SOCK_DGRAM, 0);
  g_assert_cmpint (ioctl (fd, SIOCSIFFLAGS, &loopback), ==, 0);
  close (fd);
}

static PlantRpcSocket *
bind_at (const char *url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_ROUTER, &error);

  g_assert_no_error (error);
  plant_rpc_socket_bind (socket, url, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&socket);
}

/* Each socket listens where the one before has just been closed. */
static void
listen_again (const char *url)
{
  for (guint i = 0; i < N_TIMES; i++)
    plant_rpc_socket_free (bind_at (url));
}

static void
use_port (const char *host)
{
  g_autofree char *any = g_strdup_printf ("tcp://%s:*", host);
  g_autofree char *url = NULL;
  PlantRpcSocket *first = bind_at (any);

  g_assert_cmpuint (plant_rpc_socket_get_port (first), !=, 0);
  url = g_strdup_printf ("tcp://%s:%u", host, plant_rpc_socket_get_port (first));
  plant_rpc_socket_free (first);
  listen_again (url);
}

static void
test_ipv4 (void)
{
  use_port ("127.0.0.1");
}

static void
test_ipv6 (void)
{
  if (test_has_ipv6 ())
    use_port ("[::1]");
  else
    g_test_skip ("this machine has no IPv6");
}

static void
test_any (void)
{
  use_port ("*");
}

static void
test_abstract (void)
{
  g_autofree char *url = g_strdup_printf ("ipc://@plantrpc-test-place-%d", (int) getpid ());
  g_autoptr (PlantRpcSocket) other = NULL;

  listen_again (url);
  other = bind_at (url);
  g_assert_cmpuint (plant_rpc_socket_get_port (other), ==, 0);
}

/* Once libzmq listens with a descriptor, it is the only one that closes it. */
static void
test_unknown (void)
{
  g_autofree char *url = g_strdup_printf ("ipc://@unknown-place-%d", (int) getpid ());
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_ROUTER, NULL);
  g_autoptr (GError) error = NULL;
  const int fd = test_find_free_fd ();

  place_is_unknown = TRUE;
  g_assert_false (plant_rpc_socket_bind (socket, url, &error));
  place_is_unknown = FALSE;
  g_assert_nonnull (error);
  g_assert_cmpint (fcntl (fd, F_GETFD), >=, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  leave_network ();

  g_test_add_func ("/socket-place/ipv4", test_ipv4);
  g_test_add_func ("/socket-place/ipv6", test_ipv6);
  g_test_add_func ("/socket-place/any", test_any);
  g_test_add_func ("/socket-place/abstract", test_abstract);
  g_test_add_func ("/socket-place/unknown", test_unknown);

  return g_test_run ();
}

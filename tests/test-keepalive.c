/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "plant-rpc-test-stand.h"

/* ---- the descriptors of this process, which is both ends of each connection */

#define MAX_DESCRIPTOR 1024

/* 0: it is no TCP connection. */
static guint16
get_port (int      descriptor,
          gboolean other_end)
{
  struct sockaddr_storage address = { 0 };
  struct sockaddr *any = (struct sockaddr *) &address;
  socklen_t size = sizeof address;
  const int result = other_end ? getpeername (descriptor, any, &size)
                               : getsockname (descriptor, any, &size);

  if (result != 0)
    return 0;
  if (any->sa_family == AF_INET)
    return ntohs (((struct sockaddr_in *) any)->sin_port);
  return any->sa_family == AF_INET6 ? ntohs (((struct sockaddr_in6 *) any)->sin6_port) : 0;
}

/* Finds the end of a connection that has the port at itself, or at the other end. -1: none. */
static int
find_end (guint16  port,
          gboolean at_other_end)
{
  for (int descriptor = 3; descriptor < MAX_DESCRIPTOR; descriptor++)
    {
      if (get_port (descriptor, TRUE) != 0 && get_port (descriptor, at_other_end) == port)
        return descriptor;
    }
  return -1;
}

static int
get_option (int descriptor,
            int level,
            int option)
{
  int value = -1;
  socklen_t size = sizeof value;

  g_assert_cmpint (getsockopt (descriptor, level, option, &value, &size), ==, 0);
  return value;
}

/* The system asks an idle connection after 2 s, and ends it after two questions without an
 * answer. */
static void
assert_kept_alive (int descriptor)
{
  g_assert_cmpint (get_option (descriptor, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
  g_assert_cmpint (get_option (descriptor, IPPROTO_TCP, TCP_KEEPIDLE), ==, 2);
  g_assert_cmpint (get_option (descriptor, IPPROTO_TCP, TCP_KEEPINTVL), ==, 1);
  g_assert_cmpint (get_option (descriptor, IPPROTO_TCP, TCP_KEEPCNT), ==, 2);
}

/* ---- the connections of a server */

static void
test_requests (TestStand     *fixture,
               gconstpointer  data)
{
  const guint16 port = plant_rpc_server_get_port (fixture->server);

  test_wait_until (find_end (port, FALSE) >= 0);
  assert_kept_alive (find_end (port, FALSE));
}

static void
test_generation1 (TestStand     *fixture,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) receiver = test_peer_new (ZMQ_REP, NULL);
  const guint16 port = test_peer_bind (receiver);
  g_autofree char *request = g_strdup_printf (
      "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"127.0.0.1\", \"port\": %u}", port);

  test_peer_assert_reply (fixture->peer, request, "{'success': <true>}");
  test_wait_until (find_end (port, TRUE) >= 0);
  assert_kept_alive (find_end (port, TRUE));
}

static void
test_generation2 (TestStand     *fixture,
                  gconstpointer  data)
{
  g_autoptr (GVariant) reply =
      test_peer_ask_json (fixture->peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}");
  g_autoptr (TestPeer) receiver = NULL;
  g_autofree char *url = NULL;
  gint64 port;

  g_assert_true (g_variant_lookup (reply, "signal_port", "x", &port));
  url = g_strdup_printf ("tcp://127.0.0.1:%" G_GINT64_FORMAT, port);
  receiver = test_peer_new (ZMQ_SUB, url);
  test_wait_until (find_end (port, FALSE) >= 0);
  assert_kept_alive (find_end (port, FALSE));
}

#define ADD(name, function) \
  g_test_add ("/keepalive/" name, TestStand, NULL, test_stand_set_up, function, \
              test_stand_tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("requests", test_requests);
  ADD ("generation1", test_generation1);
  ADD ("generation2", test_generation2);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-pulse-private.h"
#include "plant-rpc-test-descriptors.h"
#include "plant-rpc-test-wait.h"

/* What the kernel tells of a connection is taken over here: on loopback none is ever lost. */
static const struct tcp_info *pretended; /* (nullable): the kernel's own word */

int __real_getsockopt (int fd, int level, int name, void *value, socklen_t *size);
int __wrap_getsockopt (int fd, int level, int name, void *value, socklen_t *size);

int
__wrap_getsockopt (int        fd,
                   int        level,
                   int        name,
                   void      *value,
                   socklen_t *size)
{
  int result = __real_getsockopt (fd, level, name, value, size);

  if (result == 0 && pretended != NULL && level == IPPROTO_TCP && name == TCP_INFO)
    memcpy (value, pretended, MIN (*size, sizeof *pretended));
  return result;
}

/* The two ends of a TCP connection that nobody reads from. */
typedef struct {
  int fds[2];
} Connection;

static void
connection_open (Connection *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &size), ==, 0);
  self->fds[0] = socket (AF_INET, SOCK_STREAM, 0);
  g_assert_cmpint (connect (self->fds[0], (struct sockaddr *) &address, size), ==, 0);
  self->fds[1] = accept (listener, NULL, NULL);
  g_assert_cmpint (self->fds[1], >=, 0);
  close (listener);
}

static void
connection_close (Connection *self)
{
  close (self->fds[0]);
  close (self->fds[1]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Connection, connection_close)

static const struct tcp_info lost = { .tcpi_retransmits = 15, .tcpi_last_ack_recv = 60000 };

static void
test_rules (void)
{
  static const struct {
    guint8 retransmits;
    guint8 probes;
    guint32 silence;
    gboolean is_lost;
  } cases[] = {
    { 0, 0, 0, FALSE },        { 0, 0, 3600000, FALSE }, /* nothing to say */
    { 15, 0, 100, FALSE },                               /* it answers */
    { 0, 15, 100, FALSE },     { 2, 0, 60000, FALSE },  { 0, 2, 60000, FALSE },
    { 2, 2, 60000, FALSE },    { 3, 0, 3000, TRUE },    { 0, 3, 3000, TRUE },
    { 15, 15, 60000, TRUE },   { 3, 0, 2000, FALSE },
  };
  g_auto (Connection) connection = { { -1, -1 } };
  PlantRpcPulse pulse;

  connection_open (&connection);
  plant_rpc_pulse_init (&pulse, connection.fds[0]);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const struct tcp_info info = {
        .tcpi_retransmits = cases[i].retransmits,
        .tcpi_probes = cases[i].probes,
        .tcpi_last_ack_recv = cases[i].silence,
      };

      pretended = &info;
      g_test_message ("case %u", i);
      g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==,
                       cases[i].is_lost ? PLANT_RPC_PULSE_LOST : PLANT_RPC_PULSE_CALM);
    }
  pretended = NULL;
}

/* The number of a descriptor that was closed tells nothing, nor does its next owner. */
static void
test_reused (void)
{
  g_auto (Connection) connection = { { -1, -1 } };
  g_auto (Connection) other = { { -1, -1 } };
  PlantRpcPulse pulse;
  int fd;

  connection_open (&connection);
  connection_open (&other);
  fd = connection.fds[0];
  plant_rpc_pulse_init (&pulse, fd);
  pretended = &lost;
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_LOST);

  close (fd);
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_CALM);
  g_assert_cmpint (dup2 (other.fds[0], fd), ==, fd);
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_CALM);
  pretended = NULL;
}

static guint64
count_received (const PlantRpcPulse *pulse)
{
  guint64 n = 0;

  g_assert_true (plant_rpc_pulse_is_there (pulse));
  g_assert_true (plant_rpc_pulse_count_received (pulse, &n));
  return n;
}

/* The number of a descriptor counts nothing for its former owner. */
static void
test_received (void)
{
  g_auto (Connection) connection = { { -1, -1 } };
  g_auto (Connection) other = { { -1, -1 } };
  PlantRpcPulse pulse;
  guint64 n = 0;

  connection_open (&connection);
  connection_open (&other);
  plant_rpc_pulse_init (&pulse, connection.fds[0]);
  g_assert_cmpuint (count_received (&pulse), ==, 0);
  g_assert_cmpint (send (connection.fds[1], "abcde", 5, 0), ==, 5);
  test_wait_for (count_received (&pulse) == 5);

  g_assert_cmpint (dup2 (other.fds[0], connection.fds[0]), ==, connection.fds[0]);
  g_assert_false (plant_rpc_pulse_is_there (&pulse));
  g_assert_false (plant_rpc_pulse_count_received (&pulse, &n));
  plant_rpc_pulse_init (&pulse, -1);
  g_assert_false (plant_rpc_pulse_is_there (&pulse));
  g_assert_false (plant_rpc_pulse_count_received (&pulse, &n));
}

static void
test_no_connection (void)
{
  PlantRpcPulse pulse;
  int pipes[2];

  pretended = &lost;
  plant_rpc_pulse_init (&pulse, -1);
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_CALM);
  plant_rpc_pulse_init (&pulse, G_MAXINT);
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_CALM);

  g_assert_cmpint (pipe (pipes), ==, 0);
  plant_rpc_pulse_init (&pulse, pipes[0]);
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_CALM);
  close (pipes[0]);
  close (pipes[1]);

  /* A socket, but not of TCP. */
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pipes), ==, 0);
  plant_rpc_pulse_init (&pulse, pipes[0]);
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_CALM);
  close (pipes[0]);
  close (pipes[1]);
  pretended = NULL;
}

/* The other end reads the end of it. */
static void
test_end (void)
{
  g_auto (Connection) connection = { { -1, -1 } };
  PlantRpcPulse pulse;
  int free_fd;
  char byte;

  connection_open (&connection);
  plant_rpc_pulse_init (&pulse, connection.fds[0]);
  free_fd = test_find_free_fd ();
  plant_rpc_pulse_end (&pulse);
  g_assert_cmpint (test_find_free_fd (), ==, free_fd);
  g_assert_cmpint (recv (connection.fds[1], &byte, 1, 0), ==, 0);
  g_assert_cmpint (recv (connection.fds[0], &byte, 1, 0), ==, 0);
}

/* A descriptor that has become another connection's ends nothing. */
static void
test_end_reused (void)
{
  g_auto (Connection) connection = { { -1, -1 } };
  g_auto (Connection) other = { { -1, -1 } };
  PlantRpcPulse pulse;

  connection_open (&connection);
  connection_open (&other);
  plant_rpc_pulse_init (&pulse, connection.fds[0]);
  g_assert_cmpint (dup2 (other.fds[0], connection.fds[0]), ==, connection.fds[0]);
  plant_rpc_pulse_end (&pulse);
  g_assert_cmpint (send (other.fds[0], "x", 1, 0), ==, 1);
  plant_rpc_pulse_init (&pulse, -1);
  plant_rpc_pulse_end (&pulse);
}

static void
fill (int fd)
{
  static const char bytes[65536];

  while (send (fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
    ;
}

/* Never lost on the way, and silent for longer than a lost one may be. */
static gboolean
was_silent (PlantRpcPulse *pulse)
{
  struct tcp_info info = { 0 };
  socklen_t size = sizeof info;

  g_assert_cmpint (plant_rpc_pulse_feel (pulse), ==, PLANT_RPC_PULSE_WAITING);
  g_assert_cmpint (getsockopt (pulse->fd, IPPROTO_TCP, TCP_INFO, &info, &size), ==, 0);
  return info.tcpi_last_ack_recv > 2600;
}

/* A peer that reads nothing: its kernel answers the questions whether there is room again, ever
 * more rarely. */
static void
test_stopped (void)
{
  g_auto (Connection) connection = { { -1, -1 } };
  PlantRpcPulse pulse;

  connection_open (&connection);
  plant_rpc_pulse_init (&pulse, connection.fds[0]);
  g_assert_cmpint (plant_rpc_pulse_feel (&pulse), ==, PLANT_RPC_PULSE_CALM);
  fill (connection.fds[0]);
  test_wait_for (was_silent (&pulse));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pulse/rules", test_rules);
  g_test_add_func ("/pulse/reused", test_reused);
  g_test_add_func ("/pulse/received", test_received);
  g_test_add_func ("/pulse/no-connection", test_no_connection);
  g_test_add_func ("/pulse/stopped", test_stopped);
  g_test_add_func ("/pulse/end", test_end);
  g_test_add_func ("/pulse/end-reused", test_end_reused);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-inflow-private.h"
#include "plant-rpc-limits-private.h"

#define BLOCK_SIZE  ((gsize) 1024 * 1024)
#define MAX_MESSAGE (20 * BLOCK_SIZE)

/* A TCP connection. One end is watched, and the test reads it as libzmq would. */
typedef struct {
  PlantRpcInflow *inflow;
  int             fds[2]; /* the other end, and the end that is watched */
  char           *block;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM, 0);
  PlantRpcPulse pulse;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &size), ==, 0);
  fixture->fds[0] = socket (AF_INET, SOCK_STREAM, 0);
  g_assert_cmpint (connect (fixture->fds[0], (struct sockaddr *) &address, size), ==, 0);
  fixture->fds[1] = accept (listener, NULL, NULL);
  close (listener);

  fixture->block = g_malloc0 (BLOCK_SIZE);
  fixture->inflow = plant_rpc_inflow_new (MAX_MESSAGE, NULL);
  plant_rpc_pulse_init (&pulse, fixture->fds[1]);
  plant_rpc_inflow_add (fixture->inflow, 1, &pulse);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  plant_rpc_inflow_remove (fixture->inflow, 1);
  plant_rpc_inflow_free (fixture->inflow);
  close (fixture->fds[0]);
  close (fixture->fds[1]);
  g_free (fixture->block);
}

/* Returns FALSE if the connection has been ended. */
static gboolean
move_block (Fixture *fixture)
{
  gsize sent = 0, received = 0;

  while (received < BLOCK_SIZE)
    {
      gssize step = send (fixture->fds[0], fixture->block + sent, BLOCK_SIZE - sent,
                          MSG_DONTWAIT | MSG_NOSIGNAL);

      sent += MAX (step, 0);
      step = recv (fixture->fds[1], fixture->block, BLOCK_SIZE, MSG_DONTWAIT);
      if (step == 0)
        return FALSE;
      received += MAX (step, 0);
    }
  return TRUE;
}

/* Returns whether the connection outlives COUNT blocks and some checks after them. For each block,
 * N_TOLD bytes are reported as read. */
static gboolean
survives (Fixture  *fixture,
          gsize     count,
          gsize     n_told,
          gboolean  drained)
{
  gint64 end;

  for (gsize i = 0; i < count; i++)
    {
      if (!move_block (fixture))
        return FALSE;
      if (n_told > 0)
        plant_rpc_inflow_note_read (fixture->inflow, 1, n_told);
      if (drained)
        plant_rpc_inflow_note_drained (fixture->inflow);
    }
  for (end = g_get_monotonic_time () + G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    {
      char byte;

      if (recv (fixture->fds[1], &byte, 1, MSG_DONTWAIT) == 0)
        return FALSE;
      if (drained)
        plant_rpc_inflow_note_drained (fixture->inflow);
      g_poll (NULL, 0, 10);
    }
  return TRUE;
}

static void
test_read (Fixture       *fixture,
           gconstpointer  data)
{
  gsize n = PLANT_RPC_MAX_UNREAD_REQUESTS / BLOCK_SIZE + 50;

  g_assert_true (survives (fixture, n, BLOCK_SIZE, FALSE));
}

static void
test_unread (Fixture       *fixture,
             gconstpointer  data)
{
  gsize n = PLANT_RPC_MAX_UNREAD_REQUESTS / BLOCK_SIZE;

  g_assert_true (survives (fixture, n, 0, FALSE));
  g_assert_false (survives (fixture, 2, 0, FALSE));
}

static void
test_endless (Fixture       *fixture,
              gconstpointer  data)
{
  gsize n = MAX_MESSAGE / BLOCK_SIZE;

  g_assert_true (survives (fixture, n, 0, TRUE));
  g_assert_false (survives (fixture, 2, 0, TRUE));
}

/* Bytes that are not messages, such as heartbeats, do not add up. */
static void
test_drift (Fixture       *fixture,
            gconstpointer  data)
{
  gsize n = PLANT_RPC_MAX_UNREAD_REQUESTS / BLOCK_SIZE + 50;

  for (gsize i = 0; i < n; i++)
    {
      g_assert_true (move_block (fixture));
      plant_rpc_inflow_note_read (fixture->inflow, 1, 1);
      plant_rpc_inflow_note_drained (fixture->inflow);
    }
  g_assert_true (survives (fixture, 0, 0, TRUE));
}

/* After being busy, a program reads everything that has come, and no connection is ended for it. */
static void
test_busy (Fixture       *fixture,
           gconstpointer  data)
{
  gsize n = MAX_MESSAGE / BLOCK_SIZE + 50;

  g_assert_true (survives (fixture, n, 0, FALSE));
  plant_rpc_inflow_note_read (fixture->inflow, 1, n * BLOCK_SIZE);
  plant_rpc_inflow_note_drained (fixture->inflow);
  g_assert_true (survives (fixture, 0, 0, TRUE));
}

static void
test_descriptor_reused (Fixture       *fixture,
                        gconstpointer  data)
{
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
  g_assert_cmpint (dup2 (fds[0], fixture->fds[1]), ==, fixture->fds[1]);
  close (fds[0]);
  g_assert_true (survives (fixture, 0, 0, TRUE));
  g_assert_cmpint (send (fds[1], "x", 1, 0), ==, 1);
  close (fds[1]);
}

/* Whoever has not shown who he is may not fill the memory. */
static void
test_first (Fixture       *fixture,
            gconstpointer  data)
{
  plant_rpc_inflow_set_max_first (fixture->inflow, BLOCK_SIZE - 1);
  g_assert_false (survives (fixture, 1, 0, FALSE));
}

static void
test_known (Fixture       *fixture,
            gconstpointer  data)
{
  plant_rpc_inflow_set_max_first (fixture->inflow, BLOCK_SIZE - 1);
  plant_rpc_inflow_note_read (fixture->inflow, 1, 1);
  g_assert_true (survives (fixture, 1, 0, FALSE));
}

#define ADD(name, function) \
  g_test_add ("/inflow/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("read", test_read);
  ADD ("unread", test_unread);
  ADD ("endless", test_endless);
  ADD ("drift", test_drift);
  ADD ("busy", test_busy);
  ADD ("descriptor-reused", test_descriptor_reused);
  ADD ("first", test_first);
  ADD ("known", test_known);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-connections-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-pulse-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-endpoint.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-wait.h"

int __real_zmq_msg_copy (zmq_msg_t *target,
                         zmq_msg_t *source);
int __wrap_zmq_msg_copy (zmq_msg_t *target,
                         zmq_msg_t *source);

static gsize largest_copied; /* bytes of the largest frame that was kept */

int
__wrap_zmq_msg_copy (zmq_msg_t *target,
                     zmq_msg_t *source)
{
  largest_copied = MAX (largest_copied, zmq_msg_size (source));
  return __real_zmq_msg_copy (target, source);
}

static PlantRpcPulseState pulse; /* of every connection, since on loopback none is lost */
static guint n_felt, n_timers;

PlantRpcPulseState __wrap_plant_rpc_pulse_feel (PlantRpcPulse *self);

PlantRpcPulseState
__wrap_plant_rpc_pulse_feel (PlantRpcPulse *self)
{
  n_felt++;
  return pulse;
}

GSource *__real_g_timeout_source_new (guint interval);
GSource *__wrap_g_timeout_source_new (guint interval);

GSource *
__wrap_g_timeout_source_new (guint interval)
{
  n_timers++;
  return __real_g_timeout_source_new (MIN (interval, 10));
}

typedef struct {
  PlantRpcSocket      *socket;
  PlantRpcConnections *connections;
  char                *url;
  guint16              port;
  GArray              *left; /* (element-type guint64) */
  guint                n_accepted;
} Fixture;

static void
on_accepted (gpointer    owner,
             const char *address)
{
  Fixture *fixture = owner;

  g_assert_cmpstr (address, ==, "127.0.0.1");
  fixture->n_accepted++;
}

static void
on_left (gpointer owner,
         guint64  connection)
{
  g_array_append_val (((Fixture *) owner)->left, connection);
}

static const PlantRpcConnectionsFuncs funcs = { .accepted = on_accepted, .left = on_left };

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->left = g_array_new (FALSE, FALSE, sizeof (guint64));
  fixture->socket = plant_rpc_socket_new (ZMQ_ROUTER, &error);
  g_assert_no_error (error);
  fixture->connections = plant_rpc_connections_new (fixture->socket, PLANT_RPC_MAX_REQUEST_SIZE,
                                                    g_main_context_default (), &funcs, fixture,
                                                    &error);
  g_assert_no_error (error);
  plant_rpc_socket_bind (fixture->socket, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  fixture->url = test_dup_endpoint (fixture->socket);
  fixture->port = g_ascii_strtoull (strrchr (fixture->url, ':') + 1, NULL, 10);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  plant_rpc_connections_free (fixture->connections);
  plant_rpc_socket_free (fixture->socket);
  g_array_unref (fixture->left);
  g_free (fixture->url);
}

/* Returns the connection of the next message, and its routing id in ID (nullable). */
static guint64
receive (Fixture  *fixture,
         GBytes  **id)
{
  g_auto (PlantRpcFrames) frames = { 0 };

  test_wait_until (plant_rpc_socket_receive (fixture->socket, &frames));
  if (id != NULL)
    *id = plant_rpc_frames_steal (&frames, 0);
  return plant_rpc_connections_identify (fixture->connections, &frames);
}

static gboolean
has_left (Fixture *fixture,
          guint64  connection)
{
  guint n = 0;

  for (guint i = 0; i < fixture->left->len; i++)
    n += g_array_index (fixture->left, guint64, i) == connection;
  g_assert_cmpuint (n, <=, 1);
  return n > 0;
}

static TestPeer *
connect_as (Fixture    *fixture,
            const char *routing_id)
{
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  void *socket = test_peer_get_socket (peer);

  zmq_setsockopt (socket, ZMQ_ROUTING_ID, routing_id, strlen (routing_id));
  g_assert_cmpint (zmq_connect (socket, fixture->url), ==, 0);
  return peer;
}

/* Returns a peer whose connection is open, while the main loop has not run. ROUTING_ID may be
 * NULL. */
static TestPeer *
connect_fully (Fixture    *fixture,
               const char *routing_id)
{
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  void *socket = test_peer_get_socket (peer);
  void *events = test_peer_watch (peer, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);

  if (routing_id != NULL)
    zmq_setsockopt (socket, ZMQ_ROUTING_ID, routing_id, strlen (routing_id));
  g_assert_cmpint (zmq_connect (socket, fixture->url), ==, 0);
  test_wait_for (test_peer_has_event (events));
  zmq_close (events);
  return peer;
}

/* ---- telling peers apart */

static void
test_identify (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (TestPeer) first = test_peer_new (ZMQ_DEALER, fixture->url);
  g_autoptr (TestPeer) second = NULL;
  guint64 connections[2];

  test_peer_send_text (first, "", "text", NULL);
  connections[0] = receive (fixture, NULL);
  second = test_peer_new (ZMQ_DEALER, fixture->url);
  test_peer_send_text (second, "", "text", NULL);
  connections[1] = receive (fixture, NULL);
  g_assert_cmpuint (connections[0], !=, 0);
  g_assert_cmpuint (connections[1], !=, 0);
  g_assert_cmpuint (connections[0], !=, connections[1]);
  test_peer_send_text (first, "", "again", NULL);
  g_assert_cmpuint (receive (fixture, NULL), ==, connections[0]);
  test_wait_until (fixture->n_accepted == 2);

  g_clear_pointer (&first, test_peer_free);
  test_wait_until (has_left (fixture, connections[0]));
  g_assert_false (plant_rpc_connections_is_open (fixture->connections, connections[0]));
  g_assert_true (plant_rpc_connections_is_open (fixture->connections, connections[1]));
  g_assert_false (plant_rpc_connections_is_open (fixture->connections, 0));
  g_assert_cmpuint (fixture->left->len, ==, 1);
}

/* Returns the connection of a new peer with that routing id. As long as libzmq has not noticed that
 * the former peer of that id has left, it ignores all others for ever. */
static guint64
claim (Fixture     *fixture,
       const char  *routing_id,
       TestPeer   **peer)
{
  zmq_pollitem_t item = { plant_rpc_socket_get_handle (fixture->socket), 0, ZMQ_POLLIN, 0 };

  do
    {
      g_clear_pointer (peer, test_peer_free);
      *peer = connect_as (fixture, routing_id);
      test_peer_send_text (*peer, "", "text", NULL);
    }
  while (zmq_poll (&item, 1, 200) < 1);
  return receive (fixture, NULL);
}

/* A routing id, and a descriptor, are used again after their peer has left. */
static void
test_claimed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_as (fixture, "camera");
  g_autoptr (TestPeer) thief = NULL;
  guint64 former, present;

  test_peer_send_text (peer, "", "text", NULL);
  former = receive (fixture, NULL);
  g_clear_pointer (&peer, test_peer_free);
  test_wait_until (!plant_rpc_connections_is_open (fixture->connections, former));
  present = claim (fixture, "camera", &thief);
  g_assert_cmpuint (present, !=, former);
  g_assert_true (plant_rpc_connections_is_open (fixture->connections, present));
  g_assert_false (plant_rpc_connections_is_open (fixture->connections, former));
}

/* The last message of a connection is read after left() was called for it. */
static void
test_late (Fixture       *fixture,
           gconstpointer  data)
{
  TestPeer *peer = test_peer_new (ZMQ_DEALER, fixture->url);
  g_auto (PlantRpcFrames) frames = { 0 };

  test_peer_send_text (peer, "", "text", NULL);
  test_wait_until (plant_rpc_socket_receive (fixture->socket, &frames));
  test_peer_free (peer);
  test_wait_until (fixture->left->len == 1);
  g_assert_cmpuint (plant_rpc_connections_identify (fixture->connections, &frames), ==, 0);
  test_wait_until (has_left (fixture, 0));
}

static guint64
receive_text (Fixture    *fixture,
              const char *text)
{
  g_auto (PlantRpcFrames) frames = { 0 };
  zmq_msg_t *last;

  test_wait_for (plant_rpc_socket_receive (fixture->socket, &frames));
  last = &frames.frames[frames.n_frames - 1];
  g_assert_cmpmem (zmq_msg_data (last), zmq_msg_size (last), text, strlen (text));
  return plant_rpc_connections_identify (fixture->connections, &frames);
}

/* The last message of one that has left is read when its descriptor, and perhaps its routing id,
 * is another's already. Nothing runs meanwhile that would tell them apart. */
static void
test_reused (Fixture       *fixture,
             gconstpointer  name)
{
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *routing_id = name != NULL ? g_strdup_printf ("%s%02u", (char *) name, i)
                                                 : NULL;
      TestPeer *former = connect_fully (fixture, routing_id);
      g_autoptr (TestPeer) present = NULL;
      zmq_pollitem_t item = { plant_rpc_socket_get_handle (fixture->socket), 0, ZMQ_POLLIN, 0 };
      guint64 connection;

      test_peer_send_text (former, "", "former", NULL);
      g_assert_cmpint (zmq_poll (&item, 1, 30000), ==, 1);
      test_peer_free (former);
      present = connect_fully (fixture, routing_id);
      zmq_send (test_peer_get_socket (present), "", 0, ZMQ_SNDMORE);
      zmq_send (test_peer_get_socket (present), "present", 7, 0);

      connection = receive_text (fixture, "former");
      /* A reply to a number that libzmq gave can only go astray, never to another. */
      if (routing_id != NULL)
        g_assert_false (plant_rpc_connections_is_open (fixture->connections, connection));
      else
        g_assert_true (plant_rpc_connections_is_open (fixture->connections,
                                                      receive_text (fixture, "present")));
    }
}

/* A descriptor is another's already when left() is called for the one that had it before. */
static void
test_reused_before_farewell (Fixture       *fixture,
                             gconstpointer  data)
{
  for (guint i = 0; i < 20; i++)
    {
      TestPeer *former = test_peer_new (ZMQ_DEALER, fixture->url);
      g_autoptr (TestPeer) present = NULL;
      guint64 connection;

      test_peer_send_text (former, "", "former", NULL);
      connection = receive_text (fixture, "former");
      test_peer_free (former);
      test_wait_for (!plant_rpc_connections_is_open (fixture->connections, connection));
      present = connect_fully (fixture, NULL);
      g_assert_false (plant_rpc_connections_is_open (fixture->connections, connection));
      test_wait_until (has_left (fixture, connection));
      test_peer_send_text (present, "", "present", NULL);
      g_assert_true (plant_rpc_connections_is_open (fixture->connections,
                                                    receive_text (fixture, "present")));
    }
}

/* A stranger that was not let in leaves a descriptor to the next, whose messages could then be the
 * stranger's. A key that is revoked is not spared for that. */
static void
test_revoked_after_stranger (Fixture       *fixture,
                             gconstpointer  data)
{
  guint n_ended = 0;

  for (guint i = 0; i < 30; i++)
    {
      TestPeer *stranger = connect_fully (fixture, NULL);
      g_autoptr (TestPeer) present = NULL;
      guint64 connection;

      test_peer_free (stranger);
      present = connect_fully (fixture, NULL);
      plant_rpc_connections_end_key (fixture->connections, "key");
      test_peer_send_text (present, "", "present", NULL);
      connection = receive_text (fixture, "present");
      g_assert_true (plant_rpc_connections_is_open (fixture->connections, connection));
      plant_rpc_connections_end_key (fixture->connections, "key");
      n_ended += !plant_rpc_connections_is_open (fixture->connections, connection);
    }
  g_assert_cmpuint (n_ended, >, 0);
}

/* Of a large message only a small frame is kept, and it identifies the connection as well. */
static void
test_large (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, fixture->url);
  g_autofree char *text = g_strnfill (1024 * 1024, 'x');
  guint64 connection;

  largest_copied = 0;
  test_peer_send_text (peer, "", text, NULL);
  connection = receive_text (fixture, text);
  g_assert_true (plant_rpc_connections_is_open (fixture->connections, connection));
  g_assert_cmpuint (largest_copied, <=, 4096);
  test_peer_send_text (peer, "", "again", NULL);
  g_assert_cmpuint (receive_text (fixture, "again"), ==, connection);
}

static void
test_end (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, fixture->url);
  guint64 connection;

  test_peer_send_text (peer, "", "text", NULL);
  connection = receive (fixture, NULL);
  plant_rpc_connections_end (fixture->connections, connection);
  plant_rpc_connections_end (fixture->connections, connection + 1);
  g_assert_false (plant_rpc_connections_is_open (fixture->connections, connection));
  test_wait_until (has_left (fixture, connection));
}

/* ---- whether the other ends still acknowledge */

static void
test_pulses (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, fixture->url);
  guint64 connection;

  test_peer_send_text (peer, "", "text", NULL);
  connection = receive (fixture, NULL);
  g_assert_true (plant_rpc_connections_is_open (fixture->connections, connection));
  n_felt = 0;
  pulse = PLANT_RPC_PULSE_WAITING;
  plant_rpc_connections_note_sent (fixture->connections);
  test_wait_until (n_felt >= 3);
  g_assert_true (plant_rpc_connections_is_open (fixture->connections, connection));
  pulse = PLANT_RPC_PULSE_LOST;
  test_wait_until (has_left (fixture, connection));
  g_assert_false (plant_rpc_connections_is_open (fixture->connections, connection));
}

/* Something sent since the last look may not show yet, so one calm look is not enough. */
static void
test_calm (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_DEALER, fixture->url);

  test_peer_send_text (peer, "", "text", NULL);
  receive (fixture, NULL);
  for (guint i = 0; i < 2; i++)
    {
      n_felt = n_timers = 0;
      pulse = PLANT_RPC_PULSE_CALM;
      plant_rpc_connections_note_sent (fixture->connections);
      plant_rpc_connections_note_sent (fixture->connections);
      g_assert_cmpuint (n_timers, ==, 1);
      test_wait_until (n_felt == 2);
    }
}

/* ---- descriptors */

/* An address that opens too many connections loses its newest ones, and the process keeps spare
 * descriptors. */
static void
test_descriptors (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) honest = test_peer_new (ZMQ_DEALER, fixture->url);
  struct rlimit former, lower;
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (fixture->port) };
  int own[PLANT_RPC_SPARE_DESCRIPTORS / 2];
  guint64 connection;

  test_peer_send_text (honest, "", "text", NULL);
  connection = receive (fixture, NULL);
  getrlimit (RLIMIT_NOFILE, &former);
  lower = former;
  lower.rlim_cur = 256;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &lower), ==, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  /* The other ends of the connections are descriptors of this process too. */
  for (guint i = 0; i < 300; i++)
    {
      int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

      if (fd < 0)
        break;
      g_array_append_val (fds, fd);
      if (connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
        break;
      test_iterate ();
      if (fds->len > 120)
        {
          close (g_array_index (fds, int, 0));
          g_array_remove_index (fds, 0);
        }
    }
  test_wait_until (fixture->left->len > 0);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    test_wait_until ((own[i] = dup (0)) >= 0);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    close (own[i]);
  test_peer_send_text (honest, "", "again", NULL);
  g_assert_cmpuint (receive (fixture, NULL), ==, connection);
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));
  g_array_unref (fds);
  setrlimit (RLIMIT_NOFILE, &former);
}

/* ---- data that is not read */

/* Connects as a DEALER, with no more of ZMTP 3.0 than is needed. */
static int
connect_raw (guint16 port)
{
  static const guint8 greeting[64] = {
    0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, 'N', 'U', 'L', 'L'
  };
  static const char ready[] = "\4\34\5READY\13Socket-Type\0\0\0\6DEALER";
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
  guint8 answer[64];
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (send (fd, greeting, sizeof greeting, MSG_NOSIGNAL), ==, sizeof greeting);
  g_assert_cmpint (recv (fd, answer, sizeof answer, MSG_WAITALL), ==, sizeof answer);
  g_assert_cmpint (send (fd, ready, sizeof ready - 1, MSG_NOSIGNAL), ==, sizeof ready - 1);
  return fd;
}

#define BLOCK_SIZE (1024 * 1024)

/* Sends frames of a mebibyte with FLAGS, until the connection is ended or LIMIT have been sent.
 * Returns how many were sent. */
static guint
send_blocks (int    fd,
             guint8 flags,
             guint  limit)
{
  g_autofree guint8 *block = g_malloc0 (9 + BLOCK_SIZE);
  guint n = 0;

  block[0] = flags;
  block[6] = BLOCK_SIZE >> 16;
  for (; n < limit; n++)
    {
      gsize done = 0;

      while (done < 9 + BLOCK_SIZE)
        {
          gssize step = send (fd, block + done, 9 + BLOCK_SIZE - done, MSG_NOSIGNAL);

          if (step < 0)
            return n;
          done += step;
        }
    }
  return n;
}

typedef struct {
  int    fd;
  guint8 flags;
  guint  limit;
  gint   done; /* (atomic) */
  guint  n_sent;
} Flood;

static gpointer
flood (gpointer data)
{
  Flood *self = data;

  self->n_sent = send_blocks (self->fd, self->flags, self->limit);
  g_atomic_int_set (&self->done, TRUE);
  return NULL;
}

#define LONG_FRAME 2
#define MORE       1

static guint
drain (Fixture *fixture)
{
  guint n = 0;

  for (;;)
    {
      g_auto (PlantRpcFrames) frames = { 0 };

      if (!plant_rpc_socket_receive (fixture->socket, &frames))
        break;
      plant_rpc_connections_identify (fixture->connections, &frames);
      n++;
    }
  plant_rpc_connections_note_drained (fixture->connections);
  test_iterate ();
  return n;
}

/* A connection whose message never ends is ended. Another one is served meanwhile. */
static void
test_endless (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (TestPeer) honest = test_peer_new (ZMQ_DEALER, fixture->url);
  Flood evil = { connect_raw (fixture->port), LONG_FRAME | MORE, 4000 };
  GThread *thread = g_thread_new ("flood", flood, &evil);
  guint n_heard = 0, n_said = 0;

  while (!g_atomic_int_get (&evil.done))
    {
      if (n_heard == n_said)
        {
          test_peer_send_text (honest, "", "text", NULL);
          n_said++;
        }
      n_heard += drain (fixture);
    }
  g_thread_join (thread);
  g_assert_cmpuint (evil.n_sent, <, evil.limit);
  g_assert_cmpuint (evil.n_sent, >=, PLANT_RPC_MAX_REQUEST_SIZE / BLOCK_SIZE);
  test_wait_until ((n_heard += drain (fixture), n_heard >= n_said));
  close (evil.fd);
}

/* A connection may send any number of messages while they are read. */
static void
test_many_read (Fixture       *fixture,
                gconstpointer  data)
{
  Flood good = { connect_raw (fixture->port), LONG_FRAME, 700 };
  GThread *thread = g_thread_new ("flood", flood, &good);
  guint n = 0;

  test_wait_until ((n += drain (fixture), n == good.limit));
  g_thread_join (thread);
  g_assert_cmpuint (good.n_sent, ==, good.limit);
  close (good.fd);
}

/* Whole messages that are not read wait up to a limit. */
static void
test_unread (Fixture       *fixture,
             gconstpointer  data)
{
  int fd = connect_raw (fixture->port);
  guint n;

  test_wait_until (fixture->n_accepted == 1);
  n = send_blocks (fd, LONG_FRAME, 4000);
  g_assert_cmpuint (n, <, 4000);
  g_assert_cmpuint (n, >=, PLANT_RPC_MAX_UNREAD_REQUESTS / BLOCK_SIZE);
  close (fd);
}

/* If many connections together hold too much, the one with the most is ended. */
static void
test_unread_together (Fixture       *fixture,
                      gconstpointer  data)
{
  const guint n_each = PLANT_RPC_MAX_UNREAD_REQUESTS / BLOCK_SIZE / 2;
  int fds[6];

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = connect_raw (fixture->port);
  test_wait_until (fixture->n_accepted == G_N_ELEMENTS (fds));
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    send_blocks (fds[i], LONG_FRAME, n_each);
  /* Six times 128 MiB exceed the limit by 256 MiB. */
  test_wait_until (fixture->left->len >= 2);
  g_assert_cmpuint (fixture->left->len, <, G_N_ELEMENTS (fds));
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

#define ADD(name, function) \
  g_test_add ("/connections/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("identify", test_identify);
  ADD ("claimed", test_claimed);
  ADD ("late", test_late);
  ADD ("reused", test_reused);
  g_test_add ("/connections/reused/routing-id", Fixture, "camera", set_up, test_reused, tear_down);
  /* As long as one that libzmq gives. */
  g_test_add ("/connections/reused/routing-id-of-5", Fixture, "cam", set_up, test_reused,
              tear_down);
  ADD ("reused/before-farewell", test_reused_before_farewell);
  ADD ("reused/revoked", test_revoked_after_stranger);
  ADD ("large", test_large);
  ADD ("end", test_end);
  ADD ("pulses", test_pulses);
  ADD ("calm", test_calm);
  ADD ("descriptors", test_descriptors);
  /* A sanitizer makes the thread that fills the memory too slow for these. */
#ifndef __SANITIZE_ADDRESS__
  ADD ("endless", test_endless);
  ADD ("many-read", test_many_read);
  ADD ("unread", test_unread);
  ADD ("unread-together", test_unread_together);
#endif
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-connections-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-generation2-publisher-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-wait.h"

/* ---- counts the connections that have left: the linker replaces the function that watches them */

PlantRpcConnections *
__real_plant_rpc_connections_new (PlantRpcSocket                  *socket,
                                  gsize                            max_frame,
                                  GMainContext                    *context,
                                  const PlantRpcConnectionsFuncs  *funcs,
                                  gpointer                         owner,
                                  GError                         **error);
PlantRpcConnections *
__wrap_plant_rpc_connections_new (PlantRpcSocket                  *socket,
                                  gsize                            max_frame,
                                  GMainContext                    *context,
                                  const PlantRpcConnectionsFuncs  *funcs,
                                  gpointer                         owner,
                                  GError                         **error);

static void (*tell_left) (gpointer owner, guint64 connection);
static guint n_left;

static void
on_left (gpointer owner,
         guint64  connection)
{
  n_left++;
  tell_left (owner, connection);
}

PlantRpcConnections *
__wrap_plant_rpc_connections_new (PlantRpcSocket                  *socket,
                                  gsize                            max_frame,
                                  GMainContext                    *context,
                                  const PlantRpcConnectionsFuncs  *funcs,
                                  gpointer                         owner,
                                  GError                         **error)
{
  const PlantRpcConnectionsFuncs own = { .accepted = funcs->accepted, .left = on_left };

  tell_left = funcs->left;
  return __real_plant_rpc_connections_new (socket, max_frame, context, &own, owner, error);
}

/* ---- counts the messages that are read: the linker replaces this function too */

guint64 __real_plant_rpc_connections_identify (PlantRpcConnections  *self,
                                               const PlantRpcFrames *frames);
guint64 __wrap_plant_rpc_connections_identify (PlantRpcConnections  *self,
                                               const PlantRpcFrames *frames);

static guint n_read;

guint64
__wrap_plant_rpc_connections_identify (PlantRpcConnections  *self,
                                       const PlantRpcFrames *frames)
{
  n_read++;
  return __real_plant_rpc_connections_identify (self, frames);
}

/* ---- counts what is noted as sent, since only then it is checked whether the other end
 * acknowledges: the linker replaces the function */

void __real_plant_rpc_connections_note_sent (PlantRpcConnections *self);
void __wrap_plant_rpc_connections_note_sent (PlantRpcConnections *self);

static guint n_noted;

void
__wrap_plant_rpc_connections_note_sent (PlantRpcConnections *self)
{
  n_noted++;
  __real_plant_rpc_connections_note_sent (self);
}

/* ---- a publisher that knows one signal */

typedef struct {
  PlantRpcGeneration2Publisher *publisher; /* (owned) */
  char                         *url;       /* (owned): where it publishes */
} Fixture;

static gboolean
knows_signal (gpointer    owner,
              const char *name)
{
  return g_str_equal (name, "pinged");
}

static PlantRpcGeneration2Publisher *
publish (const char  *url,
         GError     **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, NULL);

  return plant_rpc_generation2_publisher_new (endpoint, g_main_context_default (), knows_signal,
                                              NULL, error);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->publisher = publish ("tcp://127.0.0.1:1", &error);
  g_assert_no_error (error);
  self->url = g_strdup_printf ("tcp://127.0.0.1:%u",
                               plant_rpc_generation2_publisher_get_port (self->publisher));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->publisher, plant_rpc_generation2_publisher_free);
  g_free (self->url);
}

static gboolean
is_heard (Fixture *self)
{
  return plant_rpc_generation2_publisher_is_heard (self->publisher);
}

/* Connects a peer that sends subscriptions as messages of its own. */
static TestPeer *
connect_raw (Fixture *self)
{
  return test_peer_new (ZMQ_XSUB, self->url);
}

static void
send_raw (TestPeer   *peer,
          const char *data,
          gsize       size)
{
  test_wait_until (zmq_send (test_peer_get_socket (peer), data, size, ZMQ_DONTWAIT) >= 0);
}

static void
push (Fixture    *self,
      const char *text)
{
  g_autoptr (GBytes) payload = g_bytes_new_static (text, strlen (text));

  plant_rpc_generation2_publisher_push (self->publisher, payload);
}

static void
expect (TestPeer   *peer,
        const char *text)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (peer);
  g_autofree char *received = test_frame_dup_text (frames, 0);

  g_assert_cmpuint (frames->len, ==, 1);
  g_assert_cmpstr (received, ==, text);
}

/* ---- tests */

/* A subscription counts as soon as it has arrived, also while the main loop does not run. */
static void
test_heard (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (TestPeer) peer = NULL;

  g_assert_false (is_heard (self));
  peer = test_peer_new (ZMQ_SUB, self->url);
  test_wait_for (is_heard (self));
  n_noted = 0;
  push (self, "{}");
  g_assert_cmpuint (n_noted, ==, 1);
  expect (peer, "{}");
  g_clear_pointer (&peer, test_peer_free);
  test_wait_until (!is_heard (self));
}

/* Two that ask for the same are two, so it is heard until the second one goes, too. */
static void
test_same_topic (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr (TestPeer) first = test_peer_new (ZMQ_SUB, self->url);
  g_autoptr (TestPeer) second = NULL;

  n_left = 0;
  test_wait_until (is_heard (self));
  second = test_peer_new (ZMQ_SUB, self->url);
  do
    push (self, "{1}");
  while ((test_iterate (), zmq_recv (test_peer_get_socket (second), NULL, 0, ZMQ_DONTWAIT) < 0));
  g_clear_pointer (&first, test_peer_free);
  test_wait_until (n_left == 1);
  g_assert_true (is_heard (self));
  g_clear_pointer (&second, test_peer_free);
  test_wait_until (!is_heard (self));
}

/* One that cancels a topic may have others, so it counts until it goes. */
static void
test_cancelled (Fixture       *self,
                gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_raw (self);

  send_raw (peer, "\1pinged", 7);
  test_wait_until (is_heard (self));
  send_raw (peer, "\1", 1);
  send_raw (peer, "\0pinged", 7);
  do
    push (self, "{2}");
  while ((test_iterate (), zmq_recv (test_peer_get_socket (peer), NULL, 0, ZMQ_DONTWAIT) < 0));
  g_assert_true (is_heard (self));
  g_clear_pointer (&peer, test_peer_free);
  test_wait_until (!is_heard (self));
}

static const struct {
  const char *data;
  gsize       size;
} unwelcome[] = {
  { "", 0 },
  { "\2", 1 },
  { "\2pinged", 7 },
  { "\1ping", 5 },
  { "\1pinged\0", 8 },
  { "\1pinged\0x", 9 },
  { "\1\0", 2 },
};

/* What is no subscription, or one that only takes memory, ends the connection and never counts. */
static void
test_unwelcome (Fixture       *self,
                gconstpointer  data)
{
  for (guint i = 0; i < G_N_ELEMENTS (unwelcome); i++)
    {
      g_autoptr (TestPeer) peer = connect_raw (self);
      void *events = test_peer_watch (peer, ZMQ_EVENT_DISCONNECTED);

      g_test_message ("%u", i);
      /* It has no effect while it could be of a connection that had the descriptor before. */
      test_wait_until ((zmq_send (test_peer_get_socket (peer), unwelcome[i].data,
                                  unwelcome[i].size, ZMQ_DONTWAIT),
                        test_peer_has_event (events)));
      g_assert_false (is_heard (self));
      zmq_close (events);
    }
}

/* However many subscriptions have come, a signal is not held up by reading them all. */
static void
test_batch (Fixture       *self,
            gconstpointer  data)
{
  TestPeer *peers[16];
  guint n_total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      void *events;

      peers[i] = test_peer_new (ZMQ_XSUB, NULL);
      events = test_peer_watch (peers[i], ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
      g_assert_cmpint (zmq_connect (test_peer_get_socket (peers[i]), self->url), ==, 0);
      for (guint j = 0; j < 16; j++)
        send_raw (peers[i], "\1pinged", 7);
      test_wait_for (test_peer_has_event (events));
      zmq_close (events);
    }
  while (n_total < 16 * G_N_ELEMENTS (peers))
    {
      n_read = 0;
      is_heard (self);
      g_assert_cmpuint (n_read, <=, PLANT_RPC_SOURCE_BATCH);
      n_total += n_read;
    }
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    test_peer_free (peers[i]);
}

/* Of a burst a subscriber that does not read loses what goes beyond the limit, and nothing before
 * it. */
static void
test_burst (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (TestPeer) peer = test_peer_new (ZMQ_SUB, NULL);
  const guint n_pushed = 2 * PLANT_RPC_MAX_PUBLISHED;
  const int one = 1, small = 4096;
  g_autofree char *text = g_strnfill (4096, 'x');
  guint n_received = 0;
  char end[5];
  int size;

  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_RCVHWM, &one, sizeof one);
  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_RCVBUF, &small, sizeof small);
  g_assert_cmpint (zmq_connect (test_peer_get_socket (peer), self->url), ==, 0);
  test_wait_until (is_heard (self));
  for (guint i = 0; i < n_pushed; i++)
    push (self, text);
  while ((size = zmq_recv (test_peer_get_socket (peer), end, sizeof end, ZMQ_DONTWAIT)) != 3)
    {
      if (size == 4096)
        n_received++;
      else
        push (self, "end");
    }
  g_assert_cmpuint (n_received, >=, PLANT_RPC_MAX_PUBLISHED);
  g_assert_cmpuint (n_received, <, n_pushed);
}

/* Its port is free again after it. */
static void
test_freed (Fixture       *self,
            gconstpointer  data)
{
  guint16 port = plant_rpc_generation2_publisher_get_port (self->publisher);
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_PAIR, NULL);

  g_assert_false (plant_rpc_socket_bind (socket, url, NULL));
  g_clear_pointer (&self->publisher, plant_rpc_generation2_publisher_free);
  test_wait_until (plant_rpc_socket_bind (socket, url, NULL));
}

/* The port is always a free one, on the host of the server; ipc has none. */
static void
test_place (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (plant_rpc_generation2_publisher_get_port (self->publisher), >, 1);
  g_assert_null (publish ("ipc://@plantrpc-test-generation2", &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_null (publish ("tcp://203.0.113.1:5000", &error));
  g_assert_true (error->domain == G_IO_ERROR);
}

#define ADD(name, function) \
  g_test_add ("/generation2-publisher/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("heard", test_heard);
  ADD ("same-topic", test_same_topic);
  ADD ("cancelled", test_cancelled);
  ADD ("unwelcome", test_unwelcome);
  ADD ("batch", test_batch);
  ADD ("burst", test_burst);
  ADD ("freed", test_freed);
  ADD ("place", test_place);
  return g_test_run ();
}

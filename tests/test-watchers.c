/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-test-endpoint.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-watchers-private.h"

void __real_plant_rpc_connections_note_sent (PlantRpcConnections *self);
void __wrap_plant_rpc_connections_note_sent (PlantRpcConnections *self);

static guint n_noted; /* how often was told that something has been sent */

void
__wrap_plant_rpc_connections_note_sent (PlantRpcConnections *self)
{
  n_noted++;
  __real_plant_rpc_connections_note_sent (self);
}

typedef struct {
  PlantRpcSocket      *socket;
  PlantRpcConnections *connections;
  PlantRpcWatchers    *watchers;
  char                *url;
} Fixture;

static void
on_left (gpointer owner,
         guint64  connection)
{
  Fixture *self = owner;

  plant_rpc_watchers_leave (self->watchers, connection);
}

static const PlantRpcConnectionsFuncs funcs = { .left = on_left };

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  self->socket = plant_rpc_socket_new (ZMQ_ROUTER, NULL);
  plant_rpc_socket_set_int (self->socket, ZMQ_ROUTER_MANDATORY, 1);
  plant_rpc_socket_set_int (self->socket, ZMQ_SNDHWM, 2);
  plant_rpc_socket_set_int (self->socket, ZMQ_SNDBUF, 4096);
  self->connections =
      plant_rpc_connections_new (self->socket, PLANT_RPC_MAX_REGISTRY_FRAME,
                                 g_main_context_default (), &funcs, self, NULL);
  g_assert_true (plant_rpc_socket_bind (self->socket, "tcp://127.0.0.1:*", NULL));
  self->url = test_dup_endpoint (self->socket);
  self->watchers = plant_rpc_watchers_new (self->socket, self->connections);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_watchers_free (self->watchers);
  plant_rpc_connections_free (self->connections);
  plant_rpc_socket_free (self->socket);
  g_free (self->url);
}

/* Returns a peer that has sent a message, and fills the envelope of that message. */
static TestPeer *
meet (Fixture          *self,
      PlantRpcEnvelope *envelope)
{
  g_auto (PlantRpcFrames) frames = { 0 };
  TestPeer *peer = test_peer_new (ZMQ_DEALER, NULL);
  int few = 2, small = 4096;
  guint payload_index;

  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_RCVHWM, &few, sizeof few);
  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_RCVBUF, &small, sizeof small);
  g_assert_cmpint (zmq_connect (test_peer_get_socket (peer), self->url), ==, 0);
  test_peer_send_text (peer, "", "hello", NULL);
  test_wait_until (plant_rpc_socket_receive (self->socket, &frames));
  g_assert_true (plant_rpc_frames_split (&frames, envelope, &payload_index));
  envelope->connection = plant_rpc_connections_identify (self->connections, &frames);
  g_assert_cmpuint (envelope->connection, >, 0);
  return peer;
}

/* Fills the envelope of a peer that does not exist. */
static void
imagine (PlantRpcEnvelope *envelope,
         guint32           number)
{
  plant_rpc_envelope_init (envelope);
  plant_rpc_envelope_append (envelope, &number, sizeof number);
  plant_rpc_envelope_append (envelope, NULL, 0);
}

static void
push (Fixture    *self,
      const char *text)
{
  g_autoptr (GBytes) payload = g_bytes_new (text, strlen (text));

  plant_rpc_watchers_push (self->watchers, payload);
}

static void
expect (TestPeer   *peer,
        const char *text)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (peer);
  g_autofree char *got = test_frame_dup_text (frames, frames->len - 1);

  g_assert_cmpstr (got, ==, text);
}

static gboolean
add (Fixture                *self,
     const PlantRpcEnvelope *envelope,
     gint64                  now)
{
  return plant_rpc_watchers_add (self->watchers, envelope, NULL, now, NULL);
}

static void
test_push (Fixture       *self,
           gconstpointer  data)
{
  PlantRpcEnvelope envelopes[2];
  g_autoptr (TestPeer) first = meet (self, &envelopes[0]);
  g_autoptr (TestPeer) second = meet (self, &envelopes[1]);

  n_noted = 0;
  push (self, "nobody hears this");
  g_assert_cmpuint (n_noted, ==, 0);
  g_assert_true (add (self, &envelopes[0], 0));
  g_assert_true (add (self, &envelopes[1], 0));
  /* The same peer may watch again. */
  g_assert_true (add (self, &envelopes[0], 0));
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 2);
  push (self, "a");
  push (self, "b");
  /* So a watcher that does not acknowledge them is found. */
  g_assert_cmpuint (n_noted, ==, 2);
  expect (first, "a");
  expect (second, "a");
  expect (first, "b");
  expect (second, "b");
}

static void
test_lease (Fixture       *self,
            gconstpointer  data)
{
  PlantRpcEnvelope envelopes[2];
  g_autoptr (TestPeer) first = meet (self, &envelopes[0]);
  g_autoptr (TestPeer) second = meet (self, &envelopes[1]);

  g_assert_true (add (self, &envelopes[0], 0));
  g_assert_true (add (self, &envelopes[1], 0));
  g_assert_true (add (self, &envelopes[1], 10));
  plant_rpc_watchers_look_after (self->watchers, PLANT_RPC_WATCH_LEASE - 1);
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 2);
  plant_rpc_watchers_look_after (self->watchers, PLANT_RPC_WATCH_LEASE);
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 1);
  push (self, "a");
  expect (second, "a");
  plant_rpc_watchers_look_after (self->watchers, PLANT_RPC_WATCH_LEASE + 10);
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 0);
}

static void
test_leave (Fixture       *self,
            gconstpointer  data)
{
  PlantRpcEnvelope envelope;

  for (guint i = 0; i < 6; i++)
    {
      imagine (&envelope, i);
      envelope.connection = i % 3;
      g_assert_true (add (self, &envelope, 0));
    }
  plant_rpc_watchers_leave (self->watchers, 7);
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 6);
  plant_rpc_watchers_leave (self->watchers, 1);
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 4);
}

/* A watcher has left, and nothing has reported it. */
static void
test_unreachable (Fixture       *self,
                  gconstpointer  data)
{
  PlantRpcEnvelope envelope, gone;
  g_autoptr (TestPeer) peer = meet (self, &envelope);

  imagine (&gone, 5);
  gone.connection = envelope.connection;
  g_assert_true (add (self, &gone, 0));
  g_assert_true (add (self, &envelope, 0));
  push (self, "a");
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 1);
  expect (peer, "a");
}

/* The same routing id on a closed connection now belongs to another peer. */
static void
test_claimed (Fixture       *self,
              gconstpointer  data)
{
  PlantRpcEnvelope envelope, former;
  g_autoptr (TestPeer) peer = meet (self, &envelope);

  former = envelope;
  former.connection = 1000;
  g_assert_true (add (self, &former, 0));
  push (self, "for somebody else");
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 0);
  g_assert_true (add (self, &envelope, 0));
  push (self, "a");
  expect (peer, "a");
}

static void
test_disconnected (Fixture       *self,
                   gconstpointer  data)
{
  PlantRpcEnvelope envelope;
  TestPeer *peer = meet (self, &envelope);

  g_assert_true (add (self, &envelope, 0));
  test_peer_free (peer);
  test_wait_until (plant_rpc_watchers_count (self->watchers) == 0);
}

/* A slow watcher gets the last push when it reads again, and sees from its serial that it missed
 * some. */
static void
test_slow (Fixture       *self,
           gconstpointer  data)
{
  PlantRpcEnvelope envelope;
  g_autoptr (TestPeer) peer = meet (self, &envelope);
  g_autofree char *long_text = g_strnfill (100000, 'x');
  g_autofree char *got = NULL;

  g_assert_true (add (self, &envelope, 0));
  for (guint i = 0; i < 500; i++)
    push (self, long_text);
  push (self, "last");
  g_assert_cmpuint (plant_rpc_watchers_count (self->watchers), ==, 1);
  while (g_strcmp0 (got, "last") != 0)
    {
      g_autoptr (GPtrArray) frames = NULL;

      plant_rpc_watchers_look_after (self->watchers, 1);
      frames = test_peer_receive (peer);
      g_free (got);
      got = test_frame_dup_text (frames, frames->len - 1);
    }
  /* It has caught up. */
  plant_rpc_watchers_look_after (self->watchers, 1);
  push (self, "next");
  expect (peer, "next");
}

static void
test_limits (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  PlantRpcEnvelope envelope;
  guint32 n = 0;

  for (guint i = 0; i < PLANT_RPC_MAX_WATCHERS_OF_PEER; i++)
    {
      imagine (&envelope, n++);
      g_assert_true (plant_rpc_watchers_add (self->watchers, &envelope, "10.0.0.1", 0, NULL));
    }
  imagine (&envelope, n);
  g_assert_false (plant_rpc_watchers_add (self->watchers, &envelope, "10.0.0.1", 0, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "From 10.0.0.1 the registry has 100 watchers"));
  g_clear_error (&error);
  g_assert_true (plant_rpc_watchers_add (self->watchers, &envelope, "10.0.0.2", 0, NULL));

  while (plant_rpc_watchers_count (self->watchers) < PLANT_RPC_MAX_WATCHERS)
    {
      imagine (&envelope, ++n);
      g_assert_true (add (self, &envelope, 0));
    }
  imagine (&envelope, n + 1);
  g_assert_false (plant_rpc_watchers_add (self->watchers, &envelope, NULL, 0, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "has 1000 watchers already"));
  /* A peer that watches already may renew its lease. */
  imagine (&envelope, 0);
  g_assert_true (plant_rpc_watchers_add (self->watchers, &envelope, "10.0.0.1", 0, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add ("/watchers/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("push", test_push);
  ADD ("lease", test_lease);
  ADD ("leave", test_leave);
  ADD ("unreachable", test_unreachable);
  ADD ("claimed", test_claimed);
  ADD ("disconnected", test_disconnected);
  ADD ("slow", test_slow);
  ADD ("limits", test_limits);
  return g_test_run ();
}

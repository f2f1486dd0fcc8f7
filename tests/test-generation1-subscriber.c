/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-generation1-subscriber-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-peer.h"

/* ---- a client of generation 1, and what the server keeps of it */

typedef struct {
  TestPeer                      *receiver;   /* (owned): the client */
  guint16                        port;       /* on which it listens */
  GBytes                        *peer;       /* (owned): who asked for the signals */
  PlantRpcGeneration1Subscriber *subscriber; /* (owned) (nullable) */
} Fixture;

static void
on_gone (gpointer                       owner,
         PlantRpcGeneration1Subscriber *subscriber)
{
  Fixture *self = owner;

  g_assert_true (subscriber == self->subscriber);
  g_clear_pointer (&self->subscriber, plant_rpc_generation1_subscriber_free);
}

static PlantRpcGeneration1Subscriber *
subscribe (Fixture     *self,
           const char  *address,
           GError     **error)
{
  return plant_rpc_generation1_subscriber_new (address, self->port, self->peer,
                                               g_main_context_default (), on_gone, self, error);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  self->receiver = test_peer_new (ZMQ_REP, NULL);
  self->port = test_peer_bind (self->receiver);
  self->peer = g_bytes_new_static ("peer", 4);
  self->subscriber = subscribe (self, "127.0.0.1", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->subscriber, plant_rpc_generation1_subscriber_free);
  g_bytes_unref (self->peer);
  test_peer_free (self->receiver);
}

static gboolean
push (Fixture *self,
      gsize    size)
{
  g_autoptr (GBytes) payload = g_bytes_new_take (g_malloc0 (size), size);

  return plant_rpc_generation1_subscriber_push (self->subscriber, payload);
}

static gsize
get_unacknowledged (Fixture *self)
{
  return plant_rpc_generation1_subscriber_get_unacknowledged (self->subscriber);
}

/* The next signal has that size. */
static void
expect (Fixture *self,
        gsize    size)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (self->receiver);

  g_assert_cmpuint (frames->len, ==, 1);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (frames, 0)), ==, size);
}

/* ---- tests */

/* A signal counts, with what libzmq needs for it, until the client has acknowledged it. */
static void
test_unacknowledged (Fixture       *self,
                     gconstpointer  data)
{
  gsize first, both;

  g_assert_true (push (self, 100));
  first = get_unacknowledged (self);
  g_assert_cmpuint (first, >, 100);
  g_assert_true (push (self, 5));
  both = get_unacknowledged (self);
  g_assert_cmpuint (both, ==, 2 * first - 95);
  expect (self, 100);
  test_peer_send_text (self->receiver, "", NULL);
  test_wait_until (get_unacknowledged (self) == both - first);
  expect (self, 5);
  test_peer_send_text (self->receiver, "", NULL);
  test_wait_until (get_unacknowledged (self) == 0);
}

/* The oldest signal may have any size. Those behind it may have as much as the limit together. */
static void
test_limit (Fixture       *self,
            gconstpointer  data)
{
  gsize overhead;

  g_assert_true (push (self, 1));
  overhead = get_unacknowledged (self) - 1;
  g_assert_true (push (self, PLANT_RPC_MAX_UNACKNOWLEDGED - overhead - 2 * (overhead + 10)));
  g_assert_true (push (self, 10));
  g_assert_true (push (self, 10));
  g_assert_cmpuint (get_unacknowledged (self), ==, PLANT_RPC_MAX_UNACKNOWLEDGED + overhead + 1);
  g_assert_false (push (self, 0));
}

/* An acknowledgement of a client is short. A long one ends its connection. */
static void
test_long_acknowledgement (Fixture       *self,
                           gconstpointer  data)
{
  g_autofree char *most = g_strnfill (PLANT_RPC_MAX_ACKNOWLEDGEMENT, 'x');
  g_autofree char *more = g_strnfill (PLANT_RPC_MAX_ACKNOWLEDGEMENT + 1, 'x');

  g_assert_true (push (self, 1));
  expect (self, 1);
  test_peer_send_text (self->receiver, most, NULL);
  test_wait_until (get_unacknowledged (self) == 0);
  g_assert_true (push (self, 1));
  expect (self, 1);
  test_peer_send_text (self->receiver, more, NULL);
  test_wait_until (self->subscriber == NULL);
}

/* A client that asks again, or another one at its address, takes the place of the former. */
static void
test_matches (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (GBytes) other = g_bytes_new_static ("other", 5);
  const guint16 other_port = self->port ^ 1;

  g_assert_true (plant_rpc_generation1_subscriber_matches (self->subscriber, "127.0.0.1",
                                                           self->port, self->peer));
  g_assert_true (plant_rpc_generation1_subscriber_matches (self->subscriber, "127.0.0.1",
                                                           self->port, other));
  g_assert_true (plant_rpc_generation1_subscriber_matches (self->subscriber, "127.0.0.1",
                                                           other_port, self->peer));
  g_assert_true (plant_rpc_generation1_subscriber_matches (self->subscriber, "nonsense", other_port,
                                                           self->peer));
  g_assert_false (plant_rpc_generation1_subscriber_matches (self->subscriber, "127.0.0.1",
                                                            other_port, other));
  g_assert_false (plant_rpc_generation1_subscriber_matches (self->subscriber, "127.0.0.2",
                                                            self->port, other));
  g_assert_false (plant_rpc_generation1_subscriber_matches (self->subscriber, "nonsense",
                                                            self->port, other));
}

static void
test_ipv6 (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (TestPeer) receiver = test_peer_new (ZMQ_REP, NULL);
  char url[256];
  gsize length = sizeof url;

  g_assert_cmpint (zmq_bind (test_peer_get_socket (receiver), "tcp://[::1]:*"), ==, 0);
  g_assert_cmpint (zmq_getsockopt (test_peer_get_socket (receiver), ZMQ_LAST_ENDPOINT, url,
                                   &length), ==, 0);
  self->port = g_ascii_strtoull (strrchr (url, ':') + 1, NULL, 10);
  g_clear_pointer (&self->subscriber, plant_rpc_generation1_subscriber_free);
  self->subscriber = subscribe (self, "::1", NULL);
  g_assert_nonnull (self->subscriber);
  g_assert_true (push (self, 7));
  g_clear_pointer (&self->receiver, test_peer_free);
  self->receiver = g_steal_pointer (&receiver);
  expect (self, 7);
}

static void
test_bad_addresses (Fixture       *self,
                    gconstpointer  data)
{
  static const char *const addresses[] = {
    "", "localhost", "0.0.0.0", "::", "224.0.0.1", "239.255.255.255", "ff02::1", "::ffff:0.0.0.0",
    "::ffff:224.0.0.1", "127.0.0.1:1", "[::1]", "*",
  };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", addresses[i]);
      g_assert_null (subscribe (self, addresses[i], &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
    }
}

/* Its connection ends with it. */
static void
test_freed (Fixture       *self,
            gconstpointer  data)
{
  void *events = test_peer_watch (self->receiver, ZMQ_EVENT_DISCONNECTED);

  push (self, 10);
  expect (self, 10);
  g_assert_false (test_peer_has_event (events));
  g_clear_pointer (&self->subscriber, plant_rpc_generation1_subscriber_free);
  test_wait_until (test_peer_has_event (events));
  zmq_close (events);
}

#define ADD(name, function) \
  g_test_add ("/generation1-subscriber/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("unacknowledged", test_unacknowledged);
  ADD ("limit", test_limit);
  ADD ("long-acknowledgement", test_long_acknowledgement);
  ADD ("matches", test_matches);
  ADD ("ipv6", test_ipv6);
  ADD ("bad-addresses", test_bad_addresses);
  ADD ("freed", test_freed);
  return g_test_run ();
}

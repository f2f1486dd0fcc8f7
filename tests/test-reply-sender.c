/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-reply-sender-private.h"
#include "plant-rpc-test-peer.h"

/* ---- returning memory to the system, without the seconds in between: the linker replaces the
 * functions */

int __wrap_malloc_trim (gsize pad);

static guint n_trimmed;

int
__wrap_malloc_trim (gsize pad)
{
  n_trimmed++;
  return 0;
}

GSource *__real_g_timeout_source_new (guint interval);
GSource *__wrap_g_timeout_source_new (guint interval);

GSource *
__wrap_g_timeout_source_new (guint interval)
{
  return __real_g_timeout_source_new (MIN (interval, 10));
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

/* ---- a router that may hold little, and a peer that has asked something */

#define MAX_UNREAD (1024 * 1024)

typedef struct {
  PlantRpcEndpoint *endpoint;
  PlantRpcRouter   *router;
  TestPeer         *peer;
  PlantRpcEnvelope  envelope; /* of the peer's last message */
  guint             n_received;
  guint             n_left;
} Fixture;

static void
on_received (gpointer         owner,
             PlantRpcArrived *arrived)
{
  Fixture *self = owner;

  self->envelope = *arrived->envelope;
  self->n_received++;
}

static void
on_left (gpointer owner,
         guint64  connection)
{
  ((Fixture *) owner)->n_left++;
}

static void
on_connected (gpointer    owner,
              const char *address)
{
}

static gsize
give_nothing (gpointer owner,
              guint64  connection)
{
  return 0;
}

static const PlantRpcRouterFuncs funcs = {
  .received = on_received,
  .left = on_left,
  .connected = on_connected,
  .give_way = give_nothing,
};

static void
ask (Fixture *self)
{
  const guint n_received = self->n_received;

  test_peer_send_text (self->peer, "12345678", "", "x", NULL);
  test_wait_until (self->n_received > n_received);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;
  const gsize limit = data != NULL ? 2 * PLANT_RPC_MAX_UNREAD : MAX_UNREAD;

  self->endpoint = plant_rpc_endpoint_parse ("tcp://127.0.0.1:*", &error);
  self->router = plant_rpc_router_new (self->endpoint, NULL, g_main_context_default (), limit,
                                       &funcs, self, &error);
  g_assert_no_error (error);
  url = plant_rpc_endpoint_print (self->endpoint, plant_rpc_router_get_port (self->router));
  self->peer = test_peer_new (ZMQ_DEALER, url);
  ask (self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  test_peer_free (self->peer);
  g_clear_pointer (&self->router, plant_rpc_router_free);
  plant_rpc_endpoint_free (self->endpoint);
}

static void
answer (Fixture *self,
        GBytes  *buffer)
{
  g_auto (PlantRpcReply) reply = {
    .value = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}")),
    .buffer = g_bytes_ref (buffer),
  };

  plant_rpc_reply_sender_send (&reply, self->router, &self->envelope, PLANT_RPC_FORMAT_NATIVE,
                               PLANT_RPC_EVENT_METHOD_CALL);
}

static void
take_reply (Fixture       *self,
            PlantRpcReply *reply)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (self->peer);

  test_peer_take_reply (frames, G_GUINT64_CONSTANT (0x3837363534333231),
                        PLANT_RPC_EVENT_METHOD_CALL, reply);
}

static GBytes *
new_buffer (gsize size)
{
  return g_bytes_new_take (g_malloc0 (size), size);
}

/* A peer for which nothing is held gets a reply of any size. */
static void
test_first (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GBytes) buffer = new_buffer (4 * MAX_UNREAD);

  for (guint i = 0; i < 2; i++)
    {
      g_auto (PlantRpcReply) reply = { 0 };

      test_wait_until (plant_rpc_holdings_get (plant_rpc_router_get_holdings (self->router),
                                               self->envelope.connection) == 0);
      answer (self, buffer);
      take_reply (self, &reply);
      g_assert_no_error (reply.error);
      g_assert_cmpuint (g_bytes_get_size (reply.buffer), ==, 4 * MAX_UNREAD);
    }
}

/* While something large is held for it, one that does not fit becomes an error, without a buffer. A
 * small one is sent in any case. */
static void
test_refused (Fixture       *self,
              gconstpointer  data)
{
  PlantRpcHoldings *holdings = plant_rpc_router_get_holdings (self->router);
  g_autoptr (GBytes) large = new_buffer (MAX_UNREAD), small = new_buffer (10);
  g_auto (PlantRpcReply) refused = { 0 }, sent = { 0 };

  plant_rpc_holdings_add (holdings, self->envelope.connection, MAX_UNREAD / 2);
  answer (self, large);
  take_reply (self, &refused);
  g_assert_error (refused.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  g_assert_null (refused.buffer);
  answer (self, small);
  take_reply (self, &sent);
  g_assert_no_error (sent.error);
  g_assert_cmpuint (g_bytes_get_size (sent.buffer), ==, 10);
}

/* That is also so where others leave room, once so much is held for it. */
static void
test_unread (Fixture       *self,
             gconstpointer  data)
{
  PlantRpcHoldings *holdings = plant_rpc_router_get_holdings (self->router);
  const guint64 connection = self->envelope.connection;
  g_autoptr (GBytes) large = new_buffer (MAX_UNREAD);
  g_auto (PlantRpcReply) sent = { 0 }, refused = { 0 };

  plant_rpc_holdings_add (holdings, connection, PLANT_RPC_MAX_UNREAD);
  answer (self, large);
  take_reply (self, &sent);
  g_assert_no_error (sent.error);
  test_wait_until (plant_rpc_holdings_get (holdings, connection) == PLANT_RPC_MAX_UNREAD);
  plant_rpc_holdings_add (holdings, connection, 1);
  answer (self, large);
  take_reply (self, &refused);
  g_assert_error (refused.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

/* A reply belongs to the connection that asked. Nobody gets it once that has ended, not even a peer
 * with the same routing id. */
static void
test_gone (Fixture       *self,
           gconstpointer  data)
{
  g_autoptr (GBytes) secret = new_buffer (10), own = new_buffer (20);
  g_auto (PlantRpcReply) reply = { 0 };

  n_noted = 0;
  self->envelope.connection += 1000;
  answer (self, secret);
  g_assert_cmpuint (n_noted, ==, 0);
  self->envelope.connection -= 1000;
  answer (self, own);
  g_assert_cmpuint (n_noted, ==, 1);
  take_reply (self, &reply);
  g_assert_cmpuint (g_bytes_get_size (reply.buffer), ==, 20);
}

#define LARGE ((gsize) 16 * 1024 * 1024) /* for which memory is returned */

/* Holds that many bytes for the peer, which leaves. */
static void
leave (Fixture *self,
       gsize    size)
{
  g_autofree char *url =
      plant_rpc_endpoint_print (self->endpoint, plant_rpc_router_get_port (self->router));

  plant_rpc_holdings_add (plant_rpc_router_get_holdings (self->router), self->envelope.connection,
                          size);
  self->n_left = 0;
  test_peer_free (self->peer);
  test_wait_until (self->n_left > 0);
  self->peer = test_peer_new (ZMQ_DEALER, url);
  ask (self);
}

/* What was held for a peer that leaves is freed, and the memory returned, a few times, since libzmq
 * is still at it the first time. Small amounts add up. */
static void
test_trim (Fixture       *self,
           gconstpointer  data)
{
  n_trimmed = 0;
  leave (self, LARGE);
  test_wait_until (n_trimmed == 3);
  leave (self, LARGE - 1);
  g_assert_cmpuint (n_trimmed, ==, 3);
  leave (self, 1);
  test_wait_until (n_trimmed == 6);
}

static void
count_release (gpointer data)
{
  guint *n = data;

  (*n)++;
}

/* What waits for a peer that does not read is let go of with the router. */
static void
test_waiting (Fixture       *self,
              gconstpointer  data)
{
  g_autofree char *text = g_strnfill (4000, 'x');
  guint n_sent = 0, n_released = 0;

  /* A small message is copied when it is sent, and only kept if it cannot be. */
  while (n_released == n_sent)
    {
      g_autoptr (GBytes) payload =
          g_bytes_new_with_free_func (text, 4000, count_release, &n_released);

      n_sent++;
      plant_rpc_router_send (self->router, &self->envelope, payload, NULL);
    }
  g_clear_pointer (&self->router, plant_rpc_router_free);
  g_assert_cmpuint (n_released, ==, n_sent);
}

/* Nothing of a router stays in the main loop, although messages wait and memory is to be
 * returned. */
static void
test_freed (Fixture       *self,
            gconstpointer  data)
{
  gpointer router = self->router;

  leave (self, LARGE);
  test_waiting (self, data);
  g_assert_null (g_main_context_find_source_by_user_data (NULL, router));
}

#define ADD(name, function) \
  g_test_add ("/reply-sender/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("first", test_first);
  ADD ("refused", test_refused);
  g_test_add ("/reply-sender/unread", Fixture, "roomy", set_up, test_unread, tear_down);
  ADD ("gone", test_gone);
  ADD ("trim", test_trim);
  ADD ("waiting", test_waiting);
  ADD ("freed", test_freed);
  return g_test_run ();
}

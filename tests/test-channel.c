/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-test-clock.h"
#include "plant-rpc-test-endpoint.h"
#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-wait.h"

typedef enum {
  FREE_NEVER,
  FREE_ON_MESSAGE,
  FREE_ON_EVENT,
  FREE_ON_TURN,
  FREE_ON_FLOOD,
} FreeOn;

typedef struct {
  TestPeer        *peer;     /* (owned): the other end, which listens */
  char            *url;      /* (owned): of the peer */
  PlantRpcChannel *channel;  /* (owned) (nullable) */
  FreeOn           free_on;
  gint64           pace;     /* µs that the owner takes for a message */
  gboolean         open;     /* the handshake has succeeded */
  guint            n_received;
  guint            n_events;
  guint            n_floods;
  guint            n_turns;
  guint            longest;  /* messages of the turn with the most */
  guint            former;   /* messages up to the last turn */
  gboolean         drained;  /* as the last turn told */
} Fixture;

static void
drop_if_due (Fixture *self,
             FreeOn   now)
{
  g_assert_nonnull (self->channel);
  if (self->free_on == now)
    g_clear_pointer (&self->channel, plant_rpc_channel_free);
}

static void
on_received (gpointer        owner,
             PlantRpcFrames *frames)
{
  Fixture *self = owner;

  self->n_received++;
  if (self->pace > 0)
    test_clock_step (self->n_received * self->pace);
  drop_if_due (self, FREE_ON_MESSAGE);
}

static void
on_reported (gpointer                   owner,
             const PlantRpcSocketEvent *event)
{
  Fixture *self = owner;

  self->n_events++;
  if (event->type != ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
    return;
  self->open = TRUE;
  drop_if_due (self, FREE_ON_EVENT);
}

static void
on_flooded (gpointer owner)
{
  Fixture *self = owner;

  self->n_floods++;
  drop_if_due (self, FREE_ON_FLOOD);
}

static void
on_turned (gpointer owner,
           gboolean drained)
{
  Fixture *self = owner;

  self->n_turns++;
  self->longest = MAX (self->longest, self->n_received - self->former);
  self->former = self->n_received;
  self->drained = drained;
  drop_if_due (self, FREE_ON_TURN);
}

static const PlantRpcChannelFuncs funcs = {
  .received = on_received,
  .reported = on_reported,
  .flooded = on_flooded,
  .turned = on_turned,
};

static const PlantRpcChannelOptions options = {
  .name = "test",
  .type = ZMQ_DEALER,
  .events = ZMQ_EVENT_ALL,
  .max_held = 100 * 1000,
};

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  const int unlimited = 0;
  g_autoptr (GError) error = NULL;

  self->peer = test_peer_new (ZMQ_DEALER, NULL);
  zmq_setsockopt (test_peer_get_socket (self->peer), ZMQ_SNDHWM, &unlimited, sizeof unlimited);
  self->url = g_strdup_printf ("tcp://127.0.0.1:%u", test_peer_bind (self->peer));
  self->channel =
      plant_rpc_channel_new (&options, g_main_context_default (), &funcs, self, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  test_peer_free (self->peer);
  g_free (self->url);
  test_clock_reset ();
}

static void
connect_channel (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  plant_rpc_channel_connect (self->channel, self->url, &error);
  g_assert_no_error (error);
}

/* They all arrive before the first is handed out. */
static void
send_messages (Fixture *self,
               guint    n)
{
  for (guint i = 0; i < n; i++)
    test_peer_send_text (self->peer, "text", NULL);
  test_peer_send_text (self->peer, "last", NULL);
  test_wait_for (plant_rpc_socket_is_readable (plant_rpc_channel_get_socket (self->channel)));
}

/* Others have their turn between many messages. */
static void
test_turns (Fixture       *self,
            gconstpointer  data)
{
  connect_channel (self);
  send_messages (self, 3 * PLANT_RPC_SOURCE_BATCH);
  test_wait_until (self->n_received > 3 * PLANT_RPC_SOURCE_BATCH);
  /* A turn may be over before it finds that nothing is left. */
  while (!self->drained)
    {
      guint n_turns = self->n_turns;

      test_peer_send_text (self->peer, "more", NULL);
      test_wait_until (self->n_turns > n_turns);
    }
  g_assert_cmpuint (self->longest, <=, PLANT_RPC_SOURCE_BATCH);
  g_assert_cmpuint (self->n_turns, >, 3);
}

/* A turn ends early if the owner takes long for a message. */
static void
test_slow (Fixture       *self,
           gconstpointer  data)
{
  self->pace = PLANT_RPC_SOURCE_BATCH_USEC;
  connect_channel (self);
  send_messages (self, 10);
  test_wait_until (self->n_received == 11);
  g_assert_cmpuint (self->longest, ==, 1);
}

/* To drain takes no turns. */
static void
test_drain (Fixture       *self,
            gconstpointer  data)
{
  connect_channel (self);
  send_messages (self, 100);
  while (self->n_received < 101)
    plant_rpc_channel_drain (self->channel);
  g_assert_cmpuint (self->n_turns, ==, 0);
}

/* It ends, also if the other end goes on. */
static void
test_drain_bound (Fixture       *self,
                  gconstpointer  data)
{
  static const PlantRpcChannelOptions small = {
    .name = "test",
    .type = ZMQ_DEALER,
    .events = ZMQ_EVENT_ALL,
    .max_unread = 10,
  };

  plant_rpc_channel_free (self->channel);
  self->channel = plant_rpc_channel_new (&small, g_main_context_default (), &funcs, self, NULL);
  connect_channel (self);
  send_messages (self, 1000);
  plant_rpc_channel_drain (self->channel);
  g_assert_cmpuint (self->n_received, <=, 20);
  test_wait_until (self->n_received == 1001);
}

/* A caller that blocks gets the same as the main loop. */
static void
test_process (Fixture       *self,
              gconstpointer  data)
{
  zmq_pollitem_t items[2];

  connect_channel (self);
  test_peer_send_text (self->peer, "text", NULL);
  while (self->n_received == 0 || self->n_events < 3)
    {
      zmq_poll (items, plant_rpc_channel_fill_poll (self->channel, items), -1);
      plant_rpc_channel_process (self->channel);
    }
  g_assert_true (self->drained);
}

/* After a callback has freed the channel no other follows, and nothing stays in the main loop. */
static void
test_freed (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *large = g_strnfill (200 * 1000, 'x');
  gpointer channel = self->channel;

  self->free_on = GPOINTER_TO_INT (data);
  connect_channel (self);
  g_assert_nonnull (g_main_context_find_source_by_user_data (NULL, channel));
  test_wait_until (self->open);
  if (self->free_on != FREE_ON_EVENT)
    {
      test_peer_send_text (self->peer, self->free_on == FREE_ON_FLOOD ? large : "text", NULL);
      test_peer_send_text (self->peer, "text", NULL);
    }
  test_wait_until (self->channel == NULL);
  g_assert_null (g_main_context_find_source_by_user_data (NULL, channel));
  g_assert_cmpuint (self->n_floods, ==, self->free_on == FREE_ON_FLOOD);
  if (self->free_on != FREE_ON_EVENT)
    g_assert_cmpuint (self->n_turns, ==, self->free_on == FREE_ON_TURN);
  test_iterate ();
}

/* What is held and was not handed out yet is looked at before each turn, and when it is asked. */
static void
test_flood (Fixture       *self,
            gconstpointer  data)
{
  g_autofree char *large = g_strnfill (200 * 1000, 'x');

  connect_channel (self);
  test_wait_until (self->open);
  test_peer_send_text (self->peer, "text", NULL);
  test_wait_until (self->n_received == 1);
  plant_rpc_channel_check_flood (self->channel);
  g_assert_cmpuint (self->n_floods, ==, 0);
  test_peer_send_text (self->peer, large, NULL);
  test_wait_until (self->n_received == 2);
  g_assert_cmpuint (self->n_floods, >, 0);
  self->n_floods = 0;
  plant_rpc_channel_check_flood (self->channel);
  g_assert_cmpuint (self->n_floods, ==, 0);
}

/* A URL that cannot be taken leaves the channel as it was. */
static void
test_again (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (plant_rpc_channel_connect (self->channel, "dog", &error));
  g_assert_nonnull (error);
  connect_channel (self);
  test_peer_send_text (self->peer, "text", NULL);
  test_wait_until (self->n_received == 1);
}

static void
test_bound (Fixture       *self,
            gconstpointer  data)
{
  PlantRpcSocket *socket = plant_rpc_channel_get_socket (self->channel);
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (plant_rpc_channel_bind (self->channel, self->url, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_clear_error (&error);
  plant_rpc_channel_bind (self->channel, "tcp://127.0.0.1:*", &error);
  g_assert_no_error (error);
  url = test_dup_endpoint (socket);
  g_assert_cmpint (zmq_connect (test_peer_get_socket (self->peer), url), ==, 0);
  test_peer_send_text (self->peer, "text", NULL);
  test_wait_until (self->n_received == 1);
}

#define ADD(name, data, function) \
  g_test_add ("/channel/" name, Fixture, GINT_TO_POINTER (data), set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("turns", 0, test_turns);
  ADD ("slow", 0, test_slow);
  ADD ("drain", 0, test_drain);
  ADD ("drain/bound", 0, test_drain_bound);
  ADD ("process", 0, test_process);
  ADD ("freed/message", FREE_ON_MESSAGE, test_freed);
  ADD ("freed/event", FREE_ON_EVENT, test_freed);
  ADD ("freed/turn", FREE_ON_TURN, test_freed);
  ADD ("freed/flood", FREE_ON_FLOOD, test_freed);
  ADD ("flood", 0, test_flood);
  ADD ("again", 0, test_again);
  ADD ("bound", 0, test_bound);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-subscription.h"
#include "plant-rpc-test-zmtp.h"

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* The server of generation 1. */
static TestPeer *
connect_pusher (guint16 port)
{
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", port);

  return test_peer_new (ZMQ_REQ, url);
}

/* Waits for the acknowledgement without running any loop. */
static char *
push_text (TestPeer   *pusher,
           const char *text)
{
  void *socket = test_peer_get_socket (pusher);
  zmq_pollitem_t item = { socket, 0, ZMQ_POLLIN, 0 };
  char reply[64];
  int size;

  g_assert_cmpint (zmq_send (socket, text, strlen (text), 0), >=, 0);
  g_assert_cmpint (zmq_poll (&item, 1, TEST_DEADLINE_S * 1000), ==, 1);
  size = zmq_recv (socket, reply, sizeof reply, 0);
  return g_strndup (reply, size);
}

#define assert_acknowledged(pusher, text, expected)                 \
  G_STMT_START                                                      \
    {                                                               \
      g_autofree char *test_reply = push_text (pusher, text);       \
                                                                    \
      g_assert_cmpstr (test_reply, ==, expected);                   \
    }                                                               \
  G_STMT_END

#define YES "{\"success\": true}"
#define NO  "{\"success\": false}"

static guint16
offer (TestSubscription *self)
{
  guint16 port = 0;
  g_autoptr (GError) error = NULL;

  plant_rpc_subscription_offer (self->subscription, &port, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (port, >, 0);
  return port;
}

static void
test_pushed (void)
{
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:2");
  guint16 port = offer (self);
  g_autoptr (TestPeer) pusher = NULL;

  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
  pusher = connect_pusher (port);
  plant_rpc_subscription_accept_offer (self->subscription);
  g_assert_true (plant_rpc_subscription_is_pushed (self->subscription));
  /* Acknowledged while nothing of ours runs. */
  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  assert_acknowledged (pusher, SIGNAL ("b"), YES);
  while (!plant_rpc_subscription_is_standing (self->subscription))
    g_thread_yield ();
  g_assert_cmpstr (self->told->str, ==, "");
  assert_told (self, "a b ");
  assert_acknowledged (pusher, "{\"event\": \"OTHER\", \"signal\": \"x\", \"args\": []}", NO);
  assert_acknowledged (pusher, "rubbish", NO);
  assert_acknowledged (pusher, "\xa0", NO);
  assert_acknowledged (pusher, SIGNAL ("c"), YES);
  assert_told (self, "a b c ");
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, 3);
  g_clear_pointer (&pusher, test_peer_free);
  assert_told (self, "a b c left ");
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, 3);
  g_assert_true (plant_rpc_subscription_is_pushed (self->subscription));
  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
}

/* A server that waits for an acknowledgement would wait for ever. */
static void
test_pushed_after_end (void)
{
  TestSubscription *self = test_subscription_new ("tcp://127.0.0.1:3");
  guint16 port = offer (self);
  g_autoptr (TestPeer) pusher = connect_pusher (port);
  g_autoptr (TestPeer) slow = NULL;

  plant_rpc_subscription_accept_offer (self->subscription);
  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  test_subscription_free (self);
  for (guint i = 0; i < 10; i++)
    assert_acknowledged (pusher, SIGNAL ("b"), YES);

  /* The one that was told, and connects only afterwards. */
  self = test_subscription_new ("tcp://127.0.0.1:4");
  port = offer (self);
  plant_rpc_subscription_accept_offer (self->subscription);
  test_subscription_free (self);
  slow = connect_pusher (port);
  assert_acknowledged (slow, SIGNAL ("c"), YES);
  run ();
}

/* A server whose connection was cut is heard again when libzmq has made it anew. */
static void
test_pushed_again (void)
{
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:5");
  guint16 port = offer (self);
  g_autoptr (TestPeer) pusher = connect_pusher (port);

  plant_rpc_subscription_accept_offer (self->subscription);
  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  g_clear_pointer (&pusher, test_peer_free);
  assert_told (self, "a left ");
  pusher = connect_pusher (port);
  assert_told (self, "a left stands ");
  assert_acknowledged (pusher, SIGNAL ("b"), YES);
  assert_told (self, "a left stands b ");
}

/* Two clients of one server share what it was told. */
static void
test_pushed_to_two (void)
{
  g_autoptr (TestSubscription) first = test_subscription_new ("tcp://127.0.0.1:6");
  g_autoptr (TestSubscription) second = test_subscription_new ("tcp://127.0.0.1:6");
  g_autoptr (TestSubscription) other = test_subscription_new ("tcp://127.0.0.1:7");
  guint16 port = offer (first);
  g_autoptr (TestPeer) pusher = connect_pusher (port);

  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  test_wait_until (plant_rpc_subscription_is_standing (first->subscription));
  g_assert_cmpuint (offer (second), ==, port);
  g_assert_true (plant_rpc_subscription_is_standing (second->subscription));
  g_assert_cmpuint (offer (other), !=, port);
  g_assert_false (plant_rpc_subscription_is_standing (other->subscription));
  assert_acknowledged (pusher, SIGNAL ("b"), YES);
  assert_told (first, "a b ");
  assert_told (second, "b ");
  g_clear_pointer (&first, test_subscription_free);
  assert_acknowledged (pusher, SIGNAL ("c"), YES);
  assert_told (second, "b c ");
  g_clear_pointer (&pusher, test_peer_free);
  assert_told (second, "b c left ");
}

/* As long as the server has not connected to either, each keeps the socket that it was told. */
static void
test_offered_to_two (void)
{
  g_autoptr (TestSubscription) first = test_subscription_new ("tcp://127.0.0.1:12");
  g_autoptr (TestSubscription) second = test_subscription_new ("tcp://127.0.0.1:12");
  guint16 port = offer (first);

  g_assert_cmpuint (offer (second), !=, port);
}

/* Each takes some memory beside its own bytes, which counts too. */
static void
test_pushed_too_many_small (void)
{
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:13");
  g_autofree char *url = g_strdup_printf ("tcp://127.0.0.1:%u", offer (self));
  g_autoptr (TestPeer) pusher = test_peer_new (ZMQ_DEALER, url);
  void *socket = test_peer_get_socket (pusher);
  const guint n = PLANT_RPC_MAX_QUEUED_SIGNALS / 512 + 1;
  int patience = TEST_DEADLINE_S * 1000, none = 0;
  char reply[64];

  zmq_setsockopt (socket, ZMQ_SNDHWM, &none, sizeof none);
  zmq_setsockopt (socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
  plant_rpc_subscription_accept_offer (self->subscription);
  for (guint i = 0; i < n; i++)
    test_peer_send_text (pusher, "", SIGNAL ("a"), NULL);
  /* Acknowledged while the loop does not run, each by two frames. */
  for (guint i = 0; i < 2 * n; i++)
    g_assert_cmpint (zmq_recv (socket, reply, sizeof reply, 0), >=, 0);
  test_wait_until (self->n_received + self->n_lost == n);
  /* The name has one byte, and the argument as a GVariant 11. */
  g_assert_cmpuint (self->n_received, ==, PLANT_RPC_MAX_QUEUED_SIGNALS / (512 + 1 + 11));
}

static void
test_pushed_too_many (void)
{
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:8");
  g_autoptr (TestPeer) pusher = connect_pusher (offer (self));
  const guint n = 40;
  g_autofree char *filler = g_strnfill (1024 * 1024, 'x');
  g_autofree char *text = g_strdup_printf ("{\"event\": \"EMIT_SIGNAL\", \"signal\": \"a\","
                                           " \"args\": [\"%s\"], \"blocking\": false}",
                                           filler);

  /* What is beyond some megabytes is acknowledged too, and thrown away. */
  plant_rpc_subscription_accept_offer (self->subscription);
  for (guint i = 0; i < n; i++)
    assert_acknowledged (pusher, text, YES);
  test_wait_until (self->n_received + self->n_lost == n);
  g_assert_cmpuint (self->n_received, ==, PLANT_RPC_MAX_QUEUED_SIGNALS / (1024 * 1024) - 1);
  assert_acknowledged (pusher, SIGNAL ("last"), YES);
  test_wait_until (g_str_has_suffix (self->told->str, "last "));
}

static void
test_pushed_into_loop (void)
{
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:9");
  g_autoptr (TestPeer) pusher = connect_pusher (offer (self));

  plant_rpc_subscription_accept_offer (self->subscription);
  self->action = test_subscription_run_loop;
  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  assert_acknowledged (pusher, SIGNAL ("b"), YES);
  assert_acknowledged (pusher, SIGNAL ("c"), YES);
  assert_told (self, "a b c . ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/subscription/pushed", test_pushed);
  g_test_add_func ("/subscription/pushed/after-end", test_pushed_after_end);
  g_test_add_func ("/subscription/pushed/again", test_pushed_again);
  g_test_add_func ("/subscription/pushed/to-two", test_pushed_to_two);
  g_test_add_func ("/subscription/pushed/offered-to-two", test_offered_to_two);
  g_test_add_func ("/subscription/pushed/too-many", test_pushed_too_many);
  g_test_add_func ("/subscription/pushed/too-many-small", test_pushed_too_many_small);
  g_test_add_func ("/subscription/pushed/into-loop", test_pushed_into_loop);

  return g_test_run ();
}

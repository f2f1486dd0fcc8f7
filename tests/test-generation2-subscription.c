/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "plant-rpc-generation2-subscription-private.h"
#include "plant-rpc-test-subscription.h"
#include "plant-rpc-test-zmtp.h"

/* Subscriptions at servers of generation 2, which publish their signals. */

static char *
make_url (guint16 port)
{
  return g_strdup_printf ("tcp://127.0.0.1:%u", port);
}

static void
subscribe (TestSubscription *self,
           const char       *url)
{
  g_autoptr (GError) error = NULL;

  plant_rpc_subscription_connect (self->subscription, url, &error);
  g_assert_no_error (error);
}

static void
publish (TestPeer   *publisher,
         const char *text)
{
  test_peer_send_text (publisher, text, NULL);
}

/* Until the publisher knows of the subscription. */
static void
await_subscriber (TestPeer *publisher)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (publisher);

  g_assert_cmpuint (frames->len, ==, 1);
}

static char *
find (TestSubscription *self)
{
  return plant_rpc_generation2_subscription_find (plant_rpc_link_get_url (self->link));
}

/* The subscription checks this each second. */
static void
check_flood (TestSubscription *self)
{
  plant_rpc_timer_ring (self->timer, plant_rpc_timer_get_deadline (self->timer));
}

static void
test_published (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:10");

  subscribe (self, url);
  assert_told (self, "stands ");
  g_assert_true (plant_rpc_subscription_is_standing (self->subscription));
  g_assert_false (plant_rpc_subscription_is_pushed (self->subscription));
  await_subscriber (publisher);
  publish (publisher, SIGNAL ("a"));
  publish (publisher, "rubbish");
  publish (publisher, "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"x\", \"args\": {}}");
  publish (publisher, "\xa1");
  test_peer_send_text (publisher, SIGNAL ("topic"), SIGNAL ("x"), NULL);
  publish (publisher, SIGNAL ("b"));
  assert_told (self, "stands a b ");
  check_flood (self);
  check_flood (self);
  assert_told (self, "stands a b lost:4 ");
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, 4);
  g_clear_pointer (&publisher, test_peer_free);
  assert_told (self, "stands a b lost:4 left ");
  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
}

/* What had arrived is not thrown away with the connection. */
static void
test_published_before_end (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:10");
  zmq_pollitem_t items[2];
  int linger = 5000;

  subscribe (self, url);
  assert_told (self, "stands ");
  await_subscriber (publisher);
  zmq_setsockopt (test_peer_get_socket (publisher), ZMQ_LINGER, &linger, sizeof linger);
  for (guint i = 0; i < 500; i++)
    g_assert_cmpint (zmq_send (test_peer_get_socket (publisher), SIGNAL ("a"),
                               strlen (SIGNAL ("a")), 0),
                     >, 0);
  g_clear_pointer (&publisher, test_peer_free);
  g_assert_cmpuint (plant_rpc_subscription_fill_poll (self->subscription, items), ==, 2);
  while (zmq_poll (&items[1], 1, -1) < 1)
    continue;
  plant_rpc_subscription_process (self->subscription);
  g_assert_cmpuint (self->n_received, ==, 500);
  g_assert_true (g_str_has_suffix (self->told->str, "a left "));
}

/* A publisher that is cut off for less than some minutes is still the same, so its connection is
 * kept. */
static void
test_published_patiently (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  guint16 port = test_peer_bind (publisher);
  g_autofree char *url = make_url (port);
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:10");
  int interval = 0, n_probes = 0;

  subscribe (self, url);
  assert_told (self, "stands ");
  for (int fd = 0; fd < 1024; fd++)
    {
      struct sockaddr_in6 peer = { 0 };
      socklen_t size = sizeof peer, option_size = sizeof interval;

      /* The port has the same place in an address of either family. */
      if (getpeername (fd, (struct sockaddr *) &peer, &size) != 0 ||
          (peer.sin6_family != AF_INET && peer.sin6_family != AF_INET6) ||
          ntohs (peer.sin6_port) != port)
        continue;
      getsockopt (fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, &option_size);
      getsockopt (fd, IPPROTO_TCP, TCP_KEEPCNT, &n_probes, &option_size);
    }
  g_assert_cmpint (interval, ==, 2);
  g_assert_cmpint (n_probes, ==, 127);
}

static void
test_nobody_publishes (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:10");

  g_clear_pointer (&publisher, test_peer_free);
  subscribe (self, url);
  assert_told (self, "left ");
}

/* Another client in this process need not ask again, while the connection of the first lives. */
static void
test_publisher_found (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (TestSubscription) first = test_subscription_new ("tcp://127.0.0.1:10");
  g_autoptr (TestSubscription) second = test_subscription_new ("tcp://127.0.0.1:10");
  g_autoptr (TestSubscription) other = test_subscription_new ("tcp://127.0.0.1:11");
  g_autofree char *found = NULL;

  g_assert_null (find (second));
  subscribe (first, url);
  g_assert_null (find (second));
  assert_told (first, "stands ");
  found = find (second);
  g_assert_cmpstr (found, ==, url);
  g_assert_null (find (other));
  g_clear_pointer (&first, test_subscription_free);
  g_assert_null (find (second));
}

/* Endless frames are not kept: the connection to the publisher is ended. */
static void
test_published_without_end (void)
{
  g_autoptr (TestZmtpListener) publisher = test_zmtp_listener_new ();
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:10");
  g_autoptr (TestZmtp) peer = NULL;
  const gsize size = 1024 * 1024;
  g_autofree char *data = g_malloc0 (size);

  subscribe (self, test_zmtp_listener_get_url (publisher));
  peer = test_zmtp_listener_accept (publisher);
  test_zmtp_shake_hands (peer, "PUB");
  assert_told (self, "stands ");
  /* Frames have headers, so that one frame less than the limit is below it. */
  for (gsize sent = size; sent < PLANT_RPC_MAX_UNFINISHED; sent += size)
    {
      check_flood (self);
      g_assert_cmpstr (self->told->str, ==, "stands ");
      g_assert_true (test_zmtp_send_frame (peer, data, size, TRUE));
    }
  test_zmtp_send_frame (peer, data, size, TRUE);
  test_wait_until ((check_flood (self),
                    g_str_equal (self->told->str, "stands left ")));
  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
}

static void
test_published_into_loop (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (TestSubscription) self = test_subscription_new ("tcp://127.0.0.1:10");

  subscribe (self, url);
  assert_told (self, "stands ");
  await_subscriber (publisher);
  self->action = test_subscription_run_loop;
  publish (publisher, SIGNAL ("a"));
  publish (publisher, SIGNAL ("b"));
  publish (publisher, SIGNAL ("c"));
  assert_told (self, "stands a b c . ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/generation2-subscription", test_published);
  g_test_add_func ("/generation2-subscription/before-end", test_published_before_end);
  g_test_add_func ("/generation2-subscription/patiently", test_published_patiently);
  g_test_add_func ("/generation2-subscription/nobody", test_nobody_publishes);
  g_test_add_func ("/generation2-subscription/found", test_publisher_found);
  g_test_add_func ("/generation2-subscription/without-end", test_published_without_end);
  g_test_add_func ("/generation2-subscription/into-loop", test_published_into_loop);

  return g_test_run ();
}

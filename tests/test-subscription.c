/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-subscription-private.h"
#include "plant-rpc-test-device.h"
#include "plant-rpc-test-zmtp.h"

/* An owner that writes down what it is told. */
typedef struct {
  PlantRpcSubscription *subscription; /* (owned) (nullable) */
  GString            *told;       /* (owned) */
  guint               n_received;
  guint64             n_lost;
  gsize               accounted;  /* bytes of native pushes */
  gint                held;
  void              (*action) (gpointer owner); /* done by the next signal */
} Owner;

static void
on_hold (gpointer owner)
{
  ((Owner *) owner)->held++;
}

static void
on_release (gpointer owner)
{
  ((Owner *) owner)->held--;
}

static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  Owner *self = owner;
  void (*action) (gpointer owner) = g_steal_pointer (&self->action);

  self->n_received++;
  self->accounted += size;
  g_string_append_printf (self->told, "%s:%" G_GUINT64_FORMAT " ", emission->name, sequence);
  if (action != NULL)
    action (self);
}

static void
on_spent (gpointer owner,
          guint64  sequence,
          gsize    size)
{
  Owner *self = owner;

  self->accounted += size;
  g_string_append_printf (self->told, "spent:%" G_GUINT64_FORMAT " ", sequence);
}

static void
on_lost (gpointer owner,
         guint64  n_lost)
{
  Owner *self = owner;

  self->n_lost += n_lost;
  g_string_append_printf (self->told, "lost:%" G_GUINT64_FORMAT " ", n_lost);
}

static void
on_stands (gpointer owner)
{
  g_string_append (((Owner *) owner)->told, "stands ");
}

static void
on_left (gpointer owner)
{
  g_string_append (((Owner *) owner)->told, "left ");
}

static const PlantRpcSubscriptionFuncs funcs = {
  .hold = on_hold,
  .release = on_release,
  .received = on_received,
  .spent = on_spent,
  .lost = on_lost,
  .stands = on_stands,
  .left = on_left,
};

static Owner *
owner_new (const char *url)
{
  Owner *self = g_new0 (Owner, 1);

  self->told = g_string_new (NULL);
  self->subscription = plant_rpc_subscription_new (url, g_main_context_default (), &funcs, self);
  return self;
}

static void
owner_free (Owner *self)
{
  g_assert_cmpint (self->held, ==, 0);
  g_clear_pointer (&self->subscription, plant_rpc_subscription_free);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Owner, owner_free)

#define assert_told(self, expected) test_wait_until (g_str_equal ((self)->told->str, expected))

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

#define SIGNAL(name) \
  "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"" name "\", \"args\": [1], \"blocking\": false}"

/* ---- native */

static void
push (Owner            *self,
      guint64           sequence,
      PlantRpcEmission *emission)
{
  g_autoptr (GBytes) payload = plant_rpc_emission_pack (emission, PLANT_RPC_FORMAT_NATIVE, NULL);
  gsize before = self->accounted;

  plant_rpc_subscription_push (self->subscription, sequence, payload);
  g_assert_cmpuint (self->accounted - before, ==,
                    g_bytes_get_size (payload) + PLANT_RPC_PUSH_OVERHEAD);
  g_clear_pointer (&emission->value, g_variant_unref);
}

static void
push_signal (Owner      *self,
             guint64     sequence,
             const char *name)
{
  PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_SIGNAL, .name = (char *) name };

  emission.value = g_variant_ref_sink (g_variant_new_parsed ("[<1>, <@as []>]"));
  push (self, sequence, &emission);
}

/* A subscription that has asked for native pushes. */
static Owner *
owner_new_native (void)
{
  Owner *self = owner_new ("tcp://127.0.0.1:1");

  plant_rpc_subscription_begin_pushes (self->subscription);
  return self;
}

static void
test_native (void)
{
  g_autoptr (Owner) self = owner_new_native ();
  PlantRpcEmission changed = { .type = PLANT_RPC_EMISSION_CHANGED, .name = (char *) "level" };
  PlantRpcEmission lost = { .type = PLANT_RPC_EMISSION_LOST, .n_lost = 7 };
  PlantRpcEmission probe = { .type = PLANT_RPC_EMISSION_LOST };

  push_signal (self, 1, "a");
  changed.value = g_variant_ref_sink (g_variant_new_int32 (1));
  push (self, 2, &changed);
  push (self, 3, &lost);
  push (self, 4, &probe);
  push_signal (self, 5, "b");
  g_assert_cmpstr (self->told->str, ==, "a:1 level:2 lost:7 spent:3 spent:4 b:5 ");
  g_assert_cmpuint (plant_rpc_subscription_get_sequence (self->subscription), ==, 5);
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, 0);
}

/* A gap is told before what came after it. */
static void
test_native_gap (void)
{
  g_autoptr (Owner) self = owner_new_native ();
  g_autoptr (GBytes) rubbish = g_bytes_new ("\xa0\xff", 2);

  push_signal (self, 2, "a");
  push_signal (self, 3, "b");
  plant_rpc_subscription_push (self->subscription, 9, rubbish);
  push_signal (self, 10, "c");
  g_assert_cmpstr (self->told->str, ==, "lost:0 a:2 b:3 lost:0 spent:9 c:10 ");
  plant_rpc_subscription_begin_pushes (self->subscription);
  g_string_truncate (self->told, 0);
  push_signal (self, 1, "d");
  g_assert_cmpstr (self->told->str, ==, "d:1 ");
}

static void
test_native_malformed (void)
{
  static const char *const payloads[] = { "", "\xa0", "\xa1zzzz", "\xa2", "\x90", "\xff", "{",
                                          "{}", "{\"event\": \"EMIT_SIGNAL\"}", "\xa0\x01\x02",
                                          SIGNAL ("json") };
  g_autoptr (Owner) self = owner_new_native ();

  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_autoptr (GBytes) payload = g_bytes_new (payloads[i], strlen (payloads[i]));
      gsize before = self->accounted;

      plant_rpc_subscription_push (self->subscription, i + 1, payload);
      g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, i + 1);
      g_assert_cmpuint (self->accounted - before, ==,
                        strlen (payloads[i]) + PLANT_RPC_PUSH_OVERHEAD);
    }
  push_signal (self, G_N_ELEMENTS (payloads) + 1, "good");
  g_assert_cmpuint (self->n_received, ==, 1);
  g_assert_null (strstr (self->told->str, "lost"));
}

/* Pushes with an invalid number, a number that does not grow, or before a subscription are
 * refused. */
static void
test_native_numbers (void)
{
  static const guint64 wrong[] = { 0, 5, 4, 1, PLANT_RPC_MAX_SEQUENCE + 1,
                                   G_MAXUINT64 >> 1 };
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:1");
  g_autoptr (GBytes) payload = NULL;
  PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_LOST, .n_lost = 1 };

  payload = plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_NATIVE, NULL);
  plant_rpc_subscription_push (self->subscription, 1, payload);
  plant_rpc_subscription_begin_pushes (self->subscription);
  for (guint i = 1; i <= 5; i++)
    push_signal (self, i, "a");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    plant_rpc_subscription_push (self->subscription, wrong[i], payload);
  push_signal (self, 6, "b");
  push_signal (self, PLANT_RPC_MAX_SEQUENCE, "c");
  plant_rpc_subscription_push (self->subscription, PLANT_RPC_MAX_SEQUENCE, payload);
  plant_rpc_subscription_end_pushes (self->subscription);
  plant_rpc_subscription_push (self->subscription, 1, payload);
  g_assert_cmpstr (self->told->str, ==,
                   "a:1 a:2 a:3 a:4 a:5 b:6 lost:0 c:281474976710655 ");
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==,
                    G_N_ELEMENTS (wrong) + 3);
}

/* ---- generation 1 */

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
offer (Owner *self)
{
  guint16 port = 0;
  g_autoptr (GError) error = NULL;

  plant_rpc_subscription_offer (self->subscription, "127.0.0.1", "127.0.0.1", &port, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (port, >, 0);
  return port;
}

static void
check_held (gpointer owner)
{
  g_assert_cmpint (((Owner *) owner)->held, >, 0);
}

static void
test_pushed (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:2");
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
  self->action = check_held;
  assert_told (self, "a:0 b:0 ");
  assert_acknowledged (pusher, "{\"event\": \"OTHER\", \"signal\": \"x\", \"args\": []}", NO);
  assert_acknowledged (pusher, "rubbish", NO);
  assert_acknowledged (pusher, "\xa0", NO);
  assert_acknowledged (pusher, SIGNAL ("c"), YES);
  assert_told (self, "a:0 b:0 c:0 ");
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, 3);
  g_clear_pointer (&pusher, test_peer_free);
  assert_told (self, "a:0 b:0 c:0 left ");
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, 3);
  g_assert_false (plant_rpc_subscription_is_pushed (self->subscription));
  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
}

/* A server that waits for an acknowledgement would wait for ever. */
static void
test_pushed_after_end (void)
{
  Owner *self = owner_new ("tcp://127.0.0.1:3");
  guint16 port = offer (self);
  g_autoptr (TestPeer) pusher = connect_pusher (port);
  g_autoptr (TestPeer) slow = NULL;

  plant_rpc_subscription_accept_offer (self->subscription);
  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  owner_free (self);
  for (guint i = 0; i < 10; i++)
    assert_acknowledged (pusher, SIGNAL ("b"), YES);

  /* The one that was told, and connects only afterwards. */
  self = owner_new ("tcp://127.0.0.1:4");
  port = offer (self);
  plant_rpc_subscription_accept_offer (self->subscription);
  owner_free (self);
  slow = connect_pusher (port);
  assert_acknowledged (slow, SIGNAL ("c"), YES);
  run ();
}

/* So does one whose connection was cut, and made anew by libzmq. */
static void
test_pushed_again (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:5");
  guint16 port = offer (self);
  g_autoptr (TestPeer) pusher = connect_pusher (port);

  plant_rpc_subscription_accept_offer (self->subscription);
  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  g_clear_pointer (&pusher, test_peer_free);
  assert_told (self, "a:0 left ");
  pusher = connect_pusher (port);
  assert_acknowledged (pusher, SIGNAL ("b"), YES);
  /* Nobody asked for it any more. */
  run ();
  g_assert_cmpstr (self->told->str, ==, "a:0 left ");
}

/* Two clients of one server share what it was told. */
static void
test_pushed_to_two (void)
{
  g_autoptr (Owner) first = owner_new ("tcp://127.0.0.1:6");
  g_autoptr (Owner) second = owner_new ("tcp://127.0.0.1:6");
  g_autoptr (Owner) other = owner_new ("tcp://127.0.0.1:7");
  guint16 port = offer (first);
  g_autoptr (TestPeer) pusher = connect_pusher (port);

  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  test_wait_until (plant_rpc_subscription_is_standing (first->subscription));
  g_assert_cmpuint (offer (second), ==, port);
  g_assert_true (plant_rpc_subscription_is_standing (second->subscription));
  g_assert_cmpuint (offer (other), !=, port);
  g_assert_false (plant_rpc_subscription_is_standing (other->subscription));
  assert_acknowledged (pusher, SIGNAL ("b"), YES);
  assert_told (first, "a:0 b:0 ");
  assert_told (second, "b:0 ");
  g_clear_pointer (&first, owner_free);
  assert_acknowledged (pusher, SIGNAL ("c"), YES);
  assert_told (second, "b:0 c:0 ");
  g_clear_pointer (&pusher, test_peer_free);
  assert_told (second, "b:0 c:0 left ");
}

/* As long as the server has not connected to either, each keeps the socket that it was told. */
static void
test_offered_to_two (void)
{
  g_autoptr (Owner) first = owner_new ("tcp://127.0.0.1:12");
  g_autoptr (Owner) second = owner_new ("tcp://127.0.0.1:12");
  guint16 port = offer (first);

  g_assert_cmpuint (offer (second), !=, port);
}

/* Each takes some memory beside its own bytes, which counts too. */
static void
test_pushed_too_many_small (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:13");
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
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:8");
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
  test_wait_until (g_str_has_suffix (self->told->str, "last:0 "));
}

static void
do_run_loop (gpointer owner)
{
  Owner *self = owner;

  test_wait_until (self->n_received == 3);
  g_string_append (self->told, ". ");
}

static void
test_pushed_into_loop (void)
{
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:9");
  g_autoptr (TestPeer) pusher = connect_pusher (offer (self));

  plant_rpc_subscription_accept_offer (self->subscription);
  self->action = do_run_loop;
  assert_acknowledged (pusher, SIGNAL ("a"), YES);
  assert_acknowledged (pusher, SIGNAL ("b"), YES);
  assert_acknowledged (pusher, SIGNAL ("c"), YES);
  assert_told (self, "a:0 b:0 c:0 . ");
}

/* ---- generation 2 */

static char *
make_url (guint16 port)
{
  return g_strdup_printf ("tcp://127.0.0.1:%u", port);
}

static void
subscribe (Owner      *self,
           const char *url)
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

static void
test_published (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:10");

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
  assert_told (self, "stands a:0 b:0 ");
  g_assert_cmpuint (plant_rpc_subscription_get_n_malformed (self->subscription), ==, 4);
  g_clear_pointer (&publisher, test_peer_free);
  assert_told (self, "stands a:0 b:0 left ");
  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
}

/* What had arrived is not thrown away with the connection. */
static void
test_published_before_end (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:10");
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
  g_assert_true (g_str_has_suffix (self->told->str, "a:0 left "));
}

/* A publisher that is cut off for less than some minutes is still the same, so its connection is
 * kept. */
static void
test_published_patiently (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  guint16 port = test_peer_bind (publisher);
  g_autofree char *url = make_url (port);
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:10");
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
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:10");

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
  g_autoptr (Owner) first = owner_new ("tcp://127.0.0.1:10");
  g_autoptr (Owner) second = owner_new ("tcp://127.0.0.1:10");
  g_autoptr (Owner) other = owner_new ("tcp://127.0.0.1:11");
  g_autofree char *found = NULL;

  g_assert_null (plant_rpc_subscription_find_publisher (second->subscription));
  subscribe (first, url);
  g_assert_null (plant_rpc_subscription_find_publisher (second->subscription));
  assert_told (first, "stands ");
  found = plant_rpc_subscription_find_publisher (second->subscription);
  g_assert_cmpstr (found, ==, url);
  g_assert_null (plant_rpc_subscription_find_publisher (other->subscription));
  g_clear_pointer (&first, owner_free);
  g_assert_null (plant_rpc_subscription_find_publisher (second->subscription));
}

/* Endless frames are not kept: the connection to the publisher is ended. */
static void
test_published_without_end (void)
{
  g_autoptr (TestZmtpListener) publisher = test_zmtp_listener_new ();
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:10");
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
      plant_rpc_subscription_check_flood (self->subscription);
      g_assert_cmpstr (self->told->str, ==, "stands ");
      g_assert_true (test_zmtp_send_frame (peer, data, size, TRUE));
    }
  test_zmtp_send_frame (peer, data, size, TRUE);
  test_wait_until ((plant_rpc_subscription_check_flood (self->subscription),
                    g_str_equal (self->told->str, "stands left ")));
  g_assert_false (plant_rpc_subscription_is_standing (self->subscription));
}

static void
test_published_into_loop (void)
{
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *url = make_url (test_peer_bind (publisher));
  g_autoptr (Owner) self = owner_new ("tcp://127.0.0.1:10");

  subscribe (self, url);
  assert_told (self, "stands ");
  await_subscriber (publisher);
  self->action = do_run_loop;
  publish (publisher, SIGNAL ("a"));
  publish (publisher, SIGNAL ("b"));
  publish (publisher, SIGNAL ("c"));
  assert_told (self, "stands a:0 b:0 c:0 . ");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/subscription/native", test_native);
  g_test_add_func ("/subscription/native/gap", test_native_gap);
  g_test_add_func ("/subscription/native/malformed", test_native_malformed);
  g_test_add_func ("/subscription/native/numbers", test_native_numbers);
  g_test_add_func ("/subscription/pushed", test_pushed);
  g_test_add_func ("/subscription/pushed/after-end", test_pushed_after_end);
  g_test_add_func ("/subscription/pushed/again", test_pushed_again);
  g_test_add_func ("/subscription/pushed/to-two", test_pushed_to_two);
  g_test_add_func ("/subscription/pushed/offered-to-two", test_offered_to_two);
  g_test_add_func ("/subscription/pushed/too-many", test_pushed_too_many);
  g_test_add_func ("/subscription/pushed/too-many-small", test_pushed_too_many_small);
  g_test_add_func ("/subscription/pushed/into-loop", test_pushed_into_loop);
  g_test_add_func ("/subscription/published", test_published);
  g_test_add_func ("/subscription/published/before-end", test_published_before_end);
  g_test_add_func ("/subscription/published/patiently", test_published_patiently);
  g_test_add_func ("/subscription/published/nobody", test_nobody_publishes);
  g_test_add_func ("/subscription/published/found", test_publisher_found);
  g_test_add_func ("/subscription/published/without-end", test_published_without_end);
  g_test_add_func ("/subscription/published/into-loop", test_published_into_loop);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "devices/gauge.h"
#include "plant-rpc-emission-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

/* ---- how often an emission is packed: calls of it are taken over by the linker */

GBytes *__real_plant_rpc_emission_pack (const PlantRpcEmission  *self,
                                        PlantRpcFormat           format,
                                        GError                 **error);
GBytes *__wrap_plant_rpc_emission_pack (const PlantRpcEmission  *self,
                                        PlantRpcFormat           format,
                                        GError                 **error);

static guint n_packed[2];
static gboolean too_large;

GBytes *
__wrap_plant_rpc_emission_pack (const PlantRpcEmission  *self,
                                PlantRpcFormat           format,
                                GError                 **error)
{
  n_packed[format]++;
  if (too_large)
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT, "too large");
      return NULL;
    }
  return __real_plant_rpc_emission_pack (self, format, error);
}

/* ---- a server and its subscribers */

typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->gauge = test_gauge_new ();
  fixture->server = plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  plant_rpc_server_start (fixture->server, &error);
  g_assert_no_error (error);
  n_packed[PLANT_RPC_FORMAT_JSON] = n_packed[PLANT_RPC_FORMAT_NATIVE] = 0;
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->server);
  g_assert_finalize_object (fixture->gauge);
}

static TestPeer *
connect_peer (Fixture *fixture)
{
  return test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
}

/* The property values at the beginning. */
static GVariant *
subscribe (TestPeer *peer,
           guint64   window)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_SUBSCRIBE, .number = window };
  PlantRpcReply reply = { 0 };

  test_peer_ask_native (peer, &request, &reply);
  g_assert_no_error (reply.error);
  return reply.value;
}

static TestPeer *
connect_native (Fixture *fixture,
                guint64  window)
{
  TestPeer *peer = connect_peer (fixture);

  g_variant_unref (subscribe (peer, window));
  return peer;
}

static void
give_credit (TestPeer *peer,
             guint64   sequence)
{
  PlantRpcRequest request = { .event = PLANT_RPC_EVENT_CREDIT, .number = sequence };

  test_peer_send_native (peer, 0, &request);
}

/* A reply that comes next shows that nothing was told before it. */
static void
assert_quiet (TestPeer *peer)
{
  test_peer_assert_reply (peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"serial\"}",
                          "{'success': <true>, 'value': <'G-1'>}");
}

static void
expect_push (TestPeer             *peer,
             guint64               sequence,
             PlantRpcEmissionType  type,
             const char           *name,
             const char           *value)
{
  g_auto (PlantRpcEmission) emission = { 0 };
  guint64 number = test_peer_receive_push (peer, &emission);

  g_assert_cmpuint (emission.type, ==, type);
  g_assert_cmpstr (emission.name, ==, name);
  g_assert_cmpuint (number, ==, sequence);
  if (value != NULL)
    test_assert_variant (emission.value, value);
}

/* A client of generation 1: INIT_SIGNALS_HANDLING for a REP socket. */
static TestPeer *
connect_generation1 (Fixture  *fixture,
                     TestPeer *peer)
{
  TestPeer *receiver = test_peer_new (ZMQ_REP, NULL);
  guint16 port = test_peer_bind (receiver);
  g_autofree char *request = g_strdup_printf (
      "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"127.0.0.1\", \"port\": %u}", port);

  /* No port of ours: a client of both generations would take it and hear all twice. */
  test_peer_assert_reply (peer, request, "{'success': <true>}");
  return receiver;
}

static void
expect_json (TestPeer   *receiver,
             const char *expected)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (receiver);
  g_autoptr (GVariant) message = NULL;

  g_assert_cmpuint (frames->len, ==, 1);
  message = test_frame_parse (frames, 0);
  test_assert_variant (message, expected);
}

#define MESSAGE(name, args) \
  "{'event': <'EMIT_SIGNAL'>, 'signal': <'" name "'>, 'args': <" args ">, 'blocking': <false>}"

static void
acknowledge (TestPeer *receiver)
{
  test_peer_send_text (receiver, "{\"success\": true}", NULL);
}

/* ---- native clients */

static void
test_native (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (GVariant) values = NULL;
  int level;

  test_gauge_set_level (fixture->gauge, 30);
  values = subscribe (peer, 100000);
  g_assert_true (g_variant_lookup (values, "level", "i", &level));
  g_assert_cmpint (level, ==, 30);

  test_gauge_set_level (fixture->gauge, 40);
  test_gauge_measure (fixture->gauge, 1.5, NULL);
  test_gauge_ping (fixture->gauge);
  g_object_set (fixture->gauge, "mode", TEST_GAUGE_MODE_ON, NULL);
  test_gauge_switch (fixture->gauge, TEST_GAUGE_MODE_OFF);
  expect_push (peer, 1, PLANT_RPC_EMISSION_CHANGED, "level", "40");
  expect_push (peer, 2, PLANT_RPC_EMISSION_SIGNAL, "measured", "[<1.5>, <@ms nothing>]");
  expect_push (peer, 3, PLANT_RPC_EMISSION_SIGNAL, "pinged", "@av []");
  expect_push (peer, 4, PLANT_RPC_EMISSION_CHANGED, "mode", "'on'");
  expect_push (peer, 5, PLANT_RPC_EMISSION_SIGNAL, "modeChanged", "[<'off'>]");
  assert_quiet (peer);
}

/* What is write-only stays at home; a signal's return value is its own. */
static void
test_not_told (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_native (fixture, 100000);
  gboolean answer = TRUE;

  g_object_set (fixture->gauge, "secret", "x", NULL);
  g_signal_emit_by_name (fixture->gauge, "asked", "why", &answer);
  expect_push (peer, 1, PLANT_RPC_EMISSION_SIGNAL, "asked", "[<'why'>]");
  assert_quiet (peer);
}

/* What a write causes comes before its reply. */
static void
test_before_reply (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_native (fixture, 100000);
  PlantRpcRequest request = {
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = g_strdup ("level"),
    .value = g_variant_ref_sink (g_variant_new_int32 (52)),
  };
  g_autoptr (GPtrArray) frames = NULL;
  g_auto (PlantRpcReply) reply = { 0 };

  test_peer_send_native (peer, 21, &request);
  expect_push (peer, 1, PLANT_RPC_EMISSION_CHANGED, "level", "50");
  frames = test_peer_receive (peer);
  test_peer_take_reply (frames, 21, PLANT_RPC_EVENT_PROPERTY_SET, &reply);
  test_assert_variant (reply.value, "50");
}

/* Beyond the credit changes merge and keep their place, and signals queue. */
static void
test_credit (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_native (fixture, 1);

  test_gauge_set_level (fixture->gauge, 5);
  test_gauge_set_level (fixture->gauge, 10);
  test_gauge_ping (fixture->gauge);
  g_object_set (fixture->gauge, "label", "a", NULL);
  test_gauge_set_level (fixture->gauge, 15);
  g_object_set (fixture->gauge, "label", "b", NULL);
  test_gauge_measure (fixture->gauge, 1, "V");

  expect_push (peer, 1, PLANT_RPC_EMISSION_CHANGED, "level", "5");
  assert_quiet (peer);
  give_credit (peer, 1);
  expect_push (peer, 2, PLANT_RPC_EMISSION_CHANGED, "level", "15");
  assert_quiet (peer);
  give_credit (peer, 1000000);
  expect_push (peer, 3, PLANT_RPC_EMISSION_SIGNAL, "pinged", NULL);
  give_credit (peer, 3);
  expect_push (peer, 4, PLANT_RPC_EMISSION_CHANGED, "label", "'b'");
  give_credit (peer, 3);
  assert_quiet (peer);
  give_credit (peer, 4);
  expect_push (peer, 5, PLANT_RPC_EMISSION_SIGNAL, "measured", NULL);
  give_credit (peer, 5);
  test_gauge_set_level (fixture->gauge, 20);
  expect_push (peer, 6, PLANT_RPC_EMISSION_CHANGED, "level", "20");
}

#define N_BIG 40

/* More signals than the queue takes: this client loses some and is told, others lose none. */
static void
test_lost (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (TestPeer) slow = connect_native (fixture, 1);
  g_autoptr (TestPeer) fast = connect_native (fixture, PLANT_RPC_MAX_WINDOW);
  g_autofree char *big = g_strnfill (1024 * 1024, 'x');
  guint n_received = 0, n_lost = 0;
  guint64 sequence = 0;

  for (guint i = 0; i < N_BIG; i++)
    {
      g_auto (PlantRpcEmission) emission = { 0 };

      test_gauge_measure (fixture->gauge, i, big);
      give_credit (fast, test_peer_receive_push (fast, &emission));
      g_assert_cmpuint (emission.type, ==, PLANT_RPC_EMISSION_SIGNAL);
    }
  g_object_set (fixture->gauge, "label", "end", NULL);
  for (;;)
    {
      g_auto (PlantRpcEmission) emission = { 0 };
      guint64 number = test_peer_receive_push (slow, &emission);

      g_assert_cmpuint (number, ==, ++sequence);
      give_credit (slow, number);
      if (emission.type == PLANT_RPC_EMISSION_CHANGED)
        break;
      /* What is lost is the end: one gap, where it happened. */
      g_assert_cmpuint (n_lost, ==, 0);
      n_received += emission.type == PLANT_RPC_EMISSION_SIGNAL;
      n_lost += emission.n_lost;
    }
  g_assert_cmpuint (n_lost, >, 0);
  g_assert_cmpuint (n_received, >, 10);
  g_assert_cmpuint (n_received + n_lost, ==, N_BIG);
}

static void
test_again (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_native (fixture, 1);
  g_autoptr (GVariant) values = NULL;
  int level;

  test_gauge_set_level (fixture->gauge, 5);
  test_gauge_ping (fixture->gauge);
  expect_push (peer, 1, PLANT_RPC_EMISSION_CHANGED, "level", "5");
  values = subscribe (peer, 100000);
  g_assert_true (g_variant_lookup (values, "level", "i", &level));
  g_assert_cmpint (level, ==, 5);
  test_gauge_set_level (fixture->gauge, 10);
  expect_push (peer, 1, PLANT_RPC_EMISSION_CHANGED, "level", "10");
  assert_quiet (peer);
}

/* ---- all wires */

static void
test_generation1 (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (TestPeer) receiver = connect_generation1 (fixture, peer);

  test_gauge_set_level (fixture->gauge, 40);
  g_object_set (fixture->gauge, "mode", TEST_GAUGE_MODE_ON, NULL);
  test_gauge_switch (fixture->gauge, TEST_GAUGE_MODE_OFF);
  test_gauge_measure (fixture->gauge, 2, "V");
  expect_json (receiver, MESSAGE ("levelChanged", "[<@x 40>]"));
  acknowledge (receiver);
  /* The object declares "mode-changed": its notify is not sent under that name. */
  expect_json (receiver, MESSAGE ("modeChanged", "[<'off'>]"));
  acknowledge (receiver);
  expect_json (receiver, MESSAGE ("measured", "[<2.0>, <'V'>]"));
  acknowledge (receiver);
}

/* The next message is of "measured". */
static gboolean
is_measured (TestPeer *receiver)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (receiver);
  g_autoptr (GVariant) message = test_frame_parse (frames, 0);
  const char *signal;

  g_assert_true (g_variant_lookup (message, "signal", "&s", &signal));
  return g_str_equal (signal, "measured");
}

static void
test_generation2 (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}");
  g_autoptr (GVariant) again = test_peer_ask_json (peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}");
  g_autoptr (TestPeer) receiver = NULL;
  g_autofree char *url = NULL;
  gint64 port;
  int level = 0;

  g_assert_true (g_variant_lookup (reply, "signal_port", "x", &port));
  g_assert_cmpvariant (reply, again);
  test_gauge_set_level (fixture->gauge, 100);
  g_assert_cmpuint (n_packed[PLANT_RPC_FORMAT_JSON], ==, 0);

  url = g_strdup_printf ("tcp://127.0.0.1:%" G_GINT64_FORMAT, port);
  receiver = test_peer_new (ZMQ_SUB, url);
  /* What is published before the subscription has arrived is lost. */
  test_wait_until ((test_gauge_set_level (fixture->gauge, level = 5 - level),
                    n_packed[PLANT_RPC_FORMAT_JSON] > 0));
  test_gauge_measure (fixture->gauge, 3, "V");
  test_gauge_set_level (fixture->gauge, 60);
  while (!is_measured (receiver))
    continue;
  expect_json (receiver, MESSAGE ("levelChanged", "[<@x 60>]"));

  /* Nobody is left: nothing is packed any more. */
  g_clear_pointer (&receiver, test_peer_free);
  test_wait_until ((n_packed[PLANT_RPC_FORMAT_JSON] = 0, test_gauge_ping (fixture->gauge),
                    n_packed[PLANT_RPC_FORMAT_JSON] == 0));
}

static void
subscribe_to (TestPeer   *peer,
              const char *topic)
{
  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_SUBSCRIBE, topic, strlen (topic));
}

/* Sends the subscription once more. */
static void
subscribe_again (TestPeer   *peer,
                 const char *topic)
{
  zmq_setsockopt (test_peer_get_socket (peer), ZMQ_UNSUBSCRIBE, topic, strlen (topic));
  subscribe_to (peer, topic);
}

/* Any other subscription ends its connection, so that topics cannot fill the memory. */
static void
test_generation2_topics (Fixture       *fixture,
                         gconstpointer  data)
{
  static const char *const welcome[] = { "", "pinged", "levelChanged" };
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (GVariant) reply = test_peer_ask_json (peer, "{\"event\": \"INIT_SIGNALS_HANDLING\"}");
  g_autoptr (TestPeer) honest = NULL;
  g_autofree char *url = NULL;
  gint64 port;

  g_assert_true (g_variant_lookup (reply, "signal_port", "x", &port));
  url = g_strdup_printf ("tcp://127.0.0.1:%" G_GINT64_FORMAT, port);
  honest = test_peer_new (ZMQ_SUB, url);
  for (guint i = 0; i < G_N_ELEMENTS (welcome); i++)
    subscribe_to (honest, welcome[i]);
  test_wait_until ((test_gauge_ping (fixture->gauge), n_packed[PLANT_RPC_FORMAT_JSON] > 0));
  for (guint i = 0; i < 5; i++)
    {
      static const char *const topics[] = { "{", "pinge", "pinged2", "\xff", "nobody" };
      g_autoptr (TestPeer) unwelcome = test_peer_new (ZMQ_SUB, NULL);
      void *events = test_peer_watch (unwelcome, ZMQ_EVENT_DISCONNECTED);

      subscribe_to (unwelcome, topics[i]);
      g_assert_cmpint (zmq_connect (test_peer_get_socket (unwelcome), url), ==, 0);
      /* It has no effect while it could be of a connection that had the descriptor before. */
      test_wait_until ((subscribe_again (unwelcome, topics[i]), test_peer_has_event (events)));
      zmq_close (events);
    }
  test_gauge_measure (fixture->gauge, 3, "V");
  while (!is_measured (honest))
    continue;
}

static void
test_packed_once (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  TestPeer *natives[3], *old[2];
  g_autoptr (TestPeer) other = connect_peer (fixture);
  guint n_read;

  test_gauge_set_level (fixture->gauge, 5);
  test_gauge_ping (fixture->gauge);
  g_assert_cmpuint (n_packed[PLANT_RPC_FORMAT_NATIVE] + n_packed[PLANT_RPC_FORMAT_JSON], ==, 0);
  g_assert_cmpuint (test_gauge_get_n_read (fixture->gauge), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (natives); i++)
    natives[i] = connect_native (fixture, 100000);
  old[0] = connect_generation1 (fixture, peer);
  old[1] = connect_generation1 (fixture, other);
  n_read = test_gauge_get_n_read (fixture->gauge);
  test_gauge_ping (fixture->gauge);
  test_gauge_set_level (fixture->gauge, 10);
  g_assert_cmpuint (n_packed[PLANT_RPC_FORMAT_NATIVE], ==, 2);
  g_assert_cmpuint (n_packed[PLANT_RPC_FORMAT_JSON], ==, 2);
  g_assert_cmpuint (test_gauge_get_n_read (fixture->gauge), ==, n_read + 1);
  for (guint i = 0; i < G_N_ELEMENTS (natives); i++)
    expect_push (natives[i], 1, PLANT_RPC_EMISSION_SIGNAL, "pinged", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (old); i++)
    expect_json (old[i], MESSAGE ("pinged", "@av []"));
  for (guint i = 0; i < G_N_ELEMENTS (natives); i++)
    test_peer_free (natives[i]);
  for (guint i = 0; i < G_N_ELEMENTS (old); i++)
    test_peer_free (old[i]);
}

static void
test_unpacked (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (TestPeer) native = connect_native (fixture, 100000);
  g_autoptr (TestPeer) old = connect_generation1 (fixture, peer);

  too_large = TRUE;
  test_gauge_ping (fixture->gauge);
  g_assert_cmpuint (n_packed[PLANT_RPC_FORMAT_NATIVE] + n_packed[PLANT_RPC_FORMAT_JSON], ==, 2);
  too_large = FALSE;
  test_gauge_ping (fixture->gauge);
  expect_push (native, 1, PLANT_RPC_EMISSION_SIGNAL, "pinged", NULL);
  expect_json (old, MESSAGE ("pinged", "@av []"));
}

/* ---- clients that go, or do not answer */

static void
test_generation1_again (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (TestPeer) first = connect_generation1 (fixture, peer);
  g_autoptr (TestPeer) second = connect_generation1 (fixture, peer);

  test_gauge_ping (fixture->gauge);
  test_gauge_set_level (fixture->gauge, 10);
  expect_json (second, MESSAGE ("pinged", "@av []"));
  acknowledge (second);
  expect_json (second, MESSAGE ("levelChanged", "[<@x 10>]"));
  g_assert_null (test_peer_try_receive (first));
}

static void
test_generation1_gone (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (TestPeer) receiver = connect_generation1 (fixture, peer);

  test_gauge_ping (fixture->gauge);
  expect_json (receiver, MESSAGE ("pinged", "@av []"));
  g_clear_pointer (&receiver, test_peer_free);
  test_wait_until ((n_packed[PLANT_RPC_FORMAT_JSON] = 0, test_gauge_ping (fixture->gauge),
                    n_packed[PLANT_RPC_FORMAT_JSON] == 0));
  assert_quiet (peer);
}

/* One that never acknowledges is dropped once too much waits, and holds up nobody before. */
static void
test_generation1_silent (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (TestPeer) other = connect_peer (fixture);
  g_autoptr (TestPeer) silent = connect_generation1 (fixture, peer);
  g_autoptr (TestPeer) good = connect_generation1 (fixture, other);
  g_autofree char *big = g_strnfill (1024 * 1024, 'x');

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GPtrArray) frames = NULL, more = NULL;

      test_gauge_measure (fixture->gauge, i, big);
      test_gauge_measure (fixture->gauge, i, "small");
      frames = test_peer_receive (good);
      acknowledge (good);
      more = test_peer_receive (good);
      acknowledge (good);
      assert_quiet (peer);
    }
  g_clear_pointer (&good, test_peer_free);
  test_wait_until ((n_packed[PLANT_RPC_FORMAT_JSON] = 0, test_gauge_ping (fixture->gauge),
                    n_packed[PLANT_RPC_FORMAT_JSON] == 0));
}

/* One signal of any size may be under way to a client, with signals of the usual size behind it. */
static void
test_generation1_large (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autoptr (TestPeer) receiver = connect_generation1 (fixture, peer);
  g_autofree char *large = g_strnfill (PLANT_RPC_MAX_UNACKNOWLEDGED + 1, 'x');
  g_autoptr (GPtrArray) frames = NULL;

  test_gauge_measure (fixture->gauge, 1, large);
  test_gauge_ping (fixture->gauge);
  frames = test_peer_receive (receiver);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (frames, 0)), >,
                    PLANT_RPC_MAX_UNACKNOWLEDGED);
  acknowledge (receiver);
  expect_json (receiver, MESSAGE ("pinged", "@av []"));
}

static guint16
find_closed_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  g_assert_cmpuint (port, !=, 0);
  g_socket_listener_close (listener);
  return port;
}

/* No client listens at the address that was given, so the subscriber is dropped. */
static void
test_generation1_absent (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_peer (fixture);
  g_autofree char *request = g_strdup_printf (
      "{\"event\": \"INIT_SIGNALS_HANDLING\", \"address\": \"127.0.0.1\", \"port\": %u}",
      find_closed_port ());

  test_peer_assert_reply (peer, request, "{'success': <true>}");
  test_wait_until ((n_packed[PLANT_RPC_FORMAT_JSON] = 0, test_gauge_ping (fixture->gauge),
                    n_packed[PLANT_RPC_FORMAT_JSON] == 0));
}

static void
test_native_gone (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (TestPeer) gone = connect_native (fixture, 100000);
  g_autoptr (TestPeer) stays = connect_native (fixture, 100000);

  g_clear_pointer (&gone, test_peer_free);
  test_gauge_ping (fixture->gauge);
  expect_push (stays, 1, PLANT_RPC_EMISSION_SIGNAL, "pinged", NULL);
  g_clear_pointer (&stays, test_peer_free);
  test_wait_until ((n_packed[PLANT_RPC_FORMAT_NATIVE] = 0, test_gauge_ping (fixture->gauge),
                    n_packed[PLANT_RPC_FORMAT_NATIVE] == 0));
}

static gpointer
emit_elsewhere (gpointer user_data)
{
  TestGauge *gauge = user_data;

  for (int i = 1; i <= 100; i++)
    test_gauge_measure (gauge, i, "V");
  test_gauge_set_level (gauge, 50);
  return NULL;
}

static void
test_other_thread (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (TestPeer) peer = connect_native (fixture, 100000);
  GThread *thread = g_thread_new ("emit", emit_elsewhere, fixture->gauge);

  for (int i = 1; i <= 100; i++)
    {
      g_auto (PlantRpcEmission) emission = { 0 };
      g_autoptr (GVariant) arg = NULL;

      g_assert_cmpuint (test_peer_receive_push (peer, &emission), ==, i);
      g_variant_get_child (emission.value, 0, "v", &arg);
      g_assert_cmpfloat (g_variant_get_double (arg), ==, i);
    }
  expect_push (peer, 101, PLANT_RPC_EMISSION_CHANGED, "level", "50");
  g_thread_join (thread);
}

#define ADD(name, function) \
  g_test_add ("/publisher/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Emissions of this thread are told at once, as within the loop. */
  g_assert_true (g_main_context_acquire (NULL));

  ADD ("native", test_native);
  ADD ("not-told", test_not_told);
  ADD ("before-reply", test_before_reply);
  ADD ("credit", test_credit);
  ADD ("lost", test_lost);
  ADD ("again", test_again);
  ADD ("generation-1", test_generation1);
  ADD ("generation-2", test_generation2);
  ADD ("generation-2/topics", test_generation2_topics);
  ADD ("packed-once", test_packed_once);
  ADD ("unpacked", test_unpacked);
  ADD ("generation-1/again", test_generation1_again);
  ADD ("generation-1/gone", test_generation1_gone);
  ADD ("generation-1/silent", test_generation1_silent);
  ADD ("generation-1/large", test_generation1_large);
  ADD ("generation-1/absent", test_generation1_absent);
  ADD ("native-gone", test_native_gone);
  ADD ("other-thread", test_other_thread);
  return g_test_run ();
}

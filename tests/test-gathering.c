/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "devices/gauge.h"
#include "plant-rpc-bundle-private.h"
#include "plant-rpc-client.h"
#include "plant-rpc-server.h"
#include "plant-rpc-test-peer.h"

/* Emissions that a server gathers, as clients of both versions of the native wire get them. */

#define WINDOW (1024 * 1024)

typedef struct {
  TestGauge      *gauge;
  PlantRpcServer *server;
} Fixture;

/* What a peer has got: the names, and the numbers behind "measured". */
typedef struct {
  TestPeer *peer;       /* (owned) */
  guint64   sequence;   /* of the last push */
  guint     n_messages;
  guint     n_bundles;
  GString  *told;       /* (owned) */
} Listener;

/* These methods emit as much as they are asked for. */
static void
emit (PlantRpcInvocation *invocation,
      TestGauge          *gauge)
{
  g_autoptr (GVariant) arg = NULL;

  g_variant_get_child (plant_rpc_invocation_get_args (invocation), 0, "v", &arg);
  for (int i = 0; i < g_variant_get_int32 (arg); i++)
    test_gauge_measure (gauge, i, "m");
}

static void
on_measure (PlantRpcInvocation  *invocation,
            gpointer             gauge,
            GError             **error)
{
  emit (invocation, gauge);
  plant_rpc_invocation_return_value (invocation, NULL);
  test_gauge_ping (gauge);
}

static void
on_return_first (PlantRpcInvocation  *invocation,
                 gpointer             gauge,
                 GError             **error)
{
  plant_rpc_invocation_return_value (invocation, NULL);
  emit (invocation, gauge);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->gauge = test_gauge_new ();
  fixture->server = plant_rpc_server_new (G_OBJECT (fixture->gauge), "tcp://127.0.0.1:*");
  plant_rpc_server_register_method_json (fixture->server, "measure", "n: i",
                                         PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE,
                                         on_measure, fixture->gauge, NULL);
  plant_rpc_server_register_method_json (fixture->server, "return_first", "n: i",
                                         PLANT_RPC_TIMEOUT_DEFAULT, PLANT_RPC_METHOD_FLAGS_NONE,
                                         on_return_first, fixture->gauge, NULL);
  plant_rpc_server_start (fixture->server, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_assert_finalize_object (fixture->server);
  g_assert_finalize_object (fixture->gauge);
}

static Listener *
listen (Fixture       *fixture,
        PlantRpcEvent  event)
{
  Listener *self = g_new0 (Listener, 1);
  PlantRpcRequest request = { .event = event, .number = WINDOW };
  g_auto (PlantRpcReply) reply = { 0 };

  self->told = g_string_new (NULL);
  self->peer = test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (fixture->server));
  test_peer_ask_native (self->peer, &request, &reply);
  g_assert_no_error (reply.error);
  return self;
}

static void
listener_free (Listener *self)
{
  test_peer_free (self->peer);
  g_string_free (self->told, TRUE);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)

static void
note (Listener     *self,
      const guint8 *data,
      gsize         size)
{
  g_autoptr (GBytes) payload = g_bytes_new (data, size);
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GVariant) value = NULL;

  g_assert_true (plant_rpc_emission_unpack (&emission, payload, NULL));
  self->sequence++;
  g_string_append_printf (self->told, "%s", emission.name);
  if (g_str_equal (emission.name, "measured"))
    {
      g_variant_get_child (emission.value, 0, "v", &value);
      g_string_append_printf (self->told, "%g", g_variant_get_double (value));
    }
  g_string_append_c (self->told, ' ');
}

/* Takes the next message, which is a push or the reply to a request. */
static void
take (Listener *self)
{
  g_autoptr (GPtrArray) frames = test_peer_receive (self->peer);
  GBytes *payload = g_ptr_array_index (frames, frames->len - 1);
  PlantRpcBundleIter iter;
  guint64 number;
  const guint8 *data;
  gsize size;

  if (frames->len > 2 || g_bytes_get_size (g_ptr_array_index (frames, 0)) == 0)
    {
      g_string_append (self->told, "reply ");
      return;
    }
  memcpy (&number, g_bytes_get_data (g_ptr_array_index (frames, 0), NULL), sizeof number);
  g_assert_cmpuint (GUINT64_FROM_LE (number), ==, PLANT_RPC_PUSH_BIT | (self->sequence + 1));
  self->n_messages++;
  if (plant_rpc_message_get_kind (payload) != PLANT_RPC_KIND_BUNDLE)
    {
      data = g_bytes_get_data (payload, &size);
      note (self, data, size);
      return;
    }
  self->n_bundles++;
  g_assert_true (plant_rpc_bundle_iter_init (&iter, payload, NULL));
  while (plant_rpc_bundle_iter_next (&iter, &data, &size))
    note (self, data, size);
}

static void
assert_told (Listener   *self,
             const char *expected)
{
  while (self->told->len < strlen (expected))
    take (self);
  g_assert_cmpstr (self->told->str, ==, expected);
  g_string_truncate (self->told, 0);
}

static char *
list_measured (guint       n,
               const char *behind)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "measured%u ", i);
  g_string_append (text, behind);
  return g_string_free (text, FALSE);
}

static void
measure (Fixture *fixture,
         guint    n)
{
  for (guint i = 0; i < n; i++)
    test_gauge_measure (fixture->gauge, i, "m");
}

/* Most emissions come alone, and go out at once: no loop runs here meanwhile. */
static void
test_few (Fixture       *fixture,
          gconstpointer  data)
{
  g_autoptr (Listener) first = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE);
  g_autoptr (Listener) second = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);

  for (guint i = 0; i < 20; i++)
    {
      g_usleep (1500);
      measure (fixture, 1);
      assert_told (first, "measured0 ");
      assert_told (second, "measured0 ");
    }
  g_assert_cmpuint (second->n_bundles, ==, 0);
}

/* A client of version 1 gets each by itself. */
static void
test_many (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (Listener) first = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE);
  g_autoptr (Listener) second = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);
  g_autofree char *expected = list_measured (2000, "level pinged ");

  measure (fixture, 2000);
  test_gauge_set_level (fixture->gauge, 7);
  test_gauge_ping (fixture->gauge);
  assert_told (first, expected);
  assert_told (second, expected);
  g_assert_cmpuint (first->n_bundles, ==, 0);
  g_assert_cmpuint (second->n_bundles, >, 1);
  g_assert_cmpuint (second->n_messages, <, 1000);
}

/* A large emission goes by itself, at its place. */
static void
test_large (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (Listener) listener = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);
  g_autofree char *unit = g_strnfill (2 * PLANT_RPC_MAX_BUNDLED_PAYLOAD, 'm');
  g_autofree char *start = list_measured (100, "measured5 ");
  g_autofree char *end = list_measured (100, "");
  g_autofree char *expected = g_strconcat (start, end, NULL);

  measure (fixture, 100);
  test_gauge_measure (fixture->gauge, 5, unit);
  measure (fixture, 100);
  assert_told (listener, expected);
  g_assert_cmpuint (listener->n_bundles, >=, 2);
}

/* What was emitted before a reply is told before it, and nothing else. */
static void
test_replies (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (Listener) listener = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);
  g_autofree char *expected = list_measured (100, "reply pinged ");

  for (guint i = 0; i < 3; i++)
    {
      PlantRpcRequest request = {
        .event = PLANT_RPC_EVENT_METHOD_CALL,
        .name = g_strdup ("measure"),
        .args = g_variant_ref_sink (g_variant_new_parsed ("[<100>]")),
      };

      test_peer_send_native (listener->peer, 99, &request);
      assert_told (listener, expected);
    }
}

/* Of requests that arrive together, the later one is answered after what the first one makes the
 * device emit, in whichever form its reply is. */
static void
test_replies_in_turn (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (Listener) listener = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);
  g_autofree char *measured = list_measured (100, "reply ");
  g_autofree char *expected = g_strconcat ("reply ", measured, NULL);

  for (guint i = 0; i < 3; i++)
    {
      PlantRpcRequest request = {
        .event = PLANT_RPC_EVENT_METHOD_CALL,
        .name = g_strdup ("return_first"),
        .args = g_variant_ref_sink (g_variant_new_parsed ("[<100>]")),
      };

      test_peer_send_native (listener->peer, 99, &request);
      test_peer_send_text (listener->peer, "", data, NULL);
      assert_told (listener, expected);
    }
}

/* What was emitted before a client subscribed is not for it. */
static void
test_later (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (Listener) first = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);
  g_autoptr (Listener) second = NULL;
  g_autofree char *expected = list_measured (100, "pinged ");

  /* Whoever is not the owner of the context leaves emissions to it, until later. */
  g_assert_true (g_main_context_acquire (NULL));
  measure (fixture, 100);
  g_main_context_release (NULL);
  second = listen (fixture, PLANT_RPC_EVENT_SUBSCRIBE_BUNDLED);
  test_gauge_ping (fixture->gauge);
  assert_told (second, "pinged ");
  assert_told (first, expected);
}

/* ---- a client of the library */

typedef struct {
  GString *told;    /* (owned) */
  int      value;   /* of the next signal */
  int      n_loops; /* to be run */
} Hearer;

static void
on_measured (PlantRpcClient *client,
             double          value,
             const char     *unit,
             gpointer        user_data)
{
  Hearer *self = user_data;

  g_assert_cmpint ((int) value, ==, self->value);
  self->value++;
  if (self->n_loops == 0)
    return;
  /* The rest arrives in here, too. */
  self->n_loops--;
  test_wait_until (self->value == 2000);
}

static void
on_told (GObject *client,
         Hearer  *self)
{
  g_string_append_printf (self->told, "%d ", self->value);
}

static void
on_called (GObject      *client,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GVariant) value =
      plant_rpc_client_call_finish (PLANT_RPC_CLIENT (client), result, NULL);

  g_assert_nonnull (value);
  on_told (client, user_data);
}

static PlantRpcClient *
make_client (Fixture *fixture,
             Hearer  *hearer)
{
  PlantRpcClient *client = plant_rpc_client_new_for_type (
      TEST_TYPE_GAUGE, plant_rpc_server_get_url (fixture->server), NULL);

  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
  *hearer = (Hearer) { g_string_new (NULL), 0, 0 };
  g_signal_connect (client, "measured", G_CALLBACK (on_measured), hearer);
  g_signal_connect (client, "pinged", G_CALLBACK (on_told), hearer);
  return client;
}

static int
get_level (PlantRpcClient *client)
{
  int level;

  g_object_get (client, "level", &level, NULL);
  return level;
}

/* Signals, changes and replies come in order. */
static void
test_client (Fixture       *fixture,
             gconstpointer  data)
{
  Hearer hearer;
  g_autoptr (PlantRpcClient) client = make_client (fixture, &hearer);

  hearer.n_loops = GPOINTER_TO_INT (data);
  plant_rpc_client_call (client, "measure", g_variant_new ("(i)", 2000), NULL,
                         PLANT_RPC_TIMEOUT_FROM_SERVER, NULL, on_called, &hearer);
  test_wait_until (g_str_equal (hearer.told->str, "2000 2000 "));
  for (int i = 0; i < 2000; i++)
    {
      if (i == 1000)
        test_gauge_ping (fixture->gauge);
      test_gauge_measure (fixture->gauge, 2000 + i, "m");
    }
  test_gauge_set_level (fixture->gauge, 45);
  test_wait_until (hearer.value == 4000);
  g_assert_cmpstr (hearer.told->str, ==, "2000 2000 3000 ");
  test_wait_until (get_level (client) == 45);
  g_string_free (hearer.told, TRUE);
}

static void
take_long (PlantRpcClient *client)
{
  g_usleep (1000);
}

static gboolean
count (gpointer n_turns)
{
  ++*(guint *) n_turns;
  return G_SOURCE_CONTINUE;
}

/* Handlers that take long together are interrupted, so that all else in the loop has its turn. */
static void
test_turns (Fixture       *fixture,
            gconstpointer  data)
{
  Hearer hearer;
  g_autoptr (PlantRpcClient) client = make_client (fixture, &hearer);
  guint n_turns = 0, n_first;
  guint source;

  g_signal_connect (client, "measured", G_CALLBACK (take_long), NULL);
  measure (fixture, 60);
  test_wait_until (hearer.value > 8);
  n_first = (guint) hearer.value;
  source = g_timeout_add (0, count, &n_turns);
  test_wait_until (hearer.value == 60);
  g_source_remove (source);
  g_assert_cmpuint (n_first, <, 50);
  g_assert_cmpuint (n_turns, >, 2);
  g_string_free (hearer.told, TRUE);
}

static void
close_client (PlantRpcClient *client,
              double          value,
              const char     *unit,
              gpointer        user_data)
{
  if (value == 100)
    plant_rpc_client_close (client);
}

/* The rest of the bundle is dropped. */
static void
test_closed (Fixture       *fixture,
             gconstpointer  data)
{
  Hearer hearer;
  g_autoptr (PlantRpcClient) client = make_client (fixture, &hearer);

  g_signal_connect (client, "measured", G_CALLBACK (close_client), NULL);
  measure (fixture, 2000);
  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_CLOSED);
  for (guint i = 0; i < 100 && g_main_context_iteration (NULL, FALSE); i++)
    g_assert_cmpuint (i, <, 90);
  g_assert_cmpint (hearer.value, ==, 101);
  g_string_free (hearer.told, TRUE);
}

#define ADD(name, data, function) \
  g_test_add ("/gathering/" name, Fixture, data, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("few", NULL, test_few);
  ADD ("many", NULL, test_many);
  ADD ("large", NULL, test_large);
  ADD ("replies", NULL, test_replies);
  ADD ("replies/json", "{\"event\": \"PROPERTY_GET\", \"property\": \"serial\"}",
       test_replies_in_turn);
  ADD ("replies/inventory", "{\"event\": \"GET_INVENTORY\"}", test_replies_in_turn);
  ADD ("later", NULL, test_later);
  ADD ("client", NULL, test_client);
  ADD ("client/loop", GINT_TO_POINTER (3), test_client);
  ADD ("client/turns", NULL, test_turns);
  ADD ("client/closed", NULL, test_closed);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-native-subscriber-private.h"

/* A subscriber that understands bundles. The test takes each message apart as a client does, and
 * writes down the signals by their numbers, with a bar behind each message. */

static GString *journal;
static guint64 n_pushed; /* pushes so far */
static gsize largest;    /* bytes of the largest message */
static PlantRpcHoldings *holdings;

void __wrap_plant_rpc_router_send (PlantRpcRouter         *router,
                                   const PlantRpcEnvelope *envelope,
                                   GBytes                 *payload,
                                   GBytes                 *buffer);
PlantRpcHoldings *__wrap_plant_rpc_router_get_holdings (PlantRpcRouter *router);

PlantRpcHoldings *
__wrap_plant_rpc_router_get_holdings (PlantRpcRouter *router)
{
  return holdings;
}

static void
note_push (const guint8 *data,
           gsize         size)
{
  g_autoptr (GBytes) payload = g_bytes_new (data, size);
  g_auto (PlantRpcEmission) emission = { 0 };

  n_pushed++;
  g_assert_true (plant_rpc_emission_unpack (&emission, payload, NULL));
  if (emission.type == PLANT_RPC_EMISSION_LOST)
    g_string_append_printf (journal, "lost:%" G_GUINT64_FORMAT " ", emission.n_lost);
  else
    g_string_append_printf (journal, "%s ", emission.name);
}

void
__wrap_plant_rpc_router_send (PlantRpcRouter         *router,
                              const PlantRpcEnvelope *envelope,
                              GBytes                 *payload,
                              GBytes                 *buffer)
{
  gsize size;
  const guint8 *frame = plant_rpc_envelope_peek (envelope, 1, &size);
  PlantRpcBundleIter iter;
  guint64 number;

  g_assert_cmpuint (size, ==, sizeof number);
  memcpy (&number, frame, sizeof number);
  g_assert_cmpuint (GUINT64_FROM_LE (number), ==, PLANT_RPC_PUSH_BIT | (n_pushed + 1));
  largest = MAX (largest, g_bytes_get_size (payload));
  if (plant_rpc_message_get_kind (payload) != PLANT_RPC_KIND_BUNDLE)
    {
      note_push (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
    }
  else
    {
      g_assert_true (plant_rpc_bundle_iter_init (&iter, payload, NULL));
      g_assert_cmpuint (iter.n_left, >, 1);
      while (plant_rpc_bundle_iter_next (&iter, &frame, &size))
        note_push (frame, size);
    }
  g_string_append (journal, "| ");
}

static gsize
give_nothing (gpointer owner,
              guint64  connection)
{
  return 0;
}

/* ---- the subscriber */

typedef struct {
  PlantRpcNativeSubscriber *subscriber;
} Fixture;

/* Each payload of a signal has 20 bytes, and so counts as 84. */
#define COUNTED 84
#define WINDOW  (10 * COUNTED)

#define CONNECTION 7

static void
start (Fixture *fixture,
       guint64  window)
{
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, "peer", 4);
  envelope.connection = CONNECTION;
  fixture->subscriber = plant_rpc_native_subscriber_new (NULL, &envelope, window, TRUE);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  journal = g_string_new (NULL);
  n_pushed = 0;
  largest = 0;
  holdings = plant_rpc_holdings_new (4 * PLANT_RPC_MAX_QUEUED, give_nothing, NULL);
  start (fixture, WINDOW);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  plant_rpc_native_subscriber_free (fixture->subscriber);
  g_assert_cmpuint (plant_rpc_holdings_get_total (holdings), ==, 0);
  plant_rpc_holdings_free (holdings);
  g_string_free (journal, TRUE);
}

static void
assert_journal (const char *expected)
{
  g_assert_cmpstr (journal->str, ==, expected);
  g_string_truncate (journal, 0);
}

static GBytes *
pack (const char *name)
{
  const gboolean changed = g_ascii_isupper (name[0]);
  g_autoptr (GVariant) value =
      g_variant_ref_sink (changed ? g_variant_new_int64 (1) : g_variant_new_parsed ("[<int64 1>]"));
  const PlantRpcEmission emission = {
    .type = changed ? PLANT_RPC_EMISSION_CHANGED : PLANT_RPC_EMISSION_SIGNAL,
    .name = (char *) name,
    .value = value,
  };

  return plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_NATIVE, NULL);
}

/* The first letter of each name is large for a change. */
static void
push_bundle (Fixture    *fixture,
             const char *names)
{
  g_autoptr (PlantRpcBundle) bundle = plant_rpc_bundle_new ();
  g_auto (GStrv) list = g_strsplit (names, " ", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autoptr (GBytes) payload = pack (list[i]);

      plant_rpc_bundle_append_payload (bundle, payload);
    }
  plant_rpc_native_subscriber_push_bundle (fixture->subscriber, bundle);
}

static void
push (Fixture    *fixture,
      const char *name)
{
  g_autoptr (GBytes) payload = pack (name);

  if (g_ascii_isupper (name[0]))
    plant_rpc_native_subscriber_push_changed (fixture->subscriber, name, payload);
  else
    plant_rpc_native_subscriber_push_signal (fixture->subscriber, payload);
}

static void
credit (Fixture *fixture,
        guint64  sequence)
{
  plant_rpc_native_subscriber_credit (fixture->subscriber, sequence);
}

/* ---- tests */

static void
test_whole (Fixture       *fixture,
            gconstpointer  data)
{
  push_bundle (fixture, "a b");
  assert_journal ("");
  plant_rpc_native_subscriber_release (fixture->subscriber);
  assert_journal ("a b | ");
  push_bundle (fixture, "c D d");
  push_bundle (fixture, "e");
  assert_journal ("c D d | e | ");
}

/* The credit is that of single pushes, so a bundle may be cut anywhere. */
static void
test_cut (Fixture       *fixture,
          gconstpointer  data)
{
  plant_rpc_native_subscriber_release (fixture->subscriber);
  push_bundle (fixture, "a b c d e f g h");
  push_bundle (fixture, "i j k l m n o p");
  push_bundle (fixture, "q r");
  assert_journal ("a b c d e f g h | i j | ");
  credit (fixture, 1);
  assert_journal ("k | ");
  credit (fixture, 4);
  assert_journal ("l m n | ");
  credit (fixture, 14);
  assert_journal ("o p | q r | ");
}

/* What waits one by one goes out together. */
static void
test_single (Fixture       *fixture,
             gconstpointer  data)
{
  push (fixture, "a");
  push (fixture, "B");
  push (fixture, "c");
  push (fixture, "B");
  push_bundle (fixture, "d e");
  push (fixture, "f");
  plant_rpc_native_subscriber_release (fixture->subscriber);
  assert_journal ("a B c | d e | f | ");
}

/* A change that waits is merged, from whichever message it is. */
static void
test_merged (Fixture       *fixture,
             gconstpointer  data)
{
  push_bundle (fixture, "a B b c");
  push_bundle (fixture, "B d D e f");
  push (fixture, "D");
  push (fixture, "B");
  plant_rpc_native_subscriber_release (fixture->subscriber);
  assert_journal ("a B | b c | d D | e f | ");
}

/* All of a bundle that gives way is lost, and counted. */
static void
test_give_way (Fixture       *fixture,
               gconstpointer  data)
{
  push_bundle (fixture, "a b c D e f");
  push_bundle (fixture, "g h");
  g_assert_cmpuint (plant_rpc_native_subscriber_give_way (fixture->subscriber), >, 0);
  g_assert_cmpuint (plant_rpc_native_subscriber_give_way (fixture->subscriber), ==, 0);
  push_bundle (fixture, "i j");
  plant_rpc_native_subscriber_release (fixture->subscriber);
  assert_journal ("lost:3 D lost:4 | i j | ");
}

static void
test_lost (Fixture       *fixture,
           gconstpointer  data)
{
  const guint n = PLANT_RPC_MAX_QUEUED / (10 * COUNTED);
  guint n_sent = 0;

  plant_rpc_native_subscriber_release (fixture->subscriber);
  for (guint i = 0; i < n + 2; i++)
    push_bundle (fixture, "a b c d e f g h i j");
  push (fixture, "Z");
  while (n_sent < n_pushed)
    {
      n_sent = (guint) n_pushed;
      g_string_truncate (journal, 0);
      credit (fixture, n_pushed);
      if (strstr (journal->str, "lost") != NULL)
        break;
    }
  g_assert_nonnull (strstr (journal->str, "lost:"));
  g_assert_nonnull (strstr (journal->str, " Z "));
  n_sent = (guint) g_ascii_strtoull (strstr (journal->str, "lost:") + 5, NULL, 10);
  g_assert_cmpuint (n_pushed - 2 + n_sent, ==, 10 * (n + 2));
}

/* The server does not hold more than what it sends, and what waits. */
static void
test_counted (Fixture       *fixture,
              gconstpointer  data)
{
  const gsize all = 1000 * COUNTED;

  plant_rpc_native_subscriber_free (fixture->subscriber);
  start (fixture, 2 * all);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  for (guint i = 0; i < 300; i++)
    push_bundle (fixture, "a b c d e f g h i j");
  g_assert_cmpuint (n_pushed, ==, 2000);
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, CONNECTION), >=, 1000 * 20);
  credit (fixture, 1000);
  g_assert_cmpuint (n_pushed, ==, 3000);
  credit (fixture, 2999);
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, CONNECTION), <, 500);
  credit (fixture, 3000);
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, CONNECTION), ==, 0);
  g_assert_cmpuint (largest, <, 1000);
}

/* The router counts a large message, and nobody counts it twice. */
static void
test_counted_elsewhere (Fixture       *fixture,
                        gconstpointer  data)
{
  g_autoptr (PlantRpcBundle) bundle = plant_rpc_bundle_new ();
  g_autoptr (GBytes) payload = pack ("a");

  plant_rpc_native_subscriber_free (fixture->subscriber);
  start (fixture, 1000 * COUNTED);
  plant_rpc_native_subscriber_release (fixture->subscriber);
  while (!plant_rpc_bundle_is_full (bundle))
    plant_rpc_bundle_append_payload (bundle, payload);
  plant_rpc_native_subscriber_push_bundle (fixture->subscriber, bundle);
  g_assert_cmpuint (n_pushed, ==, plant_rpc_bundle_get_n (bundle));
  g_assert_cmpuint (largest, >, PLANT_RPC_SMALL_MESSAGE);
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, CONNECTION), ==, 0);
  credit (fixture, n_pushed);
  push_bundle (fixture, "a b");
  g_assert_cmpuint (plant_rpc_holdings_get (holdings, CONNECTION), >, 0);
}

#define ADD(name, function) \
  g_test_add ("/bundled-subscriber/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("whole", test_whole);
  ADD ("cut", test_cut);
  ADD ("single", test_single);
  ADD ("merged", test_merged);
  ADD ("give-way", test_give_way);
  ADD ("lost", test_lost);
  ADD ("counted", test_counted);
  ADD ("counted/elsewhere", test_counted_elsewhere);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-credit-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-native-subscription-private.h"
#include "plant-rpc-test-device.h"

/* A subscription on a link that is never connected. The test pushes, and its owner writes down what
 * arrives and what counts as seen. */
typedef struct {
  PlantRpcTimer              *timer;        /* (owned) */
  PlantRpcLink               *link;         /* (owned) */
  PlantRpcNativeSubscription *subscription; /* (owned) */
  GString                    *journal;      /* (owned) */
  PlantRpcLinkPushFunc        push;
  gpointer                    push_owner;
  guint64                     number;       /* of the last emission */
  gsize                       size;         /* of the last emission */
} Fixture;

static Fixture *current;

void __wrap_plant_rpc_link_set_push_func (PlantRpcLink         *self,
                                          PlantRpcLinkPushFunc  func,
                                          gpointer              owner);
guint64 __real_plant_rpc_credit_see (PlantRpcCredit *self,
                                     guint64         number,
                                     gsize           size,
                                     gboolean        in_order,
                                     guint64         last);
guint64 __wrap_plant_rpc_credit_see (PlantRpcCredit *self,
                                     guint64         number,
                                     gsize           size,
                                     gboolean        in_order,
                                     guint64         last);

void
__wrap_plant_rpc_link_set_push_func (PlantRpcLink         *self,
                                     PlantRpcLinkPushFunc  func,
                                     gpointer              owner)
{
  current->push = func;
  current->push_owner = owner;
}

guint64
__wrap_plant_rpc_credit_see (PlantRpcCredit *self,
                             guint64         number,
                             gsize           size,
                             gboolean        in_order,
                             guint64         last)
{
  g_string_append_printf (current->journal, "seen:%" G_GUINT64_FORMAT " ",
                          number & PLANT_RPC_MAX_SEQUENCE);
  current->size = size;
  g_assert_cmpuint (__real_plant_rpc_credit_see (self, number, size, in_order, last), ==, 0);
  return 0;
}

static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  Fixture *self = owner;

  g_string_append_printf (self->journal, "%s:%" G_GUINT64_FORMAT " ", emission->name,
                          sequence & PLANT_RPC_MAX_SEQUENCE);
  self->number = sequence;
  self->size = size;
}

/* Writes the series down as its signals, in brackets. */
static void
on_series (gpointer        owner,
           PlantRpcSeries *series)
{
  Fixture *self = owner;

  g_string_append (self->journal, "[ ");
  while (series->n_left > 0)
    {
      g_auto (PlantRpcSeriesSignal) signal;
      g_autoptr (GError) error = NULL;
      const gboolean good = plant_rpc_series_next (series, &signal, &error);

      g_string_append_printf (self->journal, "%s:%" G_GUINT64_FORMAT " ",
                              good ? signal.name : "bad", signal.number & PLANT_RPC_MAX_SEQUENCE);
      if (!good)
        plant_rpc_native_subscription_refuse (self->subscription, signal.number, signal.size,
                                              error);
      self->size = signal.size;
    }
  g_string_append (self->journal, "] ");
  plant_rpc_series_free (series);
}

static void
on_together (gpointer owner,
             gboolean together)
{
  g_string_append (((Fixture *) owner)->journal, together ? "{ " : "} ");
}

static void
on_lost (gpointer owner,
         guint64  n_lost)
{
  g_string_append_printf (((Fixture *) owner)->journal, "lost:%" G_GUINT64_FORMAT " ", n_lost);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  static const PlantRpcLinkFuncs link_funcs = { .opened = NULL };
  static const PlantRpcSignalFuncs funcs = { .received = on_received, .lost = on_lost,
                                              .together = on_together, .series = on_series };

  current = self;
  self->timer = test_timer_new ();
  self->journal = g_string_new (NULL);
  self->link = plant_rpc_link_new ("tcp://127.0.0.1:1", g_main_context_default (), self->timer,
                                   &test_link_options, &link_funcs, self);
  self->subscription = plant_rpc_native_subscription_new (self->link, &funcs, self);
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_native_subscription_free (self->subscription);
  g_assert_true (self->push == NULL);
  plant_rpc_link_free (self->link);
  plant_rpc_timer_free (self->timer);
  g_string_free (self->journal, TRUE);
}

static void
assert_journal (Fixture    *self,
                const char *expected)
{
  g_assert_cmpstr (self->journal->str, ==, expected);
  g_string_truncate (self->journal, 0);
}

static void
push_bytes (Fixture    *self,
            guint64     sequence,
            const char *bytes,
            gsize       size)
{
  g_autoptr (GBytes) payload = g_bytes_new (bytes, size);

  self->size = 0;
  self->push (self->push_owner, sequence, payload);
}

/* Checks that the emission, if it is accepted, counts with its size. */
static void
push (Fixture          *self,
      guint64           sequence,
      PlantRpcEmission *emission)
{
  g_autoptr (GBytes) payload = plant_rpc_emission_pack (emission, PLANT_RPC_FORMAT_NATIVE, NULL);

  self->size = 0;
  self->push (self->push_owner, sequence, payload);
  g_assert_true (self->size == 0 ||
                 self->size == g_bytes_get_size (payload) + PLANT_RPC_PUSH_OVERHEAD);
}

static void
push_signal (Fixture    *self,
             guint64     sequence,
             const char *name)
{
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_parsed ("[<1>, <@as []>]"));
  PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_SIGNAL, .name = (char *) name,
                                .value = args };

  push (self, sequence, &emission);
}

static void
test_order (Fixture       *self,
            gconstpointer  data)
{
  g_autoptr (GVariant) one = g_variant_ref_sink (g_variant_new_int32 (1));
  PlantRpcEmission changed = { .type = PLANT_RPC_EMISSION_CHANGED, .name = (char *) "level",
                               .value = one };
  PlantRpcEmission lost = { .type = PLANT_RPC_EMISSION_LOST, .n_lost = 7 };
  PlantRpcEmission probe = { .type = PLANT_RPC_EMISSION_LOST };

  plant_rpc_native_subscription_begin (self->subscription);
  push_signal (self, 1, "a");
  push (self, 2, &changed);
  push (self, 3, &lost);
  push (self, 4, &probe);
  push_signal (self, 5, "b");
  assert_journal (self, "a:1 level:2 seen:3 lost:7 seen:4 b:5 ");
  g_assert_cmpuint (plant_rpc_native_subscription_get_n_malformed (self->subscription), ==, 0);
}

/* A gap is reported before what came after it. */
static void
test_gap (Fixture       *self,
          gconstpointer  data)
{
  plant_rpc_native_subscription_begin (self->subscription);
  push_signal (self, 2, "a");
  push_signal (self, 3, "b");
  push_bytes (self, 9, "\xa0\xff", 2);
  push_signal (self, 10, "c");
  assert_journal (self, "lost:0 a:2 b:3 lost:0 seen:9 lost:1 c:10 ");
  plant_rpc_native_subscription_end (self->subscription);
  plant_rpc_native_subscription_begin (self->subscription);
  push_signal (self, 1, "d");
  assert_journal (self, "d:1 ");
}

static void
test_malformed (Fixture       *self,
                gconstpointer  data)
{
  static const char *const payloads[] = {
    "", "\xa0", "\xa1zzzz", "\xa2", "\x90", "\xff", "{", "{}", "{\"event\": \"EMIT_SIGNAL\"}",
    "\xa0\x01\x02",
    "{\"event\": \"EMIT_SIGNAL\", \"signal\": \"json\", \"args\": [1], \"blocking\": false}",
  };

  plant_rpc_native_subscription_begin (self->subscription);
  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      g_autofree char *expected = g_strdup_printf ("seen:%u lost:1 ", i + 1);

      push_bytes (self, i + 1, payloads[i], strlen (payloads[i]));
      assert_journal (self, expected);
      g_assert_cmpuint (self->size, ==, strlen (payloads[i]) + PLANT_RPC_PUSH_OVERHEAD);
      g_assert_cmpuint (plant_rpc_native_subscription_get_n_malformed (self->subscription), ==,
                        i + 1);
    }
  push_signal (self, G_N_ELEMENTS (payloads) + 1, "good");
  assert_journal (self, "good:12 ");
}

/* Pushes with an invalid number, a number that does not grow, before a subscription and after it
 * are refused. */
static void
test_numbers (Fixture       *self,
              gconstpointer  data)
{
  static const guint64 wrong[] = { 0, 5, 4, 1, PLANT_RPC_MAX_SEQUENCE + 1, G_MAXUINT64 >> 1 };

  push_signal (self, 1, "early");
  assert_journal (self, "");
  plant_rpc_native_subscription_begin (self->subscription);
  for (guint i = 1; i <= 5; i++)
    push_signal (self, i, "a");
  assert_journal (self, "a:1 a:2 a:3 a:4 a:5 ");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    push_signal (self, wrong[i], "wrong");
  assert_journal (self, "");
  push_signal (self, 6, "b");
  push_signal (self, PLANT_RPC_MAX_SEQUENCE, "c");
  assert_journal (self, "b:6 lost:0 c:281474976710655 ");
  push_signal (self, PLANT_RPC_MAX_SEQUENCE, "again");
  plant_rpc_native_subscription_end (self->subscription);
  push_signal (self, 1, "late");
  assert_journal (self, "");
  g_assert_cmpuint (plant_rpc_native_subscription_get_n_malformed (self->subscription), ==,
                    G_N_ELEMENTS (wrong) + 3);
}

/* What came over a former connection is not acknowledged to the next one. */
static void
test_former (Fixture       *self,
             gconstpointer  data)
{
  guint64 former;

  plant_rpc_native_subscription_begin (self->subscription);
  push_signal (self, 1, "a");
  former = self->number;
  plant_rpc_native_subscription_end (self->subscription);
  plant_rpc_native_subscription_begin (self->subscription);
  push_signal (self, 1, "b");
  g_assert_cmpuint (self->number, !=, former);
  /* The replaced function checks that the server is told of nothing. */
  plant_rpc_native_subscription_acknowledge (self->subscription, former,
                                             PLANT_RPC_SUBSCRIBER_WINDOW, TRUE);
  assert_journal (self, "a:1 b:1 seen:1 ");
}

/* ---- bundles */

static void
append (PlantRpcBundle         *bundle,
        const PlantRpcEmission *emission)
{
  g_autoptr (GBytes) payload = plant_rpc_emission_pack (emission, PLANT_RPC_FORMAT_NATIVE, NULL);

  plant_rpc_bundle_append_payload (bundle, payload);
}

static void
append_signal (PlantRpcBundle *bundle,
               const char     *name)
{
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_parsed ("[<1>]"));
  const PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_SIGNAL, .name = (char *) name,
                                      .value = args };

  append (bundle, &emission);
}

/* Signals, a change, lost signals, and another signal. */
static PlantRpcBundle *
make_bundle (void)
{
  g_autoptr (GVariant) one = g_variant_ref_sink (g_variant_new_int32 (1));
  const PlantRpcEmission changed = { .type = PLANT_RPC_EMISSION_CHANGED, .name = (char *) "level",
                                     .value = one };
  const PlantRpcEmission lost = { .type = PLANT_RPC_EMISSION_LOST, .n_lost = 7 };
  PlantRpcBundle *bundle = plant_rpc_bundle_new ();

  append_signal (bundle, "a");
  append_signal (bundle, "b");
  append (bundle, &changed);
  append (bundle, &lost);
  append_signal (bundle, "c");
  return bundle;
}

static void
push_bundle (Fixture *self,
             guint64  sequence)
{
  g_autoptr (PlantRpcBundle) bundle = make_bundle ();
  g_autoptr (GBytes) payload = plant_rpc_bundle_pack (bundle, 0, 5);

  self->push (self->push_owner, sequence, payload);
}

static void
test_bundle (Fixture       *self,
             gconstpointer  data)
{
  push_bundle (self, 1);
  assert_journal (self, "");
  plant_rpc_native_subscription_begin (self->subscription);
  push_signal (self, 1, "x");
  push_bundle (self, 2);
  push_signal (self, 7, "y");
  assert_journal (self, "x:1 { [ a:2 b:3 ] level:4 seen:5 lost:7 [ c:6 ] } y:7 ");
  /* Two are missing. */
  push_bundle (self, 10);
  push_signal (self, 14, "old");
  push_signal (self, 15, "z");
  assert_journal (self, "lost:0 { [ a:10 b:11 ] level:12 seen:13 lost:7 [ c:14 ] } z:15 ");
  push_bundle (self, 11);
  push_bundle (self, PLANT_RPC_MAX_SEQUENCE + 1);
  assert_journal (self, "");
  g_assert_cmpuint (plant_rpc_native_subscription_get_n_malformed (self->subscription), ==, 4);
}

/* The last number is PLANT_RPC_MAX_SEQUENCE. */
static void
test_bundle_numbers (Fixture       *self,
                     gconstpointer  data)
{
  plant_rpc_native_subscription_begin (self->subscription);
  push_bundle (self, PLANT_RPC_MAX_SEQUENCE - 3);
  assert_journal (self, "lost:0 seen:281474976710652 lost:1 ");
  plant_rpc_native_subscription_end (self->subscription);
  plant_rpc_native_subscription_begin (self->subscription);
  push_bundle (self, PLANT_RPC_MAX_SEQUENCE - 4);
  g_assert_true (g_str_has_suffix (self->journal->str, "[ c:281474976710655 ] } "));
}

/* A message that is malformed counts as one push. A signal inside that is, is lost alone. */
static void
test_bundle_malformed (Fixture       *self,
                       gconstpointer  data)
{
  g_autoptr (PlantRpcBundle) bundle = make_bundle ();
  g_autoptr (GBytes) payload = plant_rpc_bundle_pack (bundle, 0, 2);
  gsize size;
  const char *bytes = g_bytes_get_data (payload, &size);
  g_autofree char *copy = g_memdup2 (bytes, size);

  plant_rpc_native_subscription_begin (self->subscription);
  push_bytes (self, 1, "\xa3", 1);
  push_bytes (self, 2, bytes, size - 1);
  assert_journal (self, "seen:1 lost:1 seen:2 lost:1 ");
  copy[9] = '\xff';
  push_bytes (self, 3, copy, size);
  push_signal (self, 5, "x");
  assert_journal (self, "{ [ bad:3 seen:3 lost:1 b:4 ] } x:5 ");
  g_assert_cmpuint (plant_rpc_native_subscription_get_n_malformed (self->subscription), ==, 3);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/native-subscription/order", Fixture, NULL, set_up, test_order, tear_down);
  g_test_add ("/native-subscription/gap", Fixture, NULL, set_up, test_gap, tear_down);
  g_test_add ("/native-subscription/malformed", Fixture, NULL, set_up, test_malformed, tear_down);
  g_test_add ("/native-subscription/numbers", Fixture, NULL, set_up, test_numbers, tear_down);
  g_test_add ("/native-subscription/former", Fixture, NULL, set_up, test_former, tear_down);

  g_test_add ("/native-subscription/bundle", Fixture, NULL, set_up, test_bundle, tear_down);
  g_test_add ("/native-subscription/bundle/numbers", Fixture, NULL, set_up, test_bundle_numbers,
              tear_down);
  g_test_add ("/native-subscription/bundle/malformed", Fixture, NULL, set_up,
              test_bundle_malformed, tear_down);

  return g_test_run ();
}

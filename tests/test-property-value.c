/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>

#include "plant-rpc-error.h"
#include "plant-rpc-test-property.h"
#include "plant-rpc-test-wait.h"

static void
test_told (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) wrong = g_variant_ref_sink (g_variant_new_string ("11"));

  test_property_tell (self, 10);
  g_assert_cmpuint (self->n_dirty, ==, 0);
  test_property_tell (self, 11);
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
  g_assert_false (plant_rpc_property_told (self->property, wrong, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
  g_assert_nonnull (strstr (error->message, "angle"));
  g_assert_cmpstr (plant_rpc_property_get_error (self->property)->message, ==, error->message);
  assert_shown (self, "11");
  g_assert_cmpuint (test_property_take_notified (self), ==, 0);
  /* It is not known any better once the device is ready again. */
  assert_state (self, STALE);
  plant_rpc_property_set_live (self->property, FALSE);
  plant_rpc_property_set_live (self->property, TRUE);
  assert_state (self, STALE);
  test_property_tell (self, 11);
  assert_state (self, CURRENT);
  g_assert_null (plant_rpc_property_get_error (self->property));
}

/* A GVariant that is said to be a pair of integers is one, whatever JSON makes of it. */
static void
test_told_variant (void)
{
  g_autoptr (TestProperty) self = test_property_new ("{\"type\": \"(ii)\"}");
  g_autoptr (GVariant) list = g_variant_ref_sink (g_variant_new_parsed ("[<int64 1>, <int64 2>]"));
  g_autoptr (GVariant) three = g_variant_ref_sink (g_variant_new_parsed ("[<1>, <2>, <3>]"));
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new_parsed ("@mv nothing"));

  g_assert_true (plant_rpc_property_told (self->property, list, NULL));
  assert_shown (self, "(1, 2)");
  g_assert_false (plant_rpc_property_told (self->property, three, NULL));
  assert_shown (self, "(1, 2)");
  g_assert_true (plant_rpc_property_told (self->property, nothing, NULL));
  assert_shown (self, "nothing");
}

static void
write_double (TestProperty *self,
              double        number)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);
  plant_rpc_property_write (self->property, &value);
  test_property_settle (self, -1, "no");
}

/* A device that tells a number without a fraction may take no other. */
static void
test_write_integral (void)
{
  g_autoptr (TestProperty) self = test_property_new ("{\"type\": \"d\"}");
  g_autoptr (GVariant) whole = g_variant_ref_sink (g_variant_new_parsed ("<int64 90>"));
  g_autoptr (GVariant) broken = g_variant_ref_sink (g_variant_new_parsed ("<90.0>"));
  const char *expected[] = { "45", "45.5", "1e+20", "1e+17", "-1e+17", "9007199254740992", "nan",
                             "46.0" };

  plant_rpc_property_set_live (self->property, TRUE);
  g_assert_true (plant_rpc_property_told (self->property, whole, NULL));
  write_double (self, 45);
  write_double (self, 45.5);
  write_double (self, 1e20);
  /* Above 2^53 a double cannot hold every integer, so the value is sent as a double. */
  write_double (self, 1e17);
  write_double (self, -1e17);
  write_double (self, 9007199254740992.0);
  write_double (self, NAN);
  g_assert_true (plant_rpc_property_told (self->property, broken, NULL));
  write_double (self, 46);

  g_assert_cmpuint (self->writes->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpstr (self->writes->pdata[i], ==, expected[i]);
}

static void
test_write_confirmed (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  g_assert_cmpuint (self->n_now, ==, 1);
  g_assert_cmpuint (self->n_value, ==, 1);
  assert_shown (self, "20");
  test_property_settle (self, 20, NULL);
  assert_state (self, CURRENT);
  g_assert_cmpuint (self->n_reads, ==, 0);
  g_assert_cmpuint (self->n_now, ==, 1);
  /* Equal, and notified all the same: a widget may have been clamped. */
  g_assert_cmpuint (test_property_take_notified (self), ==, 2);
  g_assert_cmpuint (self->refusals->len, ==, 0);
}

static void
test_equal_writes (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 10);
  g_assert_cmpuint (self->writes->len, ==, 0);
  test_property_write_int (self, 20);
  test_property_write_int (self, 20);
  g_assert_cmpuint (self->writes->len, ==, 1);
  test_property_write_int (self, 10);
  g_assert_cmpuint (self->writes->len, ==, 1);
  test_property_settle (self, 20, NULL);
  assert_shown (self, "10");
  g_assert_cmpuint (self->writes->len, ==, 2);
  test_property_write_int (self, 10);
  g_assert_cmpuint (self->writes->len, ==, 2);
  test_property_settle (self, 10, NULL);
  assert_state (self, CURRENT);
}

static void
test_refused (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_settle (self, -1, "no");
  assert_shown (self, "10");
  assert_state (self, CURRENT);
  g_assert_cmpuint (self->n_reads, ==, 0);
  g_assert_cmpuint (self->refusals->len, ==, 1);
  /* By then the value is back. */
  g_assert_cmpstr (self->refusals->pdata[0], ==, "no at 10");
  g_assert_cmpstr (plant_rpc_property_get_message (self->property), ==, "no");
  g_assert_cmpuint (test_property_take_notified (self), ==, 2);
  test_property_write_int (self, 30);
  g_assert_null (plant_rpc_property_get_message (self->property));
  g_assert_null (plant_rpc_property_get_refusal (self->property));
  test_property_settle (self, 30, NULL);
}

/* Back to the device's value, not to that of a write before. */
static void
test_two_refused (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_write_int (self, 30);
  test_property_take_notified (self);
  test_property_settle (self, -1, "first");
  assert_shown (self, "30");
  assert_state (self, PENDING);
  g_assert_cmpstr (self->refusals->pdata[0], ==, "first at 30");
  g_assert_cmpuint (test_property_take_notified (self), ==, 0);
  test_property_tell (self, 15);
  assert_shown (self, "30");
  test_property_settle (self, -1, "second");
  assert_shown (self, "15");
  g_assert_cmpstr (self->refusals->pdata[1], ==, "second at 15");
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
}

/* A peer that confirms without a value is asked, once, after the last write. */
static void
test_reread (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_write_int (self, 30);
  test_property_settle (self, -1, NULL);
  g_assert_cmpuint (self->n_reads, ==, 0);
  test_property_settle (self, -1, NULL);
  g_assert_cmpuint (self->n_reads, ==, 1);
  assert_state (self, PENDING);
  test_property_take_notified (self);
  test_property_settle_read (self, 29);
  assert_shown (self, "29");
  assert_state (self, CURRENT);
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);

  /* The old value was kept in silence. */
  test_property_write_int (self, 40);
  test_property_take_notified (self);
  test_property_settle (self, -1, NULL);
  test_property_settle_read (self, 29);
  assert_shown (self, "29");
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);

  /* It could not be read. */
  test_property_write_int (self, 50);
  test_property_settle (self, -1, NULL);
  plant_rpc_property_settle_read (self->property, NULL);
  assert_shown (self, "29");
  assert_state (self, CURRENT);
}

static void
test_confirmed_then_refused (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_write_int (self, 30);
  test_property_settle (self, -1, NULL);
  test_property_settle (self, -1, "no");
  g_assert_cmpuint (self->n_reads, ==, 1);
  g_assert_cmpuint (self->refusals->len, ==, 0);
  test_property_settle_read (self, 20);
  assert_shown (self, "20");
  g_assert_cmpuint (self->refusals->len, ==, 1);
  g_assert_cmpstr (self->refusals->pdata[0], ==, "no at 20");
}

static void
test_write_during_read (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_settle (self, -1, NULL);
  test_property_write_int (self, 30);
  test_property_settle_read (self, 20);
  assert_shown (self, "30");
  assert_state (self, PENDING);
  test_property_settle (self, -1, NULL);
  g_assert_cmpuint (self->n_reads, ==, 2);
  test_property_settle_read (self, 30);
  assert_state (self, CURRENT);
  g_assert_false (plant_rpc_property_is_pending (self->property));
}

/* Over two connections it is not known which is newer, the change told or the value read. */
static void
test_read_overtaken (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_settle (self, -1, NULL);
  test_property_tell (self, 21);
  test_property_settle_read (self, 20);
  g_assert_cmpuint (self->n_reads, ==, 2);
  assert_shown (self, "20");
  test_property_settle_read (self, 21);
  assert_shown (self, "21");
  assert_state (self, CURRENT);

  /* One that changes all the time is not asked for ever. */
  test_property_write_int (self, 30);
  test_property_settle (self, -1, NULL);
  for (guint i = 0; i < 3; i++)
    {
      test_property_tell (self, 40 + i);
      test_property_settle_read (self, 50);
    }
  g_assert_cmpuint (self->n_reads, ==, 5);
  assert_shown (self, "42");
  assert_state (self, CURRENT);
}

static void
answer (TestProperty *self,
        int           number,
        gint64        asked)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (number));

  g_assert_true (plant_rpc_property_answered (self->property, value, asked, NULL));
}

/* What was asked for before a change came may be older than the change, so it is asked for again.
 * A device that changes all the time is not asked for ever. */
static void
test_answer_overtaken (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  const gint64 asked = g_get_monotonic_time ();

  answer (self, 11, asked);
  assert_shown (self, "11");
  test_property_tell (self, 12);
  plant_rpc_property_note_signal (self->property);
  answer (self, 12, asked);
  g_assert_cmpuint (self->n_reads, ==, 0);
  answer (self, 11, asked);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (self->n_reads, ==, i + 1);
      test_property_reply (self, 11, asked);
    }
  assert_shown (self, "12");
  assert_state (self, CURRENT);
  g_assert_cmpuint (self->n_reads, ==, 3);
  /* Asked for after the change, or over the connection on which changes come. */
  answer (self, 13, g_get_monotonic_time () + 1);
  assert_shown (self, "13");
  answer (self, 14, G_MAXINT64);
  assert_shown (self, "14");
  answer (self, 15, asked);
  g_assert_cmpuint (self->n_reads, ==, 4);
}

/* The property changes faster than the device answers. */
static void
test_answers_overtaken_by_storm (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  const gint64 asked = g_get_monotonic_time ();

  for (int i = 0; i < 20; i++)
    {
      answer (self, 100 + i, G_MAXINT64);
      plant_rpc_property_note_signal (self->property);
      answer (self, 11, asked);
    }
  assert_shown (self, "119");
  g_assert_cmpuint (self->n_reads, ==, 1);
  test_property_reply (self, 12, g_get_monotonic_time () + 1);
  assert_shown (self, "12");
  g_assert_cmpuint (self->n_reads, ==, 2);
  test_property_reply (self, 13, g_get_monotonic_time () + 1);
  assert_shown (self, "13");
  g_assert_cmpuint (self->n_reads, ==, 2);
}

static gboolean
tell_text (TestProperty *self,
           gint64        asked)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_string ("bad"));

  return plant_rpc_property_answered (self->property, value, asked, NULL);
}

/* Of a change and an answer only one fits. */
static void
test_answer_overtaken_by_misfit (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  const gint64 asked = g_get_monotonic_time ();

  g_assert_false (tell_text (self, G_MAXINT64));
  plant_rpc_property_note_signal (self->property);
  answer (self, 11, asked);
  assert_state (self, STALE);
  g_assert_cmpuint (self->n_reads, ==, 1);
  g_assert_false (tell_text (self, asked));
  assert_state (self, STALE);
  answer (self, 12, G_MAXINT64);
  plant_rpc_property_note_signal (self->property);
  g_assert_true (tell_text (self, asked));
  assert_shown (self, "12");
  assert_state (self, CURRENT);
  g_assert_cmpuint (self->n_reads, ==, 1);
  test_property_reply (self, 12, g_get_monotonic_time () + 1);
  g_assert_cmpuint (self->n_reads, ==, 2);
}

static void
test_failure_overtaken (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  g_autoptr (GError) error = g_error_new_literal (PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE, "cold");
  const gint64 asked = g_get_monotonic_time ();

  test_property_tell (self, 12);
  plant_rpc_property_note_signal (self->property);
  plant_rpc_property_told_failure (self->property, error, asked);
  assert_state (self, CURRENT);
  g_assert_cmpuint (self->n_reads, ==, 1);
  plant_rpc_property_told_failure (self->property, error, G_MAXINT64);
  assert_state (self, STALE);
  g_assert_cmpuint (self->n_reads, ==, 1);
}

/* A change that does not fit comes while the value is read after a write. */
static void
test_read_overtaken_by_misfit (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_settle (self, -1, NULL);
  g_assert_cmpuint (self->n_reads, ==, 1);
  g_assert_false (tell_text (self, G_MAXINT64));
  test_property_settle_read (self, 20);
  g_assert_cmpuint (self->n_reads, ==, 2);
  test_property_settle_read (self, 21);
  assert_shown (self, "21");
  assert_state (self, CURRENT);
}

/* The value is read after the write, also if the device refuses that. */
static void
test_answer_overtaken_while_pending (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();
  const gint64 asked = g_get_monotonic_time ();

  test_property_tell (self, 12);
  plant_rpc_property_note_signal (self->property);
  test_property_write_int (self, 20);
  answer (self, 11, asked);
  g_assert_cmpuint (self->n_reads, ==, 0);
  test_property_settle (self, -1, "no");
  g_assert_cmpuint (self->n_reads, ==, 1);
}

/* Nothing goes back while the setter is on the stack. */
static void
test_fails_at_once (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  self->fail = TRUE;
  test_property_write_int (self, 20);
  g_assert_cmpuint (self->n_now, ==, 0);
  g_assert_cmpuint (self->n_value, ==, 0);
  assert_shown (self, "10");
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
  g_assert_cmpuint (self->refusals->len, ==, 1);
}

static void
test_lost_while_pending (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  plant_rpc_property_set_live (self->property, FALSE);
  assert_state (self, PENDING);
  test_property_settle (self, -1, "lost");
  g_assert_cmpuint (self->n_reads, ==, 0);
  assert_shown (self, "10");
  assert_state (self, STALE);
  g_assert_false (plant_rpc_property_is_pending (self->property));
}

static void
assert_written (TestProperty *self,
                const char   *expected)
{
  g_autofree char *text = NULL;

  g_ptr_array_add (self->writes, NULL);
  text = g_strjoinv (" ", (char **) self->writes->pdata);
  g_ptr_array_remove_index (self->writes, self->writes->len - 1);
  g_assert_cmpstr (text, ==, expected);
}

/* A slider is dragged: while a write is under way, only the newest value waits. */
static void
test_newest_waits (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  for (int i = 20; i < 60; i++)
    {
      test_property_write_int (self, i);
      g_assert_cmpint (self->n_now, ==, i - 19);
    }
  assert_written (self, "20");
  test_property_settle (self, 20, NULL);
  assert_written (self, "20 59");
  assert_state (self, PENDING);
  /* The device tells of its own, coerces, and refuses: the slider stays where the finger is. */
  test_property_tell (self, 21);
  assert_shown (self, "59");
  test_property_write_int (self, 70);
  test_property_settle (self, 58, NULL);
  assert_shown (self, "70");
  test_property_write_int (self, 71);
  test_property_settle (self, -1, "no");
  assert_shown (self, "71");
  assert_written (self, "20 59 70 71");
  g_assert_true (plant_rpc_property_is_pending (self->property));
  test_property_settle (self, 71, NULL);
  assert_shown (self, "71");
  assert_state (self, CURRENT);
  g_assert_false (plant_rpc_property_is_pending (self->property));
  /* The last one succeeded. */
  g_assert_null (plant_rpc_property_get_message (self->property));
  g_assert_cmpuint (self->refusals->len, ==, 1);
  g_assert_cmpuint (self->n_reads, ==, 0);
}

/* The value that waits when the connection is lost is refused. A value that was replaced has no
 * outcome. */
static void
test_lost_while_waiting (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  for (int i = 20; i < 60; i++)
    test_property_write_int (self, i);
  self->lost = TRUE;
  plant_rpc_property_set_live (self->property, FALSE);
  test_property_settle (self, -1, "lost");
  assert_written (self, "20");
  assert_shown (self, "10");
  assert_state (self, STALE);
  g_assert_cmpuint (self->refusals->len, ==, 2);
  g_assert_cmpstr (self->refusals->pdata[0], ==, "lost at 10");
  g_assert_false (plant_rpc_property_is_pending (self->property));
  self->lost = FALSE;
  plant_rpc_property_set_live (self->property, TRUE);
  test_property_write_int (self, 30);
  assert_written (self, "20 30");
}

/* While the device is only suspected, what waits goes out all the same. */
static void
test_suspected_while_waiting (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_write_int (self, 30);
  plant_rpc_property_set_live (self->property, FALSE);
  test_property_settle (self, 20, NULL);
  assert_written (self, "20 30");
  plant_rpc_property_set_live (self->property, TRUE);
  test_property_settle (self, 30, NULL);
  assert_state (self, CURRENT);
}

static void
test_detached_while_waiting (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  test_property_write_int (self, 20);
  test_property_write_int (self, 30);
  plant_rpc_property_detach (self->property);
  test_property_settle (self, -1, "closed");
  assert_written (self, "20");
  g_assert_false (plant_rpc_property_is_pending (self->property));
}

/* The first value and the latest one are notified, and what the application writes. */
static void
test_max_rate (void)
{
  g_autoptr (TestProperty) self = test_property_new_live ();

  g_object_set (self->property, "max-rate", 1e-3, NULL);
  test_property_tell (self, 11);
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
  for (int i = 12; i < 30; i++)
    test_property_tell (self, i);
  g_assert_cmpuint (test_property_take_notified (self), ==, 0);
  assert_shown (self, "29");
  self->n_dirty = 0;
  plant_rpc_property_set_max_rate (self->property, 0);
  test_wait_for (g_main_context_iteration (NULL, FALSE) || self->n_dirty > 0);
  g_assert_cmpuint (self->n_dirty, ==, 1);
  g_assert_cmpuint (test_property_take_notified (self), ==, 1);
  plant_rpc_property_set_max_rate (self->property, 1e-3);
  test_property_tell (self, 30);
  g_assert_cmpuint (test_property_take_notified (self), ==, 0);
  test_property_write_int (self, 40);
  g_assert_cmpuint (self->n_value, ==, 1);
  test_property_settle (self, 41, NULL);
  g_assert_cmpuint (test_property_take_notified (self), ==, 2);
  plant_rpc_property_set_max_rate (self->property, 0);
  g_assert_false (g_main_context_pending (NULL));
  /* The client ends while a value is held. */
  plant_rpc_property_set_max_rate (self->property, 1e-3);
  test_property_tell (self, 50);
  test_property_take_notified (self);
  test_property_tell (self, 51);
  plant_rpc_property_detach (self->property);
  plant_rpc_property_set_max_rate (self->property, 0);
  g_assert_false (g_main_context_pending (NULL));
}

/* It can be written only. */
static void
test_never_told (void)
{
  g_autoptr (TestProperty) self = test_property_new ("{\"type\": \"i\", \"access\": \"write\"}");

  plant_rpc_property_set_live (self->property, TRUE);
  test_property_write_int (self, 5);
  test_property_settle (self, -1, NULL);
  plant_rpc_property_settle_read (self->property, NULL);
  assert_shown (self, "5");
  test_property_write_int (self, 6);
  test_property_settle (self, -1, "no");
  assert_shown (self, "unset");
  assert_state (self, UNSET);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/property-value/told", test_told);
  g_test_add_func ("/property-value/told-variant", test_told_variant);
  g_test_add_func ("/property-value/write-integral", test_write_integral);
  g_test_add_func ("/property-value/write-confirmed", test_write_confirmed);
  g_test_add_func ("/property-value/equal-writes", test_equal_writes);
  g_test_add_func ("/property-value/refused", test_refused);
  g_test_add_func ("/property-value/two-refused", test_two_refused);
  g_test_add_func ("/property-value/reread", test_reread);
  g_test_add_func ("/property-value/confirmed-then-refused", test_confirmed_then_refused);
  g_test_add_func ("/property-value/write-during-read", test_write_during_read);
  g_test_add_func ("/property-value/read-overtaken", test_read_overtaken);
  g_test_add_func ("/property-value/answer-overtaken", test_answer_overtaken);
  g_test_add_func ("/property-value/answers-overtaken-by-storm", test_answers_overtaken_by_storm);
  g_test_add_func ("/property-value/answer-overtaken-by-misfit", test_answer_overtaken_by_misfit);
  g_test_add_func ("/property-value/failure-overtaken", test_failure_overtaken);
  g_test_add_func ("/property-value/read-overtaken-by-misfit", test_read_overtaken_by_misfit);
  g_test_add_func ("/property-value/answer-overtaken-while-pending",
                   test_answer_overtaken_while_pending);
  g_test_add_func ("/property-value/fails-at-once", test_fails_at_once);
  g_test_add_func ("/property-value/lost-while-pending", test_lost_while_pending);
  g_test_add_func ("/property-value/newest-waits", test_newest_waits);
  g_test_add_func ("/property-value/lost-while-waiting", test_lost_while_waiting);
  g_test_add_func ("/property-value/suspected-while-waiting", test_suspected_while_waiting);
  g_test_add_func ("/property-value/detached-while-waiting", test_detached_while_waiting);
  g_test_add_func ("/property-value/max-rate", test_max_rate);
  g_test_add_func ("/property-value/never-told", test_never_told);

  return g_test_run ();
}

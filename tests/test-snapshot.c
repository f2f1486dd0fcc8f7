/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-snapshot-private.h"
#include "plant-rpc-test-device.h"

/* A snapshot over a link to a scripted device. It writes down the values. */
typedef struct {
  TestDevice            *device;     /* (owned) */
  PlantRpcTimer         *timer;      /* (owned) */
  PlantRpcTimer         *link_timer; /* (owned) */
  PlantRpcLink          *link;       /* (owned) */
  PlantRpcServerProfile *profile;    /* (owned) */
  PlantRpcSnapshot      *snapshot;   /* (owned) */
  GString               *journal;    /* (owned) */
} Fixture;

static void
on_done (gpointer  owner,
         GVariant *values)
{
  g_autofree char *text = g_variant_print (values, FALSE);

  g_string_append_printf (((Fixture *) owner)->journal, "%s ", text);
}

static void
on_failed (gpointer      owner,
           const GError *error)
{
  g_string_append (((Fixture *) owner)->journal, "failed ");
}

static void
on_opened (gpointer owner)
{
}

static void
on_lost (gpointer      owner,
         const GError *reason)
{
  plant_rpc_snapshot_abort (((Fixture *) owner)->snapshot);
}

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  static const PlantRpcLinkFuncs link_funcs = { .opened = on_opened, .lost = on_lost };
  static const PlantRpcSnapshotFuncs funcs = { .done = on_done, .failed = on_failed };

  self->device = test_device_new ();
  self->timer = test_timer_new ();
  self->link_timer = test_timer_new ();
  self->profile = plant_rpc_server_profile_new ();
  self->journal = g_string_new (NULL);
  self->link = plant_rpc_link_new (test_device_get_url (self->device), g_main_context_default (),
                                   self->link_timer, &test_link_options, &link_funcs, self);
  self->snapshot =
      plant_rpc_snapshot_new (self->link, self->profile, self->timer, &funcs, self);
  plant_rpc_link_connect (self->link);
  test_wait_until (plant_rpc_link_is_open (self->link));
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  plant_rpc_snapshot_free (self->snapshot);
  plant_rpc_link_free (self->link);
  plant_rpc_server_profile_free (self->profile);
  plant_rpc_timer_free (self->timer);
  plant_rpc_timer_free (self->link_timer);
  test_device_free (self->device);
  g_string_free (self->journal, TRUE);
}

static void
begin (Fixture    *self,
       const char *names)
{
  g_autoptr (GVariant) list = g_variant_ref_sink (g_variant_new_parsed (names));

  plant_rpc_snapshot_begin (self->snapshot, list);
}

static TestRequest *
expect_get (Fixture    *self,
            const char *name)
{
  TestRequest *request = test_device_expect (self->device, PLANT_RPC_EVENT_PROPERTY_GET);

  g_assert_cmpstr (request->request.name, ==, name);
  return request;
}

static void
reply (Fixture     *self,
       TestRequest *request,
       const char  *value)
{
  g_autofree char *text = g_strdup_printf ("{\"success\": true, \"value\": %s}", value);

  test_device_reply_text (self->device, request, text);
}

#define assert_journal(self, expected) \
  test_wait_until (g_str_equal ((self)->journal->str, expected))

/* The number is that of the first snapshot that begins after the question. While one is read, any
 * number of questions leads to one more. */
static void
test_numbers (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (TestRequest) first = NULL, second = NULL;
  gint64 since = g_get_monotonic_time ();

  g_assert_cmpuint (plant_rpc_snapshot_take (self->snapshot), ==, 1);
  g_assert_true (test_device_is_idle (self->device));
  g_assert_cmpint (plant_rpc_snapshot_get_read_since (self->snapshot), ==, 0);
  begin (self, "['level']");
  first = expect_get (self, "level");
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (plant_rpc_snapshot_take (self->snapshot), ==, 2);
  g_assert_true (test_device_is_idle (self->device));
  g_assert_cmpuint (plant_rpc_snapshot_get_n_done (self->snapshot), ==, 0);
  reply (self, first, "1");
  second = expect_get (self, "level");
  g_assert_cmpuint (plant_rpc_snapshot_get_n_done (self->snapshot), ==, 1);
  g_assert_cmpint (plant_rpc_snapshot_get_read_since (self->snapshot), >=, since);
  since = g_get_monotonic_time ();
  g_assert_cmpint (plant_rpc_snapshot_get_read_since (self->snapshot), <=, since);
  reply (self, second, "2");
  assert_journal (self, "{'level': <int64 1>} {'level': <int64 2>} ");
  g_assert_cmpuint (plant_rpc_snapshot_get_n_done (self->snapshot), ==, 2);
  g_assert_cmpuint (plant_rpc_snapshot_take (self->snapshot), ==, 3);
  test_request_free (expect_get (self, "level"));
  g_assert_true (test_device_is_idle (self->device));
}

/* A reply that belongs to a snapshot that was given up does not become part of the next one. */
static void
test_former_reply (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (TestRequest) former = NULL, level = NULL;

  begin (self, "['level']");
  former = expect_get (self, "level");
  plant_rpc_snapshot_abort (self->snapshot);
  begin (self, "['level']");
  level = expect_get (self, "level");
  reply (self, former, "1");
  g_assert_true (test_device_is_idle (self->device));
  g_assert_cmpstr (self->journal->str, ==, "");
  reply (self, level, "2");
  assert_journal (self, "{'level': <int64 2>} ");
}

/* Replies to one of several questions, and waits until the snapshot has the value. */
static void
reply_first (Fixture     *self,
             TestRequest *request,
             const char  *value)
{
  gint64 deadline = plant_rpc_timer_get_deadline (self->timer);

  reply (self, request, value);
  test_wait_until (plant_rpc_timer_get_deadline (self->timer) > deadline);
}

/* Lets the time pass until all values are asked for anew, which is between SHORTEST and LONGEST (s)
 * from now. */
static void
pass (Fixture *self,
      gint64   shortest,
      gint64   longest)
{
  gint64 deadline = plant_rpc_timer_get_deadline (self->timer);
  gint64 now = g_get_monotonic_time ();

  g_assert_cmpint (deadline, >, now + shortest * G_USEC_PER_SEC);
  g_assert_cmpint (deadline, <=, now + longest * G_USEC_PER_SEC);
  plant_rpc_timer_ring (self->timer, deadline - 1);
  g_assert_true (test_device_is_idle (self->device));
  plant_rpc_timer_ring (self->timer, deadline);
}

/* If a reply is lost, all values are asked for anew, each time after a longer while. Only replies
 * to the latest question count. */
static void
test_lost_reply (Fixture       *self,
                 gconstpointer  data)
{
  g_autoptr (TestRequest) lost = NULL, mode = NULL, level = NULL;

  begin (self, "['level', 'mode']");
  lost = expect_get (self, "level");
  mode = expect_get (self, "mode");
  reply_first (self, mode, "\"x\"");
  for (guint i = 0; i < 3; i++)
    {
      pass (self, 0, 10 << i);
      g_clear_pointer (&level, test_request_free);
      g_clear_pointer (&mode, test_request_free);
      level = expect_get (self, "level");
      mode = expect_get (self, "mode");
    }
  reply (self, mode, "\"y\"");
  reply (self, lost, "1");
  g_assert_true (test_device_is_idle (self->device));
  g_assert_cmpstr (self->journal->str, ==, "");
  reply (self, level, "2");
  test_wait_until (self->journal->len > 0);
  g_assert_nonnull (strstr (self->journal->str, "'level': <int64 2>"));
  g_assert_nonnull (strstr (self->journal->str, "'mode': <'y'>"));
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
}

/* A device that reads slowly is not asked anew while its values come. */
static void
test_slow_replies (Fixture       *self,
                   gconstpointer  data)
{
  g_autoptr (TestRequest) level = NULL, mode = NULL;

  begin (self, "['level', 'mode']");
  level = expect_get (self, "level");
  mode = expect_get (self, "mode");
  reply_first (self, level, "1");
  reply (self, mode, "\"x\"");
  test_wait_until (self->journal->len > 0);
  /* Nothing is under way that could be asked for anew. */
  plant_rpc_snapshot_take (self->snapshot);
  plant_rpc_snapshot_abort (self->snapshot);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
}

/* A property that cannot be read has no value, and a server without properties is done at once. */
static void
test_without_value (Fixture       *self,
                    gconstpointer  data)
{
  g_autoptr (TestRequest) level = NULL, mode = NULL;

  begin (self, "['level', 'mode']");
  level = expect_get (self, "level");
  mode = expect_get (self, "mode");
  test_device_reply_text (self->device, level, "{\"success\": false, \"error\": \"broken\"}");
  reply (self, mode, "\"x\"");
  assert_journal (self, "{'mode': <'x'>} ");
  begin (self, "@as []");
  g_assert_cmpstr (self->journal->str, ==, "{'mode': <'x'>} {} ");
}

/* A reply that cannot be understood tells nothing but why. */
static void
test_garbled (Fixture       *self,
              gconstpointer  data)
{
  g_autoptr (TestRequest) level = NULL, mode = NULL;
  const GError *error;

  begin (self, "['level', 'mode']");
  level = expect_get (self, "level");
  mode = expect_get (self, "mode");
  test_device_reply_text (self->device, level, "{\"success\": true, \"value\": 1e}");
  reply (self, mode, "\"x\"");
  assert_journal (self, "{'mode': <'x'>} ");
  error = plant_rpc_snapshot_get_failure (self->snapshot, "level");
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
  g_assert_null (plant_rpc_snapshot_get_failure (self->snapshot, "mode"));
}

/* Only what the template has is read. */
static void
test_template (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"mode\": {\"type\": \"s\"}}}", NULL);
  g_autoptr (TestRequest) mode = NULL;

  plant_rpc_server_profile_set_template (self->profile, info);
  begin (self, "['level', 'mode']");
  mode = expect_get (self, "mode");
  g_assert_true (test_device_is_idle (self->device));
  reply (self, mode, "\"x\"");
  assert_journal (self, "{'mode': <'x'>} ");
}

/* For a client that does no more than those of Plant Imager nothing is read. */
static void
test_legacy (Fixture       *self,
             gconstpointer  data)
{
  plant_rpc_server_profile_set_legacy (self->profile, TRUE);
  begin (self, "['level', 'mode']");
  g_assert_cmpstr (self->journal->str, ==, "{} ");
  g_assert_true (test_device_is_idle (self->device));
  g_assert_cmpuint (plant_rpc_snapshot_take (self->snapshot), ==,
                    plant_rpc_snapshot_get_n_done (self->snapshot));
  g_assert_true (test_device_is_idle (self->device));
}

/* A native server replies with all values, first to the subscription and later to a question. Its
 * changes come in order, so that none is newer than the values. */
static void
test_native (Fixture       *self,
             gconstpointer  data)
{
  g_autoptr (TestRequest) subscribe = NULL, all = NULL, broken = NULL;

  plant_rpc_snapshot_begin_natively (self->snapshot, 1);
  subscribe = test_device_expect (self->device, PLANT_RPC_EVENT_SUBSCRIBE);
  test_device_reply_value (self->device, subscribe, g_variant_new_parsed ("{'level': <1>}"));
  assert_journal (self, "{'level': <1>} ");
  g_assert_cmpint (plant_rpc_snapshot_get_read_since (self->snapshot), ==, G_MAXINT64);
  g_assert_cmpuint (plant_rpc_snapshot_take (self->snapshot), ==, 2);
  all = test_device_expect (self->device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (self->device, all, g_variant_new_parsed ("{'level': <2>}"));
  assert_journal (self, "{'level': <1>} {'level': <2>} ");
  plant_rpc_snapshot_take (self->snapshot);
  broken = test_device_expect (self->device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_text (self->device, broken, "rubbish");
  assert_journal (self, "{'level': <1>} {'level': <2>} failed ");
  g_assert_cmpuint (plant_rpc_snapshot_get_n_done (self->snapshot), ==, 2);
}

static void
answer_all (Fixture *self)
{
  g_autoptr (TestRequest) all = test_device_expect (self->device, PLANT_RPC_EVENT_GET_ALL);

  g_string_truncate (self->journal, 0);
  test_device_reply_value (self->device, all, g_variant_new_parsed ("{'level': <2>}"));
  assert_journal (self, "{'level': <2>} ");
}

/* A server that gives one reason after the other to read all values again is asked at once for the
 * first, and then once a second. */
static void
test_renewals (Fixture       *self,
               gconstpointer  data)
{
  enum { N_REASONS = 20 };
  g_autoptr (TestRequest) subscribe = NULL;
  guint n_asked = 0;

  plant_rpc_snapshot_begin_natively (self->snapshot, 1);
  subscribe = test_device_expect (self->device, PLANT_RPC_EVENT_SUBSCRIBE);
  test_device_reply_value (self->device, subscribe, g_variant_new_parsed ("{'level': <1>}"));
  assert_journal (self, "{'level': <1>} ");
  for (guint i = 0; i < N_REASONS; i++)
    {
      plant_rpc_snapshot_renew (self->snapshot);
      if (plant_rpc_timer_get_deadline (self->timer) != -1)
        continue;
      n_asked++;
      answer_all (self);
    }
  g_assert_cmpuint (n_asked, >=, 1);
  g_assert_cmpuint (n_asked, <, N_REASONS);
  plant_rpc_timer_ring (self->timer, plant_rpc_timer_get_deadline (self->timer));
  answer_all (self);
  plant_rpc_snapshot_abort (self->snapshot);
  g_assert_cmpint (plant_rpc_timer_get_deadline (self->timer), ==, -1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/snapshot/numbers", Fixture, NULL, set_up, test_numbers, tear_down);
  g_test_add ("/snapshot/former-reply", Fixture, NULL, set_up, test_former_reply, tear_down);
  g_test_add ("/snapshot/lost-reply", Fixture, NULL, set_up, test_lost_reply, tear_down);
  g_test_add ("/snapshot/slow-replies", Fixture, NULL, set_up, test_slow_replies, tear_down);
  g_test_add ("/snapshot/without-value", Fixture, NULL, set_up, test_without_value, tear_down);
  g_test_add ("/snapshot/garbled", Fixture, NULL, set_up, test_garbled, tear_down);
  g_test_add ("/snapshot/template", Fixture, NULL, set_up, test_template, tear_down);
  g_test_add ("/snapshot/legacy", Fixture, NULL, set_up, test_legacy, tear_down);
  g_test_add ("/snapshot/native", Fixture, NULL, set_up, test_native, tear_down);
  g_test_add ("/snapshot/renewals", Fixture, NULL, set_up, test_renewals, tear_down);

  return g_test_run ();
}

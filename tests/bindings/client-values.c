/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Properties: every kind of value, changes from both sides, refusals, and widgets. */

#include <gio/gio.h>
#include <string.h>

#include "talk.h"

/* Stands for what a window would bind. */
#define TEST_TYPE_WIDGET (test_widget_get_type ())
G_DECLARE_FINAL_TYPE (TestWidget, test_widget, TEST, WIDGET, GObject)

struct _TestWidget {
  GObject  parent_instance;
  char    *text; /* (owned) (nullable) */
  int      number;
};

enum { WIDGET_TEXT = 1, WIDGET_NUMBER };

G_DEFINE_FINAL_TYPE (TestWidget, test_widget, G_TYPE_OBJECT)

static void
test_widget_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  TestWidget *self = TEST_WIDGET (object);

  if (prop_id == WIDGET_NUMBER)
    {
      self->number = g_value_get_int (value);
      return;
    }
  g_free (self->text);
  self->text = g_value_dup_string (value);
}

static void
test_widget_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  TestWidget *self = TEST_WIDGET (object);

  if (prop_id == WIDGET_NUMBER)
    g_value_set_int (value, self->number);
  else
    g_value_set_string (value, self->text);
}

static void
test_widget_finalize (GObject *object)
{
  g_free (TEST_WIDGET (object)->text);
  G_OBJECT_CLASS (test_widget_parent_class)->finalize (object);
}

static void
test_widget_class_init (TestWidgetClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = test_widget_set_property;
  object_class->get_property = test_widget_get_property;
  object_class->finalize = test_widget_finalize;
  g_object_class_install_property (
      object_class, WIDGET_TEXT, g_param_spec_string ("text", NULL, NULL, "", G_PARAM_READWRITE));
  g_object_class_install_property (
      object_class, WIDGET_NUMBER,
      g_param_spec_int ("number", NULL, NULL, G_MININT, G_MAXINT, 0, G_PARAM_READWRITE));
}

static void
test_widget_init (TestWidget *self)
{
}

/* Of the property's type, in GVariant's text format. */
static const struct {
  const char *name;
  const char *values[7];
} cases[] = {
  { "flag", { "true", "false" } },
  { "count", { "2147483647", "-2147483648", "-1" } },
  { "natural", { "uint32 4294967295", "uint32 7" } },
  { "large", { "int64 9223372036854775807", "int64 -9223372036854775808",
               "int64 9007199254740993", "int64 -5" } },
  { "huge", { "uint64 18446744073709551615", "uint64 9223372036854775808",
              "uint64 9007199254740993", "uint64 5" } },
  { "level", { "1e300", "-0.5", "2.5e-308", "3.0", "-0.0", "0.1" } },
  { "angle", { "359", "90" } },
  { "label", { "'plant'", "''", "'a→b 🌱 \"\\\\\\n'", "@ms nothing" } },
  { "mode", { "'permanently'", "'for-session'" } },
  { "parts", { "['close-source', 'close-target']", "@as []", "['close-target']" } },
  { "tags", { "['one', '', 'zwei→']", "@as []", "['x']" } },
  { "config", { "{'size': <[<int64 640>, <int64 480>]>, 'name': <'α'>, 'deep': <{'on': <true>}>}",
                "int64 5", "@av []", "1.5", "'text'", "@mv nothing" } },
  { "video-url", { "'rtsp://camera/1'" } },
  { "shutter", { "0.5", "60.0", "0.001" } },
};

/* A typed client exists at once, with the declared defaults. */
static void
before_ready (Talk *talk)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_type (TEST_TYPE_PROBE, talk->url, &error);
  g_autoptr (Record) failed = NULL;

  g_assert_no_error (error);
  g_assert_true (TEST_IS_PROBE (client));
  g_assert_cmpint (plant_rpc_client_get_state (client), <=, PLANT_RPC_STATE_CONNECTING);
  talk_assert_property (client, "shutter", "0.01");
  talk_assert_property (client, "mode", "'never'");
  g_assert_null (plant_rpc_client_get_cached_property (client, "angle"));
  g_assert_cmpint (
      plant_rpc_property_get_state (plant_rpc_client_lookup_property (client, "angle")), ==,
      PLANT_RPC_PROPERTY_STATE_UNSET);
  g_assert_null (plant_rpc_client_get_interface (client));
  g_assert_null (plant_rpc_client_get_name (client));
  g_assert_cmpint (plant_rpc_client_get_wire (client), ==, PLANT_RPC_WIRE_UNKNOWN);

  failed = record_new (client, "write-failed");
  talk_set_property (client, "label", "'too early'");
  g_assert_cmpuint (failed->emissions->len, ==, 0);
  talk_wait (failed->emissions->len > 0);
  g_assert_error (failed->error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_SENT);
  talk_wait (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
}

/* What a ready client tells of the other side. */
static void
what_is_known (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);

  g_assert_cmpint (plant_rpc_client_get_state (client), ==, PLANT_RPC_STATE_READY);
  g_assert_cmpint (plant_rpc_client_get_wire (client), ==, talk->wire);
  g_assert_cmpstr (plant_rpc_client_get_url (client), ==, talk->url);
  g_assert_cmpuint (g_strv_length ((char **) plant_rpc_client_get_missing (client)), ==, 0);
  g_assert_null (plant_rpc_client_get_last_error (client));
  g_assert_cmpstr (plant_rpc_client_get_name (client), ==, talk->native ? "probe" : "");
  g_assert_cmpstr (plant_rpc_client_get_own_address (client), ==, "127.0.0.1");
  g_assert_cmpstr (plant_rpc_client_get_peer_address (client), ==, "127.0.0.1");
  g_assert_cmpint (plant_rpc_client_get_timeout (client), ==, 1000);
  plant_rpc_client_set_timeout (client, 2500);
  talk_assert_property (client, "timeout", "2500");
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 0);
  g_assert_cmpuint (plant_rpc_client_get_n_late_replies (client), ==, 0);
}

/* GJS has integers of 53 bits. */
static gboolean
is_beyond (PlantRpcProperty *remote,
           const char       *text)
{
  return plant_rpc_property_get_maximum (remote) < 1e18 && strlen (text) > 20 &&
         g_str_has_prefix (text, "uint64") + g_str_has_prefix (text, "int64") > 0;
}

static void
try_value (Talk           *talk,
           PlantRpcClient *client,
           PlantRpcClient *other,
           const char     *name,
           const char     *text)
{
  g_autofree char *notify = g_strconcat ("notify::", name, NULL);
  PlantRpcProperty *remote = plant_rpc_client_lookup_property (client, name);
  gboolean already = talk_property_is (client, name, text);
  g_autoptr (Record) told = record_new (client, notify);
  g_autoptr (GError) error = NULL;

  talk_set_property (client, name, text);
  talk_assert_property (client, name, text);
  g_assert_true (already || told->emissions->len > 0);
  plant_rpc_client_flush_sync (client, NULL, &error);
  g_assert_no_error (error);
  /* The change before it may come later on a wire that has a connection of its own for changes. */
  if (plant_rpc_client_get_wire (client) == PLANT_RPC_WIRE_NATIVE)
    talk_assert_property (client, name, text);
  else
    talk_wait (talk_property_is (client, name, text));
  g_assert_cmpint (plant_rpc_property_get_state (remote), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  talk_assert_text (plant_rpc_property_dup_value (remote), text);
  talk_assert_text (plant_rpc_client_read_property_sync (client, name, NULL, &error), text);
  talk_wait (talk_property_is (other, name, text));
}

/* Each value goes out by the GObject property and comes back as it was. */
static void
every_value (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (PlantRpcClient) other = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (Record) failed = record_new (client, "write-failed");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlantRpcProperty *remote = plant_rpc_client_lookup_property (client, cases[i].name);

      for (const char *const *text = cases[i].values; *text != NULL; text++)
        {
          if (!is_beyond (remote, *text))
            try_value (talk, client, other, cases[i].name, *text);
        }
    }
  g_assert_cmpuint (failed->emissions->len, ==, 0);
}

/* What the device changes by itself is notified, and heard as a signal. */
static void
change_of_the_device (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_listener (talk, TEST_TYPE_PROBE);
  g_autoptr (Record) modes = record_new (client, "mode-changed");
  g_autoptr (Record) urls = record_new (client, "notify::video-url");
  g_autoptr (Record) progress = record_new (client, "notify::progress");
  const char *changes[] = { "('progress', <42>)", "('mode', <'never'>)",
                            "('mode', <'permanently'>)", "('video_url', <'rtsp://elsewhere'>)" };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    g_variant_unref (talk_call (client, "change", changes[i]));
  talk_wait (progress->emissions->len > 0 && urls->emissions->len > 0);
  talk_assert_property (client, "progress", "42");
  talk_assert_property (client, "video-url", "'rtsp://elsewhere'");
  talk_assert_property (client, "mode", "'permanently'");
  talk_wait (g_str_equal (record_get_last (modes), "'permanently'"));
}

/* A device may have NaN. It stands in no GObject property, and who asks for it gets it. */
static void
no_number (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");
  g_autoptr (GError) error = NULL;

  g_variant_unref (talk_call (client, "change", "('level', <2.0>)"));
  talk_wait (talk_property_is (client, "level", "2.0"));
  g_variant_unref (talk_call (client, "change", "('level', <'nan'>)"));
  talk_assert_text (plant_rpc_client_read_property_sync (client, "level", NULL, &error), "nan");
  talk_wait (plant_rpc_property_get_error (level) != NULL);
  g_assert_cmpint (plant_rpc_property_get_state (level), ==, PLANT_RPC_PROPERTY_STATE_STALE);
  talk_assert_property (client, "level", "2.0");
  g_variant_unref (talk_call (client, "change", "('level', <2.5>)"));
  talk_wait (talk_property_is (client, "level", "2.5"));
  g_assert_null (plant_rpc_property_get_error (level));
  if (talk->native)
    talk_assert_text (talk_call (client, "echo", "(nan,)"), "nan");
}

static void
assert_refused (Talk       *talk,
                GError     *error,
                const char *message)
{
  int code = talk->native ? PLANT_RPC_ERROR_REFUSED : PLANT_RPC_ERROR_REMOTE;

  g_assert_error (error, PLANT_RPC_ERROR, code);
  g_assert_cmpstr (error->message, ==, message);
}

/* A refused write is taken back, with its reason, from a later turn of the loop. */
static void
refusals (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  PlantRpcProperty *remote = plant_rpc_client_lookup_property (client, "label");
  g_autoptr (Record) failed = record_new (client, "write-failed");
  g_autoptr (GError) error = NULL;

  plant_rpc_client_write_property_sync (client, "label", g_variant_new_string ("good"), NULL,
                                        &error);
  g_assert_no_error (error);
  talk_set_property (client, "label", "'forbidden'");
  talk_assert_property (client, "label", "'forbidden'");
  g_assert_cmpint (plant_rpc_property_get_state (remote), ==, PLANT_RPC_PROPERTY_STATE_PENDING);
  talk_wait (failed->emissions->len > 0 && talk_property_is (client, "label", "'good'"));
  g_assert_cmpstr (record_get_last (failed), ==, "'label' the label is forbidden");
  assert_refused (talk, failed->error, "the label is forbidden");
  assert_refused (talk, (GError *) plant_rpc_property_get_refusal (remote),
                  "the label is forbidden");
  g_assert_cmpstr (plant_rpc_property_get_message (remote), ==, "the label is forbidden");

  talk_set_property (client, "label", "'better'");
  plant_rpc_client_flush_sync (client, NULL, NULL);
  g_assert_null (plant_rpc_property_get_refusal (remote));
  g_assert_null (plant_rpc_property_get_message (remote));
}

/* The same for writes by name. */
static void
refusals_by_name (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  int not_writable = talk->native ? PLANT_RPC_ERROR_NOT_WRITABLE : PLANT_RPC_ERROR_REMOTE;
  int out_of_range = talk->native ? PLANT_RPC_ERROR_INVALID_VALUE : PLANT_RPC_ERROR_REMOTE;
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (plant_rpc_client_write_property_sync (
      client, "label", g_variant_new_string ("forbidden"), NULL, &refused));
  assert_refused (talk, refused, "the label is forbidden");
  if (!talk->native)
    g_assert_nonnull (strstr (plant_rpc_error_get_traceback (refused), "Refused"));
  g_assert_false (plant_rpc_client_write_property_sync (client, "progress",
                                                        g_variant_new_int32 (5), NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, not_writable);
  g_clear_error (&error);
  g_assert_false (plant_rpc_client_write_property_sync (client, "angle",
                                                        g_variant_new_int32 (360), NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, out_of_range);
}

/* A device may take its time over a write, refuse it then, or make another value of it. */
static void
decided_later (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  g_autoptr (Record) failed = record_new (client, "write-failed");
  const char *const rounds[][2] = { { "13", "13" }, { "14", "13" }, { "15", "16" } };

  for (guint i = 0; i < G_N_ELEMENTS (rounds); i++)
    {
      talk_set_property (client, "count", rounds[i][0]);
      plant_rpc_client_flush_sync (client, NULL, NULL);
      talk_assert_property (client, "count", rounds[i][1]);
    }
  talk_wait (failed->emissions->len > 0);
  g_assert_cmpuint (failed->emissions->len, ==, 1);
  g_assert_cmpstr (record_get_last (failed), ==, "'count' no, on second thoughts");
}

/* Two widgets bound both ways follow an edit, a refusal and the device. */
static void
widgets (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  TestWidget *bound[2];
  GError *error = NULL;

  plant_rpc_client_write_property_sync (client, "label", g_variant_new_string ("begin"), NULL,
                                        &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      bound[i] = g_object_new (TEST_TYPE_WIDGET, NULL);
      g_object_bind_property (client, "label", bound[i], "text",
                              G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
      g_object_bind_property (client, "angle", bound[i], "number",
                              G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
      g_assert_cmpstr (bound[i]->text, ==, "begin");
    }
  g_object_set (bound[0], "text", "edited", NULL);
  g_object_set (bound[1], "number", 77, NULL);
  g_assert_cmpstr (bound[1]->text, ==, "edited");
  g_assert_cmpint (bound[0]->number, ==, 77);
  plant_rpc_client_flush_sync (client, NULL, NULL);
  talk_assert_text (plant_rpc_client_read_property_sync (client, "label", NULL, NULL), "'edited'");
  talk_assert_text (plant_rpc_client_read_property_sync (client, "angle", NULL, NULL), "77");
  g_object_set (bound[0], "text", "forbidden", NULL);
  talk_wait (g_str_equal (bound[0]->text, "edited") && g_str_equal (bound[1]->text, "edited"));
  g_variant_unref (talk_call (client, "change", "('label', <'device'>)"));
  talk_wait (g_str_equal (bound[0]->text, "device") && g_str_equal (bound[1]->text, "device"));
  g_object_unref (bound[0]);
  g_object_unref (bound[1]);
}

static void
check_description (PlantRpcClient *client)
{
  PlantRpcProperty *angle = plant_rpc_client_lookup_property (client, "angle");
  PlantRpcProperty *shutter = plant_rpc_client_lookup_property (client, "ShutterSpeed");

  g_assert_cmpstr (plant_rpc_property_get_name (angle), ==, "angle");
  g_assert_cmpstr (plant_rpc_property_get_name (shutter), ==, "shutter");
  g_assert_cmpstr (plant_rpc_property_get_wire_name (shutter), ==, "ShutterSpeed");
  g_assert_cmpfloat (plant_rpc_property_get_minimum (angle), ==, 0);
  g_assert_cmpfloat (plant_rpc_property_get_maximum (angle), ==, 359);
  g_assert_cmpfloat (plant_rpc_property_get_max_rate (angle), ==, 0);
  plant_rpc_property_set_max_rate (angle, 5);
  g_assert_cmpfloat (plant_rpc_property_get_max_rate (angle), ==, 5);
  plant_rpc_property_set_max_rate (angle, 0);
  g_assert_cmpstr (plant_rpc_property_get_description (angle), ==, "Where the arm stands");
  g_assert_cmpstr (plant_rpc_property_get_unit (shutter), ==, "s");
  g_assert_null (plant_rpc_property_get_unit (angle));
  g_assert_true (plant_rpc_property_get_writable (angle));
  g_assert_false (plant_rpc_property_get_writable (
      plant_rpc_client_lookup_property (client, "progress")));
}

/* What belongs beside a value in a window: state, access, limits, unit, description. */
static void
beside_the_value (Talk *talk)
{
  g_autoptr (PlantRpcClient) client = talk_new_client (talk, TEST_TYPE_PROBE);
  PlantRpcProperty *angle = plant_rpc_client_lookup_property (client, "angle");
  g_autoptr (Record) states = record_new (angle, "notify::state");
  g_autoptr (Record) values = record_new (angle, "notify::value");

  check_description (client);
  talk_set_property (client, "angle", talk_property_is (client, "angle", "5") ? "6" : "5");
  g_assert_cmpint (plant_rpc_property_get_state (angle), ==, PLANT_RPC_PROPERTY_STATE_PENDING);
  talk_wait (plant_rpc_property_get_state (angle) == PLANT_RPC_PROPERTY_STATE_CURRENT &&
             states->emissions->len == 2);
  g_assert_cmpuint (values->emissions->len, >, 0);
  plant_rpc_client_close (client);
  talk_wait (!plant_rpc_property_get_writable (angle));
  g_assert_cmpint (plant_rpc_property_get_state (angle), ==, PLANT_RPC_PROPERTY_STATE_STALE);
}

const TalkStep talk_values[] = {
  { "before ready", before_ready },
  { "what is known", what_is_known },
  { "every value", every_value },
  { "change of the device", change_of_the_device },
  { "no number", no_number },
  { "refusals", refusals },
  { "refusals by name", refusals_by_name },
  { "decided later", decided_later },
  { "widgets", widgets },
  { "beside the value", beside_the_value },
  { NULL, NULL },
};

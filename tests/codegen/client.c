/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A conversation with a probe by its generated client; tests/bindings/client.py says how it is
 * run. */

#include "probe-generated.h"

#define PATIENCE 20000 /* in ms */

typedef struct
{
  LabProbeClient *client; /* (owned) */
  LabProbe       *probe;  /* (unowned): the same */
  const char     *url;
  gboolean        native;
  GAsyncResult   *result; /* (owned) (nullable) */
  int             n_captured;
  int             n_wrong;
} Talk;

static void
on_result (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_set_object (&((Talk *) user_data)->result, result);
}

static gboolean
on_too_late (gpointer user_data)
{
  g_error ("nothing has come");
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until CONDITION holds. */
#define wait_for(condition)                                                                       \
  G_STMT_START {                                                                                  \
    guint deadline_ = g_timeout_add (PATIENCE, on_too_late, NULL);                                \
    while (!(condition))                                                                          \
      g_main_context_iteration (NULL, TRUE);                                                      \
    g_source_remove (deadline_);                                                                  \
  } G_STMT_END

static GAsyncResult *
take_result (Talk *talk)
{
  wait_for (talk->result != NULL);
  return g_steal_pointer (&talk->result);
}

static void
assert_text (GVariant   *value,
             const char *text)
{
  g_autoptr (GVariant) taken = value;
  g_autofree char *printed = g_variant_print (value, FALSE);

  g_assert_cmpstr (printed, ==, text);
}

static void
test_connect (Talk *talk)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LabProbeClient) another = NULL;

  lab_probe_client_connect_url (talk->url, PATIENCE, NULL, on_result, talk);
  result = take_result (talk);
  talk->client = lab_probe_client_connect_url_finish (result, &error);
  g_assert_no_error (error);
  talk->probe = LAB_PROBE (talk->client);
  g_assert_cmpint (plant_rpc_client_get_wire (PLANT_RPC_CLIENT (talk->client)) ==
                     PLANT_RPC_WIRE_NATIVE, ==, talk->native);

  another = lab_probe_client_connect_url_sync (talk->url, PATIENCE, NULL, &error);
  g_assert_no_error (error);
  g_assert_finalize_object (g_steal_pointer (&another));
  another = lab_probe_client_connect_url_sync ("tcp://127.0.0.1:9", 1, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_null (another);
}

static void
test_properties (Talk *talk)
{
  const char *const tags[] = { "one", "", NULL };
  g_auto (GStrv) read_tags = NULL;
  g_autofree char *label = NULL;

  lab_probe_set_angle (talk->probe, 45);
  lab_probe_set_large (talk->probe, G_GINT64_CONSTANT (1) << 40);
  lab_probe_set_natural (talk->probe, 7);
  lab_probe_set_flag (talk->probe, TRUE);
  lab_probe_set_shutter (talk->probe, 0.5);
  lab_probe_set_mode (talk->probe, LAB_PROBE_MODE_FOR_SESSION);
  lab_probe_set_parts (talk->probe, LAB_PROBE_PARTS_CLOSE_SOURCE);
  lab_probe_set_label (talk->probe, "a label");
  lab_probe_set_tags (talk->probe, tags);
  lab_probe_set_config (talk->probe, g_variant_new_string ("anything"));
  g_assert_true (plant_rpc_client_flush_sync (PLANT_RPC_CLIENT (talk->client), NULL, NULL));
  g_assert_true (plant_rpc_client_refresh_sync (PLANT_RPC_CLIENT (talk->client), NULL, NULL));

  g_assert_cmpint (lab_probe_get_angle (talk->probe), ==, 45);
  g_assert_cmpint (lab_probe_get_large (talk->probe), ==, G_GINT64_CONSTANT (1) << 40);
  g_assert_cmpuint (lab_probe_get_natural (talk->probe), ==, 7);
  g_assert_true (lab_probe_get_flag (talk->probe));
  g_assert_cmpfloat (lab_probe_get_shutter (talk->probe), ==, 0.5);
  g_assert_cmpint (lab_probe_get_mode (talk->probe), ==, LAB_PROBE_MODE_FOR_SESSION);
  g_assert_cmpint (lab_probe_get_parts (talk->probe), ==, LAB_PROBE_PARTS_CLOSE_SOURCE);
  label = lab_probe_dup_label (talk->probe);
  g_assert_cmpstr (label, ==, "a label");
  read_tags = lab_probe_dup_tags (talk->probe);
  g_assert_true (g_strv_equal ((const char *const *) read_tags, tags));
  assert_text (lab_probe_dup_config (talk->probe), "'anything'");
}

static void
on_write_failed (PlantRpcClient *client,
                 const char     *name,
                 const GError   *error,
                 char          **reason)
{
  g_free (*reason);
  *reason = g_strdup_printf ("%s: %s", name, error->message);
}

static void
test_refusal (Talk *talk)
{
  g_autofree char *reason = NULL;
  g_autofree char *label = NULL;
  gulong handler = g_signal_connect (talk->client, "write-failed", G_CALLBACK (on_write_failed),
                                     &reason);

  lab_probe_set_label (talk->probe, "forbidden");
  wait_for (reason != NULL);
  g_signal_handler_disconnect (talk->client, handler);
  g_assert_cmpstr (reason, ==, "label: the label is forbidden");
  label = lab_probe_dup_label (talk->probe);
  g_assert_cmpstr (label, ==, "a label");
  lab_probe_set_count (talk->probe, 15);
  wait_for (lab_probe_get_count (talk->probe) == 16);
}

static void
test_calls (Talk *talk)
{
  g_autofree char *text = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *value;
  int sum;

  lab_probe_client_call_add (talk->client, 2, 3, NULL, on_result, talk);
  result = take_result (talk);
  g_assert_true (lab_probe_client_call_add_finish (talk->client, &sum, result, &error));
  g_assert_cmpint (sum, ==, 5);
  g_assert_true (!talk->native ||
                 lab_probe_client_call_let_stop_sync (talk->client, FALSE, NULL, &error));
  value = lab_probe_client_call_echo_sync (talk->client, g_variant_new_string ("echo"), NULL,
                                           &error);
  assert_text (value, "'echo'");
  text = lab_probe_client_call_later_sync (talk->client, "later", NULL, &error);
  g_assert_cmpstr (text, ==, "later");
  value = lab_probe_client_call_arguments_sync (talk->client, g_variant_new ("(s)", "x"), NULL,
                                                NULL, &error);
  g_assert_no_error (error);
  g_variant_unref (value);
  g_assert_null (lab_probe_client_call_fail_sync (talk->client, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_nonnull (strstr (error->message, "deliberate failure"));
}

static void
test_buffers (Talk *talk)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) info = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) thumbnail = NULL;
  g_autoptr (GBytes) image = NULL;
  const char *format;

  lab_probe_client_call_get_image (talk->client, TRUE, NULL, on_result, talk);
  result = take_result (talk);
  thumbnail = lab_probe_client_call_get_image_finish (talk->client, result, &info, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (thumbnail), ==, 4096);
  g_assert_true (g_variant_lookup (info, "format", "&s", &format));
  g_assert_cmpstr (format, ==, "raw");
  image = lab_probe_client_call_get_image_sync (talk->client, FALSE, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (image), ==, 1 << 20);
  g_assert_null (lab_probe_client_call_no_light_sync (talk->client, NULL, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
}

static void
on_captured (LabProbe   *probe,
             const char *name,
             int         number,
             Talk       *talk)
{
  talk->n_wrong += !g_str_equal (name, "shot") || number != talk->n_captured;
  talk->n_captured++;
}

static void
test_signals (Talk *talk)
{
  g_autoptr (GError) error = NULL;
  int n_shot;

  g_signal_connect (talk->client, "captured", G_CALLBACK (on_captured), talk);
  lab_probe_client_call_shoot_sync (talk->client, 5, &n_shot, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_shot, ==, 5);
  wait_for (talk->n_captured == 5);
  g_assert_cmpint (talk->n_wrong, ==, 0);
}

/* The last reference goes in the middle of a callback. */
static void
on_last_angle (LabProbeClient  *client,
               GParamSpec      *pspec,
               LabProbeClient **held)
{
  g_clear_object (held);
}

static void
on_last_result (GObject      *source,
                GAsyncResult *result,
                gpointer      held)
{
  int sum;

  g_assert_true (lab_probe_client_call_add_finish (LAB_PROBE_CLIENT (source), &sum, result, NULL));
  g_assert_cmpint (sum, ==, 3);
  g_clear_object ((LabProbeClient **) held);
}

static void
on_last_captured (LabProbeClient  *client,
                  const char      *name,
                  int              number,
                  LabProbeClient **held)
{
  g_clear_object (held);
}

static LabProbeClient *
new_watched (Talk     *talk,
             gpointer *watched)
{
  g_autoptr (GError) error = NULL;
  LabProbeClient *client = lab_probe_client_connect_url_sync (talk->url, PATIENCE, NULL, &error);

  g_assert_no_error (error);
  *watched = client;
  g_object_add_weak_pointer (G_OBJECT (client), watched);
  return client;
}

static void
test_last_reference (Talk *talk)
{
  gpointer watched;
  LabProbeClient *held = new_watched (talk, &watched);

  g_signal_connect (held, "notify::angle", G_CALLBACK (on_last_angle), &held);
  lab_probe_set_angle (LAB_PROBE (held), 46);
  g_assert_null (held);
  wait_for (watched == NULL);

  held = new_watched (talk, &watched);
  lab_probe_client_call_add (held, 1, 2, NULL, on_last_result, &held);
  wait_for (watched == NULL);

  held = new_watched (talk, &watched);
  g_signal_connect (held, "captured", G_CALLBACK (on_last_captured), &held);
  lab_probe_client_call_shoot_sync (held, 3, NULL, NULL, NULL);
  wait_for (watched == NULL);
}

static gboolean
on_last_call (LabProbeSkeleton    *device,
              PlantRpcInvocation  *call,
              PlantRpcServer     **held)
{
  g_clear_object (held);
  lab_probe_skeleton_complete_nothing (device, call, NULL);
  return TRUE;
}

/* So does that of a server, while it runs the method. */
static void
test_last_server (Talk *talk)
{
  g_autoptr (LabProbeSkeleton) device = lab_probe_skeleton_new ();
  PlantRpcServer *held = plant_rpc_server_new (G_OBJECT (device), "tcp://127.0.0.1:*");
  gpointer watched = held;
  g_autoptr (LabProbeClient) client = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_object_add_weak_pointer (watched, &watched);
  g_signal_connect (device, "handle-nothing", G_CALLBACK (on_last_call), &held);
  lab_probe_skeleton_offer (device, held, PLANT_RPC_METHOD_FLAGS_NONE);
  g_assert_true (plant_rpc_server_start (held, &error));
  client = lab_probe_client_new (plant_rpc_server_get_url (held));
  lab_probe_client_call_nothing (client, NULL, on_result, talk);
  result = take_result (talk);
  wait_for (watched == NULL);
  g_assert_null (held);
  g_assert_finalize_object (g_steal_pointer (&device));
}

int
main (int    argc,
      char **argv)
{
  Talk talk = { 0 };

  g_assert_cmpint (argc, ==, 3);
  talk.url = argv[1];
  talk.native = g_str_equal (argv[2], "native");
  test_connect (&talk);
  test_properties (&talk);
  test_refusal (&talk);
  test_calls (&talk);
  test_buffers (&talk);
  test_signals (&talk);
  test_last_reference (&talk);
  test_last_server (&talk);
  g_assert_finalize_object (g_steal_pointer (&talk.client));
  g_print ("ok\n");
  return 0;
}

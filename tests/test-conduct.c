/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-client.h"
#include "plant-rpc-error.h"
#include "plant-rpc-test-child.h"
#include "plant-rpc-test-peer.h"

/* What an application may do to a client without harm to an old server, which dies of much: the end
 * of each child fails the test if it was sent anything that it does not survive. */

typedef struct {
  guint n_ended;
  guint n_expected;
} Tally;

static void
on_ended (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  ((Tally *) user_data)->n_ended++;
}

static void
wait_ready (PlantRpcClient *client)
{
  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_READY);
}

static gint64
count (TestChild  *child,
       const char *what)
{
  g_autoptr (GVariant) answer = test_child_command (child, "{\"command\": \"counters\"}");
  gint64 n = -1;

  g_assert_true (g_variant_lookup (answer, what, "x", &n));
  return n;
}

static gboolean
has_called (TestChild  *child,
            const char *method)
{
  g_autoptr (GVariant) answer = test_child_command (child, "{\"command\": \"log\"}");
  g_autofree char *text = g_variant_print (answer, FALSE);

  return strstr (text, method) != NULL;
}

/* It still serves. */
static void
assert_serves (PlantRpcClient *client)
{
  Tally tally = { 0 };

  plant_rpc_client_call (client, "add", g_variant_new ("(ii)", 2, 3), NULL, 20000, NULL, on_ended,
                         &tally);
  test_wait_until (tally.n_ended == 1);
  g_assert_no_error (plant_rpc_client_get_last_error (client));
}

static GVariant *
nest (guint depth)
{
  GVariant *value = g_variant_new_int32 (1);

  while (depth-- > 0)
    {
      GVariant *boxed = g_variant_new_variant (value);

      value = g_variant_new_array (G_VARIANT_TYPE_VARIANT, &boxed, 1);
    }
  return value;
}

static void
test_wrong_names (gconstpointer generation)
{
  static const char *const names[] = { "", "nope", "__class__", "_socket", "port", "ping",
                                       "STOP_SERVER", "get image", "ü" };
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));
  Tally tally = { 0 };

  /* Before it is known what there is, and after. */
  for (guint round = 0; round < 2; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        {
          plant_rpc_client_call (client, names[i], NULL, NULL, 20000, NULL, on_ended, &tally);
          plant_rpc_client_call_buffer (client, names[i], NULL, NULL, 20000, NULL, on_ended,
                                        &tally);
          plant_rpc_client_read_property (client, names[i], NULL, on_ended, &tally);
          plant_rpc_client_write_property (client, names[i], g_variant_new_int32 (1), NULL,
                                           on_ended, &tally);
        }
      plant_rpc_client_call (client, "get_image", NULL, NULL, 20000, NULL, on_ended, &tally);
      plant_rpc_client_call_buffer (client, "echo", NULL, NULL, 20000, NULL, on_ended, &tally);
      tally.n_expected += 4 * G_N_ELEMENTS (names) + 2;
      test_wait_until (tally.n_ended == tally.n_expected);
    }
  assert_serves (client);
}

static void
test_odd_arguments (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));
  g_autofree char *large = g_strnfill (3 * 1024 * 1024, 'x');
  Tally tally = { 0 };

  wait_ready (client);
  for (guint depth = 1; depth < 4000; depth *= 2)
    {
      plant_rpc_client_call (client, "echo", g_variant_new ("(v)", nest (depth)), NULL, 20000,
                             NULL, on_ended, &tally);
      plant_rpc_client_write_property (client, "anything", nest (depth), NULL, on_ended, &tally);
      tally.n_expected += 2;
    }
  plant_rpc_client_call (client, "echo", NULL, NULL, 20000, NULL, on_ended, &tally);
  plant_rpc_client_call (client, "echo", g_variant_new_parsed ("(1, 2, 3)"), NULL, 20000, NULL,
                         on_ended, &tally);
  plant_rpc_client_call (client, "mixed", g_variant_new_parsed ("(1,)"),
                         g_variant_new_parsed ("{'c': <nan>, 'b': <inf>}"), 20000, NULL, on_ended,
                         &tally);
  plant_rpc_client_call (client, "echo", g_variant_new ("(s)", large), NULL, 20000, NULL, on_ended,
                         &tally);
  plant_rpc_client_call (client, "echo", g_variant_new_parsed ("({uint64 5: nan, 6: -inf},)"),
                         NULL, 20000, NULL, on_ended, &tally);
  tally.n_expected += 5;
  test_wait_until (tally.n_ended == tally.n_expected);
  assert_serves (client);
}

static void
test_impatience (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Tally tally = { 0 };

  wait_ready (client);
  plant_rpc_client_call (client, "slow", g_variant_new ("(d)", 0.5), NULL, 50, NULL, on_ended,
                         &tally);
  plant_rpc_client_call (client, "slow", g_variant_new ("(d)", 0.1), NULL, 20000, cancellable,
                         on_ended, &tally);
  test_wait_until (has_called (child, "slow"));
  g_cancellable_cancel (cancellable);
  plant_rpc_client_refresh (client, NULL, on_ended, &tally);
  plant_rpc_client_refresh (client, NULL, on_ended, &tally);
  test_wait_until (tally.n_ended == 4);
  wait_ready (client);
  g_assert_cmpuint (plant_rpc_client_get_n_late_replies (client), ==, 2);
  assert_serves (client);
}

/* Each request for signals makes an old server send every signal once more. */
static void
test_one_request_for_signals (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) first = plant_rpc_client_new (test_child_get_url (child));
  g_autoptr (PlantRpcClient) second = NULL, third = NULL;
  PlantRpcInterfaceInfo *plain = NULL;
  int n_requests;

  wait_ready (first);
  /* A device that does not answer in time is asked again. */
  n_requests = count (child, "inits");
  g_assert_cmpint (n_requests, >=, 1);
  second = plant_rpc_client_new (test_child_get_url (child));
  wait_ready (second);
  g_assert_cmpint (count (child, "inits"), ==, n_requests);
  g_assert_cmpint (plant_rpc_client_get_wire (second), ==,
                   GPOINTER_TO_INT (generation) == 1 ? PLANT_RPC_WIRE_GENERATION_1
                                                     : PLANT_RPC_WIRE_GENERATION_2);
  /* While one of them hears, another may come and go. */
  g_clear_object (&first);
  third = plant_rpc_client_new (test_child_get_url (child));
  wait_ready (third);
  g_assert_cmpint (count (child, "inits"), ==, n_requests);

  plain = plant_rpc_interface_info_new_from_json ("{\"methods\": {\"add\": {}}}", NULL);
  g_clear_object (&second);
  g_clear_object (&third);
  first = plant_rpc_client_new_for_interface (plain, test_child_get_url (child), NULL);
  wait_ready (first);
  g_assert_cmpint (count (child, "inits"), ==, n_requests);
  plant_rpc_interface_info_unref (plain);
  assert_serves (first);
}

static void
on_captured (PlantRpcClient *client,
             const char     *name,
             GVariant       *args,
             gpointer        user_data)
{
  guint *n = user_data;

  (*n)++;
}

/* All of them, in a burst within one request. */
static void
test_burst (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  PlantRpcClient *clients[2];
  Tally tally = { 0 };
  guint n[2] = { 0 };
  const guint n_signals = 500;

  for (guint i = 0; i < 2; i++)
    {
      clients[i] = plant_rpc_client_new (test_child_get_url (child));
      g_signal_connect (clients[i], "signal-received::captured", G_CALLBACK (on_captured), &n[i]);
      wait_ready (clients[i]);
    }
  plant_rpc_client_call (clients[0], "burst", g_variant_new ("(u)", n_signals), NULL, 20000, NULL,
                         on_ended, &tally);
  test_wait_until (tally.n_ended == 1 && n[0] >= n_signals && n[1] >= n_signals);
  assert_serves (clients[0]);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (n[i], ==, n_signals);
      g_object_unref (clients[i]);
    }
}

/* Rubbish from a server, in the place of replies and of signals. */
static void
test_rubbish_received (gconstpointer generation)
{
  static const char *const frames[] = { "\"\"", "\"[]\"", "\"{}\"", "\"x\"", "\"{\", \"}\"",
                                        "{\"base64\": \"/////w==\"}" };
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));
  Tally tally = { 0 };

  wait_ready (client);
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      guint before = plant_rpc_client_get_n_dropped (client);

      test_child_order (child,
                        "{\"command\": \"tamper\", \"event\": \"METHOD_CALL\","
                        " \"frames\": [%s]}",
                        frames[i]);
      plant_rpc_client_call (client, "add", g_variant_new ("(ii)", 2, 3), NULL, 20000, NULL,
                             on_ended, &tally);
      test_wait_until (tally.n_ended == i + 1);
      test_child_order (child, "{\"command\": \"emit_raw\", \"frames\": [%s]}", frames[i]);
      test_wait_until (plant_rpc_client_get_n_dropped (client) == before + 1);
    }
  test_child_settle (child);
  /* That no success was acknowledged is held against the client, which could not do otherwise. */
  test_child_order (child, "{\"command\": \"reset\"}");
  assert_serves (client);
}

/* A script without a loop. */
static void
test_blocking (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));
  g_autoptr (GBytes) image = NULL;
  g_autoptr (GVariant) info = NULL, read = NULL, sum = NULL;
  g_autoptr (GError) error = NULL;

  sum = plant_rpc_client_call_sync (client, "add", g_variant_new_parsed ("[<1>, <2>]"), NULL, 20000,
                                    NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (sum), ==, 3);
  image = plant_rpc_client_call_buffer_sync (client, "get_image", NULL,
                                             g_variant_new_parsed ("{'lores': <true>}"), 20000,
                                             NULL, &info, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (image), ==, 4096);
  g_assert_true (g_variant_lookup (info, "format", "s", NULL));
  g_assert_true (plant_rpc_client_write_property_sync (client, "rotation", g_variant_new_int32 (7),
                                                       NULL, &error));
  read = plant_rpc_client_read_property_sync (client, "rotation", NULL, &error);
  g_assert_cmpint (g_variant_get_int64 (read), ==, 7);
  g_assert_true (plant_rpc_client_refresh_sync (client, NULL, &error));
  g_assert_true (plant_rpc_client_flush_sync (client, NULL, &error));
  g_assert_true (plant_rpc_client_stop_server_sync (client, NULL, &error));
  g_assert_no_error (error);
}

static void
test_left_at_any_time (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) last = NULL;

  for (guint i = 0; i < 30; i++)
    {
      PlantRpcClient *client = plant_rpc_client_new (test_child_get_url (child));

      for (guint k = g_test_rand_int_range (0, 30); k > 0; k--)
        test_iterate ();
      g_object_unref (client);
    }
  last = plant_rpc_client_new (test_child_get_url (child));
  wait_ready (last);
  assert_serves (last);
}

static void
on_stopped (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  plant_rpc_client_stop_server_finish (PLANT_RPC_CLIENT (object), result, &error);
  g_assert_no_error (error);
  on_ended (object, result, user_data);
}

static void
test_stopped (gconstpointer generation)
{
  g_autoptr (TestChild) child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  g_autoptr (PlantRpcClient) client = plant_rpc_client_new (test_child_get_url (child));
  Tally tally = { 0 };

  wait_ready (client);
  plant_rpc_client_stop_server (client, NULL, on_stopped, &tally);
  test_wait_until (tally.n_ended == 1);
  test_wait_until (plant_rpc_client_get_state (client) == PLANT_RPC_STATE_DISCONNECTED);
}

static void
add (const char *name,
     void      (*func) (gconstpointer generation))
{
  for (int i = 1; i <= 2; i++)
    {
      g_autofree char *path = g_strdup_printf ("/conduct/generation%d/%s", i, name);

      g_test_add_data_func (path, GINT_TO_POINTER (i), func);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("wrong-names", test_wrong_names);
  add ("odd-arguments", test_odd_arguments);
  add ("impatience", test_impatience);
  add ("one-request-for-signals", test_one_request_for_signals);
  add ("burst", test_burst);
  add ("rubbish-received", test_rubbish_received);
  add ("blocking", test_blocking);
  add ("left-at-any-time", test_left_at_any_time);
  add ("stopped", test_stopped);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-relay.h"
#include "plant-rpc-test-child.h"
#include "plant-rpc-test-peer.h"

/* Devices of the Python module behind a relay, natively and on their own wire in front. */

typedef struct {
  TestChild      *child;
  PlantRpcRelay  *relay;
  PlantRpcClient *client;
} Fixture;

static void
keep_result (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
set_up (Fixture       *self,
        gconstpointer  generation)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  self->child = test_child_new (GPOINTER_TO_INT (generation), "extended");
  self->relay = plant_rpc_relay_new (test_child_get_url (self->child), "tcp://127.0.0.1:*");
  g_assert_true (plant_rpc_server_start (PLANT_RPC_SERVER (self->relay), NULL));
  test_wait_until (plant_rpc_relay_is_ready (self->relay));
  plant_rpc_client_discover (plant_rpc_server_get_url (PLANT_RPC_SERVER (self->relay)), 20000, NULL,
                             keep_result, &result);
  test_wait_until (result != NULL);
  self->client = plant_rpc_client_discover_finish (result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (plant_rpc_client_get_wire (self->client), ==, PLANT_RPC_WIRE_NATIVE);
}

static void
tear_down (Fixture       *self,
           gconstpointer  generation)
{
  g_clear_object (&self->client);
  g_assert_finalize_object (self->relay);
  test_child_free (self->child);
}

static GVariant *
call (Fixture     *self,
      const char  *method,
      GVariant    *args,
      GVariant    *kwargs,
      GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_client_call (self->client, method, args, kwargs, PLANT_RPC_TIMEOUT_FROM_SERVER, NULL,
                         keep_result, &result);
  test_wait_until (result != NULL);
  return plant_rpc_client_call_finish (self->client, result, error);
}

static void
assert_printed (GVariant   *value,
                const char *expected)
{
  g_autofree char *text = g_variant_print (value, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static gboolean
write_rotation (Fixture *self,
                double   degrees)
{
  g_autoptr (GAsyncResult) result = NULL;

  plant_rpc_client_write_property (self->client, "rotation", g_variant_new_double (degrees), NULL,
                                   keep_result, &result);
  test_wait_until (result != NULL);
  return plant_rpc_client_write_property_finish (self->client, result, NULL);
}

static void
test_values (Fixture       *self,
             gconstpointer  generation)
{
  double rotation = -1;

  g_assert_true (write_rotation (self, 90));
  g_object_get (self->client, "rotation", &rotation, NULL);
  g_assert_cmpfloat (rotation, ==, 90);
  /* A change that the device makes itself. */
  test_child_order (self->child, "{\"command\": \"set\", \"property\": \"mode\", \"value\":"
                                 " \"VIDEO\"}");
  test_wait_until ({
    g_autofree char *mode = NULL;

    g_object_get (self->client, "mode", &mode, NULL);
    g_strcmp0 (mode, "VIDEO") == 0;
  });
}

static void
test_calls (Fixture       *self,
            gconstpointer  generation)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) mixed = call (self, "mixed", g_variant_new ("(i)", 1),
                                     g_variant_new_parsed ("{'c': <'x'>}"), &error);
  g_autoptr (GVariant) one = NULL, two = NULL;

  g_assert_no_error (error);
  assert_printed (mixed, "[<int64 1>, <int64 2>, <'x'>]");
  one = call (self, "count", g_variant_new ("(s)", "once"), NULL, &error);
  assert_printed (one, "1");
  two = call (self, "count", g_variant_new ("(s)", "once"), NULL, &error);
  assert_printed (two, "2");
  g_assert_null (call (self, "fail", NULL, NULL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_cmpstr (error->message, ==, "deliberate failure");
}

static void
test_buffer (Fixture       *self,
             gconstpointer  generation)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;

  plant_rpc_client_call_buffer (self->client, "get_bytes", g_variant_new ("(i)", 3000000), NULL,
                                20000, NULL, keep_result, &result);
  test_wait_until (result != NULL);
  bytes = plant_rpc_client_call_buffer_finish (self->client, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 3000000);
  data = g_bytes_get_data (bytes, NULL);
  g_assert_cmpint (data[2999999], ==, 2999999 % 251);
}

static void
on_received (PlantRpcClient *client,
             const char     *name,
             GVariant       *args,
             GString        *told)
{
  g_autofree char *text = g_variant_print (args, FALSE);

  g_string_append_printf (told, "%s%s ", name, text);
}

/* The relay does not know what arguments they have. */
static void
test_signals (Fixture       *self,
              gconstpointer  generation)
{
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) number = NULL;

  g_signal_connect (self->client, "signal-received::captured", G_CALLBACK (on_received), told);
  number = call (self, "burst", g_variant_new ("(i)", 3), NULL, &error);
  g_assert_no_error (error);
  test_wait_until (g_str_equal (told->str, "captured[<'burst'>, <int64 0>] "
                                           "captured[<'burst'>, <int64 1>] "
                                           "captured[<'burst'>, <int64 2>] "));
}

/* A client of Plant Imager in front, too. */
static void
test_old_client (Fixture       *self,
                 gconstpointer  generation)
{
  TestPeer *peer =
      test_peer_new (ZMQ_DEALER, plant_rpc_server_get_url (PLANT_RPC_SERVER (self->relay)));
  g_autoptr (GVariant) inventory =
      test_peer_ask_json (peer, "{\"event\": \"GET_INVENTORY\"}");
  g_autoptr (GVariant) methods = NULL;

  methods = g_variant_lookup_value (inventory, "json_methods", NULL);
  g_assert_nonnull (methods);
  g_assert_false (g_variant_lookup (inventory, "plantrpc", "*", NULL));
  test_peer_assert_reply (peer, "{\"event\": \"PROPERTY_GET\", \"property\": \"encoding\"}",
                          "{'success': <true>, 'value': <'jpeg'>}");
  test_peer_free (peer);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_summary ("A relay serves a device of the Python module, of either generation");

  for (int i = 1; i <= 2; i++)
    {
      const struct {
        const char *name;
        void      (*func) (Fixture       *self,
                           gconstpointer  generation);
      } tests[] = {
        { "values", test_values }, { "calls", test_calls }, { "buffer", test_buffer },
        { "signals", test_signals }, { "old-client", test_old_client },
      };

      for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
        {
          g_autofree char *path = g_strdup_printf ("/relayed/%d/%s", i, tests[k].name);

          g_test_add (path, Fixture, GINT_TO_POINTER (i), set_up, tests[k].func, tear_down);
        }
    }
  return g_test_run ();
}

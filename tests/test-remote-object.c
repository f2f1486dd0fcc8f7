/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <malloc.h>
#include <string.h>

#include "plant-rpc-client-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-recorder.h"

/* ---- values with a special meaning inside the library */

/* Inside, a signal with the number 0 is one of a JSON server. From a native server it is an invalid
 * push. */
static void
test_push_without_number (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);

  test_device_push_signal (device, 0, "levelChanged", g_variant_new_parsed ("[<7>]"));
  test_device_push_signal (device, 0, "levelChanged", g_variant_new_parsed ("[<@as []>]"));
  test_device_push_changed (device, 0, "level", g_variant_new_int32 (8));
  test_device_push_signal (device, 1, "captured", test_captured ("a", 1));
  test_assert_told (recorder, "a:1 ");
  g_assert_cmpuint (plant_rpc_client_get_n_dropped (client), ==, 3);
}

/* A native server sends changes as changes, so a signal with the name of a change signal is a
 * signal. */
static void
test_signal_named_as_change (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);

  test_device_push_signal (device, 1, "levelChanged", g_variant_new_parsed ("[<7>]"));
  test_device_push_signal (device, 2, "captured", test_captured ("a", 1));
  test_assert_told (recorder, "a:1 ");
}

static void
count_signal (guint *n)
{
  (*n)++;
}

/* A device that sends its own signal for a change sends it beside the change. */
static void
test_change_with_own_signal (void)
{
  static const char *const forms[] = { "false", "true" };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
      g_autofree char *interface = g_strdup_printf (
          "{\"properties\": {\"level\": {\"type\": \"i\", \"changeSignal\": \"moved\"}},"
          " \"signals\": {\"moved\": {\"signature\": \"(i)\", \"property\": \"level\","
          " \"implicit\": %s}, \"end\": {\"signature\": \"()\"}}}",
          forms[i]);
      guint n_moved = 0, n_ended = 0;

      test_device_greet_with (device, interface, "{'level': <1>}");
      test_client_wait_state (client, PLANT_RPC_STATE_READY);
      g_signal_connect_swapped (client, "signal-received::moved", G_CALLBACK (count_signal),
                                &n_moved);
      g_signal_connect_swapped (client, "signal-received::end", G_CALLBACK (count_signal),
                                &n_ended);
      test_device_push_changed (device, 1, "level", g_variant_new_int32 (5));
      test_device_push_signal (device, 2, "end", g_variant_new_parsed ("@av []"));
      test_wait_until (n_ended == 1);
      g_assert_cmpuint (n_moved, ==, i);
    }
}

/* What a handler that reconnects needs. */
typedef struct {
  TestDevice     *device; /* (owned) */
  PlantRpcClient *client; /* (owned) */
  guint           n_calls;
} Reconnection;

static void
reconnect (PlantRpcProperty *property,
           GParamSpec       *pspec,
           Reconnection     *self)
{
  if (self->n_calls++ > 0)
    return;
  test_device_restart (&self->device);
  test_device_greet (self->device, 20, "y");
  test_client_wait_state (self->client, PLANT_RPC_STATE_READY);
}

/* A handler of a change may run a main loop in which the device describes itself anew. */
static void
test_reconnected_by_change (void)
{
  Reconnection self = { .device = test_device_new () };
  int level;

  self.client = test_client_new (test_device_get_url (self.device));
  test_device_greet (self.device, 10, "x");
  test_client_wait_state (self.client, PLANT_RPC_STATE_READY);
  test_run_pending ();
  g_signal_connect (plant_rpc_client_lookup_property (self.client, "level"), "notify::value",
                    G_CALLBACK (reconnect), &self);
  test_device_push_changed (self.device, 1, "level", g_variant_new_int32 (11));
  test_wait_until (self.n_calls >= 2);
  g_object_get (self.client, "level", &level, NULL);
  g_assert_cmpint (level, ==, 20);
  g_object_unref (self.client);
  test_device_free (self.device);
}

static void
count (gpointer  object,
       gpointer  pspec,
       guint    *n)
{
  (*n)++;
}

static void
count_lost (gpointer  object,
            guint64   n_lost,
            guint    *n)
{
  (*n)++;
}

/* A wire name of a peer never has a special meaning. */
static void
test_names (void)
{
  static const char *const names[] = { "/state", "/waiters", "/lost", "/error", "/url",
                                       "state", "waiters", "lost", "error", "url" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (TestDevice) device = test_device_new ();
      g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
      g_autofree char *interface = g_strdup_printf (
          "{\"properties\": {\"%s\": {\"name\": \"odd\", \"type\": \"i\"}}}", names[i]);
      g_autofree char *values = g_strdup_printf ("{'%s': <0>}", names[i]);
      PlantRpcInbox *inbox = plant_rpc_client_get_inbox (client);
      guint n_values = 0, n_states = 0, n_lost = 0;

      test_device_greet_with (device, interface, values);
      test_client_wait_state (client, PLANT_RPC_STATE_READY);
      test_run_pending ();
      g_signal_connect (plant_rpc_client_lookup_property (client, names[i]), "notify::value",
                        G_CALLBACK (count), &n_values);
      g_signal_connect (client, "notify::state", G_CALLBACK (count), &n_states);
      g_signal_connect (client, "signals-lost", G_CALLBACK (count_lost), &n_lost);
      plant_rpc_inbox_block (inbox);
      test_device_push_changed (device, 1, names[i], g_variant_new_int32 (5));
      test_device_push_lost (device, 2, 1);
      test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_ALL));
      g_clear_pointer (&device, test_device_free);
      test_client_wait_state (client, PLANT_RPC_STATE_DISCONNECTED);
      plant_rpc_inbox_unblock (inbox);
      test_wait_until (n_values == 1 && n_states == 1 && n_lost == 1);
    }
}

/* A count of 0 means that the number of lost signals is not known, so a count must not overflow to
 * 0. */
static void
test_lost_without_end (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (client);

  plant_rpc_inbox_block (inbox);
  test_device_push_lost (device, 1, G_MAXUINT64);
  test_device_push_lost (device, 2, 1);
  test_device_push_lost (device, 3, G_MAXUINT64 - 1);
  test_request_free (test_device_expect (device, PLANT_RPC_EVENT_GET_ALL));
  g_assert_true (test_device_is_idle (device));
  plant_rpc_inbox_unblock (inbox);
  test_assert_told (recorder, "lost:18446744073709551615 ");
}

/* ---- arrivals that wait while the application blocks */

/* Waits until all pushes before have arrived: an invalid push is counted after them. */
static void
await_all (TestDevice     *device,
           PlantRpcClient *client)
{
  guint n_dropped = plant_rpc_client_get_n_dropped (client);

  test_device_push_lost (device, 0, 0);
  test_wait_until (plant_rpc_client_get_n_dropped (client) == n_dropped + 1);
}

static guint64
await_credit (TestDevice *device,
              guint64     number)
{
  guint64 told = 0;

  while (told < number)
    {
      g_autoptr (TestRequest) credit = test_device_expect (device, PLANT_RPC_EVENT_CREDIT);

      told = credit->request.number;
    }
  return told;
}

/* A dropped signal is acknowledged too. Otherwise the server would never send again. */
static void
test_too_many_wait (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (client);
  g_autofree char *large = g_strnfill (PLANT_RPC_SUBSCRIBER_WINDOW, 'x');
  const guint n_more = 100;
  guint n_captured = 0;

  g_signal_connect_swapped (client, "captured", G_CALLBACK (count_signal), &n_captured);
  plant_rpc_inbox_block (inbox);
  for (guint i = 1; i < PLANT_RPC_MAX_SHOWN_LATER; i++)
    test_device_push_signal (device, i, "captured", test_captured ("a", 1));
  test_device_push_signal (device, PLANT_RPC_MAX_SHOWN_LATER, "captured",
                           test_captured (large, 1));
  for (guint i = 1; i <= n_more; i++)
    test_device_push_signal (device, PLANT_RPC_MAX_SHOWN_LATER + i, "captured",
                             test_captured ("b", 2));
  await_all (device, client);
  plant_rpc_inbox_unblock (inbox);
  await_credit (device, PLANT_RPC_MAX_SHOWN_LATER + n_more);
  test_wait_until (n_captured == PLANT_RPC_MAX_SHOWN_LATER);
}

/* The limit on the bytes of the waiting signals. */
static void
test_too_much_waits (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRecorder) recorder = test_recorder_new (client);
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (client);
  g_autofree char *large = g_strnfill (PLANT_RPC_MAX_SHOWN_LATER_SIZE / 4, 'x');
  guint n_captured = 0;

  g_signal_connect_swapped (client, "captured", G_CALLBACK (count_signal), &n_captured);
  plant_rpc_inbox_block (inbox);
  for (guint i = 1; i <= 10; i++)
    test_device_push_signal (device, i, "captured", test_captured (large, i));
  await_all (device, client);
  plant_rpc_inbox_unblock (inbox);
  test_wait_until (strstr (recorder->told->str, "lost:") != NULL);
  g_assert_cmpuint (n_captured, ==, 3);
  test_device_push_signal (device, 11, "captured", test_captured ("good", 1));
  test_wait_until (strstr (recorder->told->str, "good:1") != NULL);
}

/* Those that waited are acknowledged as each is shown, not when the last one is. */
static void
test_shown_one_by_one (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  PlantRpcInbox *inbox = plant_rpc_client_get_inbox (client);
  g_autofree char *large = g_strnfill (PLANT_RPC_SUBSCRIBER_WINDOW / 4, 'x');

  plant_rpc_inbox_block (inbox);
  for (guint i = 1; i <= 3; i++)
    test_device_push_signal (device, i, "captured", test_captured (large, i));
  await_all (device, client);
  g_assert_true (test_device_is_idle (device));
  plant_rpc_inbox_unblock (inbox);
  for (guint i = 1; i <= 3; i++)
    g_assert_cmpuint (await_credit (device, 1), ==, i);
}

/* A device that sends only changes gets its window back too. */
static void
test_changes_alone (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autofree char *mode = g_strnfill (PLANT_RPC_SUBSCRIBER_WINDOW / 4, 'x');

  for (guint i = 1; i <= 8; i++)
    {
      test_device_push_changed (device, i, "mode", g_variant_new_string (mode));
      await_credit (device, i);
    }
}

/* ---- values that are not known */

static PlantRpcPropertyState
get_state (PlantRpcClient *client,
           const char     *name)
{
  return plant_rpc_property_get_state (plant_rpc_client_lookup_property (client, name));
}

/* The device sends a value that cannot be understood: the shown value is stale. */
static void
test_value_not_understood (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);

  test_device_push_changed (device, 1, "level", g_variant_new_string ("high"));
  test_wait_until (get_state (client, "level") == PLANT_RPC_PROPERTY_STATE_STALE);
  g_assert_cmpint (get_state (client, "mode"), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  test_device_push_changed (device, 2, "level", g_variant_new_int32 (10));
  test_wait_until (get_state (client, "level") == PLANT_RPC_PROPERTY_STATE_CURRENT);
}

/* The device leaves a property out of a snapshot: the shown value is stale until the device has
 * told the value, for which it is asked. */
static void
test_value_not_told (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_ready (device);
  g_autoptr (TestRequest) all = NULL, get = NULL;

  plant_rpc_client_refresh (client, NULL, NULL, NULL);
  all = test_device_expect (device, PLANT_RPC_EVENT_GET_ALL);
  test_device_reply_value (device, all, g_variant_new_parsed ("{'mode': <'y'>}"));
  test_wait_until (get_state (client, "level") == PLANT_RPC_PROPERTY_STATE_STALE);
  g_assert_cmpint (get_state (client, "mode"), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  g_assert_cmpstr (get->request.name, ==, "level");
  test_device_reply_value (device, get, g_variant_new_int32 (11));
  test_wait_until (get_state (client, "level") == PLANT_RPC_PROPERTY_STATE_CURRENT);

  test_device_restart (&device);
  test_device_greet_with (device, TEST_DEVICE_INTERFACE, "{'mode': <'y'>}");
  test_client_wait_state (client, PLANT_RPC_STATE_MISMATCH);
  g_assert_cmpint (get_state (client, "level"), !=, PLANT_RPC_PROPERTY_STATE_CURRENT);
  test_device_restart (&device);
  test_device_greet (device, 10, "x");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  test_run_pending ();
  g_assert_cmpint (get_state (client, "level"), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_cmpint (get_state (client, "mode"), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
}

/* A client that is used by name shows choices as texts. */
static void
test_choices_by_name (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
  g_autoptr (GVariant) one = NULL, several = NULL;
  g_autofree char *one_text = NULL, *several_text = NULL;

  test_device_greet_with (device,
              "{\"properties\": {\"mode\": {\"type\": \"s\", \"choices\": {\"a\": 0, \"b\": 1}},"
              " \"parts\": {\"type\": \"as\", \"choices\": {\"c\": 1, \"d\": 2}}}}",
              "{'mode': <'b'>, 'parts': <['c', 'd']>}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  one = plant_rpc_client_get_cached_property (client, "mode");
  several = plant_rpc_client_get_cached_property (client, "parts");
  one_text = g_variant_print (one, FALSE);
  several_text = g_variant_print (several, FALSE);
  g_assert_cmpstr (one_text, ==, "'b'");
  g_assert_cmpstr (several_text, ==, "['c', 'd']");
}

/* ---- a device that reconnects with another interface */

static char *
make_interface (guint round,
                guint n_properties)
{
  GString *json = g_string_new ("{\"properties\": {\"always\": {\"type\": \"i\"}");

  for (guint i = 0; i < n_properties; i++)
    g_string_append_printf (json, ", \"p%u_%u\": {\"type\": \"s\", \"choices\": {\"c%u\": 1}}",
                            round, i, round);
  return g_string_free (g_string_append (json, "}}"), FALSE);
}

static gsize
measure_memory (void)
{
  malloc_trim (0);
  return mallinfo2 ().uordblks;
}

/* Neither the properties nor the types of all former interfaces are kept. */
static void
test_ever_other_interfaces (void)
{
  const guint n_properties = 400, n_rounds = 60;
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
  PlantRpcProperty *always = NULL;
  g_autoptr (PlantRpcProperty) held = NULL;
  guint n_enums = 0, n_enums_later = 0;
  gsize settled = 0;

  for (guint round = 0; round < n_rounds; round++)
    {
      g_autofree char *interface = make_interface (round, n_properties);
      g_autofree char *name = g_strdup_printf ("p%u_0", round);

      if (round > 0)
        test_device_restart (&device);
      test_device_greet_with (device, interface, "{'always': <1>}");
      test_client_wait_state (client, PLANT_RPC_STATE_READY);
      test_run_pending ();
      g_assert_nonnull (plant_rpc_client_lookup_property (client, name));
      if (round == 0)
        {
          always = plant_rpc_client_lookup_property (client, "always");
          held = g_object_ref (plant_rpc_client_lookup_property (client, name));
          g_free (g_type_children (G_TYPE_ENUM, &n_enums));
        }
      if (round == n_rounds / 3)
        settled = measure_memory ();
    }
  /* If properties were kept, each would take some hundred bytes. */
  g_assert_cmpuint (measure_memory (), <, settled + n_properties * n_rounds / 3 * 100);
  g_assert_null (plant_rpc_client_lookup_property (client, "p0_0"));
  g_assert_true (plant_rpc_client_lookup_property (client, "always") == always);
  g_assert_cmpint (plant_rpc_property_get_state (always), ==, PLANT_RPC_PROPERTY_STATE_CURRENT);
  g_assert_false (plant_rpc_property_get_writable (held));
  g_assert_cmpstr (plant_rpc_property_get_wire_name (held), ==, "p0_0");
  g_free (g_type_children (G_TYPE_ENUM, &n_enums_later));
  g_assert_cmpuint (n_enums_later, ==, n_enums);
}

static void
greet_again (TestDevice     **device,
             PlantRpcClient  *client,
             const char      *interface)
{
  test_device_restart (device);
  test_device_greet_with (*device, interface, "@a{sv} {}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
}

/* So many of the former properties are kept as the limit says. */
static void
test_former_properties (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcClient) client = test_client_new_plain (test_device_get_url (device));
  g_autoptr (GString) many = g_string_new ("{\"properties\": {");

  for (guint i = 0; i < PLANT_RPC_MAX_FORMER_PROPERTIES; i++)
    g_string_append_printf (many, "%s\"p%u\": {\"type\": \"i\"}", i > 0 ? "," : "", i);
  g_string_append (many, "}}");
  test_device_greet_with (device, many->str, "@a{sv} {}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  greet_again (&device, client, "{\"properties\": {\"one\": {\"type\": \"i\"}}}");
  g_assert_nonnull (plant_rpc_client_lookup_property (client, "p0"));
  greet_again (&device, client, "{\"properties\": {\"two\": {\"type\": \"i\"}}}");
  g_assert_null (plant_rpc_client_lookup_property (client, "p0"));
  g_assert_null (plant_rpc_client_lookup_property (client, "one"));
  g_assert_nonnull (plant_rpc_client_lookup_property (client, "two"));
}

/* A server of Plant Imager tells neither units nor limits: those of the client's type remain. */
static void
test_not_described (void)
{
  g_autoptr (TestDevice) device = test_device_new ();
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_json (
      "{\"properties\": {\"level\": {\"type\": \"i\", \"unit\": \"mm\", \"maximum\": 7}}}", NULL);
  g_autoptr (PlantRpcClient) client =
      plant_rpc_client_new_for_interface (info, test_device_get_url (device), NULL);
  PlantRpcProperty *level = plant_rpc_client_lookup_property (client, "level");
  g_autoptr (TestRequest) inventory = test_device_expect (device, PLANT_RPC_EVENT_GET_INVENTORY);
  g_autoptr (TestRequest) init = NULL, get = NULL;

  test_device_reply_text (device, inventory, "{" TEST_DEVICE_INVENTORY "}");
  init = test_device_expect (device, PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING);
  test_device_reply_text (device, init, "{\"success\": true}");
  get = test_device_expect (device, PLANT_RPC_EVENT_PROPERTY_GET);
  test_device_reply_text (device, get, "{\"success\": true, \"value\": 5}");
  test_client_wait_state (client, PLANT_RPC_STATE_READY);
  g_assert_cmpstr (plant_rpc_property_get_unit (level), ==, "mm");
  g_assert_cmpfloat (plant_rpc_property_get_maximum (level), ==, 7);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/remote/push-without-number", test_push_without_number);
  g_test_add_func ("/remote/signal-named-as-change", test_signal_named_as_change);
  g_test_add_func ("/remote/change-with-own-signal", test_change_with_own_signal);
  g_test_add_func ("/remote/reconnected-by-change", test_reconnected_by_change);
  g_test_add_func ("/remote/names", test_names);
  g_test_add_func ("/remote/lost-without-end", test_lost_without_end);
  g_test_add_func ("/remote/too-many-wait", test_too_many_wait);
  g_test_add_func ("/remote/too-much-waits", test_too_much_waits);
  g_test_add_func ("/remote/shown-one-by-one", test_shown_one_by_one);
  g_test_add_func ("/remote/changes-alone", test_changes_alone);
  g_test_add_func ("/remote/value-not-understood", test_value_not_understood);
  g_test_add_func ("/remote/value-not-told", test_value_not_told);
  g_test_add_func ("/remote/choices-by-name", test_choices_by_name);
  g_test_add_func ("/remote/ever-other-interfaces", test_ever_other_interfaces);
  g_test_add_func ("/remote/former-properties", test_former_properties);
  g_test_add_func ("/remote/not-described", test_not_described);

  return g_test_run ();
}

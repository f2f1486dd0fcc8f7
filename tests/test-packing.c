/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-test-locale.h"
#include "plant-rpc-test-message.h"

/* Values as GVariant text: what goes in, what comes out natively (NULL: the same), and what comes
 * out of JSON, which knows fewer types. */
static const struct {
  const char *value;
  const char *native;
  const char *json;
} values[] = {
  { "true", NULL, "true" },
  { "byte 0xff", NULL, "int64 255" },
  { "int16 -32768", NULL, "int64 -32768" },
  { "uint16 65535", NULL, "int64 65535" },
  { "-2147483648", NULL, "int64 -2147483648" },
  { "uint32 4294967295", NULL, "int64 4294967295" },
  { "int64 -9223372036854775808", NULL, "int64 -9223372036854775808" },
  { "uint64 9223372036854775807", NULL, "int64 9223372036854775807" },
  { "uint64 18446744073709551615", NULL, "uint64 18446744073709551615" },
  { "0.1", NULL, "0.1" },
  { "1.0", NULL, "1.0" },
  { "-0.0", NULL, "-0.0" },
  { "1e300", NULL, "1e300" },
  { "2.2250738585072014e-308", NULL, "2.2250738585072014e-308" },
  { "'gr\xc3\xb6\xc3\x9f" "e \"\\\\ \\n \\u0001'", NULL,
    "'gr\xc3\xb6\xc3\x9f" "e \"\\\\ \\n \\u0001'" },
  { "''", NULL, "''" },
  { "objectpath '/a/b'", NULL, "'/a/b'" },
  { "signature 'a{sv}'", NULL, "'a{sv}'" },
  { "@mv nothing", NULL, "@mv nothing" },
  { "@ms nothing", NULL, "@mv nothing" },
  { "@ms 'x'", NULL, "'x'" },
  { "<<3>>", NULL, "int64 3" },
  { "@av []", NULL, "@av []" },
  { "@as []", NULL, "@av []" },
  { "['a', 'b']", NULL, "[<'a'>, <'b'>]" },
  { "b'ab'", NULL, "[<int64 97>, <int64 98>, <int64 0>]" },
  { "(1920, 1080.5)", NULL, "[<int64 1920>, <1080.5>]" },
  { "@a{sv} {}", NULL, "@a{sv} {}" },
  { "{'a': <[<1>, <@mv nothing>]>}", NULL, "{'a': <[<int64 1>, <@mv nothing>]>}" },
  { "{1: 'a'}", NULL, "{'1': <'a'>}" },
};

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static void
assert_is (GVariant   *value,
           const char *expected)
{
  g_autoptr (GVariant) wanted = parse (expected);
  g_autofree char *a = g_variant_print (value, TRUE);
  g_autofree char *b = g_variant_print (wanted, TRUE);

  g_assert_cmpstr (a, ==, b);
  g_assert_false (g_variant_is_floating (value));
}

static const char *
get_expected (guint          row,
              PlantRpcFormat format)
{
  if (format == PLANT_RPC_FORMAT_JSON)
    return values[row].json;
  return values[row].native != NULL ? values[row].native : values[row].value;
}

typedef void (*TripFunc) (PlantRpcFormat format,
                          GVariant      *value,
                          const char    *expected);

static void
for_each_value (TripFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GVariant) value = parse (values[i].value);

      g_test_message ("%s", values[i].value);
      func (PLANT_RPC_FORMAT_NATIVE, value, get_expected (i, PLANT_RPC_FORMAT_NATIVE));
      func (PLANT_RPC_FORMAT_JSON, value, get_expected (i, PLANT_RPC_FORMAT_JSON));
    }
}

/* ---- requests */

static void
send_request (const PlantRpcRequest *request,
              PlantRpcRequest       *received)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = plant_rpc_request_pack (request, &error);

  g_assert_no_error (error);
  g_assert_cmpint (plant_rpc_message_get_format (payload), ==, request->format);
  plant_rpc_request_unpack (received, payload, &error);
  g_assert_no_error (error);
  g_assert_cmpint (received->format, ==, request->format);
  g_assert_cmpint (received->event, ==, request->event);
  g_assert_cmpstr (received->name, ==, request->name);
}

static void
trip_set (PlantRpcFormat format,
          GVariant      *value,
          const char    *expected)
{
  const PlantRpcRequest request = {
    .format = format,
    .event = PLANT_RPC_EVENT_PROPERTY_SET,
    .name = (char *) "größe",
    .value = value,
  };
  g_auto (PlantRpcRequest) received = { 0 };

  send_request (&request, &received);
  assert_is (received.value, expected);
}

static void
trip_call (PlantRpcFormat format,
           GVariant      *value,
           const char    *expected)
{
  GVariant *boxed = g_variant_new_variant (value);
  g_autoptr (GVariant) args =
    g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARIANT, &boxed, 1));
  g_autoptr (GVariant) kwargs = g_variant_ref_sink (g_variant_new_parsed ("{'k': %v}", value));
  const PlantRpcRequest request = {
    .format = format,
    .event = PLANT_RPC_EVENT_METHOD_CALL,
    .name = (char *) "echo",
    .args = args,
    .kwargs = kwargs,
  };
  g_auto (PlantRpcRequest) received = { 0 };
  g_autoptr (GVariant) arg = NULL, kwarg = NULL;

  send_request (&request, &received);
  g_assert_cmpuint (g_variant_n_children (received.args), ==, 1);
  g_variant_get_child (received.args, 0, "v", &arg);
  kwarg = g_variant_lookup_value (received.kwargs, "k", NULL);
  assert_is (arg, expected);
  assert_is (kwarg, expected);
}

static void
test_requests (void)
{
  for_each_value (trip_set);
  for_each_value (trip_call);
}

static void
test_bare_requests (void)
{
  static const PlantRpcRequest requests[] = {
    { .event = PLANT_RPC_EVENT_GET_INVENTORY, .native_version = 1 },
    { .event = PLANT_RPC_EVENT_GET_INVENTORY },
    { .event = PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING },
    { .event = PLANT_RPC_EVENT_INIT_SIGNALS_HANDLING, .address = (char *) "::1", .port = 65535 },
    { .event = PLANT_RPC_EVENT_METHOD_CALL, .name = (char *) "f" },
    { .event = PLANT_RPC_EVENT_PROPERTY_GET, .name = (char *) "mode" },
    { .event = PLANT_RPC_EVENT_STOP_SERVER },
    { PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_METHOD_CALL, .name = (char *) "f" },
    { PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_PROPERTY_GET, .name = (char *) "mode" },
    { PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_STOP_SERVER },
    { PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_GET_ALL },
    { PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_SUBSCRIBE, .number = G_MAXUINT64 },
    { PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_CREDIT, .number = 1 },
    { PLANT_RPC_FORMAT_NATIVE, PLANT_RPC_EVENT_CANCEL, .number = (guint64) 1 << 63 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_auto (PlantRpcRequest) received = { 0 };

      send_request (&requests[i], &received);
      g_assert_cmpstr (received.address, ==, requests[i].address);
      g_assert_cmpuint (received.port, ==, requests[i].port);
      g_assert_cmpuint (received.number, ==, requests[i].number);
      g_assert_cmpuint (received.native_version, ==, requests[i].native_version);
      g_assert_true ((received.args != NULL) == (received.event == PLANT_RPC_EVENT_METHOD_CALL));
    }
}

/* A peer that speaks JSON only is never sent what it does not know. */
static void
test_native_only (void)
{
  static const PlantRpcEvent events[] = {
    PLANT_RPC_EVENT_GET_ALL, PLANT_RPC_EVENT_SUBSCRIBE, PLANT_RPC_EVENT_CREDIT,
    PLANT_RPC_EVENT_CANCEL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      const PlantRpcRequest request = { .event = events[i] };
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_request_pack (&request, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

/* ---- replies */

static void
send_reply (const PlantRpcReply *reply,
            PlantRpcFormat       format,
            PlantRpcEvent        event,
            PlantRpcReply       *received)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = plant_rpc_reply_pack (reply, format, event, &error);

  g_assert_no_error (error);
  g_assert_cmpint (plant_rpc_message_get_format (payload), ==, format);
  plant_rpc_reply_unpack (received, event, reply->buffer != NULL, payload, reply->buffer, &error);
  g_assert_no_error (error);
  g_assert_true (received->buffer == reply->buffer);
}

static void
trip_results (PlantRpcFormat format,
              GVariant      *value,
              const char    *expected)
{
  const PlantRpcReply reply = { .value = value };
  g_auto (PlantRpcReply) result = { 0 };
  g_auto (PlantRpcReply) property = { 0 };

  send_reply (&reply, format, PLANT_RPC_EVENT_METHOD_CALL, &result);
  assert_is (result.value, expected);
  send_reply (&reply, format, PLANT_RPC_EVENT_PROPERTY_GET, &property);
  assert_is (property.value, expected);
}

static void
trip_info (PlantRpcFormat format,
           GVariant      *value,
           const char    *expected)
{
  g_autoptr (GBytes) buffer = g_bytes_new_static ("image", 5);
  g_autoptr (GVariant) info = g_variant_ref_sink (g_variant_new_parsed ("{'k': %v}", value));
  const PlantRpcReply reply = { .value = info, .buffer = buffer };
  g_auto (PlantRpcReply) received = { 0 };
  g_autoptr (GVariant) member = NULL;

  send_reply (&reply, format, PLANT_RPC_EVENT_METHOD_CALL, &received);
  member = g_variant_lookup_value (received.value, "k", NULL);
  assert_is (member, expected);
}

static void
test_replies (void)
{
  for_each_value (trip_results);
  for_each_value (trip_info);
}

static void
test_done (void)
{
  static const PlantRpcFormat formats[] = { PLANT_RPC_FORMAT_JSON, PLANT_RPC_FORMAT_NATIVE };
  const PlantRpcReply reply = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_auto (PlantRpcReply) received = { 0 };

      send_reply (&reply, formats[i], PLANT_RPC_EVENT_PROPERTY_SET, &received);
      g_assert_no_error (received.error);
      g_assert_null (received.value);
    }
}

static void
test_failures (void)
{
  static const PlantRpcFormat formats[] = { PLANT_RPC_FORMAT_JSON, PLANT_RPC_FORMAT_NATIVE };
  static const PlantRpcEvent events[] = {
    PLANT_RPC_EVENT_METHOD_CALL, PLANT_RPC_EVENT_PROPERTY_GET, PLANT_RPC_EVENT_PROPERTY_SET,
    PLANT_RPC_EVENT_GET_ALL,     PLANT_RPC_EVENT_SUBSCRIBE,    PLANT_RPC_EVENT_STOP_SERVER,
  };
  const PlantRpcReply reply = {
    .error = plant_rpc_error_new_remote ("refused", "nicht möglich", "a\n\tb\n"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats) * G_N_ELEMENTS (events); i++)
    {
      g_auto (PlantRpcReply) received = { 0 };

      send_reply (&reply, formats[i % 2], events[i / 2], &received);
      g_assert_error (received.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED);
      g_assert_cmpstr (received.error->message, ==, "nicht möglich");
      g_assert_cmpstr (plant_rpc_error_get_traceback (received.error), ==, "a\n\tb\n");
      g_assert_cmpstr (plant_rpc_error_get_remote_name (received.error), ==, "refused");
    }
  g_error_free (reply.error);
}

/* The clients of Plant Imager would take it for a failure. */
static void
test_info_with_error (void)
{
  g_autoptr (GBytes) buffer = g_bytes_new_static ("image", 5);
  g_autoptr (GVariant) info = parse ("{'error': <'none'>}");
  const PlantRpcReply reply = { .value = info, .buffer = buffer };
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_reply_pack (&reply, PLANT_RPC_FORMAT_JSON,
                                       PLANT_RPC_EVENT_METHOD_CALL, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
  g_assert_true (plant_rpc_error_may_have_run (error));
}

/* ---- inventories */

static void
test_inventories (void)
{
  for (guint version = 0; version <= PLANT_RPC_NATIVE_VERSION; version++)
    {
      g_auto (PlantRpcInventory) inventory = {
        .json_methods = parse ("{'a': <int64 10000>, 'b': <@mv nothing>}"),
        .buffer_methods = parse ("{'c': <int64 1>}"),
        .signals = parse ("['modeChanged']"),
        .properties = parse ("@as []"),
        .name = g_strdup ("cam 1"),
        .native_version = version,
        .interface = parse ("{'methods': <{'a': <1.5>}>}"),
        .instance = g_strdup ("0123"),
      };
      g_auto (PlantRpcInventory) received = { 0 };
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) payload = plant_rpc_inventory_pack (&inventory, &error);
      g_autofree char *sent_text = test_message_describe_inventory (&inventory);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      plant_rpc_inventory_unpack (&received, payload, &error);
      g_assert_no_error (error);
      text = test_message_describe_inventory (&received);
      g_assert_cmpstr (text, ==, sent_text);
    }
}

/* ---- emissions */

static void
send_emission (const PlantRpcEmission *emission,
               PlantRpcFormat          format,
               PlantRpcEmission       *received)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = plant_rpc_emission_pack (emission, format, &error);

  g_assert_no_error (error);
  plant_rpc_emission_unpack (received, payload, &error);
  g_assert_no_error (error);
  g_assert_cmpint (received->type, ==, emission->type);
  g_assert_cmpstr (received->name, ==, emission->name);
  g_assert_cmpuint (received->n_lost, ==, emission->n_lost);
}

static void
trip_signal (PlantRpcFormat format,
             GVariant      *value,
             const char    *expected)
{
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_parsed ("[%v, %v]", value, value));
  const PlantRpcEmission emission = {
    .name = (char *) "modeChanged",
    .value = args,
    .typed = TRUE, /* nulls are sent, too */
  };
  g_auto (PlantRpcEmission) received = { 0 };
  g_autoptr (GVariant) arg = NULL;
  send_emission (&emission, format, &received);
  g_assert_cmpuint (g_variant_n_children (received.value), ==, 2);
  g_variant_get_child (received.value, 1, "v", &arg);
  assert_is (arg, expected);
}

static void
trip_change (PlantRpcFormat format,
             GVariant      *value,
             const char    *expected)
{
  const PlantRpcEmission emission = {
    .type = PLANT_RPC_EMISSION_CHANGED,
    .name = (char *) "mode",
    .value = value,
  };
  g_auto (PlantRpcEmission) received = { 0 };

  if (format == PLANT_RPC_FORMAT_JSON)
    return;
  send_emission (&emission, format, &received);
  assert_is (received.value, expected);
}

static void
test_emissions (void)
{
  const PlantRpcEmission lost = { .type = PLANT_RPC_EMISSION_LOST, .n_lost = G_MAXUINT64 };
  g_autoptr (GVariant) failure = parse ("('remote', 'it is off', '')");
  const PlantRpcEmission failed = { .type = PLANT_RPC_EMISSION_FAILED, .name = (char *) "mode",
                                    .value = failure };
  g_auto (PlantRpcEmission) received = { 0 };
  g_auto (PlantRpcEmission) told = { 0 };

  for_each_value (trip_signal);
  for_each_value (trip_change);
  send_emission (&lost, PLANT_RPC_FORMAT_NATIVE, &received);
  send_emission (&failed, PLANT_RPC_FORMAT_NATIVE, &told);
  assert_is (told.value, "('remote', 'it is off', '')");
}

/* Whatever else is said of a property is no reason. */
static void
test_no_failure (void)
{
  g_autoptr (GVariant) value = parse ("'off'");
  g_autoptr (GBytes) payload =
      plant_rpc_message_pack_named (PLANT_RPC_KIND_FAILED, "mode", value, NULL);
  g_auto (PlantRpcEmission) received = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (plant_rpc_emission_unpack (&received, payload, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
  g_assert_null (received.name);
}

/* Numbers that JSON lacks travel on both wires. */
static void
test_numbers (void)
{
  static const PlantRpcFormat formats[] = { PLANT_RPC_FORMAT_JSON, PLANT_RPC_FORMAT_NATIVE };
  static const char *const args[] = {
    "[<inf>]", "[<-inf>]", "[<nan>]", "[<int64 1>, <'a'>, <inf>]", "[<nan>, <0.5>]",
    "[<[<0.5>, <nan>]>]", "[<{'a': <{'b': <-inf>}>}>]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (args); i++)
    {
      g_autoptr (GVariant) value = parse (args[i]);
      const PlantRpcEmission emission = { .name = (char *) "measured", .value = value };

      for (guint k = 0; k < G_N_ELEMENTS (formats); k++)
        {
          g_auto (PlantRpcEmission) received = { 0 };

          send_emission (&emission, formats[k], &received);
          assert_is (received.value, args[i]);
        }
    }
}

/* A null is refused in JSON, also in lists, since hardly any type that a client declares takes
 * it. */
static void
test_nulls (void)
{
  static const char *const args[] = {
    "[<@mv nothing>]", "[<1>, <@ms nothing>]", "[<[<0.5>, <@mv nothing>]>]",
    "[<[@mi 5, nothing]>]", "[<(1, @mv nothing)>]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (args); i++)
    {
      g_autoptr (GVariant) value = parse (args[i]);
      PlantRpcEmission emission = { .name = (char *) "measured", .value = value };
      g_auto (PlantRpcEmission) received = { 0 };
      g_auto (PlantRpcEmission) native = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_JSON, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
      send_emission (&emission, PLANT_RPC_FORMAT_NATIVE, &native);
      emission.typed = TRUE;
      send_emission (&emission, PLANT_RPC_FORMAT_JSON, &received);
    }
}

/* What is in objects may be null, and the rest is sent as it is. */
static void
test_no_nulls (void)
{
  static const char *const args[][2] = {
    { "[<{'a': <@mv nothing>, 'b': <1.5>}>]", "[{\"a\":null,\"b\":1.5}]" },
    { "[<[<{'a': <@mv nothing>}>]>]", "[[{\"a\":null}]]" },
    { "[<{'a': <[<@mv nothing>]>}>]", "[{\"a\":[null]}]" },
    { "[<[1e308, -0.0, 2.3e-308]>]", "[[1e+308,-0.0,2.3e-308]]" },
    { "[<int64 -9223372036854775808>, <uint64 18446744073709551615>]",
      "[-9223372036854775808,18446744073709551615]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (args); i++)
    {
      g_autoptr (GVariant) value = parse (args[i][0]);
      const PlantRpcEmission emission = { .name = (char *) "measured", .value = value };
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) payload =
          plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_JSON, &error);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = g_strndup (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
      g_assert_nonnull (strstr (text, args[i][1]));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  plant_rpc_test_add ("/packing/requests", test_requests);
  plant_rpc_test_add ("/packing/bare-requests", test_bare_requests);
  plant_rpc_test_add ("/packing/native-only", test_native_only);
  plant_rpc_test_add ("/packing/replies", test_replies);
  plant_rpc_test_add ("/packing/done", test_done);
  plant_rpc_test_add ("/packing/failures", test_failures);
  plant_rpc_test_add ("/packing/info-with-error", test_info_with_error);
  plant_rpc_test_add ("/packing/inventories", test_inventories);
  plant_rpc_test_add ("/packing/emissions", test_emissions);
  plant_rpc_test_add ("/packing/no-failure", test_no_failure);
  plant_rpc_test_add ("/packing/numbers", test_numbers);
  plant_rpc_test_add ("/packing/nulls", test_nulls);
  plant_rpc_test_add ("/packing/no-nulls", test_no_nulls);
  return g_test_run ();
}

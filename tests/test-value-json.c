/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <plantrpc/plantrpc.h>

#include "plant-rpc-test-locale.h"
#include "plant-rpc-value-json-private.h"

static const struct {
  const char *value;
  const char *json; /* (nullable): NULL for what JSON does not tell exactly */
} written[] = {
  { "true", "true" },
  { "@mi nothing", "null" },
  { "<<@mi 5>>", "5" },
  { "1.0", "1.0" },
  { "-0.0", "-0.0" },
  { "int64 9007199254740991", "9007199254740991" },
  { "int64 -9007199254740991", "-9007199254740991" },
  { "int64 9007199254740992", NULL },
  { "int64 -9007199254740992", NULL },
  { "uint64 18446744073709551615", NULL },
  { "@d nan", NULL },
  { "@d inf", NULL },
  { "handle 1", NULL },
  { "'a\"ä'", "\"a\\\"ä\"" },
  { "[<1>, <@av []>, <@mv nothing>]", "[1,[],null]" },
  { "(1, 'a', [2.5])", "[1,\"a\",[2.5]]" },
  { "{'a': <1>, 'b': <{'c': <true>}>}", "{\"a\":1,\"b\":{\"c\":true}}" },
  { "{objectpath '/a': 1}", "{\"/a\":1}" },
  { "{1: 'a'}", NULL },
  { "@{sv} {'a', <1>}", NULL },
  { "@ay [1]", NULL },
  { "[<@ay []>]", NULL },
  { "{'a': <[<(1, @d nan)>]>}", NULL },
  { "@{ys} {0, '18446744073709551616'}", NULL },
};

static void
test_written (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    {
      g_autoptr (GVariant) value = g_variant_new_parsed (written[i].value);
      g_autoptr (GError) error = NULL;
      g_autofree char *json = plant_rpc_value_to_json (value, &error);

      g_test_message ("%s", written[i].value);
      g_assert_cmpstr (json, ==, written[i].json);
      if (json == NULL)
        g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
      else
        g_assert_no_error (error);
    }
}

static void
test_read (void)
{
  static const char *const texts[][2] = {
    { "null", "@mv nothing" },
    { " 5 ", "int64 5" },
    { "18446744073709551615", "uint64 18446744073709551615" },
    { "5.0", "5.0" },
    { "1e2", "100.0" },
    { "\"\\ud83c\"", "'\xef\xbf\xbd'" },
    { "[1, \"a\"]", "[<int64 1>, <'a'>]" },
    { "{\"a\": {}}", "{'a': <@a{sv} {}>}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GVariant) value = g_variant_new_parsed (texts[i][1]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) got = plant_rpc_value_from_json (texts[i][0], &error);

      g_test_message ("%s", texts[i][0]);
      g_assert_no_error (error);
      g_assert_cmpvariant (got, value);
    }
}

static void
test_refused (void)
{
  static const char *const texts[] = { "", "[", "[1,]", "{1:2}", "\"", "nothing", "1 2" };
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GError) limit = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_value_from_json (texts[i], &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
  for (guint i = 0; i < 50; i++)
    g_string_append_c (deep, '[');
  for (guint i = 0; i < 50; i++)
    g_string_append_c (deep, ']');
  g_assert_null (plant_rpc_value_from_json (deep->str, &limit));
  g_assert_error (limit, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

static void
test_nesting (void)
{
  GVariant *nested = g_variant_new_int64 (1);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 41; i++)
    {
      GVariant *item = g_variant_new_variant (nested);

      nested = g_variant_new_array (NULL, &item, 1);
    }
  value = g_variant_ref_sink (nested);
  g_assert_null (plant_rpc_value_to_json (value, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

/* What a call is given, and what it returns, in one step. */
static void
test_call (void)
{
  static const char *const calls[][3] = {
    { "@av []", "@a{sv} {}", "[]" },
    { "[<5>, <'a'>]", "@a{sv} {}", "[5,\"a\"]" },
    { "[<5>]", "{'b': <true>}", "[5,{\"b\":true}]" },
    { "@av []", "{'b': <true>}", "[ {\"b\":true}]" },
    { "[<int64 9007199254740993>]", "@a{sv} {}", NULL },
    { "[<5>]", "{'b': <[byte 1]>}", NULL },
  };
  static const char *const results[][2] = {
    { "()", "null" },
    { "@mv nothing", "null" },
    { "<'a'>", "\"a\"" },
    { "b'a'", NULL },
    { "inf", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new_parsed (calls[i][0]));
      g_autoptr (GVariant) kwargs = g_variant_ref_sink (g_variant_new_parsed (calls[i][1]));
      g_autofree char *got = plant_rpc_value_call_to_json (args, kwargs);

      g_assert_cmpstr (got, ==, calls[i][2]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (results[i][0]));
      g_autofree char *got = plant_rpc_value_tell_json (value);

      g_assert_cmpstr (got, ==, results[i][1]);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  plant_rpc_test_add ("/value-json/written", test_written);
  plant_rpc_test_add ("/value-json/read", test_read);
  g_test_add_func ("/value-json/refused", test_refused);
  g_test_add_func ("/value-json/nesting", test_nesting);
  g_test_add_func ("/value-json/call", test_call);
  return g_test_run ();
}

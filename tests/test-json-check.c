/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-json-check-private.h"
#include "plant-rpc-limits-private.h"

/* Checks a copy of exactly that size, so that memory checkers see a read behind the end. */
static gboolean
check (const char  *data,
       gsize        length,
       GError     **error)
{
  g_autofree char *copy = g_memdup2 (data, length);

  return plant_rpc_json_check (length > 0 ? copy : "", length, error);
}

static void
assert_refused (const char    *json,
                gsize          length,
                PlantRpcError  code,
                const char    *place)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (check (json, length, &error));
  g_assert_error (error, PLANT_RPC_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, place));
}

static void
test_accepted (void)
{
  static const char *const texts[] = {
    "0", "-0", " 1.5E+3 ", "NaN", "-Infinity", "null", "[]", "{ }", "\"\"",
    "\"\\u00e4\\ud83c\\udf31\"", "[1 , [true] , {\"a\" : {\"a\" : \"\\\\\"}}]", "\r\n\t[]",
    "\"植🌱\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (check (texts[i], strlen (texts[i]), &error));
      g_assert_no_error (error);
    }
}

/* Every beginning of a text is either refused or, for numbers, a value. */
static void
test_truncated (void)
{
  const char *json = "{\"a\": [1, -2.5e3, \"\\ud83c\\udf31\", \"ä\", null, NaN],"
                     " \"b\": {\"c\": true}}";

  for (gsize length = 0; length < strlen (json); length++)
    assert_refused (json, length, PLANT_RPC_ERROR_PROTOCOL, "byte ");
}

static void
test_error_place (void)
{
  static const struct {
    const char *json;
    const char *place;
  } cases[] = {
    { "", "byte 0:" },         { "[1, x]", "byte 4:" },       { "{\"ä\": \"\\q\"}", "byte 8:" },
    { "[1,2] 3", "byte 6:" },  { "\"a\xff\"", "byte 2:" },    { "{\"a\":1,}", "byte 7:" },
    { "[NaN, -]", "byte 7:" }, { "\xef\xbb\xbf[]", "byte 0:" }, { "[1,", "byte 3:" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].json, strlen (cases[i].json), PLANT_RPC_ERROR_PROTOCOL,
                    cases[i].place);
}

/* Bytes behind the end of the text are not read, even if they would continue it. */
static void
test_cut_escape (void)
{
  static const char json[] = "\"\\u00e4\\u00e4\"";

  for (gsize length = 2; length < strlen (json) - 1; length++)
    {
      g_autoptr (GError) error = NULL;
      const char *place = length < 7 ? "byte 1:" : length < 13 ? "byte 7:" : "byte 13:";

      g_assert_false (plant_rpc_json_check (json, length, &error));
      g_assert_nonnull (strstr (error->message, place));
    }
}

/* The value beyond the limit is refused, and the one before it is not. */
static void
test_limits (void)
{
  static const struct {
    const char *part;
    guint       limit;
  } cases[] = { { "[", PLANT_RPC_JSON_MAX_DEPTH }, { "1,", PLANT_RPC_JSON_MAX_VALUES - 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) json = g_string_new (i == 0 ? "" : "[");
      g_autoptr (GError) error = NULL;

      for (guint k = 0; k < cases[i].limit; k++)
        g_string_append (json, cases[i].part);
      /* What is within the limit is only refused because it ends too early. */
      assert_refused (json->str, json->len - i, PLANT_RPC_ERROR_PROTOCOL, "byte ");
      g_string_append (json, cases[i].part);
      assert_refused (json->str, json->len - i, PLANT_RPC_ERROR_LIMIT, "byte ");
    }
}

static void
test_size (void)
{
  g_autofree char *json = g_strnfill (PLANT_RPC_MAX_JSON_SIZE + 1, ' ');
  g_autoptr (GError) error = NULL;

  json[0] = '1';
  g_assert_true (check (json, PLANT_RPC_MAX_JSON_SIZE, &error));
  g_assert_no_error (error);
  assert_refused (json, PLANT_RPC_MAX_JSON_SIZE + 1, PLANT_RPC_ERROR_LIMIT, "8388609 bytes");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json-check/accepted", test_accepted);
  g_test_add_func ("/json-check/truncated", test_truncated);
  g_test_add_func ("/json-check/error-place", test_error_place);
  g_test_add_func ("/json-check/cut-escape", test_cut_escape);
  g_test_add_func ("/json-check/limits", test_limits);
  g_test_add_func ("/json-check/size", test_size);
  return g_test_run ();
}

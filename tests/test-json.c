/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-test-locale.h"

/* A copy of exactly that size, so that memory checkers see a reader that goes on behind it. */
static GVariant *
parse_exactly (const char  *data,
               gsize        length,
               GError     **error)
{
  g_autofree char *copy = g_memdup2 (data, length);

  return plant_rpc_json_parse (copy, length, error);
}

static GVariant *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = parse_exactly (json, strlen (json), &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  g_assert_false (g_variant_is_floating (value));
  return value;
}

static char *
write_message (GVariant *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_true (plant_rpc_json_write_message (value, out, &error));
  g_assert_no_error (error);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static char *
write (GVariant *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_true (plant_rpc_json_write (value, out, &error));
  g_assert_no_error (error);
  g_assert_true (g_utf8_validate_len (out->str, out->len, NULL));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
assert_refused (const char   *json,
                gsize         length,
                PlantRpcError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = parse_exactly (json, length, &error);

  g_assert_null (value);
  g_assert_error (error, PLANT_RPC_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, "byte "));
}

/* Text shows what nesting has lost, g_variant_equal() the last digits. */
static void
assert_same (GVariant *a,
             GVariant *b)
{
  g_autofree char *text_a = g_variant_print (a, TRUE);
  g_autofree char *text_b = g_variant_print (b, TRUE);

  g_assert_cmpstr (text_a, ==, text_b);
  g_assert_true (g_variant_equal (a, b));
}

typedef void (*FileFunc) (const char *path,
                          const char *name);

static void
for_each_case (const char *folder,
               FileFunc    function)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "json", folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (!g_str_has_suffix (name, ".json"))
        continue;
      g_test_message ("%s", name);
      function (file, name);
      n++;
    }
  g_assert_cmpuint (n, >, 50);
}

static char *
load (const char *path,
      gsize      *length)
{
  g_autoptr (GError) error = NULL;
  char *data;

  g_file_get_contents (path, &data, length, &error);
  g_assert_no_error (error);
  return data;
}

static void
check_valid_file (const char *path,
                  const char *name)
{
  g_autofree char *stem = g_strndup (path, strlen (path) - strlen (".json"));
  g_autofree char *expected_path = g_strconcat (stem, ".expected", NULL);
  gsize length;
  g_autofree char *json = load (path, &length);
  g_autofree char *text = load (expected_path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) expected = g_variant_parse (NULL, text, NULL, NULL, &error);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) again = NULL;
  g_autofree char *written = NULL;

  g_assert_no_error (error);
  value = parse_exactly (json, length, &error);
  g_assert_no_error (error);
  assert_same (value, expected);

  written = write_message (value);
  again = parse (written);
  assert_same (again, expected);
}

static void
test_valid_files (void)
{
  for_each_case ("valid", check_valid_file);
}

static void
check_invalid_file (const char *path,
                    const char *name)
{
  gsize length;
  g_autofree char *json = load (path, &length);

  assert_refused (json, length,
                  g_str_has_prefix (name, "limit-") ? PLANT_RPC_ERROR_LIMIT
                                                    : PLANT_RPC_ERROR_PROTOCOL);
}

static void
test_invalid_files (void)
{
  for_each_case ("invalid", check_invalid_file);
}

static char *
repeat (const char *open,
        const char *middle,
        const char *close,
        guint       n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, open);
  g_string_append (text, middle);
  for (guint i = 0; i < n; i++)
    g_string_append (text, close);
  return g_string_free (text, FALSE);
}

static void
test_depth (void)
{
  static const struct {
    const char *open;
    const char *close;
  } kinds[] = { { "[", "]" }, { "{\"a\":", "}" } };
  static const guint too_deep[] = { PLANT_RPC_JSON_MAX_DEPTH + 1, 1000, 100000 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *json = repeat (kinds[i].open, "1", kinds[i].close, PLANT_RPC_JSON_MAX_DEPTH);
      g_autoptr (GVariant) value = parse (json);
      g_autofree char *written = write (value);

      g_assert_cmpstr (written, ==, json);
      for (guint k = 0; k < G_N_ELEMENTS (too_deep); k++)
        {
          g_autofree char *deep = repeat (kinds[i].open, "1", kinds[i].close, too_deep[k]);

          assert_refused (deep, strlen (deep), PLANT_RPC_ERROR_LIMIT);
        }
    }
}

/* GVariant drops what is nested too deeply when it serialises: the limit has to be lower. */
static void
test_depth_survives_serialising (void)
{
  g_autofree char *json = repeat ("{\"a\":", "1", "}", PLANT_RPC_JSON_MAX_DEPTH);
  g_autoptr (GVariant) value = parse (json);
  g_autoptr (GVariant) boxed = g_variant_ref_sink (g_variant_new ("(v)", value));
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (boxed);
  g_autoptr (GVariant) read = g_variant_new_from_bytes (G_VARIANT_TYPE ("(v)"), bytes, FALSE);
  g_autofree char *written = NULL;

  g_variant_ref_sink (read);
  g_assert_true (g_variant_is_normal_form (read));
  g_variant_unref (value);
  value = g_variant_get_child_value (read, 0);
  written = write (value);
  g_assert_cmpstr (written, ==, json);
}

static void
test_large (void)
{
  const gsize size = g_test_slow () ? 4 * 1000 * 1000 : 50 * 1000;
  static const struct {
    const char *open;
    const char *part;
    const char *close;
  } cases[] = {
    { "[", "1,", "1]" },         { "[", "[],", "1]" },         { "[", "{},", "1]" },
    { "[", "null,", "1]" },      { "\"", "x", "\"" },          { "\"", "\\u0001", "\"" },
    { "\"", "\\\"", "\"" },      { "{", "\"a\":1,", "\"b\":2}" },
    { "0.", "1", "" },           { "1e", "9", "" },            { "", "1", ".5" },
    { "[", "[[[[]]]],", "1]" },  { "[", "18446744073709551615,", "1]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) json = g_string_new (cases[i].open);
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GVariant) again = NULL;
      g_autofree char *written = NULL;

      while (json->len < size)
        g_string_append (json, cases[i].part);
      g_string_append (json, cases[i].close);
      value = parse (json->str);
      written = write_message (value);
      again = parse (written);
      g_assert_true (g_variant_equal (value, again));
    }
}

/* GVariant text to JSON. */
static void
test_write (void)
{
  static const struct {
    const char *value;
    const char *json;
  } cases[] = {
    { "true", "true" },
    { "false", "false" },
    { "byte 255", "255" },
    { "int16 -32768", "-32768" },
    { "uint16 65535", "65535" },
    { "-2147483648", "-2147483648" },
    { "uint32 4294967295", "4294967295" },
    { "int64 -9223372036854775808", "-9223372036854775808" },
    { "uint64 18446744073709551615", "18446744073709551615" },
    { "handle 7", "\"7\"" },
    { "1.0", "1.0" },
    { "-0.0", "-0.0" },
    { "0.1", "0.1" },
    { "1234.5", "1234.5" },
    { "1e16", "1e+16" },
    { "1e300", "1e+300" },
    { "'text'", "\"text\"" },
    { "'ä植🌱'", "\"ä植🌱\"" },
    { "'\"\\\\/\\n\\t\\r\\b\\f\\u0001\\u001f\\u007f'",
      "\"\\\"\\\\/\\n\\t\\r\\b\\f\\u0001\\u001f\x7f\"" },
    { "objectpath '/a/b'", "\"/a/b\"" },
    { "signature 'a{sv}'", "\"a{sv}\"" },
    { "@mv nothing", "null" },
    { "@ms 'x'", "\"x\"" },
    { "@mms just nothing", "null" },
    { "<<<3>>>", "3" },
    { "<@mv <@mi 5>>", "5" },
    { "@ai []", "[]" },
    { "[1, 2]", "[1,2]" },
    { "@ay [1, 2, 255]", "[1,2,255]" },
    { "@ay [0]", "[0]" },
    { "@an [-32768, 0, 32767]", "[-32768,0,32767]" },
    { "@aq [0, 10, 65535]", "[0,10,65535]" },
    { "@ai [-2147483648, -1, 2147483647]", "[-2147483648,-1,2147483647]" },
    { "@au [0, 4294967295]", "[0,4294967295]" },
    { "@a{yy} {1: 2}", "{\"1\":2}" },
    { "b'ab'", "[97,98,0]" },
    { "[<1>, <'a'>, <@mv nothing>]", "[1,\"a\",null]" },
    { "()", "[]" },
    { "(1, 'a', [true])", "[1,\"a\",[true]]" },
    { "@a{sv} {}", "{}" },
    { "{'a': <1>, 'b': <{'c': 2.0}>}", "{\"a\":1,\"b\":{\"c\":2.0}}" },
    { "{'\"\\n': 1}", "{\"\\\"\\n\":1}" },
    { "{1: 'a'}", "{\"1\":\"a\"}" },
    { "{byte 0x7f: 'a'}", "{\"127\":\"a\"}" },
    { "{uint64 18446744073709551615: 'a'}", "{\"18446744073709551615\":\"a\"}" },
    { "{true: 1, false: 2}", "{\"true\":1,\"false\":2}" },
    { "{1.5: 1}", "{\"1.5\":1}" },
    { "{2.0: 1}", "{\"2.0\":1}" },
    { "{handle 3: 1}", "{\"3\":1}" },
    { "{objectpath '/a': 1}", "{\"/a\":1}" },
    { "{signature 'i': 1}", "{\"i\":1}" },
    { "@(a{sas}) ({'x': ['y']},)", "[{\"x\":[\"y\"]}]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value = g_variant_parse (NULL, cases[i].value, NULL, NULL, &error);
      g_autofree char *json = NULL;

      g_assert_no_error (error);
      json = write (value);
      g_assert_cmpstr (json, ==, cases[i].json);
    }
}

static void
test_write_not_finite (void)
{
  static const double numbers[] = { NAN, INFINITY, -INFINITY };
  static const char *const tokens[] = { "[NaN]", "[Infinity]", "[-Infinity]" };
  static const char *const names[] = { "{\"NaN\":1}", "{\"Infinity\":1}", "{\"-Infinity\":1}" };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new ("(d)", numbers[i]));
      g_autoptr (GVariant) named = g_variant_ref_sink (g_variant_new ("{di}", numbers[i], 1));
      g_autoptr (GVariant) object =
        g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{di}"), &named, 1));
      g_autofree char *json = write (value);
      g_autofree char *names_json = write (object);
      g_autofree char *message = write_message (value);

      g_assert_cmpstr (json, ==, "[null]");
      g_assert_cmpstr (names_json, ==, names[i]);
      g_assert_cmpstr (message, ==, tokens[i]);
    }
}

static char *
write_digits (const char *digits)
{
  g_autoptr (GVariant) entry =
      g_variant_ref_sink (g_variant_new_dict_entry (g_variant_new_byte (0),
                                                    g_variant_new_string (digits)));

  return write (entry);
}

/* An integer beyond 64 bits keeps its digits. */
static void
test_digits (void)
{
  static const char json[] = "[18446744073709551616,-9223372036854775809,18446744073709551615,"
                             "{\"a\":100000000000000000000000}]";
  static const char *const others[] = { "", "-", "1]", "1.5", "1e5", "0x1", "--1", " 1" };
  g_autoptr (GVariant) kept = parse (json);
  g_autofree char *text = NULL;
  g_autofree char *number = write_digits ("-12345678901234567890123");

  text = write (kept);
  g_assert_cmpstr (text, ==, json);
  g_assert_cmpstr (number, ==, "-12345678901234567890123");
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *other = write_digits (others[i]);

      g_assert_true (g_str_has_prefix (other, "[0,\""));
    }
}

/* A text with a NUL is kept as it is in JSON. What has that type natively and is no JSON is written
 * as any pair. */
static void
test_kept_texts (void)
{
  static const char json[] = "[\"\\u0000\",\"a\\u0000b\",{\"k\":\"\\\"\\u0000\\\\ ü\\n\"}]";
  static const char *const others[] = { "a\"", "\"", "\\", "a\\x", "\\u00", "a\nb", "\",\"" };
  g_autoptr (GVariant) kept = parse (json);
  g_autofree char *text = write (kept);

  g_assert_cmpstr (text, ==, json);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GVariant) pair =
          g_variant_ref_sink (g_variant_new_dict_entry (g_variant_new_byte (1),
                                                        g_variant_new_string (others[i])));
      g_autofree char *other = write (pair);

      g_assert_true (g_str_has_prefix (other, "[1,\""));
    }
}

/* What is appended stands behind what was there, and a failure takes it all back. */
static void
test_write_appends (void)
{
  g_autoptr (GString) out = g_string_new ("before ");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) number = g_variant_ref_sink (g_variant_new_int32 (5));
  g_autoptr (GVariant) deep = g_variant_ref_sink (g_variant_new_int32 (6));

  g_assert_true (plant_rpc_json_write (number, out, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (out->str, ==, "before 5");

  for (guint i = 0; i <= PLANT_RPC_JSON_MAX_DEPTH; i++)
    {
      GVariant *boxed = g_variant_ref_sink (g_variant_new ("(v)", deep));

      g_variant_unref (deep);
      deep = boxed;
    }
  g_assert_false (plant_rpc_json_write (deep, out, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  g_assert_cmpstr (out->str, ==, "before 5");
}

/* JSON that comes back as it was. */
static void
test_round_trip (void)
{
  static const char *const texts[] = {
    "null", "true", "[]", "{}", "0", "-1", "9223372036854775807", "18446744073709551615", "0.1",
    "1.0", "-0.0", "1e+30", "2.5e-10", "5e-324", "\"\"", "\"a\\\"b\\\\c\\nd\"", "\"植\"",
    "[1,1.0,\"1\"]", "{\"a\":[{\"b\":null}],\"c\":{}}",
    "\"\\u0001u5\"", "{\"\\u0001\":\"\\u0001\\u0001\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GVariant) value = parse (texts[i]);
      g_autofree char *written = write (value);

      g_assert_cmpstr (written, ==, texts[i]);
    }
}

static void
test_doubles_come_back (void)
{
  for (guint i = 0; i < 5000; i++)
    {
      union {
        guint32 halves[2];
        double  number;
      } bits = { .halves = { (guint32) g_test_rand_int (), (guint32) g_test_rand_int () } };
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GVariant) again = NULL;
      g_autofree char *json = NULL;

      if (!isfinite (bits.number))
        continue;
      value = g_variant_ref_sink (g_variant_new_double (bits.number));
      json = write (value);
      again = parse (json);
      g_assert_true (g_variant_is_of_type (again, G_VARIANT_TYPE_DOUBLE));
      g_assert_true (g_variant_equal (value, again));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/json/valid", test_valid_files);
  plant_rpc_test_add ("/json/invalid", test_invalid_files);
  plant_rpc_test_add ("/json/depth", test_depth);
  plant_rpc_test_add ("/json/depth-survives-serialising", test_depth_survives_serialising);
  plant_rpc_test_add ("/json/large", test_large);
  plant_rpc_test_add ("/json/write", test_write);
  plant_rpc_test_add ("/json/write-not-finite", test_write_not_finite);
  plant_rpc_test_add ("/json/digits", test_digits);
  plant_rpc_test_add ("/json/kept-texts", test_kept_texts);
  plant_rpc_test_add ("/json/write-appends", test_write_appends);
  plant_rpc_test_add ("/json/round-trip", test_round_trip);
  plant_rpc_test_add ("/json/doubles-come-back", test_doubles_come_back);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "plant-rpc-test-variant.h"
#include "plant-rpc-untyped-private.h"
#include "plant-rpc-value-private.h"

/* Sets RESULT to the value of TEXT as TYPE. */
static void
transform (const char *text,
           GType       type,
           GValue     *result)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, PLANT_RPC_TYPE_UNTYPED);
  g_value_take_variant (&value, test_parse (text));
  g_value_init (result, type);
  g_assert_true (g_value_type_transformable (PLANT_RPC_TYPE_UNTYPED, type));
  g_assert_true (g_value_transform (&value, result));
}

static void
test_to_text (void)
{
  static const char *const cases[][2] = {
    { "int64 90", "90" },
    { "int64 1764362401123456789", "1764362401123456789" },
    { "int64 9223372036854775807", "9223372036854775807" },
    { "int64 -9223372036854775808", "-9223372036854775808" },
    { "uint64 18446744073709551615", "18446744073709551615" },
    { "90.0", "90.0" },
    { "-0.0", "-0.0" },
    { "0.1", "0.1" },
    { "1e308", "1e+308" },
    { "@{ys} {0x00, '-18446744073709551617'}", "-18446744073709551617" },
    { "@{ys} {0x01, 'a\\\\u0000b'}", "\"a\\u0000b\"" },
    { "nan", "nan" },
    { "-inf", "-inf" },
    { "true", "true" },
    { "'STILL'", "STILL" },
    { "<<'STILL'>>", "STILL" },
    { "@mv nothing", NULL },
    { "[<int64 1>, <'a'>]", "[1,\"a\"]" },
    { "{'a': <int64 1>}", "{\"a\":1}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GValue) result = G_VALUE_INIT;

      transform (cases[i][0], G_TYPE_STRING, &result);
      g_assert_cmpstr (g_value_get_string (&result), ==, cases[i][1]);
    }
}

static void
test_to_number (void)
{
  static const struct {
    const char *text;
    gint64      as_int64;
    guint64     as_uint64;
    int         as_int;
    double      as_double;
  } cases[] = {
    { "int64 90", 90, 90, 90, 90 },
    { "int64 9223372036854775807", G_MAXINT64, G_MAXINT64, G_MAXINT, 9223372036854775808.0 },
    { "int64 9223372036854775806", G_MAXINT64 - 1, G_MAXINT64 - 1, G_MAXINT,
      9223372036854775808.0 },
    { "int64 -9223372036854775808", G_MININT64, 0, G_MININT, -9223372036854775808.0 },
    { "uint64 18446744073709551615", G_MAXINT64, G_MAXUINT64, G_MAXINT, 18446744073709551616.0 },
    { "int64 9007199254740993", 9007199254740993, 9007199254740993, G_MAXINT, 9007199254740992.0 },
    { "1.9", 1, 1, 1, 1.9 },
    { "-1.9", -1, 0, -1, -1.9 },
    { "1e308", G_MAXINT64, G_MAXUINT64, G_MAXINT, 1e308 },
    { "-inf", G_MININT64, 0, G_MININT, -INFINITY },
    { "2.3e-308", 0, 0, 0, 2.3e-308 },
    { "true", 1, 1, 1, 1 },
    { "'12.5'", 12, 12, 12, 12.5 },
    { "'auto'", 0, 0, 0, 0 },
    { "@mv nothing", 0, 0, 0, 0 },
    { "[<int64 1>]", 0, 0, 0, 0 },
    { "nan", 0, 0, 0, 0 },
    { "@{ys} {0x00, '36893488147419103232'}", G_MAXINT64, G_MAXUINT64, G_MAXINT, 0x1p65 },
    { "@{ys} {0x00, '-36893488147419103233'}", G_MININT64, 0, G_MININT, -0x1p65 },
    { "@{ys} {0x00, 'inf'}", 0, 0, 0, 0 },
    { "@{ys} {0x01, 'a\\\\u0000b'}", 0, 0, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GType types[] = { G_TYPE_INT64, G_TYPE_UINT64, G_TYPE_INT, G_TYPE_DOUBLE };
      GValue results[G_N_ELEMENTS (types)] = { G_VALUE_INIT };

      g_test_message ("%s", cases[i].text);
      for (guint k = 0; k < G_N_ELEMENTS (types); k++)
        transform (cases[i].text, types[k], &results[k]);
      g_assert_cmpint (g_value_get_int64 (&results[0]), ==, cases[i].as_int64);
      g_assert_cmpuint (g_value_get_uint64 (&results[1]), ==, cases[i].as_uint64);
      g_assert_cmpint (g_value_get_int (&results[2]), ==, cases[i].as_int);
      g_assert_cmpfloat (g_value_get_double (&results[3]), ==, cases[i].as_double);
      for (guint k = 0; k < G_N_ELEMENTS (types); k++)
        g_value_unset (&results[k]);
    }
}

static void
test_to_small (void)
{
  const GType types[] = { G_TYPE_CHAR, G_TYPE_UCHAR, G_TYPE_UINT, G_TYPE_LONG, G_TYPE_ULONG,
                          G_TYPE_FLOAT, G_TYPE_BOOLEAN };
  static const char *const expected[] = { "-128", "0", "0", "-300", "0", "-300", "TRUE" };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_auto (GValue) result = G_VALUE_INIT;
      g_autofree char *text = NULL;

      transform ("int64 -300", types[i], &result);
      text = g_strdup_value_contents (&result);
      g_assert_true (g_str_has_prefix (text, expected[i]));
    }
}

static void
test_to_boolean (void)
{
  static const char *const truths[] = { "true", "int64 1", "-0.5", "'no'", "[<true>]", "inf" };
  static const char *const lies[] = { "false", "int64 0", "-0.0", "''", "@av []", "nan" };

  for (guint i = 0; i < G_N_ELEMENTS (truths); i++)
    {
      g_auto (GValue) truth = G_VALUE_INIT;
      g_auto (GValue) lie = G_VALUE_INIT;

      transform (truths[i], G_TYPE_BOOLEAN, &truth);
      transform (lies[i], G_TYPE_BOOLEAN, &lie);
      g_assert_true (g_value_get_boolean (&truth));
      g_assert_false (g_value_get_boolean (&lie));
    }
}

static void
test_to_list (void)
{
  g_auto (GValue) texts = G_VALUE_INIT;
  g_auto (GValue) numbers = G_VALUE_INIT;
  const char *const expected[] = { "a", "b", NULL };

  transform ("[<'a'>, <'b'>]", G_TYPE_STRV, &texts);
  transform ("[<int64 1>]", G_TYPE_STRV, &numbers);
  g_assert_cmpstrv (g_value_get_boxed (&texts), expected);
  g_assert_null (g_value_get_boxed (&numbers));
}

static void
check_from (const GValue *value,
            const char   *expected)
{
  g_auto (GValue) result = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_value_init (&result, PLANT_RPC_TYPE_UNTYPED);
  g_assert_true (g_value_transform (value, &result));
  text = g_variant_print (g_value_get_variant (&result), TRUE);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_from (void)
{
  static const char *const texts[] = { "a", NULL };
  g_auto (GValue) number = G_VALUE_INIT;
  g_auto (GValue) large = G_VALUE_INIT;
  g_auto (GValue) real = G_VALUE_INIT;
  g_auto (GValue) text = G_VALUE_INIT;
  g_auto (GValue) list = G_VALUE_INIT;
  g_auto (GValue) variant = G_VALUE_INIT;

  g_value_set_int (g_value_init (&number, G_TYPE_INT), 90);
  check_from (&number, "int64 90");
  g_value_set_uint64 (g_value_init (&large, G_TYPE_UINT64), G_MAXUINT64);
  check_from (&large, "uint64 18446744073709551615");
  g_value_set_double (g_value_init (&real, G_TYPE_DOUBLE), 45);
  check_from (&real, "45.0");
  g_value_init (&text, G_TYPE_STRING);
  check_from (&text, "@mv nothing");
  g_value_set_static_string (&text, "x");
  check_from (&text, "'x'");
  g_value_set_boxed (g_value_init (&list, G_TYPE_STRV), texts);
  check_from (&list, "['a']");
  g_value_set_variant (g_value_init (&variant, G_TYPE_VARIANT), g_variant_new_byte (7));
  check_from (&variant, "int64 7");
}

static void
test_single_precision (void)
{
  static const struct {
    float  number;
    double wide;
  } cases[] = {
    { 0.7f, 0.7 }, { 0.1f, 0.1 }, { 1e30f, 1e30 }, { 16777216.0f, 16777216 },
    { 16777217.0f, 16777216 }, { 1.1754944e-38f, 1.1754944e-38 }, { 1.4e-45f, 1.4013e-45 },
    { G_MAXFLOAT, G_MAXFLOAT }, { -0.0f, -0.0 }, { INFINITY, INFINITY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true ((float) plant_rpc_value_widen (cases[i].number) == cases[i].number);
      g_assert_cmpfloat (plant_rpc_value_widen (cases[i].number), ==, cases[i].wide);
      g_assert_cmpint (signbit (plant_rpc_value_widen (cases[i].number)), ==,
                       signbit (cases[i].wide));
    }
  g_assert_true (isnan (plant_rpc_value_widen (NAN)));
}

/* What only JSON has fits few types. */
static void
test_kept (void)
{
  static const struct {
    const char *value;
    const char *type_string;
    const char *fitted; /* or part of the error */
    gboolean    fails;
  } cases[] = {
    { "@{ys} {0x00, '18446744073709551616'}", "d", "1.8446744073709552e+19", FALSE },
    { "@{ys} {0x00, '18446744073709551616'}", "ad", "expected an array", TRUE },
    { "[<@{ys} {0x00, '18446744073709551616'}>]", "ad", "[1.8446744073709552e+19]", FALSE },
    { "@{ys} {0x00, '18446744073709551617'}", "d", "got 18446744073709551617", TRUE },
    { "@{ys} {0x00, '18446744073709551616'}", "x", "got 18446744073709551616", TRUE },
    { "@{ys} {0x00, '18446744073709551616'}", "t", "got 18446744073709551616", TRUE },
    { "@{ys} {0x00, '18446744073709551616'}", "s", "expected a string", TRUE },
    { "@{ys} {0x00, 'nan'}", "d", "expected a number", TRUE },
    { "@{ys} {0x01, 'a\\\\u0000b'}", "s", "expected a string, got \"a\\u0000b\"", TRUE },
    { "@{ys} {0x01, '1\\\\u0000'}", "d", "expected a number", TRUE },
    { "@{ys} {0x01, 'a\\\\u0000b'}", "v", "<{byte 0x01, 'a\\\\u0000b'}>", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) value = test_parse (cases[i].value);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) fitted = plant_rpc_value_fit (value, cases[i].type_string, &error);
      g_autofree char *text = fitted != NULL ? g_variant_print (fitted, TRUE) : NULL;

      g_test_message ("%s as %s", cases[i].value, cases[i].type_string);
      g_assert_true ((fitted == NULL) == cases[i].fails);
      if (cases[i].fails)
        g_assert_nonnull (strstr (error->message, cases[i].fitted));
      else
        g_assert_cmpstr (text, ==, cases[i].fitted);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/untyped/to-text", test_to_text);
  g_test_add_func ("/untyped/to-number", test_to_number);
  g_test_add_func ("/untyped/to-small", test_to_small);
  g_test_add_func ("/untyped/to-boolean", test_to_boolean);
  g_test_add_func ("/untyped/to-list", test_to_list);
  g_test_add_func ("/untyped/from", test_from);
  g_test_add_func ("/untyped/single-precision", test_single_precision);
  g_test_add_func ("/untyped/kept", test_kept);

  return g_test_run ();
}

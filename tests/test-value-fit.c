/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>

#include "plant-rpc-limits-private.h"
#include "plant-rpc-test-locale.h"
#include "plant-rpc-test-variant.h"
#include "plant-rpc-value-private.h"

typedef GVariant *(*ConvertFunc) (GVariant    *variant,
                                  const char  *type_string,
                                  GError     **error);

typedef struct {
  const char *in;
  const char *type;
  const char *out;     /* (nullable): NULL when refused */
  const char *message; /* (nullable) */
} ConvertCase;

/* The bytes must be those that GVariant itself serialises. */
static void
assert_normal_bytes (GVariant *value)
{
  g_autofree char *text = g_variant_print (value, TRUE);
  g_autoptr (GVariant) tree = g_variant_parse (g_variant_get_type (value), text, NULL, NULL, NULL);
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (value);
  g_autoptr (GVariant) doubted =
    g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (value), bytes, FALSE));

  g_assert_true (g_variant_is_normal_form (doubted));
  g_assert_cmpmem (g_variant_get_data (value), g_variant_get_size (value),
                   g_variant_get_data (tree), g_variant_get_size (tree));
}

static void
check_conversions (const ConvertCase *cases,
                   guint              n,
                   ConvertFunc        convert)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) in = test_parse (cases[i].in);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) out = convert (in, cases[i].type, &error);

      if (cases[i].out == NULL)
        {
          g_assert_null (out);
          test_assert_refusal (error, cases[i].message);
          continue;
        }
      g_assert_no_error (error);
      test_assert_variant (out, cases[i].out);
      assert_normal_bytes (out);
    }
}

static void
test_fit (void)
{
  static const ConvertCase cases[] = {
    { "[int64 9007199254740992]", "ad", "[9007199254740992.0]", NULL },
    { "[int64 9007199254740993]", "ad", NULL, NULL },
    { "[<int64 9007199254740993>]", "ad", NULL, NULL },
    { "[int64 7, -5]", "aq", NULL, NULL },
    { "[<int64 7>, <int64 -5>]", "aq", NULL, NULL },
    { "[int64 -32768, 32767]", "an", "[int16 -32768, 32767]", NULL },
    { "[int64 32768]", "an", NULL, NULL },
    { "[int64 -32769]", "an", NULL, NULL },
    { "[uint64 18446744073709551615]", "ax", NULL, NULL },
    { "[true]", "ai", NULL, NULL },
    { "[1]", "ab", NULL, NULL },
    { "int64 5", "i", "5", NULL },
    { "int64 5", "y", "byte 0x05", NULL },
    { "int64 -5", "n", "int16 -5", NULL },
    { "int64 5", "q", "uint16 5", NULL },
    { "int64 5", "u", "uint32 5", NULL },
    { "int64 5", "t", "uint64 5", NULL },
    { "int64 5", "h", "handle 5", NULL },
    { "int64 5", "d", "5.0", NULL },
    { "handle 5", "i", NULL, NULL },
    { "int64 5", "v", "<int64 5>", NULL },
    { "<int64 5>", "v", "<int64 5>", NULL },
    { "@mv nothing", "v", "<@mv nothing>", NULL },
    { "int64 5", "*", "int64 5", NULL },
    { "<int64 5>", "*", "int64 5", NULL },
    { "int64 5", "mi", "@mi 5", NULL },
    { "@mv nothing", "mi", "@mi nothing", NULL },
    { "@mv nothing", "mv", "@mv nothing", NULL },
    { "5", "mv", "@mv <5>", NULL },
    { "@mv nothing", "s", NULL, "expected a string, got nothing" },
    { "'/a'", "o", "objectpath '/a'", NULL },
    { "'a'", "o", NULL, "expected an object path, got \"a\"" },
    { "'a{sv}'", "g", "signature 'a{sv}'", NULL },
    { "'!'", "g", NULL, "expected a type signature, got \"!\"" },
    { "[<int64 1>, <int64 2>]", "ai", "[1, 2]", NULL },
    { "[<int64 1>, <int64 2>]", "ay", "[byte 0x01, 0x02]", NULL },
    { "[<int64 1>, <int64 256>]", "ay", NULL,
      "element 1: expected an integer from 0 to 255, got 256" },
    { "[<int64 1>, <2.5>]", "ad", "[1.0, 2.5]", NULL },
    { "@av []", "ai", "@ai []", NULL },
    { "@av []", "a{si}", NULL, "expected a dictionary, got []" },
    { "@a{sv} {}", "ai", NULL, "expected an array, got {}" },
    { "(1, 2)", "ai", "[1, 2]", NULL },
    { "[<int64 1>, <'a'>]", "(is)", "(1, 'a')", NULL },
    { "[<int64 1>]", "(is)", NULL, "expected an array of 2 elements, got [1]" },
    { "@av []", "()", "()", NULL },
    { "[<[<int64 1>]>, <@av []>]", "aai", "[[1], []]", NULL },
    { "[<1>, <'a'>]", "av", "[<1>, <'a'>]", NULL },
    { "['a', 'b']", "av", "[<'a'>, <'b'>]", NULL },
    { "{'a': <int64 1>}", "a{si}", "{'a': 1}", NULL },
    { "{'a': <int64 1>}", "a{sv}", "{'a': <int64 1>}", NULL },
    { "{'a': 1}", "a{sv}", "{'a': <1>}", NULL },
    { "{'a': <'x'>}", "a{si}", NULL,
      "member \"a\": expected an integer, got \"x\"" },
    { "{'a': <[<1>, <'x'>]>}", "a{sai}", NULL,
      "member \"a\": element 1: expected an integer, got \"x\"" },
    { "{'1': <'x'>, '-2': <'y'>}", "a{is}", "{1: 'x', -2: 'y'}", NULL },
    { "{'18446744073709551615': <1>}", "a{tv}", "{uint64 18446744073709551615: <1>}", NULL },
    { "{'1.5': <1>}", "a{dv}", "{1.5: <1>}", NULL },
    { "{'true': <1>, 'false': <2>}", "a{bv}", "{true: <1>, false: <2>}", NULL },
    { "{'one': <1>}", "a{iv}", NULL, NULL },
    { "{'1': <'2'>}", "a{ii}", NULL, "member \"1\": expected an integer, got \"2\"" },
    { "{'yes': <1>}", "a{bv}", NULL, "member \"yes\": expected a boolean, got \"yes\"" },
    { "{1: 'x'}", "a{ss}", NULL, "member 1: expected a string, got 1" },
    { "5", "", NULL, "“” is no type of values" },
    { "5", "ii", NULL, "“ii” is no type of values" },
  };

  check_conversions (cases, G_N_ELEMENTS (cases), plant_rpc_value_fit);
}

static void
test_coerce (void)
{
  static const ConvertCase cases[] = {
    { "[1.5, -2.5]", "ai", "[1, -2]", NULL },
    { "[<1.5>, <'7'>]", "ai", "[1, 7]", NULL },
    { "[int64 9007199254740993]", "ad", "[9007199254740992.0]", NULL },
    { "'45'", "i", "45", NULL },
    { "' -45\\n'", "i", "-45", NULL },
    { "'+45'", "i", "45", NULL },
    { "'45.0'", "i", NULL, NULL },
    { "'45x'", "i", NULL, NULL },
    { "''", "i", NULL, NULL },
    { "'0x10'", "i", NULL, NULL },
    { "'--1'", "i", NULL, NULL },
    { "'99999999999999999999'", "i", NULL, NULL },
    { "'-9223372036854775808'", "x", "int64 -9223372036854775808", NULL },
    { "1.5", "i", "1", NULL },
    { "-1.9", "i", "-1", NULL },
    { "1e300", "x", NULL, NULL },
    { "18446744073709551615.0", "t", NULL, NULL },
    { "true", "i", "1", NULL },
    { "@mv nothing", "i", NULL, NULL },
    { "'1.5'", "d", "1.5", NULL },
    { "'1e3'", "d", "1000.0", NULL },
    { "'1,5'", "d", NULL, NULL },
    { "'0x10'", "d", NULL, NULL },
    { "'nan(1)'", "d", NULL, NULL },
    { "'1.5 m'", "d", NULL, NULL },
    { "true", "d", "1.0", NULL },
    { "int64 9007199254740993", "d", "9007199254740992.0", NULL },
    { "@mv nothing", "s", "'None'", NULL },
    { "true", "s", "'True'", NULL },
    { "false", "s", "'False'", NULL },
    { "int64 -7", "s", "'-7'", NULL },
    { "1.0", "s", "'1.0'", NULL },
    { "'x'", "s", "'x'", NULL },
    { "[<1>, <'a'>]", "s", "'[1,\"a\"]'", NULL },
    { "[<'1'>, <2.5>]", "ai", "[1, 2]", NULL },
    { "[<'1'>, <2>]", "(ds)", "(1.0, '2')", NULL },
    { "[<'1'>]", "(ds)", NULL, "expected an array of 2 elements, got [\"1\"]" },
    { "{'a': <'1'>}", "a{si}", "{'a': 1}", NULL },
    { "{5: '1', 6: '2'}", "a{si}", "{'5': 1, '6': 2}", NULL },
    { "{'5': '1', '6': '2'}", "a{ii}", "{5: 1, 6: 2}", NULL },
    { "1", "b", NULL, "expected a boolean, got 1" },
    { "5", "v", "<5>", NULL },
  };

  check_conversions (cases, G_N_ELEMENTS (cases), plant_rpc_value_coerce);
}

static void
test_coerce_not_finite (void)
{
  static const struct {
    double      number;
    const char *text;
  } cases[] = { { NAN, "'nan'" }, { INFINITY, "'inf'" }, { -INFINITY, "'-inf'" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) number = g_variant_ref_sink (g_variant_new_double (cases[i].number));
      g_autoptr (GVariant) text = plant_rpc_value_coerce (number, "s", NULL);
      g_autoptr (GError) error = NULL;

      test_assert_variant (text, cases[i].text);
      g_assert_null (plant_rpc_value_coerce (number, "i", &error));
      test_assert_refusal (error, NULL);
    }
}

/* Lists of all lengths around those at which offsets become larger, converted from each form in
 * which they can arrive. */
static void
test_lengths (void)
{
  static const struct {
    const char *in;
    const char *type;
  } forms[] = {
    { "<byte 7>", "ad" },       { "<byte 7>", "as" },        { "<'x'>", "as" },
    { "<@mv nothing>", "amd" },  { "<-7>", "an" },
    { "byte 7", "av" },         { "byte 7", "ax" },          { "7.5", "av" },
    { "<[<7>, <8>]>", "a(nd)" },
    { "<[<7>, <'x'>, <8>]>", "a(ysv)" },
    { "<[<7>, <'x'>]>", "a(dms)" },
    { "<(7, 'x')>", "a(ss)" },  { "<{'a': <7>}>", "aa{sd}" }, { "<{'a': 7}>", "aa{sv}" },
    { "<@av []>", "aad" },      { "()", "aad" },             { "<{'1': <7>}>", "aa{yx}" },
    { "<(<7>, <true>)>", "a(yb)" }, { "<7>", "amn" },         { "<'x'>", "ams" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GVariant) one = test_parse (forms[i].in);

      for (guint length = 0; length < 300; length += length < 10 ? 1 : 7)
        {
          g_autofree GVariant **elements = g_new (GVariant *, MAX (length, 1));
          g_autoptr (GVariant) in = NULL, out = NULL;
          g_autoptr (GError) error = NULL;

          for (guint k = 0; k < length; k++)
            elements[k] = one;
          in = g_variant_new_array (g_variant_get_type (one), elements, length);
          g_variant_ref_sink (in);
          out = plant_rpc_value_coerce (in, forms[i].type, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (g_variant_n_children (out), ==, length);
          assert_normal_bytes (out);
        }
    }
}

/* The elements that are converted one by one are limited. Those of a value that is kept unchanged,
 * or becomes an array of numbers, are not. */
static void
test_too_many (void)
{
  static const struct {
    const char *type;
    guint       beyond;
    gboolean    good;
  } cases[] = {
    { "av", 0, TRUE }, { "av", 1, FALSE }, { "ad", 1, TRUE }, { "ay", 1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = PLANT_RPC_MAX_ELEMENTS + cases[i].beyond;
      g_autofree guint8 *bytes = g_malloc0 (length);
      g_autoptr (GVariant) in = g_variant_ref_sink (
        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, length, 1));
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) out = plant_rpc_value_fit (in, cases[i].type, &error);

      if (cases[i].good)
        g_assert_no_error (error);
      else
        test_assert_refusal (error, "expected at most 2097152 elements, got a value of type ay");
      g_assert_cmpint (out != NULL, ==, cases[i].good);
    }
}

/* The elements of nested lists count together. */
static void
test_too_many_within (void)
{
  const gsize length = PLANT_RPC_MAX_ELEMENTS / 2;
  g_autofree guint8 *bytes = g_malloc0 (length);
  GVariant *lists[2];
  g_autoptr (GVariant) in = NULL, out = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    lists[i] = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, length, 1);
  in = g_variant_ref_sink (g_variant_new_array (NULL, lists, G_N_ELEMENTS (lists)));
  out = plant_rpc_value_fit (in, "aav", &error);
  g_assert_null (out);
  test_assert_refusal (error, NULL);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/value-fit/strict", test_fit);
  plant_rpc_test_add ("/value-fit/coerce", test_coerce);
  plant_rpc_test_add ("/value-fit/coerce-not-finite", test_coerce_not_finite);

  plant_rpc_test_add ("/value-fit/lengths", test_lengths);
  plant_rpc_test_add ("/value-fit/too-many", test_too_many);
  plant_rpc_test_add ("/value-fit/too-many-within", test_too_many_within);

  return g_test_run ();
}

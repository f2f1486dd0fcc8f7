/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>

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
    }
}

static void
test_fit (void)
{
  static const ConvertCase cases[] = {
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/value-fit/strict", test_fit);
  plant_rpc_test_add ("/value-fit/coerce", test_coerce);
  plant_rpc_test_add ("/value-fit/coerce-not-finite", test_coerce_not_finite);

  return g_test_run ();
}

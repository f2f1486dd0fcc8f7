/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-test-locale.h"
#include "plant-rpc-test-variant.h"
#include "plant-rpc-value-private.h"

static void
check_range (GParamSpec *floating,
             const char *in,
             const char *out,
             const char *message)
{
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (floating);
  g_autoptr (GVariant) variant = test_parse (in);
  g_autoptr (GVariant) converted = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  if (plant_rpc_value_from_variant_for (variant, pspec, &value, &error))
    {
      converted = plant_rpc_value_to_variant (&value, NULL);
      test_assert_variant (converted, out);
      return;
    }
  g_assert_null (out);
  g_assert_cmpuint (G_VALUE_TYPE (&value), ==, G_TYPE_INVALID);
  test_assert_refusal (error, message);
}

static void
test_ranges (void)
{
  const GParamFlags rw = G_PARAM_READWRITE;

#define INTEGER(type, low, high) g_param_spec_##type ("n", NULL, NULL, low, high, low, rw)
  check_range (INTEGER (int, 0, 359), "int64 0", "0", NULL);
  check_range (INTEGER (int, 0, 359), "int64 359", "359", NULL);
  check_range (INTEGER (int, 0, 359), "400", NULL, "expected an integer from 0 to 359, got 400");
  check_range (INTEGER (int, -5, 5), "-6", NULL, "expected an integer from -5 to 5, got -6");
  check_range (INTEGER (char, -5, 5), "6", NULL, "expected an integer from -5 to 5, got 6");
  check_range (INTEGER (uchar, 1, 5), "0", NULL, "expected an integer from 1 to 5, got 0");
  check_range (INTEGER (uint, 1, 5), "0", NULL, "expected an integer from 1 to 5, got 0");
  check_range (INTEGER (long, 1, 5), "0", NULL, "expected an integer from 1 to 5, got 0");
  check_range (INTEGER (ulong, 1, 5), "6", NULL, "expected an integer from 1 to 5, got 6");
  check_range (INTEGER (int64, 1, 5), "0", NULL, "expected an integer from 1 to 5, got 0");
  check_range (INTEGER (uint64, 1, 5), "6", NULL, "expected an integer from 1 to 5, got 6");
  check_range (INTEGER (double, 0.5, 1.5), "1", "1.0", NULL);
  check_range (INTEGER (double, 0.5, 1.5), "1.75", NULL,
               "expected a number from 0.5 to 1.5, got 1.75");
  check_range (INTEGER (float, 0.5, 1.5), "0", NULL, "expected a number from 0.5 to 1.5, got 0.0");
  /* All digits of the limits are told. */
  check_range (INTEGER (uint, 4294967290u, G_MAXUINT), "0", NULL,
               "expected an integer from 4294967290 to 4294967295, got 0");
  check_range (INTEGER (int64, G_MININT64, -G_GINT64_CONSTANT (9007199254740993)), "0", NULL,
               "expected an integer from -9223372036854775808 to -9007199254740993, got 0");
  check_range (INTEGER (uint64, G_MAXUINT64 - 1, G_MAXUINT64), "0", NULL,
               "expected an integer from 18446744073709551614 to 18446744073709551615, got 0");
  check_range (INTEGER (double, 1.23456789, 12345678.25), "0", NULL,
               "expected a number from 1.23456789 to 12345678.25, got 0.0");
#undef INTEGER

  check_range (g_param_spec_boolean ("n", NULL, NULL, FALSE, rw), "true", "true", NULL);
  check_range (g_param_spec_enum ("n", NULL, NULL, G_TYPE_SOCKET_TYPE, 1, rw), "'datagram'",
               "'datagram'", NULL);
  check_range (g_param_spec_flags ("n", NULL, NULL, G_TYPE_APPLICATION_FLAGS, 0, rw),
               "['is-service']", "['is-service']", NULL);
  check_range (g_param_spec_string ("n", NULL, NULL, NULL, rw), "@mv nothing", "@ms nothing", NULL);
  check_range (g_param_spec_boxed ("n", NULL, NULL, G_TYPE_STRV, rw), "['a']", "['a']", NULL);
}

static void
test_restricted_string (void)
{
  GParamSpec *pspec = g_param_spec_string ("n", NULL, NULL, NULL, G_PARAM_READWRITE);

  G_PARAM_SPEC_STRING (pspec)->cset_first = g_strdup ("abc");
  check_range (pspec, "'xyz'", NULL, "expected a value that “n” permits, got \"xyz\"");
}

static GParamSpec *
variant_spec (const char *type,
              const char *initial)
{
  return g_param_spec_variant ("n", NULL, NULL, G_VARIANT_TYPE (type),
                               initial != NULL ? test_parse (initial) : NULL, G_PARAM_READWRITE);
}

static void
test_variant_properties (void)
{
  check_range (variant_spec ("*", NULL), "<5>", "5", NULL);
  check_range (variant_spec ("*", NULL), "@mv nothing", "@mv nothing", NULL);
  check_range (variant_spec ("a{sv}", NULL), "{'a': <1>}", "{'a': <1>}", NULL);
  check_range (variant_spec ("a{sv}", NULL), "@mv nothing", "@mv nothing", NULL);
  check_range (variant_spec ("a{sv}", NULL), "@av []", NULL, "expected a dictionary, got []");
  check_range (variant_spec ("(ii)", NULL), "[<int64 640>, <int64 480>]", "(640, 480)", NULL);
  check_range (variant_spec ("(ii)", NULL), "[<int64 640>]", NULL,
               "expected an array of 2 elements, got [640]");
  check_range (variant_spec ("v", NULL), "5", "<5>", NULL);
  check_range (variant_spec ("a*", NULL), "[1, 2]", "[1, 2]", NULL);
  check_range (variant_spec ("a*", NULL), "5", NULL, "expected a value of type a*, got 5");
}

static void
test_overridden_property (void)
{
  GParamSpec *pspec = g_param_spec_int ("n", NULL, NULL, 0, 359, 0, G_PARAM_READWRITE);
  GParamSpec *size = variant_spec ("(ii)", NULL);

  check_range (g_param_spec_override ("n", pspec), "400", NULL,
               "expected an integer from 0 to 359, got 400");
  check_range (g_param_spec_override ("n", size), "[<int64 640>, <int64 480>]", "(640, 480)", NULL);
  g_param_spec_sink (pspec);
  g_param_spec_sink (size);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/value-range/ranges", test_ranges);
  plant_rpc_test_add ("/value-range/restricted-string", test_restricted_string);
  plant_rpc_test_add ("/value-range/variant-properties", test_variant_properties);
  plant_rpc_test_add ("/value-range/overridden-property", test_overridden_property);

  return g_test_run ();
}

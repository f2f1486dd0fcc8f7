/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-test-locale.h"
#include "plant-rpc-test-variant.h"
#include "plant-rpc-value-private.h"

typedef enum { TEST_MODE_STILL = 3, TEST_MODE_VIDEO = -4 } TestMode;
typedef enum { TEST_LAMP_OFF = 0, TEST_LAMP_RED = 1, TEST_LAMP_GREEN = 2, TEST_LAMP_YELLOW = 3,
               TEST_LAMP_UPPER = 12, TEST_LAMP_OUTER = 9 } TestLamp;

static GType test_mode_get_type (void);
static GType test_lamp_get_type (void);

G_DEFINE_ENUM_TYPE (TestMode, test_mode,
                    G_DEFINE_ENUM_VALUE (TEST_MODE_STILL, "still"),
                    G_DEFINE_ENUM_VALUE (TEST_MODE_VIDEO, "video"))

G_DEFINE_FLAGS_TYPE (TestLamp, test_lamp,
                     G_DEFINE_ENUM_VALUE (TEST_LAMP_OFF, "off"),
                     G_DEFINE_ENUM_VALUE (TEST_LAMP_RED, "red"),
                     G_DEFINE_ENUM_VALUE (TEST_LAMP_GREEN, "green"),
                     G_DEFINE_ENUM_VALUE (TEST_LAMP_YELLOW, "yellow"),
                     G_DEFINE_ENUM_VALUE (TEST_LAMP_UPPER, "upper"),
                     G_DEFINE_ENUM_VALUE (TEST_LAMP_OUTER, "outer"))

/* GTypes that are known only at run time, as numbers that a table can hold. */
enum { MODE = 1, LAMP = 2, STRV = 3 };

static GType
get_type (GType type)
{
  switch (type)
    {
    case MODE:
      return test_mode_get_type ();
    case LAMP:
      return test_lamp_get_type ();
    case STRV:
      return G_TYPE_STRV;
    default:
      return type;
    }
}

static gboolean
accepts (GType       type,
         const char *text)
{
  g_autoptr (GVariant) variant = test_parse (text);
  g_autoptr (GError) error = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  if (plant_rpc_value_from_variant (variant, type, &value, &error))
    {
      g_assert_no_error (error);
      g_assert_true (G_VALUE_HOLDS (&value, type));
      return TRUE;
    }
  test_assert_refusal (error, NULL);
  g_assert_true (G_VALUE_HOLDS (&value, type));
  return FALSE;
}

/* Every type with every kind of value: x where it passes. */
static void
test_every_type_with_every_value (void)
{
  static const char *const values[] = {
    "true",            "byte 5",       "int16 5",   "uint16 5",         "5",
    "uint32 5",        "int64 5",      "uint64 5",  "1.0",              "1.5",
    "'5'",             "'still'",      "'red'",     "objectpath '/a'",  "handle 5",
    "@mv nothing",     "@ms nothing",  "@av []",    "['red']",          "[<'red'>, <'green'>]",
    "[<'red'>, <1>]",  "@a{sv} {}",    "@as []",    "('red', 'green')", "()",
    "<5>",             "<<'still'>>",  "@mi 5",     "@mv <5>",          "[1, 2]",
    "b'red'",          "-5",           "300",       "int64 3000000000", "int64 -3000000000",
    "uint64 18446744073709551615",
  };
  static const struct {
    GType       type;
    const char *row;
  } types[] = {
    { G_TYPE_BOOLEAN, "x..................................." },
    { G_TYPE_CHAR,    ".xxxxxxx.................x.xx..x...." },
    { G_TYPE_UCHAR,   ".xxxxxxx.................x.xx......." },
    { G_TYPE_INT,     ".xxxxxxx.................x.xx..xx..." },
    { G_TYPE_UINT,    ".xxxxxxx.................x.xx...xx.." },
#if GLIB_SIZEOF_LONG == 8
    { G_TYPE_LONG,    ".xxxxxxx.................x.xx..xxxx." },
    { G_TYPE_ULONG,   ".xxxxxxx.................x.xx...xx.x" },
#else
    { G_TYPE_LONG,    ".xxxxxxx.................x.xx..xx..." },
    { G_TYPE_ULONG,   ".xxxxxxx.................x.xx...xx.." },
#endif
    { G_TYPE_INT64,   ".xxxxxxx.................x.xx..xxxx." },
    { G_TYPE_UINT64,  ".xxxxxxx.................x.xx...xx.x" },
    { G_TYPE_FLOAT,   ".xxxxxxxxx...............x.xx..xxxx." },
    { G_TYPE_DOUBLE,  ".xxxxxxxxx...............x.xx..xxxx." },
    { G_TYPE_STRING,  "..........xxxx.xx.........x........." },
    { MODE,           "...........x..............x........." },
    { LAMP,           ".................xxx..xxx..........." },
    { STRV,           ".................xxx..xxx..........." },
    { G_TYPE_VARIANT, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GString) row = g_string_new (NULL);

      for (guint k = 0; k < G_N_ELEMENTS (values); k++)
        g_string_append_c (row, accepts (get_type (types[i].type), values[k]) ? 'x' : '.');
      g_test_message ("%s", g_type_name (get_type (types[i].type)));
      g_assert_cmpstr (row->str, ==, types[i].row);
    }
}

/* There and back: what comes in as one GVariant goes out as the other. */
static void
test_round_trip (void)
{
  static const struct {
    GType       type;
    const char *in;
    const char *out;
  } cases[] = {
    { G_TYPE_BOOLEAN, "true", "true" },
    { G_TYPE_BOOLEAN, "false", "false" },
    { G_TYPE_CHAR, "int64 -128", "int16 -128" },
    { G_TYPE_CHAR, "int64 127", "int16 127" },
    { G_TYPE_UCHAR, "int64 255", "byte 0xff" },
    { G_TYPE_INT, "int64 -2147483648", "-2147483648" },
    { G_TYPE_INT, "uint64 2147483647", "2147483647" },
    { G_TYPE_UINT, "int64 4294967295", "uint32 4294967295" },
    { G_TYPE_LONG, "-1", "int64 -1" },
    { G_TYPE_ULONG, "1", "uint64 1" },
    { G_TYPE_INT64, "int64 -9223372036854775808", "int64 -9223372036854775808" },
    { G_TYPE_INT64, "uint64 9223372036854775807", "int64 9223372036854775807" },
    { G_TYPE_UINT64, "uint64 18446744073709551615", "uint64 18446744073709551615" },
    { G_TYPE_DOUBLE, "int64 9007199254740992", "9007199254740992.0" },
    { G_TYPE_DOUBLE, "uint64 18446744073709549568", "18446744073709549568.0" },
    { G_TYPE_DOUBLE, "int64 -9223372036854775808", "-9223372036854775808.0" },
    { G_TYPE_DOUBLE, "0.1", "0.10000000000000001" },
    { G_TYPE_DOUBLE, "-0.0", "-0.0" },
    { G_TYPE_FLOAT, "0.5", "0.5" },
    { G_TYPE_FLOAT, "inf", "inf" },
    { G_TYPE_FLOAT, "-inf", "-inf" },
    { G_TYPE_FLOAT, "3.4028234663852886e38", "3.4028234663852886e+38" },
    { G_TYPE_DOUBLE, "inf", "inf" },
    { G_TYPE_STRING, "'häßlich'", "'häßlich'" },
    { G_TYPE_STRING, "''", "''" },
    { G_TYPE_STRING, "@mv nothing", "@ms nothing" },
    { G_TYPE_STRING, "objectpath '/a'", "'/a'" },
    { MODE, "'still'", "'still'" },
    { MODE, "'video'", "'video'" },
    { LAMP, "@av []", "@as []" },
    { LAMP, "['off']", "@as []" },
    { LAMP, "['green', 'red', 'red']", "['red', 'green']" },
    { LAMP, "['yellow']", "['red', 'green']" },
    { LAMP, "[<'upper'>, <'outer'>]", "['red', 'upper']" },
    { STRV, "['a', '', 'ä']", "['a', '', 'ä']" },
    { STRV, "[<'a'>, <<'b'>>]", "['a', 'b']" },
    { STRV, "@as []", "@as []" },
    { G_TYPE_VARIANT, "{'a': <[1, 2]>}", "{'a': <[1, 2]>}" },
    { G_TYPE_VARIANT, "<<5>>", "5" },
    { G_TYPE_VARIANT, "@mv <5>", "5" },
    { G_TYPE_VARIANT, "@mv nothing", "@mv nothing" },
    { G_TYPE_VARIANT, "<@mv nothing>", "@mv nothing" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) in = test_parse (cases[i].in);
      g_autoptr (GVariant) out = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (GValue) value = G_VALUE_INIT;

      plant_rpc_value_from_variant (in, get_type (cases[i].type), &value, &error);
      g_assert_no_error (error);
      out = plant_rpc_value_to_variant (&value, &error);
      g_assert_no_error (error);
      test_assert_variant (out, cases[i].out);
    }
}

static void
test_refusals (void)
{
  static const struct {
    GType       type;
    const char *variant;
    const char *message;
  } cases[] = {
    { G_TYPE_BOOLEAN, "1", "expected a boolean, got 1" },
    { G_TYPE_INT, "1.0", "expected an integer, got 1.0" },
    { G_TYPE_INT, "'5'", "expected an integer, got \"5\"" },
    { G_TYPE_INT, "@mv nothing", "expected an integer, got nothing" },
    { G_TYPE_INT, "int64 2147483648",
      "expected an integer from -2147483648 to 2147483647, got 2147483648" },
    { G_TYPE_UCHAR, "<<256>>", "expected an integer from 0 to 255, got 256" },
    { G_TYPE_CHAR, "-129", "expected an integer from -128 to 127, got -129" },
    { G_TYPE_INT64, "uint64 9223372036854775808",
      "expected an integer from -9223372036854775808 to 9223372036854775807, "
      "got 9223372036854775808" },
    { G_TYPE_UINT64, "-1", "expected an integer from 0 to 18446744073709551615, got -1" },
    { G_TYPE_DOUBLE, "'1.5'", "expected a number, got \"1.5\"" },
    { G_TYPE_DOUBLE, "int64 9007199254740993",
      "expected a number that a double holds exactly, got 9007199254740993" },
    { G_TYPE_FLOAT, "-3.5e38", "expected a number of single precision, got -3.5e+38" },
    { G_TYPE_FLOAT, "1e39", "expected a number of single precision, got 1e+39" },
    { G_TYPE_STRING, "5", "expected a string, got 5" },
    { G_TYPE_STRING, "['a']", "expected a string, got [\"a\"]" },
    { MODE, "'STILL'", "expected one of still, video, got \"STILL\"" },
    { MODE, "3", "expected a string, got 3" },
    { LAMP, "['red', 'blue']",
      "expected one of off, red, green, yellow, upper, outer, got \"blue\"" },
    { LAMP, "'red'", "expected an array, got \"red\"" },
    { STRV, "[<'a'>, <5>]", "element 1: expected a string, got 5" },
    { G_TYPE_OBJECT, "5", "values of type GObject cannot be sent" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) variant = test_parse (cases[i].variant);
      g_autoptr (GError) error = NULL;
      g_auto (GValue) value = G_VALUE_INIT;

      g_assert_false (
        plant_rpc_value_from_variant (variant, get_type (cases[i].type), &value, &error));
      test_assert_refusal (error, cases[i].message);
    }
}

static void
assert_short_refusal (GVariant *variant)
{
  g_autoptr (GError) error = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  g_assert_false (plant_rpc_value_from_variant (variant, G_TYPE_INT, &value, &error));
  test_assert_refusal (error, NULL);
  g_assert_cmpuint (strlen (error->message), <, 200);
}

/* What came is told, but never at length; the text is cut between two characters. */
static void
test_refusals_are_short (void)
{
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autofree GVariant **numbers = g_new (GVariant *, 100000);
  g_autoptr (GVariant) string = NULL;
  g_autoptr (GVariant) array = NULL;
  g_autoptr (GVariant) tuple = NULL;

  memcpy (text + 79, "ä", strlen ("ä"));
  for (guint i = 0; i < 100000; i++)
    numbers[i] = g_variant_new_int32 ((gint32) i);
  string = g_variant_ref_sink (g_variant_new_string (text));
  array = g_variant_ref_sink (g_variant_new_array (NULL, numbers, 100000));
  tuple = g_variant_ref_sink (g_variant_new ("(s@ai)", text, array));

  assert_short_refusal (string);
  assert_short_refusal (array);
  assert_short_refusal (tuple);
}

/* Nothing is no number, and NaN is one. */
static void
test_not_a_number (void)
{
  static const GType types[] = { G_TYPE_DOUBLE, G_TYPE_FLOAT };
  g_autoptr (GVariant) nothing = test_parse ("@mv nothing");
  g_autoptr (GVariant) number = test_parse ("nan");

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GVariant) out = NULL;
      g_auto (GValue) value = G_VALUE_INIT;
      g_auto (GValue) again = G_VALUE_INIT;

      g_assert_false (plant_rpc_value_from_variant (nothing, types[i], &value, NULL));
      g_value_unset (&value);
      g_assert_true (plant_rpc_value_from_variant (number, types[i], &value, NULL));
      out = plant_rpc_value_to_variant (&value, NULL);
      g_assert_true (isnan (g_variant_get_double (out)));
      g_assert_true (plant_rpc_value_from_variant (out, types[i], &again, NULL));
      g_assert_true (plant_rpc_value_equal (&value, &again));
    }
}

static void
test_to_variant_null (void)
{
  static const struct {
    GType       type;
    const char *out;
  } cases[] = {
    { G_TYPE_STRING, "@ms nothing" },
    { G_TYPE_VARIANT, "@mv nothing" },
    { STRV, "@as []" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autoptr (GVariant) out = NULL;

      g_value_init (&value, get_type (cases[i].type));
      out = plant_rpc_value_to_variant (&value, NULL);
      test_assert_variant (out, cases[i].out);
    }
}

static void
assert_cannot_travel (GValue *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plant_rpc_value_to_variant (value, &error));
  test_assert_refusal (error, NULL);
  g_value_unset (value);
}

static void
test_to_variant_refusals (void)
{
  static const char *const list[] = { "good", "\xff", NULL };
  GValue value = G_VALUE_INIT;

  g_value_set_enum (g_value_init (&value, test_mode_get_type ()), 99);
  assert_cannot_travel (&value);
  g_value_set_flags (g_value_init (&value, test_lamp_get_type ()), 64 | TEST_LAMP_RED);
  assert_cannot_travel (&value);
  g_value_set_flags (g_value_init (&value, test_lamp_get_type ()), 4);
  assert_cannot_travel (&value);
  g_value_set_static_string (g_value_init (&value, G_TYPE_STRING), "\xff");
  assert_cannot_travel (&value);
  g_value_set_static_boxed (g_value_init (&value, G_TYPE_STRV), list);
  assert_cannot_travel (&value);
  g_value_init (&value, G_TYPE_OBJECT);
  assert_cannot_travel (&value);
  g_value_init (&value, G_TYPE_BYTES);
  assert_cannot_travel (&value);
}

static void
test_type_strings (void)
{
  static const struct {
    GType       type;
    const char *type_string;
  } cases[] = {
    { G_TYPE_BOOLEAN, "b" }, { G_TYPE_CHAR, "n" },    { G_TYPE_UCHAR, "y" },
    { G_TYPE_INT, "i" },     { G_TYPE_UINT, "u" },    { G_TYPE_LONG, "x" },
    { G_TYPE_ULONG, "t" },   { G_TYPE_INT64, "x" },   { G_TYPE_UINT64, "t" },
    { G_TYPE_FLOAT, "d" },   { G_TYPE_DOUBLE, "d" },  { G_TYPE_STRING, "s" },
    { G_TYPE_VARIANT, "v" }, { MODE, "s" },           { LAMP, "as" },
    { STRV, "as" },          { G_TYPE_OBJECT, NULL }, { G_TYPE_POINTER, NULL },
    { G_TYPE_ENUM, NULL },   { G_TYPE_FLAGS, NULL },  { G_TYPE_PARAM, NULL },
    { G_TYPE_NONE, NULL },   { G_TYPE_BOXED, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GType type = get_type (cases[i].type);

      g_assert_cmpstr (plant_rpc_value_type_string (type), ==, cases[i].type_string);
    }
  g_assert_null (plant_rpc_value_type_string (G_TYPE_GTYPE));
  g_assert_null (plant_rpc_value_type_string (G_TYPE_BYTES));
}

static void
init_from (GValue     *value,
           GType       type,
           const char *text)
{
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GError) error = NULL;

  g_value_init (value, type);
  if (text == NULL)
    return;
  g_value_unset (value);
  variant = test_parse (text);
  plant_rpc_value_from_variant (variant, type, value, &error);
  g_assert_no_error (error);
}

static void
test_equal (void)
{
  static const struct {
    GType       type;
    const char *a;
    const char *b;
    gboolean    equal;
  } cases[] = {
    { G_TYPE_BOOLEAN, "true", "true", TRUE },
    { G_TYPE_BOOLEAN, "true", "false", FALSE },
    { G_TYPE_CHAR, "1", "2", FALSE },
    { G_TYPE_UCHAR, "1", "1", TRUE },
    { G_TYPE_INT, "-1", "-1", TRUE },
    { G_TYPE_INT, "-1", "1", FALSE },
    { G_TYPE_UINT, "1", "2", FALSE },
    { G_TYPE_LONG, "1", "1", TRUE },
    { G_TYPE_ULONG, "1", "2", FALSE },
    { G_TYPE_INT64, "int64 9007199254740993", "int64 9007199254740992", FALSE },
    { G_TYPE_UINT64, "uint64 18446744073709551615", "uint64 18446744073709551615", TRUE },
    { G_TYPE_DOUBLE, "1.5", "1.5", TRUE },
    { G_TYPE_DOUBLE, "1.5", "1.25", FALSE },
    { G_TYPE_DOUBLE, "nan", "nan", TRUE },
    { G_TYPE_DOUBLE, "nan", "3.0", FALSE },
    { G_TYPE_DOUBLE, "0.0", "-0.0", TRUE },
    { G_TYPE_FLOAT, "nan", "nan", TRUE },
    { G_TYPE_FLOAT, "1.5", "1.25", FALSE },
    { G_TYPE_STRING, "'a'", "'a'", TRUE },
    { G_TYPE_STRING, "'a'", "'b'", FALSE },
    { G_TYPE_STRING, "''", NULL, FALSE },
    { G_TYPE_STRING, NULL, NULL, TRUE },
    { MODE, "'still'", "'still'", TRUE },
    { MODE, "'still'", "'video'", FALSE },
    { LAMP, "['red', 'green']", "['yellow']", TRUE },
    { LAMP, "['red']", "['green']", FALSE },
    { STRV, "['a', 'b']", "['a', 'b']", TRUE },
    { STRV, "['a', 'b']", "['a']", FALSE },
    { STRV, "['a', 'b']", "['b', 'a']", FALSE },
    { STRV, "@as []", NULL, TRUE },
    { G_TYPE_VARIANT, "{'a': <1>}", "{'a': <1>}", TRUE },
    { G_TYPE_VARIANT, "{'a': <1>}", "{'a': <2>}", FALSE },
    { G_TYPE_VARIANT, "1", "int64 1", FALSE },
    { G_TYPE_VARIANT, "@mv nothing", NULL, TRUE },
    { G_TYPE_VARIANT, "5", NULL, FALSE },
    { G_TYPE_VARIANT, NULL, NULL, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GValue) a = G_VALUE_INIT;
      g_auto (GValue) b = G_VALUE_INIT;

      g_test_message ("%s: %s, %s", g_type_name (get_type (cases[i].type)), cases[i].a,
                      cases[i].b);
      init_from (&a, get_type (cases[i].type), cases[i].a);
      init_from (&b, get_type (cases[i].type), cases[i].b);
      g_assert_cmpint (plant_rpc_value_equal (&a, &b), ==, cases[i].equal);
      g_assert_cmpint (plant_rpc_value_equal (&b, &a), ==, cases[i].equal);
    }
}

static void
test_equal_types (void)
{
  g_auto (GValue) a = G_VALUE_INIT;
  g_auto (GValue) b = G_VALUE_INIT;

  init_from (&a, G_TYPE_INT, "1");
  init_from (&b, G_TYPE_INT64, "1");
  g_assert_false (plant_rpc_value_equal (&a, &b));
}

/* Returns a list of strings, each of which is allocated on its own. */
static GVariant *
make_texts (gsize n)
{
  g_auto (PlantRpcSerial) serial = PLANT_RPC_SERIAL_INIT;
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&serial);

  for (gsize i = 0; i < n; i++)
    {
      plant_rpc_serial_append (&serial, "", 1);
      plant_rpc_serial_end_child (&serial);
    }
  plant_rpc_serial_end_array (&serial, mark);
  return plant_rpc_serial_finish (&serial, G_VARIANT_TYPE_STRING_ARRAY);
}

static void
test_many_texts (void)
{
  g_autoptr (GVariant) most = make_texts (PLANT_RPC_MAX_ELEMENTS);
  g_autoptr (GVariant) more = make_texts (PLANT_RPC_MAX_ELEMENTS + 1);
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) none = G_VALUE_INIT;
  g_autoptr (GVariant) back = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (plant_rpc_value_from_variant (most, G_TYPE_STRV, &value, &error));
  g_assert_no_error (error);
  back = plant_rpc_value_to_variant (&value, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_equal (back, most));
  g_assert_false (plant_rpc_value_from_variant (more, G_TYPE_STRV, &none, &error));
  test_assert_refusal (error, "expected at most 2097152 elements, got a value of type as");
}

/* Bindings read the result of a failure, too, so it has the type that was asked for. */
static void
test_type_that_cannot_travel (void)
{
  const GType types[] = { G_TYPE_OBJECT, G_TYPE_VARIANT_TYPE };
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_int32 (1));

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;
      g_autoptr (GError) error = NULL;

      g_assert_false (plant_rpc_value_from_variant (variant, types[i], &value, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
      g_assert_true (G_VALUE_HOLDS (&value, types[i]));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/value/every-type-with-every-value", test_every_type_with_every_value);
  plant_rpc_test_add ("/value/round-trip", test_round_trip);
  plant_rpc_test_add ("/value/refusals", test_refusals);
  plant_rpc_test_add ("/value/refusals-are-short", test_refusals_are_short);
  plant_rpc_test_add ("/value/not-a-number", test_not_a_number);
  plant_rpc_test_add ("/value/to-variant-null", test_to_variant_null);
  plant_rpc_test_add ("/value/to-variant-refusals", test_to_variant_refusals);
  plant_rpc_test_add ("/value/type-strings", test_type_strings);
  plant_rpc_test_add ("/value/equal", test_equal);
  plant_rpc_test_add ("/value/equal-types", test_equal_types);
  plant_rpc_test_add ("/value/many-texts", test_many_texts);
  plant_rpc_test_add ("/value/type-that-cannot-travel", test_type_that_cannot_travel);

  return g_test_run ();
}

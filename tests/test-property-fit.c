/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-variant.h"

static const char interface[] =
  "{\"properties\": {"
  "  \"angle\": {\"type\": \"i\", \"minimum\": 0, \"maximum\": 359},"
  "  \"floor\": {\"type\": \"x\", \"minimum\": 0},"
  "  \"short\": {\"type\": \"n\"},"
  "  \"gain\": {\"type\": \"d\", \"minimum\": 0.5, \"maximum\": 2},"
  "  \"free\": {\"type\": \"d\"},"
  "  \"flag\": {\"type\": \"b\"},"
  "  \"label\": {\"type\": \"s\"},"
  "  \"tags\": {\"type\": \"as\"},"
  "  \"sizes\": {\"type\": \"a(ii)\"},"
  "  \"size\": {\"type\": \"(ii)\", \"default\": [1, 2]},"
  "  \"any\": {\"type\": \"v\"},"
  "  \"unknown\": {},"
  "  \"serial\": {\"type\": \"s\", \"access\": \"read\", \"description\": \"Who made it\"},"
  "  \"secret\": {\"type\": \"s\", \"access\": \"write\"},"
  "  \"mode\": {\"type\": \"s\", \"choices\": {\"never\": -1, \"for-session\": 1, \"BIG\": 7}},"
  "  \"parts\": {\"type\": \"as\","
  "              \"choices\": {\"lens\": 1, \"lamp\": 4, \"both\": 5, \"lid\": 2147483648}}"
  "}}";

static void
test_fit (void)
{
  static const struct {
    const char *property;
    const char *value;
    const char *fitted; /* NULL if it is refused */
    const char *message;
  } cases[] = {
    { "angle", "int64 359", "359", NULL },
    { "angle", "<<byte 0x05>>", "5", NULL },
    { "angle", "int64 360", NULL, "“angle”: expected an integer from 0 to 359, got 360" },
    { "angle", "-1", NULL, "“angle”: expected an integer from 0 to 359, got -1" },
    { "angle", "'5'", NULL, "“angle”: expected an integer, got \"5\"" },
    { "angle", "1.5", NULL, "“angle”: expected an integer, got 1.5" },
    { "angle", "@mi nothing", NULL, "“angle”: expected an integer, got nothing" },
    { "angle", "int64 2147483648", NULL,
      "“angle”: expected an integer from -2147483648 to 2147483647, got 2147483648" },
    { "floor", "5", "int64 5", NULL },
    { "floor", "-5", NULL,
      "“floor”: expected an integer from 0 to 9223372036854775807, got -5" },
    { "short", "int64 32767", "int16 32767", NULL },
    { "short", "int64 32768", NULL,
      "“short”: expected an integer from -32768 to 32767, got 32768" },
    { "gain", "int64 1", "1.0", NULL },
    { "gain", "2.5", NULL, "“gain”: expected a number from 0.5 to 2, got 2.5" },
    { "gain", "@mv nothing", NULL, "“gain”: expected a number, got nothing" },
    { "free", "-1.5", "-1.5", NULL },
    { "free", "inf", NULL, "“free”: expected a number" },
    { "free", "nan", NULL, "“free”: expected a number" },
    { "flag", "true", "true", NULL },
    { "flag", "1", NULL, "“flag”: expected " },
    { "label", "'x'", "'x'", NULL },
    { "label", "@mv nothing", "@ms nothing", NULL },
    { "label", "5", NULL, "“label”: expected a string, got 5" },
    { "tags", "[<'a'>, <'b'>]", "['a', 'b']", NULL },
    { "tags", "'a'", NULL, "“tags”: expected " },
    { "tags", "@mv nothing", NULL, "“tags”: expected " },
    { "sizes", "[<[<int64 1>, <int64 2>]>]", "[(1, 2)]", NULL },
    { "sizes", "@mv nothing", "@mv nothing", NULL },
    { "sizes", "[<[<int64 1>, <'2'>]>]", NULL,
      "“sizes”: element 0: element 1: expected an integer, got \"2\"" },
    { "size", "@mv nothing", NULL, "“size”: expected " },
    { "any", "<int64 5>", "int64 5", NULL },
    { "any", "@ms nothing", "@mv nothing", NULL },
    { "unknown", "<{'a': <1>}>", "{'a': <1>}", NULL },
    { "mode", "'for-session'", "'for-session'", NULL },
    { "mode", "'FOR_SESSION'", "'for-session'", NULL },
    { "mode", "'BIG'", "'BIG'", NULL },
    { "mode", "'big'", NULL, "“mode”: expected one of never, for-session, BIG, got \"big\"" },
    { "mode", "int64 -1", "'never'", NULL },
    { "mode", "int64 7", "'BIG'", NULL },
    { "mode", "int64 2", NULL, "“mode”: expected one of never, for-session, BIG, got 2" },
    { "mode", "@ms nothing", NULL, "“mode”: expected one of never, for-session, BIG, got nothing" },
    { "parts", "['lid', 'lens']", "['lens', 'lid']", NULL },
    { "parts", "[<'LAMP'>, <int64 1>]", "['lens', 'lamp']", NULL },
    { "parts", "@av []", "@as []", NULL },
    { "parts", "'both'", "['lens', 'lamp']", NULL },
    { "parts", "uint32 2147483649", "['lens', 'lid']", NULL },
    { "parts", "int64 3", NULL, "“parts”: expected one of lens, lamp, both, lid, got 3" },
    { "parts", "['lens', 'door']", NULL,
      "“parts”: expected one of lens, lamp, both, lid, got \"door\"" },
    { "parts", "[1, 4]", "['lens', 'lamp']", NULL },
    { "parts", "b'ab'", NULL, "“parts”: expected one of " },
    { "parts", "@a{sv} {}", NULL, "“parts”: expected one of " },
    { "parts", "@ad []", NULL, "“parts”: expected one of " },
    { "parts", "@mv nothing", NULL, "“parts”: expected one of " },
  };
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (interface);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlantRpcPropertyInfo *property =
        plant_rpc_interface_info_lookup_property (info, cases[i].property);
      g_autoptr (GVariant) value = test_parse (cases[i].value);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) fitted = plant_rpc_property_info_fit_value (property, value, &error);

      g_test_message ("%s = %s", cases[i].property, cases[i].value);
      if (cases[i].fitted != NULL)
        {
          g_assert_no_error (error);
          g_assert_false (g_variant_is_floating (fitted));
          test_assert_variant (fitted, cases[i].fitted);
          continue;
        }
      g_assert_null (fitted);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
      if (!g_str_has_prefix (error->message, cases[i].message))
        g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

/* The GParamSpec of a template states a range even where that follows from its type. */
static void
test_template (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (G_TYPE_APPLICATION);
  PlantRpcPropertyInfo *timeout =
    plant_rpc_interface_info_lookup_property (info, "inactivity-timeout");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) fitted =
    plant_rpc_property_info_fit_value (timeout, g_variant_new_int64 (5), &error);

  g_assert_no_error (error);
  test_assert_variant (fitted, "uint32 5");
  g_assert_null (plant_rpc_property_info_fit_value (timeout, g_variant_new_int64 (-1), &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
}

/* The GParamSpec of a class that offers the property. */
static GParamSpec *
create (const char *name)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (interface);
  GParamSpec *pspec = plant_rpc_property_info_create_param_spec (
    plant_rpc_interface_info_lookup_property (info, name));

  g_assert_cmpstr (pspec->name, ==, name);
  /* It is the caller's, since sinking it adds a reference. */
  g_param_spec_ref_sink (pspec);
  g_assert_cmpuint (pspec->ref_count, ==, 2);
  g_param_spec_unref (pspec);
  return pspec;
}

static void
test_param_spec (void)
{
  g_autoptr (GParamSpec) angle = create ("angle");
  g_autoptr (GParamSpec) size = create ("size");
  g_autoptr (GParamSpec) sizes = create ("sizes");
  g_autoptr (GParamSpec) any = create ("any");
  g_autoptr (GParamSpec) mode = create ("mode");
  g_autoptr (GParamSpec) serial = create ("serial");
  g_autoptr (GParamSpec) secret = create ("secret");

  g_assert_cmpint (G_PARAM_SPEC_INT (angle)->maximum, ==, 359);
  g_assert_cmpstr (g_variant_type_peek_string (G_PARAM_SPEC_VARIANT (sizes)->type), ==, "a(ii)");
  g_assert_null (G_PARAM_SPEC_VARIANT (sizes)->default_value);
  test_assert_variant (G_PARAM_SPEC_VARIANT (size)->default_value, "(1, 2)");
  g_assert_true (g_variant_type_equal (G_PARAM_SPEC_VARIANT (any)->type, G_VARIANT_TYPE_ANY));
  g_assert_cmpint (G_PARAM_SPEC_ENUM (mode)->default_value, ==, -1);
  g_assert_cmpuint (angle->flags & G_PARAM_READWRITE, ==, G_PARAM_READWRITE);
  g_assert_cmpuint (serial->flags & G_PARAM_READWRITE, ==, G_PARAM_READABLE);
  g_assert_cmpuint (secret->flags & G_PARAM_READWRITE, ==, G_PARAM_WRITABLE);
  g_assert_true (angle->flags & G_PARAM_EXPLICIT_NOTIFY);
  g_assert_cmpstr (g_param_spec_get_blurb (serial), ==, "Who made it");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/property-fit/fit", test_fit);
  g_test_add_func ("/property-fit/template", test_template);
  g_test_add_func ("/property-fit/param-spec", test_param_spec);

  return g_test_run ();
}

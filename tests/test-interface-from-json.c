/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-members-private.h"
#include "plant-rpc-test-interface.h"

static void
assert_variant (GVariant   *value,
                const char *expected)
{
  g_autofree char *text = value != NULL ? g_variant_print (value, TRUE) : g_strdup ("");

  g_assert_cmpstr (text, ==, expected);
}

static const char whole_json[] =
  "{ \"methods\": { \"get_image\": { \"signature\": \"lores: b = false\", \"buffer\": true,"
  "    \"timeout\": null }, \"stop\": {} },"
  "  \"properties\": {"
  "    \"video_url\": { \"type\": \"s\", \"default\": \"x\", \"future\": [1, {}] },"
  "    \"mode\": { \"type\": \"s\", \"choices\": { \"still\": 0, \"video\": 1 },"
  "                \"default\": \"video\", \"typeName\": \"RemoteMode\" },"
  "    \"parts\": { \"type\": \"as\", \"choices\": { \"a\": 1, \"top\": 2147483648 },"
  "                 \"default\": [\"top\"] },"
  "    \"rotation\": { \"type\": \"u\", \"access\": \"read\", \"minimum\": 0, \"maximum\": 359,"
  "                    \"default\": 90, \"unit\": \"°\", \"description\": \"d\","
  "                    \"changeSignal\": \"turned\", \"name\": \"angle\" },"
  "    \"ratio\": { \"type\": \"d\", \"minimum\": 1, \"default\": 2.5 },"
  "    \"any\": {}, \"odd name!\": { \"name\": \"odd_name\" } },"
  "  \"signals\": { \"videoUrlChanged\": { \"signature\": \"(s)\" },"
  "                 \"turned\": { \"signature\": \"(u)\" }, \"raw\": {},"
  "                 \"modeSet\": { \"property\": \"mode\", \"implicit\": true } },"
  "  \"future\": true }";

static void
test_json_properties (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (whole_json);
  PlantRpcPropertyInfo *rotation = plant_rpc_interface_info_lookup_property (info, "angle");
  PlantRpcPropertyInfo *mode = plant_rpc_interface_info_find_property (info, "mode");
  PlantRpcPropertyInfo *parts = plant_rpc_interface_info_find_property (info, "parts");
  PlantRpcPropertyInfo *any = plant_rpc_interface_info_find_property (info, "any");

  g_assert_true (plant_rpc_interface_info_find_property (info, "rotation") == rotation);
  assert_variant (plant_rpc_property_info_get_maximum (rotation), "uint32 359");
  assert_variant (plant_rpc_property_info_get_minimum (rotation), "uint32 0");
  assert_variant (plant_rpc_property_info_get_default (rotation), "uint32 90");
  g_assert_true (plant_rpc_property_info_get_readable (rotation));
  g_assert_false (plant_rpc_property_info_get_writable (rotation));
  g_assert_cmpstr (plant_rpc_property_info_get_unit (rotation), ==, "°");
  g_assert_cmpstr (plant_rpc_property_info_get_change_signal (rotation), ==, "turned");
  assert_variant (mode->default_value, "'video'");
  g_assert_cmpstr (mode->type_name, ==, "RemoteMode");
  g_assert_cmpstr (mode->choices[0], ==, "still");
  g_assert_cmpstr (mode->change_signal, ==, "modeSet");
  g_assert_cmpuint ((guint) parts->choice_values[1], ==, 1u << 31);
  g_assert_cmpstr (plant_rpc_property_info_get_type_string (any), ==, "");
  g_assert_cmpstr (plant_rpc_property_info_get_name (
    plant_rpc_interface_info_find_property (info, "odd name!")), ==, "odd-name");
  test_assert_round_trip (info);
}

static void
test_json_rest (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (whole_json);
  g_autoptr (PlantRpcInterfaceInfo) empty = test_read_json ("{}");
  g_auto (GStrv) methods = plant_rpc_interface_info_list_methods (info);
  PlantRpcMethodInfo *stop = plant_rpc_interface_info_find_method (info, "stop");
  PlantRpcSignalInfo *changed = plant_rpc_interface_info_find_signal (info, "videoUrlChanged");
  PlantRpcSignalInfo *raw = plant_rpc_interface_info_find_signal (info, "raw");
  PlantRpcSignalInfo *mode = plant_rpc_interface_info_find_signal (info, "modeSet");

  g_assert_cmpuint (g_strv_length (methods), ==, 2);
  g_assert_cmpstr (methods[0], ==, "get_image");
  g_assert_null (plant_rpc_method_info_get_signature (stop));
  g_assert_false (plant_rpc_method_info_get_buffer (stop));
  g_assert_cmpint (plant_rpc_method_info_get_timeout (stop), ==, PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpstr (plant_rpc_signal_info_get_property (changed), ==, "video-url");
  g_assert_false (plant_rpc_signal_info_get_implicit (changed));
  g_assert_null (plant_rpc_signal_info_get_signature (raw));
  g_assert_null (plant_rpc_signal_info_get_property (raw));
  g_assert_cmpstr (plant_rpc_signal_info_get_property (mode), ==, "mode");
  g_assert_true (plant_rpc_signal_info_get_implicit (mode));
  g_assert_null (plant_rpc_interface_info_lookup_method (empty, "stop"));
  test_assert_round_trip (empty);
}

/* Several names on the wire may have one name in GObject. It belongs to the member that has it on
 * the wire, and that name finds no other one. */
static void
test_json_names (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info =
    test_read_json ("{\"properties\": {\"aB\": {}, \"a-b\": {}, \"ab\": {}},"
                    " \"signals\": {\"aB\": {}, \"a-b\": {}, \"c_d\": {}}}");
  g_auto (GStrv) properties = plant_rpc_interface_info_list_properties (info);
  g_auto (GStrv) signals = plant_rpc_interface_info_list_signals (info);

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpstr (plant_rpc_property_info_get_name (
        plant_rpc_interface_info_lookup_property (info, properties[i])), ==, properties[i]);
      g_assert_cmpstr (plant_rpc_signal_info_get_name (
        plant_rpc_interface_info_lookup_signal (info, signals[i])), ==, signals[i]);
    }
  g_assert_cmpstr (plant_rpc_property_info_get_wire_name (
    plant_rpc_interface_info_lookup_property (info, "a-b")), ==, "a-b");
  g_assert_true (plant_rpc_interface_info_lookup_property (info, "a_b") ==
                 plant_rpc_interface_info_find_property (info, "a-b"));
  g_assert_cmpstr (plant_rpc_property_info_get_name (
    plant_rpc_interface_info_lookup_property (info, "aB")), ==, "a-b-2");
  g_assert_cmpstr (plant_rpc_signal_info_get_name (
    plant_rpc_interface_info_lookup_signal (info, "c_d")), ==, "c-d");
}

static void
test_json_refused (void)
{
  static const struct {
    const char *json;
    const char *told; /* must be in the message */
  } cases[] = {
    { "", "byte" },
    { "{", "byte" },
    { "[]", "object" },
    { "null", "object" },
    { "\"x\"", "object" },
    { "{\"methods\": []}", "methods" },
    { "{\"methods\": {\"f\": 1}}", "“f”" },
    { "{\"methods\": {\"\": {}}}", "empty" },
    { "{\"methods\": {\"f\": {\"timeout\": \"1\"}}}", "timeout" },
    { "{\"methods\": {\"f\": {\"timeout\": 1.5}}}", "timeout" },
    { "{\"methods\": {\"f\": {\"timeout\": 99999999999}}}", "timeout" },
    { "{\"methods\": {\"f\": {\"buffer\": 1}}}", "buffer" },
    { "{\"methods\": {\"f\": {\"signature\": 1}}}", "signature" },
    { "{\"methods\": {\"f\": {\"signature\": \"a: i = x\"}}}", "“a”" },
    { "{\"methods\": {\"f\": {\"signature\": \"a, a\"}}}", "twice" },
    { "{\"methods\": {\"f\": {\"signature\": \"a b\"}}}", "comma" },
    { "{\"methods\": {\"f\": {\"signature\": \"a,\"}}}", "name of a parameter" },
    { "{\"methods\": {\"f\": {\"signature\": \"a: *\"}}}", "definite" },
    { "{\"properties\": {\"p\": {\"type\": \"!\"}}}", "“p”" },
    { "{\"properties\": {\"p\": {\"type\": \"ii\"}}}", "“ii”" },
    { "{\"properties\": {\"p\": {\"type\": \"a*\"}}}", "definite" },
    { "{\"properties\": {\"p\": {\"type\": \"\"}}}", "definite" },
    { "{\"properties\": {\"p\": {\"type\": \"ah\"}}}", "definite" },
    { "{\"properties\": {\"p\": {\"access\": \"none\"}}}", "access" },
    { "{\"properties\": {\"p\": {\"name\": \"9x\"}}}", "“9x”" },
    { "{\"properties\": {\"9x\": {}}}", "“9x”" },
    { "{\"properties\": {\"p\": {\"default\": 1}}}", "type" },
    { "{\"properties\": {\"p\": {\"type\": \"i\", \"default\": \"1\"}}}", "default" },
    { "{\"properties\": {\"p\": {\"type\": \"i\", \"default\": 1.0}}}", "default" },
    { "{\"properties\": {\"p\": {\"type\": \"y\", \"default\": 256}}}", "default" },
    { "{\"properties\": {\"p\": {\"type\": \"i\", \"minimum\": 2, \"maximum\": 1}}}", "minimum" },
    { "{\"properties\": {\"p\": {\"type\": \"i\", \"minimum\": 2, \"default\": 1}}}", "default" },
    { "{\"properties\": {\"p\": {\"type\": \"d\", \"maximum\": 2, \"default\": 2.5}}}", "default" },
    { "{\"properties\": {\"p\": {\"type\": \"s\", \"maximum\": \"x\"}}}", "number" },
    { "{\"properties\": {\"p\": {\"type\": \"i\", \"choices\": {\"a\": 1}}}}", "choices" },
    { "{\"properties\": {\"p\": {\"type\": \"s\", \"choices\": {}}}}", "choices" },
    { "{\"properties\": {\"p\": {\"type\": \"s\", \"choices\": [\"a\"]}}}", "choices" },
    { "{\"properties\": {\"p\": {\"type\": \"s\", \"choices\": {\"a\": null}}}}", "choices" },
    { "{\"properties\": {\"p\": {\"type\": \"s\", \"choices\": {\"a\": 2147483648}}}}", "“a”" },
    { "{\"properties\": {\"p\": {\"type\": \"as\", \"choices\": {\"a\": -1}}}}", "“a”" },
    { "{\"properties\": {\"p\": {\"type\": \"s\", \"choices\": {\"a\": 1}, \"default\": \"b\"}}}",
      "choices" },
    { "{\"properties\": {\"p\": {\"type\": \"as\", \"choices\": {\"a\": 1},"
      " \"default\": [\"a\", \"b\"]}}}", "choices" },
    { "{\"properties\": {\"p\": {\"unit\": 1}}}", "unit" },
    { "{\"signals\": {\"s\": {\"signature\": \"i\"}}}", "tuple" },
    { "{\"signals\": {\"s\": {\"signature\": \"(i\"}}}", "“s”" },
    { "{\"signals\": {\"s\": {\"implicit\": \"yes\"}}}", "implicit" },
    { "{\"signals\": {\"sé\": {}}}", "“sé”" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].json);
      g_assert_null (plant_rpc_interface_info_new_from_json (cases[i].json, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].told));
    }
}

/* What JSON cannot say, a peer on the typed wire can. */
static void
test_variant_refused (void)
{
  static const char *const forms[] = {
    "{'properties': <{'p': <{'type': <'d'>, 'default': <nan>}>}>}",
    "{'properties': <{'p': <{'type': <'d'>, 'minimum': <inf>}>}>}",
    "{'properties': <{'p': <{'type': <'i'>}>, 'p': <{'type': <'i'>}>}>}",
    "{'signals': <{'p': <@a{sv} {}>, 'p': <@a{sv} {}>}>}",
    "{'methods': <{'p': <@a{sv} {}>, 'p': <@a{sv} {}>}>}",
    "{'properties': <{'p': <{'type': <'s'>, 'choices': <{'a': 1, 'a': 2}>}>}>}",
    "{'properties': <{'p': <{'type': <'s'>, 'choices': <{'a': 'x'}>}>}>}",
    "{'properties': <{'p': <(1, 2)>}>}",
    "{'properties': <{1: <(1, 2)>}>}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GVariant) form = g_variant_parse (NULL, forms[i], NULL, NULL, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (form);
      g_assert_null (plant_rpc_interface_info_new_from_variant (form, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
    }
}

/* However often the parts are boxed, they are read. */
static void
test_variant_boxed (void)
{
  g_autoptr (GVariant) form = g_variant_ref_sink (g_variant_new_parsed (
    "<<{'properties': <<{'p': <{'type': <@mv <'s'>>, 'unit': <<<'mm'>>>,"
    " 'choices': <<{'a': <<1>>}>>}>}>>, 'methods': <@mv nothing>}>>"));
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info =
    plant_rpc_interface_info_new_from_variant (form, &error);
  PlantRpcPropertyInfo *property;

  g_assert_no_error (error);
  property = plant_rpc_interface_info_find_property (info, "p");
  g_assert_cmpstr (property->type_string, ==, "s");
  g_assert_cmpstr (property->unit, ==, "mm");
  g_assert_cmpstr (property->choices[0], ==, "a");
  g_assert_cmpint (property->choice_values[0], ==, 1);
}

/* A limit is a value, too. */
static void
test_json_edges (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (
    "{\"properties\": {"
    "\"low\": {\"type\": \"i\", \"minimum\": 1, \"maximum\": 5, \"default\": 1},"
    "\"high\": {\"type\": \"d\", \"minimum\": 1, \"maximum\": 5, \"default\": 5},"
    "\"one\": {\"type\": \"y\", \"minimum\": 5, \"maximum\": 5, \"default\": 5},"
    "\"least\": {\"type\": \"s\", \"choices\": {\"a\": -2147483648, \"b\": 2147483647}},"
    "\"most\": {\"type\": \"as\", \"choices\": {\"a\": 0, \"b\": 4294967295}}}}");

  assert_variant (plant_rpc_interface_info_find_property (info, "low")->default_value, "1");
  assert_variant (plant_rpc_interface_info_find_property (info, "high")->default_value, "5.0");
  assert_variant (plant_rpc_interface_info_find_property (info, "one")->default_value,
                  "byte 0x05");
  g_assert_cmpint (plant_rpc_interface_info_find_property (info, "least")->choice_values[0], ==,
                   G_MININT);
  g_assert_cmpuint ((guint) plant_rpc_interface_info_find_property (info, "most")->choice_values[1],
                    ==, G_MAXUINT);
  test_assert_round_trip (info);
}

/* Of two properties with one signal it belongs to the one that the signal names, or else to the
 * first. */
static void
test_json_pairs (void)
{
  g_autoptr (PlantRpcInterfaceInfo) told = test_read_json (
    "{\"properties\": {\"a\": {\"changeSignal\": \"c\"}, \"b\": {\"changeSignal\": \"c\"}},"
    " \"signals\": {\"c\": {\"property\": \"b\"}}}");
  g_autoptr (PlantRpcInterfaceInfo) untold = test_read_json (
    "{\"properties\": {\"a\": {\"changeSignal\": \"c\"}, \"b\": {\"changeSignal\": \"c\"}},"
    " \"signals\": {\"c\": {}}}");
  g_autoptr (PlantRpcInterfaceInfo) wrong = test_read_json (
    "{\"properties\": {\"a\": {\"changeSignal\": \"c\"}, \"b\": {\"changeSignal\": \"d\"}},"
    " \"signals\": {\"c\": {\"property\": \"b\"}, \"e\": {\"property\": \"none\"}}}");
  g_autoptr (PlantRpcInterfaceInfo) spelled = test_read_json (
    "{\"properties\": {\"videoUrl\": {}, \"audioUrl\": {}},"
    " \"signals\": {\"c\": {\"property\": \"video-url\"}, \"d\": {\"property\": \"audioUrl\"}}}");

  g_assert_cmpstr (plant_rpc_interface_info_find_signal (told, "c")->property, ==, "b");
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (untold, "c")->property, ==, "a");
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (wrong, "c")->property, ==, "a");
  g_assert_null (plant_rpc_interface_info_find_signal (wrong, "e")->property);
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (spelled, "c")->property, ==, "video-url");
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (spelled, "d")->property, ==, "audio-url");
}

static void
test_json_many (void)
{
  g_autoptr (GString) json = g_string_new ("{\"properties\": {");
  g_autoptr (PlantRpcInterfaceInfo) most = NULL;
  g_autofree char *last = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < PLANT_RPC_MAX_MEMBERS; i++)
    g_string_append_printf (json, "%s\"p%u\": {}", i > 0 ? "," : "", i);
  last = g_strconcat (json->str, "}}", NULL);
  most = test_read_json (last);
  g_assert_cmpuint (most->properties.list->len, ==, PLANT_RPC_MAX_MEMBERS);
  test_assert_round_trip (most);

  g_string_append (json, ", \"q\": {}}}");
  g_assert_null (plant_rpc_interface_info_new_from_json (json->str, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
}

static void
test_file (void)
{
  g_autoptr (GFileIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_file_new_tmp ("plantrpc-XXXXXX.json", &stream, &error);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;

  g_assert_no_error (error);
  g_assert_true (g_file_replace_contents (file, whole_json, strlen (whole_json), NULL, FALSE, 0,
                                          NULL, NULL, &error));
  info = plant_rpc_interface_info_new_from_file (file, &error);
  g_assert_no_error (error);
  g_assert_nonnull (plant_rpc_interface_info_lookup_property (info, "video-url"));

  g_assert_true (g_file_replace_contents (file, "{]", 2, NULL, FALSE, 0, NULL, NULL, &error));
  g_assert_null (plant_rpc_interface_info_new_from_file (file, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
  g_assert_nonnull (strstr (error->message, "plantrpc-"));
  g_clear_error (&error);

  g_assert_true (g_file_delete (file, NULL, &error));
  g_assert_null (plant_rpc_interface_info_new_from_file (file, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interface-from-json/json/properties", test_json_properties);
  g_test_add_func ("/interface-from-json/json/rest", test_json_rest);
  g_test_add_func ("/interface-from-json/json/names", test_json_names);
  g_test_add_func ("/interface-from-json/json/refused", test_json_refused);
  g_test_add_func ("/interface-from-json/json/edges", test_json_edges);
  g_test_add_func ("/interface-from-json/json/pairs", test_json_pairs);
  g_test_add_func ("/interface-from-json/json/many", test_json_many);
  g_test_add_func ("/interface-from-json/variant/boxed", test_variant_boxed);
  g_test_add_func ("/interface-from-json/variant/refused", test_variant_refused);
  g_test_add_func ("/interface-from-json/file", test_file);
  return g_test_run ();
}

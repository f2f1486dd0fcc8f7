/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-test-types.h"

static PlantRpcInterfaceInfo *
read_type (GType type)
{
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_interface_info_new_for_type (type, &error);

  g_assert_no_error (error);
  g_assert_nonnull (info);
  return info;
}

static PlantRpcInterfaceInfo *
read_json (const char *json)
{
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_interface_info_new_from_json (json, &error);

  g_assert_no_error (error);
  g_assert_nonnull (info);
  return info;
}

static void
assert_variant (GVariant   *value,
                const char *expected)
{
  g_autofree char *text = value != NULL ? g_variant_print (value, TRUE) : g_strdup ("");

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_round_trip (PlantRpcInterfaceInfo *info)
{
  g_autofree char *json = plant_rpc_interface_info_to_json (info);
  g_autoptr (PlantRpcInterfaceInfo) again = read_json (json);
  g_autofree char *json_again = plant_rpc_interface_info_to_json (again);
  g_autoptr (GVariant) form = plant_rpc_interface_info_to_variant (info);
  g_autoptr (PlantRpcInterfaceInfo) native = plant_rpc_interface_info_new_from_variant (form, NULL);

  g_assert_cmpstr (json_again, ==, json);
  g_assert_true (plant_rpc_interface_info_equal (info, again));
  g_assert_nonnull (native);
  g_assert_true (plant_rpc_interface_info_equal (info, native));
  g_assert_cmpstr (plant_rpc_interface_info_get_hash (again), ==,
                   plant_rpc_interface_info_get_hash (native));
}

/* What each property of TestCamera becomes; left out: p-object, p-pointer, p-secret. */
static const struct {
  const char *name;
  const char *type_string;
  const char *default_value;
  const char *minimum;
  const char *maximum;
} camera_properties[] = {
  { "p-boolean", "b", "true", "", "" },
  { "p-char", "n", "int16 3", "int16 -5", "int16 5" },
  { "p-uchar", "y", "byte 0x64", "byte 0x01", "byte 0xc8" },
  { "p-int", "i", "90", "-7", "359" },
  { "p-uint", "u", "uint32 4000000000", "", "" },
  { "p-long", "x", "int64 -9", "", "int64 9" },
  { "p-ulong", "t", "uint64 9", "uint64 8", "" },
  { "p-int64", "x", "int64 9007199254740993", "", "" },
  { "p-uint64", "t", "uint64 18446744073709551615", "", "" },
  { "p-float", "d", "0.25", "-1.5", "1.5" },
  { "p-double", "d", "0.29999999999999999", "0.10000000000000001", "0.90000000000000002" },
  { "p-string", "s", "'déjà vu'", "", "" },
  { "p-enum", "s", "'video'", "", "" },
  { "p-flags", "as", "['flash', 'top']", "", "" },
  { "p-strv", "as", "", "", "" },
  { "p-variant", "v", "{'a': <int64 5>, 'b': <[<int64 1>, <'x'>]>}", "", "" },
  { "p-size", "(ii)", "(640, 480)", "", "" },
  { "p-unichar", "u", "uint32 233", "", "" },
  { "p-read", "s", "", "", "" },
  { "p-write", "s", "", "", "" },
  { "p-constant", "s", "", "", "" },
  { "gain", "i", "1", "0", "10" },
  { "remote-state", "s", "", "", "" },
};

static void
test_class_properties (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = read_type (TEST_TYPE_CAMERA);
  GPtrArray *properties = plant_rpc_interface_info_get_properties (info);

  /* The first is "url", of the parent. */
  g_assert_cmpuint (properties->len, ==, G_N_ELEMENTS (camera_properties) + 1);
  for (gsize i = 0; i < G_N_ELEMENTS (camera_properties); i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i + 1);

      g_assert_cmpstr (property->name, ==, camera_properties[i].name);
      g_assert_cmpstr (property->type_string, ==, camera_properties[i].type_string);
      assert_variant (property->default_value, camera_properties[i].default_value);
      assert_variant (property->minimum, camera_properties[i].minimum);
      assert_variant (property->maximum, camera_properties[i].maximum);
      g_assert_true (property->readable == !g_str_equal (property->name, "p-write"));
      g_assert_true (property->writable == (!g_str_equal (property->name, "p-read") &&
                                            !g_str_equal (property->name, "p-constant")));
    }
  assert_round_trip (info);
}

static void
test_class_details (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = read_type (TEST_TYPE_CAMERA);
  PlantRpcPropertyInfo *number = plant_rpc_interface_info_lookup_property (info, "p_int");
  PlantRpcPropertyInfo *mode = plant_rpc_interface_info_lookup_property (info, "p-enum");
  PlantRpcPropertyInfo *flags = plant_rpc_interface_info_lookup_property (info, "p-flags");
  PlantRpcPropertyInfo *state = plant_rpc_interface_info_find_property (info, "state");
  const char *const *nicks = plant_rpc_property_info_get_choices (flags);

  g_assert_cmpstr (plant_rpc_property_info_get_wire_name (number), ==, "p_int");
  g_assert_cmpstr (plant_rpc_property_info_get_description (number), ==, "Blurb");
  g_assert_null (plant_rpc_property_info_get_unit (number));
  g_assert_cmpstr (plant_rpc_property_info_get_change_signal (number), ==, "pIntChanged");
  g_assert_null (plant_rpc_property_info_get_choices (number));
  g_assert_null (plant_rpc_property_info_get_description (mode));
  g_assert_cmpstr (mode->type_name, ==, "TestMode");
  g_assert_cmpint (mode->choice_values[1], ==, TEST_MODE_VIDEO);
  g_assert_cmpuint (g_strv_length ((char **) nicks), ==, 4);
  g_assert_cmpstr (nicks[3], ==, "top");
  g_assert_cmpint ((guint) flags->choice_values[3], ==, (guint) TEST_PARTS_TOP);
  g_assert_cmpstr (state->name, ==, "remote-state");
  g_assert_true (plant_rpc_interface_info_lookup_property (info, "remote-state") == state);
  g_assert_null (plant_rpc_interface_info_lookup_property (info, "p-object"));
}

static void
test_class_signals (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = read_type (TEST_TYPE_CAMERA);
  g_auto (GStrv) names = plant_rpc_interface_info_list_signals (info);
  g_autofree char *all = g_strjoinv (" ", names);
  PlantRpcSignalInfo *zoomed = plant_rpc_interface_info_lookup_signal (info, "zoomed");
  PlantRpcSignalInfo *gain = plant_rpc_interface_info_lookup_signal (info, "gainChanged");
  PlantRpcSignalInfo *emit = plant_rpc_interface_info_find_signal (info, "emit");

  g_assert_cmpstr (all, ==, "started zoomed gain-changed notify-me remote-emit");
  g_assert_cmpstr (plant_rpc_signal_info_get_signature (zoomed), ==, "(dsas)");
  g_assert_cmpuint (zoomed->param_types[1], ==, TEST_TYPE_MODE);
  g_assert_cmpuint (zoomed->param_types[2], ==, G_TYPE_STRV);
  g_assert_null (zoomed->property);
  g_assert_cmpstr (plant_rpc_signal_info_get_wire_name (gain), ==, "gainChanged");
  g_assert_cmpstr (gain->property, ==, "gain");
  g_assert_false (gain->implicit);
  g_assert_true (plant_rpc_interface_info_lookup_signal (info, "gain_changed") == gain);
  g_assert_cmpstr (plant_rpc_signal_info_get_name (emit), ==, "remote-emit");
  g_assert_cmpstr (emit->signature, ==, "(v)");
}

static void
test_interface (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = read_type (TEST_TYPE_MOVABLE);
  g_auto (GStrv) properties = plant_rpc_interface_info_list_properties (info);
  g_auto (GStrv) signals = plant_rpc_interface_info_list_signals (info);
  g_autofree char *all_properties = g_strjoinv (" ", properties);
  g_autofree char *all_signals = g_strjoinv (" ", signals);
  PlantRpcPropertyInfo *mode = plant_rpc_interface_info_lookup_property (info, "mode");
  PlantRpcSignalInfo *done = plant_rpc_interface_info_lookup_signal (info, "done");

  g_assert_cmpstr (all_properties, ==, "mode progress speed");
  g_assert_cmpstr (all_signals, ==, "mode-changed done");
  g_assert_cmpstr (mode->change_signal, ==, "modeChanged");
  g_assert_cmpstr (mode->description, ==, "What it takes");
  g_assert_cmpstr (done->signature, ==, "(si)");
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (info, "modeChanged")->property, ==,
                   "mode");
  assert_round_trip (info);
}

static void
test_subclass (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = read_type (TEST_TYPE_SCANNER);
  g_autoptr (PlantRpcInterfaceInfo) again = read_type (TEST_TYPE_SCANNER);
  PlantRpcPropertyInfo *gain = plant_rpc_interface_info_lookup_property (info, "gain");
  PlantRpcPropertyInfo *serial = plant_rpc_interface_info_lookup_property (info, "serial");

  g_assert_nonnull (plant_rpc_interface_info_lookup_property (info, "p-int"));
  g_assert_nonnull (plant_rpc_interface_info_lookup_property (info, "mode"));
  g_assert_nonnull (plant_rpc_interface_info_lookup_signal (info, "done"));
  g_assert_nonnull (plant_rpc_interface_info_lookup_signal (info, "started"));
  g_assert_cmpuint (gain->pspec->owner_type, ==, TEST_TYPE_CAMERA);
  g_assert_cmpstr (serial->change_signal, ==, "serialChanged");
  g_assert_cmpstr (plant_rpc_interface_info_get_hash (info), ==,
                   plant_rpc_interface_info_get_hash (again));
  assert_round_trip (info);
}

static void
test_export (void)
{
  static const char *const hidden[] = { "p_int", "p-double", "emit", "hide_me", NULL };
  g_autoptr (GPtrArray) methods =
    g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_info_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  PlantRpcSignalInfo *implicit;

  g_ptr_array_add (methods, plant_rpc_method_info_new ("grab", "n: i", TRUE, -1, NULL));
  info = plant_rpc_interface_info_new_for_export (TEST_TYPE_SCANNER, TEST_TYPE_BASE, hidden,
                                                  methods, &error);
  g_assert_no_error (error);
  g_assert_null (plant_rpc_interface_info_lookup_property (info, "url"));
  g_assert_null (plant_rpc_interface_info_lookup_signal (info, "started"));
  g_assert_null (plant_rpc_interface_info_lookup_property (info, "p-int"));
  g_assert_null (plant_rpc_interface_info_lookup_property (info, "p-double"));
  g_assert_null (plant_rpc_interface_info_lookup_signal (info, "emit"));
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "state")->name, ==, "state");
  g_assert_true (plant_rpc_method_info_get_buffer (
    plant_rpc_interface_info_lookup_method (info, "grab")));

  implicit = plant_rpc_interface_info_find_signal (info, "pStringChanged");
  g_assert_true (implicit->implicit);
  g_assert_cmpstr (implicit->property, ==, "p-string");
  g_assert_cmpstr (implicit->signature, ==, "(s)");
  g_assert_cmpuint (implicit->n_params, ==, 1);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "p_string")->change_signal, ==,
                   "pStringChanged");
  g_assert_false (plant_rpc_interface_info_find_signal (info, "modeChanged")->implicit);
  g_assert_false (plant_rpc_interface_info_find_signal (info, "serialChanged")->implicit);
  g_assert_null (plant_rpc_interface_info_find_signal (info, "pWriteChanged"));
  g_assert_null (plant_rpc_interface_info_find_property (info, "p_write")->change_signal);
}

/* A class that is not below BASE is exported from GObject on. */
static void
test_export_unrelated (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info =
    plant_rpc_interface_info_new_for_export (TEST_TYPE_PROXY, TEST_TYPE_BASE, NULL, NULL, &error);
  g_autoptr (PlantRpcInterfaceInfo) empty =
    plant_rpc_interface_info_new_for_export (G_TYPE_OBJECT, TEST_TYPE_BASE, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (plant_rpc_interface_info_lookup_property (info, "name"));
  g_assert_cmpuint (plant_rpc_interface_info_get_properties (empty)->len, ==, 0);
  g_assert_cmpuint (plant_rpc_interface_info_get_signals (empty)->len, ==, 0);
}

static GType
make_subclass (const char *name,
               GType       parent)
{
  GTypeQuery query;

  g_type_query (parent, &query);
  return g_type_register_static_simple (parent, name, query.class_size, NULL, query.instance_size,
                                        NULL, 0);
}

/* Nicks that are no names for a peer leave plain text. */
static void
test_odd_enumerations (void)
{
  static const GEnumValue twice[] = { { 0, "A", "a" }, { 1, "B", "a" }, { 0, NULL, NULL } };
  static const GEnumValue nameless[] = { { 0, "A", "" }, { 0, NULL, NULL } };
  GParamSpec *specs[] = {
    g_param_spec_enum ("p", NULL, NULL, g_enum_register_static ("TestTwice", twice), 0,
                       G_PARAM_READWRITE),
    g_param_spec_enum ("q", NULL, NULL, g_enum_register_static ("TestNameless", nameless), 0,
                       G_PARAM_READWRITE),
  };
  GType type = make_subclass ("TestOddEnumerations", TEST_TYPE_BASE);
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;

  G_OBJECT_CLASS (klass)->set_property = test_proxy_set_value;
  G_OBJECT_CLASS (klass)->get_property = test_proxy_get_value;
  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++)
    g_object_class_install_property (G_OBJECT_CLASS (klass), i + 1, specs[i]);
  info = read_type (type);
  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      PlantRpcPropertyInfo *property =
        plant_rpc_interface_info_find_property (info, specs[i]->name);

      g_assert_cmpstr (property->type_string, ==, "s");
      g_assert_null (property->choices);
      g_assert_null (property->type_name);
    }
  assert_round_trip (info);
}

static void
test_no_template (void)
{
  const GType wrong[] = { G_TYPE_INVALID, G_TYPE_INT, G_TYPE_STRV, G_TYPE_ENUM };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (plant_rpc_interface_info_new_for_type (wrong[i], &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
    }
}

static void
test_declarations (void)
{
  GType device = make_subclass ("TestDevice", TEST_TYPE_CAMERA);
  GType special = make_subclass ("TestSpecialDevice", device);
  g_autoptr (PlantRpcInterfaceInfo) before = read_type (device);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  PlantRpcMethodInfo *method;

  plant_rpc_type_declare_method (device, "get_image", "lores: b = false", TRUE,
                                 PLANT_RPC_TIMEOUT_NONE);
  plant_rpc_type_declare_method (device, "ping", "", FALSE, 5);
  plant_rpc_type_declare_method (special, "ping", NULL, FALSE, PLANT_RPC_TIMEOUT_TOLD);
  plant_rpc_type_declare_method (special, "ping", "n", FALSE, PLANT_RPC_TIMEOUT_TOLD);
  plant_rpc_type_declare_wire_name (device, "p_int", "Rotation");
  plant_rpc_type_declare_wire_name (device, "zoomed", "on zoom");
  plant_rpc_type_declare_unit (device, "p-int", "°");
  plant_rpc_type_declare_unit (special, "p-int", "deg");

  info = read_type (special);
  method = plant_rpc_interface_info_lookup_method (info, "get-image");
  g_assert_cmpstr (plant_rpc_method_info_get_signature (method), ==, "lores: b = false");
  g_assert_cmpint (plant_rpc_method_info_get_timeout (method), ==, PLANT_RPC_TIMEOUT_NONE);
  method = plant_rpc_interface_info_lookup_method (info, "ping");
  g_assert_cmpstr (plant_rpc_method_info_get_name (method), ==, "ping");
  g_assert_cmpstr (method->signature, ==, "n");
  g_assert_cmpint (method->timeout, ==, PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpuint (plant_rpc_interface_info_get_methods (info)->len, ==, 2);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "Rotation")->name, ==, "p-int");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (info, "Rotation")->unit, ==, "deg");
  g_assert_cmpstr (plant_rpc_interface_info_find_signal (info, "on zoom")->name, ==, "zoomed");
  g_assert_cmpuint (plant_rpc_interface_info_get_methods (before)->len, ==, 0);
  g_assert_false (plant_rpc_interface_info_equal (before, info));
  assert_round_trip (info);
}

static void
test_declaration_of_interface (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_autoptr (PlantRpcInterfaceInfo) other = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) methods =
    g_ptr_array_new_with_free_func ((GDestroyNotify) plant_rpc_method_info_unref);

  plant_rpc_type_declare_method (TEST_TYPE_SCANNABLE, "scan", "steps: u = 10", FALSE, -1);
  info = read_type (TEST_TYPE_SCANNER);
  other = read_type (TEST_TYPE_MOVABLE);
  g_assert_nonnull (plant_rpc_interface_info_lookup_method (info, "scan"));
  g_assert_nonnull (plant_rpc_interface_info_lookup_method (other, "scan"));

  /* A handler without a signature takes over the declared one. */
  g_ptr_array_add (methods, plant_rpc_method_info_new ("scan", NULL, FALSE, 77, NULL));
  plant_rpc_interface_info_unref (g_steal_pointer (&info));
  info = plant_rpc_interface_info_new_for_export (TEST_TYPE_SCANNER, TEST_TYPE_BASE, NULL, methods,
                                                  &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plant_rpc_interface_info_find_method (info, "scan")->signature, ==,
                   "steps: u = 10");
  g_assert_cmpint (plant_rpc_interface_info_find_method (info, "scan")->timeout, ==, 77);
}

static void
test_two_of_a_name (void)
{
  GType type = make_subclass ("TestAmbiguous", TEST_TYPE_CAMERA);
  g_autoptr (GError) error = NULL;

  plant_rpc_type_declare_wire_name (type, "p-int", "p_uint");
  g_assert_null (plant_rpc_interface_info_new_for_type (type, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
  g_assert_nonnull (strstr (error->message, "p_uint"));
  g_assert_nonnull (strstr (error->message, "TestAmbiguous"));
}

static void
test_wrong_declarations (void)
{
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*can_be_declared_for*");
  plant_rpc_type_declare_method (G_TYPE_INT, "x", NULL, FALSE, 0);
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*wire_name*");
  plant_rpc_type_declare_wire_name (TEST_TYPE_CAMERA, "p-int", "");
  g_test_expect_message ("PlantRpc", G_LOG_LEVEL_CRITICAL, "*unit*");
  plant_rpc_type_declare_unit (TEST_TYPE_CAMERA, "p-int", "\xff");
  g_test_assert_expected_messages ();
}

static void
test_wrong_signature (void)
{
  if (g_test_subprocess ())
    {
      plant_rpc_type_declare_method (TEST_TYPE_CAMERA, "x", "a, b: !", FALSE, 0);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*CRITICAL*parameter*b*");
}

static void
test_wrong_method_name (void)
{
  if (g_test_subprocess ())
    {
      plant_rpc_type_declare_method (TEST_TYPE_CAMERA, "", NULL, FALSE, 0);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*CRITICAL*cannot be the name*");
}

static gpointer
declare_many (gpointer data)
{
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s_%u", (const char *) data, i);
      g_autoptr (PlantRpcInterfaceInfo) info = NULL;

      plant_rpc_type_declare_method (TEST_TYPE_NAMED, name, "a: i", FALSE, 0);
      info = read_type (TEST_TYPE_NAMED);
      g_assert_nonnull (plant_rpc_interface_info_lookup_method (info, name));
    }
  return NULL;
}

static void
test_declare_from_threads (void)
{
  GThread *threads[] = {
    g_thread_new ("a", declare_many, (gpointer) "a"),
    g_thread_new ("b", declare_many, (gpointer) "b"),
    g_thread_new ("c", declare_many, (gpointer) "c"),
  };
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  info = read_type (TEST_TYPE_NAMED);
  g_assert_cmpuint (plant_rpc_interface_info_get_methods (info)->len, ==, 180);
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
  g_autoptr (PlantRpcInterfaceInfo) info = read_json (whole_json);
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
  assert_round_trip (info);
}

static void
test_json_rest (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = read_json (whole_json);
  g_autoptr (PlantRpcInterfaceInfo) empty = read_json ("{}");
  g_auto (GStrv) methods = plant_rpc_interface_info_list_methods (info);
  PlantRpcMethodInfo *stop = plant_rpc_interface_info_find_method (info, "stop");
  PlantRpcSignalInfo *changed = plant_rpc_interface_info_find_signal (info, "videoUrlChanged");
  PlantRpcSignalInfo *raw = plant_rpc_interface_info_find_signal (info, "raw");

  g_assert_cmpuint (g_strv_length (methods), ==, 2);
  g_assert_cmpstr (methods[0], ==, "get_image");
  g_assert_null (plant_rpc_method_info_get_signature (stop));
  g_assert_false (plant_rpc_method_info_get_buffer (stop));
  g_assert_cmpint (plant_rpc_method_info_get_timeout (stop), ==, PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpstr (changed->property, ==, "video-url");
  g_assert_null (plant_rpc_signal_info_get_signature (raw));
  g_assert_null (raw->property);
  g_assert_true (plant_rpc_interface_info_find_signal (info, "modeSet")->implicit);
  g_assert_null (plant_rpc_interface_info_lookup_method (empty, "stop"));
  assert_round_trip (empty);
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
  most = read_json (last);
  g_assert_cmpuint (plant_rpc_interface_info_get_properties (most)->len, ==,
                    PLANT_RPC_MAX_MEMBERS);
  assert_round_trip (most);

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

static GVariant *
text (const char *value)
{
  GVariant *variant = g_variant_parse (NULL, value, NULL, NULL, NULL);

  g_assert_nonnull (variant);
  return variant;
}

typedef struct {
  GPtrArray             *skipped; /* (owned) (element-type utf8) */
  PlantRpcInterfaceInfo *info;    /* (owned) (nullable) */
  GError                *error;   /* (owned) (nullable) */
} Inventory;

static void
read_inventory (Inventory  *self,
                const char *methods,
                const char *properties,
                const char *signals,
                const char *values)
{
  g_autoptr (GVariant) json_methods = text (methods);
  g_autoptr (GVariant) buffer_methods = text ("@a{sv} {'get_image': <@mv nothing>}");
  g_autoptr (GVariant) property_names = text (properties);
  g_autoptr (GVariant) signal_names = text (signals);
  g_autoptr (GVariant) known = values != NULL ? text (values) : NULL;

  self->skipped = g_ptr_array_new_with_free_func (g_free);
  self->error = NULL;
  self->info = plant_rpc_interface_info_new_from_inventory (json_methods, buffer_methods,
                                                            property_names, signal_names, known,
                                                            self->skipped, &self->error);
}

static void
inventory_clear (Inventory *self)
{
  g_clear_pointer (&self->skipped, g_ptr_array_unref);
  g_clear_pointer (&self->info, plant_rpc_interface_info_unref);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Inventory, inventory_clear)

static void
test_inventory (void)
{
  g_auto (Inventory) inventory = { NULL, NULL, NULL };
  PlantRpcSignalInfo *signal;

  read_inventory (&inventory,
                  "@a{sv} {'echo': <int64 10000>, 'slow': <int64 -5>, 'zero': <int64 0>,"
                  " 'odd': <'x'>, 'late': <1e300>, 'get_image': <int64 5>}",
                  "[<'mode'>, <'video_url'>, <'rotation'>, <'name'>, <'config'>]",
                  "[<'modeChanged'>, <'videoUrlChanged'>, <'rotation_changed'>, <'connect'>]",
                  NULL);
  g_assert_no_error (inventory.error);
  g_assert_cmpuint (inventory.skipped->len, ==, 1);
  g_assert_nonnull (strstr (g_ptr_array_index (inventory.skipped, 0), "get_image"));
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "slow")->timeout, ==,
                   PLANT_RPC_TIMEOUT_NONE);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "zero")->timeout, ==,
                   PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "odd")->timeout, ==,
                   PLANT_RPC_TIMEOUT_DEFAULT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "late")->timeout, ==,
                   G_MAXINT);
  g_assert_cmpint (plant_rpc_interface_info_find_method (inventory.info, "get_image")->timeout, ==,
                   5);
  signal = plant_rpc_interface_info_find_signal (inventory.info, "videoUrlChanged");
  g_assert_cmpstr (signal->property, ==, "video-url");
  g_assert_null (signal->signature);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info,
                                                           "rotation")->change_signal, ==,
                   "rotation_changed");
  g_assert_null (plant_rpc_interface_info_find_property (inventory.info, "config")->change_signal);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "name")->name, ==,
                   "remote-name");
  assert_round_trip (inventory.info);
}

static void
test_inventory_values (void)
{
  static const struct {
    const char *value;
    const char *type_string;
  } cases[] = {
    { "<true>", "b" },
    { "<int64 5>", "d" },
    { "<uint64 18446744073709551615>", "d" },
    { "<5.5>", "d" },
    { "<'x'>", "s" },
    { "<''>", "s" },
    { "<@av [<'a'>, <'b'>]>", "as" },
    { "<@av [<'a'>, <int64 1>]>", "v" },
    { "<@av [<'a'>, <@mv nothing>]>", "v" },
    { "<@av []>", "v" },
    { "<@as ['a']>", "as" },
    { "<@mv nothing>", "v" },
    { "<@a{sv} {}>", "v" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Inventory) inventory = { NULL, NULL, NULL };
      g_autofree char *values = g_strdup_printf ("@a{sv} {'p': %s, 'other': <5>}", cases[i].value);
      g_autofree char *signature = g_strdup_printf ("(%s)", cases[i].type_string);

      read_inventory (&inventory, "@a{sv} {}", "[<'p'>, <'q'>]", "[<'pChanged'>, <'qChanged'>]",
                      values);
      g_assert_no_error (inventory.error);
      g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "p")->type_string,
                       ==, cases[i].type_string);
      g_assert_cmpstr (plant_rpc_interface_info_find_signal (inventory.info, "pChanged")->signature,
                       ==, signature);
      g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "q")->type_string,
                       ==, "");
      g_assert_null (plant_rpc_interface_info_find_signal (inventory.info, "qChanged")->signature);
    }
}

static void
test_inventory_hostile_names (void)
{
  g_auto (Inventory) inventory = { NULL, NULL, NULL };
  g_autofree char *huge = g_strnfill (10 * 1024, 'x');
  g_autofree char *properties = g_strdup_printf (
    "[<''>, <'a__b'>, <'9x'>, <'名前'>, <'%s'>, <int64 5>, <@mv nothing>, <'ok'>, <'ok'>, <@av []>,"
    " <'video_url'>, <'videoUrl'>, <'VideoURL'>, <'a b'>, <'notify::x'>, <'connect'>,"
    " <'remote_connect'>]", huge);

  read_inventory (&inventory, "@a{sv} {'': <int64 1>, 'größe': <int64 1>}", properties,
                  "[<'okChanged'>, <'okChanged'>, <'é'>]", "@a{sv} {'ok': <5>}");
  g_assert_no_error (inventory.error);
  /* Eleven properties, a method, two signals. */
  for (guint i = 0; i < inventory.skipped->len; i++)
    {
      const char *reason = g_ptr_array_index (inventory.skipped, i);

      g_test_message ("%s", reason);
      g_assert_cmpuint (strlen (reason), <, 600);
    }
  g_assert_cmpuint (inventory.skipped->len, ==, 14);
  g_assert_cmpuint (plant_rpc_interface_info_get_properties (inventory.info)->len, ==, 6);
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "video_url")->name, ==,
                   "video-url");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "videoUrl")->name, ==,
                   "video-url-2");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "VideoURL")->name, ==,
                   "video-url-3");
  g_assert_cmpstr (plant_rpc_interface_info_find_property (inventory.info, "remote_connect")->name,
                   ==, "remote-connect-2");
  assert_round_trip (inventory.info);
}

static void
test_inventory_refused (void)
{
  static const struct {
    const char *methods;
    const char *properties;
    const char *signals;
  } cases[] = {
    { "[<'echo'>]", "@av []", "@av []" },
    { "@mv nothing", "@av []", "@av []" },
    { "@a{sv} {}", "@a{sv} {}", "@av []" },
    { "@a{sv} {}", "@av []", "'x'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Inventory) inventory = { NULL, NULL, NULL };

      read_inventory (&inventory, cases[i].methods, cases[i].properties, cases[i].signals, NULL);
      g_assert_null (inventory.info);
      g_assert_error (inventory.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
    }
}

static void
test_inventory_many (void)
{
  static const char *const spellings[] = { "_bx", "-bx", "Bx", "_Bx", "-Bx" };
  g_autoptr (GString) names = g_string_new ("[<'p'>");
  g_auto (Inventory) most = { NULL, NULL, NULL };
  g_auto (Inventory) many = { NULL, NULL, NULL };
  g_autofree char *closed = NULL;

  /* One GObject name for all. */
  for (guint i = 0; i < PLANT_RPC_MAX_MEMBERS - 1; i++)
    {
      g_string_append (names, ", <'a");
      for (guint rest = i, word = 0; word < 5; rest /= G_N_ELEMENTS (spellings), word++)
        g_string_append (names, spellings[rest % G_N_ELEMENTS (spellings)]);
      g_string_append (names, "'>");
    }
  closed = g_strconcat (names->str, "]", NULL);
  read_inventory (&most, "@a{sv} {}", closed, closed, NULL);
  g_assert_no_error (most.error);
  g_assert_cmpuint (plant_rpc_interface_info_get_properties (most.info)->len, ==,
                    PLANT_RPC_MAX_MEMBERS);
  g_assert_nonnull (plant_rpc_interface_info_lookup_property (most.info, "a-bx-bx-bx-bx-bx"));
  g_assert_nonnull (plant_rpc_interface_info_lookup_property (most.info, "a-bx-bx-bx-bx-bx-999"));

  g_string_append (names, ", <'one_more'>]");
  read_inventory (&many, "@a{sv} {}", names->str, "@av []", NULL);
  g_assert_null (many.info);
  g_assert_error (many.error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
}

static void
test_bind (void)
{
  static const struct {
    const char *signature;
    const char *args;
    const char *kwargs;
    const char *result; /* or part of the error */
    gboolean    fails;
  } cases[] = {
    { "", "@av []", "@a{sv} {}", "@av []", FALSE },
    { "a: i, b: s = 'x'", "@av [<int64 1>]", "@a{sv} {}", "[<1>, <'x'>]", FALSE },
    { "a: i, b: s = 'x'", "@av [<int64 1>, <'y'>]", "@a{sv} {}", "[<1>, <'y'>]", FALSE },
    { "a: i, b: s = 'x'", "@av []", "@a{sv} {'b': <'y'>, 'a': <int64 2>}", "[<2>, <'y'>]", FALSE },
    { "a: i, b: s = 'x'", "@av [<int64 1>]", "@a{sv} {'b': <'z'>}", "[<1>, <'z'>]", FALSE },
    { " a , b = 5 , c:d=.5 ", "@av [<'q'>]", "@a{sv} {'c': <int64 3>}", "[<'q'>, <5>, <3.0>]",
      FALSE },
    { "a = <5>, b = {'x': <1>}", "@av []", "@a{sv} {}", "[<5>, <{'x': <1>}>]", FALSE },
    { "a", "@av [<@mv nothing>]", "@a{sv} {}", "[<@mv nothing>]", FALSE },
    { "size: (ii) = (1, 2)", "@av [<@av [<int64 3>, <int64 4>]>]", "@a{sv} {}", "[<(3, 4)>]",
      FALSE },
    { "größe: d = 1", "@av []", "@a{sv} {'größe': <int64 2>}", "[<2.0>]", FALSE },
    { NULL, "@av [<int64 1>]", "@a{sv} {'x': <1>}", "[<int64 1>]", FALSE },
    { "", "@av [<int64 1>]", "@a{sv} {}", "too many", TRUE },
    { "a", "@av []", "@a{sv} {}", "“a” is missing", TRUE },
    { "a", "@av []", "@a{sv} {'b': <1>}", "“b”", TRUE },
    { "a", "@av [<1>]", "@a{sv} {'a': <1>}", "“a” is given twice", TRUE },
    { "a", "@av []", "@a{sv} {'a': <1>, 'a': <2>}", "twice", TRUE },
    { "a: i", "@av [<'1'>]", "@a{sv} {}", "“a”", TRUE },
    { "a: i", "@av [<1.5>]", "@a{sv} {}", "“a”", TRUE },
    { "a: y", "@av [<int64 256>]", "@a{sv} {}", "“a”", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PlantRpcMethodInfo) method =
        plant_rpc_method_info_new ("m", cases[i].signature, FALSE, 0, &error);
      g_autoptr (GVariant) args = text (cases[i].args);
      g_autoptr (GVariant) kwargs = text (cases[i].kwargs);
      g_autoptr (GVariant) result = NULL;

      g_assert_no_error (error);
      result = plant_rpc_method_info_bind (method, args, kwargs, &error);
      if (!cases[i].fails)
        {
          g_autoptr (GVariant) expected = text (cases[i].result);

          g_assert_no_error (error);
          g_assert_false (g_variant_is_floating (result));
          g_assert_cmpstr (g_variant_get_type_string (result), ==, "av");
          g_assert_cmpvariant (result, expected);
          continue;
        }
      g_assert_null (result);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
      g_assert_nonnull (strstr (error->message, cases[i].result));
    }
}

static void
test_signature_limits (void)
{
  g_autoptr (GString) many = g_string_new ("a0");
  g_autofree char *deep = g_strnfill (1000, '(');
  g_autofree char *nested = g_strconcat ("a: ", deep, NULL);
  g_autofree char *default_value = g_strconcat ("a = ", deep, NULL);
  g_autofree char *huge = g_strnfill (1024 * 1024, 'a');
  const char *const wrong[] = {
    many->str, nested, default_value, huge, "\xff", "a: i = ", "a =", ":i", "1a", "a: i i", ",",
    "a: {sv}", "a: m", "a = [1, 'x']", "a = <", "a: s = 'x",
  };

  for (guint i = 1; i <= 64; i++)
    g_string_append_printf (many, ", a%u", i);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *signature = i == 0 ? many->str : wrong[i];
      g_autofree char *shown = g_strndup (signature, 40);

      g_test_message ("%s", i == 4 ? "no UTF-8" : shown);
      g_assert_null (plant_rpc_method_info_new ("m", signature, FALSE, 0, &error));
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
      g_assert_cmpuint (strlen (error->message), <, 2000);
    }
}

static void
test_validate_args (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info =
    read_json ("{\"signals\": {\"s\": {\"signature\": \"(isv)\"}, \"any\": {}}}");
  PlantRpcSignalInfo *signal = plant_rpc_interface_info_find_signal (info, "s");
  PlantRpcSignalInfo *any = plant_rpc_interface_info_find_signal (info, "any");
  g_autoptr (GVariant) good = NULL;
  g_autoptr (GVariant) tuple = NULL;
  g_autoptr (GVariant) coerced = NULL;
  g_autoptr (GVariant) all = NULL;
  g_autoptr (GError) error = NULL;

  good = plant_rpc_signal_info_validate_args (
    signal, g_variant_new_parsed ("[<@x 1>, <'a'>, <@mv nothing>]"), FALSE, &error);
  g_assert_no_error (error);
  assert_variant (good, "[<1>, <'a'>, <@mv nothing>]");
  tuple = plant_rpc_signal_info_validate_args (
    signal, g_variant_new ("(xsb)", (gint64) 2, "b", TRUE), FALSE, &error);
  assert_variant (tuple, "[<2>, <'b'>, <true>]");
  coerced = plant_rpc_signal_info_validate_args (
    signal, g_variant_new_parsed ("[<'45'>, <5>, <1.5>]"), TRUE, &error);
  g_assert_no_error (error);
  assert_variant (coerced, "[<45>, <'5'>, <1.5>]");
  all = plant_rpc_signal_info_validate_args (any, g_variant_new_parsed ("[<'45'>]"), FALSE, &error);
  assert_variant (all, "[<'45'>]");

  g_assert_null (plant_rpc_signal_info_validate_args (
    signal, g_variant_new_parsed ("[<1>, <5>, <1.5>]"), FALSE, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_assert_nonnull (strstr (error->message, "argument 2"));
  g_clear_error (&error);
  g_assert_null (plant_rpc_signal_info_validate_args (signal, g_variant_new_parsed ("[<1>]"), TRUE,
                                                      &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
  g_clear_error (&error);
  g_assert_null (plant_rpc_signal_info_validate_args (signal, g_variant_new_int32 (1), TRUE,
                                                      &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS);
}

static void
test_boxed (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = read_json (whole_json);
  PlantRpcMethodInfo *method = plant_rpc_interface_info_find_method (info, "stop");
  PlantRpcPropertyInfo *property = plant_rpc_interface_info_find_property (info, "mode");
  PlantRpcSignalInfo *signal = plant_rpc_interface_info_find_signal (info, "raw");
  PlantRpcInterfaceInfo *copy = g_boxed_copy (PLANT_RPC_TYPE_INTERFACE_INFO, info);

  g_assert_true (copy == info);
  g_boxed_free (PLANT_RPC_TYPE_INTERFACE_INFO, copy);
  g_boxed_free (PLANT_RPC_TYPE_METHOD_INFO, g_boxed_copy (PLANT_RPC_TYPE_METHOD_INFO, method));
  g_boxed_free (PLANT_RPC_TYPE_PROPERTY_INFO,
                g_boxed_copy (PLANT_RPC_TYPE_PROPERTY_INFO, property));
  g_boxed_free (PLANT_RPC_TYPE_SIGNAL_INFO, g_boxed_copy (PLANT_RPC_TYPE_SIGNAL_INFO, signal));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interface-info/class/properties", test_class_properties);
  g_test_add_func ("/interface-info/class/details", test_class_details);
  g_test_add_func ("/interface-info/class/signals", test_class_signals);
  g_test_add_func ("/interface-info/interface", test_interface);
  g_test_add_func ("/interface-info/subclass", test_subclass);
  g_test_add_func ("/interface-info/export", test_export);
  g_test_add_func ("/interface-info/export/unrelated", test_export_unrelated);
  g_test_add_func ("/interface-info/odd-enumerations", test_odd_enumerations);
  g_test_add_func ("/interface-info/no-template", test_no_template);
  g_test_add_func ("/interface-info/declarations", test_declarations);
  g_test_add_func ("/interface-info/declarations/interface", test_declaration_of_interface);
  g_test_add_func ("/interface-info/declarations/two-of-a-name", test_two_of_a_name);
  g_test_add_func ("/interface-info/declarations/wrong", test_wrong_declarations);
  g_test_add_func ("/interface-info/declarations/wrong-signature", test_wrong_signature);
  g_test_add_func ("/interface-info/declarations/wrong-name", test_wrong_method_name);
  g_test_add_func ("/interface-info/declarations/threads", test_declare_from_threads);
  g_test_add_func ("/interface-info/json/properties", test_json_properties);
  g_test_add_func ("/interface-info/json/rest", test_json_rest);
  g_test_add_func ("/interface-info/json/refused", test_json_refused);
  g_test_add_func ("/interface-info/json/many", test_json_many);
  g_test_add_func ("/interface-info/variant/refused", test_variant_refused);
  g_test_add_func ("/interface-info/file", test_file);
  g_test_add_func ("/interface-info/inventory", test_inventory);
  g_test_add_func ("/interface-info/inventory/values", test_inventory_values);
  g_test_add_func ("/interface-info/inventory/hostile-names", test_inventory_hostile_names);
  g_test_add_func ("/interface-info/inventory/refused", test_inventory_refused);
  g_test_add_func ("/interface-info/inventory/many", test_inventory_many);
  g_test_add_func ("/interface-info/bind", test_bind);
  g_test_add_func ("/interface-info/signature", test_signature_limits);
  g_test_add_func ("/interface-info/validate-args", test_validate_args);
  g_test_add_func ("/interface-info/boxed", test_boxed);
  return g_test_run ();
}

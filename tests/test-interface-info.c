/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-builder-private.h"
#include "plant-rpc-description-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-known-interfaces-private.h"
#include "plant-rpc-names-private.h"
#include "plant-rpc-param-spec-private.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-types.h"

static void
assert_variant (GVariant   *value,
                const char *expected)
{
  g_autofree char *text = value != NULL ? g_variant_print (value, TRUE) : g_strdup ("");

  g_assert_cmpstr (text, ==, expected);
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
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_CAMERA);
  GPtrArray *properties = info->properties.list;

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
  test_assert_round_trip (info);
}

static void
test_class_details (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_CAMERA);
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
  g_assert_null (plant_rpc_property_info_get_description (
      plant_rpc_interface_info_lookup_property (info, "p-boolean")));
  g_assert_cmpstr (mode->type_name, ==, "TestMode");
  g_assert_cmpint (mode->choice_values[1], ==, TEST_MODE_VIDEO);
  g_assert_cmpuint (g_strv_length ((char **) nicks), ==, 4);
  g_assert_cmpstr (nicks[3], ==, "top");
  g_assert_cmpint ((guint) flags->choice_values[3], ==, (guint) TEST_PARTS_TOP);
  g_assert_cmpstr (state->name, ==, "remote-state");
  g_assert_true (plant_rpc_interface_info_lookup_property (info, "remote-state") == state);
  g_assert_null (plant_rpc_interface_info_lookup_property (info, "p-object"));
}

/* A name that follows from the one that travels is not told. */
static void
test_class_json (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_CAMERA);
  g_autofree char *json = plant_rpc_interface_info_to_json (info);

  g_assert_nonnull (plant_rpc_interface_info_lookup_property (info, "remote-state"));
  g_assert_null (strstr (json, "\"name\""));
}

/* A class with a property and a signal of TYPE. */
static GType
make_class (const char *name,
            const char *nick,
            GType       property_type,
            GType       signal_type)
{
  GType type = test_make_subclass (name, TEST_TYPE_BASE);
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  GParamSpec *pspec =
    property_type == G_TYPE_LONG
      ? g_param_spec_long ("number", nick, NULL, G_MINLONG, G_MAXLONG, 0, G_PARAM_READWRITE)
      : g_param_spec_int64 ("number", nick, NULL, G_MININT64, G_MAXINT64, 0, G_PARAM_READWRITE);

  G_OBJECT_CLASS (klass)->set_property = test_proxy_set_value;
  G_OBJECT_CLASS (klass)->get_property = test_proxy_get_value;
  g_object_class_install_property (G_OBJECT_CLASS (klass), 1, pspec);
  g_signal_new ("counted", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                signal_type);
  return type;
}

/* What two classes say alike, but not what makes a difference in a class made of it. */
static void
test_hash (void)
{
  const GType types[] = {
    make_class ("TestCounter", "Nick", G_TYPE_INT64, G_TYPE_INT64),
    make_class ("TestCounterOfOtherNick", "Other", G_TYPE_INT64, G_TYPE_INT64),
    make_class ("TestCounterOfLong", "Nick", G_TYPE_LONG, G_TYPE_INT64),
    make_class ("TestCounterTellingLong", "Nick", G_TYPE_INT64, G_TYPE_LONG),
  };
  g_autoptr (PlantRpcInterfaceInfo) first = test_read_type (types[0]);
  g_autoptr (PlantRpcInterfaceInfo) again =
    test_read_type (make_class ("TestCounterAgain", "Nick", G_TYPE_INT64, G_TYPE_INT64));

  g_assert_cmpstr (plant_rpc_interface_info_get_hash (first), ==,
                   plant_rpc_interface_info_get_hash (again));
  for (gsize i = 1; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (PlantRpcInterfaceInfo) other = test_read_type (types[i]);

      g_assert_true (plant_rpc_interface_info_equal (first, other));
      g_assert_cmpstr (plant_rpc_interface_info_get_hash (first), !=,
                       plant_rpc_interface_info_get_hash (other));
    }
}

static void
test_class_signals (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_CAMERA);
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
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_MOVABLE);
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
  test_assert_round_trip (info);
}

/* The order of members does not depend on the order in which interfaces were required. */
static void
test_order_of_interfaces (void)
{
  const GType required[] = { TEST_TYPE_SCANNABLE, TEST_TYPE_NAMED };

  for (guint first = 0; first < 2; first++)
    {
      g_autofree char *name = g_strdup_printf ("TestBoth%u", first);
      GType type = g_type_register_static_simple (G_TYPE_INTERFACE, name, sizeof (GTypeInterface),
                                                  NULL, 0, NULL, 0);
      g_autoptr (PlantRpcInterfaceInfo) info = NULL;
      g_auto (GStrv) signals = NULL, properties = NULL;
      g_autofree char *all_signals = NULL, *all_properties = NULL;

      g_type_interface_add_prerequisite (type, required[first]);
      g_type_interface_add_prerequisite (type, required[1 - first]);
      info = test_read_type (type);
      signals = plant_rpc_interface_info_list_signals (info);
      properties = plant_rpc_interface_info_list_properties (info);
      all_signals = g_strjoinv (" ", signals);
      all_properties = g_strjoinv (" ", properties);
      g_assert_cmpstr (all_signals, ==, "renamed mode-changed done");
      g_assert_cmpstr (all_properties, ==, "remote-name nickname mode progress");
    }
}

static void
override_all (gpointer klass,
              gpointer class_data)
{
  static const char *const names[] = { "mode", "nickname", "progress", "name" };

  G_OBJECT_CLASS (klass)->set_property = test_proxy_set_value;
  G_OBJECT_CLASS (klass)->get_property = test_proxy_get_value;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_object_class_override_property (klass, i + 1, names[i]);
}

/* Nor, in a class, on the order in which it takes interfaces on. */
static void
test_order_in_class (void)
{
  static const GInterfaceInfo none = { NULL, NULL, NULL };
  const GType ifaces[] = { TEST_TYPE_SCANNABLE, TEST_TYPE_NAMED };

  for (guint first = 0; first < 2; first++)
    {
      g_autofree char *name = g_strdup_printf ("TestBothInClass%u", first);
      GTypeInfo type_info = { .class_init = override_all };
      g_autoptr (PlantRpcInterfaceInfo) info = NULL;
      g_auto (GStrv) properties = NULL;
      g_autofree char *all = NULL;
      GTypeQuery query;
      GType type;

      g_type_query (TEST_TYPE_BASE, &query);
      type_info.class_size = query.class_size;
      type_info.instance_size = query.instance_size;
      type = g_type_register_static (TEST_TYPE_BASE, name, &type_info, 0);
      g_type_add_interface_static (type, ifaces[first], &none);
      g_type_add_interface_static (type, ifaces[1 - first], &none);
      info = test_read_type (type);
      properties = plant_rpc_interface_info_list_properties (info);
      all = g_strjoinv (" ", properties);
      g_assert_cmpstr (all, ==, "remote-url remote-name nickname mode progress");
    }
}

static void
test_subclass (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_SCANNER);
  g_autoptr (PlantRpcInterfaceInfo) again = test_read_type (TEST_TYPE_SCANNER);
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
  test_assert_round_trip (info);
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
  g_assert_cmpuint (empty->properties.list->len, ==, 0);
  g_assert_cmpuint (empty->signals.list->len, ==, 0);
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
  GType type = test_make_subclass ("TestOddEnumerations", TEST_TYPE_BASE);
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;

  G_OBJECT_CLASS (klass)->set_property = test_proxy_set_value;
  G_OBJECT_CLASS (klass)->get_property = test_proxy_get_value;
  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++)
    g_object_class_install_property (G_OBJECT_CLASS (klass), i + 1, specs[i]);
  info = test_read_type (type);
  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      PlantRpcPropertyInfo *property =
        plant_rpc_interface_info_find_property (info, specs[i]->name);

      g_assert_cmpstr (property->type_string, ==, "s");
      g_assert_null (property->choices);
      g_assert_null (property->type_name);
    }
  test_assert_round_trip (info);
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

/* A char travels as a wider type, so even its whole range must be described. An int does not. */
static void
test_whole_ranges (void)
{
  g_autoptr (GParamSpec) narrow = g_param_spec_char ("a", NULL, NULL, G_MININT8, G_MAXINT8, 0, 0);
  g_autoptr (GParamSpec) wide = g_param_spec_int ("b", NULL, NULL, G_MININT, G_MAXINT, 0, 0);
  g_autoptr (GVariant) minimum = NULL, maximum = NULL, none = NULL;

  plant_rpc_param_spec_read_limits (narrow, &minimum, &maximum);
  g_assert_cmpint (g_variant_get_int16 (minimum), ==, G_MININT8);
  g_assert_cmpint (g_variant_get_int16 (maximum), ==, G_MAXINT8);
  g_clear_pointer (&minimum, g_variant_unref);
  plant_rpc_param_spec_read_limits (wide, &minimum, &none);
  g_assert_null (minimum);
  g_assert_null (none);
}

static PlantRpcInterfaceInfo *
build_properties (const char *name,
                  guint       n)
{
  PlantRpcInterfaceInfo *info = plant_rpc_interface_info_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *wire_name = i == 0 ? g_strdup (name) : g_strdup_printf ("other%u", i);
      PlantRpcPropertyInfo *property = plant_rpc_property_info_new (name, wire_name, "i");

      property->readable = TRUE;
      g_assert_true (plant_rpc_members_take (&info->properties, property, NULL));
    }
  g_assert_true (plant_rpc_builder_add_change_signals (info, NULL));
  return info;
}

static const struct {
  const char *wire_name;
  const char *name;
  const char *change_signal;
} folded[] = {
  { "gain_1", "gain-1-2", "gain_1Changed" },
  { "gain1", "gain1", "gain1Changed" },
  { "gain-1", "gain-1", "gain-1Changed" },
  { "ISOSpeed", "iso-speed-2", "ISOSpeedChanged" },
  { "iso_speed", "iso-speed", "isoSpeedChanged" },
  { "x_y_z", "x-y-z", "xYZChanged" },
  { "xY_z", "x-y-z-2", "xY_zChanged" },
};

static PlantRpcInterfaceInfo *
build_folded (void)
{
  PlantRpcInterfaceInfo *info = plant_rpc_interface_info_new ();

  for (guint i = 0; i < G_N_ELEMENTS (folded); i++)
    {
      g_autofree char *name = plant_rpc_names_from_wire (folded[i].wire_name, NULL);

      g_assert_true (plant_rpc_members_take (
        &info->properties, plant_rpc_property_info_new (name, folded[i].wire_name, "s"), NULL));
    }
  return info;
}

static void
assert_folded (PlantRpcInterfaceInfo *info)
{
  for (guint i = 0; i < G_N_ELEMENTS (folded); i++)
    {
      PlantRpcPropertyInfo *property =
        plant_rpc_interface_info_lookup_property (info, folded[i].wire_name);

      g_assert_cmpstr (property->wire_name, ==, folded[i].wire_name);
      g_assert_cmpstr (property->name, ==, folded[i].name);
      g_assert_cmpstr (property->change_signal, ==, folded[i].change_signal);
    }
}

/* Two properties whose names fold into one keep a name and a change signal of their own each. Those
 * of the wire belong to the property that has them. */
static void
test_folded (void)
{
  g_autoptr (PlantRpcInterfaceInfo) offered = build_folded ();
  g_autoptr (PlantRpcInterfaceInfo) assumed = build_folded ();
  g_autoptr (PlantRpcInterfaceInfo) told = NULL;

  g_assert_true (plant_rpc_builder_add_change_signals (offered, NULL));
  plant_rpc_builder_assume_change_signals (assumed);
  assert_folded (offered);
  assert_folded (assumed);
  test_assert_round_trip (offered);

  told = plant_rpc_interface_info_new_from_variant (plant_rpc_interface_info_get_form (offered),
                                                    NULL);
  assert_folded (told);
  for (guint i = 0; i < G_N_ELEMENTS (folded); i++)
    {
      PlantRpcPropertyInfo *property =
        plant_rpc_interface_info_find_property (told, folded[i].wire_name);

      g_assert_cmpstr (plant_rpc_interface_info_find_signal (told, property->change_signal)
                         ->property, ==, property->name);
    }
}

/* A default is kept as JSON can say it, or not at all. */
static void
test_normalize (void)
{
  static const struct {
    const char *type_string;
    const char *value;
    const char *expected;
  } cases[] = {
    { "v", "5", "int64 5" },       { "v", "nan", "" },           { "v", "@mv nothing", "" },
    { "v", "<<'a'>>", "'a'" },     { "d", "nan", "nan" },        { "s", "@ms nothing", "" },
    { "(iv)", "(1, <inf>)", "(1, <@mv nothing>)" },              { "as", "['a']", "['a']" },
    { "ai", "[1, 2]", "[1, 2]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) value = g_variant_parse (NULL, cases[i].value, NULL, NULL, NULL);
      g_autoptr (GVariant) normal =
        plant_rpc_property_info_normalize (cases[i].type_string, value);

      g_test_message ("%s", cases[i].value);
      assert_variant (normal, cases[i].expected);
    }
}

/* A long name gets longer for the signal of a change, and by a number if the name occurs twice. A
 * client must be able to read the resulting description. */
static void
test_longest_names (void)
{
  static const struct {
    guint length;
    guint n_signals; /* signals for two properties, the second of which has a short wire name */
  } cases[] = { { 240, 2 }, { 247, 2 }, { 248, 0 }, { 255, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strnfill (cases[i].length, 'a');
      g_autoptr (PlantRpcInterfaceInfo) info = build_properties (name, 2);
      g_autofree char *told = plant_rpc_interface_info_to_json (info);
      g_autoptr (PlantRpcInterfaceInfo) again = test_read_json (told);

      g_assert_nonnull (plant_rpc_interface_info_find_property (again, name));
      g_assert_nonnull (plant_rpc_interface_info_find_property (again, "other1"));
      g_assert_cmpuint (again->signals.list->len, <=, cases[i].n_signals);
      if (cases[i].n_signals == 0)
        g_assert_cmpuint (again->signals.list->len, ==, 0);
      else
        g_assert_cmpuint (again->signals.list->len, >, 0);
    }
}

static void
test_boxed (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (
    "{\"methods\": {\"stop\": {}}, \"properties\": {\"mode\": {}}, \"signals\": {\"raw\": {}}}");
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

static PlantRpcInterfaceInfo *
describe (const char *text)
{
  g_autoptr (GVariant) form = g_variant_ref_sink (g_variant_new_parsed (text));
  g_autoptr (GError) error = NULL;
  PlantRpcInterfaceInfo *info = plant_rpc_known_interfaces_describe (form, &error);

  g_assert_no_error (error);
  return info;
}

/* Clients of devices that describe themselves alike share one interface, until nobody has it. */
static void
test_known (void)
{
  static const char text[] = "{'properties': <{'angle': <{'type': <'d'>}>}>}";
  static const char other_text[] = "{'properties': <{'angle': <{'type': <'i'>}>}>}";
  PlantRpcInterfaceInfo *info = describe (text);
  g_autoptr (PlantRpcInterfaceInfo) again = describe (text);
  g_autoptr (PlantRpcInterfaceInfo) other = describe (other_text);
  g_autoptr (PlantRpcInterfaceInfo) later = NULL;

  g_assert_true (again == info);
  g_assert_true (other != info);
  plant_rpc_interface_info_unref (info);
  g_clear_pointer (&again, plant_rpc_interface_info_unref);
  later = describe (text);
  g_assert_nonnull (plant_rpc_interface_info_find_property (later, "angle"));
  again = describe (text);
  g_assert_true (again == later);
}

/* A template is read anew once it has another declaration. */
static void
test_known_template (void)
{
  GType type = test_make_subclass ("TestKnownTemplate", TEST_TYPE_BASE);
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_for_type (type, NULL);
  g_autoptr (PlantRpcInterfaceInfo) again = plant_rpc_interface_info_new_for_type (type, NULL);
  g_autoptr (PlantRpcInterfaceInfo) declared = NULL;
  g_autoptr (PlantRpcInterfaceInfo) signalling = NULL;

  g_assert_true (again == info);
  plant_rpc_type_declare_method (type, "turn", NULL, FALSE, 1000);
  declared = plant_rpc_interface_info_new_for_type (type, NULL);
  g_assert_true (declared != info);
  g_assert_null (plant_rpc_interface_info_find_method (info, "turn"));
  g_assert_nonnull (plant_rpc_interface_info_find_method (declared, "turn"));

  g_signal_new ("turned", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signalling = plant_rpc_interface_info_new_for_type (type, NULL);
  g_assert_nonnull (plant_rpc_interface_info_find_signal (signalling, "turned"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interface-info/class/properties", test_class_properties);
  g_test_add_func ("/interface-info/class/details", test_class_details);
  g_test_add_func ("/interface-info/class/signals", test_class_signals);
  g_test_add_func ("/interface-info/class/json", test_class_json);
  g_test_add_func ("/interface-info/hash", test_hash);
  g_test_add_func ("/interface-info/interface", test_interface);
  g_test_add_func ("/interface-info/interface/order", test_order_of_interfaces);
  g_test_add_func ("/interface-info/class/order", test_order_in_class);
  g_test_add_func ("/interface-info/subclass", test_subclass);
  g_test_add_func ("/interface-info/export", test_export);
  g_test_add_func ("/interface-info/export/unrelated", test_export_unrelated);
  g_test_add_func ("/interface-info/odd-enumerations", test_odd_enumerations);
  g_test_add_func ("/interface-info/no-template", test_no_template);
  g_test_add_func ("/interface-info/whole-ranges", test_whole_ranges);
  g_test_add_func ("/interface-info/folded", test_folded);
  g_test_add_func ("/interface-info/normalize", test_normalize);
  g_test_add_func ("/interface-info/longest-names", test_longest_names);
  g_test_add_func ("/interface-info/boxed", test_boxed);
  g_test_add_func ("/interface-info/known", test_known);
  g_test_add_func ("/interface-info/known-template", test_known_template);
  return g_test_run ();
}

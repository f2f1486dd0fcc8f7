/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-types.h"

#define RUNTIME_FLAGS (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY)

static GType
get_type (PlantRpcInterfaceInfo *info,
          GType                  template_type)
{
  g_autoptr (GError) error = NULL;
  GType type = plant_rpc_runtime_type_get (info, template_type, TEST_TYPE_PROXY, NULL,
                                           test_proxy_set_value, test_proxy_get_value, &error);

  g_assert_no_error (error);
  g_assert_true (g_type_is_a (type, TEST_TYPE_PROXY));
  return type;
}

static GObject *
make (PlantRpcInterfaceInfo *info,
      GType                  template_type)
{
  return g_object_new (get_type (info, template_type), NULL);
}

static GObject *
make_from_json (const char *json)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (json);

  return make (info, G_TYPE_INVALID);
}

static GParamSpec *
find (GObject    *object,
      const char *name)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);

  g_assert_nonnull (pspec);
  return pspec;
}

static void
assert_same_spec (GParamSpec *made,
                  GParamSpec *original)
{
  g_autofree char *text = g_strdup_value_contents (g_param_spec_get_default_value (made));
  g_autofree char *expected = g_strdup_value_contents (g_param_spec_get_default_value (original));

  g_assert_cmpuint (made->flags & (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_CONSTRUCT_ONLY |
                                   G_PARAM_EXPLICIT_NOTIFY), ==, RUNTIME_FLAGS);
  g_assert_cmpuint (made->value_type, ==, original->value_type);
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpstr (g_param_spec_get_nick (made), ==, g_param_spec_get_nick (original));
  g_assert_cmpstr (g_param_spec_get_blurb (made), ==, g_param_spec_get_blurb (original));
}

static void
test_class_template (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_CAMERA);
  g_autoptr (GObject) object = make (info, TEST_TYPE_CAMERA);
  GPtrArray *properties = info->properties.list;

  for (guint i = 0; i < properties->len; i++)
    {
      PlantRpcPropertyInfo *property = g_ptr_array_index (properties, i);
      GParamSpec *made = find (object, property->name);

      g_assert_cmpuint (made->param_id, ==, PLANT_RPC_RUNTIME_FIRST_PROPERTY + i);
      g_assert_cmpuint (made->owner_type, ==, G_OBJECT_TYPE (object));
      assert_same_spec (made, property->pspec);
      g_assert_cmpuint (plant_rpc_runtime_type_of_property (property), ==, made->value_type);
    }
  g_assert_cmpint (G_PARAM_SPEC_INT (find (object, "p-int"))->maximum, ==, 359);
  g_assert_cmpfloat (G_PARAM_SPEC_FLOAT (find (object, "p-float"))->minimum, ==, -1.5f);
  g_assert_cmpint (G_PARAM_SPEC_CHAR (find (object, "p-char"))->minimum, ==, -5);
  g_assert_cmpuint (find (object, "p-variant")->value_type, ==, G_TYPE_VARIANT);
  g_assert_cmpuint (find (object, "name")->owner_type, ==, TEST_TYPE_PROXY);
  g_assert_cmpuint (find (object, "state")->owner_type, ==, TEST_TYPE_PROXY);
  g_assert_nonnull (find (object, "remote-state"));
  g_assert_null (g_object_class_find_property (G_OBJECT_GET_CLASS (object), "p-object"));
  g_assert_true (plant_rpc_runtime_type_get_interface (G_OBJECT_TYPE (object)) == info);
  g_assert_null (plant_rpc_runtime_type_get_interface (TEST_TYPE_PROXY));
}

static void
test_class_signals (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_CAMERA);
  g_autoptr (GObject) object = make (info, TEST_TYPE_CAMERA);
  GSignalQuery query;

  g_signal_query (g_signal_lookup ("zoomed", G_OBJECT_TYPE (object)), &query);
  g_assert_cmpuint (query.itype, ==, G_OBJECT_TYPE (object));
  g_assert_cmpuint (query.n_params, ==, 3);
  g_assert_cmpuint (query.param_types[0], ==, G_TYPE_DOUBLE);
  g_assert_cmpuint (query.param_types[1], ==, TEST_TYPE_MODE);
  g_assert_cmpuint (query.param_types[2], ==, G_TYPE_STRV);
  g_assert_cmpuint (query.return_type, ==, G_TYPE_NONE);
  g_assert_cmpuint (g_signal_lookup ("remote-emit", G_OBJECT_TYPE (object)), !=, 0);
  g_assert_cmpuint (g_signal_lookup ("emit", G_OBJECT_TYPE (object)), ==, 0);
  g_assert_cmpuint (g_signal_lookup ("found", G_OBJECT_TYPE (object)), ==, 0);
}

static void
test_interface_template (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_MOVABLE);
  g_autoptr (GObject) object = make (info, TEST_TYPE_MOVABLE);
  GSignalQuery query;

  g_assert_true (TEST_IS_SCANNABLE (object));
  g_assert_true (TEST_IS_MOVABLE (object));
  assert_same_spec (find (object, "mode"),
                    plant_rpc_interface_info_lookup_property (info, "mode")->pspec);
  g_assert_cmpfloat (G_PARAM_SPEC_DOUBLE (find (object, "speed"))->minimum, ==, 0.5);
  g_signal_query (g_signal_lookup ("mode-changed", G_OBJECT_TYPE (object)), &query);
  g_assert_cmpuint (query.itype, ==, TEST_TYPE_SCANNABLE);
}

/* "name" is the client's own, so that such a type cannot promise the interface. */
static void
test_interface_not_implemented (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_NAMED);
  g_autoptr (GObject) object = make (info, TEST_TYPE_NAMED);

  g_assert_false (TEST_IS_NAMED (object));
  g_assert_nonnull (find (object, "remote-name"));
  g_assert_nonnull (find (object, "nickname"));
  g_assert_cmpuint (g_signal_lookup ("renamed", G_OBJECT_TYPE (object)), !=, 0);
}

/* The interface has the property with another type than the device. */
static void
test_interface_of_other_types (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (
    "{\"properties\": {\"mode\": {\"type\": \"d\"}, \"progress\": {\"type\": \"i\"}}}");
  g_autoptr (GObject) object = make (info, TEST_TYPE_SCANNABLE);

  g_assert_false (TEST_IS_SCANNABLE (object));
  g_assert_true (find (object, "mode")->value_type == G_TYPE_DOUBLE);
}

static void
test_subclass_template (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_SCANNER);
  g_autoptr (GObject) object = make (info, TEST_TYPE_SCANNER);

  g_assert_nonnull (find (object, "mode"));
  g_assert_nonnull (find (object, "p-int"));
  g_assert_nonnull (find (object, "serial"));
  g_assert_nonnull (find (object, "gain"));
  g_assert_cmpuint (g_signal_lookup ("done", G_OBJECT_TYPE (object)), !=, 0);
}

static const char all_types[] =
  "{\"properties\": {"
  "\"b\": {\"type\": \"b\", \"default\": true},"
  "\"y\": {\"type\": \"y\", \"minimum\": 3},"
  "\"n\": {\"type\": \"n\"}, \"q\": {\"type\": \"q\", \"maximum\": 9, \"default\": 8},"
  "\"i\": {\"type\": \"i\", \"minimum\": -9, \"maximum\": -2},"
  "\"u\": {\"type\": \"u\", \"default\": 4000000000},"
  "\"x\": {\"type\": \"x\", \"minimum\": -9223372036854775808, \"default\": 9007199254740993},"
  "\"t\": {\"type\": \"t\", \"default\": 18446744073709551615},"
  "\"d\": {\"type\": \"d\", \"minimum\": 0.5, \"default\": 0.75},"
  "\"s\": {\"type\": \"s\", \"default\": \"é\", \"description\": \"text\"},"
  "\"as\": {\"type\": \"as\", \"default\": [\"a\"]},"
  "\"v\": {\"type\": \"v\", \"default\": {\"a\": [1, 2.5, null]}},"
  "\"ii\": {\"type\": \"(ii)\", \"default\": [1, 2]},"
  "\"e\": {\"type\": \"s\", \"choices\": {\"low\": -5, \"high\": 5}},"
  "\"f\": {\"type\": \"as\", \"choices\": {\"a\": 1, \"b\": 2, \"top\": 2147483648},"
  "        \"default\": [\"b\", \"top\"]},"
  "\"unknown\": {}},"
  "\"signals\": {\"all\": {\"signature\": \"(bixutdsas(ii)vy)\"},"
  "\"none\": {\"signature\": \"()\"},"
  "\"raw\": {}, \"eChanged\": {\"signature\": \"(s)\", \"implicit\": true}}}";

static void
test_discovered_types (void)
{
  g_autoptr (GObject) object = make_from_json (all_types);
  const struct {
    const char *name;
    GType       type;
  } cases[] = {
    { "b", G_TYPE_BOOLEAN }, { "y", G_TYPE_UCHAR }, { "n", G_TYPE_INT }, { "q", G_TYPE_UINT },
    { "i", G_TYPE_INT }, { "u", G_TYPE_UINT }, { "x", G_TYPE_INT64 }, { "t", G_TYPE_UINT64 },
    { "d", G_TYPE_DOUBLE }, { "s", G_TYPE_STRING }, { "as", G_TYPE_STRV }, { "v", G_TYPE_VARIANT },
    { "ii", G_TYPE_VARIANT }, { "unknown", G_TYPE_VARIANT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GParamSpec *pspec = find (object, cases[i].name);
      g_auto (GValue) value = G_VALUE_INIT;

      g_assert_cmpuint (pspec->value_type, ==, cases[i].type);
      g_assert_cmpuint (pspec->flags & RUNTIME_FLAGS, ==, RUNTIME_FLAGS);
      g_assert_cmpuint (pspec->flags & (G_PARAM_CONSTRUCT | G_PARAM_CONSTRUCT_ONLY), ==, 0);
      g_value_init (&value, cases[i].type);
      g_object_get_property (object, cases[i].name, &value);
      g_assert_false (g_param_value_validate (pspec, &value));
    }
  g_assert_true (G_TYPE_IS_ENUM (find (object, "e")->value_type));
  g_assert_true (G_TYPE_IS_FLAGS (find (object, "f")->value_type));
  g_assert_cmpstr (g_param_spec_get_blurb (find (object, "s")), ==, "text");
}

static void
test_discovered_limits (void)
{
  g_autoptr (GObject) object = make_from_json (all_types);

  g_assert_cmpuint (G_PARAM_SPEC_UCHAR (find (object, "y"))->minimum, ==, 3);
  g_assert_cmpuint (G_PARAM_SPEC_UCHAR (find (object, "y"))->maximum, ==, 255);
  g_assert_cmpuint (G_PARAM_SPEC_UCHAR (find (object, "y"))->default_value, ==, 3);
  g_assert_cmpint (G_PARAM_SPEC_INT (find (object, "n"))->minimum, ==, G_MININT16);
  g_assert_cmpint (G_PARAM_SPEC_INT (find (object, "n"))->maximum, ==, G_MAXINT16);
  g_assert_cmpuint (G_PARAM_SPEC_UINT (find (object, "q"))->maximum, ==, 9);
  g_assert_cmpuint (G_PARAM_SPEC_UINT (find (object, "q"))->default_value, ==, 8);
  g_assert_cmpint (G_PARAM_SPEC_INT (find (object, "i"))->maximum, ==, -2);
  g_assert_cmpint (G_PARAM_SPEC_INT (find (object, "i"))->default_value, ==, -2);
  g_assert_cmpuint (G_PARAM_SPEC_UINT (find (object, "u"))->maximum, ==, G_MAXUINT);
  g_assert_cmpint (G_PARAM_SPEC_INT64 (find (object, "x"))->minimum, ==, G_MININT64);
  g_assert_cmpint (G_PARAM_SPEC_INT64 (find (object, "x"))->default_value, ==,
                   G_GINT64_CONSTANT (9007199254740993));
  g_assert_cmpuint (G_PARAM_SPEC_UINT64 (find (object, "t"))->default_value, ==, G_MAXUINT64);
  g_assert_cmpfloat (G_PARAM_SPEC_DOUBLE (find (object, "d"))->minimum, ==, 0.5);
  g_assert_cmpfloat (G_PARAM_SPEC_DOUBLE (find (object, "d"))->default_value, ==, 0.75);
}

static void
test_discovered_choices (void)
{
  g_autoptr (GObject) object = make_from_json (all_types);
  GParamSpecEnum *mode = G_PARAM_SPEC_ENUM (find (object, "e"));
  GParamSpecFlags *flags = G_PARAM_SPEC_FLAGS (find (object, "f"));

  g_assert_cmpint (mode->default_value, ==, -5);
  g_assert_cmpstr (mode->enum_class->values[1].value_nick, ==, "high");
  g_assert_cmpint (mode->enum_class->values[1].value, ==, 5);
  g_assert_cmpuint (flags->default_value, ==, 2u | 1u << 31);
  g_assert_cmpuint (flags->flags_class->mask, ==, 3u | 1u << 31);
}

static void
test_discovered_signals (void)
{
  g_autoptr (GObject) object = make_from_json (all_types);
  const GType expected[] = {
    G_TYPE_BOOLEAN, G_TYPE_INT, G_TYPE_INT64, G_TYPE_UINT, G_TYPE_UINT64, G_TYPE_DOUBLE,
    G_TYPE_STRING, G_TYPE_STRV, G_TYPE_VARIANT, G_TYPE_VARIANT, G_TYPE_VARIANT,
  };
  GSignalQuery query;

  g_signal_query (g_signal_lookup ("all", G_OBJECT_TYPE (object)), &query);
  g_assert_cmpuint (query.n_params, ==, G_N_ELEMENTS (expected));
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_cmpuint (query.param_types[i], ==, expected[i]);
  g_signal_query (g_signal_lookup ("none", G_OBJECT_TYPE (object)), &query);
  g_assert_cmpuint (query.n_params, ==, 0);
  g_signal_query (g_signal_lookup ("raw", G_OBJECT_TYPE (object)), &query);
  g_assert_cmpuint (query.n_params, ==, 1);
  g_assert_cmpuint (query.param_types[0], ==, G_TYPE_VARIANT);
  g_assert_cmpuint (g_signal_lookup ("e-changed", G_OBJECT_TYPE (object)), !=, 0);
}

static void
test_interned (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_type (TEST_TYPE_MOVABLE);
  GType first = get_type (info, TEST_TYPE_MOVABLE);
  GType of_json = G_TYPE_INVALID;
  GType deeper;

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (PlantRpcInterfaceInfo) again = test_read_type (TEST_TYPE_MOVABLE);
      g_autoptr (PlantRpcInterfaceInfo) json = test_read_json (all_types);

      g_assert_cmpuint (get_type (again, TEST_TYPE_MOVABLE), ==, first);
      if (of_json == G_TYPE_INVALID)
        of_json = get_type (json, G_TYPE_INVALID);
      g_assert_cmpuint (get_type (json, G_TYPE_INVALID), ==, of_json);
    }
  g_assert_cmpuint (get_type (info, G_TYPE_INVALID), !=, first);
  deeper = plant_rpc_runtime_type_get (info, TEST_TYPE_MOVABLE, first, NULL, test_proxy_set_value,
                                       test_proxy_get_value, NULL);
  g_assert_cmpuint (deeper, !=, first);
  g_assert_cmpuint (g_type_parent (deeper), ==, first);
  g_object_unref (g_object_new (deeper, NULL));
  g_assert_cmpuint (strlen (g_type_name (first)), <, 64);
  g_assert_true (g_str_has_prefix (g_type_name (first), "PlantRpcRuntime_"));
}

typedef struct {
  guint start; /* (atomic) */
  GType types[8];
} Race;

static gpointer
race (gpointer data)
{
  Race *self = data;
  guint index = g_atomic_int_add (&self->start, 1);

  while ((guint) g_atomic_int_get (&self->start) < G_N_ELEMENTS (self->types))
    g_thread_yield ();
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *json = g_strdup_printf (
        "{\"properties\": {\"race\": {\"type\": \"i\", \"maximum\": %u},"
        "\"e\": {\"type\": \"s\", \"choices\": {\"a\": %u}}},"
        "\"signals\": {\"go\": {\"signature\": \"(i)\"}}}", i, i);
      g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (json);
      g_autoptr (GObject) object = make (info, G_TYPE_INVALID);

      self->types[index] = G_OBJECT_TYPE (object);
    }
  return NULL;
}

static void
test_threads (void)
{
  Race self = { 0, { 0 } };
  GThread *threads[G_N_ELEMENTS (self.types)];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("race", race, &self);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  for (gsize i = 1; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (self.types[i], ==, self.types[0]);
}

static void
test_binding (void)
{
  g_autoptr (GObject) first = make_from_json (all_types);
  g_autoptr (GObject) second = make_from_json (all_types);
  GBinding *binding = g_object_bind_property (first, "u", second, "t",
                                              G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  guint64 wide = 0;
  guint narrow = 0;

  g_object_get (second, "t", &wide, NULL);
  g_assert_cmpuint (wide, ==, 4000000000u);
  g_object_set (first, "u", 77, NULL);
  g_object_get (second, "t", &wide, NULL);
  g_assert_cmpuint (wide, ==, 77);
  g_object_set (second, "t", (guint64) 78, NULL);
  g_object_get (first, "u", &narrow, NULL);
  g_assert_cmpuint (narrow, ==, 78);
  g_binding_unbind (binding);
}

static void
test_subclassing (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (all_types);
  GType type = get_type (info, G_TYPE_INVALID);
  g_autoptr (GObject) object = NULL;
  GTypeQuery query;
  GType derived;
  gboolean shown = FALSE;

  g_type_query (type, &query);
  derived = g_type_register_static_simple (type, "TestDerived", query.class_size, NULL,
                                           query.instance_size, NULL, 0);
  object = g_object_new (derived, "b", FALSE, NULL);
  g_object_get (object, "b", &shown, NULL);
  g_assert_false (shown);
  g_assert_true (plant_rpc_runtime_type_get_interface (derived) ==
                 plant_rpc_runtime_type_get_interface (type));
  g_assert_true (plant_rpc_interface_info_equal (info,
                                                 plant_rpc_runtime_type_get_interface (derived)));
}

/* A signal that an application's subclass of the client has is not declared again. */
static void
test_parent_signal (void)
{
  g_autoptr (GObject) object = make_from_json (
    "{\"properties\": {\"local\": {\"type\": \"i\"}},"
    " \"signals\": {\"localChanged\": {\"signature\": \"(i)\"}, \"notify\": {},"
    " \"writeFailed\": {}}}");
  GSignalQuery query;

  g_signal_query (g_signal_lookup ("local-changed", G_OBJECT_TYPE (object)), &query);
  g_assert_cmpuint (query.itype, ==, TEST_TYPE_PROXY);
  g_assert_cmpuint (g_signal_lookup ("remote-notify", G_OBJECT_TYPE (object)), !=, 0);
  g_assert_cmpuint (g_signal_lookup ("remote-write-failed", G_OBJECT_TYPE (object)), !=, 0);
}

static void
test_refused_parent (void)
{
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json ("{}");
  const GType parents[] = { G_TYPE_INT, TEST_TYPE_SCANNER, TEST_TYPE_SCANNABLE };

  for (gsize i = 0; i < G_N_ELEMENTS (parents); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (plant_rpc_runtime_type_get (info, G_TYPE_INVALID, parents[i], NULL,
                                                    test_proxy_set_value, test_proxy_get_value,
                                                    &error), ==, G_TYPE_INVALID);
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
    }
}

static void
test_hostile_inventory (void)
{
  g_autoptr (GVariantBuilder) properties = g_variant_builder_new (G_VARIANT_TYPE ("av"));
  g_autoptr (GVariant) names = NULL;
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (PlantRpcInterfaceInfo) info = NULL;
  g_autoptr (GObject) object = NULL;
  g_autoptr (GError) error = NULL;
  guint n_specs = 0;
  g_autofree GParamSpec **specs = NULL;

  for (guint i = 0; i < PLANT_RPC_MAX_MEMBERS; i++)
    {
      static const char *const evil[] = {
        "connect", "notify", "a__b", "9", "", "é", "name", "state", "video_url", "videoUrl",
        "constructor", "ref_count", "g_type_instance", "props", "x", "X", "_x", "x_", "x-",
      };
      g_autofree char *name = i < G_N_ELEMENTS (evil) ? g_strdup (evil[i])
                                                      : g_strdup_printf ("member_%u", i);

      g_variant_builder_add (properties, "v", g_variant_new_string (name));
    }
  names = g_variant_ref_sink (g_variant_builder_end (properties));
  info = plant_rpc_interface_info_new_from_inventory (none, none, names, names, NULL, NULL, &error);
  g_assert_no_error (error);
  object = make (info, G_TYPE_INVALID);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_specs);
  g_assert_cmpuint (n_specs, ==, info->properties.list->len + 2);
  for (guint i = 0; i < n_specs; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (object, specs[i]->name, (g_value_init (&value, specs[i]->value_type)));
    }
}

/* ---- types made for the interfaces of peers */

/* Half of what it costs are signals. */
#define N_SIGNALS 500

static PlantRpcInterfaceInfo *
make_large (guint number,
            guint n_choices)
{
  g_autoptr (GString) json = g_string_new ("{\"properties\": {\"mode\": {\"type\": \"s\","
                                           " \"choices\": {");

  for (guint i = 0; i < n_choices; i++)
    g_string_append_printf (json, "%s\"c%u_%u\": %u", i > 0 ? ", " : "", number, i, i);
  g_string_append (json, "}}}, \"signals\": {");
  for (guint i = 0; i < N_SIGNALS; i++)
    g_string_append_printf (json, "%s\"s%u\": {}", i > 0 ? ", " : "", i);
  g_string_append (json, "}}");
  return test_read_json (json->str);
}

static GType
get_type_for_peer (PlantRpcInterfaceInfo  *info,
                   const char             *peer,
                   GError                **error)
{
  return plant_rpc_runtime_type_get (info, G_TYPE_INVALID, TEST_TYPE_PROXY, peer,
                                     test_proxy_set_value, test_proxy_get_value, error);
}

static void
test_too_many_choices (void)
{
  for (guint more = 0; more < 2; more++)
    {
      g_autoptr (GString) json = g_string_new ("{\"properties\": {\"mode\": {\"type\": \"s\","
                                               " \"choices\": {\"first\": 0");
      g_autoptr (PlantRpcInterfaceInfo) info = NULL;
      g_autoptr (GError) error = NULL;

      for (guint i = 1; i < PLANT_RPC_MAX_MEMBERS + more; i++)
        g_string_append_printf (json, ", \"c%u\": %u", i, i);
      g_string_append (json, "}}}}");
      info = plant_rpc_interface_info_new_from_json (json->str, &error);
      g_assert_true ((info == NULL) == (more == 1));
      if (more == 1)
        g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
    }
}

/* Makes types until one is refused. Returns how many were made. */
static guint
exhaust (const char *peer,
         guint       first,
         guint       n_choices)
{
  for (guint i = 0;; i++)
    {
      g_autoptr (PlantRpcInterfaceInfo) info = make_large (first + i, n_choices);
      g_autoptr (GError) error = NULL;

      if (get_type_for_peer (info, peer, &error) != G_TYPE_INVALID)
        continue;
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
      g_assert_nonnull (strstr (error->message, peer));
      return i;
    }
}

/* One peer has a share, and all together have a limit. A type that exists already costs nothing. */
static void
test_limits_of_peers (void)
{
  const guint n_choices = 489, cost = n_choices + N_SIGNALS + 11;
  guint n_made = 0;
  g_autoptr (PlantRpcInterfaceInfo) first = make_large (0, n_choices);
  GType type;

  g_assert_cmpuint (exhaust ("192.0.2.0", 0, n_choices), ==,
                    PLANT_RPC_MAX_PEER_TYPE_MEMBERS / cost);
  type = get_type_for_peer (first, "192.0.2.0", NULL);
  g_assert_cmpuint (type, !=, G_TYPE_INVALID);
  g_assert_cmpuint (get_type_for_peer (first, "192.0.2.1", NULL), ==, type);
  for (guint i = 1; i < 10; i++)
    {
      g_autofree char *peer = g_strdup_printf ("192.0.2.%u", i);

      n_made += exhaust (peer, 1000 * i, n_choices);
    }
  g_assert_cmpuint (n_made, ==,
                    (PLANT_RPC_MAX_TYPE_MEMBERS - PLANT_RPC_MAX_PEER_TYPE_MEMBERS) / cost);
  /* The application's own interfaces have no limit. */
  g_clear_pointer (&first, plant_rpc_interface_info_unref);
  first = make_large (99999, n_choices);
  g_assert_cmpuint (get_type (first, G_TYPE_INVALID), !=, G_TYPE_INVALID);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runtime-type/class", test_class_template);
  g_test_add_func ("/runtime-type/class/signals", test_class_signals);
  g_test_add_func ("/runtime-type/interface", test_interface_template);
  g_test_add_func ("/runtime-type/interface/not-implemented", test_interface_not_implemented);
  g_test_add_func ("/runtime-type/interface/of-other-types", test_interface_of_other_types);
  g_test_add_func ("/runtime-type/subclass", test_subclass_template);
  g_test_add_func ("/runtime-type/discovered/types", test_discovered_types);
  g_test_add_func ("/runtime-type/discovered/limits", test_discovered_limits);
  g_test_add_func ("/runtime-type/discovered/choices", test_discovered_choices);
  g_test_add_func ("/runtime-type/discovered/signals", test_discovered_signals);
  g_test_add_func ("/runtime-type/interned", test_interned);
  g_test_add_func ("/runtime-type/threads", test_threads);
  g_test_add_func ("/runtime-type/binding", test_binding);
  g_test_add_func ("/runtime-type/subclassing", test_subclassing);
  g_test_add_func ("/runtime-type/parent/signal", test_parent_signal);
  g_test_add_func ("/runtime-type/parent/refused", test_refused_parent);
  g_test_add_func ("/runtime-type/hostile-inventory", test_hostile_inventory);
  g_test_add_func ("/runtime-type/too-many-choices", test_too_many_choices);
  g_test_add_func ("/runtime-type/limits-of-peers", test_limits_of_peers);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-runtime-type-private.h"
#include "plant-rpc-test-interface.h"

/* Returns the type for a property whose JSON description has these members. */
static GType
get_type (const char *type_string,
          const char *type_name,
          const char *choices)
{
  g_autofree char *json =
      g_strdup_printf ("{\"properties\": {\"p\": {\"type\": \"%s\", \"typeName\": \"%s\","
                       " \"choices\": {%s}}}}", type_string, type_name, choices);
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (json);

  return plant_rpc_runtime_type_of_property (plant_rpc_interface_info_find_property (info, "p"));
}

#define ALL "\"invalid\": 0, \"stream\": 1, \"datagram\": 2, \"seqpacket\": 3"

static void
test_original (void)
{
  const GType type = G_TYPE_SOCKET_TYPE;

  g_assert_cmpuint (get_type ("s", "GSocketType", ALL), ==, type);
  g_assert_cmpuint (get_type ("s", "GSocketType", "\"invalid\": 0, \"stream\": 1, \"datagram\": 2"),
                    !=, type);
  g_assert_cmpuint (get_type ("s", "GSocketType", ALL ", \"fifth\": 4"), !=, type);
  g_assert_cmpuint (get_type ("s", "GSocketType",
                              "\"invalid\": 0, \"stream\": 1, \"datagram\": 2, \"seqpacket\": 4"),
                    !=, type);
  g_assert_cmpuint (get_type ("s", "GSocketType",
                              "\"invalid\": 0, \"stream\": 1, \"datagram\": 2, \"other\": 3"),
                    !=, type);
  g_assert_true (G_TYPE_IS_FLAGS (get_type ("as", "GSocketType", "\"stream\": 1")));
}

static void
test_made (void)
{
  GType type = get_type ("s", "", "\"low\": -5, \"high\": 5, \"top\": 5");
  GType flags = get_type ("as", "", "\"a\": 1, \"top\": 2147483648");
  g_autoptr (GEnumClass) enum_class = NULL;
  g_autoptr (GFlagsClass) flags_class = NULL;

  g_assert_true (G_TYPE_IS_ENUM (type));
  enum_class = g_type_class_ref (type);
  g_assert_cmpuint (enum_class->n_values, ==, 3);
  g_assert_cmpint (g_enum_get_value_by_nick (enum_class, "low")->value, ==, -5);
  g_assert_cmpint (g_enum_get_value_by_nick (enum_class, "top")->value, ==, 5);
  g_assert_true (G_TYPE_IS_FLAGS (flags));
  flags_class = g_type_class_ref (flags);
  g_assert_cmpuint (flags_class->mask, ==, 1u | 1u << 31);
  g_assert_cmpuint (g_flags_get_value_by_nick (flags_class, "top")->value, ==, 1u << 31);
}

/* Equal choices have one type, and other ones have another. */
static void
test_interned (void)
{
  GType type = get_type ("s", "", "\"a\": 0, \"b\": 1");

  g_assert_cmpuint (get_type ("s", "", "\"a\": 0, \"b\": 1"), ==, type);
  g_assert_cmpuint (get_type ("s", "GEnum", "\"a\": 0, \"b\": 1"), ==, type);
  g_assert_cmpuint (get_type ("s", "gint", "\"a\": 0, \"b\": 1"), ==, type);
  g_assert_cmpuint (get_type ("s", "GSocketType", "\"a\": 0, \"b\": 1"), ==, type);
  g_assert_cmpuint (get_type ("s", "", "\"a\": 0, \"b\": 2"), !=, type);
  g_assert_cmpuint (get_type ("s", "", "\"a\": 0, \"c\": 1"), !=, type);
  g_assert_cmpuint (get_type ("s", "", "\"a\": 0"), !=, type);
  g_assert_cmpuint (get_type ("as", "", "\"a\": 0, \"b\": 1"), !=, type);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runtime-enum/original", test_original);
  g_test_add_func ("/runtime-enum/made", test_made);
  g_test_add_func ("/runtime-enum/interned", test_interned);
  return g_test_run ();
}

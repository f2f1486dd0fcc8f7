/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-param-spec-private.h"
#include "plant-rpc-test-interface.h"
#include "plant-rpc-test-variant.h"

#define RW G_PARAM_READWRITE

static void
assert_text (GVariant   *variant,
             const char *text)
{
  if (text == NULL)
    g_assert_null (variant);
  else
    test_assert_variant (variant, text);
}

/* Each expected value is NULL if it is not stated. */
static void
check_read (GParamSpec *floating,
            const char *type_string,
            const char *minimum,
            const char *maximum,
            const char *initial)
{
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (floating);
  g_autoptr (GVariant) low = NULL, high = NULL;
  g_autoptr (GVariant) read = plant_rpc_param_spec_dup_default (pspec);

  plant_rpc_param_spec_read_limits (pspec, &low, &high);
  g_assert_cmpstr (plant_rpc_param_spec_type_string (pspec), ==, type_string);
  assert_text (low, minimum);
  assert_text (high, maximum);
  assert_text (read, initial);
}

static void
test_read (void)
{
  GParamSpec *base = g_param_spec_int ("n", NULL, NULL, -1, 1, 1, RW);

#define SPEC(kind, low, high, initial) \
  g_param_spec_##kind ("n", NULL, NULL, low, high, initial, RW)
  check_read (SPEC (int, G_MININT, G_MAXINT, 7), "i", NULL, NULL, "7");
  check_read (SPEC (int, -3, G_MAXINT, 7), "i", "-3", NULL, "7");
  check_read (SPEC (uchar, 0, 9, 7), "y", NULL, "byte 9", "byte 7");
  check_read (SPEC (char, G_MININT8, G_MAXINT8, 7), "n", "int16 -128", "int16 127",
              "int16 7");
  check_read (SPEC (uint64, 1, G_MAXUINT64, 1), "t", "uint64 1", NULL, "uint64 1");
  check_read (SPEC (double, 0.5, G_MAXDOUBLE, 1), "d", "0.5", NULL, "1.0");
#undef SPEC
  check_read (g_param_spec_override ("o", base), "i", "-1", "1", "1");
  g_param_spec_unref (base);
  check_read (g_param_spec_boolean ("n", NULL, NULL, TRUE, RW), "b", NULL, NULL, "true");
  check_read (g_param_spec_boxed ("n", NULL, NULL, G_TYPE_STRV, RW), "as", NULL, NULL, NULL);
  check_read (g_param_spec_variant ("n", NULL, NULL, G_VARIANT_TYPE ("(ii)"),
                                    g_variant_new ("(ii)", 1, 2), RW),
              "(ii)", NULL, NULL, "(1, 2)");
  check_read (g_param_spec_variant ("n", NULL, NULL, G_VARIANT_TYPE ("a*"), NULL, RW), "v", NULL,
              NULL, NULL);
  check_read (g_param_spec_object ("n", NULL, NULL, G_TYPE_OBJECT, RW), NULL, NULL, NULL, NULL);
}

static GParamSpec *
clone (GParamSpec *floating)
{
  g_autoptr (GParamSpec) pspec = g_param_spec_ref_sink (floating);
  GParamSpec *cloned = g_param_spec_ref_sink (plant_rpc_param_spec_clone (pspec, "other"));

  g_assert_cmpstr (cloned->name, ==, "other");
  g_assert_cmpuint (cloned->flags & (RW | G_PARAM_CONSTRUCT | G_PARAM_EXPLICIT_NOTIFY), ==,
                    RW | G_PARAM_EXPLICIT_NOTIFY);
  g_assert_cmpuint (cloned->value_type, ==, pspec->value_type);
  g_assert_cmpstr (g_param_spec_get_blurb (cloned), ==, g_param_spec_get_blurb (pspec));
  g_assert_true (g_param_values_cmp (pspec, g_param_spec_get_default_value (pspec),
                                     g_param_spec_get_default_value (cloned)) == 0);
  return cloned;
}

static void
test_clone (void)
{
  const GParamFlags given = G_PARAM_READABLE | G_PARAM_WRITABLE | G_PARAM_CONSTRUCT;
  g_autoptr (GParamSpec) number = clone (g_param_spec_int ("n", NULL, "text", -1, 5, 2, given));
  g_autoptr (GParamSpec) text = clone (g_param_spec_string ("n", NULL, NULL, "a", given));
  g_autoptr (GParamSpec) choice =
      clone (g_param_spec_enum ("n", NULL, NULL, G_TYPE_SOCKET_TYPE, G_SOCKET_TYPE_STREAM, given));
  g_autoptr (GParamSpec) letter = clone (g_param_spec_unichar ("n", NULL, NULL, 'x', given));
  g_autoptr (GParamSpec) tuple =
      clone (g_param_spec_variant ("n", NULL, NULL, G_VARIANT_TYPE ("(ii)"), NULL, given));

  g_assert_cmpint (G_PARAM_SPEC_INT (number)->minimum, ==, -1);
  g_assert_cmpint (G_PARAM_SPEC_INT (number)->maximum, ==, 5);
  g_assert_true (G_IS_PARAM_SPEC_STRING (text));
  g_assert_true (G_IS_PARAM_SPEC_ENUM (choice));
  g_assert_cmpuint (G_PARAM_SPEC_UINT (letter)->maximum, ==, G_MAXUINT);
  g_assert_true (g_variant_type_equal (G_PARAM_SPEC_VARIANT (tuple)->type,
                                       G_VARIANT_TYPE ("(ii)")));
}

static GParamSpec *
make (const char *form,
      GType       type)
{
  g_autofree char *json = g_strdup_printf ("{\"properties\": {\"p\": {%s}}}", form);
  g_autoptr (PlantRpcInterfaceInfo) info = test_read_json (json);
  PlantRpcPropertyInfo *property = plant_rpc_interface_info_find_property (info, "p");

  return g_param_spec_ref_sink (plant_rpc_param_spec_new_for_info (property, type));
}

static void
assert_int (const char *form,
            int         minimum,
            int         maximum,
            int         initial)
{
  g_autoptr (GParamSpec) made = make (form, G_TYPE_INT);

  g_assert_cmpint (G_PARAM_SPEC_INT (made)->minimum, ==, minimum);
  g_assert_cmpint (G_PARAM_SPEC_INT (made)->maximum, ==, maximum);
  g_assert_cmpint (G_PARAM_SPEC_INT (made)->default_value, ==, initial);
}

static void
test_new_for_info (void)
{
  g_autoptr (GParamSpec) narrow = make ("\"type\": \"q\"", G_TYPE_UINT);
  g_autoptr (GParamSpec) text = make ("\"type\": \"s\", \"default\": \"é\"", G_TYPE_STRING);
  g_autoptr (GParamSpec) list = make ("\"type\": \"as\"", G_TYPE_STRV);
  g_autoptr (GParamSpec) tuple = make ("\"type\": \"(ii)\", \"default\": [1, 2]", G_TYPE_VARIANT);

  assert_int ("\"type\": \"i\"", G_MININT, G_MAXINT, 0);
  assert_int ("\"type\": \"i\", \"minimum\": 3", 3, G_MAXINT, 3);
  assert_int ("\"type\": \"i\", \"maximum\": -2", G_MININT, -2, -2);
  assert_int ("\"type\": \"i\", \"minimum\": 0, \"maximum\": 9, \"default\": 8", 0, 9, 8);
  assert_int ("\"type\": \"n\"", G_MININT16, G_MAXINT16, 0);
  g_assert_cmpuint (G_PARAM_SPEC_UINT (narrow)->maximum, ==, G_MAXUINT16);
  g_assert_cmpstr (G_PARAM_SPEC_STRING (text)->default_value, ==, "é");
  g_assert_cmpuint (list->value_type, ==, G_TYPE_STRV);
  test_assert_variant (G_PARAM_SPEC_VARIANT (tuple)->default_value, "(1, 2)");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/param-spec/read", test_read);
  g_test_add_func ("/param-spec/clone", test_clone);
  g_test_add_func ("/param-spec/new-for-info", test_new_for_info);
  return g_test_run ();
}

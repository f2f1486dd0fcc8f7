/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-json-private.h"

/* The reader of JSON merges the members of each object. */
static GVariant *
parse (GString *json)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = plant_rpc_json_parse (json->str, json->len, &error);

  g_assert_no_error (error);
  return value;
}

static GVariant *
find (GVariant   *object,
      const char *name)
{
  g_autoptr (GVariant) found = NULL;
  gsize n = g_variant_n_children (object);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (object, i);
      const char *key;
      GVariant *value;

      g_variant_get (entry, "{&sv}", &key, &value);
      if (g_str_equal (key, name))
        {
          g_assert_null (found);
          found = value;
        }
      else
        {
          g_variant_unref (value);
        }
    }
  return g_steal_pointer (&found);
}

/* More names than are taken as they come: equal ones before, across and behind that line. */
static void
test_many_members (void)
{
  g_autoptr (GString) json = g_string_new ("{\"twice\":0,");
  g_autoptr (GVariant) object = NULL;
  static const struct {
    const char *name;
    gint64      value;
  } expected[] = { { "n3", 3 }, { "twice", 1 }, { "late", 3 }, { "n999", 999 }, { "\001", 7 } };

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (json, "\"n%u\":%u,", i, i);
  g_string_append (json, "\"late\":2,\"twice\":1,\"\\u0001\":7,\"l\\u0061te\":3}");
  object = parse (json);

  g_assert_cmpuint (g_variant_n_children (object), ==, 1003);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GVariant) found = find (object, expected[i].name);

      g_assert_nonnull (found);
      g_assert_cmpint (g_variant_get_int64 (found), ==, expected[i].value);
    }
}

/* Names with equal g_str_hash(), such as "Ez" and "FY": comparing each with all others would take a
 * minute. */
static void
test_colliding_names (void)
{
  const guint bits = 16;
  g_autoptr (GString) json = g_string_new ("{");
  g_autoptr (GVariant) object = NULL;

  for (guint i = 0; i < 1u << bits; i++)
    {
      g_string_append (json, i == 0 ? "\"" : ",\"");
      for (guint bit = 0; bit < bits; bit++)
        g_string_append (json, i >> bit & 1 ? "Ez" : "FY");
      g_string_append_printf (json, "\":%u", i);
    }
  g_string_append_c (json, '}');

  object = parse (json);
  g_assert_cmpuint (g_variant_n_children (object), ==, 1u << bits);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/serial-names/many-members", test_many_members);
  g_test_add_func ("/serial-names/colliding-names", test_colliding_names);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-json-reader-private.h"
#include "plant-rpc-test-locale.h"

/* The values read are compared byte by byte with trees that GVariant serialises, and with the
 * values that json-glib reads. */

static GVariant *
parse (const char *json,
       gsize       length)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = g_memdup2 (json, length);
  GVariant *value = plant_rpc_json_parse (copy, length, &error);

  g_assert_no_error (error);
  g_assert_nonnull (value);
  return value;
}

/* GVariant checks untrusted bytes by its own rules. */
static void
assert_same_bytes (GVariant *value,
                   GVariant *expected)
{
  gsize size = g_variant_get_size (expected);
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (value);
  g_autoptr (GVariant) doubted =
    g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (expected), bytes, FALSE));

  g_assert_cmpstr (g_variant_get_type_string (value), ==, g_variant_get_type_string (expected));
  g_assert_cmpmem (g_variant_get_data (value), g_variant_get_size (value),
                   g_variant_get_data (expected), size);
  g_assert_true (g_variant_is_normal_form (doubted));
}

/* ---- random values: each function writes the JSON and builds the tree */

static GVariant *make_value (GString *json,
                             guint    depth,
                             guint    width);

static GVariant *
make_integer (GString *json)
{
  guint64 bits = (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
  gint64 number = (gint64) (bits >> g_test_rand_int_range (0, 64));

  if (number < 0)
    {
      g_string_append_printf (json, "%" G_GUINT64_FORMAT, (guint64) number);
      return g_variant_new_uint64 ((guint64) number);
    }
  number = g_test_rand_bit () ? number : -number;
  g_string_append_printf (json, "%" G_GINT64_FORMAT, number);
  return g_variant_new_int64 (number);
}

static GVariant *
make_double (GString *json)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  double number = ldexp (g_test_rand_double () - 0.5, g_test_rand_int_range (-1070, 1020));

  g_ascii_formatd (text, sizeof text, "%.16e", number);
  g_string_append (json, text);
  return g_variant_new_double (g_ascii_strtod (text, NULL));
}

static const struct {
  const char *json;
  const char *text;
} pieces[] = {
  { "a", "a" }, { "ä", "ä" }, { "\\u00e4", "ä" }, { "\\n", "\n" }, { "\\\"", "\"" },
  { "\\u0001", "\001" }, { "\\ud83c\\udf31", "🌱" }, { "\\udf31", "\xef\xbf\xbd" },
  { "植物", "植物" }, { "\\/", "/" }, { "]}", "]}" }, { "\\\\", "\\" }, { " ", " " },
};

/* Returns a text with its quotes, long enough to cross the sizes at which offsets become larger. */
static char *
make_text (GString *json)
{
  GString *text = g_string_new (NULL);
  guint length = g_test_rand_int_range (0, 100) == 0 ? 300 : g_test_rand_int_range (0, 8);

  g_string_append_c (json, '"');
  for (guint i = 0; i < length; i++)
    {
      guint k = g_test_rand_int_range (0, G_N_ELEMENTS (pieces));

      g_string_append (json, pieces[k].json);
      g_string_append (text, pieces[k].text);
    }
  g_string_append_c (json, '"');
  return g_string_free (text, FALSE);
}

static gboolean tokens = TRUE; /* FALSE: without what is no JSON */

static GVariant *
make_word (GString *json)
{
  static const char *const words[] = { "null", "true", "false", "NaN", "Infinity", "-Infinity" };
  static const double numbers[] = { NAN, INFINITY, -INFINITY };
  guint i = g_test_rand_int_range (0, tokens ? G_N_ELEMENTS (words) : 3);

  g_string_append (json, words[i]);
  if (i == 0)
    return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
  return i < 3 ? g_variant_new_boolean (i == 1) : g_variant_new_double (numbers[i - 3]);
}

static void
append_space (GString *json)
{
  static const char *const spaces[] = { "", "", "", " ", "\n\t", "\r\n " };

  g_string_append (json, spaces[g_test_rand_int_range (0, G_N_ELEMENTS (spaces))]);
}

static GVariant *
make_array (GString *json,
            guint    depth,
            guint    width)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  guint length = g_test_rand_int_range (0, width + 1);

  g_string_append_c (json, '[');
  for (guint i = 0; i < length; i++)
    {
      append_space (json);
      g_variant_builder_add (&builder, "v", make_value (json, depth - 1, width / 2));
      append_space (json);
      if (i + 1 < length)
        g_string_append_c (json, ',');
    }
  append_space (json);
  g_string_append_c (json, ']');
  return g_variant_builder_end (&builder);
}

/* The names end in numbers, so that no two are equal. */
static GVariant *
make_object (GString *json,
             guint    depth,
             guint    width)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));
  guint length = g_test_rand_int_range (0, width + 1);

  g_string_append_c (json, '{');
  for (guint i = 0; i < length; i++)
    {
      g_autofree char *text = NULL;
      g_autofree char *name = NULL;

      append_space (json);
      text = make_text (json);
      g_string_truncate (json, json->len - 1);
      g_string_append_printf (json, "%u\"", i);
      name = g_strdup_printf ("%s%u", text, i);
      append_space (json);
      g_string_append_c (json, ':');
      append_space (json);
      g_variant_builder_add (&builder, "{sv}", name, make_value (json, depth - 1, width / 2));
      append_space (json);
      if (i + 1 < length)
        g_string_append_c (json, ',');
    }
  append_space (json);
  g_string_append_c (json, '}');
  return g_variant_builder_end (&builder);
}

/* The result is floating. */
static GVariant *
make_value (GString *json,
            guint    depth,
            guint    width)
{
  switch (g_test_rand_int_range (0, depth > 0 ? 8 : 4))
    {
    case 0:
      return make_integer (json);
    case 1:
      return make_double (json);
    case 2:
      return g_variant_new_take_string (make_text (json));
    case 3:
      return make_word (json);
    case 4:
    case 5:
      return make_array (json, depth, width);
    default:
      return make_object (json, depth, width);
    }
}

static void
test_random (void)
{
  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (GString) json = g_string_new (NULL);
      guint depth = i % 100 == 0 ? 1 : g_test_rand_int_range (0, 5);
      guint width = i % 100 == 0 ? 400 : g_test_rand_int_range (0, 12);
      g_autoptr (GVariant) expected = g_variant_ref_sink (make_value (json, depth, width));
      g_autoptr (GVariant) value = parse (json->str, json->len);

      assert_same_bytes (value, expected);
    }
}

/* Reads one array or object, or a name or string in one, of all sizes around those at which offsets
 * become larger. */
static void
check_size (const char *open,
            const char *close,
            gsize       size)
{
  g_autofree char *fill = g_strnfill (size, 'x');
  g_autofree char *json = g_strconcat (open, fill, close, NULL);
  g_autoptr (GVariant) value = parse (json, strlen (json));
  g_autoptr (GString) written = g_string_new (NULL);
  g_autofree char *text = g_variant_print (value, TRUE);
  g_autoptr (GVariant) expected = g_variant_parse (NULL, text, NULL, NULL, NULL);

  assert_same_bytes (value, expected);
  g_assert_true (plant_rpc_json_write (value, written, NULL));
  g_assert_cmpstr (written->str, ==, json);
}

static void
test_offset_sizes (void)
{
  static const char *const shapes[][2] = {
    { "[\"", "\"]" },
    { "{\"", "\":1}" },
    { "{\"a\":\"", "\",\"b\":[1,2]}" },
    { "[[{\"n\":\"", "\"}],2]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      for (gsize size = 200; size < 260; size++)
        check_size (shapes[i][0], shapes[i][1], size);
      for (gsize size = 65450; size < 65540; size += 3)
        check_size (shapes[i][0], shapes[i][1], size);
    }
}

/* Of entries with equal names, the last value is kept at the place of the first, for few names and
 * for many. Each name occurs twice, the second time with a value of another size, and one name
 * occurs once. */
static void
check_equal_names (guint n_names)
{
  g_autoptr (GString) json = g_string_new ("{");
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) expected = NULL;

  for (guint i = 0; i < n_names; i++)
    g_string_append_printf (json, "\"n%u\":\"%0*u\",", i, (int) (i % 20), i);
  for (guint i = n_names; i-- > 0;)
    g_string_append_printf (json, "\"n%u\":\"%0*u\",", i, (int) (i % 30), i);
  g_string_append (json, "\"once\":\"\"}");
  for (guint i = 0; i < n_names; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%u", i);
      g_autofree char *text = g_strdup_printf ("%0*u", (int) (i % 30), i);

      g_variant_builder_add (&builder, "{sv}", name, g_variant_new_string (text));
    }
  g_variant_builder_add (&builder, "{sv}", "once", g_variant_new_string (""));
  expected = g_variant_ref_sink (g_variant_builder_end (&builder));
  value = parse (json->str, json->len);
  assert_same_bytes (value, expected);
}

static void
test_equal_names (void)
{
  for (guint n_names = 1; n_names < 12; n_names++)
    check_equal_names (n_names);
  check_equal_names (1000);
}

/* An object inside another one must not change the offsets of the outer one. */
static void
test_equal_names_within (void)
{
  const char *json = "{\"a\":1,\"b\":{\"c\":[1],\"d\":2,\"c\":\"3\"},"
                     "\"e\":{\"f\":4,\"f\":5},\"a\":6}";
  g_autoptr (GVariant) value = parse (json, strlen (json));
  g_autoptr (GVariant) expected = g_variant_parse (
    NULL, "{'a': <@x 6>, 'b': <{'c': <'3'>, 'd': <@x 2>}>, 'e': <{'f': <@x 5>}>}", NULL, NULL,
    NULL);

  assert_same_bytes (value, expected);
}

static void assert_agrees (JsonNode *node,
                           GVariant *value);

static void
assert_object_agrees (JsonObject *object,
                      GVariant   *value)
{
  GVariantIter iter;
  const char *name;
  GVariant *member;

  g_assert_cmpuint (json_object_get_size (object), ==, g_variant_n_children (value));
  g_variant_iter_init (&iter, value);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &member))
    assert_agrees (json_object_get_member (object, name), member);
}

static void
assert_array_agrees (JsonArray *array,
                     GVariant  *value)
{
  g_assert_cmpuint (json_array_get_length (array), ==, g_variant_n_children (value));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autoptr (GVariant) element = NULL;

      g_variant_get_child (value, i, "v", &element);
      assert_agrees (json_array_get_element (array, i), element);
    }
}

/* json-glib has no integers above G_MAXINT64. */
static void
assert_agrees (JsonNode *node,
               GVariant *value)
{
  const char *type = g_variant_get_type_string (value);

  g_assert_nonnull (node);
  if (g_str_equal (type, "a{sv}"))
    assert_object_agrees (json_node_get_object (node), value);
  else if (g_str_equal (type, "av"))
    assert_array_agrees (json_node_get_array (node), value);
  else if (g_str_equal (type, "s"))
    g_assert_cmpstr (json_node_get_string (node), ==, g_variant_get_string (value, NULL));
  else if (g_str_equal (type, "b"))
    g_assert_cmpint (json_node_get_boolean (node), ==, g_variant_get_boolean (value));
  else if (g_str_equal (type, "x"))
    g_assert_cmpint (json_node_get_int (node), ==, g_variant_get_int64 (value));
  else if (g_str_equal (type, "d"))
    g_assert_cmpfloat (json_node_get_double (node), ==, g_variant_get_double (value));
  else if (g_str_equal (type, "mv"))
    g_assert_true (json_node_is_null (node));
}

/* json-glib reads what the library's writer wrote. */
static void
test_second_opinion (void)
{
  tokens = FALSE;
  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (GString) ignored = g_string_new (NULL);
      g_autoptr (GVariant) made = g_variant_ref_sink (make_array (ignored, 3, 10));
      g_autoptr (GString) written = g_string_new (NULL);
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (plant_rpc_json_write (made, written, NULL));
      json_parser_load_from_data (parser, written->str, (gssize) written->len, &error);
      g_assert_no_error (error);
      value = parse (written->str, written->len);
      assert_same_bytes (value, made);
      assert_agrees (json_parser_get_root (parser), value);
    }
  tokens = TRUE;
}

/* The largest permitted number of values, and one more, which is refused before anything is
 * built. */
static void
test_values (void)
{
  g_autoptr (GString) json = g_string_new ("[");
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 2; i < PLANT_RPC_JSON_MAX_VALUES; i++)
    g_string_append (json, "1,");
  g_string_append (json, "2]");
  value = parse (json->str, json->len);
  g_assert_cmpuint (g_variant_n_children (value), ==, PLANT_RPC_JSON_MAX_VALUES - 1);
  g_clear_pointer (&value, g_variant_unref);

  g_string_truncate (json, json->len - 1);
  g_string_append (json, ",3]");
  g_assert_null (plant_rpc_json_parse (json->str, json->len, &error));
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  g_assert_nonnull (strstr (error->message, "values, at byte"));
}

/* At the bounds of the halves of a pair. */
static void
test_surrogates (void)
{
  static const struct {
    const char *json;
    const char *text;
  } cases[] = {
    { "\"\\ud7ff\"", "\xed\x9f\xbf" },
    { "\"\\ue000\"", "\xee\x80\x80" },
    { "\"\\ud800\\udc00\"", "\xf0\x90\x80\x80" },
    { "\"\\udbff\\udfff\"", "\xf4\x8f\xbf\xbf" },
    { "\"\\uDBFF\\uDC00\"", "\xf4\x8f\xb0\x80" },
    { "\"\\ud800\\udbff\"", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\"\\ud800\\ue000\"", "\xef\xbf\xbd\xee\x80\x80" },
    { "\"\\udc00\\udc00\"", "\xef\xbf\xbd\xef\xbf\xbd" },
    { "\"\\udfff\"", "\xef\xbf\xbd" },
    { "\"\\ud800\"", "\xef\xbf\xbd" },
    { "\"\\ud800\\n\"", "\xef\xbf\xbd\n" },
    { "\"\\ud800udc00\"", "\xef\xbf\xbdudc00" },
    { "\"\\uffff\"", "\xef\xbf\xbf" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) value = parse (cases[i].json, strlen (cases[i].json));

      g_assert_cmpstr (g_variant_get_string (value, NULL), ==, cases[i].text);
    }
}

static void
test_find_member (void)
{
  static const struct {
    const char *json;
    const char *value; /* the text where the value begins; NULL if there is none */
  } cases[] = {
    { "{}", NULL },
    { "{ }", NULL },
    { "{\"b\":1}", NULL },
    { "{\"aa\":1}", NULL },
    { "{\"a\":1}", "1}" },
    { "{ \"a\" : [1] }", "[1] }" },
    { "{\"a\":1,\"a\":2}", "2}" },
    { "{\"\\u0061\":3}", "3}" },
    { "{\"a\\u0001\":3}", NULL },
    { "{\"b\":\"\\\\\",\"a\":4}", "4}" },
    { "{\"b\":\"\\\"a\",\"a\":5}", "5}" },
    { "{\"b\":{\"a\":\"}\"},\"a\":6}", "6}" },
    { "{\"b\":[\"]\",{}],\"a\":7}", "7}" },
    { "{\"b\":{\"a\":8}}", NULL },
    { "{\"b\":-1.5e+3 ,\"c\":true,\"d\":-Infinity,\"a\":9}", "9}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PlantRpcJsonMembers members;

      plant_rpc_json_find_members (cases[i].json, &members);
      g_assert_cmpstr (plant_rpc_json_find_member (&members, "a"), ==, cases[i].value);
    }
}

/* An object may have more members than are remembered. */
static void
test_find_among_many (void)
{
  g_autoptr (GString) json = g_string_new ("{\"a\":0");
  PlantRpcJsonMembers members;

  for (guint i = 1; i < 40; i++)
    g_string_append_printf (json, ",\"m%u\":%u", i, i);
  g_string_append (json, ",\"m3\":300 ,\"m38\":[]}");
  plant_rpc_json_find_members (json->str, &members);
  g_assert_true (g_str_has_prefix (plant_rpc_json_find_member (&members, "a"), "0,"));
  g_assert_true (g_str_has_prefix (plant_rpc_json_find_member (&members, "m2"), "2,"));
  g_assert_true (g_str_has_prefix (plant_rpc_json_find_member (&members, "m3"), "300 ,"));
  g_assert_true (g_str_has_prefix (plant_rpc_json_find_member (&members, "m39"), "39,"));
  g_assert_cmpstr (plant_rpc_json_find_member (&members, "m38"), ==, "[]}");
  g_assert_null (plant_rpc_json_find_member (&members, "m40"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  plant_rpc_test_add ("/json-reader/random", test_random);
  plant_rpc_test_add ("/json-reader/offset-sizes", test_offset_sizes);
  plant_rpc_test_add ("/json-reader/equal-names", test_equal_names);
  plant_rpc_test_add ("/json-reader/equal-names-within", test_equal_names_within);
  plant_rpc_test_add ("/json-reader/values", test_values);
  plant_rpc_test_add ("/json-reader/surrogates", test_surrogates);
  plant_rpc_test_add ("/json-reader/find-member", test_find_member);
  plant_rpc_test_add ("/json-reader/find-among-many", test_find_among_many);
  plant_rpc_test_add ("/json-reader/second-opinion", test_second_opinion);

  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-native-check-private.h"

#define PADDING 10000 /* bytes: a message with so many is no small one */

static GVariant *
nest_variants (guint depth)
{
  GVariant *value = g_variant_new_boolean (TRUE);

  for (guint i = 0; i < depth; i++)
    value = g_variant_new_variant (value);
  return value;
}

/* A tuple whose type has LENGTH characters. */
static GVariant *
make_tuple (guint length)
{
  g_autofree GVariant **bytes = g_new (GVariant *, length);

  for (guint i = 0; i < length - 2; i++)
    bytes[i] = g_variant_new_byte ((guint8) i);
  return g_variant_new_tuple (bytes, length - 2);
}

/* Each container is of another kind than the one in it. */
static GVariant *
nest_all (guint depth)
{
  GVariant *value = g_variant_new_string ("((((aaaa");

  for (guint i = 0; i < depth; i++)
    {
      if (i % 4 == 0)
        value = g_variant_new_variant (value);
      else if (i % 4 == 1)
        value = g_variant_new_array (NULL, &value, 1);
      else if (i % 4 == 2)
        value = g_variant_new_tuple (&value, 1);
      else
        value = g_variant_new_maybe (NULL, value);
    }
  return value;
}

static GVariant *
nest_tuples (guint depth)
{
  GVariant *value = g_variant_new_boolean (TRUE);

  for (guint i = 0; i < depth; i++)
    value = g_variant_new_tuple (&value, 1);
  return value;
}

/* The message itself is two containers, a tuple and a variant. */
static gboolean
is_packed (GVariant   *value,
           const char *padding)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload =
      plant_rpc_message_pack_native (g_variant_new ("(yvs)", PLANT_RPC_KIND_VALUE, value, padding),
                                     &error);
  g_autoptr (GVariant) unpacked = NULL;

  if (payload == NULL)
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
      return FALSE;
    }
  unpacked = plant_rpc_message_unpack_native (payload, "(yvs)", &error);
  g_assert_no_error (error);
  g_assert_nonnull (unpacked);
  return TRUE;
}

static gboolean
is_unpacked (GVariant *value)
{
  g_autoptr (GVariant) message =
      g_variant_ref_sink (g_variant_new ("(yvs)", PLANT_RPC_KIND_VALUE, value, ""));
  g_autoptr (GBytes) payload = g_variant_get_data_as_bytes (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) unpacked = plant_rpc_message_unpack_native (payload, "(yvs)", &error);

  if (unpacked == NULL)
    g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT);
  return unpacked != NULL;
}

/* Neither leaves nor enters, however deep inside and at whatever place. */
static void
test_type_length (void)
{
  g_autofree char *text = g_strnfill (10 * PLANT_RPC_MAX_TYPE_LENGTH, 'a');

  for (guint i = 0; i < 20; i++)
    {
      guint length = PLANT_RPC_MAX_TYPE_LENGTH - 10 + i;
      gboolean expected = length <= PLANT_RPC_MAX_TYPE_LENGTH;
      g_autofree char *before = g_strnfill (i * 777, 'x');

      g_assert_cmpint (is_packed (make_tuple (length), text), ==, expected);
      g_assert_cmpint (is_unpacked (make_tuple (length)), ==, expected);
      g_assert_cmpint (is_unpacked (g_variant_new ("(sv)", before, make_tuple (length))), ==,
                       expected);
      g_assert_cmpint (is_unpacked (g_variant_new_parsed ("[<1>, <[<%s>, <%v>]>]", text,
                                                          make_tuple (length))), ==, expected);
    }
}

static void
test_depth (void)
{
  g_autofree char *padding = g_strnfill (PADDING, ' ');

  for (guint depth = 0; depth < PLANT_RPC_MAX_DEPTH + 10; depth++)
    {
      gboolean expected = depth + 2 <= PLANT_RPC_MAX_DEPTH;

      g_assert_cmpint (is_packed (nest_variants (depth), ""), ==, expected);
      g_assert_cmpint (is_packed (nest_variants (depth), padding), ==, expected);
      g_assert_cmpint (is_packed (nest_tuples (depth), padding), ==, expected);
      g_assert_cmpint (is_packed (nest_all (depth), ""), ==, expected);
      g_assert_cmpint (is_packed (nest_all (depth), padding), ==, expected);
    }
}

/* Types are looked for no deeper than a value may be nested, so that the stack is not used up. */
static void
test_bottomless (void)
{
  const gsize n_text = 10 * PLANT_RPC_MAX_TYPE_LENGTH, n_variants = 1000000;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GVariant) unpacked = NULL;
  g_autoptr (GError) error = NULL;
  guint32 end = GUINT32_TO_LE (n_text);

  g_byte_array_set_size (bytes, (guint) n_text);
  memset (bytes->data, 'a', n_text);
  bytes->data[n_text - 1] = '\0';
  for (gsize i = 0; i < n_variants; i++)
    g_byte_array_append (bytes, (const guint8 *) "\0v", 2);
  g_byte_array_append (bytes, (const guint8 *) &end, sizeof end);
  payload = g_bytes_new (bytes->data, bytes->len);
  unpacked = plant_rpc_message_unpack_native (payload, "(sv)", &error);
  g_assert_null (unpacked);
  g_assert_nonnull (error);
}

/* What only looks like types of containers is none. */
static void
test_shallow (void)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < 200; i++)
    g_variant_builder_add (&list, "v", g_variant_new_string ("aaaa(((vvvmmm"));
  g_assert_true (is_packed (g_variant_builder_end (&list), ""));
}

/* A program's value that is not in normal form is sent in normal form, since peers refuse
 * others. */
static void
test_normal_form (void)
{
  static const guint8 bytes[] = { 'a', 'b', 7 };
  g_autoptr (GVariant) strange = g_variant_ref_sink (
      g_variant_new_from_data (G_VARIANT_TYPE ("as"), bytes, sizeof bytes, FALSE, NULL, NULL));

  g_assert_false (g_variant_is_normal_form (strange));
  g_assert_true (is_packed (strange, ""));
}

static const char *const plain_values[] = {
  "<true>", "<byte 7>", "<int64 -5>", "<1.5>", "<'text'>", "<''>", "<@mv nothing>", "<@av []>",
  "<@ai [1, 2, 3]>", "<@ax []>", "<['a', '', 'bc']>", "<@as []>", "<@a{sv} {}>", "<<<int16 1>>>",
  "@av []", "@a{sv} {}", "@ad [1.5, 2.5]", "@as ['one']",
  "[<1>, <2.5>, <'three'>, <@mv nothing>, <[<4>, <true>]>]",
  "{'name': <'position'>, 'x': <120.5>, 'limits': <[<0>, <780>]>, 'inner': <{'': <@as []>}>}",
};

static const char *const other_values[] = {
  "<@ab [true]>", "<@mi 5>", "<(1, 2)>", "<@mv <1>>", "<@o '/'>", "<@aas [['a']]>", "<@h 1>",
  "[<1>, <()>]", "@a{ss} {}", "(1, 'a')", "true", "'text'",
};

static gboolean
is_plain (GVariant *value)
{
  const PlantRpcSerialView view = plant_rpc_serial_view_of (value);

  return plant_rpc_native_is_plain (&view);
}

static void
test_plain (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (plain_values); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (plain_values[i]));

      g_assert_true (is_plain (value));
    }
  for (guint i = 0; i < G_N_ELEMENTS (other_values); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (other_values[i]));

      g_assert_false (is_plain (value));
    }
}

static void
test_plain_depth (void)
{
  for (guint depth = 1; depth < PLANT_RPC_MAX_DEPTH + 10; depth++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (nest_variants (depth));

      g_assert_cmpint (is_plain (value), ==, depth <= PLANT_RPC_MAX_DEPTH);
    }
}

static gboolean
are_plain (const char   *type_string,
           const guint8 *data,
           gsize         size)
{
  const PlantRpcSerialView view = { data, size, G_VARIANT_TYPE (type_string) };

  return plant_rpc_native_is_plain (&view);
}

/* Ends of two bytes make a value of 256 bytes where it would have 253 or 255 with ends of one. */
static void
test_plain_wide_ends (void)
{
  guint8 list[256] = "", dictionary[258] = "";

  memset (list, 'x', 250);
  list[99] = list[199] = list[249] = '\0';
  list[250] = 100;
  list[252] = 200;
  list[254] = 250;
  g_assert_false (are_plain ("as", list, sizeof list));

  memset (dictionary, 'x', 252);
  dictionary[7] = dictionary[251] = dictionary[252] = '\0';
  dictionary[253] = 's';
  dictionary[254] = 8;
  dictionary[257] = 1;
  g_assert_false (are_plain ("a{sv}", dictionary, sizeof dictionary));
}

/* A list as long as its ends have one, two or four bytes. */
static GVariant *
make_list (guint length)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("av"));
  for (guint i = 0; i < length; i++)
    g_variant_builder_add (&list, "v", g_variant_new_int64 (i));
  return g_variant_builder_end (&list);
}

/* Changes a few bytes, or takes some away, or adds some. */
static void
spoil (GByteArray *bytes)
{
  static const guint8 likely[] = { 0, 1, 2, 8, 16, 255, 'v', 's', 'b', 'x', 'a', '{', '}', 'm' };
  const guint n = (guint) g_test_rand_int_range (1, 4);

  for (guint i = 0; i < n && bytes->len > 0; i++)
    bytes->data[g_test_rand_int_range (0, (gint32) bytes->len)] =
        likely[g_test_rand_int_range (0, G_N_ELEMENTS (likely))];
  if (g_test_rand_int_range (0, 4) == 0)
    g_byte_array_set_size (bytes, (guint) g_test_rand_int_range (0, (gint32) bytes->len + 1));
  else if (g_test_rand_int_range (0, 4) == 0)
    g_byte_array_append (bytes, likely, (guint) g_test_rand_int_range (0, sizeof likely));
}

/* Where it says that bytes are in normal form, GVariant says so, too. */
static void
try_spoilt (GVariant *value)
{
  const guint n_rounds = g_test_slow () ? 100000 : 2000;

  for (guint i = 0; i < n_rounds; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GVariant) copy = NULL;
      PlantRpcSerialView view = { .type = g_variant_get_type (value) };

      g_byte_array_append (bytes, g_variant_get_data (value), (guint) g_variant_get_size (value));
      spoil (bytes);
      view.data = bytes->data;
      view.size = bytes->len;
      if (!plant_rpc_native_is_plain (&view))
        continue;
      copy = g_variant_ref_sink (g_variant_new_from_data (view.type, view.data, view.size, FALSE,
                                                          NULL, NULL));
      g_assert_true (g_variant_is_normal_form (copy));
    }
}

static void
test_plain_spoilt (void)
{
  static const guint lengths[] = { 1, 10, 14, 15, 16, 3000, 3641, 3642 };

  for (guint i = 0; i < G_N_ELEMENTS (plain_values); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (plain_values[i]));

      try_spoilt (value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (GVariant) list = g_variant_ref_sink (make_list (lengths[i]));

      g_assert_true (is_plain (list));
      if (lengths[i] < 100)
        try_spoilt (list);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/native-check/depth", test_depth);
  g_test_add_func ("/native-check/type-length", test_type_length);
  g_test_add_func ("/native-check/shallow", test_shallow);
  g_test_add_func ("/native-check/bottomless", test_bottomless);
  g_test_add_func ("/native-check/normal-form", test_normal_form);
  g_test_add_func ("/native-check/plain", test_plain);
  g_test_add_func ("/native-check/plain/depth", test_plain_depth);
  g_test_add_func ("/native-check/plain/wide-ends", test_plain_wide_ends);
  g_test_add_func ("/native-check/plain/spoilt", test_plain_spoilt);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-message-private.h"

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
  return g_test_run ();
}

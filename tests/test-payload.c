/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
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

/* The message itself is two containers, a tuple and a variant. */
static gboolean
is_packed (GVariant   *value,
           const char *padding)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) payload =
      plant_rpc_message_pack_native (g_variant_new ("(yvs)", PLANT_RPC_KIND_VALUE, value, padding),
                                     &error);
  g_autoptr(GVariant) unpacked = NULL;

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

static void
test_depth (void)
{
  g_autofree char *padding = g_strnfill (PADDING, ' ');

  for (guint depth = 0; depth < PLANT_RPC_MAX_DEPTH + 10; depth++)
    {
      gboolean expected = depth + 2 <= PLANT_RPC_MAX_DEPTH;

      g_assert_cmpint (is_packed (nest_variants (depth), ""), ==, expected);
      g_assert_cmpint (is_packed (nest_variants (depth), padding), ==, expected);
      g_assert_cmpint (is_packed (nest_all (depth), ""), ==, expected);
      g_assert_cmpint (is_packed (nest_all (depth), padding), ==, expected);
    }
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/payload/depth", test_depth);
  g_test_add_func ("/payload/shallow", test_shallow);
  return g_test_run ();
}

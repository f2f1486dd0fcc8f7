/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-bundle-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"

static GBytes *
pack (PlantRpcEmissionType  type,
      const char           *name,
      const char           *value)
{
  g_autoptr (GVariant) parsed =
      value != NULL ? g_variant_ref_sink (g_variant_new_parsed (value)) : NULL;
  const PlantRpcEmission emission = { .type = type, .name = (char *) name, .value = parsed,
                                      .n_lost = 7 };
  GBytes *payload = plant_rpc_emission_pack (&emission, PLANT_RPC_FORMAT_NATIVE, NULL);

  g_assert_nonnull (payload);
  return payload;
}

static void
append (PlantRpcBundle       *bundle,
        PlantRpcEmissionType  type,
        const char           *name,
        const char           *value)
{
  g_autoptr (GBytes) payload = pack (type, name, value);

  plant_rpc_bundle_append_payload (bundle, payload);
}

static void
append_number (PlantRpcBundle *bundle,
               const char     *name,
               int             number)
{
  g_auto (GValue) value = G_VALUE_INIT;
  PlantRpcArguments plain;
  const PlantRpcEmission emission = { .type = PLANT_RPC_EMISSION_SIGNAL, .name = (char *) name,
                                      .plain = &plain };

  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, number);
  g_assert_true (plant_rpc_arguments_from_values (&plain, &value, 1));
  g_assert_true (plant_rpc_bundle_append_plain (bundle, &emission));
}

static PlantRpcBundle *
make (void)
{
  PlantRpcBundle *bundle = plant_rpc_bundle_new ();

  append_number (bundle, "tick", 1);
  append (bundle, PLANT_RPC_EMISSION_SIGNAL, "raw", "[<@as ['a', 'b']>, <1.5>]");
  append (bundle, PLANT_RPC_EMISSION_CHANGED, "level", "'high'");
  append (bundle, PLANT_RPC_EMISSION_LOST, NULL, NULL);
  append_number (bundle, "tock", 2);
  return bundle;
}

#define N 5

static const char *const texts[N] = {
  "<(byte 0xa0, 'tick', [<1>])>",
  "<(byte 0xa0, 'raw', [<['a', 'b']>, <1.5>])>",
  "<(byte 0xa1, 'level', <'high'>)>",
  "<(byte 0xa2, uint64 7)>",
  "<(byte 0xa0, 'tock', [<2>])>",
};

/* GVariant finds it in normal form, too. */
static void
assert_variant (GBytes *payload,
                guint   first,
                guint   n)
{
  g_autoptr (GVariant) value =
      g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE ("(yav)"), payload, FALSE));
  g_autoptr (GString) text = g_string_new ("(0xa3, [");
  g_autoptr (GVariant) expected = NULL;

  for (guint i = first; i < first + n; i++)
    g_string_append_printf (text, "%s%s", i > first ? ", " : "", texts[i]);
  g_string_append (text, "])");
  expected = g_variant_parse (G_VARIANT_TYPE ("(yav)"), text->str, NULL, NULL, NULL);
  g_assert_nonnull (expected);
  g_assert_true (g_variant_is_normal_form (value));
  g_assert_true (g_variant_equal (value, expected));
}

/* The payloads are those that are sent singly. */
static void
assert_read (PlantRpcBundle *bundle,
             GBytes         *payload,
             guint           first,
             guint           n)
{
  PlantRpcBundleIter iter;
  g_autoptr (GError) error = NULL;
  const guint8 *data;
  gsize size;

  g_assert_true (plant_rpc_bundle_iter_init (&iter, payload, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (iter.n_left, ==, n);
  for (guint i = first; i < first + n; i++)
    {
      g_autoptr (GBytes) single = plant_rpc_bundle_dup_payload (bundle, i);

      g_assert_true (plant_rpc_bundle_iter_next (&iter, &data, &size));
      g_assert_cmpmem (data, size, g_bytes_get_data (single, NULL), g_bytes_get_size (single));
      g_assert_cmpuint (size, ==, plant_rpc_bundle_measure (bundle, i));
    }
  g_assert_false (plant_rpc_bundle_iter_next (&iter, &data, &size));
}

/* Before and after the whole is packed, each part is the same. */
static void
test_parts (void)
{
  g_autoptr (PlantRpcBundle) bundle = make ();

  g_assert_cmpuint (plant_rpc_bundle_get_n (bundle), ==, N);
  for (guint pass = 0; pass < 2; pass++)
    {
      for (guint first = 0; first < N; first++)
        {
          for (guint n = 2; n <= N - first - (pass == 0 && first == 0); n++)
            {
              g_autoptr (GBytes) payload = plant_rpc_bundle_pack (bundle, first, n);

              assert_variant (payload, first, n);
              assert_read (bundle, payload, first, n);
            }
        }
    }
}

static void
test_single (void)
{
  g_autoptr (PlantRpcBundle) bundle = make ();
  g_autoptr (GBytes) whole = plant_rpc_bundle_pack (bundle, 0, N);
  g_autoptr (GBytes) packed = pack (PLANT_RPC_EMISSION_CHANGED, "level", "'high'");
  g_autoptr (GBytes) changed = plant_rpc_bundle_pack (bundle, 2, 1);
  gsize size = 0;

  g_assert_true (g_bytes_equal (changed, packed));
  g_assert_cmpstr (plant_rpc_bundle_peek_property (bundle, 2), ==, "level");
  g_assert_null (plant_rpc_bundle_peek_property (bundle, 0));
  g_assert_null (plant_rpc_bundle_peek_property (bundle, 3));
  for (guint i = 0; i < N; i++)
    size += plant_rpc_bundle_measure (bundle, i);
  g_assert_cmpuint (plant_rpc_bundle_measure_all (bundle), ==, size);
}

/* However large the last one is, there is room for it. */
static void
test_full (void)
{
  const gsize largest = PLANT_RPC_MAX_BUNDLED_PAYLOAD;

  for (gsize size = 16; size <= largest; size += size < 64 ? 1 : 1000 + size % 8)
    {
      g_autoptr (PlantRpcBundle) bundle = plant_rpc_bundle_new ();
      guint8 *data = g_malloc0 (largest);
      g_autoptr (GBytes) last = g_bytes_new_take (data, largest);
      g_autoptr (GBytes) payload = g_bytes_new (data, size);
      g_autoptr (GBytes) whole = NULL;
      guint n = 0;

      data[0] = PLANT_RPC_KIND_SIGNAL;
      g_bytes_unref (payload);
      payload = g_bytes_new (data, size);
      for (; !plant_rpc_bundle_is_full (bundle); n++)
        plant_rpc_bundle_append_payload (bundle, n == PLANT_RPC_MAX_BUNDLED - 1 ? last : payload);
      g_assert_cmpuint (n, ==, plant_rpc_bundle_get_n (bundle));
      g_assert_cmpuint (n, <=, PLANT_RPC_MAX_BUNDLED);
      whole = plant_rpc_bundle_pack (bundle, 0, n);
      assert_read (bundle, whole, 0, n);
    }
}

static gboolean
is_read (const guint8 *data,
         gsize         size)
{
  g_autoptr (GBytes) payload = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  PlantRpcBundleIter iter;
  const guint8 *part;
  gsize part_size;

  if (!plant_rpc_bundle_iter_init (&iter, payload, &error))
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL);
      return FALSE;
    }
  g_assert_cmpuint (iter.n_left, >, 0);
  while (plant_rpc_bundle_iter_next (&iter, &part, &part_size))
    {
      const guint8 *start = g_bytes_get_data (payload, NULL);

      g_assert_cmpuint (part_size, >, 0);
      g_assert_true (part >= start && part + part_size < start + size);
    }
  return TRUE;
}

/* Each bit counts, but for those inside of the payloads, which are checked one by one. */
static void
test_malformed (void)
{
  g_autoptr (PlantRpcBundle) bundle = make ();
  g_autoptr (GBytes) whole = plant_rpc_bundle_pack (bundle, 0, N);
  gsize size;
  const guint8 *data = g_bytes_get_data (whole, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);

  g_assert_true (is_read (copy, size));
  for (gsize i = 0; i < size; i++)
    g_assert_false (is_read (copy, i));
  for (gsize i = 1; i < size; i++)
    {
      for (guint bit = 0; bit < 8; bit++)
        {
          gboolean around = i < 8 || i >= size - N;

          copy[i] ^= (guint8) (1 << bit);
          g_assert_false (is_read (copy, size) && around);
          copy[i] = data[i];
        }
    }
}

/* Emissions that take no bytes are refused, however many there are. */
static void
test_empty (void)
{
  static const guint8 nothing[] = { PLANT_RPC_KIND_BUNDLE, 0, 0, 0, 0, 0, 0, 0 };
  const gsize n = 1000000;
  g_autofree guint8 *data = g_malloc0 (8 + 8 * n);

  g_assert_false (is_read (nothing, sizeof nothing));
  memcpy (data, nothing, sizeof nothing);
  for (gsize size = 1; size <= 8 * n; size = size < 64 ? size + 1 : 5 * size)
    g_assert_false (is_read (data, 8 + size));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bundle/parts", test_parts);
  g_test_add_func ("/bundle/single", test_single);
  g_test_add_func ("/bundle/full", test_full);
  g_test_add_func ("/bundle/malformed", test_malformed);
  g_test_add_func ("/bundle/empty", test_empty);

  return g_test_run ();
}

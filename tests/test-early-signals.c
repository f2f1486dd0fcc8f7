/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-early-signals-private.h"
#include "plant-rpc-limits-private.h"

#define MEBIBYTE ((gsize) 1024 * 1024)

static void
keep (PlantRpcEarlySignals *early,
      const char           *name,
      gint32                argument)
{
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new ("(i)", argument));

  g_assert_true (plant_rpc_early_signals_keep (early, name, args));
}

static void
on_told (const char *name,
         GVariant   *args,
         gpointer    user_data)
{
  gint32 argument;

  g_variant_get (args, "(i)", &argument);
  g_assert_true (g_hash_table_insert (user_data, g_strdup (name), GINT_TO_POINTER (argument)));
}

/* Returns the arguments of what is told, by name. */
static GHashTable *
tell (PlantRpcEarlySignals *early,
      gint64                since)
{
  GHashTable *told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  plant_rpc_early_signals_tell (early, since, on_told, told);
  return told;
}

static void
test_latest (void)
{
  PlantRpcEarlySignals *early = plant_rpc_early_signals_new ();
  g_autoptr (GHashTable) told = NULL;
  g_autoptr (GHashTable) again = NULL;

  keep (early, "gainChanged", 1);
  keep (early, "modeChanged", 2);
  keep (early, "gainChanged", 3);
  told = tell (early, 0);
  again = tell (early, 0);
  g_assert_cmpuint (g_hash_table_size (told), ==, 2);
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (told, "gainChanged")), ==, 3);
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (told, "modeChanged")), ==, 2);
  g_assert_cmpuint (g_hash_table_size (again), ==, 0);
  plant_rpc_early_signals_free (early);
}

/* A signal that is older than the values that were read is not told. */
static void
test_since (void)
{
  PlantRpcEarlySignals *early = plant_rpc_early_signals_new ();
  g_autoptr (GHashTable) told = NULL;
  gint64 since;

  keep (early, "gainChanged", 1);
  since = g_get_monotonic_time () + 1;
  while (g_get_monotonic_time () < since)
    g_thread_yield ();
  keep (early, "modeChanged", 2);
  told = tell (early, since);
  g_assert_cmpuint (g_hash_table_size (told), ==, 1);
  g_assert_true (g_hash_table_contains (told, "modeChanged"));
  plant_rpc_early_signals_free (early);
}

static void
test_names (void)
{
  PlantRpcEarlySignals *early = plant_rpc_early_signals_new ();
  g_autoptr (GVariant) args = g_variant_ref_sink (g_variant_new ("(i)", 1));
  g_autoptr (GHashTable) told = NULL;

  for (int i = 0; i < PLANT_RPC_MAX_MEMBERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("signal%d", i);

      keep (early, name, i);
    }
  g_assert_false (plant_rpc_early_signals_keep (early, "more", args));
  told = tell (early, 0);
  g_assert_cmpuint (g_hash_table_size (told), ==, PLANT_RPC_MAX_MEMBERS);
  g_assert_false (g_hash_table_contains (told, "more"));
  keep (early, "more", 1);
  plant_rpc_early_signals_free (early);
}

static void
test_size (void)
{
  PlantRpcEarlySignals *early = plant_rpc_early_signals_new ();
  g_autofree guint8 *bytes = g_malloc0 (MEBIBYTE);
  g_autoptr (GVariant) args = g_variant_ref_sink (
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, MEBIBYTE, 1));

  for (gsize size = MEBIBYTE; size <= PLANT_RPC_MAX_QUEUED_SIGNALS; size += MEBIBYTE)
    g_assert_true (plant_rpc_early_signals_keep (early, "imageChanged", args));
  g_assert_false (plant_rpc_early_signals_keep (early, "imageChanged", args));
  plant_rpc_early_signals_free (early);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/early-signals/latest", test_latest);
  g_test_add_func ("/early-signals/since", test_since);
  g_test_add_func ("/early-signals/names", test_names);
  g_test_add_func ("/early-signals/size", test_size);
  return g_test_run ();
}

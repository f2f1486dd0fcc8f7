/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-init-private.h"
#include "plant-rpc-known-interfaces-private.h"

static GMutex lock;
static GHashTable *described; /* (mutex lock) (nullable) (element-type GBytes
                                 PlantRpcInterfaceInfo): by what a peer has told, without
                                 references */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

static PlantRpcInterfaceInfo *
find_described (GBytes *told)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  PlantRpcInterfaceInfo *info =
      described != NULL ? g_hash_table_lookup (described, told) : NULL;

  return info != NULL ? plant_rpc_interface_info_ref (info) : NULL;
}

/* Another thread may have made an equal one meanwhile. Then this one is just not known. */
static void
keep_described (PlantRpcInterfaceInfo *info,
                GBytes                *told)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (described == NULL)
    described = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  if (g_hash_table_contains (described, told))
    return;
  /* What was told may be part of a longer message, which need not be kept. */
  info->told = g_bytes_new (g_bytes_get_data (told, NULL), g_bytes_get_size (told));
  g_hash_table_insert (described, info->told, info);
}

PlantRpcInterfaceInfo *
plant_rpc_known_interfaces_describe (GVariant  *variant,
                                     GError   **error)
{
  g_autoptr (GBytes) told = NULL;
  PlantRpcInterfaceInfo *info;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return plant_rpc_interface_info_new_from_variant (variant, error);
  told = g_variant_get_data_as_bytes (variant);
  info = find_described (told);
  if (info != NULL)
    return info;
  info = plant_rpc_interface_info_new_from_variant (variant, error);
  if (info != NULL)
    keep_described (info, told);
  return info;
}

/* The last reference is dropped while nobody can look the interface up. */
void
plant_rpc_known_interfaces_unref (PlantRpcInterfaceInfo *info)
{
  gint count = g_atomic_int_get (&info->ref_count);
  gboolean last;

  while (count > 1)
    {
      if (g_atomic_int_compare_and_exchange (&info->ref_count, count, count - 1))
        return;
      count = g_atomic_int_get (&info->ref_count);
    }
  g_mutex_lock (&lock);
  last = g_atomic_ref_count_dec (&info->ref_count);
  if (last)
    g_hash_table_remove (described, info->told);
  g_mutex_unlock (&lock);
  if (last)
    plant_rpc_interface_info_free (info);
}

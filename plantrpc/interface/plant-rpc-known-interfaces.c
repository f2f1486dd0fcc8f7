/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-init-private.h"
#include "plant-rpc-known-interfaces-private.h"

static GMutex lock;
/* The table has no references. The key is a hash that no peer can imitate. */
static GHashTable *described; /* (mutex lock) (nullable) (element-type utf8 PlantRpcInterfaceInfo) */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

static char *
make_key (GVariant *variant)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *) g_variant_get_type_string (variant), -1);
  g_checksum_update (checksum, g_variant_get_data (variant), g_variant_get_size (variant));
  return g_strdup (g_checksum_get_string (checksum));
}

static PlantRpcInterfaceInfo *
find_described (const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  PlantRpcInterfaceInfo *info = described != NULL ? g_hash_table_lookup (described, key) : NULL;

  return info != NULL ? plant_rpc_interface_info_ref (info) : NULL;
}

/* Another thread may have made an equal one meanwhile. Then this one is just not known. */
static void
keep_described (PlantRpcInterfaceInfo *info,
                const char            *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (described == NULL)
    described = g_hash_table_new (g_str_hash, g_str_equal);
  if (g_hash_table_contains (described, key))
    return;
  info->key = g_strdup (key);
  g_hash_table_insert (described, info->key, info);
}

PlantRpcInterfaceInfo *
plant_rpc_known_interfaces_describe (GVariant  *variant,
                                     GError   **error)
{
  g_autofree char *key = make_key (variant);
  PlantRpcInterfaceInfo *info = find_described (key);

  if (info != NULL)
    return info;
  info = plant_rpc_interface_info_new_from_variant (variant, error);
  if (info != NULL)
    keep_described (info, key);
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
    g_hash_table_remove (described, info->key);
  g_mutex_unlock (&lock);
  if (last)
    plant_rpc_interface_info_free (info);
}

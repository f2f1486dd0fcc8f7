/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/random.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-known-interfaces-private.h"

/* What a peer describes is long, so it is known by a hash. The key of the hash is secret, so no
 * peer can make two descriptions with the same one. */
typedef struct {
  guint64 low;
  guint64 high;
} Digest;

static GMutex lock;
static GHashTable *described; /* (mutex lock) (nullable) (element-type Digest
                                 PlantRpcInterfaceInfo): without references */
static Digest secret;         /* (mutex lock): set with DESCRIBED */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

/* ---- SipHash-2-4 with 128 bits: https://www.aumasson.jp/siphash/siphash.pdf */

static inline guint64
rotate (guint64 word,
        guint   n_bits)
{
  return word << n_bits | word >> (64 - n_bits);
}

static inline void
mix (guint64 *v,
     guint    n_rounds)
{
  while (n_rounds-- > 0)
    {
      v[0] += v[1];
      v[1] = rotate (v[1], 13) ^ v[0];
      v[0] = rotate (v[0], 32);
      v[2] += v[3];
      v[3] = rotate (v[3], 16) ^ v[2];
      v[0] += v[3];
      v[3] = rotate (v[3], 21) ^ v[0];
      v[2] += v[1];
      v[1] = rotate (v[1], 17) ^ v[2];
      v[2] = rotate (v[2], 32);
    }
}

static inline void
absorb (guint64 *v,
        guint64  word)
{
  v[3] ^= word;
  mix (v, 2);
  v[0] ^= word;
}

static guint64
finish (guint64 *v)
{
  mix (v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static Digest
hash_bytes (const guint8 *data,
            gsize         size,
            const Digest *key)
{
  guint64 v[] = { key->low ^ 0x736f6d6570736575, key->high ^ 0x646f72616e646f6d ^ 0xee,
                  key->low ^ 0x6c7967656e657261, key->high ^ 0x7465646279746573 };
  guint64 word = 0, last = (guint64) size << 56;
  Digest digest;

  for (gsize n = size / 8; n > 0; n--, data += 8)
    {
      memcpy (&word, data, 8);
      absorb (v, GUINT64_FROM_LE (word));
    }
  for (gsize i = 0; i < size % 8; i++)
    last |= (guint64) data[i] << (8 * i);
  absorb (v, last);
  v[2] ^= 0xee;
  digest.low = finish (v);
  v[1] ^= 0xdd;
  digest.high = finish (v);
  return digest;
}

/* ---- the interfaces */

static guint
digest_hash (gconstpointer key)
{
  return (guint) ((const Digest *) key)->low;
}

static gboolean
digest_equal (gconstpointer a,
              gconstpointer b)
{
  return memcmp (a, b, sizeof (Digest)) == 0;
}

static guint64
make_random (void)
{
  return (guint64) g_random_int () << 32 | g_random_int ();
}

static Digest
get_secret (void)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (described == NULL)
    {
      described = g_hash_table_new (digest_hash, digest_equal);
      if (getrandom (&secret, sizeof secret, GRND_NONBLOCK) != sizeof secret)
        secret = (Digest) { make_random (), make_random () };
    }
  return secret;
}

static PlantRpcInterfaceInfo *
find_described (const Digest *digest)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  PlantRpcInterfaceInfo *info = g_hash_table_lookup (described, digest);

  return info != NULL ? plant_rpc_interface_info_ref (info) : NULL;
}

/* Another thread may have made an equal one meanwhile. Then this one is just not known. */
static void
keep_described (PlantRpcInterfaceInfo *info,
                const Digest          *digest)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (g_hash_table_contains (described, digest))
    return;
  info->key = g_memdup2 (digest, sizeof *digest);
  g_hash_table_insert (described, info->key, info);
}

PlantRpcInterfaceInfo *
plant_rpc_known_interfaces_describe (GVariant  *variant,
                                     GError   **error)
{
  const Digest key = get_secret ();
  Digest digest;
  PlantRpcInterfaceInfo *info = NULL;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return plant_rpc_interface_info_new_from_variant (variant, error);
  digest = hash_bytes (g_variant_get_data (variant), g_variant_get_size (variant), &key);
  info = find_described (&digest);
  if (info != NULL)
    return info;
  info = plant_rpc_interface_info_new_from_variant (variant, error);
  if (info != NULL)
    keep_described (info, &digest);
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

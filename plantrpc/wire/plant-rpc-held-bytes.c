/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdatomic.h>

#include "plant-rpc-held-bytes-private.h"

typedef struct {
  gatomicrefcount ref_count;
  atomic_size_t   size;
} Account;

typedef struct {
  Account *account; /* (owned) */
  GBytes  *bytes;   /* (owned) */
} Held;

struct _PlantRpcHeldBytes {
  GHashTable *accounts; /* (owned) (element-type GBytes Account): by peer */
};

static void
unref_account (Account *account)
{
  if (g_atomic_ref_count_dec (&account->ref_count))
    g_free (account);
}

static void
let_go (gpointer user_data)
{
  Held *held = user_data;

  atomic_fetch_sub (&held->account->size, g_bytes_get_size (held->bytes));
  unref_account (held->account);
  g_bytes_unref (held->bytes);
  g_free (held);
}

PlantRpcHeldBytes *
plant_rpc_held_bytes_new (void)
{
  PlantRpcHeldBytes *self = g_new0 (PlantRpcHeldBytes, 1);

  self->accounts = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                          (GDestroyNotify) g_bytes_unref,
                                          (GDestroyNotify) unref_account);
  return self;
}

void
plant_rpc_held_bytes_free (PlantRpcHeldBytes *self)
{
  g_hash_table_unref (self->accounts);
  g_free (self);
}

static gboolean
is_settled (gpointer peer,
            gpointer account,
            gpointer user_data)
{
  return atomic_load (&((Account *) account)->size) == 0;
}

/* Peers that have left are not reported here. They are removed when the next peer comes. */
static Account *
open_account (PlantRpcHeldBytes *self,
              GBytes            *peer)
{
  Account *account = g_hash_table_lookup (self->accounts, peer);

  if (account != NULL)
    return account;
  g_hash_table_foreach_remove (self->accounts, is_settled, NULL);
  account = g_new0 (Account, 1);
  g_atomic_ref_count_init (&account->ref_count);
  g_hash_table_insert (self->accounts, g_bytes_ref (peer), account);
  return account;
}

GBytes *
plant_rpc_held_bytes_count (PlantRpcHeldBytes *self,
                            GBytes            *peer,
                            GBytes            *bytes)
{
  Held *held = g_new (Held, 1);
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  held->account = open_account (self, peer);
  held->bytes = g_bytes_ref (bytes);
  g_atomic_ref_count_inc (&held->account->ref_count);
  atomic_fetch_add (&held->account->size, size);
  return g_bytes_new_with_free_func (data, size, let_go, held);
}

gsize
plant_rpc_held_bytes_get (PlantRpcHeldBytes *self,
                          GBytes            *peer)
{
  Account *account = g_hash_table_lookup (self->accounts, peer);

  return account != NULL ? atomic_load (&account->size) : 0;
}

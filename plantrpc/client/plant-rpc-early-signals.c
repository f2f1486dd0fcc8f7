/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-early-signals-private.h"

#include "plant-rpc-limits-private.h"

struct _PlantRpcEarlySignals {
  GHashTable *signals; /* (owned) (element-type utf8 Early): by name */
  gsize       size;    /* bytes of the arguments of all that were kept */
};

typedef struct {
  GVariant *args; /* (owned) */
  gint64    time; /* monotonic µs: when it arrived */
} Early;

static void
early_free (gpointer data)
{
  Early *early = data;

  g_variant_unref (early->args);
  g_free (early);
}

PlantRpcEarlySignals *
plant_rpc_early_signals_new (void)
{
  PlantRpcEarlySignals *self = g_new0 (PlantRpcEarlySignals, 1);

  self->signals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, early_free);
  return self;
}

void
plant_rpc_early_signals_free (PlantRpcEarlySignals *self)
{
  g_hash_table_unref (self->signals);
  g_free (self);
}

gboolean
plant_rpc_early_signals_keep (PlantRpcEarlySignals *self,
                              const char           *name,
                              GVariant             *args)
{
  Early *early;

  self->size += g_variant_get_size (args);
  if (self->size > PLANT_RPC_MAX_QUEUED_SIGNALS ||
      g_hash_table_size (self->signals) == PLANT_RPC_MAX_MEMBERS)
    return FALSE;
  early = g_new (Early, 1);
  *early = (Early) { g_variant_ref (args), g_get_monotonic_time () };
  g_hash_table_replace (self->signals, g_strdup (name), early);
  return TRUE;
}

void
plant_rpc_early_signals_tell (PlantRpcEarlySignals    *self,
                              gint64                   since,
                              PlantRpcEarlySignalFunc  func,
                              gpointer                 user_data)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->signals);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      Early *early = value;

      if (early->time >= since)
        func (name, early->args, user_data);
    }
  g_hash_table_remove_all (self->signals);
  self->size = 0;
}

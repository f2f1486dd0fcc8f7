/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-pending-private.h"

struct _PlantRpcPending {
  GHashTable *calls; /* (owned) (element-type PlantRpcPendingCall PlantRpcPendingCall): by id */
};

PlantRpcPending *
plant_rpc_pending_new (void)
{
  PlantRpcPending *self = g_new (PlantRpcPending, 1);

  self->calls = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  return self;
}

void
plant_rpc_pending_free (PlantRpcPending *self)
{
  g_hash_table_unref (self->calls);
  g_free (self);
}

void
plant_rpc_pending_clear (PlantRpcPending *self)
{
  g_hash_table_remove_all (self->calls);
}

guint
plant_rpc_pending_get_n (PlantRpcPending *self)
{
  return g_hash_table_size (self->calls);
}

void
plant_rpc_pending_add (PlantRpcPending   *self,
                       guint64            id,
                       PlantRpcReplyFunc  func,
                       gpointer           user_data)
{
  PlantRpcPendingCall *call = g_new (PlantRpcPendingCall, 1);

  *call = (PlantRpcPendingCall) { .id = id, .func = func, .user_data = user_data };
  g_hash_table_add (self->calls, call);
}

gboolean
plant_rpc_pending_take (PlantRpcPending     *self,
                        guint64              id,
                        PlantRpcPendingCall *call)
{
  PlantRpcPendingCall *found = g_hash_table_lookup (self->calls, &id);

  if (found == NULL)
    return FALSE;
  *call = *found;
  g_hash_table_remove (self->calls, &id);
  return TRUE;
}

void
plant_rpc_pending_forget (PlantRpcPending *self,
                          guint64          id)
{
  g_hash_table_remove (self->calls, &id);
}

static gboolean
is_of (gpointer call,
       gpointer value,
       gpointer user_data)
{
  return ((PlantRpcPendingCall *) call)->user_data == user_data;
}

void
plant_rpc_pending_forget_of (PlantRpcPending *self,
                             gpointer         user_data)
{
  g_hash_table_foreach_remove (self->calls, is_of, user_data);
}

void
plant_rpc_pending_expect_large (PlantRpcPending *self,
                                guint64          id)
{
  PlantRpcPendingCall *call = g_hash_table_lookup (self->calls, &id);

  if (call != NULL)
    call->large = TRUE;
}

gboolean
plant_rpc_pending_expects_large (PlantRpcPending *self)
{
  GHashTableIter iter;
  PlantRpcPendingCall *call;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, (gpointer *) &call, NULL))
    {
      if (call->large)
        return TRUE;
    }
  return FALSE;
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  const guint64 first = *(const guint64 *) a, second = *(const guint64 *) b;

  return first < second ? -1 : first > second;
}

static GArray *
list_ids (PlantRpcPending *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  PlantRpcPendingCall *call;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, (gpointer *) &call, NULL))
    g_array_append_val (ids, call->id);
  g_array_sort (ids, compare_ids);
  return ids;
}

void
plant_rpc_pending_note_unsent (PlantRpcPending *self,
                               guint64          id)
{
  PlantRpcPendingCall *call = g_hash_table_lookup (self->calls, &id);

  if (call != NULL)
    call->unsent = TRUE;
}

void
plant_rpc_pending_fail (PlantRpcPending *self,
                        const GError    *error,
                        const GError    *unsent)
{
  g_autoptr (GArray) ids = list_ids (self);

  for (guint i = 0; i < ids->len; i++)
    {
      PlantRpcPendingCall call;

      if (plant_rpc_pending_take (self, g_array_index (ids, guint64, i), &call))
        call.func (NULL, NULL, call.unsent ? unsent : error, call.user_data);
    }
}

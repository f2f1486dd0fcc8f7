/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-invitations-private.h"

/* µs for which one that is spent is known, and how many of them are */
#define MEMORY_US ((gint64) 3600 * G_USEC_PER_SEC)
#define MAX_SPENT 64

/* s by which the clock on the wall may have been set back since a line was written. If it was set
 * back further, it does not tell the age of the line. */
#define CLOCK_SLACK 60

struct _PlantRpcInvitations {
  GHashTable *entries; /* (owned) (element-type utf8 PlantRpcInvitationEntry): by key */
};

static void
entry_free (gpointer data)
{
  PlantRpcInvitationEntry *entry = data;

  g_free (entry->joined);
  g_free (entry);
}

PlantRpcInvitations *
plant_rpc_invitations_new (void)
{
  PlantRpcInvitations *self = g_new0 (PlantRpcInvitations, 1);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  return self;
}

void
plant_rpc_invitations_free (PlantRpcInvitations *self)
{
  g_hash_table_unref (self->entries);
  g_free (self);
}

/* ---- the end of an invitation */

static gboolean
is_over (const PlantRpcInvitationEntry *entry)
{
  return entry->state == PLANT_RPC_INVITATION_STATE_SPENT ||
         entry->state == PLANT_RPC_INVITATION_STATE_LATE;
}

/* Of those that are over, forgets the one whose memory ends first if they are too many. */
static void
limit_memory (PlantRpcInvitations *self)
{
  GHashTableIter iter;
  const char *key;
  const char *first = NULL;
  PlantRpcInvitationEntry *entry;
  gint64 end = G_MAXINT64;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, (gpointer *) &key, (gpointer *) &entry))
    {
      if (!is_over (entry))
        continue;
      n++;
      if (entry->end >= end)
        continue;
      end = entry->end;
      first = key;
    }
  if (n > MAX_SPENT)
    g_hash_table_remove (self->entries, first);
}

void
plant_rpc_invitations_spend (PlantRpcInvitations     *self,
                             PlantRpcInvitationEntry *entry,
                             const char              *joined,
                             gint64                   now)
{
  entry->state = joined != NULL ? PLANT_RPC_INVITATION_STATE_SPENT
                                : PLANT_RPC_INVITATION_STATE_LATE;
  entry->end = now + MEMORY_US;
  g_free (entry->joined);
  entry->joined = g_strdup (joined);
  limit_memory (self);
}

PlantRpcInvitationEntry *
plant_rpc_invitations_find (PlantRpcInvitations *self,
                            const char          *key,
                            gint64               now)
{
  PlantRpcInvitationEntry *entry = g_hash_table_lookup (self->entries, key);

  if (entry == NULL || entry->state == PLANT_RPC_INVITATION_STATE_CLAIMED || now < entry->end)
    return entry;
  if (entry->state == PLANT_RPC_INVITATION_STATE_WAITING)
    {
      plant_rpc_invitations_spend (self, entry, NULL, now);
      return g_hash_table_lookup (self->entries, key);
    }
  g_hash_table_remove (self->entries, key);
  return NULL;
}

/* ---- the table */

static PlantRpcInvitationEntry *
insert (PlantRpcInvitations *self,
        const char          *key,
        PlantRpcRole         granted,
        gint64               end)
{
  PlantRpcInvitationEntry *entry = g_new0 (PlantRpcInvitationEntry, 1);

  entry->granted = granted;
  entry->end = end;
  g_hash_table_replace (self->entries, g_strdup (key), entry);
  return entry;
}

void
plant_rpc_invitations_add (PlantRpcInvitations *self,
                           const char          *key,
                           PlantRpcRole         granted,
                           guint                lifetime,
                           gint64               now)
{
  insert (self, key, granted, now + (gint64) lifetime * G_USEC_PER_SEC);
}

gboolean
plant_rpc_invitations_remove (PlantRpcInvitations *self,
                              const char          *key)
{
  return g_hash_table_remove (self->entries, key);
}

/* Returns how many seconds an invitation is good that has just been seen. */
static gint64
find_rest (const PlantRpcAllowedKey *line,
           gint64                    wall)
{
  const gint64 rest = line->end - wall;

  if (rest > (gint64) line->lifetime + CLOCK_SLACK)
    return 0;
  return CLAMP (rest, 0, (gint64) line->lifetime);
}

static gboolean
is_missing (gpointer key,
            gpointer value,
            gpointer user_data)
{
  PlantRpcInvitationEntry *entry = value;
  const PlantRpcAllowedKey *line = g_hash_table_lookup (user_data, key);

  entry->listed = line != NULL && line->lifetime > 0;
  return !entry->listed && entry->state == PLANT_RPC_INVITATION_STATE_WAITING;
}

void
plant_rpc_invitations_take (PlantRpcInvitations *self,
                            GHashTable          *table,
                            gint64               now,
                            gint64               wall)
{
  GHashTableIter iter;
  const char *key;
  const PlantRpcAllowedKey *line;

  g_hash_table_foreach_remove (self->entries, is_missing, table);
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, (gpointer *) &key, (gpointer *) &line))
    {
      PlantRpcInvitationEntry *entry = g_hash_table_lookup (self->entries, key);

      if (line->lifetime == 0)
        continue;
      if (entry == NULL)
        entry = insert (self, key, line->granted,
                        now + find_rest (line, wall) * G_USEC_PER_SEC);
      entry->granted = line->granted;
      entry->listed = TRUE;
    }
}

void
plant_rpc_invitations_list (PlantRpcInvitations *self,
                            gboolean             waiting,
                            gint64               now,
                            GPtrArray           *keys)
{
  g_autofree gpointer *known = g_hash_table_get_keys_as_array (self->entries, NULL);

  for (guint i = 0; known[i] != NULL; i++)
    {
      g_autofree char *key = g_strdup (known[i]);
      PlantRpcInvitationEntry *entry = plant_rpc_invitations_find (self, key, now);

      if (entry == NULL)
        continue;
      if (waiting ? entry->state != PLANT_RPC_INVITATION_STATE_WAITING
                  : !is_over (entry) || !entry->listed)
        continue;
      if (!waiting)
        entry->listed = FALSE;
      g_ptr_array_add (keys, g_steal_pointer (&key));
    }
}

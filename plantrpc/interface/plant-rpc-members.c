/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-members-private.h"

void
plant_rpc_members_init (PlantRpcMembers *self,
                        GDestroyNotify   unref,
                        gboolean         named)
{
  self->list = g_ptr_array_new_with_free_func (unref);
  self->by_wire = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_name = named ? g_hash_table_new (g_str_hash, g_str_equal) : NULL;
}

void
plant_rpc_members_clear (PlantRpcMembers *self)
{
  g_clear_pointer (&self->by_wire, g_hash_table_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->list, g_ptr_array_unref);
}

PlantRpcMembers
plant_rpc_members_steal (PlantRpcMembers *self)
{
  PlantRpcMembers stolen = *self;

  *self = (PlantRpcMembers) { NULL, NULL, NULL };
  return stolen;
}

gpointer
plant_rpc_members_lookup (PlantRpcMembers *self,
                          const char      *name,
                          char             separator)
{
  GHashTable *listed = self->by_name != NULL ? self->by_name : self->by_wire;
  gpointer found = g_hash_table_lookup (listed, name);
  g_autofree char *other = g_strdelimit (g_strdup (name), "-_", separator);

  if (found == NULL)
    found = g_hash_table_lookup (self->by_wire, name);
  return found != NULL ? found : g_hash_table_lookup (listed, other);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-members-private.h"
#include "plant-rpc-names-private.h"

/* leaves room for a dash and a number within the longest name */
#define MAX_WANTED_LENGTH (PLANT_RPC_MAX_NAME_LENGTH - (int) strlen ("-1000"))

void
plant_rpc_members_init (PlantRpcMembers *self,
                        const char      *kind,
                        GDestroyNotify   unref,
                        glong            wire_name,
                        glong            name)
{
  self->kind = kind;
  self->wire_name = wire_name;
  self->name = name;
  self->list = g_ptr_array_new_with_free_func (unref);
  self->by_wire = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
}

void
plant_rpc_members_clear (PlantRpcMembers *self)
{
  g_hash_table_unref (self->by_wire);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->list);
}

static gboolean
check_room (PlantRpcMembers  *self,
            const char       *wire_name,
            GError          **error)
{
  g_autofree char *quoted = NULL;

  if (self->list->len > PLANT_RPC_MAX_MEMBERS)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_INTERFACE,
                                 _("there are too many members: at most %d of a kind are taken"),
                                 PLANT_RPC_MAX_MEMBERS);
  if (!g_hash_table_contains (self->by_wire, wire_name))
    return TRUE;

  quoted = plant_rpc_names_quote (wire_name);
  return plant_rpc_error_fail (
      error, PLANT_RPC_ERROR_INVALID_INTERFACE,
      /* Translators: “methods”, “properties” or “signals”, and a name in quotes */
      _("“%s”: there are two called %s"), self->kind, quoted);
}

static char **
name_of (PlantRpcMembers *self,
         gpointer         member)
{
  return &G_STRUCT_MEMBER (char *, member, self->name);
}

static const char *
wire_name_of (PlantRpcMembers *self,
              gpointer         member)
{
  return G_STRUCT_MEMBER (char *, member, self->wire_name);
}

/* Tells how much a GObject name is the own name of a member: 2 if it is the one on the wire, 1 if
 * GObject takes the two for the same, as "exposure-time" and "exposure_time". */
static int
rank_name (PlantRpcMembers *self,
           gpointer         member,
           const char      *name)
{
  const char *wire_name = wire_name_of (self, member);
  gsize i = 0;

  if (g_str_equal (wire_name, name))
    return 2;
  while (name[i] != '\0' && (wire_name[i] == name[i] || (wire_name[i] == '_' && name[i] == '-')))
    i++;
  return name[i] == '\0' && wire_name[i] == '\0' ? 1 : 0;
}

/* Gives MEMBER the first of "name", "name-2", "name-3", … that is free. Several names on the wire
 * may have one GObject name: the member whose own name that is gets it, and the member that had it
 * gets the next one. */
static void
insert_name (PlantRpcMembers *self,
             gpointer         member)
{
  g_autofree char *wanted = g_strdup (*name_of (self, member));
  gpointer holder;

  for (guint i = 2; (holder = g_hash_table_lookup (self->by_name, *name_of (self, member))) != NULL;
       i++)
    {
      const char *name = *name_of (self, member);

      if (rank_name (self, member, name) > rank_name (self, holder, name))
        {
          g_hash_table_steal (self->by_name, name);
          g_hash_table_insert (self->by_name, *name_of (self, member), member);
          member = holder;
        }
      g_free (*name_of (self, member));
      *name_of (self, member) = g_strdup_printf ("%.*s-%u", MAX_WANTED_LENGTH, wanted, i);
    }
  g_hash_table_insert (self->by_name, *name_of (self, member), member);
}

gboolean
plant_rpc_members_take (PlantRpcMembers  *self,
                        gpointer          member,
                        GError          **error)
{
  const char *wire_name = wire_name_of (self, member);

  g_ptr_array_add (self->list, member);
  if (!check_room (self, wire_name, error))
    {
      g_ptr_array_remove_index (self->list, self->list->len - 1);
      return FALSE;
    }
  g_hash_table_insert (self->by_wire, (gpointer) wire_name, member);
  if (self->name != 0)
    insert_name (self, member);
  return TRUE;
}

gpointer
plant_rpc_members_lookup (PlantRpcMembers *self,
                          const char      *name,
                          char             separator)
{
  GHashTable *listed = self->name != 0 ? self->by_name : self->by_wire;
  gpointer found = g_hash_table_lookup (self->by_wire, name);
  g_autofree char *other = NULL;

  if (found == NULL && self->name != 0)
    found = g_hash_table_lookup (listed, name);
  if (found != NULL)
    return found;
  other = g_strdelimit (g_strdup (name), "-_", separator);
  return g_hash_table_lookup (listed, other);
}

static char **
list (PlantRpcMembers *self,
      glong            offset)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->list->len; i++)
    g_strv_builder_add (names, G_STRUCT_MEMBER (char *, self->list->pdata[i], offset));
  return g_strv_builder_end (names);
}

char **
plant_rpc_members_list_names (PlantRpcMembers *self)
{
  return list (self, self->name != 0 ? self->name : self->wire_name);
}

char **
plant_rpc_members_list_wire_names (PlantRpcMembers *self)
{
  return list (self, self->wire_name);
}

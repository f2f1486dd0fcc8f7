/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The methods, properties or signals of an interface, in the order of their declaration. They are
 * found by their wire name, and properties and signals also by their GObject name. */
typedef struct {
  const char *kind;      /* “methods” and so on, for messages */
  glong       wire_name; /* offset of that field (char *) in a member */
  glong       name;      /* offset of the field for the GObject name (char *); 0 for methods */
  GPtrArray  *list;      /* (owned) */
  GHashTable *by_wire;   /* (owned) (element-type utf8 gpointer): keys and values belong to LIST */
  GHashTable *by_name;   /* (owned) (element-type utf8 gpointer): likewise; empty for methods */
} PlantRpcMembers;

void      plant_rpc_members_init            (PlantRpcMembers  *self,
                                             const char       *kind,
                                             GDestroyNotify    unref,
                                             glong             wire_name,
                                             glong             name);
void      plant_rpc_members_clear           (PlantRpcMembers  *self);
/* Adds MEMBER, which is consumed also on failure. Of two members with the same GObject name, the
 * one that has it on the wire keeps it, or else the first. The other one gets a number behind it.
 * Fails with PLANT_RPC_ERROR_INVALID_INTERFACE if there already is a member of that wire name, or
 * there are PLANT_RPC_MAX_MEMBERS. */
gboolean  plant_rpc_members_take            (PlantRpcMembers  *self,
                                             gpointer          member,
                                             GError          **error);
/* Returns a member by its wire name, or else by its GObject name. If there is none, it is looked
 * for once more with SEPARATOR, "-" or "_", for each other separator in NAME. Returns NULL if there
 * still is none. */
gpointer  plant_rpc_members_lookup          (PlantRpcMembers  *self,
                                             const char       *name,
                                             char              separator);
/* Return the names in order. The names of methods are those of the wire. */
char    **plant_rpc_members_list_names      (PlantRpcMembers  *self);
char    **plant_rpc_members_list_wire_names (PlantRpcMembers  *self);

G_END_DECLS

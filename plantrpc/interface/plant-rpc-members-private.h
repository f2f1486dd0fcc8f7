/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The methods, properties or signals of an interface, in the order of their declaration. They are
 * found by their wire name, and properties and signals also by their GObject name. */
typedef struct {
  GPtrArray  *list;    /* (owned) */
  GHashTable *by_wire; /* (owned) (element-type utf8 gpointer): keys and values belong to LIST */
  GHashTable *by_name; /* (owned) (nullable) (element-type utf8 gpointer): likewise; NULL for
                          methods */
} PlantRpcMembers;

/* NAMED tells that the members have GObject names. */
void      plant_rpc_members_init   (PlantRpcMembers *self,
                                    GDestroyNotify   unref,
                                    gboolean         named);
void      plant_rpc_members_clear  (PlantRpcMembers *self);
/* Returns the members, and leaves SELF without any. */
PlantRpcMembers plant_rpc_members_steal (PlantRpcMembers *self);
/* Returns a member by either name. If there is none, it is looked for once more with SEPARATOR, "-"
 * or "_", for each other separator in NAME. Returns NULL if there still is none. */
gpointer  plant_rpc_members_lookup (PlantRpcMembers *self,
                                    const char      *name,
                                    char             separator);

G_END_DECLS

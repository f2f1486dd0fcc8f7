/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Collects members and makes an interface of them; every interface comes from here, so here is
 * where names become unique and properties find their change signals. */
typedef struct _PlantRpcBuilder PlantRpcBuilder;

PlantRpcBuilder       *plant_rpc_builder_new                   (void);
void                   plant_rpc_builder_free                  (PlantRpcBuilder       *self);

/* Each fails with PLANT_RPC_ERROR_INVALID_INTERFACE when there is a member of that kind and wire
 * name, or there are PLANT_RPC_MAX_MEMBERS. A property or signal whose GObject name is taken gets
 * another one, with a number. MEMBER is consumed in either case. */
gboolean               plant_rpc_builder_take_method           (PlantRpcBuilder       *self,
                                                                PlantRpcMethodInfo    *member,
                                                                GError               **error);
gboolean               plant_rpc_builder_take_property         (PlantRpcBuilder       *self,
                                                                PlantRpcPropertyInfo  *member,
                                                                GError               **error);
gboolean               plant_rpc_builder_take_signal           (PlantRpcBuilder       *self,
                                                                PlantRpcSignalInfo    *member,
                                                                GError               **error);

/* Takes the place of the method of that name, if there is one; its signature lives on where the
 * new one has none. */
gboolean               plant_rpc_builder_replace_method        (PlantRpcBuilder       *self,
                                                                PlantRpcMethodInfo    *member,
                                                                GError               **error);

/* Lets properties and signals find each other. Done once, when all members are there. */
void                   plant_rpc_builder_pair                  (PlantRpcBuilder       *self);

/* A change signal of unknown arguments has one, of its property's type, where that is known. */
void                   plant_rpc_builder_complete_signatures   (PlantRpcBuilder       *self);

/* For properties that found none: the signal that a server sends for them (…_add_…), or just its
 * name, by which a peer may have one (…_assume_…). */
gboolean               plant_rpc_builder_add_change_signals    (PlantRpcBuilder       *self,
                                                                GError               **error);
void                   plant_rpc_builder_assume_change_signals (PlantRpcBuilder       *self);

PlantRpcInterfaceInfo *plant_rpc_builder_end                   (PlantRpcBuilder       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcBuilder, plant_rpc_builder_free)

/* What the builder hands over: members by wire name, and by GObject name where they have one. */
typedef struct {
  GPtrArray  *list;    /* (owned): in declaration order */
  GHashTable *by_wire; /* (owned) (element-type utf8 gpointer): keys and values belong to list */
  GHashTable *by_name; /* (owned) (nullable) (element-type utf8 gpointer): likewise */
} PlantRpcMembers;

void                   plant_rpc_members_clear                 (PlantRpcMembers       *self);
PlantRpcInterfaceInfo *plant_rpc_interface_info_new_take       (PlantRpcMembers       *methods,
                                                                PlantRpcMembers       *properties,
                                                                PlantRpcMembers       *signals);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Collects members and makes an interface of them. Every interface is made here, so that names
 * become unique and properties find their change signals in one place. */
typedef struct _PlantRpcBuilder PlantRpcBuilder;

PlantRpcBuilder       *plant_rpc_builder_new                   (void);
void                   plant_rpc_builder_free                  (PlantRpcBuilder       *self);

/* Each fails with PLANT_RPC_ERROR_INVALID_INTERFACE if there already is a member of that kind and
 * wire name, or there are PLANT_RPC_MAX_MEMBERS of that kind. A property or signal whose GObject
 * name is taken gets a number behind its name. MEMBER is consumed also on failure. */
gboolean               plant_rpc_builder_take_method           (PlantRpcBuilder       *self,
                                                                PlantRpcMethodInfo    *member,
                                                                GError               **error);
gboolean               plant_rpc_builder_take_property         (PlantRpcBuilder       *self,
                                                                PlantRpcPropertyInfo  *member,
                                                                GError               **error);
gboolean               plant_rpc_builder_take_signal           (PlantRpcBuilder       *self,
                                                                PlantRpcSignalInfo    *member,
                                                                GError               **error);

/* Replaces the method of that name, if there is one. If the new method has no signature, it keeps
 * the former one. */
gboolean               plant_rpc_builder_replace_method        (PlantRpcBuilder       *self,
                                                                PlantRpcMethodInfo    *member,
                                                                GError               **error);

/* Connects properties with their change signals. It is called once, after all members were
 * added. */
void                   plant_rpc_builder_pair                  (PlantRpcBuilder       *self);

/* If the arguments of a change signal are unknown, it gets one of its property's type, if that is
 * known. */
void                   plant_rpc_builder_complete_signatures   (PlantRpcBuilder       *self);

/* Both are for properties without a change signal. The first adds the signal that a server sends
 * for them, and the second only sets the name that a peer may use for one. */
gboolean               plant_rpc_builder_add_change_signals    (PlantRpcBuilder       *self,
                                                                GError               **error);
void                   plant_rpc_builder_assume_change_signals (PlantRpcBuilder       *self);

PlantRpcInterfaceInfo *plant_rpc_builder_end                   (PlantRpcBuilder       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcBuilder, plant_rpc_builder_free)

G_END_DECLS

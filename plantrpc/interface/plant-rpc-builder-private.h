/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Completes an interface that has been given its members, before others see it: replaces methods,
 * and connects properties with their change signals. */

/* Replaces the method of that name, or adds MEMBER, which is consumed also on failure. If the new
 * method has no signature, it keeps the former one. */
gboolean plant_rpc_builder_replace_method        (PlantRpcInterfaceInfo  *self,
                                                  PlantRpcMethodInfo     *member,
                                                  GError                **error);

/* Sets the role that is asked for to call the method NAME, and to write the property NAME. */
void     plant_rpc_builder_set_role              (PlantRpcInterfaceInfo  *self,
                                                  const char             *name,
                                                  PlantRpcRole            role);

/* Connects properties with their change signals. It is called once, after all members were
 * added. */
void     plant_rpc_builder_pair                  (PlantRpcInterfaceInfo  *self);

/* If the arguments of a change signal are unknown, it gets one of its property's type, if that is
 * known. */
void     plant_rpc_builder_complete_signatures   (PlantRpcInterfaceInfo  *self);

/* Both are for properties without a change signal. The first adds the signal that a server sends
 * for them, and the second only sets the name that a peer may use for one. */
gboolean plant_rpc_builder_add_change_signals    (PlantRpcInterfaceInfo  *self,
                                                  GError                **error);
void     plant_rpc_builder_assume_change_signals (PlantRpcInterfaceInfo  *self);

G_END_DECLS

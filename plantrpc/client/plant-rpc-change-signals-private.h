/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Returns PROPERTIES (element-type utf8 PlantRpcProperty), which are by wire name and must outlive
 * what is returned, by the wire name of the signal that tells of the changes of each. If two
 * properties have the same usual name for it, the first in INFO (nullable) gets it. */
GHashTable *plant_rpc_change_signals_new (GHashTable            *properties,
                                          PlantRpcInterfaceInfo *info);

G_END_DECLS

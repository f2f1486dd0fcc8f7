/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* The interfaces that devices have described to this process. Clients of devices that describe
 * themselves alike share one. Thread-safe. */

/* Like plant_rpc_interface_info_new_from_variant(), but returns the interface that was made of an
 * equal VARIANT, as long as somebody has it. */
PlantRpcInterfaceInfo *plant_rpc_known_interfaces_describe (GVariant               *variant,
                                                            GError                **error);
/* Like plant_rpc_interface_info_unref(), for an interface that is known. */
void                   plant_rpc_known_interfaces_unref    (PlantRpcInterfaceInfo  *info);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Packs the reply to GET_INVENTORY for an interface. Unless INSTANCE is NULL, it offers the native
 * wire. */
GBytes *plant_rpc_inventory_reply_build (PlantRpcInterfaceInfo  *interface,
                                         const char             *name,
                                         const char             *instance,
                                         GError                **error);

G_END_DECLS

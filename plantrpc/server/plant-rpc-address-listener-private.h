/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* Plain TCP listeners for clients of generation 1, who learn their own address by connecting: each
 * takes one connection and closes it, or gives up after a while. Never blocks anybody. */
typedef struct _PlantRpcAddressListener PlantRpcAddressListener;

PlantRpcAddressListener *plant_rpc_address_listener_new   (GMainContext *context);
void                     plant_rpc_address_listener_free  (PlantRpcAddressListener *self);
/* Opens one at HOST, a numeric IPv4 or IPv6 address or anything else for all IPv4 interfaces. The
 * port, 0 with error set. */
guint16                  plant_rpc_address_listener_open  (PlantRpcAddressListener  *self,
                                                           const char               *host,
                                                           GError                  **error);
guint                    plant_rpc_address_listener_count (PlantRpcAddressListener *self);

G_END_DECLS

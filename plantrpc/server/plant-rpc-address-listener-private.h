/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-limits-private.h"

G_BEGIN_DECLS

/* TCP listeners for clients of generation 1, which learn their own address by connecting to one.
 * Each listener accepts one connection and closes it, or is closed after a while. No function
 * blocks. */
typedef struct _PlantRpcAddressListener PlantRpcAddressListener;

PlantRpcAddressListener *plant_rpc_address_listener_new  (GMainContext *context);
void                     plant_rpc_address_listener_free (PlantRpcAddressListener *self);
/* Opens a listener at HOST, a numeric IPv4 or IPv6 address. For any other text it listens on all
 * IPv4 interfaces. Returns the port, or 0 with the error set. */
guint16                  plant_rpc_address_listener_open (PlantRpcAddressListener  *self,
                                                          const char               *host,
                                                          GError                  **error);

G_END_DECLS

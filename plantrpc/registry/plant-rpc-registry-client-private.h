/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <zmq.h>

#include "plant-rpc-registry-client.h"

G_BEGIN_DECLS

/* For a caller that blocks. Changes are notified inside these functions. */
guint  plant_rpc_registry_client_fill_poll    (PlantRpcRegistryClient *self,
                                               zmq_pollitem_t         *items);
/* Returns when step() must be called at the latest (monotonic µs), or -1. */
gint64 plant_rpc_registry_client_get_deadline (PlantRpcRegistryClient *self);
void   plant_rpc_registry_client_process      (PlantRpcRegistryClient *self);

G_END_DECLS

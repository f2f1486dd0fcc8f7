/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-connections-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The peers that a registry tells each change of its list. A peer is told for PLANT_RPC_WATCH_LEASE
 * after its last WATCH, or until its connection ends. */
typedef struct _PlantRpcWatchers PlantRpcWatchers;

/* SOCKET, a ROUTER, and CONNECTIONS are unowned. */
PlantRpcWatchers *plant_rpc_watchers_new       (PlantRpcSocket          *socket,
                                                PlantRpcConnections     *connections);
void              plant_rpc_watchers_free      (PlantRpcWatchers        *self);
guint             plant_rpc_watchers_count     (PlantRpcWatchers        *self);

/* Adds a watcher, or prolongs its lease from NOW on (monotonic µs). ADDRESS (nullable) is its
 * network address. Returns FALSE if there are too many watchers. */
gboolean          plant_rpc_watchers_add       (PlantRpcWatchers        *self,
                                                const PlantRpcEnvelope  *envelope,
                                                const char              *address,
                                                gint64                   now,
                                                GError                 **error);
/* Sends PAYLOAD to all watchers. A watcher that reads too slowly misses it, and its client sees a
 * gap in the serials of the next push. */
void              plant_rpc_watchers_push      (PlantRpcWatchers        *self,
                                                GBytes                  *payload);
/* CONNECTION has ended, and so have its watchers. */
void              plant_rpc_watchers_leave     (PlantRpcWatchers        *self,
                                                guint64                  connection);
/* Removes watchers whose lease is over at NOW, and sends the last push again to those that missed a
 * push. The owner calls this at regular intervals. */
void              plant_rpc_watchers_look_after (PlantRpcWatchers       *self,
                                                 gint64                  now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWatchers, plant_rpc_watchers_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-connections-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* Those that are told each change of a registry's list, each for PLANT_RPC_WATCH_LEASE after it
 * last asked, or until its connection ends. */
typedef struct _PlantRpcWatchers PlantRpcWatchers;

/* SOCKET, a ROUTER, and its CONNECTIONS are borrowed. */
PlantRpcWatchers *plant_rpc_watchers_new       (PlantRpcSocket          *socket,
                                                PlantRpcConnections     *connections);
void              plant_rpc_watchers_free      (PlantRpcWatchers        *self);
guint             plant_rpc_watchers_count     (PlantRpcWatchers        *self);

/* Anew, or for another lease from NOW on, in monotonic µs. ADDRESS (nullable): of the network.
 * FALSE if there are too many. */
gboolean          plant_rpc_watchers_add       (PlantRpcWatchers        *self,
                                                const PlantRpcEnvelope  *envelope,
                                                const char              *address,
                                                gint64                   now,
                                                GError                 **error);
/* To all. One that is too slow misses some: its client sees it from the serial of the next. */
void              plant_rpc_watchers_push      (PlantRpcWatchers        *self,
                                                GBytes                  *payload);
/* CONNECTION is closed. */
void              plant_rpc_watchers_leave     (PlantRpcWatchers        *self,
                                                guint64                  connection);
/* To be called now and then: ends what is over at NOW, and sends the last push again to those that
 * were too slow for one. */
void              plant_rpc_watchers_look_after (PlantRpcWatchers       *self,
                                                 gint64                  now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWatchers, plant_rpc_watchers_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* Those that are told each change of a registry's list, each for PLANT_RPC_WATCH_LEASE after it last
 * asked. A routing identity alone names no peer, since another one may take that of a peer that has
 * left: a watcher belongs to a connection, too, and ends with it. */
typedef struct _PlantRpcWatchers PlantRpcWatchers;

/* SOCKET, a ROUTER, is borrowed. */
PlantRpcWatchers *plant_rpc_watchers_new       (PlantRpcSocket          *socket);
void              plant_rpc_watchers_free      (PlantRpcWatchers        *self);
guint             plant_rpc_watchers_count     (PlantRpcWatchers        *self);

/* Anew, or for another lease from NOW on, in monotonic µs. CONNECTION: the descriptor that the
 * request came by; PEER (nullable): the network address. FALSE if there are too many. */
gboolean          plant_rpc_watchers_add       (PlantRpcWatchers        *self,
                                                const PlantRpcEnvelope  *envelope,
                                                int                      connection,
                                                const char              *peer,
                                                gint64                   now,
                                                GError                 **error);
/* To all. One that is too slow misses some: its client sees it from the serial of the next. */
void              plant_rpc_watchers_push      (PlantRpcWatchers        *self,
                                                GBytes                  *payload);
/* CONNECTION is closed. */
void              plant_rpc_watchers_leave     (PlantRpcWatchers        *self,
                                                int                      connection);
/* To be called now and then: ends what is over at NOW, and sends the last push again to those that
 * were too slow for one. */
void              plant_rpc_watchers_look_after (PlantRpcWatchers       *self,
                                                 gint64                  now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWatchers, plant_rpc_watchers_free)

G_END_DECLS

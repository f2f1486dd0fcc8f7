/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-limits-private.h"
#include "plant-rpc-router-private.h"

G_BEGIN_DECLS

/* One client of generation 1: signals are pushed to its REP socket, which acknowledges each. Never
 * waits for it. */
typedef struct _PlantRpcGeneration1Subscriber PlantRpcGeneration1Subscriber;

/* From the loop: the client has gone, SELF is of no more use and may be freed here. */
typedef void (*PlantRpcGeneration1Func) (gpointer                       owner,
                                         PlantRpcGeneration1Subscriber *self);

/* ADDRESS is the numeric IP address to which the server pushes. PEER identifies the client that
 * asked. */
PlantRpcGeneration1Subscriber *
plant_rpc_generation1_subscriber_new     (const char                     *address,
                                          guint16                         port,
                                          GBytes                         *peer,
                                          GMainContext                   *context,
                                          PlantRpcGeneration1Func         gone,
                                          gpointer                        owner,
                                          GError                        **error);
void
plant_rpc_generation1_subscriber_free    (PlantRpcGeneration1Subscriber  *self);
gboolean
plant_rpc_generation1_subscriber_matches (PlantRpcGeneration1Subscriber  *self,
                                          const char                     *address,
                                          guint16                         port,
                                          GBytes                         *peer);
/* Returns the bytes of the signals that the client has not acknowledged. */
gsize
plant_rpc_generation1_subscriber_get_unacknowledged
                                         (PlantRpcGeneration1Subscriber  *self);
/* FALSE: it has not acknowledged for too long, and is to be dropped. */
gboolean
plant_rpc_generation1_subscriber_push    (PlantRpcGeneration1Subscriber  *self,
                                          GBytes                         *payload);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-limits-private.h"
#include "plant-rpc-router-private.h"

G_BEGIN_DECLS

/* A client of generation 1. Signals are pushed to its REP socket, which acknowledges each. No
 * function waits for the client. */
typedef struct _PlantRpcGeneration1Subscriber PlantRpcGeneration1Subscriber;

/* Called from the main loop when the client has gone. SELF may be freed in it. */
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
plant_rpc_generation1_subscriber_free    (PlantRpcGeneration1Subscriber *self);
gboolean
plant_rpc_generation1_subscriber_matches (PlantRpcGeneration1Subscriber *self,
                                          const char                    *address,
                                          guint16                        port,
                                          GBytes                        *peer);
/* Returns the bytes of the signals that the client has not acknowledged. */
gsize
plant_rpc_generation1_subscriber_get_unacknowledged
                                         (PlantRpcGeneration1Subscriber *self);
/* Returns FALSE if the client has not acknowledged for too long, and must be dropped. */
gboolean
plant_rpc_generation1_subscriber_push    (PlantRpcGeneration1Subscriber *self,
                                          GBytes                        *payload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcGeneration1Subscriber, plant_rpc_generation1_subscriber_free)

G_END_DECLS

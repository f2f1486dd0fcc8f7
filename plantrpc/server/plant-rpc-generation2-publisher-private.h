/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-endpoint-private.h"

G_BEGIN_DECLS

/* The socket on which signals are published for clients of generation 2. */
typedef struct _PlantRpcGeneration2Publisher PlantRpcGeneration2Publisher;

/* Returns TRUE if the object has a signal of that wire name. */
typedef gboolean (*PlantRpcGeneration2KnowsFunc) (gpointer    owner,
                                                  const char *name);

/* Binds a port that the system picks, on the host of ENDPOINT. A peer may subscribe to all
 * messages, or to the name of a signal. Any other subscription ends its connection. */
PlantRpcGeneration2Publisher *
plant_rpc_generation2_publisher_new      (const PlantRpcEndpoint        *endpoint,
                                          GMainContext                  *context,
                                          PlantRpcGeneration2KnowsFunc   knows_signal,
                                          gpointer                       owner,
                                          GError                       **error);
void
plant_rpc_generation2_publisher_free     (PlantRpcGeneration2Publisher *self);
guint16
plant_rpc_generation2_publisher_get_port (PlantRpcGeneration2Publisher *self);
/* Returns whether a client has subscribed. */
gboolean
plant_rpc_generation2_publisher_is_heard (PlantRpcGeneration2Publisher *self);
void
plant_rpc_generation2_publisher_push     (PlantRpcGeneration2Publisher *self,
                                          GBytes                       *payload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcGeneration2Publisher, plant_rpc_generation2_publisher_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-origin-private.h"

G_BEGIN_DECLS

/* The connections at a port that one server was told of, and that anybody can connect to. Those of the
 * server are told from others by their address. Used from one thread. */
typedef struct _PlantRpcCallers PlantRpcCallers;

/* PORT is the number of the port. */
PlantRpcCallers *plant_rpc_callers_new         (PlantRpcOrigin   *origin,
                                                guint16           port);
void             plant_rpc_callers_free        (PlantRpcCallers  *self);
/* One was made, with the descriptor FD. If there are too many, the oldest is ended. */
void             plant_rpc_callers_accept      (PlantRpcCallers  *self,
                                                int               fd);
/* A whole message came by it. */
void             plant_rpc_callers_note        (PlantRpcCallers  *self,
                                                int               fd);
/* Forgets those that are gone, and ends those that send without end. Whether any is left. */
gboolean         plant_rpc_callers_sweep       (PlantRpcCallers  *self);
/* Whether the server is connected, as of the last sweep. */
gboolean         plant_rpc_callers_has_server  (PlantRpcCallers  *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-origin-private.h"

G_BEGIN_DECLS

/* The connections that libzmq accepted at the port where one generation 1 client listens. Anybody
 * can connect to that port. The address of a connection decides whether it belongs to the server,
 * unless it is disowned. All functions must be called from one thread. */
typedef struct _PlantRpcCallers PlantRpcCallers;

/* PORT is the TCP port on which the client listens. */
PlantRpcCallers *plant_rpc_callers_new         (PlantRpcOrigin   *origin,
                                                guint16           port);
void             plant_rpc_callers_free        (PlantRpcCallers  *self);
/* Records the accepted connection with the descriptor FD. If there are more than
 * PLANT_RPC_MAX_CALLERS of its kind (server or stranger), the oldest of that kind is ended. */
void             plant_rpc_callers_accept      (PlantRpcCallers  *self,
                                                int               fd);
/* Records that a whole message was read from the connection FD, and the connection itself, which
 * the monitor may report later than that. */
void             plant_rpc_callers_note        (PlantRpcCallers  *self,
                                                int               fd);
/* What came from the connection FD is nothing that a server sends, so it is a stranger's. */
void             plant_rpc_callers_disown      (PlantRpcCallers  *self,
                                                int               fd);
/* Removes the connections that have closed, and ends those whose message never ends. Returns TRUE
 * if any connection is left. */
gboolean         plant_rpc_callers_sweep       (PlantRpcCallers  *self);
/* Returns TRUE if the server was connected when plant_rpc_callers_sweep() ran last. */
gboolean         plant_rpc_callers_has_server  (PlantRpcCallers  *self);

G_END_DECLS

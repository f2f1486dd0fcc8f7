/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-connections-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-holdings-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The ROUTER socket of a server: binds it, hands out what arrives, and keeps what a peer's full
 * queue does not take until it drains, in order, so that sending never blocks. Used from its
 * context only. */
typedef struct _PlantRpcRouter PlantRpcRouter;

typedef struct {
  /* The payload is frame PAYLOAD_INDEX, if there is one. FRAMES may be stolen from. */
  void (*received)     (gpointer                 owner,
                        const PlantRpcEnvelope  *envelope,
                        PlantRpcFrames          *frames,
                        guint                    payload_index);
  /* A connection has ended; 0 stands for those whose last messages came after that was said. Always
   * from the loop, never within a send. */
  void (*left)         (gpointer                 owner,
                        guint64                  connection);
  void (*connected)    (gpointer                 owner,
                        const char              *address);
  /* CONNECTION is to let go of what waits for it beyond the router. The number of bytes; with 0 it
   * is ended. Also from within a send: nobody may be removed here. */
  gsize (*give_way)    (gpointer                 owner,
                        guint64                  connection);
} PlantRpcRouterFuncs;

/* Where ENDPOINT has no port, one from PLANT_RPC_FIRST_PORT to PLANT_RPC_LAST_PORT is picked.
 * MAX_UNREAD: bytes that are held for all peers together. */
PlantRpcRouter *plant_rpc_router_new            (const PlantRpcEndpoint     *endpoint,
                                                 GMainContext               *context,
                                                 gsize                       max_unread,
                                                 const PlantRpcRouterFuncs  *funcs,
                                                 gpointer                    owner,
                                                 GError                    **error);
/* May be called from within the callbacks; no other follows. */
void            plant_rpc_router_free           (PlantRpcRouter *self);

/* 0 for ipc. */
guint16         plant_rpc_router_get_port       (PlantRpcRouter *self);
void            plant_rpc_router_send           (PlantRpcRouter         *self,
                                                 const PlantRpcEnvelope *envelope,
                                                 GBytes                 *payload,
                                                 GBytes                 *buffer);

/* Borrowed: what is held for whom. */
PlantRpcHoldings *plant_rpc_router_get_holdings (PlantRpcRouter         *self);

/* Notices within seconds that an idle connection was cut, and never takes a busy peer for a dead
 * one. */
void            plant_rpc_router_tune           (PlantRpcSocket *socket);
/* The port at the end of what a socket was bound to. */
guint16         plant_rpc_router_find_port      (PlantRpcSocket *socket);

G_END_DECLS

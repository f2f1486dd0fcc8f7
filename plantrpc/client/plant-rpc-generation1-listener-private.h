/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"

G_BEGIN_DECLS

/* Where generation 1 servers push their signals: sockets on one thread of this process, which
 * acknowledges at once and hands each signal over to the context of its listeners.
 *
 * Such a server waits for the acknowledgement without limit, within the request that caused the
 * signal: acknowledging from the owner's loop would deadlock each of its blocking calls, and a
 * socket that goes with its client would block the server for good. So a socket stays until the
 * server lets go. */
typedef struct _PlantRpcGeneration1Listener PlantRpcGeneration1Listener;

typedef struct {
  void (*received) (PlantRpcEmission  *emission,
                    gpointer           owner);
  /* N signals were dropped, since the owner's loop does not keep up. */
  void (*overflowed) (guint64          n_lost,
                      gpointer         owner);
  /* The server has closed its connection to the socket. */
  void (*left)     (gpointer           owner);
} PlantRpcGeneration1ListenerFuncs;

/* Listens for the signals of the server at URL, reached at SERVER_ADDRESS, which it sends to
 * LOCAL_ADDRESS (both numeric). The clients of one URL share a socket. Anybody can connect to it,
 * so a message from another address than the server's is acknowledged, to let its sender go on, and
 * counted as malformed. */
PlantRpcGeneration1Listener *
plant_rpc_generation1_listener_new (const char                              *url,
                                    const char                              *server_address,
                                    const char                              *local_address,
                                    GMainContext                            *context,
                                    const PlantRpcGeneration1ListenerFuncs  *funcs,
                                    gpointer                                 owner,
                                    GError                                 **error);
/* PROMISED is TRUE if the server may have been told to connect to the socket. */
void
plant_rpc_generation1_listener_free            (PlantRpcGeneration1Listener *self,
                                                gboolean                     promised);
guint16
plant_rpc_generation1_listener_get_port        (PlantRpcGeneration1Listener *self);
/* Returns whether the server is connected to the socket. */
gboolean
plant_rpc_generation1_listener_is_connected    (PlantRpcGeneration1Listener *self);
/* Returns how many messages were not signals. */
guint
plant_rpc_generation1_listener_get_n_malformed (PlantRpcGeneration1Listener *self);

G_END_DECLS

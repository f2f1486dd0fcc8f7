/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"

G_BEGIN_DECLS

/* What one client hears of its generation 1 server. A port receives the signals and acknowledges
 * them, on a thread of its own. They wait here until the client's context takes them. */
typedef struct _PlantRpcGeneration1Listener PlantRpcGeneration1Listener;

typedef struct {
  void (*received)   (gpointer                owner,
                      const PlantRpcEmission *emission);
  /* N signals were dropped, since the owner's loop does not keep up. */
  void (*overflowed) (gpointer                owner,
                      guint64                 n_lost);
  /* The server has closed its connection to the socket. */
  void (*left)       (gpointer                owner);
  /* It has connected again. */
  void (*returned)   (gpointer                owner);
} PlantRpcGeneration1ListenerFuncs;

/* Listens at a port for the signals of the server at URL; see plant_rpc_generation1_port_join(). */
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
/* Returns whether the server is connected to another socket of this process. */
gboolean
plant_rpc_generation1_listener_has_other       (PlantRpcGeneration1Listener *self);
/* Returns how many messages were not signals. */
guint
plant_rpc_generation1_listener_get_n_malformed (PlantRpcGeneration1Listener *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"

G_BEGIN_DECLS

/* The socket to which one generation 1 server pushes its signals, for all clients of that server in
 * this process. All ports share one thread, which acknowledges each message at once.
 *
 * Such a server waits for the acknowledgement without limit, within the request that caused the
 * signal: acknowledging from the client's loop would deadlock each of its blocking calls, and a
 * socket that goes with its client would block the server for good. So a port stays until the
 * server lets go. */
typedef struct _PlantRpcGeneration1Port PlantRpcGeneration1Port;

/* They are called on the thread of the ports, which meanwhile holds a lock of theirs: they must not
 * wait, nor call a function of this file. */
typedef struct {
  /* EMISSION is NULL if the message was not a signal of the server. It is acknowledged after
   * this. */
  void (*received) (gpointer                listener,
                    const PlantRpcEmission *emission);
  /* The server has closed its connection. This is told again if the server connects to another port
   * of this process. */
  void (*left)     (gpointer                listener);
  /* It has connected again. */
  void (*returned) (gpointer                listener);
} PlantRpcGeneration1PortFuncs;

/* Lets LISTENER hear the server at URL, reached at SERVER_ADDRESS, which sends its signals to
 * LOCAL_ADDRESS (both numeric). A port to which the server is connected is shared, else another is
 * opened. Anybody can connect to it, so a message from another address than the server's is
 * acknowledged, to let its sender go on, and is not a signal. FUNCS is the same for all. */
PlantRpcGeneration1Port *plant_rpc_generation1_port_join         (
    const char                          *url,
    const char                          *server_address,
    const char                          *local_address,
    const PlantRpcGeneration1PortFuncs  *funcs,
    gpointer                             listener,
    GError                             **error);
/* After this LISTENER hears nothing, and the port may be gone. PROMISED is TRUE if the server may
 * have been told to connect to it. */
void                     plant_rpc_generation1_port_leave        (
    PlantRpcGeneration1Port             *self,
    gpointer                             listener,
    gboolean                             promised);
/* Returns the number of the TCP port. */
guint16                  plant_rpc_generation1_port_get_number   (PlantRpcGeneration1Port *self);
/* Returns whether the server is connected to another port of this process. */
gboolean                 plant_rpc_generation1_port_has_other    (PlantRpcGeneration1Port *self);
/* Returns whether the server is connected. */
gboolean                 plant_rpc_generation1_port_is_connected (PlantRpcGeneration1Port *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The connections that a bound socket has accepted, each with a serial number of its own.
 *
 * A routing id alone does not tell who sent a message: any peer may claim the one of a peer that
 * has left. So whatever is kept for a peer is kept for its routing id and its connection.
 *
 * libzmq tells a message's connection by its descriptor, and the monitor when a descriptor is
 * accepted and closed. Both are read here, in this order: the message first, since what the monitor
 * tells of its connection was told before it came. A descriptor is soon used again, so that the last
 * messages of a connection may be read when the next one has it already: the messages of one
 * connection share a mark, which tells them apart.
 *
 * A connection is ended here, as if its other end had closed it, when that end acknowledges nothing
 * any more (TCP itself would go on for a quarter of an hour), when it sends more than is read
 * (plant-rpc-inflow), and when the process runs out of descriptors. */
typedef struct _PlantRpcConnections PlantRpcConnections;

/* Both from the loop, never within a function of this file. Either may free the connections. */
typedef struct {
  /* ADDRESS: of the other end, as text. Not called for ipc. */
  void (*accepted) (gpointer    owner,
                    const char *address);
  /* The connection has ended, and what had come by it has most likely been read. 0 stands for all
   * whose last messages were read after that had been said. */
  void (*left)     (gpointer    owner,
                    guint64     connection);
} PlantRpcConnectionsFuncs;

/* Watches SOCKET, which is borrowed and not bound yet. MAX_FRAME is in bytes: a larger one ends its
 * connection, and so does a message that is larger than such a frame and its envelope. */
PlantRpcConnections *plant_rpc_connections_new          (PlantRpcSocket                  *socket,
                                                         gsize                            max_frame,
                                                         GMainContext                    *context,
                                                         const PlantRpcConnectionsFuncs  *funcs,
                                                         gpointer                         owner,
                                                         GError                         **error);
/* No callback follows. */
void                 plant_rpc_connections_free         (PlantRpcConnections *self);

/* The connection that FRAMES, just received, came by; 0 if it has ended long ago. */
guint64              plant_rpc_connections_identify     (PlantRpcConnections  *self,
                                                         const PlantRpcFrames *frames);
/* FALSE for 0. */
gboolean             plant_rpc_connections_is_open      (PlantRpcConnections *self,
                                                         guint64              connection);
/* libzmq has nothing more to read: all whole messages have been taken. */
void                 plant_rpc_connections_note_drained (PlantRpcConnections *self);
/* Something was sent over one of them. */
void                 plant_rpc_connections_note_sent    (PlantRpcConnections *self);
/* Ends one whose other end breaks the protocol. Without effect while a message of it could be of one
 * that had the descriptor before. */
void                 plant_rpc_connections_end          (PlantRpcConnections *self,
                                                         guint64              connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcConnections, plant_rpc_connections_free)

G_END_DECLS

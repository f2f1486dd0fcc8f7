/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The connections that a bound socket has accepted, each with a serial number of its own.
 *
 * A routing id alone does not identify a sender, since any peer may claim the routing id of one
 * that has left. So everything that is kept for a peer is kept for its routing id and its
 * connection.
 *
 * libzmq tells a message's connection by its descriptor, and the monitor when a descriptor is
 * accepted and closed. Both are read here, in this order: the message first, since what the monitor
 * tells of its connection was told before it came. A descriptor is soon used again, so that the
 * last messages of a connection may be read when the next one has it already: the messages of one
 * connection share a mark, which tells them apart.
 *
 * A connection is ended here, as if its other end had closed it, in three cases: the other end no
 * longer acknowledges (TCP alone would wait a quarter of an hour); it sends more than is read (see
 * plant-rpc-inflow); or the process runs out of file descriptors. */
typedef struct _PlantRpcConnections PlantRpcConnections;

/* The first two are called from the main loop, and never from inside a function of this file.
 * Either may free the connections. */
typedef struct {
  /* A connection was accepted. ADDRESS is the text of the other end's address. Not called for
   * ipc. */
  void (*accepted) (gpointer    owner,
                    const char *address);
  /* CONNECTION has ended, and its last messages have most likely been read. CONNECTION is 0 if
   * messages were read after the end of their connections had been reported. */
  void (*left)     (gpointer    owner,
                    guint64     connection);
  /* (nullable): The process is short of descriptors. Returns TRUE if the owner has closed one, so
   * that no connection need be ended. */
  gboolean (*spare) (gpointer   owner);
} PlantRpcConnectionsFuncs;

/* Watches SOCKET, which is borrowed and not bound yet. MAX_FRAME is in bytes. A connection is ended
 * if it sends a larger frame, or a message larger than one such frame and its envelope. */
PlantRpcConnections *plant_rpc_connections_new          (PlantRpcSocket                  *socket,
                                                         gsize                            max_frame,
                                                         GMainContext                    *context,
                                                         const PlantRpcConnectionsFuncs  *funcs,
                                                         gpointer                         owner,
                                                         GError                         **error);
/* After this no callback is called. */
void                 plant_rpc_connections_free         (PlantRpcConnections *self);

/* Returns the connection on which FRAMES, the message read last, arrived; 0 if it has ended long
 * ago. */
guint64              plant_rpc_connections_identify     (PlantRpcConnections  *self,
                                                         const PlantRpcFrames *frames);
/* Returns FALSE for the connection 0. */
gboolean             plant_rpc_connections_is_open      (PlantRpcConnections *self,
                                                         guint64              connection);
/* Returns the descriptor of the connection, or -1 if it is not open, or if libzmq has closed it. */
int                  plant_rpc_connections_get_descriptor (PlantRpcConnections *self,
                                                           guint64              connection);
/* Returns the address of the other end, or "" for ipc or if it is not known. */
char                *plant_rpc_connections_dup_address  (PlantRpcConnections *self,
                                                         guint64              connection);
/* Returns the public key of the other end, or NULL if no message of it has been read. The socket
 * must be secured; see plant_rpc_frames_peek_key(). */
const char          *plant_rpc_connections_peek_key     (PlantRpcConnections *self,
                                                         guint64              connection);
/* Ends all whose other end has that public key, or may have it, since a message of it could also be
 * of one that had the descriptor before. */
void                 plant_rpc_connections_end_key      (PlantRpcConnections *self,
                                                         const char          *key);
void                 plant_rpc_connections_end_all      (PlantRpcConnections *self);
/* The owner has read all whole messages that libzmq has. */
void                 plant_rpc_connections_note_drained (PlantRpcConnections *self);
/* The owner has sent a message over one of the connections. */
void                 plant_rpc_connections_note_sent    (PlantRpcConnections *self);
/* Ends one whose other end breaks the protocol. Without effect while a message of it could be of
 * one that had the descriptor before. */
void                 plant_rpc_connections_end          (PlantRpcConnections *self,
                                                         guint64              connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcConnections, plant_rpc_connections_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-pulse-private.h"

G_BEGIN_DECLS

/* Limits what the connections of one socket have sent and the program has not read.
 *
 * libzmq limits the size of a frame and the number of whole messages. A message of endless frames,
 * or large messages that a busy program does not read, would fill the memory, and libzmq reports
 * neither. So a thread, which is one for all sockets, asks the kernel a few times a second how many
 * bytes each connection has received. It ends a connection if one message is larger than the socket
 * accepts, or if more than PLANT_RPC_MAX_UNREAD_REQUESTS bytes are unread. If all together hold
 * more than PLANT_RPC_MAX_UNREAD_TOTAL, it ends the connection with the most. The kernel does not
 * count the bytes of an ipc socket.
 *
 * Bytes are counted as they travel. libzmq allocates 64 bytes for each frame, so a message of empty
 * frames takes 32 times as much memory as is counted here. The number of frames is not known before
 * the message is whole. */
typedef struct _PlantRpcInflow PlantRpcInflow;

/* MAX_MESSAGE is the most bytes of one message, all frames together. Returns NULL with ERROR set if
 * the system cannot start another thread. */
PlantRpcInflow *plant_rpc_inflow_new          (gsize                max_message,
                                               GError             **error);
void            plant_rpc_inflow_free         (PlantRpcInflow      *self);
/* Must be called before there are connections: one that has sent more than MAX_FIRST bytes, and of
 * which no message was read yet, is ended. It has not shown who it is. */
void            plant_rpc_inflow_set_max_first (PlantRpcInflow     *self,
                                                gsize               max_first);

void            plant_rpc_inflow_add          (PlantRpcInflow      *self,
                                               guint64              connection,
                                               const PlantRpcPulse *pulse);
void            plant_rpc_inflow_remove       (PlantRpcInflow      *self,
                                               guint64              connection);
/* The owner has read a whole message, of N_BYTES on the wire. */
void            plant_rpc_inflow_note_read    (PlantRpcInflow      *self,
                                               guint64              connection,
                                               gsize                n_bytes);
/* The owner has read all whole messages. */
void            plant_rpc_inflow_note_drained (PlantRpcInflow      *self);

G_END_DECLS

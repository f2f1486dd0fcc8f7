/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-pulse-private.h"

G_BEGIN_DECLS

/* What the connections of one socket have sent and nobody has read.
 *
 * libzmq bounds a frame, and counts whole messages: a message of frames without end, or large
 * messages that a busy program does not read, fill its memory. Nothing tells of them either. So a
 * thread of its own asks the kernel a few times a second how many bytes have come by each
 * connection. It ends a connection when one message is larger than the socket takes, when more than
 * PLANT_RPC_MAX_UNREAD_REQUESTS bytes wait, and, of all that together hold more than
 * PLANT_RPC_MAX_UNREAD_TOTAL, the one with the most. Of an ipc socket the kernel tells nothing.
 *
 * Bytes are counted as they travel. libzmq takes 64 for each frame, so that a message of empty
 * frames takes 32 times as many as it has here: nothing tells how many frames there are. */
typedef struct _PlantRpcInflow PlantRpcInflow;

/* MAX_MESSAGE: bytes of one message, all its frames together. NULL, with the error set: there is no
 * thread to spare. */
PlantRpcInflow *plant_rpc_inflow_new          (gsize                max_message,
                                               GError             **error);
void            plant_rpc_inflow_free         (PlantRpcInflow      *self);

void            plant_rpc_inflow_add          (PlantRpcInflow      *self,
                                               guint64              connection,
                                               const PlantRpcPulse *pulse);
void            plant_rpc_inflow_remove       (PlantRpcInflow      *self,
                                               guint64              connection);
/* A whole message of N_BYTES on the wire was read. */
void            plant_rpc_inflow_note_read    (PlantRpcInflow      *self,
                                               guint64              connection,
                                               gsize                n_bytes);
/* There is no whole message left to be read. */
void            plant_rpc_inflow_note_drained (PlantRpcInflow      *self);

G_END_DECLS

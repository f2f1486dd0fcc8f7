/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the other end of a TCP connection still acknowledges what is sent to it.
 *
 * A peer that is busy, or stopped, does: its kernel answers for it even while it has no room for
 * more. ZMQ_TCP_MAXRT takes that one for dead too. All zero is one of no connection. */
typedef struct {
  int     fd;    /* not owned: libzmq closes it when it likes; -1: none */
  guint64 inode; /* of the socket that the descriptor was */
} PlantRpcPulse;

typedef enum {
  PLANT_RPC_PULSE_CALM,    /* nothing is under way */
  PLANT_RPC_PULSE_WAITING, /* something is not acknowledged yet */
  PLANT_RPC_PULSE_LOST,
} PlantRpcPulseState;

void                plant_rpc_pulse_init           (PlantRpcPulse       *self,
                                                    int                  fd);
PlantRpcPulseState  plant_rpc_pulse_feel           (PlantRpcPulse       *self);
/* How many bytes have come over the connection so far; FALSE if the kernel does not tell. */
gboolean            plant_rpc_pulse_count_received (const PlantRpcPulse *self,
                                                    guint64             *n_bytes);
/* Whether the descriptor still is that socket. */
gboolean            plant_rpc_pulse_is_there       (const PlantRpcPulse *self);
/* Ends the connection: libzmq sees it closed. */
void                plant_rpc_pulse_end            (PlantRpcPulse       *self);

G_END_DECLS

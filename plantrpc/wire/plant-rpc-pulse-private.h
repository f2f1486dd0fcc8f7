/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells whether the other end of a TCP connection still acknowledges what is sent to it.
 *
 * The kernel of a busy or stopped peer does so even if it has no room for more. ZMQ_TCP_MAXRT would
 * take such a peer for dead. A zeroed struct stands for no connection. */
typedef struct {
  int     fd;    /* (unowned): libzmq may close it at any time; -1: none */
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
/* Sets N_BYTES to the bytes that the connection has received so far. Returns FALSE if the kernel
 * does not report it. */
gboolean            plant_rpc_pulse_count_received (const PlantRpcPulse *self,
                                                    guint64             *n_bytes);
/* Returns TRUE if the descriptor still belongs to the same socket. */
gboolean            plant_rpc_pulse_is_there       (const PlantRpcPulse *self);
/* Ends the connection. To libzmq it looks as if the other end had closed it. */
void                plant_rpc_pulse_end            (PlantRpcPulse       *self);
/* Ends the connection, and tells the other end at once that nothing more is read. After
 * plant_rpc_pulse_end(), an end whose data found no room would not notice for a minute or
 * longer. */
void                plant_rpc_pulse_reset          (PlantRpcPulse       *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many messages a callback should take from its socket before it lets others have a turn. */
#define PLANT_RPC_SOURCE_BATCH 64

/* A GSource that is ready while SOCKET, a zmq socket, has something to read. The callback is a GSourceFunc.
 *
 * ZMQ_FD is edge-triggered and tells only that something may have changed: whether there
 * is anything must be asked of the socket before and after each poll, and it changes with each
 * zmq_send() too. */
GSource *plant_rpc_source_new             (void        *socket,
                                           const char  *name);

/* While WANTED, the source is also dispatched when a full queue of the socket may have drained. */
void     plant_rpc_source_set_wants_write (GSource     *source,
                                           gboolean     wanted);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How many messages a callback should take from its socket before it lets others have a turn. */
#define PLANT_RPC_SOURCE_BATCH 64
/* µs after which a dispatch stops early, since a few heavy messages take as long as many light
 * ones. */
#define PLANT_RPC_SOURCE_BATCH_USEC 5000

/* A GSource that is ready while SOCKET, a zmq socket, has something to read. The callback is a GSourceFunc.
 *
 * ZMQ_FD is edge-triggered and tells only that something may have changed: whether there
 * is anything must be asked of the socket before and after each poll, and it changes with each
 * zmq_send() too. */
GSource *plant_rpc_source_new             (void          *socket,
                                           const char    *name);

/* One that is attached, with a callback that may run a loop itself. */
GSource *plant_rpc_source_attach          (void          *socket,
                                           GMainContext  *context,
                                           GSourceFunc    func,
                                           gpointer       user_data,
                                           const char    *name);

/* A GSource for g_source_set_ready_time() alone, attached; FUNC may run a loop itself. */
GSource *plant_rpc_source_new_alarm       (GMainContext  *context,
                                           GSourceFunc    func,
                                           gpointer       user_data,
                                           const char    *name);

/* Destroys the source, if there is one, and lets go of it. */
void     plant_rpc_source_clear           (GSource      **source);

/* While WANTED, the source is also dispatched when a full queue of the socket may have drained. Any
 * call of libzmq may take note of that, and nothing tells of it then: try now and then too. */
void     plant_rpc_source_set_wants_write (GSource       *source,
                                           gboolean       wanted);

G_END_DECLS

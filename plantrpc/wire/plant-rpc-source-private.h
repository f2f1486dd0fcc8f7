/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How many messages a callback should take from its socket before it lets others have a turn. */
#define PLANT_RPC_SOURCE_BATCH 64
/* µs after which a dispatch stops early, since a few heavy messages take as long as many light
 * ones. */
#define PLANT_RPC_SOURCE_BATCH_USEC 5000

/* All callbacks run at the home of CONTEXT. */

/* Attaches SOURCE, whose callbacks are GSourceFuncs, to CONTEXT with a callback and a static name.
 * Returns SOURCE. FUNC may run a loop itself, in which the source is dispatched too. */
GSource *plant_rpc_source_start           (GSource       *source,
                                           GMainContext  *context,
                                           GSourceFunc    func,
                                           gpointer       user_data,
                                           const char    *name);

/* Returns a source that is started, and ready while SOCKET, a libzmq socket, has something to read.
 *
 * libzmq's descriptor is edge-triggered, and becomes readable only when something may have changed.
 * So the source asks the socket before and after each poll. Each zmq_send() may take such a change,
 * too. QUIET (nullable) is where PlantRpcSocket remembers that the source need not ask. */
GSource *plant_rpc_source_attach          (void          *socket,
                                           gboolean      *quiet,
                                           GMainContext  *context,
                                           GSourceFunc    func,
                                           gpointer       user_data,
                                           const char    *name);

/* Returns a source that is started, and ready while the descriptor is readable, has failed, or was
 * closed by the other end. */
GSource *plant_rpc_source_attach_descriptor (int           fd,
                                             GMainContext *context,
                                             GSourceFunc   func,
                                             gpointer      user_data,
                                             const char   *name);

/* Returns a source that is started, and dispatched at its ready time only. */
GSource *plant_rpc_source_new_alarm       (GMainContext  *context,
                                           GSourceFunc    func,
                                           gpointer       user_data,
                                           const char    *name);

/* Returns a source that is attached to CONTEXT and dispatched when CANCELLABLE is cancelled. */
GSource *plant_rpc_source_new_cancelled   (GCancellable           *cancellable,
                                           GMainContext           *context,
                                           GCancellableSourceFunc  func,
                                           gpointer                user_data);

/* Returns a source that is started, and dispatched before all others in a child that a callback in
 * CONTEXT has forked, until FUNC removes it there. */
GSource *plant_rpc_source_new_fork        (GMainContext  *context,
                                           GSourceFunc    func,
                                           gpointer       user_data,
                                           const char    *name);

/* Destroys and unrefs the source, if there is one. */
void     plant_rpc_source_clear           (GSource      **source);

/* While PAUSED is TRUE, a source of plant_rpc_source_attach() or
 * plant_rpc_source_attach_descriptor() is not dispatched. */
void     plant_rpc_source_set_paused      (GSource       *source,
                                           gboolean       paused);

/* While WANTED is TRUE, the source is also dispatched when a full queue of the socket may have
 * drained. Any call into libzmq may use up the only news of that, so the caller must also try from
 * time to time. */
void     plant_rpc_source_set_wants_write (GSource       *source,
                                           gboolean       wanted);

/* A source of plant_rpc_source_attach_descriptor() is dispatched in the next turn, also if nothing
 * has come. */
void     plant_rpc_source_set_ready       (GSource       *source);

/* While WANTED is TRUE, such a source is ready also while the descriptor is writable. */
void     plant_rpc_source_await_room      (GSource       *source,
                                           gboolean       wanted);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The threads on which blocking handlers run, shared among peers: one peer has a share of the
 * threads, and never more of them than are left to the others. What exceeds that waits, for each
 * peer in the order in which it came, and the peers take turns. All functions may be called from
 * any thread. */
typedef struct _PlantRpcWorkerPool PlantRpcWorkerPool;
typedef struct _PlantRpcWorkerTask PlantRpcWorkerTask;

/* Part of what is run; to be filled with zeros, apart from RUN. The pool does not touch it any more
 * once RUN has been called. */
struct _PlantRpcWorkerTask {
  void     (*run) (PlantRpcWorkerTask *self);
  GList      link;
  gpointer   peer; /* (nullable): of the pool; NULL once it does not wait any more */
};

PlantRpcWorkerPool *plant_rpc_worker_pool_new         (guint               n_threads,
                                                       guint               share);
/* No task may wait or run. */
void                plant_rpc_worker_pool_free        (PlantRpcWorkerPool *self);
/* The one of the process. */
PlantRpcWorkerPool *plant_rpc_worker_pool_get_default (void);

/* PEER is a number that no other peer of the process has. */
void                plant_rpc_worker_pool_push        (PlantRpcWorkerPool *self,
                                                       PlantRpcWorkerTask *task,
                                                       guint64             peer);
/* Takes TASK back. FALSE if it does not wait: it has been started, or is not there. */
gboolean            plant_rpc_worker_pool_withdraw    (PlantRpcWorkerPool *self,
                                                       PlantRpcWorkerTask *task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWorkerPool, plant_rpc_worker_pool_free)

G_END_DECLS

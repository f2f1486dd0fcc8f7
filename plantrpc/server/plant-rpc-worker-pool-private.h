/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The threads that run blocking handlers, shared among peers. One peer may use its share of the
 * threads, and never more of them than are left for the other peers. Further tasks wait: those of
 * one peer in the order in which they came, and the peers take turns. All functions may be called
 * from any thread. */
typedef struct _PlantRpcWorkerPool PlantRpcWorkerPool;
typedef struct _PlantRpcWorkerTask PlantRpcWorkerTask;

/* The part of a task that the pool uses. The caller zeroes it and sets RUN. The pool does not
 * access it after it has called RUN. */
struct _PlantRpcWorkerTask {
  void     (*run) (PlantRpcWorkerTask *self);
  GList      link;
  gpointer   peer; /* (nullable): internal to the pool; NULL unless the task waits */
};

/* A pool is never freed, since its threads last as long as the process. */
PlantRpcWorkerPool *plant_rpc_worker_pool_new         (guint n_threads,
                                                       guint share);
/* Returns the pool of the process. */
PlantRpcWorkerPool *plant_rpc_worker_pool_get_default (void);

/* PEER is a number unique among the peers of the process. */
void                plant_rpc_worker_pool_push        (PlantRpcWorkerPool *self,
                                                       PlantRpcWorkerTask *task,
                                                       guint64             peer);
/* Takes TASK back. Returns FALSE if it does not wait, because it has started or was never
 * pushed. */
gboolean            plant_rpc_worker_pool_withdraw    (PlantRpcWorkerPool *self,
                                                       PlantRpcWorkerTask *task);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-handover-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-invocation-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The requests that handlers have not answered yet. A job knows where its answer goes and how it is
 * cancelled. One peer may have PEER_LIMIT jobs under way, and never more than are left for the
 * other peers. */
typedef struct _PlantRpcJobs PlantRpcJobs;

typedef struct {
  PlantRpcEnvelope      envelope; /* the envelope of the request, which its answer gets */
  PlantRpcFormat        format;
  PlantRpcEvent         event;
  PlantRpcPropertyInfo *property; /* (owned) (nullable): what is written */
  GVariant             *value;    /* (owned) (nullable): its new value */
} PlantRpcJob;

/* Called in the context when a job is over. It may take what REPLY holds. ACCEPTED tells that a
 * write is to be carried out. */
typedef void (*PlantRpcJobFunc) (gpointer           owner,
                                 const PlantRpcJob *job,
                                 PlantRpcReply     *reply,
                                 gboolean           accepted);

/* PEER_LIMIT is the number of requests that one peer may have under way. */
PlantRpcJobs       *plant_rpc_jobs_new               (PlantRpcHandover *handover,
                                                      guint             peer_limit,
                                                      PlantRpcJobFunc   done,
                                                      gpointer          owner);
/* Cancels all jobs. Later answers are dropped. */
void                plant_rpc_jobs_free              (PlantRpcJobs *self);

/* Takes ownership of what JOB holds. Fails with PLANT_RPC_ERROR_LIMIT if too many jobs are under
 * way. */
PlantRpcInvocation *plant_rpc_jobs_add               (PlantRpcJobs                 *self,
                                                      PlantRpcJob                  *job,
                                                      const PlantRpcInvocationAsk  *ask,
                                                      GError                      **error);
/* Cancels the request with that ID of the peer that sent ENVELOPE. */
void                plant_rpc_jobs_cancel            (PlantRpcJobs           *self,
                                                      const PlantRpcEnvelope *envelope,
                                                      guint64                 id);
/* The peer has left. Its calls are cancelled and no longer count, answered or not. A write of it
 * that a handler accepts later is still carried out. */
void                plant_rpc_jobs_remove_connection (PlantRpcJobs *self,
                                                      guint64       connection);

void                plant_rpc_job_clear              (PlantRpcJob *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcJob, plant_rpc_job_clear)

G_END_DECLS

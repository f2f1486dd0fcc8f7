/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client-private.h"

G_BEGIN_DECLS

/* One request of the application, either as a GTask or for a caller that blocks. */

/* What is asked of the server. */
typedef struct {
  PlantRpcRequest request;
  gboolean        wants_buffer;
  int             timeout; /* ms, or PLANT_RPC_TIMEOUT_… */
} PlantRpcOperation;

/* What a request has come to. For a buffer method the value is the info that came with the
 * buffer. */
typedef struct {
  GVariant *value;  /* (owned) (nullable) */
  GBytes   *buffer; /* (owned) (nullable) */
  gint64    asked;  /* that of the PlantRpcReply */
} PlantRpcOutcome;

void             plant_rpc_outcome_free         (gpointer              data);
/* These take ownership of OUTCOME, which is nullable. If there is no value, the first returns an
 * empty maybe. */
GVariant        *plant_rpc_outcome_take_value   (PlantRpcOutcome      *outcome);
gboolean         plant_rpc_outcome_take_success (PlantRpcOutcome      *outcome);

/* Sends OPERATION, whose content is taken over, for a task with the source tag TAG, whose data is
 * the name in the request. FUNC is given a reference to the task, which it must drop. */
void             plant_rpc_operation_start      (PlantRpcClient       *self,
                                                 PlantRpcOperation     operation,
                                                 PlantRpcCallFunc      func,
                                                 GCancellable         *cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data,
                                                 gpointer              tag);
/* Sends another operation for TASK, of which it drops a reference. */
void             plant_rpc_operation_go_on      (GTask                *task,
                                                 PlantRpcOperation     operation,
                                                 PlantRpcCallFunc      func);
/* Completes TASK with REPLY or ERROR. Most operations are started with it as FUNC. */
void             plant_rpc_operation_return     (PlantRpcReply        *reply,
                                                 GError               *error,
                                                 gpointer              task);
PlantRpcOutcome *plant_rpc_operation_finish     (PlantRpcClient       *self,
                                                 GAsyncResult         *result,
                                                 gpointer              tag,
                                                 GError              **error);
PlantRpcOutcome *plant_rpc_operation_run        (PlantRpcClient       *self,
                                                 PlantRpcOperation     operation,
                                                 GCancellable         *cancellable,
                                                 GError              **error);

G_END_DECLS

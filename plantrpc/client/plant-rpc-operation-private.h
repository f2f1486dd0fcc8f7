/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client-private.h"

G_BEGIN_DECLS

/* One request of the application, in the form that does not block, a GTask, and in the form that
 * does. */

/* A value, and for a buffer method the buffer with its info as the value. */
typedef struct {
  GVariant *value;  /* (owned) (nullable) */
  GBytes   *buffer; /* (owned) (nullable) */
} PlantRpcOutcome;

void             plant_rpc_outcome_free         (gpointer              data);
/* Both take over OUTCOME (nullable). No value is an empty maybe. */
GVariant        *plant_rpc_outcome_take_value   (PlantRpcOutcome      *outcome);
gboolean         plant_rpc_outcome_take_success (PlantRpcOutcome      *outcome);

GTask           *plant_rpc_operation_new_task   (PlantRpcClient       *self,
                                                 GCancellable         *cancellable,
                                                 GAsyncReadyCallback   callback,
                                                 gpointer              user_data,
                                                 gpointer              tag);
/* FUNC takes over a reference to TASK. REQUEST is taken over. */
void             plant_rpc_operation_start      (GTask                *task,
                                                 PlantRpcRequest      *request,
                                                 gboolean              wants_buffer,
                                                 int                   timeout,
                                                 PlantRpcCallFunc      func);
/* Ends a task with what came: the FUNC of most. */
void             plant_rpc_operation_return     (PlantRpcReply        *reply,
                                                 GError               *error,
                                                 gpointer              task);
PlantRpcOutcome *plant_rpc_operation_finish     (PlantRpcClient       *self,
                                                 GAsyncResult         *result,
                                                 gpointer              tag,
                                                 GError              **error);
PlantRpcOutcome *plant_rpc_operation_run        (PlantRpcClient       *self,
                                                 PlantRpcRequest      *request,
                                                 gboolean              wants_buffer,
                                                 int                   timeout,
                                                 GCancellable         *cancellable,
                                                 GError              **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-invocation.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-server.h"

G_BEGIN_DECLS

/* A method of a server with its handler, which runs for each call. */
typedef struct _PlantRpcMethod PlantRpcMethod;

/* Takes ownership of INFO. The data of the handler is freed in CONTEXT. */
PlantRpcMethod     *plant_rpc_method_new      (GMainContext          *context,
                                               PlantRpcMethodInfo    *info,
                                               PlantRpcMethodFlags    flags,
                                               PlantRpcMethodHandler  handler,
                                               gpointer               user_data,
                                               GDestroyNotify         notify);
/* Must be called in the context. While the handler runs, the method is kept. */
void                plant_rpc_method_unref    (PlantRpcMethod *self);

PlantRpcMethodInfo *plant_rpc_method_get_info (PlantRpcMethod *self);
/* Runs the handler at once, or on a worker thread if it may block. Takes ownership of
 * INVOCATION. */
void                plant_rpc_method_run      (PlantRpcMethod     *self,
                                               PlantRpcInvocation *invocation);

/* Runs a handler at once, as that of a method. Its error is the answer. */
void                plant_rpc_method_run_handler (PlantRpcMethodHandler  handler,
                                                  gpointer               user_data,
                                                  PlantRpcInvocation    *invocation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMethod, plant_rpc_method_unref)

G_END_DECLS

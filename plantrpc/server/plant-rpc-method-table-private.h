/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-invocation.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-server.h"

G_BEGIN_DECLS

/* The methods of a server by name, with their handlers. */
typedef struct _PlantRpcMethodTable PlantRpcMethodTable;
typedef struct _PlantRpcMethod      PlantRpcMethod;

/* The data of handlers is freed in CONTEXT. */
PlantRpcMethodTable *plant_rpc_method_table_new    (GMainContext *context);
void                 plant_rpc_method_table_free   (PlantRpcMethodTable *self);
/* Takes ownership of INFO. A method of the same name is replaced. */
void                 plant_rpc_method_table_add    (PlantRpcMethodTable   *self,
                                                    PlantRpcMethodInfo    *info,
                                                    PlantRpcMethodFlags    flags,
                                                    PlantRpcMethodHandler  handler,
                                                    gpointer               user_data,
                                                    GDestroyNotify         notify);
void                 plant_rpc_method_table_clear  (PlantRpcMethodTable *self);
/* Returns NULL if there is no such method. */
PlantRpcMethod      *plant_rpc_method_table_lookup (PlantRpcMethodTable *self,
                                                    const char          *name);
/* Returns the methods (element-type PlantRpcMethodInfo) in the order of their registration. */
GPtrArray           *plant_rpc_method_table_list   (PlantRpcMethodTable *self);

PlantRpcMethodInfo  *plant_rpc_method_get_info     (PlantRpcMethod *self);
/* Runs the handler at once, or on a worker thread if it may block. Takes ownership of
 * INVOCATION. */
void                 plant_rpc_method_run          (PlantRpcMethod     *self,
                                                    PlantRpcInvocation *invocation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMethodTable, plant_rpc_method_table_free)

G_END_DECLS

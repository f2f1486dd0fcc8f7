/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-invocation.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-server.h"

G_BEGIN_DECLS

/* What a server's methods are called, and what runs them. */
typedef struct _PlantRpcMethodTable PlantRpcMethodTable;
typedef struct _PlantRpcMethod      PlantRpcMethod;

/* Handlers are let go of in CONTEXT. */
PlantRpcMethodTable *plant_rpc_method_table_new    (GMainContext *context);
void                 plant_rpc_method_table_free   (PlantRpcMethodTable *self);
/* Takes INFO over. One of the same name is replaced. */
void                 plant_rpc_method_table_add    (PlantRpcMethodTable   *self,
                                                    PlantRpcMethodInfo    *info,
                                                    PlantRpcMethodFlags    flags,
                                                    PlantRpcMethodHandler  handler,
                                                    gpointer               user_data,
                                                    GDestroyNotify         notify);
void                 plant_rpc_method_table_clear  (PlantRpcMethodTable *self);
/* Borrowed; NULL if there is none. */
PlantRpcMethod      *plant_rpc_method_table_lookup (PlantRpcMethodTable *self,
                                                    const char          *name);
/* (element-type PlantRpcMethodInfo), in the order of their registration. */
GPtrArray           *plant_rpc_method_table_list   (PlantRpcMethodTable *self);

PlantRpcMethodInfo  *plant_rpc_method_get_info     (PlantRpcMethod *self);
/* Runs the handler here, or on a worker thread if it may block. Takes INVOCATION over. */
void                 plant_rpc_method_run          (PlantRpcMethod     *self,
                                                    PlantRpcInvocation *invocation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMethodTable, plant_rpc_method_table_free)

G_END_DECLS

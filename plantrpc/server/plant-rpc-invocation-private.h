/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-invocation.h"
#include "plant-rpc-reply-private.h"

G_BEGIN_DECLS

typedef enum {
  PLANT_RPC_INVOCATION_JSON,   /* a call to be answered by a value */
  PLANT_RPC_INVOCATION_BUFFER, /* by a buffer */
  PLANT_RPC_INVOCATION_WRITE,  /* a write, to be accepted or refused */
  PLANT_RPC_INVOCATION_READ,   /* a read, to be answered by a value or accepted */
} PlantRpcInvocationKind;

typedef struct {
  PlantRpcInvocationKind  kind;
  const char             *name;
  PlantRpcMethodInfo     *method; /* (nullable): of a call */
  GVariant               *args;   /* (nullable): av */
  GVariant               *kwargs; /* (nullable): a{sv} */
  GVariant               *value;  /* (nullable) */
  const char             *sender;
  guint64                 peer;   /* a number unique among the peers of this process */
  GCancellable           *cancellable;
} PlantRpcInvocationAsk;

/* Called once, on the thread that answers. It takes what REPLY holds, and REPLY is zeroed then.
 * ACCEPTED tells that a write is to be carried out first, or that the object has the value. */
typedef void (*PlantRpcInvocationAnswer) (PlantRpcReply *reply,
                                          gboolean       accepted,
                                          gpointer       user_data);

/* NOTIFY is called after the answer. */
PlantRpcInvocation *plant_rpc_invocation_new      (const PlantRpcInvocationAsk *ask,
                                                   PlantRpcInvocationAnswer     answer,
                                                   gpointer                     user_data,
                                                   GDestroyNotify               notify);
guint64             plant_rpc_invocation_get_peer (PlantRpcInvocation *self);
/* Like plant_rpc_invocation_return_value(), but the VALUE of a write is what the property has then,
 * so that nobody reads it. */
void                plant_rpc_invocation_take_result (PlantRpcInvocation *self,
                                                      GVariant           *value);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <gio/gio.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_INVOCATION (plant_rpc_invocation_get_type ())

PLANT_RPC_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PlantRpcInvocation, plant_rpc_invocation, PLANT_RPC, INVOCATION, GObject)

PLANT_RPC_AVAILABLE_IN_1_0
const char   *plant_rpc_invocation_get_name        (PlantRpcInvocation  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant     *plant_rpc_invocation_get_args        (PlantRpcInvocation  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant     *plant_rpc_invocation_get_kwargs      (PlantRpcInvocation  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GVariant     *plant_rpc_invocation_get_value       (PlantRpcInvocation  *self);
PLANT_RPC_AVAILABLE_IN_1_0
const char   *plant_rpc_invocation_get_sender      (PlantRpcInvocation  *self);
PLANT_RPC_AVAILABLE_IN_1_0
GCancellable *plant_rpc_invocation_get_cancellable (PlantRpcInvocation  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean      plant_rpc_invocation_get_answered    (PlantRpcInvocation  *self);

PLANT_RPC_AVAILABLE_IN_1_0
void          plant_rpc_invocation_return_value    (PlantRpcInvocation  *self,
                                                    GVariant            *value);
PLANT_RPC_AVAILABLE_IN_1_0
void          plant_rpc_invocation_return_buffer   (PlantRpcInvocation  *self,
                                                    GBytes              *buffer,
                                                    GVariant            *info);
PLANT_RPC_AVAILABLE_IN_1_0
void          plant_rpc_invocation_return_gerror   (PlantRpcInvocation  *self,
                                                    const GError        *error);
PLANT_RPC_AVAILABLE_IN_1_0
void          plant_rpc_invocation_return_failure  (PlantRpcInvocation  *self,
                                                    const char          *message,
                                                    const char          *traceback);
PLANT_RPC_AVAILABLE_IN_1_0
void          plant_rpc_invocation_accept          (PlantRpcInvocation  *self);

/* For Python. */
PLANT_RPC_AVAILABLE_IN_1_0
guint8       *plant_rpc_invocation_get_marshal     (PlantRpcInvocation  *self,
                                                    gsize               *length);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean      plant_rpc_invocation_return_marshal  (PlantRpcInvocation  *self,
                                                    const guint8        *data,
                                                    gsize                length);

/* For JavaScript. */
PLANT_RPC_AVAILABLE_IN_1_0
char         *plant_rpc_invocation_get_json           (PlantRpcInvocation  *self);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean      plant_rpc_invocation_return_json        (PlantRpcInvocation  *self,
                                                       const char          *json);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean      plant_rpc_invocation_return_buffer_json (PlantRpcInvocation  *self,
                                                       guint8              *data,
                                                       gsize                length,
                                                       const char          *info);

G_END_DECLS

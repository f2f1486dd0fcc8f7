/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <gio/gio.h>

#include "plant-rpc-keypair.h"
#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

PLANT_RPC_AVAILABLE_IN_1_1
gboolean  plant_rpc_is_invitation (const char           *text);
PLANT_RPC_AVAILABLE_IN_1_1
void      plant_rpc_pair          (const char           *link,
                                   PlantRpcKeypair      *keypair,
                                   const char           *name,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
PLANT_RPC_AVAILABLE_IN_1_1
char     *plant_rpc_pair_finish   (GAsyncResult         *result,
                                   GError              **error);
PLANT_RPC_AVAILABLE_IN_1_1
char     *plant_rpc_pair_sync     (const char           *link,
                                   PlantRpcKeypair      *keypair,
                                   const char           *name,
                                   GCancellable         *cancellable,
                                   GError              **error);

G_END_DECLS

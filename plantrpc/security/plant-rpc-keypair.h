/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_KEYPAIR (plant_rpc_keypair_get_type ())

typedef struct _PlantRpcKeypair PlantRpcKeypair;

PLANT_RPC_AVAILABLE_IN_1_1
GType            plant_rpc_keypair_get_type        (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair *plant_rpc_keypair_new             (GError          **error);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair *plant_rpc_keypair_load            (const char       *path,
                                                    GError          **error);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair *plant_rpc_keypair_ensure          (const char       *name,
                                                    GError          **error);
PLANT_RPC_AVAILABLE_IN_1_1
char            *plant_rpc_keypair_find_path       (const char       *name,
                                                    GError          **error);
PLANT_RPC_AVAILABLE_IN_1_1
char            *plant_rpc_keypair_load_public_key (const char       *path,
                                                    GError          **error);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean         plant_rpc_keypair_save            (PlantRpcKeypair  *self,
                                                    const char       *path,
                                                    GError          **error);
PLANT_RPC_AVAILABLE_IN_1_1
const char      *plant_rpc_keypair_get_public_key  (PlantRpcKeypair  *self);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean         plant_rpc_keypair_equal           (PlantRpcKeypair  *self,
                                                    PlantRpcKeypair  *other);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcKeypair *plant_rpc_keypair_ref             (PlantRpcKeypair  *self);
PLANT_RPC_AVAILABLE_IN_1_1
void             plant_rpc_keypair_unref           (PlantRpcKeypair  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcKeypair, plant_rpc_keypair_unref)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-authenticator-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-request-private.h"
#include "plant-rpc-security-private.h"

G_BEGIN_DECLS

/* Guards a secured server: lets in those whom an authenticator allows, and tells whether a request
 * asks for more than its sender may. */
typedef struct _PlantRpcGuard PlantRpcGuard;

/* The role of KEY has changed, or it was revoked. It is called in the context. */
typedef void (*PlantRpcGuardFunc) (gpointer    owner,
                                   const char *key);

/* AUTHENTICATOR is nullable: without it nobody is let in. Returns NULL with ERROR set if libzmq
 * cannot ask for a decision. */
PlantRpcGuard *plant_rpc_guard_new        (PlantRpcAuthenticator  *authenticator,
                                           PlantRpcKeypair        *keypair,
                                           GMainContext           *context,
                                           PlantRpcGuardFunc       func,
                                           gpointer                owner,
                                           GError                **error);
/* No callback follows. */
void           plant_rpc_guard_free       (PlantRpcGuard          *self);
const PlantRpcSecurity *
               plant_rpc_guard_get_security (PlantRpcGuard        *self);
/* KEY is nullable. */
PlantRpcRole   plant_rpc_guard_find_role  (PlantRpcGuard          *self,
                                           const char             *key);

/* Returns whether KEY (nullable) is that of an invitation, whose owner may only join. */
gboolean       plant_rpc_guard_is_invited (PlantRpcGuard          *self,
                                           const char             *key);
/* See plant_rpc_authenticator_join(). */
const char    *plant_rpc_guard_join       (PlantRpcGuard          *self,
                                           const PlantRpcJoin     *join,
                                           GError                **error);

/* Returns whether who has ROLE may send REQUEST. SELF is NULL where everybody is let in. Fails with
 * PLANT_RPC_ERROR_REFUSED. */
gboolean       plant_rpc_guard_check      (PlantRpcGuard          *self,
                                           PlantRpcRole            role,
                                           const PlantRpcRequest  *request,
                                           PlantRpcInterfaceInfo  *interface,
                                           GError                **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcGuard, plant_rpc_guard_free)

G_END_DECLS

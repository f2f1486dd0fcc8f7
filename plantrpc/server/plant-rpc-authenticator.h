/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-enums.h"
#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

#define PLANT_RPC_TYPE_AUTHENTICATOR (plant_rpc_authenticator_get_type ())

PLANT_RPC_AVAILABLE_IN_1_1
G_DECLARE_FINAL_TYPE (PlantRpcAuthenticator, plant_rpc_authenticator, PLANT_RPC, AUTHENTICATOR,
                      GObject)

PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcAuthenticator *plant_rpc_authenticator_new       (void);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcAuthenticator *plant_rpc_authenticator_new_for_name (const char          *name,
                                                          GError                **error);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean               plant_rpc_authenticator_allow     (PlantRpcAuthenticator  *self,
                                                          const char             *key,
                                                          PlantRpcRole            role,
                                                          const char             *label,
                                                          GError                **error);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean               plant_rpc_authenticator_revoke    (PlantRpcAuthenticator  *self,
                                                          const char             *key,
                                                          GError                **error);
PLANT_RPC_AVAILABLE_IN_1_1
PlantRpcRole           plant_rpc_authenticator_get_role  (PlantRpcAuthenticator  *self,
                                                          const char             *key);
PLANT_RPC_AVAILABLE_IN_1_1
char                  *plant_rpc_authenticator_dup_label (PlantRpcAuthenticator  *self,
                                                          const char             *key);
PLANT_RPC_AVAILABLE_IN_1_1
char                 **plant_rpc_authenticator_list_keys (PlantRpcAuthenticator  *self);
PLANT_RPC_AVAILABLE_IN_1_1
char                  *plant_rpc_authenticator_invite    (PlantRpcAuthenticator  *self,
                                                          const char             *url,
                                                          PlantRpcRole            role,
                                                          guint                   lifetime,
                                                          GError                **error);
PLANT_RPC_AVAILABLE_IN_1_1
char                 **plant_rpc_authenticator_list_invitations (PlantRpcAuthenticator *self);
PLANT_RPC_AVAILABLE_IN_1_1
gboolean               plant_rpc_authenticator_get_invitation (PlantRpcAuthenticator *self,
                                                          const char             *key,
                                                          PlantRpcRole           *role,
                                                          guint                  *time_left);
PLANT_RPC_AVAILABLE_IN_1_1
char                  *plant_rpc_authenticator_find_url  (PlantRpcAuthenticator  *self,
                                                          GError                **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client.h"
#include "plant-rpc-follower-private.h"
#include "plant-rpc-inbox-private.h"
#include "plant-rpc-remote-object-private.h"
#include "plant-rpc-session-private.h"
#include "plant-rpc-waiters-private.h"

G_BEGIN_DECLS

/* Only the files of the client may use these functions. */

/* Returns the runtime type for an interface. TEMPLATE_TYPE is G_TYPE_INVALID if there is no
 * template. PEER (nullable) is the address of the device that described the interface. */
GType             plant_rpc_client_make_type        (PlantRpcInterfaceInfo  *info,
                                                     GType                   template_type,
                                                     const char             *peer,
                                                     GError                **error);
/* Takes ownership of a session that has become ready, and shows its first snapshot. */
void              plant_rpc_client_adopt            (PlantRpcClient    *self,
                                                     PlantRpcSession   *session,
                                                     GVariant          *values);
/* Goes on with another server. */
void              plant_rpc_client_move             (PlantRpcClient    *self,
                                                     const char        *url);
/* Takes ownership of FOLLOWER, which looks for DEVICE. */
void              plant_rpc_client_take_follower    (PlantRpcClient    *self,
                                                     PlantRpcFollower  *follower,
                                                     const char        *device);
/* Installs the read-only properties, whose ids begin with FIRST_ID. */
void              plant_rpc_client_install_state_properties (GObjectClass *object_class,
                                                             guint         first_id);
/* INDEX is 0 for FIRST_ID. */
void              plant_rpc_client_get_state_property       (PlantRpcClient *self,
                                                             guint           index,
                                                             GValue         *value,
                                                             GParamSpec     *pspec);
/* The last error has changed, and the state unless it was FORMER before. */
void              plant_rpc_client_notify_state             (PlantRpcClient *self,
                                                             PlantRpcState   former);
PlantRpcSession  *plant_rpc_client_get_session      (PlantRpcClient    *self);
PlantRpcInbox    *plant_rpc_client_get_inbox        (PlantRpcClient    *self);
/* Returns the waiters, which are checked whenever the state changes or a write has its outcome. */
PlantRpcWaiters  *plant_rpc_client_get_waiters      (PlantRpcClient    *self);
/* Returns the wire name of a property whose name may be spelt in any way. */
const char       *plant_rpc_client_get_property_wire_name (PlantRpcClient *self,
                                                           const char     *name);
PlantRpcRemoteObject   *plant_rpc_client_get_remote       (PlantRpcClient    *self);
/* Returns FALSE and sets PLANT_RPC_ERROR_CLOSED if there is no server to talk to. */
gboolean          plant_rpc_client_check_open       (PlantRpcClient    *self,
                                                     GError           **error);
/* Remembers the traceback of a call's error. */
void              plant_rpc_client_note_traceback   (PlantRpcClient    *self,
                                                     const GError      *error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client.h"
#include "plant-rpc-follower-private.h"
#include "plant-rpc-inbox-private.h"
#include "plant-rpc-remote-object-private.h"
#include "plant-rpc-session-private.h"
#include "plant-rpc-waiters-private.h"

G_BEGIN_DECLS

/* Those from STATE to PEER_ADDRESS change with the connection, in this order. */
typedef enum {
  PLANT_RPC_CLIENT_PROP_URL = 1,
  PLANT_RPC_CLIENT_PROP_TIMEOUT,
  PLANT_RPC_CLIENT_PROP_RECEIVE_SIGNALS,
  PLANT_RPC_CLIENT_PROP_LEGACY,
  PLANT_RPC_CLIENT_PROP_HEARTBEAT_INTERVAL,
  PLANT_RPC_CLIENT_PROP_PROPERTY_TIMEOUT,
  PLANT_RPC_CLIENT_PROP_SEND_TIMEOUT,
  PLANT_RPC_CLIENT_PROP_KEYPAIR,
  PLANT_RPC_CLIENT_PROP_UNKNOWN_DEVICES,
  PLANT_RPC_CLIENT_PROP_UNKNOWN_KEY,
  PLANT_RPC_CLIENT_PROP_STATE,
  PLANT_RPC_CLIENT_PROP_READY,
  PLANT_RPC_CLIENT_PROP_LAST_ERROR,
  PLANT_RPC_CLIENT_PROP_WIRE,
  PLANT_RPC_CLIENT_PROP_INTERFACE,
  PLANT_RPC_CLIENT_PROP_MISSING,
  PLANT_RPC_CLIENT_PROP_NAME,
  PLANT_RPC_CLIENT_PROP_ROLE,
  PLANT_RPC_CLIENT_PROP_OWN_ADDRESS,
  PLANT_RPC_CLIENT_PROP_PEER_ADDRESS,
  PLANT_RPC_CLIENT_PROP_N_LATE_REPLIES,
  PLANT_RPC_CLIENT_PROP_N_DROPPED,
} PlantRpcClientProperty;

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
PlantRpcFollower *plant_rpc_client_get_follower     (PlantRpcClient    *self);
/* Returns where the client keeps what it does about devices that are not known. */
PlantRpcUnknownDevices *
                  plant_rpc_client_get_unknown      (PlantRpcClient    *self);
PlantRpcFollowerTrust
                  plant_rpc_client_get_trust        (PlantRpcClient    *self);
/* The follower learns what has changed. */
void              plant_rpc_client_update_trust     (PlantRpcClient    *self);
/* The key that waits to be accepted is another. */
void              plant_rpc_client_note_unknown_key (PlantRpcClient    *self);
/* Fills PROPERTIES by PlantRpcClientProperty. */
void              plant_rpc_client_make_properties  (GParamSpec       **properties);
/* Adds the signals of TYPE. NOTE_REFUSAL is the handler of the class for “write-failed”. */
void              plant_rpc_client_make_signals     (GType              type,
                                                     GCallback          note_refusal);
/* Called at home after the state has been notified. */
typedef void    (*PlantRpcClientWatch)              (gpointer             user_data);
void              plant_rpc_client_set_watch        (PlantRpcClient      *self,
                                                     PlantRpcClientWatch  watch,
                                                     gpointer             user_data);
PlantRpcHome     *plant_rpc_client_get_home         (PlantRpcClient    *self);
PlantRpcHold     *plant_rpc_client_enter            (PlantRpcClient    *self);
PlantRpcSession  *plant_rpc_client_get_session      (PlantRpcClient    *self);
PlantRpcInbox    *plant_rpc_client_get_inbox        (PlantRpcClient    *self);
/* Returns the ids of the relay that is the server, and of those behind it, or NULL for a device. */
const char *const *
                  plant_rpc_client_get_relays       (PlantRpcClient    *self);
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

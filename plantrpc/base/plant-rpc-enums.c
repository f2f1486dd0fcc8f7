/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-enums.h"

G_DEFINE_ENUM_TYPE (PlantRpcState, plant_rpc_state,
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_STATE_DISCONNECTED, "disconnected"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_STATE_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_STATE_READY, "ready"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_STATE_SUSPECT, "suspect"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_STATE_MISMATCH, "mismatch"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_STATE_CLOSED, "closed"))

G_DEFINE_ENUM_TYPE (PlantRpcPropertyState, plant_rpc_property_state,
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_PROPERTY_STATE_UNSET, "unset"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_PROPERTY_STATE_CURRENT, "current"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_PROPERTY_STATE_PENDING, "pending"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_PROPERTY_STATE_STALE, "stale"))

G_DEFINE_ENUM_TYPE (PlantRpcWire, plant_rpc_wire,
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_WIRE_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_WIRE_GENERATION_1, "generation-1"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_WIRE_GENERATION_2, "generation-2"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_WIRE_NATIVE, "native"))

G_DEFINE_FLAGS_TYPE (PlantRpcMethodFlags, plant_rpc_method_flags,
                     G_DEFINE_ENUM_VALUE (PLANT_RPC_METHOD_FLAGS_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (PLANT_RPC_METHOD_FLAGS_BLOCKING, "blocking"))

G_DEFINE_ENUM_TYPE (PlantRpcRole, plant_rpc_role,
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_ROLE_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_ROLE_VIEWER, "viewer"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_ROLE_OPERATOR, "operator"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_ROLE_ADMINISTRATOR, "administrator"))

G_DEFINE_ENUM_TYPE (PlantRpcUnknownDevices, plant_rpc_unknown_devices,
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_UNKNOWN_DEVICES_REFUSE, "refuse"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_UNKNOWN_DEVICES_ASK, "ask"),
                    G_DEFINE_ENUM_VALUE (PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW, "accept-new"))

/**
 * plant_rpc_state_is_ready:
 * @state: a state
 *
 * Tells whether a client in this state has the device's values and sends calls at once.
 *
 * These states are %PLANT_RPC_STATE_READY and %PLANT_RPC_STATE_MISMATCH.
 *
 * Returns: %TRUE if a client in @state is ready
 *
 * Since: 1.0
 */
gboolean
plant_rpc_state_is_ready (PlantRpcState state)
{
  return state == PLANT_RPC_STATE_READY || state == PLANT_RPC_STATE_MISMATCH;
}

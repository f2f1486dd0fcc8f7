/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

/**
 * PLANT_RPC_TIMEOUT_FROM_SERVER:
 *
 * Stands for a time in ms: a call waits as long as the server asks its clients to wait.
 *
 * Since: 1.0
 */
#define PLANT_RPC_TIMEOUT_FROM_SERVER 0

/**
 * PLANT_RPC_TIMEOUT_NONE:
 *
 * Stands for a time in ms: a call waits for ever.
 *
 * Any other negative time is over already, as that of a program that computes what is left of its
 * own time limit. Then a call ends at once with %PLANT_RPC_ERROR_NOT_SENT, and a function that
 * waits for a device with %G_IO_ERROR_TIMED_OUT. Such a program should give 1 at least, since −1 ms
 * that are left would be for ever, and 0 is %PLANT_RPC_TIMEOUT_FROM_SERVER for a call.
 *
 * Since: 1.0
 */
#define PLANT_RPC_TIMEOUT_NONE -1

/**
 * PLANT_RPC_TIMEOUT_DEFAULT:
 *
 * The time in ms that clients wait for a method if its server does not ask for another time.
 *
 * Since: 1.0
 */
#define PLANT_RPC_TIMEOUT_DEFAULT 10000

/**
 * PlantRpcState:
 * @PLANT_RPC_STATE_DISCONNECTED: There is no connection; the client will try again by itself.
 * @PLANT_RPC_STATE_CONNECTING: The client is connecting, or is asking for the interface of the
 *   peer.
 * @PLANT_RPC_STATE_READY: The client has the device's values, and sends calls at once.
 * @PLANT_RPC_STATE_SUSPECT: The connection is open, but the server did not answer a call in
 *   time, or its process stands still; see [property@Client:heartbeat-interval].
 * @PLANT_RPC_STATE_MISMATCH: The client is ready, but the device lacks members of the template; see
 *   [property@Client:missing].
 * @PLANT_RPC_STATE_CLOSED: The owner has closed the client, which will not connect again.
 *
 * The state of a client's connection. [func@State.is_ready] tells whether the device can be used.
 *
 * Since: 1.0
 */
typedef enum {
  PLANT_RPC_STATE_DISCONNECTED,
  PLANT_RPC_STATE_CONNECTING,
  PLANT_RPC_STATE_READY,
  PLANT_RPC_STATE_SUSPECT,
  PLANT_RPC_STATE_MISMATCH,
  PLANT_RPC_STATE_CLOSED,
} PlantRpcState;

/**
 * PlantRpcPropertyState:
 * @PLANT_RPC_PROPERTY_STATE_UNSET: The device has not sent a value yet, or cannot read it.
 * @PLANT_RPC_PROPERTY_STATE_CURRENT: The shown value is the device's.
 * @PLANT_RPC_PROPERTY_STATE_PENDING: A local write is under way.
 * @PLANT_RPC_PROPERTY_STATE_STALE: The shown value is an earlier one: since then the connection was
 *   lost, or the device sent a value that does not fit, or it left the property out or cannot read
 *   it.
 *
 * Whether the shown value of a remote property is the value that the device has now.
 *
 * Since: 1.0
 */
typedef enum {
  PLANT_RPC_PROPERTY_STATE_UNSET,
  PLANT_RPC_PROPERTY_STATE_CURRENT,
  PLANT_RPC_PROPERTY_STATE_PENDING,
  PLANT_RPC_PROPERTY_STATE_STALE,
} PlantRpcPropertyState;

/**
 * PlantRpcWire:
 * @PLANT_RPC_WIRE_UNKNOWN: The wire is not known yet, or the client knows only that it is a JSON
 *   wire since it has not asked for signals.
 * @PLANT_RPC_WIRE_GENERATION_1: Plant Imager's JSON wire, on which signals are pushed and
 *   acknowledged.
 * @PLANT_RPC_WIRE_GENERATION_2: Plant Imager's JSON wire, on which signals are published.
 * @PLANT_RPC_WIRE_NATIVE: The typed wire between two plantrpc peers.
 *
 * Which protocol a client and its server speak.
 *
 * Since: 1.0
 */
typedef enum {
  PLANT_RPC_WIRE_UNKNOWN,
  PLANT_RPC_WIRE_GENERATION_1,
  PLANT_RPC_WIRE_GENERATION_2,
  PLANT_RPC_WIRE_NATIVE,
} PlantRpcWire;

/**
 * PlantRpcMethodFlags:
 * @PLANT_RPC_METHOD_FLAGS_NONE: The handler runs in the server's main context and must not block.
 * @PLANT_RPC_METHOD_FLAGS_BLOCKING: The handler runs on a worker thread and may block.
 *
 * How a method's handler is run.
 *
 * Since: 1.0
 */
typedef enum {
  PLANT_RPC_METHOD_FLAGS_NONE     = 0,
  PLANT_RPC_METHOD_FLAGS_BLOCKING = 1 << 0,
} PlantRpcMethodFlags;

/**
 * PlantRpcRole:
 * @PLANT_RPC_ROLE_NONE: The key is not known, and nothing is answered to it.
 * @PLANT_RPC_ROLE_VIEWER: Reads properties and receives signals.
 * @PLANT_RPC_ROLE_OPERATOR: Also writes properties and calls methods.
 * @PLANT_RPC_ROLE_ADMINISTRATOR: Also stops the server, and is sent the tracebacks of errors.
 *
 * What a client of a secured server may do. Each role may do what the one before it may.
 *
 * A method, or the write of a property, can ask for another role than that of an operator; see
 * [method@Server.set_member_role].
 *
 * Since: 1.1
 */
typedef enum {
  PLANT_RPC_ROLE_NONE,
  PLANT_RPC_ROLE_VIEWER,
  PLANT_RPC_ROLE_OPERATOR,
  PLANT_RPC_ROLE_ADMINISTRATOR,
} PlantRpcRole;

/**
 * PlantRpcUnknownDevices:
 * @PLANT_RPC_UNKNOWN_DEVICES_REFUSE: The client does not connect, and whoever waits for it is told
 *   so at once, with a command that remembers the device.
 * @PLANT_RPC_UNKNOWN_DEVICES_ASK: The client waits until [method@Client.accept_key] was called, for
 *   a program that shows the key to its user.
 * @PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW: The client remembers the key and connects, whoever has
 *   listed it.
 *
 * What a client does about a device with a key that it finds in a registry by name, if the device
 * is not among [class@KnownDevices] and the registry is not secured.
 *
 * Since: 1.1
 */
typedef enum {
  PLANT_RPC_UNKNOWN_DEVICES_REFUSE,
  PLANT_RPC_UNKNOWN_DEVICES_ASK,
  PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW,
} PlantRpcUnknownDevices;

PLANT_RPC_AVAILABLE_IN_1_0
GType    plant_rpc_state_get_type          (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
gboolean plant_rpc_state_is_ready          (PlantRpcState state) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
GType    plant_rpc_property_state_get_type (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
GType    plant_rpc_wire_get_type           (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
GType    plant_rpc_method_flags_get_type   (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_1
GType    plant_rpc_role_get_type           (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_1
GType    plant_rpc_unknown_devices_get_type (void) G_GNUC_CONST;

#define PLANT_RPC_TYPE_STATE          (plant_rpc_state_get_type ())
#define PLANT_RPC_TYPE_PROPERTY_STATE (plant_rpc_property_state_get_type ())
#define PLANT_RPC_TYPE_WIRE           (plant_rpc_wire_get_type ())
#define PLANT_RPC_TYPE_METHOD_FLAGS   (plant_rpc_method_flags_get_type ())
#define PLANT_RPC_TYPE_ROLE           (plant_rpc_role_get_type ())
#define PLANT_RPC_TYPE_UNKNOWN_DEVICES (plant_rpc_unknown_devices_get_type ())

G_END_DECLS

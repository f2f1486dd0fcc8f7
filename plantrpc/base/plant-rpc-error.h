/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib-object.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

/**
 * PLANT_RPC_ERROR:
 *
 * The error domain of plantrpc. Timed out and cancelled operations fail with %G_IO_ERROR instead.
 *
 * Since: 1.0
 */
#define PLANT_RPC_ERROR (plant_rpc_error_quark ())

/**
 * PlantRpcError:
 * @PLANT_RPC_ERROR_REMOTE: The handler on the other side failed; the message is its own.
 * @PLANT_RPC_ERROR_NOT_SENT: The request was never sent, so it certainly did not run.
 * @PLANT_RPC_ERROR_OUTCOME_UNKNOWN: The connection was lost after the request had been sent, so it
 *   may have run.
 * @PLANT_RPC_ERROR_PROTOCOL: The peer violated the protocol, or returned a value of another type
 *   than the declared one.
 * @PLANT_RPC_ERROR_LIMIT: A message is too large or too deeply nested.
 * @PLANT_RPC_ERROR_UNKNOWN_METHOD: The server has no method of that name.
 * @PLANT_RPC_ERROR_UNKNOWN_PROPERTY: There is no property of that name.
 * @PLANT_RPC_ERROR_NOT_WRITABLE: The property cannot be written.
 * @PLANT_RPC_ERROR_INVALID_VALUE: A value has the wrong type, or is out of range.
 * @PLANT_RPC_ERROR_INVALID_ARGUMENTS: Arguments are missing, too many, unknown or given twice.
 * @PLANT_RPC_ERROR_NO_REPLY: The server released the invocation without an answer.
 * @PLANT_RPC_ERROR_REFUSED: The server does not permit the request.
 * @PLANT_RPC_ERROR_INVALID_URL: A URL cannot be understood, or has an unknown scheme.
 * @PLANT_RPC_ERROR_INVALID_INTERFACE: A description of an interface cannot be understood.
 * @PLANT_RPC_ERROR_MISMATCH: The device lacks a member of the template.
 * @PLANT_RPC_ERROR_CLOSED: The client or server has been closed.
 *
 * What can go wrong between two peers.
 *
 * Since: 1.0
 */
typedef enum {
  PLANT_RPC_ERROR_REMOTE,
  PLANT_RPC_ERROR_NOT_SENT,
  PLANT_RPC_ERROR_OUTCOME_UNKNOWN,
  PLANT_RPC_ERROR_PROTOCOL,
  PLANT_RPC_ERROR_LIMIT,
  PLANT_RPC_ERROR_UNKNOWN_METHOD,
  PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
  PLANT_RPC_ERROR_NOT_WRITABLE,
  PLANT_RPC_ERROR_INVALID_VALUE,
  PLANT_RPC_ERROR_INVALID_ARGUMENTS,
  PLANT_RPC_ERROR_NO_REPLY,
  PLANT_RPC_ERROR_REFUSED,
  PLANT_RPC_ERROR_INVALID_URL,
  PLANT_RPC_ERROR_INVALID_INTERFACE,
  PLANT_RPC_ERROR_MISMATCH,
  PLANT_RPC_ERROR_CLOSED,
} PlantRpcError;

PLANT_RPC_AVAILABLE_IN_1_0
GQuark      plant_rpc_error_quark           (void);
PLANT_RPC_AVAILABLE_IN_1_0
GType       plant_rpc_error_get_type        (void) G_GNUC_CONST;
PLANT_RPC_AVAILABLE_IN_1_0
const char *plant_rpc_error_get_traceback   (const GError *error);
PLANT_RPC_AVAILABLE_IN_1_0
const char *plant_rpc_error_get_remote_name (const GError *error);
PLANT_RPC_AVAILABLE_IN_1_0
gboolean    plant_rpc_error_may_have_run    (const GError *error);

#define PLANT_RPC_TYPE_ERROR (plant_rpc_error_get_type ())

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client.h"
#include "plant-rpc-inbox-private.h"
#include "plant-rpc-session-private.h"
#include "plant-rpc-waiters-private.h"

G_BEGIN_DECLS

/* For the files of the client alone. */

/* Takes over a session that has become ready, and its first snapshot. */
void              plant_rpc_client_adopt            (PlantRpcClient    *self,
                                                     PlantRpcSession   *session,
                                                     const char        *url,
                                                     GVariant          *values);
/* NULL for a client without a url. */
PlantRpcSession  *plant_rpc_client_get_session      (PlantRpcClient    *self);
PlantRpcInbox    *plant_rpc_client_get_inbox        (PlantRpcClient    *self);
/* Asked whenever the state changes or a write settles. */
PlantRpcWaiters  *plant_rpc_client_get_waiters      (PlantRpcClient    *self);
/* The wire name of a property given in any spelling. */
const char       *plant_rpc_client_get_property_wire_name (PlantRpcClient  *self,
                                                           const char      *name);
/* What a fresh read gave, by wire name. */
void              plant_rpc_client_take_value       (PlantRpcClient    *self,
                                                     const char        *wire_name,
                                                     GVariant          *value);
gboolean          plant_rpc_client_has_pending_writes (PlantRpcClient  *self);
/* Remembers the traceback of a call's error. */
void              plant_rpc_client_note_traceback   (PlantRpcClient    *self,
                                                     const GError      *error);

G_END_DECLS

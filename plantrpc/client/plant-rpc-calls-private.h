/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-link-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-server-profile-private.h"

G_BEGIN_DECLS

/* The calls of a client that have not ended: those that wait until the server is ready, and those
 * that wait for their reply, with their deadlines and their cancellation. Each call ends exactly
 * once. */
typedef struct _PlantRpcCalls PlantRpcCalls;
typedef struct _PlantRpcCall  PlantRpcCall;

/* ERROR is NULL if the call has succeeded; the error of a reply arrives as ERROR. REPLY is NULL if
 * none has come, and has no value if there is an ERROR. FUNC may take their content. */
typedef void (*PlantRpcCallFunc)      (PlantRpcReply *reply,
                                       GError        *error,
                                       gpointer       user_data);
/* A call that was sent had no reply in its time, nor has any other reply arrived since it was
 * sent. */
typedef void (*PlantRpcCallQuietFunc) (gpointer       owner);

/* LINK and PROFILE, of the server, are unowned and must outlive the calls. */
PlantRpcCalls *plant_rpc_calls_new         (PlantRpcLink          *link,
                                            GMainContext          *context,
                                            PlantRpcTimer         *timer,
                                            PlantRpcServerProfile *profile,
                                            PlantRpcCallQuietFunc  quiet,
                                            gpointer               owner);
void           plant_rpc_calls_free        (PlantRpcCalls         *self);
/* Returns whether they belong to the process that forked this one. */
gboolean       plant_rpc_calls_are_inherited (PlantRpcCalls       *self);
GError        *plant_rpc_calls_make_inherited_error (PlantRpcCalls *self);
/* Calls that wait to be sent end with PLANT_RPC_ERROR_CLOSED, and those that were sent with
 * PLANT_RPC_ERROR_OUTCOME_UNKNOWN. */
void           plant_rpc_calls_close       (PlantRpcCalls         *self);

/* From now on calls are sent in FORMAT, first those that have waited. */
void           plant_rpc_calls_resume      (PlantRpcCalls         *self,
                                            PlantRpcFormat         format);
/* From now on calls wait. */
void           plant_rpc_calls_pause       (PlantRpcCalls         *self);
/* Calls that wait to be sent end with PLANT_RPC_ERROR_NOT_SENT. */
void           plant_rpc_calls_end_waiting (PlantRpcCalls         *self);
/* Returns whether calls are sent at once. */
gboolean       plant_rpc_calls_is_sending  (PlantRpcCalls         *self);
/* Sets why there is no connection, for the texts of errors. */
void           plant_rpc_calls_set_reason  (PlantRpcCalls         *self,
                                            const GError          *reason);
/* How long the reading or writing of a property may take in all, in ms, if its caller gives no
 * other timeout; PLANT_RPC_TIMEOUT_NONE for ever. */
int            plant_rpc_calls_get_property_timeout (PlantRpcCalls *self);
void           plant_rpc_calls_set_property_timeout (PlantRpcCalls *self,
                                                     int            timeout);
/* How long a call waits to be sent, in ms; PLANT_RPC_TIMEOUT_NONE for as long as its own
 * timeout. */
int            plant_rpc_calls_get_send_timeout     (PlantRpcCalls *self);
void           plant_rpc_calls_set_send_timeout     (PlantRpcCalls *self,
                                                     int            timeout);
/* Takes over the content of REQUEST, which is zeroed. A caller that blocks watches the deadline and
 * the cancellable itself. If FUNC has run before this returns, NULL is returned. */
PlantRpcCall  *plant_rpc_calls_add         (PlantRpcCalls         *self,
                                            PlantRpcRequest       *request,
                                            gboolean               wants_buffer,
                                            int                    timeout,
                                            GCancellable          *cancellable,
                                            gboolean               blocking,
                                            PlantRpcCallFunc       func,
                                            gpointer               user_data);
/* Returns the deadline in monotonic µs, or -1. It changes when the call is sent. */
const gint64  *plant_rpc_call_get_deadline (PlantRpcCall          *call);
void           plant_rpc_call_expire       (PlantRpcCall          *call);
void           plant_rpc_call_cancel       (PlantRpcCall          *call);

G_END_DECLS

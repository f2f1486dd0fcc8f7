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
typedef struct _PlantRpcCall   PlantRpcCall;

/* Exactly one of REPLY and ERROR is given. FUNC may take their content. The error of a reply
 * arrives as ERROR. */
typedef void (*PlantRpcCallFunc) (PlantRpcReply *reply,
                                  GError        *error,
                                  gpointer       user_data);

typedef struct {
  /* The earliest deadline has changed. */
  void (*rearm) (gpointer owner);
  /* A call that was sent had no reply in its time. */
  void (*quiet) (gpointer owner);
} PlantRpcCallsFuncs;

/* PROFILE, of the server, is unowned and must outlive the calls. */
PlantRpcCalls *plant_rpc_calls_new          (const char               *url,
                                             GMainContext             *context,
                                             PlantRpcServerProfile    *profile,
                                             const PlantRpcCallsFuncs *funcs,
                                             gpointer                  owner);
void           plant_rpc_calls_free         (PlantRpcCalls *self);
void           plant_rpc_calls_set_url      (PlantRpcCalls *self,
                                             const char    *url);
/* Calls that wait to be sent end with PLANT_RPC_ERROR_CLOSED, and those that were sent with
 * PLANT_RPC_ERROR_OUTCOME_UNKNOWN. */
void           plant_rpc_calls_close        (PlantRpcCalls *self);

/* From now on calls are sent over LINK in FORMAT, first those that have waited. If LINK is NULL,
 * they wait. */
void           plant_rpc_calls_set_link     (PlantRpcCalls  *self,
                                             PlantRpcLink   *link,
                                             PlantRpcFormat  format);
/* Sets why there is no connection, for the texts of errors. */
void           plant_rpc_calls_set_reason   (PlantRpcCalls *self,
                                             const GError  *reason);
/* Takes over the content of REQUEST, which is zeroed. A caller that blocks watches the deadline and
 * the cancellable itself. If FUNC has run before this returns, NULL is returned. */
PlantRpcCall  *plant_rpc_calls_add          (PlantRpcCalls    *self,
                                             PlantRpcRequest  *request,
                                             gboolean          wants_buffer,
                                             int               timeout,
                                             GCancellable     *cancellable,
                                             gboolean          blocking,
                                             PlantRpcCallFunc  func,
                                             gpointer          user_data);
/* Returns the deadline in monotonic µs, or -1. */
gint64         plant_rpc_call_get_deadline  (PlantRpcCall *call);
void           plant_rpc_calls_expire       (PlantRpcCalls *self,
                                             PlantRpcCall  *call);
void           plant_rpc_calls_cancel       (PlantRpcCalls *self,
                                             PlantRpcCall  *call);

/* Returns the earliest deadline of all in monotonic µs, or -1. */
gint64         plant_rpc_calls_get_deadline (PlantRpcCalls *self);
void           plant_rpc_calls_check_time   (PlantRpcCalls *self,
                                             gint64         now);

G_END_DECLS

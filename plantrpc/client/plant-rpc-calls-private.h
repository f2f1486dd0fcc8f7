/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-link-private.h"
#include "plant-rpc-reply-private.h"

G_BEGIN_DECLS

/* The calls on their way out: those that wait until the peer is ready, and those whose reply is
 * awaited, with their deadlines and cancellation. Each ends exactly once. */
typedef struct _PlantRpcCalls PlantRpcCalls;
typedef struct _PlantRpcCall   PlantRpcCall;

/* Exactly one of REPLY and ERROR is given; both may be taken from. A reply that tells an error
 * arrives as ERROR. */
typedef void (*PlantRpcCallFunc) (PlantRpcReply *reply,
                                  GError        *error,
                                  gpointer       user_data);

typedef struct {
  /* ms that the server tells its clients to wait for REQUEST; PLANT_RPC_TIMEOUT_NONE: for ever. */
  int      (*get_told_timeout) (gpointer                owner,
                                const PlantRpcRequest  *request);
  /* Whether the peer can take it; else an error. */
  gboolean (*check)            (gpointer                owner,
                                const PlantRpcRequest  *request,
                                gboolean                wants_buffer,
                                GError                **error);
  /* The earliest deadline has changed. */
  void     (*rearm)            (gpointer                owner);
  /* A call that had been sent had no reply in its time. */
  void     (*quiet)            (gpointer                owner);
} PlantRpcCallsFuncs;

PlantRpcCalls *plant_rpc_calls_new          (const char               *url,
                                             GMainContext             *context,
                                             const PlantRpcCallsFuncs *funcs,
                                             gpointer                  owner);
void           plant_rpc_calls_free         (PlantRpcCalls *self);
void           plant_rpc_calls_set_url      (PlantRpcCalls *self,
                                             const char    *url);
/* What waits ends with CLOSED, what was sent with OUTCOME_UNKNOWN. */
void           plant_rpc_calls_close        (PlantRpcCalls *self);

/* From now on calls go out over LINK in FORMAT, those that waited first. NULL: they wait. */
void           plant_rpc_calls_set_link     (PlantRpcCalls  *self,
                                             PlantRpcLink   *link,
                                             PlantRpcFormat  format);
/* Why there is no connection, for the texts of errors. */
void           plant_rpc_calls_set_reason   (PlantRpcCalls *self,
                                             const GError  *reason);
/* REQUEST is taken over (all zero after). A blocking caller looks after deadline and cancellable
 * itself. FUNC may run before this returns: then NULL is returned. */
PlantRpcCall  *plant_rpc_calls_add          (PlantRpcCalls    *self,
                                             PlantRpcRequest  *request,
                                             gboolean          wants_buffer,
                                             int               timeout,
                                             GCancellable     *cancellable,
                                             gboolean          blocking,
                                             PlantRpcCallFunc  func,
                                             gpointer          user_data);
/* In monotonic µs; -1: none. */
gint64         plant_rpc_call_get_deadline  (PlantRpcCall *call);
void           plant_rpc_calls_expire       (PlantRpcCalls *self,
                                             PlantRpcCall  *call);
void           plant_rpc_calls_cancel       (PlantRpcCalls *self,
                                             PlantRpcCall  *call);

/* -1: none. */
gint64         plant_rpc_calls_get_deadline (PlantRpcCalls *self);
void           plant_rpc_calls_check_time   (PlantRpcCalls *self,
                                             gint64         now);

G_END_DECLS

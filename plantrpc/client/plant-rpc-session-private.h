/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-calls-private.h"
#include "plant-rpc-driver-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-heartbeat-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-snapshot-private.h"
#include "plant-rpc-subscription-private.h"

G_BEGIN_DECLS

/* A client's life with the server at one URL. The session connects, learns what the server offers
 * and over which wire, subscribes, takes a snapshot and is ready. After each loss it does so again.
 * Its owner may change. It runs in one context, or is driven by a caller that blocks. */
typedef struct _PlantRpcSession PlantRpcSession;

typedef struct {
  /* The state or the last error has changed. No code of the application may run in this
   * callback. */
  void (*changed)  (gpointer                 owner);
  /* VALUES are those of all properties, by wire name (a{sv}). What the server offers is known by
   * then. It is called before the session is ready, and again whenever changes may have been
   * missed. */
  void (*snapshot) (gpointer                 owner,
                    GVariant                *values);
  /* Emissions are acknowledged by plant_rpc_subscription_acknowledge(). All are NULL for an owner
   * that shows none; then the session acknowledges them. */
  PlantRpcSignalFuncs signals;
} PlantRpcSessionFuncs;

/* The URL of the server is set at the link before the session is started. A session asks for all
 * members unless its profile has a template, which holds from the next connection on. */
PlantRpcSession       *plant_rpc_session_new              (GMainContext              *context);
/* The server is the device LABEL, whose URL is not known yet. An URL that could not be used is
 * forgotten. */
void                   plant_rpc_session_follow           (PlantRpcSession           *self,
                                                           const char                *label);
/* If RECEIVES is FALSE, a server of Plant Imager is not asked for its signals. It must be called
 * before the session is started. */
void                   plant_rpc_session_set_receives     (PlantRpcSession           *self,
                                                           gboolean                   receives);
gboolean               plant_rpc_session_get_receives     (PlantRpcSession           *self);
/* Sets how many ms a server that takes the connection may be silent at first before the last error
 * says so. */
void                   plant_rpc_session_set_patience     (PlantRpcSession           *self,
                                                           int                        ms);
int                    plant_rpc_session_get_patience     (PlantRpcSession           *self);
PlantRpcSession       *plant_rpc_session_ref              (PlantRpcSession           *self);
void                   plant_rpc_session_unref            (PlantRpcSession           *self);
void                   plant_rpc_session_set_owner        (PlantRpcSession           *self,
                                                           const PlantRpcSessionFuncs *funcs,
                                                           gpointer                    owner);
void                   plant_rpc_session_start            (PlantRpcSession           *self);
/* Goes on with another server. If the session has not been started, it is started. Calls that wait
 * go there. */
void                   plant_rpc_session_move             (PlantRpcSession           *self,
                                                           const char                *url);
/* Sets why it has not been started. ERROR is NULL if there is no reason any more. */
void                   plant_rpc_session_explain          (PlantRpcSession           *self,
                                                           const GError              *error);
/* Closes the session for good. Calls that are under way end, and the owner is no longer called. */
void                   plant_rpc_session_close            (PlantRpcSession           *self);

PlantRpcState          plant_rpc_session_get_state        (PlantRpcSession           *self);
const GError          *plant_rpc_session_get_error        (PlantRpcSession           *self);
/* Returns whether nobody need wait longer after an attempt to connect that failed for REASON
 * (nullable), although the session goes on trying: there is no host with the name in the URL, of
 * the server or of its registry, or keys keep the client from its server. */
gboolean               plant_rpc_session_is_vain          (const GError              *reason);
/* Returns how many attempts have failed so. */
guint                  plant_rpc_session_get_n_vain       (PlantRpcSession           *self);
/* Returns FALSE if the session has neither a URL nor a device to follow. */
gboolean               plant_rpc_session_has_server       (PlantRpcSession           *self);
PlantRpcWire           plant_rpc_session_get_wire         (PlantRpcSession           *self);
/* Returns what the server offers, or NULL until it was known once. */
PlantRpcInterfaceInfo *plant_rpc_session_get_interface    (PlantRpcSession           *self);
guint                  plant_rpc_session_get_n_malformed  (PlantRpcSession           *self);

/* These return its parts. */
PlantRpcLink          *plant_rpc_session_get_link         (PlantRpcSession           *self);
PlantRpcServerProfile *plant_rpc_session_get_profile      (PlantRpcSession           *self);
PlantRpcCalls         *plant_rpc_session_get_calls        (PlantRpcSession           *self);
PlantRpcHeartbeat     *plant_rpc_session_get_heartbeat    (PlantRpcSession           *self);
PlantRpcDriver        *plant_rpc_session_get_driver       (PlantRpcSession           *self);
PlantRpcSnapshot      *plant_rpc_session_get_snapshot     (PlantRpcSession           *self);
PlantRpcSubscription  *plant_rpc_session_get_subscription (PlantRpcSession           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSession, plant_rpc_session_unref)

G_END_DECLS

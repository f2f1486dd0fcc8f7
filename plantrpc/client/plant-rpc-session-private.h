/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-calls-private.h"
#include "plant-rpc-driver-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info-private.h"
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
  /* SEQUENCE and SIZE must be given to plant_rpc_session_acknowledge() once the application has
   * seen it, unless SEQUENCE is 0. */
  void (*received) (gpointer                 owner,
                    const PlantRpcEmission  *emission,
                    guint64                  sequence,
                    gsize                    size);
  void (*lost)     (gpointer                 owner,
                    guint64                  n_lost);
} PlantRpcSessionFuncs;

/* TEMPLATE_INFO describes the members that the owner knows. If it is NULL, all are asked for. */
PlantRpcSession       *plant_rpc_session_new              (const char            *url,
                                                           GMainContext          *context,
                                                           PlantRpcInterfaceInfo *template_info);
/* Sets the members that the owner knows if it has asked for all so far. Which of them are missing
 * is found at the next connection. */
void                   plant_rpc_session_set_template     (PlantRpcSession       *self,
                                                           PlantRpcInterfaceInfo *template_info);
PlantRpcSession       *plant_rpc_session_ref              (PlantRpcSession *self);
void                   plant_rpc_session_unref            (PlantRpcSession *self);
void                   plant_rpc_session_set_owner        (PlantRpcSession            *self,
                                                           const PlantRpcSessionFuncs *funcs,
                                                           gpointer                    owner);
void                   plant_rpc_session_start            (PlantRpcSession *self);
/* Goes on with another server. If the session has not been started, it is started. Calls that wait
 * go there. */
void                   plant_rpc_session_move             (PlantRpcSession *self,
                                                           const char      *url);
/* Sets why it has not been started. ERROR is NULL if there is no reason any more. */
void                   plant_rpc_session_explain          (PlantRpcSession *self,
                                                           const GError    *error);
/* Closes the session for good. Calls that are under way end, and the owner is no longer called. */
void                   plant_rpc_session_close            (PlantRpcSession *self);
gboolean               plant_rpc_session_is_closed        (PlantRpcSession *self);

PlantRpcState          plant_rpc_session_get_state        (PlantRpcSession *self);
const GError          *plant_rpc_session_get_error        (PlantRpcSession *self);
/* Returns the URL of the server. Until a device was found, it returns the name of the device. */
const char            *plant_rpc_session_get_url          (PlantRpcSession *self);
PlantRpcWire           plant_rpc_session_get_wire         (PlantRpcSession *self);
/* Returns what the server offers, or NULL until it was known once. */
PlantRpcInterfaceInfo *plant_rpc_session_get_interface    (PlantRpcSession *self);
/* Returns the wire names of the members of the template that the server lacks. It is never NULL. */
const char *const     *plant_rpc_session_get_missing  (PlantRpcSession             *self);
const char            *plant_rpc_session_get_name         (PlantRpcSession *self);
const char            *plant_rpc_session_get_own_address  (PlantRpcSession *self);
const char            *plant_rpc_session_get_peer_address (PlantRpcSession *self);
guint                  plant_rpc_session_get_n_late       (PlantRpcSession *self);
guint                  plant_rpc_session_get_n_malformed  (PlantRpcSession *self);

/* Must be called before the session is started. */
void                   plant_rpc_session_set_receives     (PlantRpcSession *self,
                                                           gboolean         receives);
PlantRpcCalls         *plant_rpc_session_get_calls        (PlantRpcSession *self);
/* Returns the driver, for a caller that blocks. */
PlantRpcDriver        *plant_rpc_session_get_driver       (PlantRpcSession *self);
/* The application has seen what came with SEQUENCE and SIZE and, if IN_ORDER is TRUE, all that came
 * before. */
void                   plant_rpc_session_acknowledge      (PlantRpcSession *self,
                                                           guint64          sequence,
                                                           gsize            size,
                                                           gboolean         in_order);

/* Takes a snapshot. Returns its number, which plant_rpc_session_get_n_snapshots() reaches once it
 * is done. */
guint                  plant_rpc_session_refresh          (PlantRpcSession *self);
guint                  plant_rpc_session_get_n_snapshots  (PlantRpcSession *self);
/* See plant_rpc_handshake_get_read_since(). */
gint64                 plant_rpc_session_get_read_since   (PlantRpcSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSession, plant_rpc_session_unref)

G_END_DECLS

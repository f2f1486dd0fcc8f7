/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-calls-private.h"
#include "plant-rpc-driver-private.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-subscription-private.h"

G_BEGIN_DECLS

/* The life of a client with the server at one url: connect, learn what is offered and over which
 * wire, subscribe, take a snapshot, be ready; and all of it again after each loss. It serves an
 * owner that may change, runs in one context, and can be driven by a caller that blocks. */
typedef struct _PlantRpcSession PlantRpcSession;

typedef struct {
  /* The state, or the last error. Nothing of the application may run in it. */
  void (*changed)  (gpointer                 owner);
  /* The values of all properties, by wire name (a{sv}); what the peer offers is known by then.
   * Comes before ready, and again whenever changes may have been missed. */
  void (*snapshot) (gpointer                 owner,
                    GVariant                *values);
  /* SEQUENCE and SIZE are to be acknowledged, once the application has seen it. 0: there is
   * none. */
  void (*received) (gpointer                 owner,
                    const PlantRpcEmission  *emission,
                    guint64                  sequence,
                    gsize                    size);
  void (*lost)     (gpointer                 owner,
                    guint64                  n_lost);
} PlantRpcSessionFuncs;

/* TEMPLATE_INFO (nullable): the members that the owner knows; all if NULL. */
PlantRpcSession       *plant_rpc_session_new              (const char            *url,
                                                           GMainContext          *context,
                                                           PlantRpcInterfaceInfo *template_info);
/* The owner knows these members from now on, where it had asked for all: what is missing of them is
 * told after the next connection. */
void                   plant_rpc_session_set_template     (PlantRpcSession       *self,
                                                           PlantRpcInterfaceInfo *template_info);
PlantRpcSession       *plant_rpc_session_ref              (PlantRpcSession *self);
void                   plant_rpc_session_unref            (PlantRpcSession *self);
void                   plant_rpc_session_set_owner        (PlantRpcSession            *self,
                                                           const PlantRpcSessionFuncs *funcs,
                                                           gpointer                    owner);
void                   plant_rpc_session_start            (PlantRpcSession *self);
/* Goes on with another server, also where it was not started. Calls that wait go there. */
void                   plant_rpc_session_move             (PlantRpcSession *self,
                                                           const char      *url);
/* Sets why it has not been started. ERROR is NULL if there is no reason any more. */
void                   plant_rpc_session_explain          (PlantRpcSession *self,
                                                           const GError    *error);
/* For good: what is under way ends, and nobody is called any more. */
void                   plant_rpc_session_close            (PlantRpcSession *self);
gboolean               plant_rpc_session_is_closed        (PlantRpcSession *self);

PlantRpcState          plant_rpc_session_get_state        (PlantRpcSession *self);
const GError          *plant_rpc_session_get_error        (PlantRpcSession *self);
/* Where the server is; until a device was found, its name. */
const char            *plant_rpc_session_get_url          (PlantRpcSession *self);
PlantRpcWire           plant_rpc_session_get_wire         (PlantRpcSession *self);
/* What the peer offers: NULL until it was learnt once. */
PlantRpcInterfaceInfo *plant_rpc_session_get_interface    (PlantRpcSession *self);
/* Members of the template that the peer lacks, by wire name; never NULL. */
const char *const     *plant_rpc_session_get_missing  (PlantRpcSession             *self);
const char            *plant_rpc_session_get_name         (PlantRpcSession *self);
const char            *plant_rpc_session_get_own_address  (PlantRpcSession *self);
const char            *plant_rpc_session_get_peer_address (PlantRpcSession *self);
guint                  plant_rpc_session_get_n_late       (PlantRpcSession *self);
guint                  plant_rpc_session_get_n_malformed  (PlantRpcSession *self);

/* Before it is started. */
void                   plant_rpc_session_set_receives     (PlantRpcSession *self,
                                                           gboolean         receives);
PlantRpcCalls         *plant_rpc_session_get_calls        (PlantRpcSession *self);
/* For a caller that blocks. */
PlantRpcDriver        *plant_rpc_session_get_driver       (PlantRpcSession *self);
/* The application has seen what came with SEQUENCE and SIZE. IN_ORDER: and all that came before. */
void                   plant_rpc_session_acknowledge      (PlantRpcSession *self,
                                                           guint64          sequence,
                                                           gsize            size,
                                                           gboolean         in_order);

/* Takes a snapshot; which one it is, to be compared with how many are done. */
guint                  plant_rpc_session_refresh          (PlantRpcSession *self);
guint                  plant_rpc_session_get_n_snapshots  (PlantRpcSession *self);
/* See plant_rpc_handshake_get_read_since(). */
gint64                 plant_rpc_session_get_read_since   (PlantRpcSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcSession, plant_rpc_session_unref)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-reply-private.h"
#include "plant-rpc-snapshot-private.h"
#include "plant-rpc-subscription-private.h"

G_BEGIN_DECLS

/* The requests of a new connection before calls are sent: the inventory, from which the wire is
 * known, the subscription, and then a snapshot, so that no change falls between the two. */
typedef struct _PlantRpcHandshake PlantRpcHandshake;

/* What the handshake has found. The callback borrows it. */
typedef struct {
  PlantRpcFormat     format;
  PlantRpcInventory *inventory;
  GVariant          *values; /* a{sv}, by wire name */
} PlantRpcHandshakeResult;

typedef struct {
  /* Called for each snapshot. Code of the application may run in this callback. */
  void (*done)   (gpointer                       owner,
                  const PlantRpcHandshakeResult *result);
  /* The server does not speak the protocol. Code of the application may run in this callback. */
  void (*failed) (gpointer                       owner,
                  const GError                  *error);
  /* The handshake continues although something is missing, for example signals. */
  void (*warned) (gpointer                       owner,
                  const GError                  *error);
} PlantRpcHandshakeFuncs;

/* Only the members of the template of PROFILE are asked for. The other parts are unowned and must
 * outlive the handshake. */
PlantRpcHandshake *plant_rpc_handshake_new           (PlantRpcLink                 *link,
                                                      PlantRpcSubscription         *subscription,
                                                      PlantRpcServerProfile        *profile,
                                                      PlantRpcTimer                *timer,
                                                      const PlantRpcHandshakeFuncs *funcs,
                                                      gpointer                      owner);
void               plant_rpc_handshake_free          (PlantRpcHandshake            *self);
/* If RECEIVES is FALSE, a server of Plant Imager is not asked for its signals. */
void               plant_rpc_handshake_start         (PlantRpcHandshake            *self,
                                                      gboolean                      receives);
/* The connection has ended. */
void               plant_rpc_handshake_abort         (PlantRpcHandshake            *self);
/* The subscription has succeeded, perhaps anew. */
void               plant_rpc_handshake_note_standing (PlantRpcHandshake            *self);
/* The subscription failed or was lost. Returns FALSE if the handshake cannot handle that. */
gboolean           plant_rpc_handshake_note_left     (PlantRpcHandshake            *self,
                                                      const GError                 *reason);
/* Returns TRUE if the subscription of an earlier connection is still in use. */
gboolean           plant_rpc_handshake_has_kept_signals (PlantRpcHandshake         *self);
/* Returns the snapshot, with which the values can be read again. */
PlantRpcSnapshot  *plant_rpc_handshake_get_snapshot  (PlantRpcHandshake            *self);

G_END_DECLS

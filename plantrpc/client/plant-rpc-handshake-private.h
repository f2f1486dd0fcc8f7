/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-reply-private.h"
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
  void (*done)   (gpointer                        owner,
                  const PlantRpcHandshakeResult  *result);
  /* The server does not speak the protocol. */
  void (*failed) (gpointer                        owner,
                  const GError                   *error);
  /* The handshake continues although something is missing, for example signals. */
  void (*warned) (gpointer                        owner,
                  const GError                   *error);
  /* plant_rpc_handshake_get_deadline() is earlier than it was. */
  void (*rearm)  (gpointer                        owner);
} PlantRpcHandshakeFuncs;

/* Only the members of TEMPLATE_INFO are asked for, or all if it is NULL. LINK and SUBSCRIPTION are
 * unowned and must outlive the handshake. */
PlantRpcHandshake *plant_rpc_handshake_new          (const char                    *url,
                                                     PlantRpcLink                  *link,
                                                     PlantRpcSubscription            *subscription,
                                                     PlantRpcInterfaceInfo         *template_info,
                                                     const PlantRpcHandshakeFuncs  *funcs,
                                                     gpointer                       owner);
void               plant_rpc_handshake_free         (PlantRpcHandshake             *self);
void               plant_rpc_handshake_set_url      (PlantRpcHandshake *self,
                                                     const char *url);
/* If RECEIVES is FALSE, a server of Plant Imager is not asked for its signals. */
void               plant_rpc_handshake_set_receives (PlantRpcHandshake *self,
                                                     gboolean           receives);
void               plant_rpc_handshake_start        (PlantRpcHandshake             *self);
/* The connection has ended. */
void               plant_rpc_handshake_abort        (PlantRpcHandshake             *self);
/* The subscription has succeeded. */
void               plant_rpc_handshake_note_standing (PlantRpcHandshake            *self);
/* The subscription failed or was lost. Returns FALSE if the handshake cannot handle that. */
gboolean           plant_rpc_handshake_note_left     (PlantRpcHandshake            *self,
                                                      const GError                 *reason);
/* Returns TRUE if the subscription of an earlier connection is still in use. */
gboolean           plant_rpc_handshake_has_kept_signals (PlantRpcHandshake         *self);
/* Reads all values again, now or as soon as possible. done() follows. Returns the number of the
 * first snapshot that begins after this call. */
guint              plant_rpc_handshake_take_snapshot (PlantRpcHandshake            *self);
/* Returns how many snapshots are done. */
guint              plant_rpc_handshake_get_n_snapshots (PlantRpcHandshake          *self);
/* Returns when the values of the latest snapshot were asked for, in monotonic µs. A change that has
 * arrived since is newer than they are, since the signals of Plant Imager's servers have a
 * connection of their own. Returns G_MAXINT64 for a native server, whose changes and values arrive
 * in order. */
gint64             plant_rpc_handshake_get_read_since  (PlantRpcHandshake          *self);

/* Returns the deadline in monotonic µs, or -1. */
gint64             plant_rpc_handshake_get_deadline (PlantRpcHandshake             *self);
void               plant_rpc_handshake_check_time   (PlantRpcHandshake             *self,
                                                     gint64                         now);

G_END_DECLS

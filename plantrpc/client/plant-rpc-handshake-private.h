/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-reply-private.h"
#include "plant-rpc-subscription-private.h"

G_BEGIN_DECLS

/* What is said on a fresh connection before calls go out: the inventory, which tells the wire; the
 * subscription; then a snapshot, so that no change falls between the two. */
typedef struct _PlantRpcHandshake PlantRpcHandshake;

/* What was learnt; borrowed by the callback. */
typedef struct {
  PlantRpcFormat     format;
  PlantRpcInventory *inventory;
  GVariant          *values; /* a{sv}, by wire name */
} PlantRpcHandshakeResult;

typedef struct {
  void (*done)   (gpointer                        owner,
                  const PlantRpcHandshakeResult  *result);
  /* The peer does not speak the protocol. */
  void (*failed) (gpointer                        owner,
                  const GError                   *error);
  /* It goes on, but not as well as it could: signals will not come, say. */
  void (*warned) (gpointer                        owner,
                  const GError                   *error);
  /* Time has to be looked at earlier. */
  void (*rearm)  (gpointer                        owner);
} PlantRpcHandshakeFuncs;

/* TEMPLATE_INFO (nullable): only its members are asked for. All is borrowed, and outlives the
 * handshake. */
PlantRpcHandshake *plant_rpc_handshake_new          (const char                    *url,
                                                     PlantRpcLink                  *link,
                                                     PlantRpcSubscription            *subscription,
                                                     PlantRpcInterfaceInfo         *template_info,
                                                     const PlantRpcHandshakeFuncs  *funcs,
                                                     gpointer                       owner);
void               plant_rpc_handshake_free         (PlantRpcHandshake             *self);
void               plant_rpc_handshake_set_url      (PlantRpcHandshake *self,
                                                     const char *url);
/* FALSE: a server of Plant Imager is not asked for its signals. */
void               plant_rpc_handshake_set_receives (PlantRpcHandshake *self,
                                                     gboolean           receives);
void               plant_rpc_handshake_start        (PlantRpcHandshake             *self);
/* The connection is gone. */
void               plant_rpc_handshake_abort        (PlantRpcHandshake             *self);
/* The subscription that was waited for stands. */
void               plant_rpc_handshake_note_standing (PlantRpcHandshake            *self);
/* It could not be made, or was lost. FALSE: that is not dealt with here. */
gboolean           plant_rpc_handshake_note_left     (PlantRpcHandshake            *self,
                                                      const GError                 *reason);
/* Whether it was not asked for on this connection, because it stood already. */
gboolean           plant_rpc_handshake_has_kept_signals (PlantRpcHandshake         *self);
/* Reads all values once more, or does so as soon as it can: done() follows. Which of the snapshots,
 * by number, is the first that was begun after this call. */
guint              plant_rpc_handshake_take_snapshot (PlantRpcHandshake            *self);
/* How many are done. */
guint              plant_rpc_handshake_get_n_snapshots (PlantRpcHandshake          *self);
/* When the values of the latest snapshot were asked for, in µs of the monotonic clock. A change
 * that has come since is newer than them: the signals of Plant Imager's servers come by a
 * connection of their own. G_MAXINT64 natively, where changes and values come in order. */
gint64             plant_rpc_handshake_get_read_since  (PlantRpcHandshake          *self);

/* Monotonic µs; -1: none. */
gint64             plant_rpc_handshake_get_deadline (PlantRpcHandshake             *self);
void               plant_rpc_handshake_check_time   (PlantRpcHandshake             *self,
                                                     gint64                         now);

G_END_DECLS

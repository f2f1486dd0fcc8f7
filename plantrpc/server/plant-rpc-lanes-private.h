/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-frames-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The lanes of the clients of a server. The main loop waits for all of them by one descriptor, so
 * that a call costs the same beside a thousand idle clients. */
typedef struct _PlantRpcLanes PlantRpcLanes;

typedef struct {
  /* A request has come over a lane. BUFFER is nullable. */
  void (*received) (gpointer                owner,
                    const PlantRpcEnvelope *envelope,
                    GBytes                 *payload,
                    GBytes                 *buffer);
  /* Sends a message over the ordinary connection. BUFFER is nullable. */
  void (*send)     (gpointer                owner,
                    const PlantRpcEnvelope *envelope,
                    GBytes                 *payload,
                    GBytes                 *buffer);
  /* Messages that had to wait may be sent. */
  void (*drained)  (gpointer                owner);
} PlantRpcLanesFuncs;

/* LOCAL is TRUE if only clients on this computer may have a lane, since a lane is not encrypted. */
PlantRpcLanes      *plant_rpc_lanes_new    (GMainContext             *context,
                                            gboolean                  local,
                                            const PlantRpcLanesFuncs *funcs,
                                            gpointer                  owner);
/* It may be called from inside the callbacks. None is called afterwards. */
void                plant_rpc_lanes_free   (PlantRpcLanes            *self);

/* Answers PAYLOAD, a request about a lane. FD is the descriptor of the ordinary connection over
 * which it has come, or -1. */
void                plant_rpc_lanes_answer (PlantRpcLanes            *self,
                                            const PlantRpcEnvelope   *envelope,
                                            GBytes                   *payload,
                                            int                       fd);
/* Sends a message over the lane of its client. Returns PLANT_RPC_SEND_UNREACHABLE if it has to go
 * over the ordinary connection, and PLANT_RPC_SEND_WOULD_BLOCK if it has to wait for drained(). */
PlantRpcSendResult  plant_rpc_lanes_send   (PlantRpcLanes            *self,
                                            const PlantRpcEnvelope   *envelope,
                                            GBytes                   *payload,
                                            GBytes                   *buffer);
/* Ends one of the lanes, so that its descriptor is free. Returns FALSE if there is none. */
gboolean            plant_rpc_lanes_spare_one (PlantRpcLanes         *self);
/* CONNECTION has ended. What has come over its lane is handed out before. */
void                plant_rpc_lanes_remove (PlantRpcLanes            *self,
                                            guint64                   connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcLanes, plant_rpc_lanes_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What one end of a lane sends. Each message is kept until the other end has acknowledged it, so
 * that it can be sent over the ordinary connection if the lane breaks before. */
typedef struct _PlantRpcLaneOutput PlantRpcLaneOutput;

typedef enum {
  PLANT_RPC_LANE_WRITTEN, /* all of it */
  PLANT_RPC_LANE_FULL,    /* the rest has to wait until the descriptor is writable */
  PLANT_RPC_LANE_BROKEN,
} PlantRpcLaneResult;

typedef void (*PlantRpcLaneMessageFunc) (gpointer  owner,
                                         guint64   id,
                                         GBytes   *payload,
                                         GBytes   *buffer);

PlantRpcLaneOutput *plant_rpc_lane_output_new          (void);
void                plant_rpc_lane_output_free         (PlantRpcLaneOutput  *self);

/* Returns FALSE while too much was not written or not acknowledged. */
gboolean            plant_rpc_lane_output_has_room     (PlantRpcLaneOutput  *self);
/* BUFFER is nullable. */
void                plant_rpc_lane_output_push         (PlantRpcLaneOutput  *self,
                                                        guint64              id,
                                                        GBytes              *payload,
                                                        GBytes              *buffer);
/* Writes what waits. N_RECEIVED messages have come from the other end so far. */
PlantRpcLaneResult  plant_rpc_lane_output_write        (PlantRpcLaneOutput  *self,
                                                        int                  fd,
                                                        guint64              n_received);
/* The same, and tells the other end N_RECEIVED also if nothing waits. */
PlantRpcLaneResult  plant_rpc_lane_output_write_number (PlantRpcLaneOutput  *self,
                                                        int                  fd,
                                                        guint64              n_received);
gboolean            plant_rpc_lane_output_is_written   (PlantRpcLaneOutput  *self);
/* The other end has received so many messages, modulo 2^32. Returns FALSE if it cannot have. */
gboolean            plant_rpc_lane_output_acknowledge  (PlantRpcLaneOutput  *self,
                                                        guint32              n_received);
/* Calls FUNC for each message after the first N_RECEIVED, in order. Returns FALSE if the other end
 * cannot have received so many, or so few. SELF is empty afterwards. */
gboolean            plant_rpc_lane_output_hand_back    (PlantRpcLaneOutput      *self,
                                                        guint64                  n_received,
                                                        PlantRpcLaneMessageFunc  func,
                                                        gpointer                 owner);

/* Appends the ids (guint64) of the messages of which the other end cannot have got the whole. */
void                plant_rpc_lane_output_list_unsent  (PlantRpcLaneOutput      *self,
                                                        GArray                  *ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcLaneOutput, plant_rpc_lane_output_free)

G_END_DECLS

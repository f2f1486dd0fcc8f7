/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-lane-input-private.h"
#include "plant-rpc-lane-output-private.h"
#include "plant-rpc-pulse-private.h"

G_BEGIN_DECLS

/* One end of a lane: a stream socket between two native peers, beside their ordinary connection. It
 * is read and written in the context of its owner, where libzmq would hand each message to a thread
 * and back. The ordinary connection stays, and tells whether the peer lives. If the lane breaks,
 * what the other end has not received goes over the ordinary connection.
 *
 * A lane that has broken takes messages and keeps them until hand_back(). */
typedef struct _PlantRpcLane PlantRpcLane;

/* Takes ownership of FD, which does not block. MAX_SIZE is the most bytes of a payload or
 * buffer. */
PlantRpcLane       *plant_rpc_lane_new            (int                   fd,
                                                   gsize                 max_size);
void                plant_rpc_lane_free           (PlantRpcLane         *self);
/* Returns the descriptor, or -1 once it was closed. */
int                 plant_rpc_lane_get_descriptor (PlantRpcLane         *self);
/* From now on it is broken. */
void                plant_rpc_lane_break          (PlantRpcLane         *self);
/* Closes the descriptor of a lane that has broken. Nobody may wait for it any more. */
void                plant_rpc_lane_close          (PlantRpcLane         *self);
gboolean            plant_rpc_lane_is_broken      (PlantRpcLane         *self);

/* Returns FALSE while the other end does not read, or does not acknowledge. */
gboolean            plant_rpc_lane_has_room       (PlantRpcLane         *self);
/* BUFFER is nullable. The message is sent, however little room there is. */
void                plant_rpc_lane_send           (PlantRpcLane         *self,
                                                   guint64               id,
                                                   GBytes               *payload,
                                                   GBytes               *buffer);
/* Whether something has to wait until the descriptor is writable. */
gboolean            plant_rpc_lane_wants_write    (PlantRpcLane         *self);
void                plant_rpc_lane_flush          (PlantRpcLane         *self);
/* Waits until all is written, for MS at most. */
void                plant_rpc_lane_linger         (PlantRpcLane         *self,
                                                   int                   ms);

/* Takes the next message. Returns FALSE if there is none yet, or if the lane has broken. */
gboolean            plant_rpc_lane_take           (PlantRpcLane         *self,
                                                   PlantRpcLaneMessage  *message);
/* Whether a message may be there although the descriptor is not readable. */
gboolean            plant_rpc_lane_has_rest       (PlantRpcLane         *self);
/* Whether the other end has closed. */
gboolean            plant_rpc_lane_is_hung_up     (PlantRpcLane         *self);
/* Returns the bytes of messages that are not whole. */
gsize               plant_rpc_lane_get_held       (PlantRpcLane         *self);
guint64             plant_rpc_lane_get_n_bytes    (PlantRpcLane         *self);
guint64             plant_rpc_lane_get_n_received (PlantRpcLane         *self);
PlantRpcPulseState  plant_rpc_lane_feel_pulse     (PlantRpcLane         *self);

/* See plant_rpc_lane_output_hand_back(). */
gboolean            plant_rpc_lane_hand_back      (PlantRpcLane            *self,
                                                   guint64                  n_received,
                                                   PlantRpcLaneMessageFunc  func,
                                                   gpointer                 owner);

/* See plant_rpc_lane_output_list_unsent(). */
void                plant_rpc_lane_list_unsent    (PlantRpcLane            *self,
                                                   GArray                  *ids);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcLane, plant_rpc_lane_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What one end of a lane receives. */
typedef struct _PlantRpcLaneInput PlantRpcLaneInput;

typedef struct {
  guint64  id;
  GBytes  *payload; /* (owned) (nullable) */
  GBytes  *buffer;  /* (owned) (nullable) */
} PlantRpcLaneMessage;

typedef enum {
  PLANT_RPC_LANE_READ,    /* there may be more */
  PLANT_RPC_LANE_EMPTY,   /* nothing more has come yet */
  PLANT_RPC_LANE_ENDED,   /* the other end has closed, or the connection was lost */
  PLANT_RPC_LANE_INVALID, /* the other end breaks the protocol */
} PlantRpcLaneReading;

/* MAX_SIZE is the most bytes of a part. */
PlantRpcLaneInput   *plant_rpc_lane_input_new              (gsize                 max_size);
void                 plant_rpc_lane_input_free             (PlantRpcLaneInput    *self);

/* Reads what fits. */
PlantRpcLaneReading  plant_rpc_lane_input_read             (PlantRpcLaneInput    *self,
                                                            int                   fd);
/* Takes the next message that has been read whole. The payload is NULL if there is none. Returns
 * FALSE if the other end breaks the protocol. */
gboolean             plant_rpc_lane_input_take             (PlantRpcLaneInput    *self,
                                                            PlantRpcLaneMessage  *message);
/* Whether a message may be taken without another read. */
gboolean             plant_rpc_lane_input_has_rest         (PlantRpcLaneInput    *self);
/* Sets N_ACKNOWLEDGED to the number of the latest header. Returns FALSE if none has come since the
 * last call. */
gboolean             plant_rpc_lane_input_take_number      (PlantRpcLaneInput    *self,
                                                            guint32              *n_acknowledged);
/* Returns the bytes that messages hold which are not whole. */
gsize                plant_rpc_lane_input_get_held         (PlantRpcLaneInput    *self);
guint64              plant_rpc_lane_input_get_n_bytes      (PlantRpcLaneInput    *self);

void                 plant_rpc_lane_message_clear          (PlantRpcLaneMessage  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcLaneInput, plant_rpc_lane_input_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcLaneMessage, plant_rpc_lane_message_clear)

G_END_DECLS

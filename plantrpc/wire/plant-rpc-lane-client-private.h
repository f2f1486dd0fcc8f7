/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <zmq.h>

#include "plant-rpc-lane-private.h"
#include "plant-rpc-pending-private.h"
#include "plant-rpc-timer-private.h"

G_BEGIN_DECLS

/* A client's lane to its server. It asks for an offer and connects beside all else, takes the
 * messages once the lane stands, and gives them back if the lane breaks. */
typedef struct _PlantRpcLaneClient PlantRpcLaneClient;

/* Any of these may free the lane client. */
typedef struct {
  /* Sends a request over the ordinary connection. FUNC is called unless that is lost. */
  void (*request)  (gpointer               owner,
                    GBytes                *payload,
                    PlantRpcReplyFunc      func,
                    gpointer               user_data);
  /* The callback may steal the parts. */
  void (*received) (gpointer               owner,
                    PlantRpcLaneMessage   *message);
  /* The lane has broken: the message goes over the ordinary connection, since the server has not
   * received it. */
  void (*returned) (gpointer               owner,
                    guint64                id,
                    GBytes                *payload,
                    GBytes                *buffer);
  /* A message that is not whole has more than PLANT_RPC_MAX_UNFINISHED bytes already. */
  void (*flooded)  (gpointer               owner);
  /* The lane has broken, and the server does not tell what it has received. */
  void (*failed)   (gpointer               owner);
} PlantRpcLaneClientFuncs;

#define PLANT_RPC_LANE_CLIENT_MAX_POLL 1

/* ORDINARY is the descriptor of the ordinary connection. MAX_SIZE is the most bytes of a part. */
PlantRpcLaneClient *plant_rpc_lane_client_new            (int                            ordinary,
                                                          gsize                          max_size,
                                                          GMainContext                  *context,
                                                          PlantRpcTimer                 *timer,
                                                          const PlantRpcLaneClientFuncs *funcs,
                                                          gpointer                       owner);
/* What was sent still goes out, for a second at most. No callback follows. */
void                plant_rpc_lane_client_free           (PlantRpcLaneClient *self);
/* As plant_rpc_lane_client_free(), but what has not gone out yet never does. */
void                plant_rpc_lane_client_discard        (PlantRpcLaneClient *self);

/* Asks the server for an offer. */
void                plant_rpc_lane_client_start          (PlantRpcLaneClient *self);
/* Returns whether messages go over the lane now. */
gboolean            plant_rpc_lane_client_is_used        (PlantRpcLaneClient *self);
/* See plant_rpc_lane_output_list_unsent(). */
void                plant_rpc_lane_client_list_unsent    (PlantRpcLaneClient *self,
                                                          GArray             *ids);
/* Whether the server has just closed the lane, so that the ordinary connection may be lost, too. */
gboolean            plant_rpc_lane_client_is_hung_up     (PlantRpcLaneClient *self);
/* The lane must be used. */
void                plant_rpc_lane_client_send           (PlantRpcLaneClient *self,
                                                          guint64             id,
                                                          GBytes             *payload);
guint64             plant_rpc_lane_client_count_received (PlantRpcLaneClient *self);
/* Ends the lane if the other end no longer acknowledges. Returns whether something is under way. */
gboolean            plant_rpc_lane_client_feel_pulse     (PlantRpcLaneClient *self);

/* Hands out what has come, as the main loop would. */
void                plant_rpc_lane_client_process        (PlantRpcLaneClient *self);
/* Hands out all that has come. */
void                plant_rpc_lane_client_drain          (PlantRpcLaneClient *self);
/* Whether there is something to hand out although nothing can be read. */
gboolean            plant_rpc_lane_client_has_rest       (PlantRpcLaneClient *self);
/* Fills at most PLANT_RPC_LANE_CLIENT_MAX_POLL items. */
guint               plant_rpc_lane_client_fill_poll      (PlantRpcLaneClient *self,
                                                          zmq_pollitem_t     *items);

G_END_DECLS

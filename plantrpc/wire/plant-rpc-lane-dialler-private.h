/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <zmq.h>

#include "plant-rpc-lane-message-private.h"

G_BEGIN_DECLS

/* Connects to a lane that a server has offered: to its Unix socket if both are on one host, else to
 * its port. It shows the token and checks the proof, since something else may listen there. */
typedef struct _PlantRpcLaneDialler PlantRpcLaneDialler;

/* Either may free the dialler. */
typedef struct {
  /* Takes ownership of FD. */
  void (*connected) (gpointer owner,
                     int      fd);
  void (*failed)    (gpointer owner);
} PlantRpcLaneDiallerFuncs;

/* ORDINARY is the descriptor of the ordinary connection to the server. */
PlantRpcLaneDialler *plant_rpc_lane_dialler_new           (const PlantRpcLaneOffer        *offer,
                                                           int                             ordinary,
                                                           GMainContext                   *context,
                                                           const PlantRpcLaneDiallerFuncs *funcs,
                                                           gpointer                        owner);
void                 plant_rpc_lane_dialler_free          (PlantRpcLaneDialler *self);
/* One of the functions follows, perhaps before it returns. */
void                 plant_rpc_lane_dialler_start         (PlantRpcLaneDialler *self);
/* Fills at most one item. */
guint                plant_rpc_lane_dialler_fill_poll     (PlantRpcLaneDialler *self,
                                                           zmq_pollitem_t      *items);
void                 plant_rpc_lane_dialler_process       (PlantRpcLaneDialler *self);

/* Returns whether the process is told, by PLANTRPC_LANE in its environment, to use no lane of that
 * kind: “none”, “unix” for those on one host only, “tcp” for the others only. */
gboolean             plant_rpc_lane_is_switched_off       (gboolean             local);

/* Returns the process at the other end of a Unix socket, or 0. */
int                  plant_rpc_lane_find_process          (int                  fd);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-lane-message-private.h"

G_BEGIN_DECLS

/* Where clients of a server connect for their lanes. The door listens at the addresses at which
 * clients have connected, on ports that the system picks, from the first offer on. It lets in who
 * shows the token of an offer, which is good for once. */
typedef struct _PlantRpcLaneDoor PlantRpcLaneDoor;

typedef struct {
  /* Takes ownership of FD. */
  void (*admitted) (gpointer owner,
                    guint64  connection,
                    int      fd);
} PlantRpcLaneDoorFuncs;

/* LOCAL is TRUE if only clients on this computer may come in. */
PlantRpcLaneDoor *plant_rpc_lane_door_new    (GMainContext                *context,
                                              gboolean                     local,
                                              const PlantRpcLaneDoorFuncs *funcs,
                                              gpointer                     owner);
void              plant_rpc_lane_door_free   (PlantRpcLaneDoor            *self);

/* Makes an offer to the client of CONNECTION, whose descriptor is FD. ADDRESS is the client's end
 * as the client sees it. Returns FALSE if the client is not at the other end of the descriptor, but
 * behind something that stands between the two, or if nothing can be offered. */
gboolean          plant_rpc_lane_door_offer  (PlantRpcLaneDoor            *self,
                                              guint64                      connection,
                                              int                          fd,
                                              const char                  *address,
                                              PlantRpcLaneOffer           *offer);
/* CONNECTION has ended: its offer is withdrawn. */
void              plant_rpc_lane_door_forget (PlantRpcLaneDoor            *self,
                                              guint64                      connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcLaneDoor, plant_rpc_lane_door_free)

G_END_DECLS

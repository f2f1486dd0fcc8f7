/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-home-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-subscription-private.h"

G_BEGIN_DECLS

/* Drives a session for a caller that blocks, whose main loop does not run. */
typedef struct _PlantRpcDriver PlantRpcDriver;

#define PLANT_RPC_COMPANION_MAX_POLL PLANT_RPC_LINK_MAX_POLL

/* Another object that a caller that blocks must drive, too. */
typedef struct {
  /* Fills at most PLANT_RPC_COMPANION_MAX_POLL items. Returns the number filled. */
  guint  (*fill_poll)    (gpointer        user_data,
                          zmq_pollitem_t *items);
  /* Returns the deadline in monotonic µs, or -1. */
  gint64 (*get_deadline) (gpointer        user_data);
  void   (*process)      (gpointer        user_data);
} PlantRpcCompanion;

typedef enum {
  PLANT_RPC_DRIVER_OVER,
  PLANT_RPC_DRIVER_LATE,
  PLANT_RPC_DRIVER_CANCELLED,
} PlantRpcDriverEnd;

/* The parts are unowned and must outlive the driver. */
PlantRpcDriver    *plant_rpc_driver_new       (GMainContext            *context,
                                               PlantRpcLink            *link,
                                               PlantRpcSubscription    *subscription,
                                               PlantRpcTimer           *timer);
void               plant_rpc_driver_free      (PlantRpcDriver          *self);
/* COMPANION is NULL if there is none any more. */
void               plant_rpc_driver_accompany (PlantRpcDriver          *self,
                                               const PlantRpcCompanion *companion,
                                               gpointer                 user_data);
/* Returns where the server is, or NULL while that is not known. */
const char        *plant_rpc_driver_get_url   (PlantRpcDriver          *self);
/* Handles what arrives, at home, and waits outside. Returns when IS_OVER returns TRUE, at DEADLINE
 * (monotonic µs, or -1), which may change meanwhile, or when CANCELLABLE (nullable) is cancelled.
 * The caller must be at home and hold a reference to the session. */
PlantRpcDriverEnd  plant_rpc_driver_run       (PlantRpcDriver          *self,
                                               gboolean               (*is_over) (gpointer data),
                                               gpointer                 data,
                                               const gint64            *deadline,
                                               GCancellable            *cancellable);

G_END_DECLS

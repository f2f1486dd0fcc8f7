/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-calls-private.h"
#include "plant-rpc-handshake-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-subscription-private.h"

G_BEGIN_DECLS

/* What makes the parts of a session go on: their deadlines, by a timer of its context, and their
 * sockets for a caller that blocks. */
typedef struct _PlantRpcDriver PlantRpcDriver;

typedef struct {
  /* The owner lives between these. After release() the driver is to be armed again. */
  void (*hold)      (gpointer owner);
  void (*release)   (gpointer owner);
  /* The first answer has taken longer than the patience. */
  void (*impatient) (gpointer owner);
} PlantRpcDriverFuncs;

#define PLANT_RPC_COMPANION_MAX_POLL 4

/* What goes on with a session while a caller blocks. */
typedef struct {
  /* At most PLANT_RPC_COMPANION_MAX_POLL items; how many. */
  guint  (*fill_poll)    (gpointer        user_data,
                          zmq_pollitem_t *items);
  /* Monotonic µs; -1: none. */
  gint64 (*get_deadline) (gpointer        user_data);
  void   (*process)      (gpointer        user_data);
} PlantRpcCompanion;

/* The parts are borrowed, and outlive it. */
PlantRpcDriver *plant_rpc_driver_new          (GMainContext              *context,
                                               PlantRpcLink              *link,
                                               PlantRpcSubscription      *subscription,
                                               PlantRpcHandshake         *handshake,
                                               PlantRpcCalls             *calls,
                                               const PlantRpcDriverFuncs *funcs,
                                               gpointer                   owner);
/* For good. */
void            plant_rpc_driver_stop         (PlantRpcDriver *self);
void            plant_rpc_driver_free         (PlantRpcDriver *self);
/* A deadline may have changed. */
void            plant_rpc_driver_arm          (PlantRpcDriver *self);
/* NULL: no longer. */
void            plant_rpc_driver_accompany    (PlantRpcDriver          *self,
                                               const PlantRpcCompanion *companion,
                                               gpointer                 user_data);
/* In ms. */
void            plant_rpc_driver_set_patience (PlantRpcDriver *self,
                                               int             ms);
/* A first answer is awaited from now on, or no longer. */
void            plant_rpc_driver_set_awaiting (PlantRpcDriver *self,
                                               gboolean        awaiting);
/* Waits until DEADLINE (monotonic µs; -1: none), CANCEL_FD (or -1) or something else, and works on
 * it. */
void            plant_rpc_driver_step         (PlantRpcDriver *self,
                                               gint64          deadline,
                                               int             cancel_fd);

G_END_DECLS

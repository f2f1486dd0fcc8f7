/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-calls-private.h"
#include "plant-rpc-handshake-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-subscription-private.h"

G_BEGIN_DECLS

/* Drives a session: one timer for the deadlines of all its parts, and one step of polling for a
 * caller that blocks. */
typedef struct _PlantRpcDriver PlantRpcDriver;

typedef struct {
  /* The owner must live between these, and must arm the driver in release(). */
  void (*hold)      (gpointer owner);
  void (*release)   (gpointer owner);
  /* The first answer takes longer than plant_rpc_driver_set_patience() allows. */
  void (*impatient) (gpointer owner);
} PlantRpcDriverFuncs;

#define PLANT_RPC_COMPANION_MAX_POLL 4

/* Another object that a caller that blocks must drive, too. */
typedef struct {
  /* Fills at most PLANT_RPC_COMPANION_MAX_POLL items. Returns the number filled. */
  guint  (*fill_poll)    (gpointer        user_data,
                          zmq_pollitem_t *items);
  /* Returns the deadline in monotonic µs, or -1. */
  gint64 (*get_deadline) (gpointer        user_data);
  void   (*process)      (gpointer        user_data);
} PlantRpcCompanion;

/* The parts are unowned and must outlive the driver. */
PlantRpcDriver *plant_rpc_driver_new          (GMainContext              *context,
                                               PlantRpcLink              *link,
                                               PlantRpcSubscription      *subscription,
                                               PlantRpcHandshake         *handshake,
                                               PlantRpcCalls             *calls,
                                               const PlantRpcDriverFuncs *funcs,
                                               gpointer                   owner);
/* Stops the driver for good. */
void            plant_rpc_driver_stop         (PlantRpcDriver *self);
void            plant_rpc_driver_free         (PlantRpcDriver *self);
/* Must be called when a deadline may have changed. */
void            plant_rpc_driver_arm          (PlantRpcDriver *self);
/* COMPANION is NULL if there is none any more. */
void            plant_rpc_driver_accompany    (PlantRpcDriver          *self,
                                               const PlantRpcCompanion *companion,
                                               gpointer                 user_data);
/* Sets how many ms the first answer may take before impatient() is called. */
void            plant_rpc_driver_set_patience (PlantRpcDriver *self,
                                               int             ms);
/* Sets whether a first answer is awaited from now on. */
void            plant_rpc_driver_set_awaiting (PlantRpcDriver *self,
                                               gboolean        awaiting);
/* Waits until something has arrived, until DEADLINE (monotonic µs, or -1), or until CANCEL_FD (or
 * -1) is readable, and handles it. */
void            plant_rpc_driver_step         (PlantRpcDriver *self,
                                               gint64          deadline,
                                               int             cancel_fd);

G_END_DECLS

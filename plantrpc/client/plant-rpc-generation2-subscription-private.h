/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-socket-private.h"
#include "plant-rpc-timer-private.h"

G_BEGIN_DECLS

/* A connection to the port at which a generation 2 server publishes its signals. It is not made
 * again after it has ended. */
typedef struct _PlantRpcGeneration2Subscription PlantRpcGeneration2Subscription;

/* Any of these may free the subscription. */
typedef struct {
  void (*received) (gpointer                owner,
                    const PlantRpcEmission *emission);
  /* N_LOST signals could not be understood. It is called once a second at most. */
  void (*lost)     (gpointer                owner,
                    guint64                 n_lost);
  /* The subscription has succeeded. */
  void (*stands)   (gpointer                owner);
  /* The connection has ended, or was closed because the server sends more than the client reads.
   * The owner must free the subscription. */
  void (*left)     (gpointer                owner);
} PlantRpcGeneration2SubscriptionFuncs;

/* URL is that of the server's calls, and SIGNAL_URL the one at which it publishes. */
PlantRpcGeneration2Subscription *
plant_rpc_generation2_subscription_new
                                     (const char                                  *url,
                                      const char                                  *signal_url,
                                      GMainContext                                *context,
                                      PlantRpcTimer                               *timer,
                                      const PlantRpcGeneration2SubscriptionFuncs  *funcs,
                                      gpointer                                     owner,
                                      GError                                     **error);
void
plant_rpc_generation2_subscription_free            (PlantRpcGeneration2Subscription *self);
/* Returns the URL at which a subscription of this process that stands receives what the server at
 * URL publishes, or NULL. A server that is asked for its port again sends each signal once more. */
char *
plant_rpc_generation2_subscription_find            (const char                      *url);
/* Returns whether it stands still. Callbacks may run before it returns. */
gboolean
plant_rpc_generation2_subscription_is_standing     (PlantRpcGeneration2Subscription *self);
/* Returns how many messages were not signals. */
guint
plant_rpc_generation2_subscription_get_n_malformed (PlantRpcGeneration2Subscription *self);

/* These are for a caller that blocks. At most two items are filled. */
guint
plant_rpc_generation2_subscription_fill_poll       (PlantRpcGeneration2Subscription *self,
                                                    zmq_pollitem_t                  *items);
void
plant_rpc_generation2_subscription_process         (PlantRpcGeneration2Subscription *self);

G_END_DECLS

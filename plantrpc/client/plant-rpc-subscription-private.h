/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* Signals and property changes in, in order, from each kind of server: pushed and acknowledged
 * (generation 1), published (generation 2), or over the connection of the calls (native). */
typedef struct _PlantRpcSubscription PlantRpcSubscription;

typedef struct {
  void (*hold)     (gpointer                 owner);
  void (*release)  (gpointer                 owner);

  void (*received) (gpointer                 owner,
                    const PlantRpcEmission  *emission,
                    guint64                  sequence,
                    gsize                    size);
  /* What came with that number and size holds nothing for the owner. */
  void (*spent)    (gpointer                 owner,
                    guint64                  sequence,
                    gsize                    size);
  /* N signals are missing; 0: it is not known how many. */
  void (*lost)     (gpointer                 owner,
                    guint64                  n_lost);
  /* The subscription to a publishing server stands. */
  void (*stands)   (gpointer                 owner);
  /* The process that sent the signals has let go. */
  void (*left)     (gpointer                 owner);
} PlantRpcSubscriptionFuncs;

PlantRpcSubscription *
plant_rpc_subscription_new             (const char                      *url,
                                        GMainContext                    *context,
                                        const PlantRpcSubscriptionFuncs *funcs,
                                        gpointer                         owner);
void
plant_rpc_subscription_free            (PlantRpcSubscription *self);
void
plant_rpc_subscription_set_url         (PlantRpcSubscription *self,
                                        const char           *url);

/* Makes the socket to which a generation 1 server pushes, before the client knows whether the
 * server is of generation 1. SERVER_ADDRESS is the numeric address at which the client reached
 * it. */
gboolean
plant_rpc_subscription_offer           (PlantRpcSubscription  *self,
                                        const char            *server_address,
                                        const char            *own_address,
                                        guint16               *port,
                                        GError               **error);
/* It is one: signals come to the socket offered. */
void
plant_rpc_subscription_accept_offer    (PlantRpcSubscription *self);
/* It is not one. PROMISED: it may be one after all, that will connect. */
void
plant_rpc_subscription_withdraw_offer  (PlantRpcSubscription *self,
                                        gboolean              promised);
/* The url at which another subscription of this process hears the same server publish, or NULL. */
char *
plant_rpc_subscription_find_publisher  (PlantRpcSubscription *self);
/* Subscribes to what is published at SIGNAL_URL; stands() follows. */
gboolean
plant_rpc_subscription_connect         (PlantRpcSubscription  *self,
                                        const char            *signal_url,
                                        GError               **error);
/* The client is about to send a native subscription: from now on pushes are accepted, and no other
 * kind of signal. */
void
plant_rpc_subscription_begin_pushes    (PlantRpcSubscription *self);
/* The connection has ended. A push that arrives before the next subscription was not asked for and
 * is refused. */
void
plant_rpc_subscription_end_pushes      (PlantRpcSubscription *self);
/* One of a native server's pushes. */
void
plant_rpc_subscription_push            (PlantRpcSubscription *self,
                                        guint64               sequence,
                                        GBytes               *payload);
/* Of the last push. */
guint64
plant_rpc_subscription_get_sequence    (PlantRpcSubscription *self);
/* The client has another server, or none: signals of the former one are dropped. */
void
plant_rpc_subscription_restart         (PlantRpcSubscription *self);

/* Whether signals come from the same process as before. */
gboolean
plant_rpc_subscription_is_standing     (PlantRpcSubscription *self);
/* Whether that process pushes (generation 1), rather than publishes. */
gboolean
plant_rpc_subscription_is_pushed       (PlantRpcSubscription *self);

/* Closes the connection to a publisher that sends more than the client reads; left() then follows.
 * The owner calls this at regular intervals. */
void
plant_rpc_subscription_check_flood     (PlantRpcSubscription *self);

guint
plant_rpc_subscription_get_n_malformed (PlantRpcSubscription *self);

guint
plant_rpc_subscription_fill_poll       (PlantRpcSubscription *self,
                                        zmq_pollitem_t       *items);
void
plant_rpc_subscription_process         (PlantRpcSubscription *self);

G_END_DECLS

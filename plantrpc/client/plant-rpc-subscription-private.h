/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-native-subscription-private.h"

G_BEGIN_DECLS

/* Receives the signals and property changes of a server in order. A server of generation 1 pushes
 * them and waits for the acknowledgement, one of generation 2 publishes them, and a native one
 * sends them over the connection of the calls. */
typedef struct _PlantRpcSubscription PlantRpcSubscription;

typedef struct {
  PlantRpcSignalFuncs  signals;
  /* The subscription at a server that publishes has succeeded, or a server that pushes has
   * connected again. */
  void               (*stands) (gpointer owner);
  /* The process that sent the signals has closed the connection. */
  void               (*left)   (gpointer owner);
} PlantRpcSubscriptionFuncs;

/* LINK is unowned and must outlive the subscription. */
PlantRpcSubscription *
plant_rpc_subscription_new             (PlantRpcLink                    *link,
                                        GMainContext                    *context,
                                        PlantRpcTimer                   *timer,
                                        const PlantRpcSubscriptionFuncs *funcs,
                                        gpointer                         owner);
void
plant_rpc_subscription_free            (PlantRpcSubscription *self);

/* Makes the socket to which a generation 1 server pushes, before the client knows whether the
 * server is of generation 1. The link must be open. */
gboolean
plant_rpc_subscription_offer           (PlantRpcSubscription  *self,
                                        guint16               *port,
                                        GError               **error);
/* The server is of generation 1 and sends signals to the socket that was offered. */
void
plant_rpc_subscription_accept_offer    (PlantRpcSubscription *self);
/* Withdraws the offer. PROMISED is TRUE if the server was told of the socket and may still
 * connect. */
void
plant_rpc_subscription_withdraw_offer  (PlantRpcSubscription *self,
                                        gboolean              promised);
/* Subscribes to what is published at SIGNAL_URL. stands() follows. */
gboolean
plant_rpc_subscription_connect         (PlantRpcSubscription  *self,
                                        const char            *signal_url,
                                        GError               **error);
/* The client is about to subscribe natively. From now on pushes are accepted, and no other kind of
 * signal. */
void
plant_rpc_subscription_begin_pushes    (PlantRpcSubscription *self);
/* The connection has ended. A push that arrives before the next subscription was not asked for and
 * is refused. */
void
plant_rpc_subscription_end_pushes      (PlantRpcSubscription *self);
/* See plant_rpc_native_subscription_acknowledge(). */
void
plant_rpc_subscription_acknowledge     (PlantRpcSubscription *self,
                                        guint64               sequence,
                                        gsize                 size,
                                        gboolean              in_order);
/* Acknowledges all that is left of SERIES, which nobody is shown, and takes it. */
void
plant_rpc_subscription_leave_out       (PlantRpcSubscription *self,
                                        PlantRpcSeries       *series,
                                        gboolean              in_order);
/* See plant_rpc_native_subscription_refuse(). */
void
plant_rpc_subscription_refuse          (PlantRpcSubscription *self,
                                        guint64               sequence,
                                        gsize                 size,
                                        const GError         *error);
/* The client has another server, or none. Signals of the former one are dropped. */
void
plant_rpc_subscription_restart         (PlantRpcSubscription *self);

/* Returns whether signals still come from the same process. Callbacks may run before it returns. */
gboolean
plant_rpc_subscription_is_standing     (PlantRpcSubscription *self);
/* Returns whether that process is of generation 1, which pushes its signals. */
gboolean
plant_rpc_subscription_is_pushed       (PlantRpcSubscription *self);
/* Returns whether it pushes them to another subscription in this process. */
gboolean
plant_rpc_subscription_is_elsewhere    (PlantRpcSubscription *self);
guint
plant_rpc_subscription_get_n_malformed (PlantRpcSubscription *self);

/* These are for a caller that blocks. At most two items are filled. */
guint
plant_rpc_subscription_fill_poll       (PlantRpcSubscription *self,
                                        zmq_pollitem_t       *items);
void
plant_rpc_subscription_process         (PlantRpcSubscription *self);

G_END_DECLS

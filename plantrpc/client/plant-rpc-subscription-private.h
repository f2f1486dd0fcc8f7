/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* Receives the signals and property changes of a server in order. A server of generation 1 pushes
 * them and waits for the acknowledgement, one of generation 2 publishes them, and a native one
 * sends them over the connection of the calls. */
typedef struct _PlantRpcSubscription PlantRpcSubscription;

typedef struct {
  void (*hold)     (gpointer                 owner);
  void (*release)  (gpointer                 owner);

  void (*received) (gpointer                 owner,
                    const PlantRpcEmission  *emission,
                    guint64                  sequence,
                    gsize                    size);
  /* A push with that number and size has nothing for the owner, which must acknowledge it. */
  void (*spent)    (gpointer                 owner,
                    guint64                  sequence,
                    gsize                    size);
  /* N signals were lost. N is 0 if it is not known how many. */
  void (*lost)     (gpointer                 owner,
                    guint64                  n_lost);
  /* The subscription at a server that publishes has succeeded. */
  void (*stands)   (gpointer                 owner);
  /* The process that sent the signals has closed the connection. */
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
/* The server is of generation 1 and sends signals to the socket that was offered. */
void
plant_rpc_subscription_accept_offer    (PlantRpcSubscription *self);
/* Withdraws the offer. PROMISED is TRUE if the server was told of the socket and may still
 * connect. */
void
plant_rpc_subscription_withdraw_offer  (PlantRpcSubscription *self,
                                        gboolean              promised);
/* Returns the URL at which another subscription of this process receives what the same server
 * publishes, or NULL. */
char *
plant_rpc_subscription_find_publisher  (PlantRpcSubscription *self);
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
/* Takes one push of a native server. */
void
plant_rpc_subscription_push            (PlantRpcSubscription *self,
                                        guint64               sequence,
                                        GBytes               *payload);
/* Returns the sequence number of the last push. */
guint64
plant_rpc_subscription_get_sequence    (PlantRpcSubscription *self);
/* The client has another server, or none. Signals of the former one are dropped. */
void
plant_rpc_subscription_restart         (PlantRpcSubscription *self);

/* Returns whether signals still come from the same process. */
gboolean
plant_rpc_subscription_is_standing     (PlantRpcSubscription *self);
/* Returns whether that process is of generation 1, which pushes its signals. */
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* Signals and property changes in, in order, from each kind of server: pushed and acknowledged
 * (generation 1), published (generation 2), or over the connection of the calls (native). */
typedef struct _PlantRpcSubscriber PlantRpcSubscriber;

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
} PlantRpcSubscriberFuncs;

PlantRpcSubscriber *plant_rpc_subscriber_new            (const char                     *url,
                                                         GMainContext                   *context,
                                                         const PlantRpcSubscriberFuncs  *funcs,
                                                         gpointer                        owner);
void                plant_rpc_subscriber_free           (PlantRpcSubscriber             *self);
void                plant_rpc_subscriber_set_url        (PlantRpcSubscriber *self,
                                                         const char *url);

/* Makes the socket that a generation 1 server pushes to, before it is known whether it is one. It was
 * reached at SERVER_ADDRESS (numeric). */
gboolean            plant_rpc_subscriber_offer          (PlantRpcSubscriber             *self,
                                                         const char                     *server_address,
                                                         const char                     *own_address,
                                                         guint16                        *port,
                                                         GError                        **error);
/* It is one: signals come to the socket offered. */
void                plant_rpc_subscriber_accept_offer   (PlantRpcSubscriber             *self);
/* It is not one. PROMISED: it may be one after all, that will connect. */
void                plant_rpc_subscriber_withdraw_offer (PlantRpcSubscriber             *self,
                                                         gboolean                        promised);
/* The url at which another subscriber of this process hears the same server publish, or NULL. */
char               *plant_rpc_subscriber_find_publisher (PlantRpcSubscriber             *self);
/* Subscribes to what is published at SIGNAL_URL; stands() follows. */
gboolean            plant_rpc_subscriber_connect        (PlantRpcSubscriber             *self,
                                                         const char                     *signal_url,
                                                         GError                        **error);
/* A native subscription is asked for: pushes are taken from now on, and nothing else. */
void                plant_rpc_subscriber_begin_pushes   (PlantRpcSubscriber             *self);
/* Its connection is gone: what comes before the next subscription is nothing that was asked for. */
void                plant_rpc_subscriber_end_pushes     (PlantRpcSubscriber             *self);
/* One of a native server's pushes. */
void                plant_rpc_subscriber_push           (PlantRpcSubscriber             *self,
                                                         guint64                         sequence,
                                                         GBytes                         *payload);
/* Of the last push. */
guint64             plant_rpc_subscriber_get_sequence   (PlantRpcSubscriber             *self);
/* The server is another, or nobody's: nothing comes any more. */
void                plant_rpc_subscriber_restart        (PlantRpcSubscriber             *self);

/* Whether signals come from the same process as before. */
gboolean            plant_rpc_subscriber_is_standing    (PlantRpcSubscriber             *self);
/* Whether that process pushes (generation 1), rather than publishes. */
gboolean            plant_rpc_subscriber_is_pushed      (PlantRpcSubscriber             *self);

/* Lets go of a publisher that floods: left() follows. To be called now and then. */
void                plant_rpc_subscriber_check_flood    (PlantRpcSubscriber             *self);

guint               plant_rpc_subscriber_get_n_malformed (PlantRpcSubscriber            *self);

guint               plant_rpc_subscriber_fill_poll      (PlantRpcSubscriber             *self,
                                                         zmq_pollitem_t                 *items);
void                plant_rpc_subscriber_process        (PlantRpcSubscriber             *self);

G_END_DECLS

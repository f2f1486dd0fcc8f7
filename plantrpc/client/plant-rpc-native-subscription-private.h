/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-series-private.h"

G_BEGIN_DECLS

/* What arrives from a server, whichever way it sends. Code of the application may run in these
 * callbacks. */
typedef struct {
  /* If SEQUENCE is not 0, the emission must be acknowledged with it and SIZE once the application
   * has seen it. */
  void (*received) (gpointer                owner,
                    const PlantRpcEmission *emission,
                    guint64                 sequence,
                    gsize                   size);
  /* N signals were lost. N is 0 if it is not known how many. */
  void (*lost)     (gpointer                owner,
                    guint64                 n_lost);
  /* What follows has come in one message, until it is called with FALSE. Meanwhile no code of the
   * application may run, which could not get at the rest. Only a native server sends such
   * messages. */
  void (*together) (gpointer                owner,
                    gboolean                together);
  /* Signals of such a message, each to be acknowledged. The owner takes SERIES. */
  void (*series)   (gpointer                owner,
                    PlantRpcSeries         *series);
} PlantRpcSignalFuncs;

/* Receives the signals and property changes of a native server, which pushes them over the
 * connection of the calls, and acknowledges those that the application has seen. */
typedef struct _PlantRpcNativeSubscription PlantRpcNativeSubscription;

/* It takes what LINK is pushed. LINK is unowned and must outlive the subscription. */
PlantRpcNativeSubscription *
plant_rpc_native_subscription_new             (PlantRpcLink               *link,
                                               const PlantRpcSignalFuncs  *funcs,
                                               gpointer                    owner);
void
plant_rpc_native_subscription_free            (PlantRpcNativeSubscription *self);
/* The client is about to subscribe. From now on pushes are accepted. */
void
plant_rpc_native_subscription_begin           (PlantRpcNativeSubscription *self);
/* The connection has ended. A push that arrives before the next subscription was not asked for and
 * is refused. */
void
plant_rpc_native_subscription_end             (PlantRpcNativeSubscription *self);
/* The application has seen what came with SEQUENCE and SIZE and, if IN_ORDER is TRUE, all that came
 * before. */
void
plant_rpc_native_subscription_acknowledge     (PlantRpcNativeSubscription *self,
                                               guint64                     sequence,
                                               gsize                       size,
                                               gboolean                    in_order);
/* A signal of a series was not understood. It counts as seen. */
void
plant_rpc_native_subscription_refuse          (PlantRpcNativeSubscription *self,
                                               guint64                     sequence,
                                               gsize                       size,
                                               const GError               *error);
/* Returns how many pushes were not understood or not asked for. */
guint
plant_rpc_native_subscription_get_n_malformed (PlantRpcNativeSubscription *self);

G_END_DECLS

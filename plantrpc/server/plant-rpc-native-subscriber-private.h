/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-bundle-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-router-private.h"

G_BEGIN_DECLS

/* A plantrpc client that has subscribed to signals and property changes, which it gets over the
 * connection of its calls. Messages are numbered. No more are sent than its credit allows, and the
 * rest waits here. */
typedef struct _PlantRpcNativeSubscriber PlantRpcNativeSubscriber;

/* Nothing is sent before release(). At most WINDOW bytes may be outstanding, but one message of any
 * size always may. If BUNDLED is TRUE, the client understands bundles. ROUTER is unowned. */
PlantRpcNativeSubscriber *plant_rpc_native_subscriber_new (PlantRpcRouter         *router,
                                                           const PlantRpcEnvelope *envelope,
                                                           guint64                 window,
                                                           gboolean                bundled);
void plant_rpc_native_subscriber_free (PlantRpcNativeSubscriber *self);
void plant_rpc_native_subscriber_release (PlantRpcNativeSubscriber *self);

/* PAYLOAD is a packed emission. Signals keep their order. Beyond the limit they are dropped and
 * counted as lost. */
void plant_rpc_native_subscriber_push_signal (PlantRpcNativeSubscriber *self,
                                              GBytes                   *payload);
/* A change of PROPERTY that still waits is replaced, and the new one gets its place. */
void plant_rpc_native_subscriber_push_changed (PlantRpcNativeSubscriber *self,
                                               const char               *property,
                                               GBytes                   *payload);
/* The same for all emissions of a bundle. */
void plant_rpc_native_subscriber_push_bundle (PlantRpcNativeSubscriber *self,
                                              PlantRpcBundle           *bundle);
/* The client has handled all messages up to SEQUENCE. */
void plant_rpc_native_subscriber_credit (PlantRpcNativeSubscriber *self,
                                         guint64                   sequence);
/* Returns the connection on which it subscribed. */
guint64 plant_rpc_native_subscriber_get_connection (PlantRpcNativeSubscriber *self);

/* Drops the signals that wait, so that others have room. Returns the bytes freed. */
gsize plant_rpc_native_subscriber_give_way (PlantRpcNativeSubscriber *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcNativeSubscriber, plant_rpc_native_subscriber_free)

G_END_DECLS

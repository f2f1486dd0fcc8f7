/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-router-private.h"

G_BEGIN_DECLS

/* Sends emissions to subscribers. Each emission is packed at most once for each format, and goes
 * once to each client that has subscribed, over the client's wire. */
typedef struct _PlantRpcPublisher PlantRpcPublisher;

typedef struct {
  /* Called when the first client has subscribed, or the last one has gone. */
  void     (*heard)        (gpointer    owner,
                            gboolean    heard);
  /* Returns TRUE if the object has a signal of that wire name. */
  gboolean (*knows_signal) (gpointer    owner,
                            const char *name);
} PlantRpcPublisherFuncs;

/* ROUTER and ENDPOINT are unowned. */
PlantRpcPublisher *plant_rpc_publisher_new (PlantRpcRouter               *router,
                                            const PlantRpcEndpoint       *endpoint,
                                            GMainContext                 *context,
                                            const PlantRpcPublisherFuncs *funcs,
                                            gpointer                      owner);
void               plant_rpc_publisher_free                  (PlantRpcPublisher *self);

/* Returns whether a client has subscribed. */
gboolean           plant_rpc_publisher_is_heard              (PlantRpcPublisher      *self);

/* Drops the subscribers of the older wires, who may not survive a signal that they do not know. */
void               plant_rpc_publisher_drop_old              (PlantRpcPublisher      *self);

/* EMISSION must be that of a signal. */
void               plant_rpc_publisher_emit                  (PlantRpcPublisher      *self,
                                                              const PlantRpcEmission *emission);
/* Native clients get a change. Clients of older wires get SIGNAL with the value, and nothing if
 * SIGNAL is NULL. */
void               plant_rpc_publisher_change                (PlantRpcPublisher *self,
                                                              const char        *property,
                                                              const char        *signal,
                                                              GVariant          *value);

/* Native clients are told why the value of PROPERTY is not known, without the traceback. */
void               plant_rpc_publisher_fail                  (PlantRpcPublisher *self,
                                                              const char        *property,
                                                              const GError      *error);

/* Sends the emissions that have been gathered. What follows them on the connection of the calls
 * must not be sent before. */
void               plant_rpc_publisher_flush                 (PlantRpcPublisher *self);

/* Replaces a former subscription of the client. It gets nothing before release_native(). If
 * BUNDLED is TRUE, it understands bundles. */
gboolean           plant_rpc_publisher_subscribe_native      (PlantRpcPublisher       *self,
                                                              const PlantRpcEnvelope  *envelope,
                                                              guint64                  window,
                                                              gboolean                 bundled,
                                                              GError                 **error);
void               plant_rpc_publisher_release_native        (PlantRpcPublisher      *self,
                                                              const PlantRpcEnvelope *envelope);
void               plant_rpc_publisher_credit_native         (PlantRpcPublisher      *self,
                                                              const PlantRpcEnvelope *envelope,
                                                              guint64                 sequence);
/* Drops the signals that wait for the subscribers of a connection. Returns the bytes freed. */
gsize              plant_rpc_publisher_give_way              (PlantRpcPublisher *self,
                                                              guint64            connection);
/* The subscribers of that connection have left. */
void               plant_rpc_publisher_remove_connection     (PlantRpcPublisher *self,
                                                              guint64            connection);

gboolean           plant_rpc_publisher_subscribe_generation1 (PlantRpcPublisher       *self,
                                                              const PlantRpcEnvelope  *envelope,
                                                              const char              *address,
                                                              guint16                  port,
                                                              GError                 **error);
/* Returns the port on which signals are published, or 0 with the error set. */
guint16            plant_rpc_publisher_subscribe_generation2 (PlantRpcPublisher  *self,
                                                              GError            **error);

G_END_DECLS

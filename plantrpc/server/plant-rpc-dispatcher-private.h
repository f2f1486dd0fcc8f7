/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-offer-private.h"

G_BEGIN_DECLS

/* The running part of a server. It hands each request to the part that answers it, and makes sure
 * that the request gets exactly one reply. */
typedef struct _PlantRpcDispatcher PlantRpcDispatcher;

/* All are called in the context. Any of them may stop the server. */
typedef struct {
  const char *(*get_name)  (gpointer    owner);
  gboolean    (*may_stop)  (gpointer    owner);
  void        (*stop)      (gpointer    owner);
  void        (*connected) (gpointer    owner,
                            const char *address);
} PlantRpcDispatcherFuncs;

typedef struct {
  PlantRpcOffer                 *offer;      /* (unowned) */
  const PlantRpcEndpoint        *endpoint;   /* (unowned) */
  GMainContext                  *context;
  const char                    *instance;   /* identifies this run of the server */
  guint                          max_peer_calls;
  gsize                          max_unread; /* bytes, as PlantRpcServer:max-unread */
  const PlantRpcDispatcherFuncs *funcs;
  gpointer                       owner;
} PlantRpcDispatcherSetup;

/* Binds and serves. Everything that is unowned must live until close(). */
PlantRpcDispatcher *plant_rpc_dispatcher_new      (const PlantRpcDispatcherSetup  *setup,
                                                   GError                        **error);
/* It may be called from inside callbacks and handlers. None of them is called afterwards. */
void                plant_rpc_dispatcher_close    (PlantRpcDispatcher *self);

guint16             plant_rpc_dispatcher_get_port (PlantRpcDispatcher *self);
/* Must be called after the interface of the offer or the name has changed. */
void                plant_rpc_dispatcher_update   (PlantRpcDispatcher *self);

G_END_DECLS

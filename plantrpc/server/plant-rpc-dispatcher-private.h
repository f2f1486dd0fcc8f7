/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-method-table-private.h"

G_BEGIN_DECLS

/* A server while it runs: takes each request to what answers it, and sees that it gets exactly one
 * reply. */
typedef struct _PlantRpcDispatcher PlantRpcDispatcher;

/* Each in the context. Any of them may stop the server. */
typedef struct {
  const char *(*get_name)       (gpointer             owner);
  gboolean    (*may_stop)       (gpointer             owner);
  void        (*stop)           (gpointer             owner);
  void        (*connected)      (gpointer             owner,
                                 const char          *address);
  /* Whether writes are to be asked about at all. */
  gboolean    (*decides_writes) (gpointer             owner);
  gboolean    (*decide_write)   (gpointer             owner,
                                 PlantRpcInvocation  *invocation,
                                 const char          *name,
                                 GVariant            *value,
                                 GError             **error);
} PlantRpcDispatcherFuncs;

typedef struct {
  GObject                       *object;    /* (not owned) */
  PlantRpcInterfaceInfo         *interface;
  PlantRpcMethodTable           *methods;   /* (not owned) */
  const PlantRpcEndpoint        *endpoint;  /* (not owned) */
  GMainContext                  *context;
  const char                    *instance;  /* tells this run of the server from others */
  guint                          max_peer_calls;
  gsize                          max_unread; /* bytes, as PlantRpcServer:max-unread */
  const PlantRpcDispatcherFuncs *funcs;
  gpointer                       owner;
} PlantRpcDispatcherSetup;

/* Binds and serves. What is not owned must live until close(). */
PlantRpcDispatcher *plant_rpc_dispatcher_new           (const PlantRpcDispatcherSetup  *setup,
                                                        GError                        **error);
/* May be called from within the callbacks and handlers; no other follows. */
void                plant_rpc_dispatcher_close         (PlantRpcDispatcher *self);

guint16             plant_rpc_dispatcher_get_port      (PlantRpcDispatcher *self);
/* Methods, or the name, have changed. */
void                plant_rpc_dispatcher_set_interface (PlantRpcDispatcher    *self,
                                                        PlantRpcInterfaceInfo *interface);

G_END_DECLS

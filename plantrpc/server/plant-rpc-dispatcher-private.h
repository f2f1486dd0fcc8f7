/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-method-table-private.h"

G_BEGIN_DECLS

/* The running part of a server. It hands each request to the part that answers it, and makes sure
 * that the request gets exactly one reply. */
typedef struct _PlantRpcDispatcher PlantRpcDispatcher;

/* All are called in the context. Any of them may stop the server. */
typedef struct {
  const char *(*get_name)       (gpointer             owner);
  gboolean    (*may_stop)       (gpointer             owner);
  void        (*stop)           (gpointer             owner);
  void        (*connected)      (gpointer             owner,
                                 const char          *address);
  /* Returns FALSE if all writes are accepted, so that may_write() need not be asked. */
  gboolean    (*decides_writes) (gpointer             owner);
  gboolean    (*decide_write)   (gpointer             owner,
                                 PlantRpcInvocation  *invocation,
                                 const char          *name,
                                 GVariant            *value,
                                 GError             **error);
} PlantRpcDispatcherFuncs;

typedef struct {
  GObject                       *object;     /* (unowned) */
  PlantRpcInterfaceInfo         *interface;
  PlantRpcMethodTable           *methods;    /* (unowned) */
  const PlantRpcEndpoint        *endpoint;   /* (unowned) */
  GMainContext                  *context;
  const char                    *instance;   /* identifies this run of the server */
  guint                          max_peer_calls;
  gsize                          max_unread; /* bytes, as PlantRpcServer:max-unread */
  const PlantRpcDispatcherFuncs *funcs;
  gpointer                       owner;
} PlantRpcDispatcherSetup;

/* Binds and serves. Everything that is unowned must live until close(). */
PlantRpcDispatcher *plant_rpc_dispatcher_new           (const PlantRpcDispatcherSetup  *setup,
                                                        GError                        **error);
/* It may be called from inside callbacks and handlers. None of them is called afterwards. */
void                plant_rpc_dispatcher_close         (PlantRpcDispatcher *self);

guint16             plant_rpc_dispatcher_get_port      (PlantRpcDispatcher *self);
/* Must be called after the methods or the name have changed. */
void                plant_rpc_dispatcher_set_interface (PlantRpcDispatcher    *self,
                                                        PlantRpcInterfaceInfo *interface);

G_END_DECLS

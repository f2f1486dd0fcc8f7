/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-dispatcher-private.h"

G_BEGIN_DECLS

/* Serves an offer at a URL, from start() to stop(), and can be started again. It owns what clients
 * are told about the server, and what they may do to it. */
typedef struct _PlantRpcService PlantRpcService;

/* The properties of a server, for its parts to tell which one has changed. */
typedef enum {
  PLANT_RPC_SERVER_PROP_OBJECT = 1,
  PLANT_RPC_SERVER_PROP_URL,
  PLANT_RPC_SERVER_PROP_LEGACY,
  PLANT_RPC_SERVER_PROP_PORT,
  PLANT_RPC_SERVER_PROP_RUNNING,
  PLANT_RPC_SERVER_PROP_NAME,
  PLANT_RPC_SERVER_PROP_UUID,
  PLANT_RPC_SERVER_PROP_PEER_ADDRESS,
  PLANT_RPC_SERVER_PROP_ALLOW_STOP,
  PLANT_RPC_SERVER_PROP_REGISTERED,
  PLANT_RPC_SERVER_PROP_ALIVE_TIMEOUT,
  PLANT_RPC_SERVER_PROP_EXIT_WITHOUT_REGISTRY,
  PLANT_RPC_SERVER_PROP_MAX_PEER_CALLS,
  PLANT_RPC_SERVER_PROP_MAX_UNREAD,
  PLANT_RPC_SERVER_PROP_KEYPAIR,
  PLANT_RPC_SERVER_PROP_AUTHENTICATOR,
  PLANT_RPC_SERVER_PROP_UNSECURED_URL,
  PLANT_RPC_SERVER_PROP_UNSECURED_ROLE,
} PlantRpcServerProperty;

/* What a part tells its server, in the context. Both may stop the server. */
typedef struct {
  void (*changed) (gpointer               owner,
                   PlantRpcServerProperty property);
  /* A client, the registry or a signal of the system wants the server to stop. */
  void (*stop)    (gpointer               owner);
} PlantRpcServerFuncs;

/* OFFER is unowned, and must live as long. */
PlantRpcService      *plant_rpc_service_new       (GMainContext              *context,
                                                   PlantRpcOffer             *offer,
                                                   const PlantRpcServerFuncs *funcs,
                                                   gpointer                   owner);
void                  plant_rpc_service_free      (PlantRpcService *self);
PlantRpcServiceState *plant_rpc_service_get_state (PlantRpcService *self);

/* Returns whether the service was started by the process that forked this one. */
gboolean              plant_rpc_service_is_inherited (PlantRpcService *self);
/* Fails for an inherited service, to which nothing may be done but to stop it. */
gboolean              plant_rpc_service_check_own (PlantRpcService  *self,
                                                   GError          **error);
/* Does nothing if the service runs already. */
gboolean              plant_rpc_service_start     (PlantRpcService  *self,
                                                   GError          **error);
/* Must be called only while the service runs. */
void                  plant_rpc_service_stop      (PlantRpcService *self);
/* Runs the context until stop() is called, or until a callback has forked, in the child. */
void                  plant_rpc_service_run_loop  (PlantRpcService *self);
/* Must be called after the interface of the offer has changed. */
void                  plant_rpc_service_update    (PlantRpcService *self);

/* What is offered is another object, or of other relays. RELAYS and ABSENT are nullable, see
 * PlantRpcServiceState. */
gboolean              plant_rpc_service_replace   (PlantRpcService    *self,
                                                   const char *const  *relays,
                                                   const GError       *absent,
                                                   GError            **error);
/* The property has changed, although the object has not notified of it. */
void                  plant_rpc_service_note_change (PlantRpcService  *self,
                                                     const char       *wire_name);

void                  plant_rpc_service_set_url   (PlantRpcService *self,
                                                   const char      *url);
/* URL is NULL for none. */
void                  plant_rpc_service_set_unsecured_url (PlantRpcService *self,
                                                           const char      *url);
/* NAME is NULL for the empty one. */
void                  plant_rpc_service_set_name  (PlantRpcService *self,
                                                   const char      *name);

G_END_DECLS

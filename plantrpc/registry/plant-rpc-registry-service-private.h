/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-device-private.h"
#include "plant-rpc-authenticator.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-keypair.h"

G_BEGIN_DECLS

/* The registry itself. It answers requests, forgets devices, and tells watchers. It has a thread of
 * its own, so the application cannot delay a device. */
typedef struct _PlantRpcRegistryService PlantRpcRegistryService;

/* What secures a registry. */
typedef struct {
  PlantRpcKeypair       *keypair;
  PlantRpcAuthenticator *authenticator;
  const char            *names; /* the path of the file of PlantRpcOwnedNames */
} PlantRpcRegistrySecurity;

/* Called on that thread. CHANGED is TRUE if devices came or went, and FALSE if one gave a sign of
 * life. */
typedef void (*PlantRpcRegistryServiceFunc) (gpointer owner,
                                             gboolean changed);

/* Binds and serves. If the port is missing, the system picks one. Without SECURITY (nullable)
 * everybody may do all. */
PlantRpcRegistryService *
                         plant_rpc_registry_service_new (const PlantRpcEndpoint          *endpoint,
                                                         const PlantRpcRegistrySecurity  *security,
                                                         PlantRpcRegistryServiceFunc      func,
                                                         gpointer                         owner,
                                                         GError                         **error);
/* Waits for the thread. After this FUNC is not called. */
void                     plant_rpc_registry_service_free     (PlantRpcRegistryService *self);
/* Returns the port, or 0 for ipc. */
guint16                  plant_rpc_registry_service_get_port (PlantRpcRegistryService *self);
/* Returns the present records (transfer full) (element-type PlantRpcDeviceRecord). May be called
 * from any thread. */
GPtrArray               *plant_rpc_registry_service_list     (PlantRpcRegistryService *self);

G_END_DECLS

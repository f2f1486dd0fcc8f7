/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-client.h"

G_BEGIN_DECLS

/* The connection of a relay to its device: the client, also before the device was there, and after
 * it has come back with another interface. */
typedef struct _PlantRpcBacking PlantRpcBacking;

/* Where the device is. The members are unowned. */
typedef struct {
  const char            *url;          /* (nullable): NULL if a registry tells it */
  const char            *registry_url; /* (nullable) */
  const char            *device;       /* (nullable) */
  PlantRpcInterfaceInfo *interface;    /* (nullable): NULL for all that the device offers */
  PlantRpcKeypair       *keypair;      /* (nullable): NULL for that of the user */
} PlantRpcBackingAddress;

/* Both are called in CONTEXT. */
typedef struct {
  /* The client, its state, its role, the relays or the error may have changed. */
  void (*changed)  (gpointer    owner);
  /* Whether the value of that property is known has changed. */
  void (*property) (gpointer    owner,
                    const char *wire_name);
} PlantRpcBackingFuncs;

/* It must be used in CONTEXT only. */
PlantRpcBacking   *plant_rpc_backing_new            (GMainContext                 *context,
                                                     const PlantRpcBackingAddress *address,
                                                     const PlantRpcBackingFuncs   *funcs,
                                                     gpointer                      owner);
void               plant_rpc_backing_free           (PlantRpcBacking *self);

/* Returns NULL until it is known what the device offers. */
PlantRpcClient    *plant_rpc_backing_get_client     (PlantRpcBacking *self);
/* Returns what the client's type has, or NULL without a client. */
PlantRpcInterfaceInfo *
                   plant_rpc_backing_get_interface  (PlantRpcBacking *self);
/* Returns a copy (nullable) of what is wrong with the connection. */
GError            *plant_rpc_backing_dup_error      (PlantRpcBacking *self);
/* Returns the ids of the relay that the device is, and of those behind it, or NULL. */
const char *const *plant_rpc_backing_get_relays     (PlantRpcBacking *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcBacking, plant_rpc_backing_free)

G_END_DECLS

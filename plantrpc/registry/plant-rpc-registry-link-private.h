/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <zmq.h>

#include "plant-rpc-keypair.h"
#include "plant-rpc-registry-message-private.h"
#include "plant-rpc-timer-private.h"

G_BEGIN_DECLS

/* The requests and replies of a registry on a link. One request may be under way; the reply to an
 * earlier one is taken as late. It is used from its context only. */
typedef struct _PlantRpcRegistryLink PlantRpcRegistryLink;

typedef struct {
  void (*opened)  (gpointer               owner);
  /* (nullable): An attempt to connect has failed. The next follows by itself. */
  void (*missed)  (gpointer               owner,
                   const GError          *error);
  /* The connection was lost. A request that was under way will not be answered. */
  void (*lost)    (gpointer               owner);
  /* EXPECTED is TRUE for the reply to the request under way, and FALSE for a change of the list
   * and a late reply. */
  void (*replied) (gpointer               owner,
                   PlantRpcRegistryReply *reply,
                   gboolean               expected);
  /* A message arrived that is not a reply of a registry. */
  void (*garbled) (gpointer               owner,
                   const GError          *error);
} PlantRpcRegistryLinkFuncs;

/* It connects when TIMER rings next. KEYPAIR (nullable) is that by which a secured registry knows
 * this end; NULL for that of the user. */
PlantRpcRegistryLink *plant_rpc_registry_link_new       (const char                      *url,
                                                         PlantRpcKeypair                 *keypair,
                                                         GMainContext                    *context,
                                                         PlantRpcTimer                   *timer,
                                                         const PlantRpcRegistryLinkFuncs *funcs,
                                                         gpointer                         owner);
/* The last request still goes out. It may be called from inside the callbacks. None is called
 * afterwards. */
void                  plant_rpc_registry_link_free      (PlantRpcRegistryLink            *self);
/* It is used for the next connection. */
void                  plant_rpc_registry_link_set_keypair (PlantRpcRegistryLink          *self,
                                                         PlantRpcKeypair                 *keypair);
gboolean              plant_rpc_registry_link_is_open   (PlantRpcRegistryLink            *self);
/* The link must be open. */
void                  plant_rpc_registry_link_send      (PlantRpcRegistryLink            *self,
                                                         const PlantRpcRegistryRequest   *request);
/* Returns the numeric address from which this machine has reached the registry, or NULL. */
const char           *
plant_rpc_registry_link_get_own_address                 (PlantRpcRegistryLink            *self);
/* Gives the connection up and makes another. */
void                  plant_rpc_registry_link_renew     (PlantRpcRegistryLink            *self);
/* These are for a caller that blocks. At most PLANT_RPC_LINK_MAX_POLL items are filled. */
guint                 plant_rpc_registry_link_fill_poll (PlantRpcRegistryLink *self,
                                                         zmq_pollitem_t       *items);
void                  plant_rpc_registry_link_process   (PlantRpcRegistryLink            *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcRegistryLink, plant_rpc_registry_link_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <zmq.h>

#include "plant-rpc-registry-message-private.h"

G_BEGIN_DECLS

/* A connection to a registry that is made, and made again, by itself. One request may be under way;
 * sending another lets go of it. Used from its context only. */
typedef struct _PlantRpcRegistryLink PlantRpcRegistryLink;

typedef struct {
  void (*opened)  (gpointer               owner);
  /* (nullable): an attempt to connect has failed; the next comes by itself. */
  void (*missed)  (gpointer               owner,
                   const GError          *error);
  /* What was under way will not be answered. */
  void (*lost)    (gpointer               owner);
  /* EXPECTED: it answers the request under way; else it was pushed, or is late. */
  void (*replied) (gpointer               owner,
                   PlantRpcRegistryReply *reply,
                   gboolean               expected);
  /* What came is no reply of a registry. */
  void (*garbled) (gpointer               owner,
                   const GError          *error);
} PlantRpcRegistryLinkFuncs;

PlantRpcRegistryLink *plant_rpc_registry_link_new     (const char                       *url,
                                                       GMainContext                     *context,
                                                       const PlantRpcRegistryLinkFuncs  *funcs,
                                                       gpointer                          owner);
/* What was sent last still leaves. May be called within the callbacks; no other follows. */
void                  plant_rpc_registry_link_free    (PlantRpcRegistryLink             *self);
gboolean              plant_rpc_registry_link_is_open (PlantRpcRegistryLink             *self);
/* Only while it is open. */
void                  plant_rpc_registry_link_send    (PlantRpcRegistryLink             *self,
                                                       const PlantRpcRegistryRequest    *request);
/* For a caller that blocks: two items at most; the time of what is to be done next, or -1. */
guint                 plant_rpc_registry_link_fill_poll (PlantRpcRegistryLink           *self,
                                                         zmq_pollitem_t                 *items);
gint64                plant_rpc_registry_link_get_deadline (PlantRpcRegistryLink        *self);
void                  plant_rpc_registry_link_process (PlantRpcRegistryLink             *self);

/* Throws the connection away and makes another. */
void                  plant_rpc_registry_link_renew   (PlantRpcRegistryLink             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcRegistryLink, plant_rpc_registry_link_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-method-private.h"

G_BEGIN_DECLS

/* What a server offers: an object without the members that are hidden, methods, and the handler
 * that decides about writes. It owns the interface that describes all this. */
typedef struct _PlantRpcOffer PlantRpcOffer;

/* All are called in the context. */
typedef struct {
  /* The interface is no longer what it was. */
  void     (*changed)        (gpointer             owner);
  /* Decide about writes while no handler is set; see the functions of these names. */
  gboolean (*decides_writes) (gpointer             owner);
  gboolean (*decide_write)   (gpointer             owner,
                              PlantRpcInvocation  *invocation,
                              const char          *name,
                              GVariant            *value,
                              GError             **error);
} PlantRpcOfferFuncs;

/* OWNER is the object that is offered until another one is set. If the object is an OWNER_TYPE, its
 * members up to that class are not offered. */
PlantRpcOffer         *plant_rpc_offer_new              (GMainContext             *context,
                                                         GType                     owner_type,
                                                         const PlantRpcOfferFuncs *funcs,
                                                         GObject                  *owner);
void                   plant_rpc_offer_free             (PlantRpcOffer *self);

/* OBJECT is NULL for the owner. */
void                   plant_rpc_offer_set_object       (PlantRpcOffer *self,
                                                         GObject       *object);
GObject               *plant_rpc_offer_get_object       (PlantRpcOffer *self);
void                   plant_rpc_offer_hide_member      (PlantRpcOffer *self,
                                                         const char    *name);
/* Returns the interface, which is made when it is needed. Fails if there are too many members. */
PlantRpcInterfaceInfo *plant_rpc_offer_get_interface    (PlantRpcOffer  *self,
                                                         GError        **error);

/* Takes ownership of INFO. A method of the same name is replaced. */
void                   plant_rpc_offer_add_method       (PlantRpcOffer         *self,
                                                         PlantRpcMethodInfo    *info,
                                                         PlantRpcMethodFlags    flags,
                                                         PlantRpcMethodHandler  handler,
                                                         gpointer               user_data,
                                                         GDestroyNotify         notify);
/* Returns NULL if there is no such method. */
PlantRpcMethod        *plant_rpc_offer_find_method      (PlantRpcOffer *self,
                                                         const char    *name);
/* HANDLER is NULL if the owner shall decide. */
void                   plant_rpc_offer_set_writer       (PlantRpcOffer        *self,
                                                         PlantRpcWriteHandler  handler,
                                                         gpointer              user_data,
                                                         GDestroyNotify        notify);
/* Releases the methods and the handler of writes. */
void                   plant_rpc_offer_release_handlers (PlantRpcOffer *self);

/* Returns FALSE if all writes are accepted, so that decide_write() need not be called. */
gboolean               plant_rpc_offer_decides_writes   (PlantRpcOffer *self);
/* Returns TRUE if the write is accepted. SELF may be freed meanwhile. */
gboolean               plant_rpc_offer_decide_write     (PlantRpcOffer       *self,
                                                         PlantRpcInvocation  *invocation,
                                                         const char          *name,
                                                         GVariant            *value,
                                                         GError             **error);

G_END_DECLS

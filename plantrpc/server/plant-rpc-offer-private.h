/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-method-private.h"

G_BEGIN_DECLS

/* What a server offers: an object without the members that are hidden, methods, and the handlers
 * that decide about reads and writes. It owns the interface that describes all this. */
typedef struct _PlantRpcOffer PlantRpcOffer;

/* All are called in the context, unless they say otherwise. */
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
  /* The same for reads. decide_read() may be called on a worker thread. */
  gboolean (*decides_reads)  (gpointer             owner);
  gboolean (*decide_read)    (gpointer             owner,
                              PlantRpcInvocation  *invocation,
                              const char          *name,
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
/* Sets the role that is asked for to call the method NAME, or to write the property NAME. */
void                   plant_rpc_offer_set_role         (PlantRpcOffer *self,
                                                         const char    *name,
                                                         PlantRpcRole   role);
/* Returns the interface, which is made when it is needed. Fails if there are too many members. */
PlantRpcInterfaceInfo *plant_rpc_offer_get_interface    (PlantRpcOffer  *self,
                                                         GError        **error);

/* Offers what INTERFACE describes instead of what the type of OBJECT has. OBJECT has its properties
 * and signals, and HANDLER runs all of its methods. They stay when handlers are released. The owner
 * is not told of the change. */
void                   plant_rpc_offer_set_front        (PlantRpcOffer         *self,
                                                         GObject               *object,
                                                         PlantRpcInterfaceInfo *interface,
                                                         PlantRpcMethodHandler  handler,
                                                         gpointer               user_data);

gboolean               plant_rpc_offer_is_front         (PlantRpcOffer         *self);

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
/* Returns ERROR, which tells what is wrong with a request for the method NAME, or instead that
 * there is no such method. Takes ownership of ERROR. */
GError                *plant_rpc_offer_explain          (PlantRpcOffer *self,
                                                         const char    *name,
                                                         GError        *error);
/* HANDLER is NULL if the owner shall decide. */
void                   plant_rpc_offer_set_writer       (PlantRpcOffer        *self,
                                                         PlantRpcWriteHandler  handler,
                                                         gpointer              user_data,
                                                         GDestroyNotify        notify);
void                   plant_rpc_offer_set_reader       (PlantRpcOffer        *self,
                                                         PlantRpcReadHandler   handler,
                                                         gpointer              user_data,
                                                         GDestroyNotify        notify);
/* Sets whether the reads of a property run on worker threads. */
void                   plant_rpc_offer_set_blocking     (PlantRpcOffer        *self,
                                                         const char           *name,
                                                         gboolean              blocking);
/* Releases the methods and the handlers of reads and writes. */
void                   plant_rpc_offer_release_handlers (PlantRpcOffer *self);

/* Returns FALSE if all writes are accepted, so that decide_write() need not be called. */
gboolean               plant_rpc_offer_decides_writes   (PlantRpcOffer *self);
/* Returns TRUE if the write is accepted. SELF may be freed meanwhile. */
gboolean               plant_rpc_offer_decide_write     (PlantRpcOffer       *self,
                                                         PlantRpcInvocation  *invocation,
                                                         const char          *name,
                                                         GVariant            *value,
                                                         GError             **error);

/* Returns FALSE if all properties are read from the object, so that read() need not be called. */
gboolean               plant_rpc_offer_decides_reads    (PlantRpcOffer       *self);
/* Returns TRUE if the read of that property would run on a worker thread. */
gboolean               plant_rpc_offer_may_block        (PlantRpcOffer       *self,
                                                         const char          *name);
/* Has a read answered: by a value or an error, or accepted to be read from the object. Takes
 * ownership of INVOCATION. SELF may be freed meanwhile. */
void                   plant_rpc_offer_read             (PlantRpcOffer       *self,
                                                         PlantRpcInvocation  *invocation);

G_END_DECLS

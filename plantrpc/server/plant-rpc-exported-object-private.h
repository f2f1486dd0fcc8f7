/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-mailbox-private.h"

G_BEGIN_DECLS

/* The local GObject that is offered: reads and writes its properties, and tells what it emits. */
typedef struct _PlantRpcExportedObject PlantRpcExportedObject;

/* In the context only; what happens on another thread is carried over. */
typedef struct {
  void (*emitted) (gpointer                owner,
                   const PlantRpcEmission *emission);
  void (*changed) (gpointer                owner,
                   PlantRpcPropertyInfo   *property);
} PlantRpcExportedObjectFuncs;

/* OBJECT is borrowed, so that a server can be its own; it must live until close(). */
PlantRpcExportedObject *plant_rpc_exported_object_new (GObject                           *object,
                                                       PlantRpcInterfaceInfo             *interface,
                                                       PlantRpcMailbox                   *mailbox,
                                                       const PlantRpcExportedObjectFuncs *funcs,
                                                       gpointer                           owner);
/* Lets go of the object, and of SELF. */
void                    plant_rpc_exported_object_close (PlantRpcExportedObject *self);

/* While nobody hears it nothing is converted. At first nobody does. */
void                    plant_rpc_exported_object_set_heard (PlantRpcExportedObject *self,
                                                             gboolean                heard);

/* Never floating. */
GVariant               *plant_rpc_exported_object_read (PlantRpcExportedObject  *self,
                                                        PlantRpcPropertyInfo    *property,
                                                        GError                 **error);
/* All that can be read, by wire name: a{sv}, never floating. */
GVariant               *plant_rpc_exported_object_read_all (PlantRpcExportedObject *self);

/* VALUE as the property's own type, if it may be written: never floating. */
GVariant               *plant_rpc_exported_object_check (PlantRpcExportedObject  *self,
                                                         PlantRpcPropertyInfo    *property,
                                                         GVariant                *value,
                                                         GError                 **error);
gboolean                plant_rpc_exported_object_write (PlantRpcExportedObject  *self,
                                                         PlantRpcPropertyInfo    *property,
                                                         GVariant                *value,
                                                         GError                 **error);

G_END_DECLS

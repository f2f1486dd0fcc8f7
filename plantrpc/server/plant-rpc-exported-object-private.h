/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-emission-private.h"
#include "plant-rpc-handover-private.h"
#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* The local GObject that a server offers. It reads and writes the properties, and reports what the
 * object emits. */
typedef struct _PlantRpcExportedObject PlantRpcExportedObject;

/* All are called in the context. Emissions on other threads get there through the handover. */
typedef struct {
  void (*emitted) (gpointer                owner,
                   const PlantRpcEmission *emission);
  void (*changed) (gpointer                owner,
                   PlantRpcPropertyInfo   *property);
} PlantRpcExportedObjectFuncs;

/* OBJECT is unowned, so that a server may export itself. It must live until close(). */
PlantRpcExportedObject *plant_rpc_exported_object_new (GObject                           *object,
                                                       PlantRpcInterfaceInfo             *interface,
                                                       PlantRpcHandover                  *handover,
                                                       const PlantRpcExportedObjectFuncs *funcs,
                                                       gpointer                           owner);
/* Disconnects from the object, and releases SELF. */
void                    plant_rpc_exported_object_close (PlantRpcExportedObject *self);

/* Sets whether anybody subscribes. Without subscribers nothing is converted. There are none at
 * first. */
void                    plant_rpc_exported_object_set_heard (PlantRpcExportedObject *self,
                                                             gboolean                heard);

/* The result is never floating. */
GVariant               *plant_rpc_exported_object_read (PlantRpcExportedObject  *self,
                                                        PlantRpcPropertyInfo    *property,
                                                        GError                 **error);
/* Converts VALUE, which the owner gave for the object, to the property's own type. NULL is nothing.
 * The result is never floating. */
GVariant               *plant_rpc_exported_object_fit  (PlantRpcExportedObject  *self,
                                                        PlantRpcPropertyInfo    *property,
                                                        GVariant                *value,
                                                        GError                 **error);

/* Converts VALUE to the property's own type if it may be written. The result is never floating. */
GVariant               *plant_rpc_exported_object_check (PlantRpcExportedObject  *self,
                                                         PlantRpcPropertyInfo    *property,
                                                         GVariant                *value,
                                                         GError                 **error);
gboolean                plant_rpc_exported_object_write (PlantRpcExportedObject  *self,
                                                         PlantRpcPropertyInfo    *property,
                                                         GVariant                *value,
                                                         GError                 **error);

G_END_DECLS

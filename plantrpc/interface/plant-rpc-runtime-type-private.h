/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-arguments-private.h"
#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* The id of a runtime type's first property. The ids follow the order of the interface's
 * properties. */
#define PLANT_RPC_RUNTIME_FIRST_PROPERTY 1000

/* Returns the GType for an interface: a subclass of PARENT with one GObject property for each
 * remote property and one GSignal for each remote signal. Signals that stand for a notify are
 * included, unless PARENT has a signal of that name. GTypes are never freed, so the type is kept
 * and returned again for the same hash of the interface, TEMPLATE and PARENT.
 *
 * TEMPLATE (G_TYPE_INVALID if there is none): its GParamSpecs are cloned. If it is a GInterface,
 * the type implements it, unless one of its properties cannot travel or would hide a member of the
 * client, or PARENT lacks a class that it requires. A property is read-write, never CONSTRUCT,
 * EXPLICIT_NOTIFY. SET and GET become the accessors of the class.
 *
 * PEER is the address of the device that described the interface, or NULL if the application did.
 * The types made for peers are limited: beyond the limit the function fails with
 * PLANT_RPC_ERROR_LIMIT. It fails with PLANT_RPC_ERROR_INVALID_INTERFACE if PARENT cannot have
 * subclasses. Thread-safe. */
GType                  plant_rpc_runtime_type_get           (PlantRpcInterfaceInfo  *info,
                                                             GType                   template_type,
                                                             GType                   parent,
                                                             const char             *peer,
                                                             GObjectSetPropertyFunc  set,
                                                             GObjectGetPropertyFunc  get,
                                                             GError                **error);

/* Returns the interface for which TYPE or its nearest ancestor was made, or NULL. */
PlantRpcInterfaceInfo *plant_rpc_runtime_type_get_interface (GType                   type);

/* Returns the GType of a property's values, which may be a runtime enumeration. */
GType                  plant_rpc_runtime_type_of_property   (PlantRpcPropertyInfo   *info);

/* A signal of a GType. */
typedef struct {
  PlantRpcSignalInfo *info;  /* (unowned) */
  GSignalQuery        query; /* whose id is 0 if the type lacks the signal */
} PlantRpcRuntimeSignal;

void     plant_rpc_runtime_signal_init       (PlantRpcRuntimeSignal        *self,
                                              GType                         type,
                                              PlantRpcSignalInfo           *info);
/* Emits the signal of INSTANCE with ARGS (av), each converted to its declared type. If the
 * arguments of a signal are unknown, it has a single one: the av as a GVariant. */
gboolean plant_rpc_runtime_signal_emit       (const PlantRpcRuntimeSignal  *self,
                                              GObject                      *instance,
                                              GVariant                     *args,
                                              GError                      **error);
/* Returns FALSE without emitting if an argument would have to be converted to its declared type. */
gboolean plant_rpc_runtime_signal_emit_plain (const PlantRpcRuntimeSignal  *self,
                                              GObject                      *instance,
                                              const PlantRpcArguments      *arguments);

G_END_DECLS

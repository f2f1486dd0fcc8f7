/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-exported-object-private.h"
#include "plant-rpc-offer-private.h"
#include "plant-rpc-reply-private.h"

G_BEGIN_DECLS

/* Reads the properties of the exported object as the owner of the offer decides. It logs once that
 * a property cannot be read, until it can be read again. Each function runs code of the
 * application, which may close the reader. */
typedef struct _PlantRpcReader PlantRpcReader;

/* A property that has changed has been read, or could not be read because of ERROR. One of VALUE
 * and ERROR is NULL. */
typedef void (*PlantRpcReaderFunc) (gpointer              owner,
                                    PlantRpcPropertyInfo *property,
                                    GVariant             *value,
                                    const GError         *error);

/* OFFER and EXPORTED are unowned, and must live until close(). */
PlantRpcReader *plant_rpc_reader_new      (PlantRpcOffer          *offer,
                                           PlantRpcInterfaceInfo  *interface,
                                           PlantRpcExportedObject *exported,
                                           PlantRpcHandover       *handover,
                                           PlantRpcReaderFunc      func,
                                           gpointer                owner);
/* Nobody waits any more for what is being read. */
void            plant_rpc_reader_close    (PlantRpcReader         *self);
/* Cancels what is being read, which may run code of the application. The reader must be closed. */
void            plant_rpc_reader_free     (PlantRpcReader         *self);

/* Returns the value, never floating. Returns NULL with ERROR if the property cannot be read, and
 * NULL without ERROR if its value is not there at once. */
GVariant       *plant_rpc_reader_read     (PlantRpcReader         *self,
                                           PlantRpcPropertyInfo   *property,
                                           GError                **error);
/* The same for the answer of an invocation. Takes what REPLY holds. ACCEPTED tells that the object
 * has the value. */
GVariant       *plant_rpc_reader_take     (PlantRpcReader         *self,
                                           PlantRpcPropertyInfo   *property,
                                           PlantRpcReply          *reply,
                                           gboolean                accepted,
                                           GError                **error);
/* Returns the values by wire name of all properties that can be read at once: a{sv}, never
 * floating. Under PLANT_RPC_FAILURES_KEY it tells why others cannot be read. */
GVariant       *plant_rpc_reader_read_all (PlantRpcReader         *self,
                                           gboolean                tracebacks);
/* The property has changed. The function that was given with the reader gets its value, or the
 * error, once that is there. */
void            plant_rpc_reader_follow   (PlantRpcReader         *self,
                                           PlantRpcPropertyInfo   *property);

G_END_DECLS

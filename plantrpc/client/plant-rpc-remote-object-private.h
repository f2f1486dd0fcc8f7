/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-inbox-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-session-private.h"
#include "plant-rpc-waiters-private.h"

G_BEGIN_DECLS

/* The members of the remote object as they are seen in its client: a PlantRpcProperty for each
 * property, and what the device tells of them and of its signals, on its way to the application. */
typedef struct _PlantRpcRemoteObject PlantRpcRemoteObject;

/* CLIENT (unowned) emits; all else outlives the remote object. */
PlantRpcRemoteObject *
plant_rpc_remote_object_new                (GObject         *client,
                                            PlantRpcInbox   *inbox,
                                            PlantRpcWaiters *waiters);
void
plant_rpc_remote_object_free               (PlantRpcRemoteObject *self);
/* The client's own end: its properties keep their values for whoever holds them. */
void
plant_rpc_remote_object_detach             (PlantRpcRemoteObject *self);
/* The members that the client's type has. Without it they are those of the live peer. */
void
plant_rpc_remote_object_install            (PlantRpcRemoteObject  *self,
                                            PlantRpcInterfaceInfo *type_info);
void
plant_rpc_remote_object_set_session        (PlantRpcRemoteObject *self,
                                            PlantRpcSession      *session);

/* What the session tells. */
void
plant_rpc_remote_object_update_live        (PlantRpcRemoteObject *self);
void
plant_rpc_remote_object_take_snapshot      (PlantRpcRemoteObject *self,
                                            GVariant             *values);
void
plant_rpc_remote_object_take_value         (PlantRpcRemoteObject *self,
                                            const char           *wire_name,
                                            GVariant             *value);
void
plant_rpc_remote_object_take_emission      (PlantRpcRemoteObject   *self,
                                            const PlantRpcEmission *emission,
                                            guint64                 sequence,
                                            gsize                   size);
void
plant_rpc_remote_object_note_lost          (PlantRpcRemoteObject *self,
                                            guint64               n_lost);

/* What the application does; INDEX in the order of the type's properties. */
void
plant_rpc_remote_object_set_installed      (PlantRpcRemoteObject *self,
                                            guint                 index,
                                            const GValue         *value);
const GValue *
plant_rpc_remote_object_peek_installed     (PlantRpcRemoteObject *self,
                                            guint                 index);

/* The interface that names are looked up in: of the type, or of the live peer. */
PlantRpcInterfaceInfo *
plant_rpc_remote_object_get_interface      (PlantRpcRemoteObject *self);
PlantRpcProperty *
plant_rpc_remote_object_find_property      (PlantRpcRemoteObject *self,
                                            const char           *wire_name);
gboolean
plant_rpc_remote_object_has_pending_writes (PlantRpcRemoteObject *self);
/* Values and signals that did not fit. */
guint
plant_rpc_remote_object_get_n_mistyped     (PlantRpcRemoteObject *self);

/* Asks the waiters from the next turn of the loop. */
void
plant_rpc_remote_object_check_waiters      (PlantRpcRemoteObject *self);

G_END_DECLS

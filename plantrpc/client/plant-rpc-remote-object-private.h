/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-inbox-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-session-private.h"
#include "plant-rpc-waiters-private.h"

G_BEGIN_DECLS

/* The members of the remote object in its client: a PlantRpcProperty for each property, and the way
 * that values and signals of the device take to the application. */
typedef struct _PlantRpcRemoteObject PlantRpcRemoteObject;

/* CLIENT is unowned and emits the signals. INBOX and WAITERS must outlive the remote object. */
PlantRpcRemoteObject *
plant_rpc_remote_object_new                (GObject         *client,
                                            PlantRpcInbox   *inbox,
                                            PlantRpcWaiters *waiters);
void
plant_rpc_remote_object_free               (PlantRpcRemoteObject *self);
/* The client ends. Its properties keep their values for whoever holds a reference. */
void
plant_rpc_remote_object_detach             (PlantRpcRemoteObject *self);
/* Sets the members that the client's type has. Without them the members are those that the device
 * offers. */
void
plant_rpc_remote_object_install            (PlantRpcRemoteObject  *self,
                                            PlantRpcInterfaceInfo *type_info);
void
plant_rpc_remote_object_set_session        (PlantRpcRemoteObject *self,
                                            PlantRpcSession      *session);

/* These are for what the session has received. */
void
plant_rpc_remote_object_update_live        (PlantRpcRemoteObject *self);
void
plant_rpc_remote_object_take_snapshot      (PlantRpcRemoteObject *self,
                                            GVariant             *values);
/* Nobody has seen the client yet, so what has changed so far need not be notified. */
void
plant_rpc_remote_object_forget_changes     (PlantRpcRemoteObject *self);
/* Takes a value from a reply, with the ASKED of that PlantRpcReply. */
void
plant_rpc_remote_object_take_value         (PlantRpcRemoteObject *self,
                                            const char           *wire_name,
                                            GVariant             *value,
                                            gint64                asked);
/* The device could not read that property. ASKED is as before. */
void
plant_rpc_remote_object_take_failure       (PlantRpcRemoteObject *self,
                                            const char           *wire_name,
                                            const GError         *error,
                                            gint64                asked);
void
plant_rpc_remote_object_take_emission      (PlantRpcRemoteObject   *self,
                                            const PlantRpcEmission *emission,
                                            guint64                 sequence,
                                            gsize                   size);
/* Takes SERIES. The inbox must be held. */
void
plant_rpc_remote_object_take_series        (PlantRpcRemoteObject   *self,
                                            PlantRpcSeries         *series);
void
plant_rpc_remote_object_note_lost          (PlantRpcRemoteObject *self,
                                            guint64               n_lost);

/* These are for the application. INDEX counts the properties of the type. */
void
plant_rpc_remote_object_set_installed      (PlantRpcRemoteObject *self,
                                            guint                 index,
                                            const GValue         *value);
const GValue *
plant_rpc_remote_object_peek_installed     (PlantRpcRemoteObject *self,
                                            guint                 index);

/* Returns the interface in which names are looked up: that of the type, or of the device. */
PlantRpcInterfaceInfo *
plant_rpc_remote_object_get_interface      (PlantRpcRemoteObject *self);
PlantRpcProperty *
plant_rpc_remote_object_find_property      (PlantRpcRemoteObject *self,
                                            const char           *wire_name);
/* Sends the values that wait. The application is about to send something else, which the device
 * must get after them. */
void
plant_rpc_remote_object_send_writes        (PlantRpcRemoteObject *self);
gboolean
plant_rpc_remote_object_has_pending_writes (PlantRpcRemoteObject *self);
/* Returns how many values and signals did not fit. */
guint
plant_rpc_remote_object_get_n_mistyped     (PlantRpcRemoteObject *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A port of this machine in front of a target. The door keeps its port while it refuses
 * connections, so no other process gets it, and a client that tries it cannot connect to itself. */
typedef struct _FaultDoor FaultDoor;

typedef void (*FaultDoorFunc) (FaultDoor          *self,
                               GSocketConnection  *peer,
                               gpointer            user_data);

/* HOST is a numeric address. TARGET is borrowed. The new door is open. */
FaultDoor          *fault_door_new        (const char          *host,
                                           GSocketConnectable  *target,
                                           FaultDoorFunc        entered,
                                           gpointer             user_data,
                                           GError             **error);
void                fault_door_free       (FaultDoor           *self);
GSocketConnectable *fault_door_get_target (FaultDoor           *self);
guint16             fault_door_get_port   (FaultDoor           *self);
gboolean            fault_door_open       (FaultDoor           *self,
                                           GError             **error);
/* Refuses new connections from now on. */
void                fault_door_shut       (FaultDoor           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultDoor, fault_door_free)

G_END_DECLS

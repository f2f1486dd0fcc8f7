/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-inbox-private.h"
#include "plant-rpc-property-private.h"
#include "plant-rpc-session-private.h"
#include "plant-rpc-waiters-private.h"

G_BEGIN_DECLS

/* The members of the remote object as they are seen in its client: a PlantRpcProperty for each
 * property, and what the device tells of them and of its signals, on its way to the application. */
typedef struct _PlantRpcMirror PlantRpcMirror;

/* CLIENT (unowned) emits; all else outlives the mirror. */
PlantRpcMirror        *plant_rpc_mirror_new             (GObject                 *client,
                                                         PlantRpcInbox           *inbox,
                                                         PlantRpcWaiters         *waiters);
void                   plant_rpc_mirror_free            (PlantRpcMirror          *self);
/* The client's own end: its properties keep their values for whoever holds them. */
void                   plant_rpc_mirror_detach          (PlantRpcMirror          *self);
/* The members that the client's type has. Without it they are those of the live peer. */
void                   plant_rpc_mirror_install         (PlantRpcMirror          *self,
                                                         PlantRpcInterfaceInfo   *type_info);
void                   plant_rpc_mirror_set_session     (PlantRpcMirror          *self,
                                                         PlantRpcSession         *session);

/* What the session tells. */
void                   plant_rpc_mirror_update_live     (PlantRpcMirror          *self);
void                   plant_rpc_mirror_take_snapshot   (PlantRpcMirror          *self,
                                                         GVariant                *values);
void                   plant_rpc_mirror_take_value      (PlantRpcMirror          *self,
                                                         const char              *wire_name,
                                                         GVariant                *value);
void                   plant_rpc_mirror_take_emission   (PlantRpcMirror          *self,
                                                         const PlantRpcEmission  *emission,
                                                         guint64                  sequence,
                                                         gsize                    size);
void                   plant_rpc_mirror_note_lost       (PlantRpcMirror          *self,
                                                         guint64                  n_lost);

/* What the application does; INDEX in the order of the type's properties. */
void                   plant_rpc_mirror_set_installed   (PlantRpcMirror          *self,
                                                         guint                    index,
                                                         const GValue            *value);
const GValue          *plant_rpc_mirror_peek_installed  (PlantRpcMirror          *self,
                                                         guint                    index);

/* The interface that names are looked up in: of the type, or of the live peer. */
PlantRpcInterfaceInfo *plant_rpc_mirror_get_interface   (PlantRpcMirror          *self);
PlantRpcProperty      *plant_rpc_mirror_find_property   (PlantRpcMirror          *self,
                                                         const char              *wire_name);
gboolean               plant_rpc_mirror_has_pending_writes (PlantRpcMirror       *self);
/* Values and signals that did not fit. */
guint                  plant_rpc_mirror_get_n_mistyped  (PlantRpcMirror          *self);

/* Asks the waiters from the next turn of the loop. */
void                   plant_rpc_mirror_check_waiters   (PlantRpcMirror          *self);

G_END_DECLS

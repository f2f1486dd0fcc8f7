/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-arrival-private.h"
#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Emits the signals of the device on the client. It keeps what it has looked up for each name. */
typedef struct _PlantRpcEmitter PlantRpcEmitter;

/* CLIENT is unowned and must outlive the emitter. */
PlantRpcEmitter *plant_rpc_emitter_new      (GObject                *client);
void             plant_rpc_emitter_free     (PlantRpcEmitter        *self);
/* Sets the interface whose signals the type of the client has. */
void             plant_rpc_emitter_set_type (PlantRpcEmitter        *self,
                                             PlantRpcInterfaceInfo  *type_info);
/* Emits signal-received, and the signal of the client's type if there is one. Fails if the
 * arguments do not fit the latter. The client must be held. */
gboolean         plant_rpc_emitter_emit     (PlantRpcEmitter        *self,
                                             const PlantRpcArrival  *arrival,
                                             GError                **error);

G_END_DECLS

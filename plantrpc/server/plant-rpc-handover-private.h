/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-home-private.h"
#include "plant-rpc-reply-private.h"

G_BEGIN_DECLS

/* Calls functions in a main context for other threads, in the order in which each thread posted
 * them. Emissions and answers use the same handover, and so keep their order. */
typedef struct _PlantRpcHandover PlantRpcHandover;

typedef void (*PlantRpcHandoverFunc)   (gpointer data);
typedef void (*PlantRpcHandoverAnswer) (gpointer       asker,
                                        PlantRpcReply *reply,
                                        gboolean       accepted);

PlantRpcHandover *plant_rpc_handover_new     (GMainContext           *context);
PlantRpcHandover *plant_rpc_handover_ref     (PlantRpcHandover       *self);
void              plant_rpc_handover_unref   (PlantRpcHandover       *self);

/* After this no FUNC is called. What waits is destroyed, and so is what is posted later. */
void              plant_rpc_handover_close   (PlantRpcHandover       *self);

/* Enters the home of the context. Returns NULL if the calling thread does not run the context, and
 * so needs the handover. */
PlantRpcHold     *plant_rpc_handover_enter   (PlantRpcHandover       *self);

/* May be called from any thread. FUNC is called in the context, at home, and so is DESTROY unless
 * the handover was closed. */
void              plant_rpc_handover_post    (PlantRpcHandover       *self,
                                              PlantRpcHandoverFunc    func,
                                              gpointer                data,
                                              GDestroyNotify          destroy);

/* May be called from any thread. Tells ASKER, an atomic reference counted box, the REPLY, which is
 * empty afterwards: at once if the calling thread runs the context, and as post() does otherwise.
 * UNREF releases ASKER, which is kept meanwhile. */
void              plant_rpc_handover_answer  (PlantRpcHandover       *self,
                                              gpointer                asker,
                                              PlantRpcReply          *reply,
                                              gboolean                accepted,
                                              PlantRpcHandoverAnswer  func,
                                              GDestroyNotify          unref);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcHandover, plant_rpc_handover_unref)

G_END_DECLS

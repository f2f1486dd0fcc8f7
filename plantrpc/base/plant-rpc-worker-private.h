/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A thread that runs a main context of its own. */
typedef struct _PlantRpcWorker PlantRpcWorker;

/* Returns NULL with ERROR set if the system cannot start another thread. */
PlantRpcWorker *plant_rpc_worker_new         (const char      *name,
                                              GError         **error);
/* On another thread: waits until the worker's has ended. On the worker's own: it ends once the
 * callback at hand returns. */
void            plant_rpc_worker_free        (PlantRpcWorker  *self);
GMainContext   *plant_rpc_worker_get_context (PlantRpcWorker  *self);
/* Calls FUNC there, later, after all that was to be called before; NOTIFY lets go of USER_DATA,
 * also where the thread ends first. */
void            plant_rpc_worker_call        (PlantRpcWorker  *self,
                                              GSourceFunc      func,
                                              gpointer         user_data,
                                              GDestroyNotify   notify);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWorker, plant_rpc_worker_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A thread that runs a main context of its own. */
typedef struct _PlantRpcWorker PlantRpcWorker;

/* Starts a thread that runs CONTEXT, which may have sources already, or a new one if it is NULL.
 * Returns NULL with ERROR set if the system cannot start another thread. */
PlantRpcWorker *plant_rpc_worker_new         (const char      *name,
                                              GMainContext    *context,
                                              GError         **error);
/* Waits until the worker's thread has ended. If it is called on that thread, the thread ends once
 * the current callback returns. */
void            plant_rpc_worker_free        (PlantRpcWorker  *self);
GMainContext   *plant_rpc_worker_get_context (PlantRpcWorker  *self);
/* Calls FUNC on the worker's thread, in the order of these calls. NOTIFY frees USER_DATA, also if
 * the thread ends before FUNC is called. */
void            plant_rpc_worker_call        (PlantRpcWorker  *self,
                                              GSourceFunc      func,
                                              gpointer         user_data,
                                              GDestroyNotify   notify);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWorker, plant_rpc_worker_free)

G_END_DECLS

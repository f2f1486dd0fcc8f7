/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-driver-private.h"
#include "plant-rpc-inbox-private.h"

G_BEGIN_DECLS

/* Waits that end when a condition holds, when their time is over, or when they are cancelled: those
 * of tasks, and of callers that block. */
typedef struct _PlantRpcWaiters PlantRpcWaiters;

/* Returns TRUE if the condition holds. Returns FALSE and sets ERROR if it never will. */
typedef gboolean (*PlantRpcCondition) (gpointer   owner,
                                       guint      data,
                                       GError   **error);
/* Returns the error of a task whose time is over. */
typedef GError  *(*PlantRpcExcuse)    (gpointer   owner);
/* What is waited for, and for how long. */
typedef struct {
  PlantRpcCondition condition;
  guint             data;    /* for the condition */
  int               timeout; /* ms, or PLANT_RPC_TIMEOUT_NONE */
  PlantRpcExcuse    excuse;  /* (nullable) if there is no limit */
} PlantRpcWait;

PlantRpcWaiters *plant_rpc_waiters_new   (GMainContext       *context,
                                          gpointer            owner);
void             plant_rpc_waiters_free  (PlantRpcWaiters    *self);
void             plant_rpc_waiters_add   (PlantRpcWaiters    *self,
                                          GTask              *task,
                                          PlantRpcWait        wait);
/* Blocks until the condition holds. DRIVER drives what that depends on. Another thread must serve
 * the server that it is connected with. */
gboolean         plant_rpc_waiters_run   (PlantRpcWaiters    *self,
                                          PlantRpcDriver     *driver,
                                          PlantRpcWait        wait,
                                          GCancellable       *cancellable,
                                          GError            **error);
/* Asks each condition, and ends the tasks whose conditions hold. Their callbacks may run. */
void             plant_rpc_waiters_check (PlantRpcWaiters    *self);
/* Does so in a later turn of the main loop, if anybody waits. */
void             plant_rpc_waiters_check_later (PlantRpcWaiters *self,
                                                PlantRpcInbox   *inbox);

G_END_DECLS

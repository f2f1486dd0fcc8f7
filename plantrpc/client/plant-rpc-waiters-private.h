/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "plant-rpc-inbox-private.h"

G_BEGIN_DECLS

/* Tasks that end when a condition holds, when their time is over, or when they are cancelled. */
typedef struct _PlantRpcWaiters PlantRpcWaiters;

/* Returns TRUE if the condition holds. Returns FALSE and sets ERROR if it never will. */
typedef gboolean (*PlantRpcCondition) (gpointer   owner,
                                       guint      data,
                                       GError   **error);
/* Returns the error of a task whose time is over. */
typedef GError  *(*PlantRpcExcuse)    (gpointer   owner);

PlantRpcWaiters *plant_rpc_waiters_new   (GMainContext       *context,
                                          gpointer            owner);
void             plant_rpc_waiters_free  (PlantRpcWaiters    *self);
/* TIMEOUT is in ms. If it is negative, the task waits without limit. */
void             plant_rpc_waiters_add   (PlantRpcWaiters    *self,
                                          GTask              *task,
                                          int                 timeout,
                                          PlantRpcCondition   condition,
                                          guint               data,
                                          PlantRpcExcuse      excuse);
/* Asks each condition, and ends the tasks whose conditions hold. Their callbacks may run. */
void             plant_rpc_waiters_check (PlantRpcWaiters    *self);
/* Does so in a later turn of the main loop, if anybody waits. */
void             plant_rpc_waiters_check_later (PlantRpcWaiters *self,
                                                PlantRpcInbox   *inbox);

G_END_DECLS

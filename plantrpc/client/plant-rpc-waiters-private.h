/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Tasks that end once a condition holds, their time is over or they are cancelled. */
typedef struct _PlantRpcWaiters PlantRpcWaiters;

/* TRUE: it holds. FALSE with ERROR: it never will. */
typedef gboolean (*PlantRpcCondition) (gpointer   owner,
                                       guint      data,
                                       GError   **error);
/* Why the time went by. */
typedef GError  *(*PlantRpcExcuse)    (gpointer   owner);

PlantRpcWaiters *plant_rpc_waiters_new   (GMainContext       *context,
                                          gpointer            owner);
void             plant_rpc_waiters_free  (PlantRpcWaiters    *self);
/* TIMEOUT in ms; negative: none. */
void             plant_rpc_waiters_add   (PlantRpcWaiters    *self,
                                          GTask              *task,
                                          int                 timeout,
                                          PlantRpcCondition   condition,
                                          guint               data,
                                          PlantRpcExcuse      excuse);
gboolean         plant_rpc_waiters_is_empty (PlantRpcWaiters *self);
/* Asks each condition; callbacks may run. */
void             plant_rpc_waiters_check (PlantRpcWaiters    *self);

G_END_DECLS

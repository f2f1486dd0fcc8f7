/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells the service manager, if there is one ($NOTIFY_SOCKET), that this process serves. The first
 * watchdog of the process sends READY=1, and freeing the last one sends STOPPING=1. In between
 * CONTEXT sends WATCHDOG=1 twice in each $WATCHDOG_USEC, so the service manager notices a context
 * that hangs. */
typedef struct _PlantRpcWatchdog PlantRpcWatchdog;

PlantRpcWatchdog *plant_rpc_watchdog_new  (GMainContext *context);
void              plant_rpc_watchdog_free (PlantRpcWatchdog *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWatchdog, plant_rpc_watchdog_free)

G_END_DECLS

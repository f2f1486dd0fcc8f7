/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Tells the service manager, where there is one ($NOTIFY_SOCKET), that this process serves: READY=1
 * with the first watchdog of the process, STOPPING=1 when the last is freed. In between WATCHDOG=1
 * comes from CONTEXT at half of $WATCHDOG_USEC, so that a context that hangs is noticed. */
typedef struct _PlantRpcWatchdog PlantRpcWatchdog;

PlantRpcWatchdog *plant_rpc_watchdog_new  (GMainContext *context);
void              plant_rpc_watchdog_free (PlantRpcWatchdog *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcWatchdog, plant_rpc_watchdog_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Signals that arrive before the members of a device are known, so that any of them may tell a
 * change of a property. Of each name only the latest counts. */
typedef struct _PlantRpcEarlySignals PlantRpcEarlySignals;

typedef void (*PlantRpcEarlySignalFunc) (const char *name,
                                         GVariant   *args,
                                         gpointer    user_data);

PlantRpcEarlySignals *plant_rpc_early_signals_new  (void);
void                  plant_rpc_early_signals_free (PlantRpcEarlySignals    *self);
/* Keeps a signal that arrives now. Returns FALSE if there is no room for it: the signals have
 * PLANT_RPC_MAX_QUEUED_SIGNALS bytes in all, those that were replaced included, and
 * PLANT_RPC_MAX_MEMBERS names. */
gboolean              plant_rpc_early_signals_keep (PlantRpcEarlySignals    *self,
                                                    const char              *name,
                                                    GVariant                *args);
/* Calls FUNC for each signal that has arrived at SINCE (monotonic µs) or later, and forgets all. */
void                  plant_rpc_early_signals_tell (PlantRpcEarlySignals    *self,
                                                    gint64                   since,
                                                    PlantRpcEarlySignalFunc  func,
                                                    gpointer                 user_data);

G_END_DECLS

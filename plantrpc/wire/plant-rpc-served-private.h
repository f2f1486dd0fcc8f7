/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-home-private.h"

G_BEGIN_DECLS

/* The servers that run in this process. A thread that blocks for an answer of a server which it
 * would have to serve itself would wait in vain. */

/* The home is that of the server's main context. A server may be at several places. */
void      plant_rpc_served_add    (gpointer                 server,
                                   const PlantRpcEndpoint  *endpoint,
                                   guint16                  port,
                                   PlantRpcHome            *home);
/* From all places. */
void      plant_rpc_served_remove (gpointer                 server);

/* Returns FALSE and sets G_IO_ERROR_WOULD_BLOCK if URL (nullable) leads to a server of this process
 * that no thread but this one serves. It waits outside of all homes for a thread that is about to
 * do so, for a second at most. */
gboolean  plant_rpc_served_check  (const char              *url,
                                   GError                 **error);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The TCP connections that a socket has accepted. One whose other end acknowledges nothing any more
 * is ended, as if that end had closed it: TCP itself would go on for a quarter of an hour. Only
 * while something is sent, since keepalive sees to the rest. */
typedef struct _PlantRpcConnections PlantRpcConnections;

PlantRpcConnections *plant_rpc_connections_new       (GMainContext        *context);
void                 plant_rpc_connections_free      (PlantRpcConnections *self);

/* FD is not taken. */
void                 plant_rpc_connections_add       (PlantRpcConnections *self,
                                                      int                  fd);
void                 plant_rpc_connections_remove    (PlantRpcConnections *self,
                                                      int                  fd);
/* Something was sent over one of them. */
void                 plant_rpc_connections_note_sent (PlantRpcConnections *self);

G_END_DECLS

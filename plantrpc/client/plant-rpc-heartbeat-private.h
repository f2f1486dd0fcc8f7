/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-link-private.h"
#include "plant-rpc-message-private.h"

G_BEGIN_DECLS

/* Notices that the process of a server stands still although nobody calls it. TCP acknowledges for
 * such a process. So a server that is silent is asked something that each server answers. If it
 * does not, it may be busy: then its ZeroMQ threads still take another connection, and only a
 * server that does not even do that is reported. */
typedef struct _PlantRpcHeartbeat PlantRpcHeartbeat;

/* The process of the server stands still. It is called once for each silence. */
typedef void (*PlantRpcHeartbeatFunc) (gpointer owner);

/* ms; until plant_rpc_heartbeat_set_interval() */
#define PLANT_RPC_HEARTBEAT_INTERVAL 2000

/* LINK is unowned and must outlive the heartbeat. */
PlantRpcHeartbeat *plant_rpc_heartbeat_new          (PlantRpcLink          *link,
                                                     GMainContext          *context,
                                                     PlantRpcTimer         *timer,
                                                     PlantRpcHeartbeatFunc  silent,
                                                     gpointer               owner);
void               plant_rpc_heartbeat_free         (PlantRpcHeartbeat     *self);
/* Sets how often a silent server is asked, and how long it may take to answer. INTERVAL is in ms.
 * If it is 0, the server is not asked. */
void               plant_rpc_heartbeat_set_interval (PlantRpcHeartbeat     *self,
                                                     guint                  interval);
guint              plant_rpc_heartbeat_get_interval (PlantRpcHeartbeat     *self);
/* The server at the other end of the link speaks FORMAT and is ready. */
void               plant_rpc_heartbeat_start        (PlantRpcHeartbeat     *self,
                                                     PlantRpcFormat         format);
void               plant_rpc_heartbeat_stop         (PlantRpcHeartbeat     *self);
/* Something has arrived from the server. */
void               plant_rpc_heartbeat_note_heard   (PlantRpcHeartbeat     *self);
/* Asks the server at once. It must have been started. */
void               plant_rpc_heartbeat_ask          (PlantRpcHeartbeat     *self);

G_END_DECLS

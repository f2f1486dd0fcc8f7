/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-link-private.h"
#include "plant-rpc-message-private.h"

G_BEGIN_DECLS

/* Notices that the process of a server stands still although nobody calls it. TCP acknowledges for
 * such a process. So a server that is silent is asked something that each server answers. If it
 * does not, it may be busy: then its ZeroMQ threads still take another connection, and only a
 * server that does not even do that is reported.
 *
 * It also notices that only the connection stands still, as that of a tunnel whose other half has
 * gone: the server is asked once on another connection, too, and answers there. */
typedef struct _PlantRpcHeartbeat PlantRpcHeartbeat;

/* Either may free the heartbeat. */
typedef struct {
  /* The process of the server stands still. It is called once for each silence. */
  void (*silent) (gpointer owner);
  /* The connection is of no use any more: the server answers on another one, or it has stood still
   * for PLANT_RPC_HEARTBEAT_PATIENCE intervals. */
  void (*dead)   (gpointer owner);
} PlantRpcHeartbeatFuncs;

/* intervals */
#define PLANT_RPC_HEARTBEAT_PATIENCE 15

/* ms; until plant_rpc_heartbeat_set_interval() */
#define PLANT_RPC_HEARTBEAT_INTERVAL 2000

/* LINK is unowned and must outlive the heartbeat. */
PlantRpcHeartbeat *
plant_rpc_heartbeat_new                             (PlantRpcLink                  *link,
                                                     GMainContext                  *context,
                                                     PlantRpcTimer                 *timer,
                                                     const PlantRpcHeartbeatFuncs  *funcs,
                                                     gpointer                       owner);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-connections-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-holdings-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-security-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* The ROUTER socket of a server, and the lanes of its clients. It hands out messages that arrive.
 * Sending never blocks: if a peer's queue is full, the router keeps messages in order until the
 * queue drains. It is used from its context only. */
typedef struct _PlantRpcRouter PlantRpcRouter;

/* A message as it has arrived. */
typedef struct {
  const PlantRpcEnvelope *envelope;
  PlantRpcFrames         *frames;  /* (nullable): those left; NULL if it came over a lane */
  GBytes                 *payload; /* (owned): it may be stolen */
  gboolean                whole;   /* FALSE: the payload is missing, or not the last frame */
} PlantRpcArrived;

typedef struct {
  void (*received)     (gpointer                 owner,
                        PlantRpcArrived         *arrived);
  /* The envelope of a message is beyond the limits. Returns the payload of an error reply. */
  GBytes *(*refused)   (gpointer                 owner,
                        PlantRpcFrames          *frames,
                        guint                    payload_index);
  /* A connection has ended. CONNECTION is 0 if messages were read after the end of their
   * connections had been reported. Called from the main loop, never from within a send. */
  void (*left)         (gpointer                 owner,
                        guint64                  connection);
  void (*connected)    (gpointer                 owner,
                        const char              *address);
  /* CONNECTION must release what its peer has waiting outside the router. Returns the bytes
   * released; if it returns 0, the connection is ended. It may be called from within a send, so the
   * owner must not remove a peer here. */
  gsize (*give_way)    (gpointer                 owner,
                        guint64                  connection);
  /* (nullable): Whether the peer may have a lane. */
  gboolean (*may_have_lane) (gpointer            owner,
                             guint64             connection);
} PlantRpcRouterFuncs;

/* If ENDPOINT has no port, the router picks one from PLANT_RPC_FIRST_PORT to PLANT_RPC_LAST_PORT.
 * SECURITY is nullable: without it, everybody may connect.
 * MAX_UNREAD is the most bytes held for all peers together. */
PlantRpcRouter   *plant_rpc_router_new          (const PlantRpcEndpoint     *endpoint,
                                                 const PlantRpcSecurity     *security,
                                                 GMainContext               *context,
                                                 gsize                       max_unread,
                                                 const PlantRpcRouterFuncs  *funcs,
                                                 gpointer                    owner,
                                                 GError                    **error);
/* It may be called from inside the callbacks. None is called afterwards. */
void              plant_rpc_router_free         (PlantRpcRouter *self);

/* Returns the port, or 0 for ipc. */
guint16           plant_rpc_router_get_port     (PlantRpcRouter *self);
void              plant_rpc_router_send         (PlantRpcRouter         *self,
                                                 const PlantRpcEnvelope *envelope,
                                                 GBytes                 *payload,
                                                 GBytes                 *buffer);

/* Returns the numeric address of the sender, or "" if it came over ipc. */
char             *plant_rpc_router_dup_address  (PlantRpcRouter         *self,
                                                 const PlantRpcArrived  *arrived);

/* Returns the public key of the sender. NULL if the router is not secured; then the key of nobody
 * is known. */
const char       *plant_rpc_router_peek_sender  (PlantRpcRouter         *self,
                                                 const PlantRpcArrived  *arrived);
/* Returns the public key of the other end of a connection, or NULL likewise. */
const char       *plant_rpc_router_peek_key     (PlantRpcRouter         *self,
                                                 guint64                 connection);
/* Returns whether the other end of a connection is on this computer. */
gboolean          plant_rpc_router_is_near      (PlantRpcRouter         *self,
                                                 guint64                 connection);
/* Ends the connections of who has that public key. The router must be secured. */
void              plant_rpc_router_end_key      (PlantRpcRouter         *self,
                                                 const char             *key);

/* Ends all connections, and goes on listening. */
void              plant_rpc_router_end_all      (PlantRpcRouter         *self);

/* Returns the account of what is held for each connection. */
PlantRpcHoldings *plant_rpc_router_get_holdings (PlantRpcRouter *self);

G_END_DECLS

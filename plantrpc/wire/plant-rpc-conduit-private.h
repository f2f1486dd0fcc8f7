/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-channel-private.h"
#include "plant-rpc-lane-client-private.h"

G_BEGIN_DECLS

/* What carries the messages of one connection to a server: the channel of the connection, and a
 * lane beside it if the server has lanes. */
typedef struct _PlantRpcConduit PlantRpcConduit;

/* Any of these may free the conduit. */
typedef struct {
  /* BUFFER is nullable. */
  void    (*received)  (gpointer           owner,
                        guint64            id,
                        GBytes            *payload,
                        GBytes            *buffer);
  void    (*malformed) (gpointer           owner);
  /* Returns the id of a request about the lane. FUNC is called with the reply, or with the error if
   * the connection is lost. */
  guint64 (*request)   (gpointer           owner,
                        PlantRpcReplyFunc  func,
                        gpointer           user_data);
  /* No function is called any more for the requests with that USER_DATA. */
  void    (*forget)    (gpointer           owner,
                        gpointer           user_data);
  /* The connection has ended. */
  void    (*ended)     (gpointer           owner);
  /* A message could not be sent whose sender has been told that it was. */
  void    (*unsent)    (gpointer           owner);
  /* See PlantRpcChannelFuncs. */
  void    (*flooded)   (gpointer           owner);
  /* See PlantRpcLaneClientFuncs. */
  void    (*failed)    (gpointer           owner);
} PlantRpcConduitFuncs;

#define PLANT_RPC_CONDUIT_MAX_POLL (2 + PLANT_RPC_LANE_CLIENT_MAX_POLL)

/* Takes ownership of CHANNEL, which is connected. MAX_SIZE is the most bytes of a payload or
 * buffer. */
PlantRpcConduit    *plant_rpc_conduit_new            (PlantRpcChannel            *channel,
                                                      gsize                       max_size,
                                                      GMainContext               *context,
                                                      PlantRpcTimer              *timer,
                                                      const PlantRpcConduitFuncs *funcs,
                                                      gpointer                    owner);
/* What was sent still goes out, for a second at most. No callback but forget() is called. */
void                plant_rpc_conduit_free           (PlantRpcConduit *self);
/* As plant_rpc_conduit_free(), but what has not gone out yet never does. Returns the ids (guint64)
 * of the messages of which the peer cannot have got the whole, though they were taken. */
GArray             *plant_rpc_conduit_discard        (PlantRpcConduit *self);
/* The server has lanes: one is opened, beside all else, once some messages have come. */
void                plant_rpc_conduit_allow_lane     (PlantRpcConduit *self);

/* Returns FALSE if the message certainly does not reach the server, since the connection has
 * ended. */
gboolean            plant_rpc_conduit_send           (PlantRpcConduit *self,
                                                      guint64          id,
                                                      GBytes          *payload);
/* Hands out all messages that have arrived, and not for ever those of a peer that goes on. */
void                plant_rpc_conduit_drain          (PlantRpcConduit *self);
/* Returns how many bytes have been received so far, as far as the system tells. */
guint64             plant_rpc_conduit_count_received (PlantRpcConduit *self);
PlantRpcPulseState  plant_rpc_conduit_feel_pulse     (PlantRpcConduit *self);
/* See plant_rpc_channel_check_flood(). */
void                plant_rpc_conduit_check_flood    (PlantRpcConduit *self);

/* These are for a caller that blocks. At most PLANT_RPC_CONDUIT_MAX_POLL items are filled. */
guint               plant_rpc_conduit_fill_poll      (PlantRpcConduit *self,
                                                      zmq_pollitem_t  *items);
/* See plant_rpc_socket_is_quiet(), for the first two items. */
gboolean            plant_rpc_conduit_is_quiet       (PlantRpcConduit *self);
/* Returns whether something has arrived for which one need not wait. */
gboolean            plant_rpc_conduit_has_rest       (PlantRpcConduit *self);
void                plant_rpc_conduit_process        (PlantRpcConduit *self);
/* Handles what has come over the lane alone. */
void                plant_rpc_conduit_process_lane   (PlantRpcConduit *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcConduit, plant_rpc_conduit_free)

G_END_DECLS

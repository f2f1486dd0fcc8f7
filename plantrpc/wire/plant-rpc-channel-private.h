/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/socket.h>

#include "plant-rpc-pulse-private.h"
#include "plant-rpc-security-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* A libzmq socket that lives in a main context. It hands out the messages that arrive, and what its
 * monitor reports. It takes messages in turns of bounded number and time, and rests after one that
 * took long, so that others have theirs.
 *
 * It never reconnects by itself: libzmq would repeat on a restarted peer what the caller was
 * already told had failed. */
typedef struct _PlantRpcChannel PlantRpcChannel;

typedef struct {
  const char        *name;            /* of its sources */
  int                type;            /* ZMQ_DEALER and so on */
  int                events;          /* the kinds of events that are handed out; 0: none */
  int                max_unsent;      /* messages that wait for one peer; 0: no limit */
  int                max_unread;      /* messages of one peer that wait to be read; 0: no limit */
  gint64             max_frame;       /* bytes; a connection that sends more is closed; 0: no
                                         limit */
  int                connect_timeout; /* ms; 0: that of the system */
  guint              max_turn;        /* messages handed out in one turn, which ends early if it
                                         takes long; 0: PLANT_RPC_SOURCE_BATCH */
  guint64            max_held;        /* bytes of the connection made that have been received and
                                         were not handed out; 0: no limit */
  PlantRpcKeepalive  keepalive;
  const PlantRpcSecurity *security;   /* (nullable): NULL: the connections are not secured */
} PlantRpcChannelOptions;

/* Any of these may free the channel, or run a main loop. */
typedef struct {
  /* The callback may steal frames. */
  void (*received) (gpointer                   owner,
                    PlantRpcFrames            *frames);
  /* (nullable) */
  void (*reported) (gpointer                   owner,
                    const PlantRpcSocketEvent *event);
  /* (nullable): More than the option max_held is held by libzmq and the system. libzmq limits
   * neither the frames of a message nor how many bytes of messages it queues. */
  void (*flooded)  (gpointer                   owner);
  /* (nullable): A turn has ended. DRAINED is TRUE if no message was left. */
  void (*turned)   (gpointer                   owner,
                    gboolean                   drained);
} PlantRpcChannelFuncs;

PlantRpcChannel    *plant_rpc_channel_new             (const PlantRpcChannelOptions  *options,
                                                       GMainContext                  *context,
                                                       const PlantRpcChannelFuncs    *funcs,
                                                       gpointer                       owner,
                                                       GError                       **error);
/* No callback follows. What was sent still goes out, for a second at most. */
void                plant_rpc_channel_free            (PlantRpcChannel               *self);
/* As plant_rpc_channel_free(), but what has not gone out yet never does. */
void                plant_rpc_channel_discard         (PlantRpcChannel               *self);

/* Callbacks follow once it has succeeded. After a failure it may be tried again. */
gboolean            plant_rpc_channel_connect         (PlantRpcChannel               *self,
                                                       const char                    *url,
                                                       GError                       **error);
gboolean            plant_rpc_channel_bind            (PlantRpcChannel               *self,
                                                       const char                    *url,
                                                       GError                       **error);
/* From now on another owner is called. Both have reported(), or neither has. */
void                plant_rpc_channel_set_owner       (PlantRpcChannel               *self,
                                                       const PlantRpcChannelFuncs    *funcs,
                                                       gpointer                       owner);
/* Hands a message out again, which the former owner was given although it is for the present one,
 * unless the channel was freed. */
void                plant_rpc_channel_hand_on         (PlantRpcChannel               *self,
                                                       PlantRpcFrames                *frames);
/* Returns the socket, which belongs to the channel. */
PlantRpcSocket     *plant_rpc_channel_get_socket      (PlantRpcChannel               *self);
/* While WANTED is TRUE, a turn is also taken when a full queue may have drained; see
 * plant_rpc_source_set_wants_write(). */
void                plant_rpc_channel_set_wants_write (PlantRpcChannel               *self,
                                                       gboolean                       wanted);

/* Hands out all messages that have arrived, and not for ever those of a peer that goes on. */
void                plant_rpc_channel_drain           (PlantRpcChannel               *self);
/* Hands out the events that were reported. */
void                plant_rpc_channel_take_events     (PlantRpcChannel               *self);
/* Takes a turn and hands out the reported events, as the main loop would. */
void                plant_rpc_channel_process         (PlantRpcChannel               *self);
/* See plant_rpc_socket_is_quiet(). */
gboolean            plant_rpc_channel_is_quiet        (PlantRpcChannel               *self);
/* Fills ITEMS with the socket and its monitor, for zmq_poll(). Returns 2. */
guint               plant_rpc_channel_fill_poll       (PlantRpcChannel               *self,
                                                       zmq_pollitem_t                *items);

/* Whether the other end of the connection that this channel made still acknowledges. */
PlantRpcPulseState  plant_rpc_channel_feel_pulse      (PlantRpcChannel               *self);
/* Sets N_BYTES to the bytes that the connection made has received so far. Returns FALSE if the
 * system does not tell. */
gboolean            plant_rpc_channel_count_received  (PlantRpcChannel               *self,
                                                       guint64                       *n_bytes);
/* Returns the descriptor of the connection made, which libzmq may close at any time, or -1. */
int                 plant_rpc_channel_get_descriptor  (PlantRpcChannel               *self);
/* Calls flooded() if too much is held. Each turn begins so too, but a message that never ends
 * starts no turn. */
void                plant_rpc_channel_check_flood     (PlantRpcChannel               *self);

/* Returns the numeric address of one end of the TCP connection FD, or NULL. GET is getsockname()
 * for the local end or getpeername() for the remote one. */
char               *plant_rpc_channel_dup_address     (int                            fd,
                                                       int (*get) (int, struct sockaddr *,
                                                                   socklen_t *));

/* The same with the port, in a form that does not depend on the family of the socket. Returns ""
 * for a connection that is not of TCP. */
char               *plant_rpc_channel_dup_end         (int                            fd,
                                                       int (*get) (int, struct sockaddr *,
                                                                   socklen_t *));

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcChannel, plant_rpc_channel_free)

G_END_DECLS

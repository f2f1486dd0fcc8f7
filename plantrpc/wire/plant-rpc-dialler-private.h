/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-channel-private.h"
#include "plant-rpc-timer-private.h"

G_BEGIN_DECLS

/* Makes a connection to a URL, in the manner of RFC 8305. It looks the name of a host up, and tries
 * its addresses one after the other, the next one when the one before has failed or is slow. The
 * first with which ZeroMQ has shaken hands wins. Names never reach libzmq, which would look them up
 * on the one thread that all connections need, and use one address only. */
typedef struct _PlantRpcDialler PlantRpcDialler;

/* The most items that plant_rpc_dialler_fill_poll() fills. */
#define PLANT_RPC_DIALLER_MAX_POLL 17

/* A connection. */
typedef struct {
  PlantRpcChannel *channel;      /* (owned): its owner is set by whoever steals it */
  char            *url;          /* (owned): with the numeric address of the host */
  char            *own_address;  /* (owned) (nullable): numeric, and so is the next */
  char            *peer_address; /* (owned) (nullable) */
  gboolean         secured;
} PlantRpcDialled;

/* One of these is called for each URL that is dialled, and may free the dialler. */
typedef struct {
  /* The callback may steal what DIALLED has. */
  void (*connected) (gpointer         owner,
                     PlantRpcDialled *dialled);
  void (*failed)    (gpointer         owner,
                     const GError    *error);
} PlantRpcDiallerFuncs;

/* OPTIONS are those of the channel, and are copied. All kinds of events are handed out. */
PlantRpcDialler *plant_rpc_dialler_new       (const PlantRpcChannelOptions *options,
                                              GMainContext                 *context,
                                              PlantRpcTimer                *timer,
                                              const PlantRpcDiallerFuncs   *funcs,
                                              gpointer                      owner);
void             plant_rpc_dialler_free      (PlantRpcDialler              *self);
/* Sets the key pair by which secured servers know this end, from the next connection on. KEYPAIR is
 * NULL for that of the user, which is made when it is first needed. */
void             plant_rpc_dialler_set_keypair (PlantRpcDialler            *self,
                                                PlantRpcKeypair            *keypair);
/* Returns NULL if none was set and none was needed. */
PlantRpcKeypair *plant_rpc_dialler_get_keypair (PlantRpcDialler            *self);
/* Begins to connect to URL. It may fail at once. The connection is secured if the URL has the key
 * of the server. */
void             plant_rpc_dialler_dial      (PlantRpcDialler              *self,
                                              const char                   *url);
/* No callback follows. */
void             plant_rpc_dialler_hang_up   (PlantRpcDialler              *self);

/* Returns (nullable) the error of a name that is still looked up, or NULL if FORMER (nullable), the
 * error before, tells more. */
GError          *plant_rpc_dialler_explain_look_up (PlantRpcDialler        *self,
                                                    const GError           *former);

/* These are for a caller that blocks: one fills items for zmq_poll() and returns their number, the
 * other handles what has arrived. */
guint            plant_rpc_dialler_fill_poll (PlantRpcDialler              *self,
                                              zmq_pollitem_t               *items);
void             plant_rpc_dialler_process   (PlantRpcDialler              *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* How a peer secures its connections, which libzmq does not tell when a handshake has failed. A
 * ZMQ_STREAM socket asks: it sends the beginning of a greeting, and the greeting of the peer, in
 * the form of ZMTP 3 (https://rfc.zeromq.org/spec/23/), names the mechanism. */
typedef enum {
  PLANT_RPC_MECHANISM_PENDING, /* the greeting is not whole yet */
  PLANT_RPC_MECHANISM_NULL,
  PLANT_RPC_MECHANISM_CURVE,
  PLANT_RPC_MECHANISM_OTHER,   /* or no greeting at all */
} PlantRpcMechanism;

#define PLANT_RPC_GREETING_SIZE 64 /* bytes */

typedef struct {
  guint  n_bytes; /* so far */
  guint8 bytes[PLANT_RPC_GREETING_SIZE];
} PlantRpcGreeting;

/* Takes what a ZMQ_STREAM socket has received: FRAMES tell first that there is a connection, which
 * is answered by SOCKET, and then bytes. */
PlantRpcMechanism plant_rpc_greeting_take (PlantRpcGreeting *self,
                                           PlantRpcSocket   *socket,
                                           PlantRpcFrames   *frames);

G_END_DECLS

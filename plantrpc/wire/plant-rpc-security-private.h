/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-keypair-private.h"
#include "plant-rpc-socket-private.h"

G_BEGIN_DECLS

/* How a socket is secured by CURVE (https://rfc.zeromq.org/spec/26/): what goes over its
 * connections is encrypted, and each end is known by its key. */
typedef struct {
  PlantRpcKeypair *keypair;    /* of this end */
  const guint8    *server_key; /* (nullable): of PLANT_RPC_PUBLIC_KEY_SIZE bytes, the only
                                  server that is talked to; NULL: this end is the server */
  const char      *domain;     /* (nullable): of a server, the name of the PlantRpcZapDomain that
                                  decides who is let in */
} PlantRpcSecurity;

/* Must be called before the socket is bound or connected. If libzmq cannot secure it, bind() and
 * connect() fail. */
void plant_rpc_security_apply (const PlantRpcSecurity *self,
                               PlantRpcSocket         *socket);

G_END_DECLS

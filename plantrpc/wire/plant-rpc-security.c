/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-public-key-private.h"
#include "plant-rpc-security-private.h"

/* libzmq has the option, and its header declares it only for drafts. Without it everybody is let
 * in if nobody answers the question of ZAP. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* ms that a peer has for its handshake, in which it may fill memory */
#define HANDSHAKE_MS 5000

/* bytes by which CURVE makes each frame longer */
#define FRAME_OVERHEAD 33

static void
set_key (PlantRpcSocket *socket,
         int             option,
         const char     *key)
{
  plant_rpc_socket_set_bytes (socket, option, key, PLANT_RPC_KEY_LENGTH + 1);
}

static void
secure_server (const PlantRpcSecurity *self,
               PlantRpcSocket         *socket)
{
  plant_rpc_socket_set_int (socket, ZMQ_CURVE_SERVER, 1);
  plant_rpc_socket_set_bytes (socket, ZMQ_ZAP_DOMAIN, self->domain, strlen (self->domain));
  plant_rpc_socket_set_int (socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
}

void
plant_rpc_security_apply (const PlantRpcSecurity *self,
                          PlantRpcSocket         *socket)
{
  const PlantRpcKeyText *keys = plant_rpc_keypair_get_keys (self->keypair);

  plant_rpc_socket_set_int (socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
  plant_rpc_socket_set_secured (socket, FRAME_OVERHEAD);
  set_key (socket, ZMQ_CURVE_SECRETKEY, keys->secret_key);
  if (self->server_key == NULL)
    {
      secure_server (self, socket);
      return;
    }
  set_key (socket, ZMQ_CURVE_PUBLICKEY, keys->public_key);
  plant_rpc_socket_set_bytes (socket, ZMQ_CURVE_SERVERKEY, self->server_key,
                              PLANT_RPC_PUBLIC_KEY_SIZE);
}

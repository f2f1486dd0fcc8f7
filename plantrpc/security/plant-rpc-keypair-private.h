/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-key-text-private.h"
#include "plant-rpc-keypair.h"

G_BEGIN_DECLS

/* The name of the pair by which servers know the clients of this user. */
#define PLANT_RPC_USER_KEYPAIR "default"

/* Returns a pair of KEYS, which are copied. Fails with G_IO_ERROR_INVALID_DATA if the public key is
 * not that of the secret key, or G_IO_ERROR_NOT_SUPPORTED without CURVE. */
PlantRpcKeypair       *plant_rpc_keypair_new_from_keys  (const PlantRpcKeyText  *keys,
                                                         GError                **error);
/* Returns both keys. The secret one must not be copied to where it is not wiped, nor appear in a
 * message. */
const PlantRpcKeyText *plant_rpc_keypair_get_keys       (PlantRpcKeypair        *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-enums.h"

G_BEGIN_DECLS

/* What a method or the write of a property asks for unless it asks for another role. */
#define PLANT_RPC_DEFAULT_ROLE PLANT_RPC_ROLE_OPERATOR

/* Roles as they are written in files and on the wire: by their nicks. */
const char *plant_rpc_role_get_nick (PlantRpcRole  role);
/* Returns FALSE if NICK is none. */
gboolean    plant_rpc_role_parse    (const char   *nick,
                                     PlantRpcRole *role);

G_END_DECLS

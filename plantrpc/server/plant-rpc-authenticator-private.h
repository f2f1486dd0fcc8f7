/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-authenticator.h"

G_BEGIN_DECLS

/* Returns the role of KEY, which is in the form of base64url. May be called from any thread. */
PlantRpcRole plant_rpc_authenticator_find        (PlantRpcAuthenticator *self,
                                                  const char            *key);
/* A client with that key was not let in. May be called from any thread. */
void         plant_rpc_authenticator_tell_refused (PlantRpcAuthenticator *self,
                                                   const char            *key,
                                                   const char            *address);

G_END_DECLS

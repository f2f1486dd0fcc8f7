/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-authenticator.h"
#include "plant-rpc-url-file-private.h"

G_BEGIN_DECLS

/* Returns the role of KEY, which is in the form of base64url. May be called from any thread. */
PlantRpcRole plant_rpc_authenticator_find        (PlantRpcAuthenticator *self,
                                                  const char            *key);
/* A client with that key was not let in. May be called from any thread. */
void         plant_rpc_authenticator_tell_refused (PlantRpcAuthenticator *self,
                                                   const char            *key,
                                                   const char            *address);

/* A wish to join. */
typedef struct {
  const char *invitation; /* the key by which the sender is connected */
  const char *key;        /* as it was sent, as the next is */
  const char *name;
  const char *address;
} PlantRpcJoin;

/* Returns whether KEY is let in: it has a role, or is that of an invitation. May be called from any
 * thread, and so may all below. */
gboolean     plant_rpc_authenticator_admits        (PlantRpcAuthenticator *self,
                                                    const char            *key);
/* Returns whether KEY is that of an invitation, also of one that is used or has expired. */
gboolean     plant_rpc_authenticator_is_invitation (PlantRpcAuthenticator *self,
                                                    const char            *key);
/* Returns the role that the key has from now on, or PLANT_RPC_INVITATION_USED,
 * PLANT_RPC_INVITATION_EXPIRED or PLANT_RPC_INVITATION_GONE. Fails with PLANT_RPC_ERROR if the key
 * could not be stored, or JOIN is not well-formed: then all is as before. */
const char  *plant_rpc_authenticator_join          (PlantRpcAuthenticator *self,
                                                    const PlantRpcJoin    *join,
                                                    GError               **error);
/* Tells other programs of this user where the server is. Returns NULL if that is not possible. */
PlantRpcUrlFile *
             plant_rpc_authenticator_leave_url     (PlantRpcAuthenticator *self,
                                                    const char            *url);

G_END_DECLS

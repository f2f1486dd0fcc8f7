/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-keypair-private.h"

G_BEGIN_DECLS

/* An invitation to a secured server, as it is given to somebody: a pair of keys that may join once,
 * and where the server is. Its link is plantrpc+curve://HOST:PORT/#KEY.SECRET, with the public key
 * of the server and the secret key of the pair in base64url. */

#define PLANT_RPC_INVITATION_SCHEME "plantrpc+curve"

/* s that an invitation is good for, at least, unless told otherwise, and at most */
#define PLANT_RPC_INVITATION_MIN_TIME     10
#define PLANT_RPC_INVITATION_DEFAULT_TIME 600
#define PLANT_RPC_INVITATION_MAX_TIME     86400

#define PLANT_RPC_MAX_JOIN_NAME 128 /* bytes of the name of who joins */

/* What a server answers to who joins with an invitation that is good no more, in place of a
 * role. */
#define PLANT_RPC_INVITATION_USED    "used"
#define PLANT_RPC_INVITATION_EXPIRED "expired"
#define PLANT_RPC_INVITATION_GONE    "gone" /* taken back, or used at another server */

typedef struct {
  char            *url;  /* (owned): of the server, with its key */
  PlantRpcKeypair *pair; /* (owned) */
} PlantRpcInvitation;

/* URL is that of the server, with its key. A wildcard is replaced by an address of this computer
 * that others can reach. Fails with PLANT_RPC_ERROR_INVALID_URL if others cannot reach the server
 * there. The link is a secret. */
char     *plant_rpc_invitation_print   (const char          *url,
                                        PlantRpcKeypair     *pair,
                                        GError             **error);
/* SELF must be zeroed. Fails with G_IO_ERROR_INVALID_ARGUMENT; the message repeats nothing of LINK,
 * which may be secret. */
gboolean  plant_rpc_invitation_parse   (PlantRpcInvitation  *self,
                                        const char          *link,
                                        GError             **error);
void      plant_rpc_invitation_clear   (PlantRpcInvitation  *self);

/* Returns whether who joins may be called NAME: it is safe in a file and on a terminal. Fails with
 * PLANT_RPC_ERROR_INVALID_ARGUMENTS. */
gboolean  plant_rpc_invitation_check_name (const char       *name,
                                           GError          **error);
/* Returns NAME, or if it is NULL that of the user and of the computer, with what is not allowed
 * replaced. */
char     *plant_rpc_invitation_make_name  (const char       *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcInvitation, plant_rpc_invitation_clear)

G_END_DECLS

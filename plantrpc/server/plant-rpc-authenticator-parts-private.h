/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include "plant-rpc-authenticator-private.h"
#include "plant-rpc-handover-private.h"
#include "plant-rpc-invitations-private.h"

G_BEGIN_DECLS

/* The parts of an authenticator, for its files alone. What is marked (mutex) is used between
 * lock() and unlock(). */
struct _PlantRpcAuthenticator {
  GObject              parent_instance;

  PlantRpcHandover    *handover;    /* (owned) */
  GHashTable          *entries;     /* (owned) (mutex) (element-type utf8 PlantRpcAllowedKey): by
                                       key */
  PlantRpcInvitations *invitations; /* (owned) (mutex) */
  char                *path;        /* (owned) (nullable): of the file that has the table */
  GFileMonitor        *monitor;     /* (owned) (nullable): watches the file */
  GSource             *look;        /* (owned) (nullable): looks now and then whether it is
                                       another */
  struct stat          status;      /* of the file when it was read last */
  gint                 n_refusals;  /* (atomic): that wait to be told */
};

enum {
  PLANT_RPC_AUTHENTICATOR_CHANGED,
  PLANT_RPC_AUTHENTICATOR_REFUSED,
  PLANT_RPC_AUTHENTICATOR_JOINED,
  PLANT_RPC_AUTHENTICATOR_INVITATION_REFUSED,
  PLANT_RPC_AUTHENTICATOR_N_SIGNALS,
};

extern guint plant_rpc_authenticator_signals[PLANT_RPC_AUTHENTICATOR_N_SIGNALS];

void     plant_rpc_authenticator_lock      (void);
void     plant_rpc_authenticator_unlock    (void);
/* CANONICAL has room for PLANT_RPC_PUBLIC_KEY_LENGTH characters and a NUL. Fails with
 * G_IO_ERROR_INVALID_ARGUMENT if KEY is no public key. */
gboolean plant_rpc_authenticator_normalize (const char               *key,
                                            char                     *canonical,
                                            GError                  **error);
/* Changes the table in memory, and tells it. ALLOWED is NULL to revoke the key. */
void     plant_rpc_authenticator_change    (PlantRpcAuthenticator    *self,
                                            const char               *key,
                                            const PlantRpcAllowedKey *allowed);
/* Removes the lines of invitations that are spent from the file. */
void     plant_rpc_authenticator_tidy      (PlantRpcAuthenticator    *self);
/* Takes a place among the refusals that wait to be told. Returns FALSE if they are too many. */
gboolean plant_rpc_authenticator_reserve_refusal (PlantRpcAuthenticator *self);
void     plant_rpc_authenticator_release_refusal (PlantRpcAuthenticator *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-allowed-keys-private.h"

G_BEGIN_DECLS

/* The invitations of an authenticator, by the key that may join: those that wait, and the latest of
 * those that are spent, so that who comes too late is told why. Their time is that of the monotonic
 * clock, in µs: NOW. The owner sees to it that one thread at a time uses it. */
typedef struct _PlantRpcInvitations PlantRpcInvitations;

typedef enum {
  PLANT_RPC_INVITATION_STATE_WAITING,
  PLANT_RPC_INVITATION_STATE_CLAIMED, /* the key of who joins is being stored */
  PLANT_RPC_INVITATION_STATE_SPENT,   /* used */
  PLANT_RPC_INVITATION_STATE_LATE,    /* it has expired before it was used */
} PlantRpcInvitationState;

typedef struct {
  PlantRpcInvitationState  state;
  PlantRpcRole             granted;
  gint64                   end;    /* when it expires; of one that is not good: is forgotten */
  char                    *joined; /* (owned) (nullable): the key that has used it */
  gboolean                 listed; /* the file has a line of it */
} PlantRpcInvitationEntry;

PlantRpcInvitations     *plant_rpc_invitations_new    (void);
void                     plant_rpc_invitations_free   (PlantRpcInvitations     *self);

/* LIFETIME in s. */
void                     plant_rpc_invitations_add    (PlantRpcInvitations     *self,
                                                       const char              *key,
                                                       PlantRpcRole             granted,
                                                       guint                    lifetime,
                                                       gint64                   now);
/* Takes over what a file says, which has TABLE (element-type utf8 PlantRpcAllowedKey). An
 * invitation that is known already keeps its time. One that is not in it is taken back. WALL is the
 * time of the clock on the wall, in s. */
void                     plant_rpc_invitations_take   (PlantRpcInvitations     *self,
                                                       GHashTable              *table,
                                                       gint64                   now,
                                                       gint64                   wall);
/* Returns NULL if KEY is that of no invitation, or of one that is forgotten. */
PlantRpcInvitationEntry *plant_rpc_invitations_find   (PlantRpcInvitations     *self,
                                                       const char              *key,
                                                       gint64                   now);
/* The invitation is good no more. JOINED is the key that has used it, or NULL. */
void                     plant_rpc_invitations_spend  (PlantRpcInvitations     *self,
                                                       PlantRpcInvitationEntry *entry,
                                                       const char              *joined,
                                                       gint64                   now);
/* Returns FALSE if KEY was that of none. */
gboolean                 plant_rpc_invitations_remove (PlantRpcInvitations     *self,
                                                       const char              *key);
/* Adds the keys (element-type utf8) of those that wait, or else of those that do not and are in the
 * file: these are taken to be removed from it. */
void                     plant_rpc_invitations_list   (PlantRpcInvitations     *self,
                                                       gboolean                 waiting,
                                                       gint64                   now,
                                                       GPtrArray               *keys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcInvitations, plant_rpc_invitations_free)

G_END_DECLS

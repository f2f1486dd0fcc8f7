/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The requests that wait for a reply, by their ids. */
typedef struct _PlantRpcPending PlantRpcPending;

/* The reply to a request. If the connection was lost, PAYLOAD is NULL and ERROR is set. All are
 * borrowed. BUFFER is nullable. */
typedef void (*PlantRpcReplyFunc) (GBytes        *payload,
                                   GBytes        *buffer,
                                   const GError  *error,
                                   gpointer       user_data);

/* Who waits. */
typedef struct {
  guint64           id;
  PlantRpcReplyFunc func;
  gpointer          user_data;
  gboolean          large;  /* TRUE: the reply may exceed PLANT_RPC_MAX_UNFINISHED */
  gboolean          unsent; /* TRUE: the peer cannot have got the whole request */
} PlantRpcPendingCall;

PlantRpcPending *plant_rpc_pending_new           (void);
void             plant_rpc_pending_free          (PlantRpcPending      *self);
void             plant_rpc_pending_clear         (PlantRpcPending      *self);
guint            plant_rpc_pending_get_n         (PlantRpcPending      *self);

void             plant_rpc_pending_add           (PlantRpcPending      *self,
                                                  guint64               id,
                                                  PlantRpcReplyFunc     func,
                                                  gpointer              user_data);
/* Removes a request. Returns FALSE if it does not wait. */
gboolean         plant_rpc_pending_take          (PlantRpcPending      *self,
                                                  guint64               id,
                                                  PlantRpcPendingCall  *call);
void             plant_rpc_pending_forget        (PlantRpcPending      *self,
                                                  guint64               id);
/* Forgets all requests with that USER_DATA. */
void             plant_rpc_pending_forget_of     (PlantRpcPending      *self,
                                                  gpointer              user_data);
void             plant_rpc_pending_expect_large  (PlantRpcPending      *self,
                                                  guint64               id);
/* Returns whether a large reply is expected. */
gboolean         plant_rpc_pending_expects_large (PlantRpcPending      *self);
/* The peer cannot have got the whole request. Does nothing if it does not wait. */
void             plant_rpc_pending_note_unsent   (PlantRpcPending      *self,
                                                  guint64               id);
/* Ends all requests with ERROR, or UNSENT where that was noted, in their order. A function may
 * forget any of the others, but must not free SELF. */
void             plant_rpc_pending_fail          (PlantRpcPending      *self,
                                                  const GError         *error,
                                                  const GError         *unsent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcPending, plant_rpc_pending_free)

G_END_DECLS

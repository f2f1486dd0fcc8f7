/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Carries things over to a main context, in the order in which they were posted by each thread:
 * emissions and answers of other threads go through one mailbox, and so keep their order. */
typedef struct _PlantRpcMailbox PlantRpcMailbox;

typedef void (*PlantRpcMailboxFunc) (gpointer data);

PlantRpcMailbox *plant_rpc_mailbox_new     (GMainContext *context);
PlantRpcMailbox *plant_rpc_mailbox_ref     (PlantRpcMailbox *self);
void             plant_rpc_mailbox_unref   (PlantRpcMailbox *self);

/* From now on nothing is run; what waits is destroyed, and what is posted later too. */
void             plant_rpc_mailbox_close   (PlantRpcMailbox *self);

/* Whether the calling thread runs the context: then there is nothing to carry over. */
gboolean         plant_rpc_mailbox_is_here (PlantRpcMailbox *self);

/* From any thread. FUNC runs in the context; DESTROY there too unless the mailbox was closed. */
void             plant_rpc_mailbox_post    (PlantRpcMailbox     *self,
                                            PlantRpcMailboxFunc  func,
                                            gpointer             data,
                                            GDestroyNotify       destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMailbox, plant_rpc_mailbox_unref)

G_END_DECLS

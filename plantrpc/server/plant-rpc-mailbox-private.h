/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Calls functions in a main context for other threads, in the order in which each thread posted
 * them. Emissions and answers use the same mailbox, and so keep their order. */
typedef struct _PlantRpcMailbox PlantRpcMailbox;

typedef void (*PlantRpcMailboxFunc) (gpointer data);

PlantRpcMailbox *plant_rpc_mailbox_new     (GMainContext *context);
PlantRpcMailbox *plant_rpc_mailbox_ref     (PlantRpcMailbox *self);
void             plant_rpc_mailbox_unref   (PlantRpcMailbox *self);

/* After this no FUNC is called. What waits is destroyed, and so is what is posted later. */
void             plant_rpc_mailbox_close   (PlantRpcMailbox *self);

/* Returns whether the calling thread runs the context. Then the mailbox is not needed. */
gboolean         plant_rpc_mailbox_is_here (PlantRpcMailbox *self);

/* May be called from any thread. FUNC is called in the context, and so is DESTROY unless the
 * mailbox was closed. */
void             plant_rpc_mailbox_post    (PlantRpcMailbox     *self,
                                            PlantRpcMailboxFunc  func,
                                            gpointer             data,
                                            GDestroyNotify       destroy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcMailbox, plant_rpc_mailbox_unref)

G_END_DECLS

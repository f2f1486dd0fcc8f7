/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What arrived and is to be shown to the application, in order and only from its main context:
 * at once where that is safe, later while a blocking call of the application waits. */
typedef struct _PlantRpcInbox PlantRpcInbox;

/* Makes a key that no property can have: names from a peer are valid UTF-8, and 0xFF never is. */
#define PLANT_RPC_INBOX_KEY(name) "\xff" name

typedef void (*PlantRpcInboxFunc) (gpointer owner,
                                   gpointer data);

PlantRpcInbox *plant_rpc_inbox_new     (GMainContext       *context,
                                        gpointer            owner);
/* From now on the application is shown nothing; what waits is let go of. */
void           plant_rpc_inbox_close   (PlantRpcInbox      *self);
void           plant_rpc_inbox_free    (PlantRpcInbox      *self);

void           plant_rpc_inbox_block   (PlantRpcInbox      *self);
void           plant_rpc_inbox_unblock (PlantRpcInbox      *self);

/* Runs FUNC now, or when its turn comes, and then DESTROY for DATA. */
void           plant_rpc_inbox_post    (PlantRpcInbox      *self,
                                        PlantRpcInboxFunc   func,
                                        gpointer            data,
                                        GDestroyNotify      destroy);
/* The same; one that waits under the same KEY is replaced and keeps its place. */
void           plant_rpc_inbox_post_latest (PlantRpcInbox      *self,
                                            const char         *key,
                                            PlantRpcInboxFunc   func,
                                            gpointer            data,
                                            GDestroyNotify      destroy);
/* The same, but never now. KEY is nullable. */
void           plant_rpc_inbox_defer   (PlantRpcInbox      *self,
                                        const char         *key,
                                        PlantRpcInboxFunc   func,
                                        gpointer            data,
                                        GDestroyNotify      destroy);
/* Like defer(), but limited. If too many bounded items wait, or too many bytes, it destroys DATA
 * and returns FALSE. SIZE is the memory that DATA takes, in bytes. An item that waits alone may
 * have any size. */
gboolean       plant_rpc_inbox_defer_bounded (PlantRpcInbox     *self,
                                              PlantRpcInboxFunc  func,
                                              gpointer           data,
                                              gsize              size,
                                              GDestroyNotify     destroy);
/* Runs FUNC now, unless it would have to wait: then FALSE. */
gboolean       plant_rpc_inbox_run_now (PlantRpcInbox      *self,
                                        PlantRpcInboxFunc   func,
                                        gpointer            data);
/* How many of the bounded wait. */
guint          plant_rpc_inbox_get_n_bounded (PlantRpcInbox  *self);

G_END_DECLS

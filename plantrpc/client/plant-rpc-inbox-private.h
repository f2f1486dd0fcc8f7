/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-home-private.h"

G_BEGIN_DECLS

/* Shows the application what has arrived, only from its main context: at once where it is safe (see
 * plant_rpc_home_is_shown_here()), and later while a blocking call of the application waits, or if
 * another thread has received it. All is shown in order, with one exception: changes are merged
 * until the next turn of the loop, so that one may be shown later than what
 * plant_rpc_inbox_run_now() runs. */
typedef struct _PlantRpcInbox PlantRpcInbox;

/* Makes a key that no property can have: names from a peer are valid UTF-8, and 0xFF never is. */
#define PLANT_RPC_INBOX_KEY(name) "\xff" name

typedef void (*PlantRpcInboxFunc) (gpointer owner,
                                   gpointer data);

typedef gboolean (*PlantRpcInboxRowFunc) (gpointer owner,
                                          gpointer data,
                                          gint64   end);

/* All functions must be called at the home of CONTEXT. */
PlantRpcInbox *plant_rpc_inbox_new     (GMainContext       *context,
                                        gpointer            owner);
/* From now on the application is shown nothing. What waits is destroyed. */
void           plant_rpc_inbox_close   (PlantRpcInbox      *self);
void           plant_rpc_inbox_free    (PlantRpcInbox      *self);

PlantRpcHome  *plant_rpc_inbox_get_home (PlantRpcInbox     *self);
/* The calling thread blocks, so nothing is shown from inside. It stays at home until unblock(). */
void           plant_rpc_inbox_block   (PlantRpcInbox      *self);
void           plant_rpc_inbox_unblock (PlantRpcInbox      *self);

/* Runs FUNC now, or when its turn comes, and then DESTROY for DATA. If an item waits under the same
 * KEY, which is nullable, it is replaced. */
void           plant_rpc_inbox_post    (PlantRpcInbox      *self,
                                        const char         *key,
                                        PlantRpcInboxFunc   func,
                                        gpointer            data,
                                        GDestroyNotify      destroy);
/* Like plant_rpc_inbox_post(), but FUNC never runs before this returns. */
void           plant_rpc_inbox_defer   (PlantRpcInbox      *self,
                                        const char         *key,
                                        PlantRpcInboxFunc   func,
                                        gpointer            data,
                                        GDestroyNotify      destroy);
/* Like plant_rpc_inbox_defer(), but an item that waits under the same KEY moves behind all others.
 * FUNC is the same each time. */
void           plant_rpc_inbox_defer_last (PlantRpcInbox     *self,
                                           const char        *key,
                                           PlantRpcInboxFunc  func);
/* Like plant_rpc_inbox_defer(), for a change, which is merged with others under the same KEY. */
void           plant_rpc_inbox_defer_change (PlantRpcInbox      *self,
                                             const char         *key,
                                             PlantRpcInboxFunc   func,
                                             gpointer            data,
                                             GDestroyNotify      destroy);
/* Changes that arrive from now on are shown after all that waits by now. */
void           plant_rpc_inbox_add_fence (PlantRpcInbox      *self);
/* Like plant_rpc_inbox_defer(), but limited. If too many bounded items wait, or too many bytes, it
 * destroys DATA and returns FALSE. SIZE is the memory that DATA takes, in bytes. An item that waits
 * alone may have any size. */
gboolean       plant_rpc_inbox_defer_bounded (PlantRpcInbox     *self,
                                              PlantRpcInboxFunc  func,
                                              gpointer           data,
                                              gsize              size,
                                              GDestroyNotify     destroy);
/* From now on nothing is shown, until plant_rpc_inbox_show_held(), which then shows what waits as
 * plant_rpc_inbox_show() does. Handlers of changes that take long do not delay the rows that come
 * first. */
void           plant_rpc_inbox_hold      (PlantRpcInbox *self);
void           plant_rpc_inbox_show_held (PlantRpcInbox *self);
/* Like plant_rpc_inbox_defer_bounded(), for a row of N things that arrived together. FUNC shows one
 * after the other as long as plant_rpc_inbox_may_go_on() with its END, and returns TRUE if it has
 * not shown all. It may be called while it runs, and then goes on with the next one. DATA stays the
 * caller's if FALSE is returned. The inbox must be held. */
gboolean       plant_rpc_inbox_defer_row (PlantRpcInbox        *self,
                                          PlantRpcInboxRowFunc  func,
                                          gpointer              data,
                                          guint                 n,
                                          gsize                 size,
                                          GDestroyNotify        destroy);
gboolean       plant_rpc_inbox_may_go_on (PlantRpcInbox *self,
                                          gint64         end);
/* Shows what waits now, unless something blocks or handlers take long. */
void           plant_rpc_inbox_show    (PlantRpcInbox      *self);
/* Runs FUNC now, and then DESTROY (nullable) for DATA, and returns TRUE. If FUNC would have to
 * wait, it returns FALSE and does nothing. It need not wait for changes if it OVERTAKES them, or if
 * their handlers take long. */
gboolean       plant_rpc_inbox_run_now (PlantRpcInbox      *self,
                                        gboolean            overtakes,
                                        PlantRpcInboxFunc   func,
                                        gpointer            data,
                                        GDestroyNotify      destroy);

G_END_DECLS

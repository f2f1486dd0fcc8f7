/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* bytes; messages up to this size are not counted, since libzmq holds a limited number of them */
#define PLANT_RPC_SMALL_MESSAGE 4096

/* Counts what a server holds for each connection because its peer does not read: messages that wait
 * here, and messages that libzmq has not sent yet (libzmq limits only their number). If the limit
 * is reached, the connection that holds the most gives way. So a peer that reads, or that has just
 * connected, always has room. All functions must be called from one thread. */
typedef struct _PlantRpcHoldings PlantRpcHoldings;

/* CONNECTION must release something. Returns the bytes that it has released. If it returns 0, the
 * bytes of CONNECTION no longer count, and the owner must end it. */
typedef gsize (*PlantRpcGiveWayFunc) (gpointer owner,
                                      guint64  connection);

/* LIMIT is in bytes, for all connections together. GIVE_WAY is NULL if make_room() is not used. */
PlantRpcHoldings *plant_rpc_holdings_new        (gsize                limit,
                                                 PlantRpcGiveWayFunc  give_way,
                                                 gpointer             owner);
/* What libzmq still holds is released later, without SELF. */
void              plant_rpc_holdings_free       (PlantRpcHoldings *self);

/* Returns TRUE if SIZE more bytes may be held for CONNECTION. Other connections that hold more may
 * have given way for it. FIRST is TRUE if the connection holds no other message; such a message is
 * always allowed, however large it is. */
gboolean          plant_rpc_holdings_make_room  (PlantRpcHoldings *self,
                                                 guint64           connection,
                                                 gsize             size,
                                                 gboolean          first);
void              plant_rpc_holdings_add        (PlantRpcHoldings *self,
                                                 guint64           connection,
                                                 gsize             size);
void              plant_rpc_holdings_subtract   (PlantRpcHoldings *self,
                                                 guint64           connection,
                                                 gsize             size);
/* Returns the same bytes. They count for CONNECTION until they are freed, on any thread. */
GBytes           *plant_rpc_holdings_count      (PlantRpcHoldings *self,
                                                 guint64           connection,
                                                 GBytes           *bytes);
gsize             plant_rpc_holdings_get        (PlantRpcHoldings *self,
                                                 guint64           connection);
gsize             plant_rpc_holdings_get_total  (PlantRpcHoldings *self);
/* Returns how many bytes of all connections have been released since the last call. */
gsize             plant_rpc_holdings_take_freed (PlantRpcHoldings *self);
/* CONNECTION has ended: what libzmq still holds for it does not count. */
void              plant_rpc_holdings_remove     (PlantRpcHoldings *self,
                                                 guint64           connection);

G_END_DECLS

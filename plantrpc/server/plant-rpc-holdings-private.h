/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-unread-private.h"

G_BEGIN_DECLS

/* What a server holds for each connection because its peer does not read: what waits to be sent,
 * and what libzmq has not sent yet, which it bounds by number alone. All together have a limit.
 * Beyond it the connection that holds the most gives way: so one that reads, or that has just come,
 * has room however much others hold. It is used in one thread only. */
typedef struct _PlantRpcHoldings PlantRpcHoldings;

typedef struct {
  /* CONNECTION is to let go of something. The number of bytes that it has let go of; with 0 what it
   * holds does not count any more, and it is to be ended. */
  gsize (*give_way) (gpointer owner,
                     guint64  connection);
} PlantRpcHoldingsFuncs;

/* LIMIT: bytes of all connections. */
PlantRpcHoldings *plant_rpc_holdings_new       (gsize                        limit,
                                                const PlantRpcHoldingsFuncs *funcs,
                                                gpointer                     owner);
/* What is still held goes on without it. */
void              plant_rpc_holdings_free      (PlantRpcHoldings *self);

/* Whether SIZE bytes more may be held for CONNECTION. Others, who hold more, may have given way
 * then. The FIRST message always may: for one that reads it is the only one. */
gboolean          plant_rpc_holdings_make_room (PlantRpcHoldings *self,
                                                guint64           connection,
                                                gsize             size,
                                                gboolean          first);
void              plant_rpc_holdings_add       (PlantRpcHoldings *self,
                                                guint64           connection,
                                                gsize             size);
void              plant_rpc_holdings_subtract  (PlantRpcHoldings *self,
                                                guint64           connection,
                                                gsize             size);
/* The same bytes, which count for CONNECTION until they are let go of, on whichever thread. */
GBytes           *plant_rpc_holdings_count     (PlantRpcHoldings *self,
                                                guint64           connection,
                                                GBytes           *bytes);
gsize             plant_rpc_holdings_get       (PlantRpcHoldings *self,
                                                guint64           connection);
gsize             plant_rpc_holdings_get_total (PlantRpcHoldings *self);
/* The connection has ended: what is left of it does not count. */
void              plant_rpc_holdings_remove    (PlantRpcHoldings *self,
                                                guint64           connection);

G_END_DECLS

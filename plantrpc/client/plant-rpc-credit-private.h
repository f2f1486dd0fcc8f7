/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much of what a native server sent the application has seen, and when the server is told: it
 * sends no more than its window ahead of that. On the wire the sequence numbers of each connection
 * begin anew. The owner knows numbers that tell the connection as well, and that are never 0, whatever
 * sequence numbers a server makes up. All zero is a new one. */
typedef struct {
  guint16 connection; /* how many there were before this one */
  guint64 seen;       /* the sequence number up to which all was seen */
  gsize   seen_bytes; /* since the server was told last */
  guint   n_unseen;   /* arrived, not seen */
} PlantRpcCredit;

/* A connection ended. What is seen of it later is of no interest to the server of the next. */
void    plant_rpc_credit_restart (PlantRpcCredit *self);
/* Something came with SEQUENCE, from 1 to PLANT_RPC_MAX_SEQUENCE. Its number. */
guint64 plant_rpc_credit_receive (PlantRpcCredit *self,
                                  guint64         sequence);
/* What came with NUMBER and SIZE was seen; IN_ORDER: and all that came before. LAST is the sequence
 * number that came last. The one that the server is to be told now, or 0. */
guint64 plant_rpc_credit_see     (PlantRpcCredit *self,
                                  guint64         number,
                                  gsize           size,
                                  gboolean        in_order,
                                  guint64         last);

G_END_DECLS

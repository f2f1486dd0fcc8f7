/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much of what a native server sent the application has seen, and when the server is told: it
 * sends no more than its window ahead of that. What the owner knows goes by numbers that go on over
 * all connections; on the wire each connection begins anew. All zero is a new one. */
typedef struct {
  guint64 base;       /* above all sequence numbers of former connections */
  guint64 seen;       /* the sequence number up to which all was seen */
  gsize   seen_bytes; /* since the server was told last */
  guint   n_unseen;   /* arrived, not seen */
} PlantRpcCredit;

/* A connection ended, on which LAST was the last sequence number. What is seen of it later is of no
 * interest to the server of the next. */
void    plant_rpc_credit_restart (PlantRpcCredit *self,
                                  guint64         last);
/* Something came with SEQUENCE. Its number. */
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

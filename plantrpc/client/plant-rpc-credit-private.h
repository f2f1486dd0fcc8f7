/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Counts how much of what a native server sent the application has handled, and decides when to
 * tell the server, which sends no more than its window ahead of that. On the wire, the sequence
 * numbers of each connection begin at 1. This file adds the number of the connection to them, so
 * that a number is never 0 and never the same for two connections, whatever a server sends. A
 * zeroed struct is ready for use. */
typedef struct {
  guint16 connection; /* number of earlier connections */
  guint64 seen;       /* the sequence number up to which all was seen */
  gsize   seen_bytes; /* since the server was told last */
  guint   n_unseen;   /* arrived, not seen */
} PlantRpcCredit;

/* The connection has ended. What the application handles of it later is not acknowledged to the
 * next server. */
void    plant_rpc_credit_restart (PlantRpcCredit *self);
/* Records the arrival of the push SEQUENCE, from 1 to PLANT_RPC_MAX_SEQUENCE. Returns its number
 * across connections. */
guint64 plant_rpc_credit_receive (PlantRpcCredit *self,
                                  guint64         sequence);
/* Marks the push NUMBER of SIZE bytes as handled, and if IN_ORDER is TRUE all pushes before it.
 * LAST is the sequence number that arrived last. Returns the sequence number to acknowledge now, or
 * 0. */
guint64 plant_rpc_credit_see     (PlantRpcCredit *self,
                                  guint64         number,
                                  gsize           size,
                                  gboolean        in_order,
                                  guint64         last);

G_END_DECLS

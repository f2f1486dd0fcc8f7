/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-credit-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-subscription-private.h"

/* How much the application has handled before the server is told. */
#define STEP (PLANT_RPC_SUBSCRIBER_WINDOW / 4)

/* A number has the connection in the bits from 48 up and the sequence number in the bits below. */
#define CONNECTION_SHIFT 48

G_STATIC_ASSERT (PLANT_RPC_MAX_SEQUENCE < (guint64) 1 << CONNECTION_SHIFT);

void
plant_rpc_credit_restart (PlantRpcCredit *self)
{
  *self = (PlantRpcCredit) { .connection = self->connection + 1 };
}

guint64
plant_rpc_credit_receive (PlantRpcCredit *self,
                          guint64         sequence)
{
  self->n_unseen++;
  return (guint64) self->connection << CONNECTION_SHIFT | sequence;
}

guint64
plant_rpc_credit_see (PlantRpcCredit *self,
                      guint64         number,
                      gsize           size,
                      gboolean        in_order,
                      guint64         last)
{
  if (number >> CONNECTION_SHIFT != self->connection || self->n_unseen == 0)
    return 0;
  self->n_unseen--;
  if (self->n_unseen == 0)
    self->seen = last;
  else if (in_order)
    self->seen = MAX (self->seen, number & PLANT_RPC_MAX_SEQUENCE);
  self->seen_bytes += size;
  if (self->seen_bytes < STEP)
    return 0;
  self->seen_bytes = 0;
  return self->seen;
}

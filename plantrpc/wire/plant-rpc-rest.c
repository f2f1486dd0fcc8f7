/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-rest-private.h"
#include "plant-rpc-source-private.h"

/* GTK draws at G_PRIORITY_HIGH_IDLE + 20. */
#define LOW_PRIORITY (G_PRIORITY_HIGH_IDLE + 25)

#define MAX_REST_USEC (100 * 1000)

static gboolean
on_over (gpointer user_data)
{
  PlantRpcRest *self = user_data;

  self->on = FALSE;
  g_source_set_ready_time (self->low, -1);
  g_source_set_ready_time (self->end, -1);
  self->over (self->owner);
  return G_SOURCE_CONTINUE;
}

void
plant_rpc_rest_init (PlantRpcRest     *self,
                     GMainContext     *context,
                     PlantRpcRestFunc  over,
                     gpointer          owner)
{
  *self = (PlantRpcRest) { .context = context, .over = over, .owner = owner };
}

void
plant_rpc_rest_clear (PlantRpcRest *self)
{
  plant_rpc_source_clear (&self->low);
  plant_rpc_source_clear (&self->end);
  self->on = FALSE;
}

gboolean
plant_rpc_rest_after (PlantRpcRest *self,
                      gint64        took)
{
  if (took < PLANT_RPC_SOURCE_BATCH_USEC)
    return FALSE;
  if (self->low == NULL)
    {
      self->low = plant_rpc_source_new_alarm (self->context, on_over, self, "[plantrpc] rest");
      self->end = plant_rpc_source_new_alarm (self->context, on_over, self, "[plantrpc] rest");
      g_source_set_priority (self->low, LOW_PRIORITY);
    }
  self->on = TRUE;
  g_source_set_ready_time (self->low, 0);
  g_source_set_ready_time (self->end, g_get_monotonic_time () + MIN (took, MAX_REST_USEC));
  return TRUE;
}

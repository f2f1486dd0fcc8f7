/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-connections-private.h"
#include "plant-rpc-pulse-private.h"
#include "plant-rpc-source-private.h"

#define PULSE_MS 1000

struct _PlantRpcConnections {
  GMainContext *context; /* (owned) */
  GSource      *timer;   /* (owned) (nullable): while anything may be under way */
  gboolean      sent;    /* since the last look */
  GHashTable   *pulses;  /* (owned) (element-type int PlantRpcPulse): by descriptor */
};

PlantRpcConnections *
plant_rpc_connections_new (GMainContext *context)
{
  PlantRpcConnections *self = g_new0 (PlantRpcConnections, 1);

  self->context = g_main_context_ref (context);
  self->pulses = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

void
plant_rpc_connections_free (PlantRpcConnections *self)
{
  plant_rpc_source_clear (&self->timer);
  g_hash_table_unref (self->pulses);
  g_main_context_unref (self->context);
  g_free (self);
}

void
plant_rpc_connections_add (PlantRpcConnections *self,
                           int                  fd)
{
  PlantRpcPulse *pulse = g_new (PlantRpcPulse, 1);

  plant_rpc_pulse_init (pulse, fd);
  g_hash_table_replace (self->pulses, GINT_TO_POINTER (fd), pulse);
}

void
plant_rpc_connections_remove (PlantRpcConnections *self,
                              int                  fd)
{
  g_hash_table_remove (self->pulses, GINT_TO_POINTER (fd));
}

static gboolean
on_look (gpointer user_data)
{
  PlantRpcConnections *self = user_data;
  gboolean calm = !self->sent;
  GHashTableIter iter;
  gpointer pulse;

  self->sent = FALSE;
  g_hash_table_iter_init (&iter, self->pulses);
  while (g_hash_table_iter_next (&iter, NULL, &pulse))
    {
      PlantRpcPulseState state = plant_rpc_pulse_feel (pulse);

      if (state == PLANT_RPC_PULSE_LOST)
        plant_rpc_pulse_end (pulse);
      calm = calm && state == PLANT_RPC_PULSE_CALM;
    }
  if (!calm)
    return G_SOURCE_CONTINUE;
  plant_rpc_source_clear (&self->timer);
  return G_SOURCE_REMOVE;
}

void
plant_rpc_connections_note_sent (PlantRpcConnections *self)
{
  self->sent = TRUE;
  if (self->timer != NULL || g_hash_table_size (self->pulses) == 0)
    return;
  self->timer = g_timeout_source_new (PULSE_MS);
  g_source_set_static_name (self->timer, "[plantrpc] pulses");
  g_source_set_callback (self->timer, on_look, self, NULL);
  g_source_attach (self->timer, self->context);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-emitter-private.h"
#include "plant-rpc-home-private.h"
#include "plant-rpc-runtime-type-private.h"

struct _PlantRpcEmitter {
  GObject               *client;    /* (unowned) */
  guint                  received;  /* id of the signal signal-received */
  PlantRpcInterfaceInfo *type_info; /* (owned) (nullable) */
  GHashTable            *signals;   /* (owned) (element-type utf8 PlantRpcRuntimeSignal): those of
                                       TYPE_INFO that have arrived, by wire name */
  PlantRpcRuntimeSignal *latest;    /* (unowned) (nullable): the one that arrived last */
};

PlantRpcEmitter *
plant_rpc_emitter_new (GObject *client)
{
  PlantRpcEmitter *self = g_new0 (PlantRpcEmitter, 1);

  self->client = client;
  self->received = g_signal_lookup ("signal-received", G_OBJECT_TYPE (client));
  self->signals = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  return self;
}

void
plant_rpc_emitter_free (PlantRpcEmitter *self)
{
  g_hash_table_unref (self->signals);
  g_clear_pointer (&self->type_info, plant_rpc_interface_info_unref);
  g_free (self);
}

void
plant_rpc_emitter_set_type (PlantRpcEmitter       *self,
                            PlantRpcInterfaceInfo *type_info)
{
  self->type_info = plant_rpc_interface_info_ref (type_info);
}

/* Names that the type does not have are not kept, since a peer may send any number of them. */
static PlantRpcRuntimeSignal *
look_up (PlantRpcEmitter *self,
         const char      *name)
{
  PlantRpcSignalInfo *info = plant_rpc_interface_info_find_signal (self->type_info, name);
  PlantRpcRuntimeSignal *signal;

  if (info == NULL)
    return NULL;
  signal = g_new (PlantRpcRuntimeSignal, 1);
  plant_rpc_runtime_signal_init (signal, G_OBJECT_TYPE (self->client), info);
  g_hash_table_insert (self->signals, info->wire_name, signal);
  return signal;
}

/* The same signal often comes many times in a row. */
static PlantRpcRuntimeSignal *
find (PlantRpcEmitter *self,
      const char      *name)
{
  PlantRpcRuntimeSignal *found = self->latest;

  if (found != NULL && strcmp (found->info->wire_name, name) == 0)
    return found;
  if (self->type_info == NULL)
    return NULL;
  found = g_hash_table_lookup (self->signals, name);
  if (found == NULL)
    found = look_up (self, name);
  self->latest = found;
  return found;
}

static void
emit_received (PlantRpcEmitter       *self,
               const PlantRpcArrival *arrival)
{
  g_autoptr (GVariant) args = NULL;
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };

  if (g_signal_handler_find (self->client, G_SIGNAL_MATCH_ID, self->received, 0, NULL, NULL,
                             NULL) == 0)
    return;
  args = plant_rpc_arrival_dup_args (arrival);
  outside = plant_rpc_home_step_out ();
  /* If the quark does not exist, nobody has connected with this detail. */
  g_signal_emit (self->client, self->received, g_quark_try_string (arrival->name), arrival->name,
                 args);
}

gboolean
plant_rpc_emitter_emit (PlantRpcEmitter        *self,
                        const PlantRpcArrival  *arrival,
                        GError                **error)
{
  PlantRpcRuntimeSignal *signal;
  g_autoptr (GVariant) args = NULL;

  emit_received (self, arrival);
  signal = find (self, arrival->name);
  if (signal == NULL)
    return TRUE;
  if (arrival->plain != NULL &&
      plant_rpc_runtime_signal_emit_plain (signal, self->client, arrival->plain))
    return TRUE;
  args = plant_rpc_arrival_dup_args (arrival);
  return plant_rpc_runtime_signal_emit (signal, self->client, args, error);
}

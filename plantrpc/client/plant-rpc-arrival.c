/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-arrival-private.h"

PlantRpcArrival *
plant_rpc_arrival_dup (const PlantRpcArrival *self)
{
  PlantRpcArrival *copy = g_memdup2 (self, sizeof *self);

  copy->name = g_strdup (self->name);
  copy->args = self->args != NULL ? g_variant_ref (self->args) : NULL;
  copy->plain = self->plain != NULL ? plant_rpc_arguments_dup (self->plain) : NULL;
  return copy;
}

void
plant_rpc_arrival_free (gpointer data)
{
  PlantRpcArrival *self = data;

  g_clear_pointer (&self->args, g_variant_unref);
  g_clear_pointer (&self->plain, plant_rpc_arguments_free);
  g_free (self->name);
  g_free (self);
}

GVariant *
plant_rpc_arrival_dup_args (const PlantRpcArrival *self)
{
  if (self->args != NULL)
    return g_variant_ref (self->args);
  return g_variant_ref_sink (plant_rpc_arguments_to_variant (self->plain));
}

/* A GVariant built as a tree of small GVariants takes many times its serialised size, so it is
 * serialised here and taken apart later. */
gsize
plant_rpc_arrival_measure (const PlantRpcArrival *self)
{
  if (self->size > 0)
    return self->size;
  g_variant_get_data (self->args);
  return g_variant_get_size (self->args) + strlen (self->name);
}

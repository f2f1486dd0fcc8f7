/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-arguments-private.h"

G_BEGIN_DECLS

/* A signal of the device on its way to the application. Its arguments are a GVariant or plain
 * values. */
typedef struct {
  gpointer           owner;    /* (unowned) */
  char              *name;     /* (owned) */
  GVariant          *args;     /* (owned) (nullable): av; NULL if they are plain */
  PlantRpcArguments *plain;    /* (owned) (nullable) */
  guint64            sequence; /* to be acknowledged; 0: nothing is */
  gsize              size;     /* bytes counted for it; 0: those of its name and arguments */
} PlantRpcArrival;

/* Copies an arrival that borrows its texts and values. */
PlantRpcArrival *plant_rpc_arrival_dup      (const PlantRpcArrival *self);
void             plant_rpc_arrival_free     (gpointer               self);
/* Returns the arguments as av. They are built for each call if they are plain. */
GVariant        *plant_rpc_arrival_dup_args (const PlantRpcArrival *self);
/* Returns the bytes that the arrival takes while it waits. */
gsize            plant_rpc_arrival_measure  (const PlantRpcArrival *self);

G_END_DECLS

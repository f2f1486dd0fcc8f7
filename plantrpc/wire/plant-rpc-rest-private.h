/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A source pauses after a turn in which handlers of the application took long. Otherwise it would
 * be ready again at once, and sources of a lower priority, such as the one that draws a window,
 * would never run. The rest ends when all sources down to the drawing of a window have had their
 * turn, or after as long as the turn took, since a window that always draws must not stop it. */
typedef void (*PlantRpcRestFunc) (gpointer owner);

typedef struct {
  GMainContext     *context; /* (unowned) */
  PlantRpcRestFunc  over;
  gpointer          owner;   /* (unowned) */
  GSource          *low;     /* (owned) (nullable): ends the rest once nothing above it is ready */
  GSource          *end;     /* (owned) (nullable): ends it in time */
  gboolean          on;
} PlantRpcRest;

/* CONTEXT must outlive the rest. OVER is called at the end of each rest. */
void     plant_rpc_rest_init  (PlantRpcRest     *self,
                               GMainContext     *context,
                               PlantRpcRestFunc  over,
                               gpointer          owner);
void     plant_rpc_rest_clear (PlantRpcRest     *self);
/* A turn took TOOK µs. Returns whether a rest has begun. */
gboolean plant_rpc_rest_after (PlantRpcRest     *self,
                               gint64            took);

G_END_DECLS

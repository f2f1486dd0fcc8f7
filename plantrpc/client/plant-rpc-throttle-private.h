/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The application wants to be told no more often than so many times a second. The first news is
 * told at once, and the latest one always, if need be later. */
typedef void (*PlantRpcThrottleFunc) (gpointer owner);

/* A zeroed struct has no limit. */
typedef struct {
  double                max_rate; /* a second; 0: no limit */
  gint64                last;     /* monotonic µs: when it was told last; 0: never */
  GSource              *due;      /* (owned) (nullable): ready when it may be told again */
  gboolean              waiting;  /* there is news for then */
  PlantRpcThrottleFunc  func;
  gpointer              owner;    /* (unowned) */
} PlantRpcThrottle;

/* FUNC is called in CONTEXT, when news that had to wait may be told. */
void     plant_rpc_throttle_init         (PlantRpcThrottle     *self,
                                          GMainContext         *context,
                                          PlantRpcThrottleFunc  func,
                                          gpointer              owner);
/* What waits is never told. */
void     plant_rpc_throttle_clear        (PlantRpcThrottle     *self);
void     plant_rpc_throttle_set_max_rate (PlantRpcThrottle     *self,
                                          double                max_rate);
/* There is news. Returns whether it may be told now. */
gboolean plant_rpc_throttle_admit        (PlantRpcThrottle     *self);
/* All news is told now. */
void     plant_rpc_throttle_note_told    (PlantRpcThrottle     *self);

G_END_DECLS

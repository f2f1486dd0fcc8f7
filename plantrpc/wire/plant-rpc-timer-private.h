/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "plant-rpc-enums.h"

G_BEGIN_DECLS

/* The deadlines of the parts of one connection. Each part owns an alarm, and all alarms share one
 * GSource. A caller that blocks asks for the earliest deadline and rings the alarms itself. */
typedef struct _PlantRpcTimer PlantRpcTimer;

/* NOW is the time that the timer takes it to be, in monotonic µs. FUNC may set, clear or free any
 * alarm, and free the timer. */
typedef void (*PlantRpcAlarmFunc) (gpointer owner,
                                   gint64   now);

/* It belongs to its part, which must clear it before it is freed. */
typedef struct {
  PlantRpcTimer     *timer; /* (unowned) */
  const char        *name;  /* for debugging, as that of a GSource */
  PlantRpcAlarmFunc  func;
  gpointer           owner; /* (unowned) */
  gint64             time;  /* monotonic µs; -1: it is not set */
  guint64            round; /* in which it has rung last */
} PlantRpcAlarm;

PlantRpcTimer *plant_rpc_timer_new          (GMainContext      *context,
                                             const char        *name);
/* No alarm rings afterwards. */
void           plant_rpc_timer_free         (PlantRpcTimer     *self);
/* Returns the time of the earliest alarm in monotonic µs, or -1. */
gint64         plant_rpc_timer_get_deadline (PlantRpcTimer     *self);
/* Rings the alarms whose time has come at NOW, each at most once. */
void           plant_rpc_timer_ring         (PlantRpcTimer     *self,
                                             gint64             now);

void           plant_rpc_alarm_init         (PlantRpcAlarm     *self,
                                             PlantRpcTimer     *timer,
                                             const char        *name,
                                             PlantRpcAlarmFunc  func,
                                             gpointer           owner);
/* It rings once, at TIME (monotonic µs), unless it is cleared or set anew before. */
void           plant_rpc_alarm_set          (PlantRpcAlarm     *self,
                                             gint64             time);
void           plant_rpc_alarm_clear        (PlantRpcAlarm     *self);

/* As plant_rpc_alarm_set(), DELAY (µs) from now. */
static inline void
plant_rpc_alarm_set_after (PlantRpcAlarm *self,
                           gint64         delay)
{
  plant_rpc_alarm_set (self, g_get_monotonic_time () + delay);
}

/* Returns when a time limit in ms that begins now is over, in monotonic µs, or -1 for
 * PLANT_RPC_TIMEOUT_NONE. Any other negative limit is over already. */
static inline gint64
plant_rpc_timer_end_of (int timeout)
{
  if (timeout == PLANT_RPC_TIMEOUT_NONE)
    return -1;
  return g_get_monotonic_time () + (gint64) MAX (timeout, 0) * 1000;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlantRpcTimer, plant_rpc_timer_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-source-private.h"
#include "plant-rpc-throttle-private.h"

/* The longest pause, in s. The sum of a time and such a pause is a time. */
#define MAX_PAUSE 1e9

static gboolean
on_due (gpointer user_data)
{
  PlantRpcThrottle *self = user_data;

  g_source_set_ready_time (self->due, -1);
  self->waiting = FALSE;
  self->func (self->owner);
  return G_SOURCE_CONTINUE;
}

void
plant_rpc_throttle_init (PlantRpcThrottle     *self,
                         GMainContext         *context,
                         PlantRpcThrottleFunc  func,
                         gpointer              owner)
{
  self->func = func;
  self->owner = owner;
  self->due = plant_rpc_source_new_alarm (context, on_due, self, "[plantrpc] rate");
}

void
plant_rpc_throttle_clear (PlantRpcThrottle *self)
{
  plant_rpc_source_clear (&self->due);
  self->waiting = FALSE;
}

/* Returns when it may be told again, in monotonic µs. */
static gint64
get_next (PlantRpcThrottle *self)
{
  if (self->last == 0 || self->max_rate == 0)
    return 0;
  return self->last + (gint64) (MIN (1 / self->max_rate, MAX_PAUSE) * G_USEC_PER_SEC);
}

static void
wait_for_next (PlantRpcThrottle *self)
{
  if (self->waiting && self->due != NULL)
    g_source_set_ready_time (self->due, get_next (self));
}

void
plant_rpc_throttle_set_max_rate (PlantRpcThrottle *self,
                                 double            max_rate)
{
  self->max_rate = max_rate;
  wait_for_next (self);
}

gboolean
plant_rpc_throttle_admit (PlantRpcThrottle *self)
{
  if (self->max_rate == 0 || g_get_monotonic_time () >= get_next (self))
    return TRUE;
  if (!self->waiting)
    {
      self->waiting = TRUE;
      wait_for_next (self);
    }
  return FALSE;
}

void
plant_rpc_throttle_note_told (PlantRpcThrottle *self)
{
  if (self->max_rate > 0)
    self->last = g_get_monotonic_time ();
  if (self->waiting)
    g_source_set_ready_time (self->due, -1);
  self->waiting = FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-held-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-timer-private.h"

struct _PlantRpcTimer {
  GSource   *source; /* (owned) (nullable): NULL once freed */
  gint64     armed;  /* monotonic µs: when the source is dispatched; -1: never. It may be earlier
                        than the earliest alarm, since moving the source costs more than one
                        dispatch in vain. */
  GPtrArray *alarms; /* (owned) (element-type PlantRpcAlarm): those that are set */
  guint64    round;  /* number of calls of plant_rpc_timer_ring() */
  guint      process; /* that has made it */
};

static void
clear_timer (PlantRpcTimer *self)
{
  g_ptr_array_unref (self->alarms);
}

PLANT_RPC_DEFINE_HELD (PlantRpcTimer, clear_timer)

static void
arm (PlantRpcTimer *self,
     gint64         time)
{
  if (self->source == NULL || time == self->armed)
    return;
  self->armed = time;
  g_source_set_ready_time (self->source, time);
}

static gboolean
on_source (gpointer user_data)
{
  PlantRpcTimer *self = user_data;
  gint64 armed = self->armed;

  arm (self, -1);
  /* In a forked child nothing must come of the parent's alarms. */
  if (plant_rpc_init_is_inherited (self->process))
    return G_SOURCE_CONTINUE;
  plant_rpc_timer_ring (self, MAX (armed, g_get_monotonic_time ()));
  return G_SOURCE_CONTINUE;
}

PlantRpcTimer *
plant_rpc_timer_new (GMainContext *context,
                     const char   *name)
{
  PlantRpcTimer *self = g_rc_box_new0 (PlantRpcTimer);

  self->alarms = g_ptr_array_new ();
  self->process = plant_rpc_init_get_process ();
  self->armed = -1;
  self->source = plant_rpc_source_new_alarm (context, on_source, self, name);
  return self;
}

void
plant_rpc_timer_free (PlantRpcTimer *self)
{
  plant_rpc_source_clear (&self->source);
  while (self->alarms->len > 0)
    plant_rpc_alarm_clear (self->alarms->pdata[0]);
  release (self);
}

gint64
plant_rpc_timer_get_deadline (PlantRpcTimer *self)
{
  gint64 deadline = -1;

  for (guint i = 0; i < self->alarms->len; i++)
    {
      PlantRpcAlarm *alarm = self->alarms->pdata[i];

      if (deadline < 0 || alarm->time < deadline)
        deadline = alarm->time;
    }
  return deadline;
}

/* An alarm that has rung in this round, or in one inside it, waits for the next one. */
static PlantRpcAlarm *
find_due (PlantRpcTimer *self,
          guint64        round,
          gint64         now)
{
  PlantRpcAlarm *found = NULL;

  for (guint i = 0; i < self->alarms->len; i++)
    {
      PlantRpcAlarm *alarm = self->alarms->pdata[i];

      if (alarm->time <= now && alarm->round < round &&
          (found == NULL || alarm->time < found->time))
        found = alarm;
    }
  return found;
}

void
plant_rpc_timer_ring (PlantRpcTimer *self,
                      gint64         now)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  guint64 round = ++self->round;
  PlantRpcAlarm *alarm;

  while ((alarm = find_due (self, round, now)) != NULL)
    {
      plant_rpc_alarm_clear (alarm);
      alarm->round = round;
      /* The callback may run a main loop, in which the others must ring. */
      arm (self, plant_rpc_timer_get_deadline (self));
      alarm->func (alarm->owner, now);
    }
  arm (self, plant_rpc_timer_get_deadline (self));
}

/* ---- alarms */

void
plant_rpc_alarm_init (PlantRpcAlarm     *self,
                      PlantRpcTimer     *timer,
                      const char        *name,
                      PlantRpcAlarmFunc  func,
                      gpointer           owner)
{
  *self = (PlantRpcAlarm) {
    .timer = timer,
    .name = name,
    .func = func,
    .owner = owner,
    .time = -1,
  };
}

void
plant_rpc_alarm_set (PlantRpcAlarm *self,
                     gint64         time)
{
  if (self->time < 0)
    g_ptr_array_add (self->timer->alarms, self);
  self->time = MAX (time, 0);
  if (self->timer->armed < 0 || self->time < self->timer->armed)
    arm (self->timer, self->time);
}

void
plant_rpc_alarm_clear (PlantRpcAlarm *self)
{
  if (self->time < 0)
    return;
  g_ptr_array_remove_fast (self->timer->alarms, self);
  self->time = -1;
}

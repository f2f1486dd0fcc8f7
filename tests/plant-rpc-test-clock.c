/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-clock.h"
#include "plant-rpc-timer-private.h"

gint64 __real_g_get_monotonic_time (void);
gint64 __wrap_g_get_monotonic_time (void);
void __real_g_source_set_ready_time (GSource *source,
                                     gint64   time);
void __wrap_g_source_set_ready_time (GSource *source,
                                     gint64   time);

void __real_plant_rpc_alarm_set (PlantRpcAlarm *alarm,
                                 gint64         time);
void __wrap_plant_rpc_alarm_set (PlantRpcAlarm *alarm,
                                 gint64         time);

/* µs by which the clock is ahead of the machine's, so that it can go back by hours on a machine
 * that was started minutes ago. */
#define START (G_GINT64_CONSTANT (24) * 3600 * G_USEC_PER_SEC)

static GMutex lock;
static gint64 ahead = START; /* (mutex lock): µs */
static double stretch = 1;   /* (mutex lock) */
static const char *recorded; /* (mutex lock) (nullable): name of the sources and alarms whose delays
                                are recorded */
static GArray *delays;       /* (mutex lock) (owned) (nullable) (element-type gint64) */

gint64
__wrap_g_get_monotonic_time (void)
{
  gint64 now;

  g_mutex_lock (&lock);
  now = __real_g_get_monotonic_time () + ahead;
  g_mutex_unlock (&lock);
  return now;
}

static void
record (const char *name,
        gint64      delay)
{
  if (delays != NULL && g_strcmp0 (name, recorded) == 0)
    g_array_append_val (delays, delay);
}

/* GLib itself uses the real clock. */
void
__wrap_g_source_set_ready_time (GSource *source,
                                gint64   time)
{
  gint64 now = __real_g_get_monotonic_time ();

  g_mutex_lock (&lock);
  if (time > 0)
    {
      gint64 delay = time - ahead - now;

      record (g_source_get_name (source), delay);
      time = now + (gint64) ((double) delay * stretch);
    }
  g_mutex_unlock (&lock);
  __real_g_source_set_ready_time (source, time);
}

void
__wrap_plant_rpc_alarm_set (PlantRpcAlarm *alarm,
                            gint64         time)
{
  g_mutex_lock (&lock);
  record (alarm->name, time - ahead - __real_g_get_monotonic_time ());
  g_mutex_unlock (&lock);
  __real_plant_rpc_alarm_set (alarm, time);
}

void
test_clock_step (gint64 step)
{
  g_mutex_lock (&lock);
  ahead = START + step;
  g_mutex_unlock (&lock);
}

void
test_clock_stretch (double factor)
{
  g_mutex_lock (&lock);
  stretch = factor;
  g_mutex_unlock (&lock);
}

void
test_clock_reset (void)
{
  test_clock_step (0);
  test_clock_stretch (1);
}

void
test_clock_record (const char *name)
{
  g_mutex_lock (&lock);
  g_assert_null (delays);
  recorded = name;
  delays = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_mutex_unlock (&lock);
}

guint
test_clock_count (void)
{
  guint n;

  g_mutex_lock (&lock);
  n = delays->len;
  g_mutex_unlock (&lock);
  return n;
}

GArray *
test_clock_end_recording (void)
{
  GArray *result;

  g_mutex_lock (&lock);
  result = g_steal_pointer (&delays);
  g_mutex_unlock (&lock);
  return result;
}

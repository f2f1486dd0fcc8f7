/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE

#include "stall-watch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define LONG 250 /* in ms */

static gint64 began;        /* monotonic µs: 0 while nothing is measured */
static gint64 began_waits;  /* µs spent waiting for a processor by then */
static StallWatch seen;
static int waits = -1;      /* schedstat of this thread */

/* Linux counts in nanoseconds how long a thread has run and how long it has waited for that. */
static gint64
read_waits (void)
{
  char text[128];
  gssize length = pread (waits, text, sizeof text - 1, 0);
  char *second;

  if (length <= 0)
    return 0;
  text[length] = '\0';
  strtoll (text, &second, 10);
  return strtoll (second, NULL, 10) / 1000;
}

static void
end_dispatch (void)
{
  gint64 time = g_get_monotonic_time () - began - (read_waits () - began_waits);
  double away = (double) time / 1000;

  seen.longest = MAX (seen.longest, away);
  if (away > LONG)
    seen.n_long++;
}

static int
watched_poll (GPollFD *fds,
              guint    n_fds,
              int      timeout)
{
  int n_ready;

  if (began != 0)
    end_dispatch ();
  n_ready = g_poll (fds, n_fds, timeout);
  began_waits = read_waits ();
  began = g_get_monotonic_time ();
  return n_ready;
}

void
stall_watch_start (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/schedstat", gettid ());

  if (waits < 0)
    waits = open (path, O_RDONLY | O_CLOEXEC);
  began = 0;
  seen = (StallWatch) { 0 };
  g_main_context_set_poll_func (NULL, watched_poll);
}

StallWatch
stall_watch_stop (void)
{
  g_main_context_set_poll_func (NULL, g_poll);
  return seen;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/eventfd.h>

#include "plant-rpc-home-parts-private.h"
#include "plant-rpc-wake-private.h"

/* A thread of a home that waits for something outside. */

/* Without a descriptor that wakes it, the thread looks again after this time. */
#define BLIND_MS 20

static int
left_until (gint64   deadline,
            gboolean blind)
{
  gint64 left = deadline < 0 ? -1 : (MAX (deadline - g_get_monotonic_time (), 0) + 999) / 1000;

  if (blind && (left < 0 || left > BLIND_MS))
    return BLIND_MS;
  return (int) MIN (left, G_MAXINT);
}

static void
remove_sleeper (PlantRpcHome    *self,
                PlantRpcSleeper *sleeper)
{
  PlantRpcSleeper **link = &self->sleepers;
  eventfd_t n_wakes;

  while (*link != sleeper)
    link = &(*link)->next;
  *link = sleeper->next;
  if (sleeper->woken && sleeper->fd >= 0)
    eventfd_read (sleeper->fd, &n_wakes);
}

static void
sleep_outside (GPollFD *fds,
               guint    n_fds,
               int      timeout)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();

  g_poll (fds, n_fds, timeout);
}

gboolean
plant_rpc_home_poll (PlantRpcHome *self,
                     GPollFD      *fds,
                     guint         n_fds,
                     gint64        deadline)
{
  PlantRpcSleeper sleeper = { .fd = plant_rpc_wake_get_descriptor () };
  gboolean ready = FALSE;

  fds[n_fds] = (GPollFD) { .fd = sleeper.fd, .events = G_IO_IN };
  for (guint i = 0; i <= n_fds; i++)
    fds[i].revents = 0;
  /* The others are woken here, since this thread must not wake itself. */
  if (self->stay.stirred)
    plant_rpc_home_wake_others (self);
  self->stay.stirred = FALSE;
  sleeper.next = self->sleepers;
  self->sleepers = &sleeper;
  plant_rpc_home_give_up_context (self);
  sleep_outside (fds, n_fds + 1, left_until (deadline, sleeper.fd < 0));
  remove_sleeper (self, &sleeper);
  for (guint i = 0; i < n_fds; i++)
    ready = ready || fds[i].revents != 0;
  return ready;
}

void
plant_rpc_home_note_change (PlantRpcHome *self)
{
  self->stay.stirred = TRUE;
}

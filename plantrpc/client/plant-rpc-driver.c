/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-driver-private.h"

/* of the link, the companion, the subscription and the cancellable */
#define MAX_POLL (PLANT_RPC_LINK_MAX_POLL + PLANT_RPC_COMPANION_MAX_POLL + 3)

struct _PlantRpcDriver {
  PlantRpcLink            *link;           /* (unowned) */
  PlantRpcSubscription    *subscription;   /* (unowned) */
  PlantRpcTimer           *timer;          /* (unowned) */
  const PlantRpcCompanion *companion;      /* (nullable) */
  gpointer                 companion_data; /* (unowned) */
};

PlantRpcDriver *
plant_rpc_driver_new (PlantRpcLink         *link,
                      PlantRpcSubscription *subscription,
                      PlantRpcTimer        *timer)
{
  PlantRpcDriver *self = g_new0 (PlantRpcDriver, 1);

  self->link = link;
  self->subscription = subscription;
  self->timer = timer;
  return self;
}

void
plant_rpc_driver_free (PlantRpcDriver *self)
{
  g_free (self);
}

void
plant_rpc_driver_accompany (PlantRpcDriver          *self,
                            const PlantRpcCompanion *companion,
                            gpointer                 user_data)
{
  self->companion = companion;
  self->companion_data = user_data;
}

static gint64
earlier (gint64 a,
         gint64 b)
{
  if (a < 0)
    return b;
  return b < 0 ? a : MIN (a, b);
}

static void
wait_for_something (PlantRpcDriver *self,
                    gint64          deadline,
                    int             cancel_fd)
{
  zmq_pollitem_t items[MAX_POLL];
  guint n_items = plant_rpc_link_fill_poll (self->link, items);
  gint64 left;

  n_items += plant_rpc_subscription_fill_poll (self->subscription, items + n_items);
  if (self->companion != NULL)
    {
      n_items += self->companion->fill_poll (self->companion_data, items + n_items);
      deadline = earlier (deadline, self->companion->get_deadline (self->companion_data));
    }
  if (cancel_fd >= 0)
    items[n_items++] = (zmq_pollitem_t) { NULL, cancel_fd, ZMQ_POLLIN, 0 };
  deadline = earlier (deadline, plant_rpc_timer_get_deadline (self->timer));
  left = deadline < 0 ? -1 : MAX (deadline - g_get_monotonic_time (), 0);
  zmq_poll (items, n_items, left < 0 ? -1 : (left + 999) / 1000);
}

static void
step (PlantRpcDriver *self,
      gint64          deadline,
      int             cancel_fd)
{
  wait_for_something (self, deadline, cancel_fd);
  plant_rpc_link_process (self->link);
  plant_rpc_subscription_process (self->subscription);
  if (self->companion != NULL)
    self->companion->process (self->companion_data);
  plant_rpc_timer_ring (self->timer, g_get_monotonic_time ());
}

PlantRpcDriverEnd
plant_rpc_driver_run (PlantRpcDriver *self,
                      gboolean      (*is_over) (gpointer data),
                      gpointer        data,
                      const gint64   *deadline,
                      GCancellable   *cancellable)
{
  int fd = cancellable != NULL ? g_cancellable_get_fd (cancellable) : -1;
  PlantRpcDriverEnd end = PLANT_RPC_DRIVER_OVER;

  while (end == PLANT_RPC_DRIVER_OVER && !is_over (data))
    {
      if (g_cancellable_is_cancelled (cancellable))
        end = PLANT_RPC_DRIVER_CANCELLED;
      else if (*deadline >= 0 && g_get_monotonic_time () >= *deadline)
        end = PLANT_RPC_DRIVER_LATE;
      else
        step (self, *deadline, fd);
    }
  if (fd >= 0)
    g_cancellable_release_fd (cancellable);
  return end;
}

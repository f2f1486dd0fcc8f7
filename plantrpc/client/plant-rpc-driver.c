/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-driver-private.h"

/* of the link, the companion, the subscription and the cancellable */
#define MAX_POLL (PLANT_RPC_LINK_MAX_POLL + PLANT_RPC_COMPANION_MAX_POLL + 3)

struct _PlantRpcDriver {
  PlantRpcHome            *home;           /* (owned) */
  PlantRpcLink            *link;           /* (unowned) */
  PlantRpcSubscription    *subscription;   /* (unowned) */
  PlantRpcTimer           *timer;          /* (unowned) */
  const PlantRpcCompanion *companion;      /* (nullable) */
  gpointer                 companion_data; /* (unowned) */
};

PlantRpcDriver *
plant_rpc_driver_new (GMainContext         *context,
                      PlantRpcLink         *link,
                      PlantRpcSubscription *subscription,
                      PlantRpcTimer        *timer)
{
  PlantRpcDriver *self = g_new0 (PlantRpcDriver, 1);

  self->home = plant_rpc_home_new (context);
  self->link = link;
  self->subscription = subscription;
  self->timer = timer;
  return self;
}

void
plant_rpc_driver_free (PlantRpcDriver *self)
{
  plant_rpc_home_unref (self->home);
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

/* Returns whether the socket of ITEM has something to read, and how to wait for it. A QUIET socket,
 * and any other descriptor, is only waited for. */
static gboolean
look_at (const zmq_pollitem_t *item,
         gboolean              quiet,
         GPollFD              *poll)
{
  int events = 0;
  gsize size = sizeof events;

  *poll = (GPollFD) { .fd = item->fd, .events = G_IO_IN };
  if ((item->events & ZMQ_POLLOUT) != 0)
    poll->events |= G_IO_OUT;
  if (item->socket == NULL)
    return FALSE;
  if (!quiet)
    zmq_getsockopt (item->socket, ZMQ_EVENTS, &events, &size);
  size = sizeof poll->fd;
  zmq_getsockopt (item->socket, ZMQ_FD, &poll->fd, &size);
  return (events & ZMQ_POLLIN) != 0;
}

/* Sets N_OF_LINK to how many of the items, the first ones, are of the link. */
static guint
fill_poll (PlantRpcDriver *self,
           zmq_pollitem_t *items,
           guint          *n_of_link)
{
  guint n_items = plant_rpc_link_fill_poll (self->link, items);

  *n_of_link = n_items;
  n_items += plant_rpc_subscription_fill_poll (self->subscription, items + n_items);
  if (self->companion != NULL)
    n_items += self->companion->fill_poll (self->companion_data, items + n_items);
  return n_items;
}

static gint64
find_deadline (PlantRpcDriver *self,
               gint64          deadline)
{
  if (self->companion != NULL)
    deadline = earlier (deadline, self->companion->get_deadline (self->companion_data));
  return earlier (deadline, plant_rpc_timer_get_deadline (self->timer));
}

typedef enum {
  FOUND_NOTHING, /* another thread has been at home meanwhile, which may have done it */
  FOUND_LITTLE,  /* nothing is to be done for the sockets of the link */
  FOUND_MUCH,
} Found;

static Found
judge (const zmq_pollitem_t *items,
       const GPollFD        *polls,
       guint                 n_of_link,
       gboolean              quiet)
{
  if (!quiet)
    return FOUND_MUCH;
  for (guint i = 0; i < n_of_link; i++)
    {
      if (items[i].socket != NULL && polls[i].revents != 0)
        return FOUND_MUCH;
    }
  return FOUND_LITTLE;
}

/* Waits outside of the home until there is something to do. */
static Found
wait_for_something (PlantRpcDriver *self,
                    gint64          deadline,
                    int             cancel_fd)
{
  zmq_pollitem_t items[MAX_POLL];
  GPollFD polls[MAX_POLL + 1];
  guint n_of_link;
  guint n_items = fill_poll (self, items, &n_of_link);
  const gboolean quiet = plant_rpc_link_is_quiet (self->link);

  if (plant_rpc_link_has_rest (self->link))
    return FOUND_MUCH;
  for (guint i = 0; i < n_items; i++)
    {
      if (look_at (&items[i], quiet && i < n_of_link, &polls[i]))
        return FOUND_MUCH;
    }
  if (cancel_fd >= 0)
    polls[n_items++] = (GPollFD) { .fd = cancel_fd, .events = G_IO_IN };
  deadline = find_deadline (self, deadline);
  if (plant_rpc_home_poll (self->home, polls, n_items, deadline))
    return judge (items, polls, n_of_link, quiet);
  return deadline >= 0 && g_get_monotonic_time () >= deadline ? FOUND_MUCH : FOUND_NOTHING;
}

static void
step (PlantRpcDriver *self,
      gint64          deadline,
      int             cancel_fd)
{
  const Found found = wait_for_something (self, deadline, cancel_fd);

  if (found == FOUND_NOTHING)
    return;
  plant_rpc_home_note_change (self->home);
  if (found == FOUND_MUCH)
    plant_rpc_link_process (self->link);
  else
    plant_rpc_link_process_lane (self->link);
  plant_rpc_subscription_process (self->subscription);
  if (self->companion != NULL)
    self->companion->process (self->companion_data);
  plant_rpc_timer_ring (self->timer, g_get_monotonic_time ());
}

const char *
plant_rpc_driver_get_url (PlantRpcDriver *self)
{
  return plant_rpc_link_get_url (self->link);
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
  plant_rpc_home_note_change (self->home);
  return end;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-driver-private.h"
#include "plant-rpc-source-private.h"

#define MAX_POLL (5 + PLANT_RPC_COMPANION_MAX_POLL)

struct _PlantRpcDriver {
  PlantRpcLink              *link;           /* (unowned) */
  PlantRpcSubscription      *subscription;   /* (unowned) */
  PlantRpcHandshake         *handshake;      /* (unowned) */
  PlantRpcCalls             *calls;          /* (unowned) */
  const PlantRpcDriverFuncs *funcs;
  gpointer                   owner;          /* (unowned) */
  const PlantRpcCompanion   *companion;      /* (nullable) */
  gpointer                   companion_data; /* (unowned) */

  GSource  *timer;          /* (owned) */
  gint64    patience;       /* µs that a first answer may take */
  gint64    awaiting_since; /* monotonic µs; 0: no first answer is awaited */
  gboolean  stopped;
};

static gint64
earlier (gint64 a,
         gint64 b)
{
  if (a < 0)
    return b;
  return b < 0 ? a : MIN (a, b);
}

static gint64
get_deadline (PlantRpcDriver *self)
{
  gint64 deadline = earlier (plant_rpc_calls_get_deadline (self->calls),
                             plant_rpc_handshake_get_deadline (self->handshake));

  if (self->awaiting_since > 0)
    deadline = earlier (deadline, self->awaiting_since + self->patience);
  return earlier (deadline, plant_rpc_link_get_deadline (self->link));
}

static void
check_patience (PlantRpcDriver *self,
                gint64          now)
{
  if (self->awaiting_since == 0 || now < self->awaiting_since + self->patience)
    return;
  self->awaiting_since = 0;
  self->funcs->impatient (self->owner);
}

/* Each of these may close the session. The others then have nothing to do. */
static void
check_time (PlantRpcDriver *self)
{
  gint64 now = g_get_monotonic_time ();

  plant_rpc_link_check_time (self->link, now);
  plant_rpc_subscription_check_flood (self->subscription);
  plant_rpc_handshake_check_time (self->handshake, now);
  plant_rpc_calls_check_time (self->calls, now);
  check_patience (self, now);
}

static gboolean
on_timer (gpointer user_data)
{
  PlantRpcDriver *self = user_data;
  gpointer owner = self->owner;

  self->funcs->hold (owner);
  check_time (self);
  self->funcs->release (owner);
  return G_SOURCE_CONTINUE;
}

PlantRpcDriver *
plant_rpc_driver_new (GMainContext              *context,
                      PlantRpcLink              *link,
                      PlantRpcSubscription      *subscription,
                      PlantRpcHandshake         *handshake,
                      PlantRpcCalls             *calls,
                      const PlantRpcDriverFuncs *funcs,
                      gpointer                   owner)
{
  PlantRpcDriver *self = g_new0 (PlantRpcDriver, 1);

  self->link = link;
  self->subscription = subscription;
  self->handshake = handshake;
  self->calls = calls;
  self->funcs = funcs;
  self->owner = owner;
  self->patience = G_USEC_PER_SEC;
  self->timer = plant_rpc_source_new_alarm (context, on_timer, self, "[plantrpc] deadlines");
  return self;
}

void
plant_rpc_driver_stop (PlantRpcDriver *self)
{
  self->stopped = TRUE;
  self->awaiting_since = 0;
  g_source_destroy (self->timer);
}

void
plant_rpc_driver_free (PlantRpcDriver *self)
{
  plant_rpc_driver_stop (self);
  g_source_unref (self->timer);
  g_free (self);
}

void
plant_rpc_driver_arm (PlantRpcDriver *self)
{
  gint64 deadline;

  if (self->stopped)
    return;
  deadline = get_deadline (self);
  if (deadline != g_source_get_ready_time (self->timer))
    g_source_set_ready_time (self->timer, deadline);
}

void
plant_rpc_driver_accompany (PlantRpcDriver          *self,
                            const PlantRpcCompanion *companion,
                            gpointer                 user_data)
{
  self->companion = companion;
  self->companion_data = user_data;
}

void
plant_rpc_driver_set_patience (PlantRpcDriver *self,
                               int             ms)
{
  self->patience = (gint64) ms * 1000;
  plant_rpc_driver_arm (self);
}

void
plant_rpc_driver_set_awaiting (PlantRpcDriver *self,
                               gboolean        awaiting)
{
  self->awaiting_since = awaiting ? g_get_monotonic_time () : 0;
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
  deadline = earlier (deadline, get_deadline (self));
  left = deadline < 0 ? -1 : MAX (deadline - g_get_monotonic_time (), 0);
  zmq_poll (items, n_items, left < 0 ? -1 : (left + 999) / 1000);
}

void
plant_rpc_driver_step (PlantRpcDriver *self,
                       gint64          deadline,
                       int             cancel_fd)
{
  gpointer owner = self->owner;

  self->funcs->hold (owner);
  wait_for_something (self, deadline, cancel_fd);
  plant_rpc_link_process (self->link);
  plant_rpc_subscription_process (self->subscription);
  if (self->companion != NULL)
    self->companion->process (self->companion_data);
  check_time (self);
  self->funcs->release (owner);
}

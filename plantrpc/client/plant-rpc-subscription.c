/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-generation2-subscription-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-subscription-private.h"

struct _PlantRpcSubscription {
  PlantRpcLink                    *link;    /* (unowned) */
  GMainContext                    *context; /* (owned) */
  PlantRpcTimer                   *timer;   /* (unowned) */
  const PlantRpcSubscriptionFuncs *funcs;
  gpointer                         owner;   /* (unowned) */

  PlantRpcGeneration1Listener     *listener;    /* (owned) (nullable) */
  gboolean                         accepted;    /* the listener's server is of generation 1 */
  PlantRpcGeneration2Subscription *published;   /* (owned) (nullable) */
  PlantRpcNativeSubscription      *native;      /* (owned) (nullable): NULL once freed */
  guint                            n_malformed; /* of those that have ended */
};

static void
clear_subscription (PlantRpcSubscription *self)
{
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcSubscription, clear_subscription)

static void
drop_published (PlantRpcSubscription *self)
{
  if (self->published == NULL)
    return;
  self->n_malformed += plant_rpc_generation2_subscription_get_n_malformed (self->published);
  g_clear_pointer (&self->published, plant_rpc_generation2_subscription_free);
}

PlantRpcSubscription *
plant_rpc_subscription_new (PlantRpcLink                    *link,
                            GMainContext                    *context,
                            PlantRpcTimer                   *timer,
                            const PlantRpcSubscriptionFuncs *funcs,
                            gpointer                         owner)
{
  PlantRpcSubscription *self = g_rc_box_new0 (PlantRpcSubscription);

  self->link = link;
  self->context = g_main_context_ref (context);
  self->timer = timer;
  self->funcs = funcs;
  self->owner = owner;
  self->native = plant_rpc_native_subscription_new (link, &funcs->signals, owner);
  return self;
}

void
plant_rpc_subscription_free (PlantRpcSubscription *self)
{
  plant_rpc_subscription_withdraw_offer (self, TRUE);
  drop_published (self);
  g_clear_pointer (&self->native, plant_rpc_native_subscription_free);
  release (self);
}

/* A signal that is not acknowledged here. */
static void
on_received (gpointer                user_data,
             const PlantRpcEmission *emission)
{
  PlantRpcSubscription *self = user_data;

  self->funcs->signals.received (self->owner, emission, 0, 0);
}

static void
on_signals_lost (gpointer user_data,
                 guint64  n_lost)
{
  PlantRpcSubscription *self = user_data;

  self->funcs->signals.lost (self->owner, n_lost);
}

/* ---- generation 1 */

/* The socket stays, since the server connects to it again if only the connection was lost. */
static void
on_listener_left (gpointer user_data)
{
  PlantRpcSubscription *self = user_data;

  self->funcs->left (self->owner);
}

static void
on_stands (gpointer user_data)
{
  PlantRpcSubscription *self = user_data;

  self->funcs->stands (self->owner);
}

static const PlantRpcGeneration1ListenerFuncs listener_funcs = {
  .received = on_received,
  .overflowed = on_signals_lost,
  .left = on_listener_left,
  .returned = on_stands,
};

gboolean
plant_rpc_subscription_offer (PlantRpcSubscription  *self,
                              guint16               *port,
                              GError               **error)
{
  plant_rpc_subscription_withdraw_offer (self, TRUE);
  self->listener = plant_rpc_generation1_listener_new (
      plant_rpc_link_get_url (self->link), plant_rpc_link_get_peer_address (self->link),
      plant_rpc_link_get_own_address (self->link), self->context, &listener_funcs, self, error);
  if (self->listener == NULL)
    return FALSE;
  *port = plant_rpc_generation1_listener_get_port (self->listener);
  return TRUE;
}

void
plant_rpc_subscription_accept_offer (PlantRpcSubscription *self)
{
  drop_published (self);
  self->accepted = TRUE;
}

void
plant_rpc_subscription_withdraw_offer (PlantRpcSubscription *self,
                                       gboolean              promised)
{
  PlantRpcGeneration1Listener *listener = g_steal_pointer (&self->listener);

  self->accepted = FALSE;
  if (listener == NULL)
    return;
  self->n_malformed += plant_rpc_generation1_listener_get_n_malformed (listener);
  plant_rpc_generation1_listener_free (listener, promised);
}

/* ---- generation 2 */

static void
on_publisher_left (gpointer user_data)
{
  PlantRpcSubscription *self = user_data;

  drop_published (self);
  self->funcs->left (self->owner);
}

static const PlantRpcGeneration2SubscriptionFuncs published_funcs = {
  .received = on_received,
  .lost = on_signals_lost,
  .stands = on_stands,
  .left = on_publisher_left,
};

gboolean
plant_rpc_subscription_connect (PlantRpcSubscription  *self,
                                const char            *signal_url,
                                GError               **error)
{
  drop_published (self);
  self->published = plant_rpc_generation2_subscription_new (
      plant_rpc_link_get_url (self->link), signal_url, self->context, self->timer,
      &published_funcs, self, error);
  return self->published != NULL;
}

/* ---- native */

void
plant_rpc_subscription_restart (PlantRpcSubscription *self)
{
  /* The server may not have connected to it yet. */
  plant_rpc_subscription_withdraw_offer (self, self->accepted);
  drop_published (self);
  plant_rpc_subscription_end_pushes (self);
}

void
plant_rpc_subscription_begin_pushes (PlantRpcSubscription *self)
{
  plant_rpc_subscription_restart (self);
  plant_rpc_native_subscription_begin (self->native);
}

void
plant_rpc_subscription_end_pushes (PlantRpcSubscription *self)
{
  plant_rpc_native_subscription_end (self->native);
}

void
plant_rpc_subscription_acknowledge (PlantRpcSubscription *self,
                                    guint64               sequence,
                                    gsize                 size,
                                    gboolean              in_order)
{
  plant_rpc_native_subscription_acknowledge (self->native, sequence, size, in_order);
}

void
plant_rpc_subscription_leave_out (PlantRpcSubscription *self,
                                  PlantRpcSeries       *series,
                                  gboolean              in_order)
{
  while (series->n_left > 0)
    {
      gsize size;
      const guint64 number = plant_rpc_series_skip (series, &size);

      plant_rpc_subscription_acknowledge (self, number, size, in_order);
    }
  plant_rpc_series_free (series);
}

void
plant_rpc_subscription_refuse (PlantRpcSubscription *self,
                               guint64               sequence,
                               gsize                 size,
                               const GError         *error)
{
  plant_rpc_native_subscription_refuse (self->native, sequence, size, error);
}

/* ---- all */

gboolean
plant_rpc_subscription_is_pushed (PlantRpcSubscription *self)
{
  return self->listener != NULL && self->accepted;
}

gboolean
plant_rpc_subscription_is_elsewhere (PlantRpcSubscription *self)
{
  return self->listener != NULL && plant_rpc_generation1_listener_has_other (self->listener);
}

gboolean
plant_rpc_subscription_is_standing (PlantRpcSubscription *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  gboolean standing = FALSE;

  if (self->published != NULL)
    standing = plant_rpc_generation2_subscription_is_standing (self->published);
  if (self->published != NULL)
    return standing;
  return self->listener != NULL && plant_rpc_generation1_listener_is_connected (self->listener);
}

guint
plant_rpc_subscription_get_n_malformed (PlantRpcSubscription *self)
{
  guint n_malformed =
      self->n_malformed + plant_rpc_native_subscription_get_n_malformed (self->native);

  if (self->listener != NULL)
    n_malformed += plant_rpc_generation1_listener_get_n_malformed (self->listener);
  if (self->published != NULL)
    n_malformed += plant_rpc_generation2_subscription_get_n_malformed (self->published);
  return n_malformed;
}

guint
plant_rpc_subscription_fill_poll (PlantRpcSubscription *self,
                                  zmq_pollitem_t       *items)
{
  return self->published != NULL
             ? plant_rpc_generation2_subscription_fill_poll (self->published, items)
             : 0;
}

void
plant_rpc_subscription_process (PlantRpcSubscription *self)
{
  if (self->published != NULL)
    plant_rpc_generation2_subscription_process (self->published);
}

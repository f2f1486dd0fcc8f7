/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-generation2-subscription-private.h"
#include "plant-rpc-test-subscription.h"

/* The linker replaces the addresses of the link, which is not connected. */
const char *__wrap_plant_rpc_link_get_own_address (PlantRpcLink *self);
const char *__wrap_plant_rpc_link_get_peer_address (PlantRpcLink *self);

const char *
__wrap_plant_rpc_link_get_own_address (PlantRpcLink *self)
{
  return "127.0.0.1";
}

const char *
__wrap_plant_rpc_link_get_peer_address (PlantRpcLink *self)
{
  return "127.0.0.1";
}

static void
on_received (gpointer                owner,
             const PlantRpcEmission *emission,
             guint64                 sequence,
             gsize                   size)
{
  TestSubscription *self = owner;
  void (*action) (gpointer owner) = g_steal_pointer (&self->action);

  self->n_received++;
  g_assert_cmpuint (sequence, ==, 0);
  g_string_append_printf (self->told, "%s ", emission->name);
  if (action != NULL)
    action (self);
}

static void
on_lost (gpointer owner,
         guint64  n_lost)
{
  TestSubscription *self = owner;

  self->n_lost += n_lost;
  g_string_append_printf (self->told, "lost:%" G_GUINT64_FORMAT " ", n_lost);
}

static void
on_stands (gpointer owner)
{
  g_string_append (((TestSubscription *) owner)->told, "stands ");
}

static void
on_left (gpointer owner)
{
  g_string_append (((TestSubscription *) owner)->told, "left ");
}

static const PlantRpcSubscriptionFuncs funcs = {
  .signals = { .received = on_received, .lost = on_lost },
  .stands = on_stands,
  .left = on_left,
};

static const PlantRpcLinkFuncs link_funcs = { .opened = NULL };

static TestSubscription *
new_in (const char   *url,
        GMainContext *context)
{
  TestSubscription *self = g_new0 (TestSubscription, 1);

  self->told = g_string_new (NULL);
  self->timer = test_timer_new ();
  self->link = plant_rpc_link_new (url, context, self->timer, &test_link_options, &link_funcs,
                                   self);
  self->subscription =
      plant_rpc_subscription_new (self->link, context, self->timer, &funcs, self);
  return self;
}

TestSubscription *
test_subscription_new (const char *url)
{
  return new_in (url, g_main_context_default ());
}

TestSubscription *
test_subscription_new_stale (const char *url)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  TestSubscription *self = new_in (url, context);
  g_autoptr (TestPeer) publisher = test_peer_new (ZMQ_XPUB, NULL);
  g_autofree char *published = g_strdup_printf ("tcp://127.0.0.1:%u", test_peer_bind (publisher));
  g_autofree char *found = NULL;

  g_assert_true (plant_rpc_subscription_connect (self->subscription, published, NULL));
  while ((found = plant_rpc_generation2_subscription_find (url)) == NULL)
    g_main_context_iteration (context, TRUE);
  return self;
}

void
test_subscription_free (TestSubscription *self)
{
  plant_rpc_subscription_free (self->subscription);
  plant_rpc_link_free (self->link);
  plant_rpc_timer_free (self->timer);
  g_string_free (self->told, TRUE);
  g_free (self);
}

void
test_subscription_run_loop (gpointer owner)
{
  TestSubscription *self = owner;

  test_wait_until (self->n_received == 3);
  g_string_append (self->told, ". ");
}

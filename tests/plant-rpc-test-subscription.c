/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-test-subscription.h"

static void
on_hold (gpointer owner)
{
  ((TestSubscription *) owner)->held++;
}

static void
on_release (gpointer owner)
{
  ((TestSubscription *) owner)->held--;
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
  self->accounted += size;
  g_string_append_printf (self->told, "%s:%" G_GUINT64_FORMAT " ", emission->name, sequence);
  if (action != NULL)
    action (self);
}

static void
on_spent (gpointer owner,
          guint64  sequence,
          gsize    size)
{
  TestSubscription *self = owner;

  self->accounted += size;
  g_string_append_printf (self->told, "spent:%" G_GUINT64_FORMAT " ", sequence);
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
  .hold = on_hold,
  .release = on_release,
  .received = on_received,
  .spent = on_spent,
  .lost = on_lost,
  .stands = on_stands,
  .left = on_left,
};

static TestSubscription *
new_in (const char   *url,
        GMainContext *context)
{
  TestSubscription *self = g_new0 (TestSubscription, 1);

  self->told = g_string_new (NULL);
  self->subscription = plant_rpc_subscription_new (url, context, &funcs, self);
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
  while ((found = plant_rpc_subscription_find_publisher (self->subscription)) == NULL)
    g_main_context_iteration (context, TRUE);
  return self;
}

void
test_subscription_free (TestSubscription *self)
{
  g_assert_cmpint (self->held, ==, 0);
  g_clear_pointer (&self->subscription, plant_rpc_subscription_free);
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

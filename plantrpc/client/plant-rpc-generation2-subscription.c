/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-channel-private.h"
#include "plant-rpc-generation2-subscription-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"

/* µs between two checks whether the server sends more than is read, or what cannot be
 * understood */
#define FLOOD_US G_USEC_PER_SEC

struct _PlantRpcGeneration2Subscription {
  char                                       *url;        /* (owned): of the server's calls */
  char                                       *signal_url; /* (owned) */
  const PlantRpcGeneration2SubscriptionFuncs *funcs;
  gpointer                                    owner;      /* (unowned) */
  PlantRpcChannel                            *channel;    /* (owned) (nullable): NULL once freed */
  PlantRpcAlarm                               flood;
  gboolean                                    standing;
  guint                                       n_malformed;
  guint                                       n_untold; /* of those, not told to the owner yet */
};

/* The subscriptions of this process that stand. */
static GMutex lock;
static GPtrArray *standing; /* (element-type PlantRpcGeneration2Subscription) (mutex lock) */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

static void
clear_subscription (PlantRpcGeneration2Subscription *self)
{
  g_free (self->signal_url);
  g_free (self->url);
}

PLANT_RPC_DEFINE_HELD (PlantRpcGeneration2Subscription, clear_subscription)

static void
set_standing (PlantRpcGeneration2Subscription *self,
              gboolean                         stands)
{
  if (self->standing == stands)
    return;
  self->standing = stands;
  g_mutex_lock (&lock);
  if (standing == NULL)
    standing = g_ptr_array_new ();
  if (stands)
    g_ptr_array_add (standing, self);
  else
    g_ptr_array_remove_fast (standing, self);
  g_mutex_unlock (&lock);
}

char *
plant_rpc_generation2_subscription_find (const char *url)
{
  char *found = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; standing != NULL && found == NULL && i < standing->len; i++)
    {
      PlantRpcGeneration2Subscription *other = standing->pdata[i];

      if (g_str_equal (other->url, url))
        found = g_strdup (other->signal_url);
    }
  g_mutex_unlock (&lock);
  return found;
}

/* ---- what arrives */

static void
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  PlantRpcGeneration2Subscription *self = user_data;
  g_autoptr (GBytes) payload = plant_rpc_frames_steal (frames, 0);
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GError) error = NULL;

  if (frames->n_frames == 1 && plant_rpc_emission_unpack (&emission, payload, &error) &&
      emission.type == PLANT_RPC_EMISSION_SIGNAL)
    {
      self->funcs->received (self->owner, &emission);
      return;
    }
  self->n_malformed++;
  plant_rpc_debug ("A signal of “%s” cannot be understood: %s", self->url,
                   error != NULL ? error->message : "wrong frames");
  self->n_untold++;
}

/* Messages that arrived before the end are taken first. A callback may have freed the subscription
 * by then. */
static void
note_end (PlantRpcGeneration2Subscription *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  plant_rpc_channel_drain (self->channel);
  if (self->channel == NULL)
    return;
  set_standing (self, FALSE);
  self->funcs->left (self->owner);
}

static void
on_reported (gpointer                   user_data,
             const PlantRpcSocketEvent *event)
{
  PlantRpcGeneration2Subscription *self = user_data;

  if (event->type == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
    {
      set_standing (self, TRUE);
      self->funcs->stands (self->owner);
    }
  else if (event->type == ZMQ_EVENT_DISCONNECTED || event->type == ZMQ_EVENT_CLOSED)
    {
      note_end (self);
    }
}

static void
on_flooded (gpointer user_data)
{
  PlantRpcGeneration2Subscription *self = user_data;

  plant_rpc_debug ("“%s” publishes more than can be taken", self->url);
  set_standing (self, FALSE);
  self->funcs->left (self->owner);
}

static void
on_flood_check (gpointer owner,
                gint64   now)
{
  g_autoptr (Held) self = g_rc_box_acquire ((Held *) owner);
  const guint n_lost = self->n_untold;

  plant_rpc_alarm_set (&self->flood, now + FLOOD_US);
  self->n_untold = 0;
  /* The properties are read anew, at most once in that time. */
  if (n_lost > 0)
    self->funcs->lost (self->owner, n_lost);
  if (self->channel != NULL)
    plant_rpc_channel_check_flood (self->channel);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .reported = on_reported,
  .flooded = on_flooded,
};

/* ---- life */

static PlantRpcChannel *
open_channel (PlantRpcGeneration2Subscription  *self,
              GMainContext                     *context,
              GError                          **error)
{
  static const PlantRpcChannelOptions options = {
    .name = "[plantrpc] published signals",
    .type = ZMQ_SUB,
    .events = ZMQ_EVENT_ALL,
    .max_unread = PLANT_RPC_MAX_QUEUED_MESSAGES,
    .max_frame = PLANT_RPC_MAX_REQUEST_SIZE,
    .max_turn = G_MAXUINT,
    .max_held = PLANT_RPC_MAX_UNFINISHED,
    /* It should outlive a cut cable, since asking for signals once more multiplies them. */
    .keepalive = PLANT_RPC_KEEPALIVE_PATIENT,
  };
  g_autoptr (PlantRpcChannel) channel =
      plant_rpc_channel_new (&options, context, &channel_funcs, self, error);

  if (channel == NULL || !plant_rpc_channel_connect (channel, self->signal_url, error))
    return NULL;
  return g_steal_pointer (&channel);
}

PlantRpcGeneration2Subscription *
plant_rpc_generation2_subscription_new (const char                                  *url,
                                        const char                                  *signal_url,
                                        GMainContext                                *context,
                                        PlantRpcTimer                               *timer,
                                        const PlantRpcGeneration2SubscriptionFuncs  *funcs,
                                        gpointer                                     owner,
                                        GError                                     **error)
{
  g_autoptr (Held) self = g_rc_box_new0 (PlantRpcGeneration2Subscription);

  self->url = g_strdup (url);
  self->signal_url = g_strdup (signal_url);
  self->funcs = funcs;
  self->owner = owner;
  self->channel = open_channel (self, context, error);
  if (self->channel == NULL)
    return NULL;
  plant_rpc_alarm_init (&self->flood, timer, "published signals", on_flood_check, self);
  plant_rpc_alarm_set (&self->flood, g_get_monotonic_time () + FLOOD_US);
  return g_steal_pointer (&self);
}

void
plant_rpc_generation2_subscription_free (PlantRpcGeneration2Subscription *self)
{
  set_standing (self, FALSE);
  plant_rpc_alarm_clear (&self->flood);
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  release (self);
}

gboolean
plant_rpc_generation2_subscription_is_standing (PlantRpcGeneration2Subscription *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  plant_rpc_channel_take_events (self->channel);
  return self->standing;
}

guint
plant_rpc_generation2_subscription_get_n_malformed (PlantRpcGeneration2Subscription *self)
{
  return self->n_malformed;
}

guint
plant_rpc_generation2_subscription_fill_poll (PlantRpcGeneration2Subscription *self,
                                              zmq_pollitem_t                  *items)
{
  return plant_rpc_channel_fill_poll (self->channel, items);
}

void
plant_rpc_generation2_subscription_process (PlantRpcGeneration2Subscription *self)
{
  plant_rpc_channel_process (self->channel);
}

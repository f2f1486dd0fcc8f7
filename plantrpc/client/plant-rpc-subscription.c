/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-channel-private.h"
#include "plant-rpc-error.h"
#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-subscription-private.h"

struct _PlantRpcSubscription {
  char                            *url;     /* (owned): of the server */
  GMainContext                    *context; /* (owned) */
  const PlantRpcSubscriptionFuncs *funcs;
  gpointer                         owner;

  PlantRpcGeneration1Listener *listener; /* (owned) (nullable): generation 1 */
  gboolean                     accepted; /* the listener's server is of generation 1 */

  PlantRpcChannel *channel;    /* (owned) (nullable): to the publisher, generation 2 */
  char            *signal_url; /* (owned) (nullable) */
  gboolean         connected;

  gboolean taking;   /* TRUE while native pushes are accepted */
  guint64  sequence; /* sequence number of the last native push */
  guint    n_malformed;
};

/* The subscriptions of this process at publishers. A server that is asked for its port again sends
 * each signal once more. */
static GMutex lock;
static GPtrArray *publishers; /* (element-type PlantRpcSubscription) (mutex lock) */

PlantRpcSubscription *
plant_rpc_subscription_new (const char                      *url,
                            GMainContext                    *context,
                            const PlantRpcSubscriptionFuncs *funcs,
                            gpointer                         owner)
{
  PlantRpcSubscription *self = g_new0 (PlantRpcSubscription, 1);

  self->url = g_strdup (url);
  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  return self;
}

static void
set_connected (PlantRpcSubscription *self,
               gboolean              connected)
{
  if (self->connected == connected)
    return;
  g_mutex_lock (&lock);
  self->connected = connected;
  if (publishers == NULL)
    publishers = g_ptr_array_new ();
  if (connected)
    g_ptr_array_add (publishers, self);
  else
    g_ptr_array_remove_fast (publishers, self);
  g_mutex_unlock (&lock);
}

static void
drop_channel (PlantRpcSubscription *self)
{
  set_connected (self, FALSE);
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  g_clear_pointer (&self->signal_url, g_free);
}

void
plant_rpc_subscription_set_url (PlantRpcSubscription *self,
                                const char           *url)
{
  g_free (self->url);
  self->url = g_strdup (url);
}

void
plant_rpc_subscription_free (PlantRpcSubscription *self)
{
  plant_rpc_subscription_withdraw_offer (self, TRUE);
  drop_channel (self);
  g_main_context_unref (self->context);
  g_free (self->url);
  g_free (self);
}

/* ---- generation 1 */

static void
on_pushed (PlantRpcEmission *emission,
           gpointer          user_data)
{
  PlantRpcSubscription *self = user_data;
  const PlantRpcSubscriptionFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  funcs->received (owner, emission, 0, 0);
  funcs->release (owner);
}

static void
on_overflowed (guint64  n_lost,
               gpointer user_data)
{
  PlantRpcSubscription *self = user_data;
  const PlantRpcSubscriptionFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  funcs->lost (owner, n_lost);
  funcs->release (owner);
}

static void
on_left (gpointer user_data)
{
  PlantRpcSubscription *self = user_data;
  const PlantRpcSubscriptionFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  plant_rpc_subscription_withdraw_offer (self, FALSE);
  funcs->left (owner);
  funcs->release (owner);
}

static const PlantRpcGeneration1ListenerFuncs listener_funcs = {
  .received = on_pushed,
  .overflowed = on_overflowed,
  .left = on_left,
};

gboolean
plant_rpc_subscription_offer (PlantRpcSubscription  *self,
                              const char            *server_address,
                              const char            *own_address,
                              guint16               *port,
                              GError               **error)
{
  plant_rpc_subscription_withdraw_offer (self, TRUE);
  self->listener =
      plant_rpc_generation1_listener_new (self->url, server_address, own_address, self->context,
                                          &listener_funcs, self, error);
  if (self->listener == NULL)
    return FALSE;
  *port = plant_rpc_generation1_listener_get_port (self->listener);
  return TRUE;
}

void
plant_rpc_subscription_accept_offer (PlantRpcSubscription *self)
{
  drop_channel (self);
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

char *
plant_rpc_subscription_find_publisher (PlantRpcSubscription *self)
{
  char *found = NULL;

  g_mutex_lock (&lock);
  for (guint i = 0; publishers != NULL && found == NULL && i < publishers->len; i++)
    {
      PlantRpcSubscription *other = publishers->pdata[i];

      if (g_str_equal (other->url, self->url))
        found = g_strdup (other->signal_url);
    }
  g_mutex_unlock (&lock);
  return found;
}

static void
take_message (PlantRpcSubscription *self,
              PlantRpcFrames       *frames)
{
  g_autoptr (GBytes) payload = plant_rpc_frames_steal (frames, 0);
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GError) error = NULL;

  if (frames->n_frames == 1 && plant_rpc_emission_unpack (&emission, payload, &error) &&
      emission.type == PLANT_RPC_EMISSION_SIGNAL)
    {
      self->funcs->received (self->owner, &emission, 0, 0);
      return;
    }
  self->n_malformed++;
  g_debug ("A signal of “%s” cannot be understood: %s", self->url,
           error != NULL ? error->message : "wrong frames");
}

static void
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  PlantRpcSubscription *self = user_data;
  const PlantRpcSubscriptionFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  take_message (self, frames);
  funcs->release (owner);
}

/* Messages that arrived before the end are taken first. A callback may have made another connection
 * by then. */
static void
note_end (PlantRpcSubscription *self)
{
  PlantRpcChannel *channel = self->channel;

  plant_rpc_channel_drain (channel);
  if (channel != self->channel)
    return;
  drop_channel (self);
  self->funcs->left (self->owner);
}

static void
take_event (PlantRpcSubscription      *self,
            const PlantRpcSocketEvent *event)
{
  if (event->type == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
    {
      set_connected (self, TRUE);
      self->funcs->stands (self->owner);
    }
  else if (event->type == ZMQ_EVENT_DISCONNECTED || event->type == ZMQ_EVENT_CLOSED)
    {
      note_end (self);
    }
}

static void
on_reported (gpointer                   user_data,
             const PlantRpcSocketEvent *event)
{
  PlantRpcSubscription *self = user_data;
  const PlantRpcSubscriptionFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  take_event (self, event);
  funcs->release (owner);
}

static void
on_flooded (gpointer user_data)
{
  PlantRpcSubscription *self = user_data;
  const PlantRpcSubscriptionFuncs *funcs = self->funcs;
  gpointer owner = self->owner;

  funcs->hold (owner);
  g_debug ("“%s” publishes more than can be taken", self->url);
  drop_channel (self);
  funcs->left (owner);
  funcs->release (owner);
}

void
plant_rpc_subscription_check_flood (PlantRpcSubscription *self)
{
  if (self->channel != NULL)
    plant_rpc_channel_check_flood (self->channel);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .reported = on_reported,
  .flooded = on_flooded,
};

gboolean
plant_rpc_subscription_connect (PlantRpcSubscription  *self,
                                const char            *signal_url,
                                GError               **error)
{
  static const PlantRpcChannelOptions options = {
    .name = "[plantrpc] published signals",
    .type = ZMQ_SUB,
    .events = ZMQ_EVENT_ALL,
    .max_unread = PLANT_RPC_MAX_QUEUED_MESSAGES,
    .max_frame = PLANT_RPC_MAX_REQUEST_SIZE,
    .max_held = PLANT_RPC_MAX_UNFINISHED,
    /* It should outlive a cut cable, since asking for signals once more multiplies them. */
    .keepalive = PLANT_RPC_KEEPALIVE_PATIENT,
  };
  g_autoptr (PlantRpcChannel) channel =
      plant_rpc_channel_new (&options, self->context, &channel_funcs, self, error);

  if (channel == NULL)
    return FALSE;
  drop_channel (self);
  if (!plant_rpc_channel_connect (channel, signal_url, error))
    return FALSE;
  self->channel = g_steal_pointer (&channel);
  self->signal_url = g_strdup (signal_url);
  return TRUE;
}

/* ---- native */

void
plant_rpc_subscription_restart (PlantRpcSubscription *self)
{
  /* The server may not have connected to it yet. */
  plant_rpc_subscription_withdraw_offer (self, self->accepted);
  drop_channel (self);
  plant_rpc_subscription_end_pushes (self);
}

void
plant_rpc_subscription_begin_pushes (PlantRpcSubscription *self)
{
  plant_rpc_subscription_restart (self);
  self->taking = TRUE;
}

void
plant_rpc_subscription_end_pushes (PlantRpcSubscription *self)
{
  self->taking = FALSE;
  self->sequence = 0;
}

/* Sequence numbers begin at 1 and grow. Elsewhere 0 means that a signal has no number. */
static gboolean
is_next (PlantRpcSubscription *self,
         guint64               sequence)
{
  return self->taking && sequence > self->sequence && sequence <= PLANT_RPC_MAX_SEQUENCE;
}

static gboolean
unpack_push (PlantRpcEmission   *emission,
             PlantRpcArguments  *plain,
             GBytes             *payload,
             GError            **error)
{
  if (plant_rpc_emission_unpack_plain (emission, plain, payload))
    return TRUE;
  if (plant_rpc_message_get_format (payload) == PLANT_RPC_FORMAT_NATIVE)
    return plant_rpc_emission_unpack (emission, payload, error);
  g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                       "It is not a message of the native wire");
  return FALSE;
}

void
plant_rpc_subscription_push (PlantRpcSubscription *self,
                             guint64               sequence,
                             GBytes               *payload)
{
  g_auto (PlantRpcArguments) plain = { 0 };
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GError) error = NULL;
  gsize size = g_bytes_get_size (payload) + PLANT_RPC_PUSH_OVERHEAD;
  gboolean gap = sequence != self->sequence + 1;

  if (!is_next (self, sequence))
    {
      self->n_malformed++;
      g_debug ("“%s” pushed what nobody waits for", self->url);
      return;
    }
  self->sequence = sequence;
  if (gap)
    self->funcs->lost (self->owner, 0);
  if (!unpack_push (&emission, &plain, payload, &error))
    {
      self->n_malformed++;
      g_debug ("What “%s” pushed cannot be understood: %s", self->url, error->message);
      self->funcs->spent (self->owner, sequence, size);
      return;
    }
  if (emission.type != PLANT_RPC_EMISSION_LOST)
    {
      self->funcs->received (self->owner, &emission, sequence, size);
      return;
    }
  if (emission.n_lost > 0)
    self->funcs->lost (self->owner, emission.n_lost);
  self->funcs->spent (self->owner, sequence, size);
}

guint64
plant_rpc_subscription_get_sequence (PlantRpcSubscription *self)
{
  return self->sequence;
}

/* ---- all */

gboolean
plant_rpc_subscription_is_pushed (PlantRpcSubscription *self)
{
  return self->listener != NULL && self->accepted;
}

gboolean
plant_rpc_subscription_is_standing (PlantRpcSubscription *self)
{
  if (self->channel != NULL)
    plant_rpc_channel_take_events (self->channel);
  if (self->channel != NULL)
    return self->connected;
  return self->listener != NULL && plant_rpc_generation1_listener_is_connected (self->listener);
}

guint
plant_rpc_subscription_get_n_malformed (PlantRpcSubscription *self)
{
  guint n_malformed = self->n_malformed;

  if (self->listener != NULL)
    n_malformed += plant_rpc_generation1_listener_get_n_malformed (self->listener);
  return n_malformed;
}

guint
plant_rpc_subscription_fill_poll (PlantRpcSubscription *self,
                                  zmq_pollitem_t       *items)
{
  return self->channel != NULL ? plant_rpc_channel_fill_poll (self->channel, items) : 0;
}

void
plant_rpc_subscription_process (PlantRpcSubscription *self)
{
  if (self->channel != NULL)
    plant_rpc_channel_process (self->channel);
}

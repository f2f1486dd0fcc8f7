/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-registry-link-private.h"
#include "plant-rpc-source-private.h"

#define FIRST_RETRY   (50 * 1000)                 /* µs */
#define LAST_RETRY    (500 * 1000)
#define GIVE_UP       (5 * G_USEC_PER_SEC)        /* µs that an attempt to connect may take */

struct _PlantRpcRegistryLink {
  grefcount                        ref_count;
  char                            *url;     /* (owned) */
  GMainContext                    *context; /* (owned) */
  const PlantRpcRegistryLinkFuncs *funcs;
  gpointer                         owner;
  PlantRpcChannel                 *channel; /* (owned) (nullable) */
  GSource                         *timer;   /* (owned): of the next attempt */
  gboolean                         open;
  gint64                           opened; /* monotonic µs: when the connection was opened */
  guint64                          id;    /* id of the latest request */
  gboolean                         asked; /* TRUE: the latest request has no reply yet */
  gint64                           retry; /* µs */
};

static void
unref_link (PlantRpcRegistryLink *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;
  g_main_context_unref (self->context);
  g_free (self->url);
  g_free (self);
}

/* A callback may free the link. */
static PlantRpcRegistryLink *
hold (gpointer user_data)
{
  PlantRpcRegistryLink *self = user_data;

  g_ref_count_inc (&self->ref_count);
  return self;
}

static void
drop (PlantRpcRegistryLink *self)
{
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  self->open = FALSE;
  self->asked = FALSE;
}

/* A part of the delay is random, so that many devices do not come at once when a registry has
 * restarted. */
static void
try_later (PlantRpcRegistryLink *self)
{
  gint64 half = self->retry / 2;

  g_source_set_ready_time (self->timer, g_get_monotonic_time () + half +
                                            g_random_int_range (0, (gint32) half + 1));
  self->retry = MIN (self->retry * 2, LAST_RETRY);
}

static void
lose (PlantRpcRegistryLink *self)
{
  gboolean was_open = self->open;

  g_clear_pointer (&self->channel, plant_rpc_channel_discard);
  drop (self);
  try_later (self);
  if (was_open)
    self->funcs->lost (self->owner);
}

static void
miss (PlantRpcRegistryLink *self,
      gboolean              refused)
{
  g_autoptr (GError) error = NULL;

  if (refused)
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, _("Nobody listens at “%s”"),
                 self->url);
  else
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _("“%s” does not speak ZeroMQ, or not as this client does"), self->url);
  if (self->funcs->missed != NULL)
    self->funcs->missed (self->owner, error);
}

static void
take_message (PlantRpcRegistryLink *self,
              PlantRpcFrames       *frames)
{
  g_auto (PlantRpcRegistryReply) reply = { 0 };
  g_autoptr (GBytes) payload = NULL;
  g_autoptr (GError) error = NULL;
  guint64 id;
  gboolean expected;

  if (frames->n_frames != 3 || zmq_msg_size (&frames->frames[0]) != sizeof id)
    return;
  memcpy (&id, zmq_msg_data (&frames->frames[0]), sizeof id);
  payload = plant_rpc_frames_steal (frames, 2);
  if (!plant_rpc_registry_reply_unpack (&reply, payload, &error))
    {
      self->funcs->garbled (self->owner, error);
      return;
    }
  expected = self->asked && GUINT64_FROM_LE (id) == self->id &&
             reply.type != PLANT_RPC_REGISTRY_DEVICE_ADDED &&
             reply.type != PLANT_RPC_REGISTRY_DEVICE_REMOVED;
  if (expected)
    self->asked = FALSE;
  /* A registry that answers and then closes the connection must not be connected to without a
   * pause. */
  if (g_get_monotonic_time () >= self->opened + LAST_RETRY)
    self->retry = FIRST_RETRY;
  self->funcs->replied (self->owner, &reply, expected);
}

static void
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  PlantRpcRegistryLink *self = hold (user_data);

  take_message (self, frames);
  unref_link (self);
}

static void
take_event (PlantRpcRegistryLink      *self,
            const PlantRpcSocketEvent *event)
{
  gboolean was_open = self->open;

  switch (event->type)
    {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      self->open = TRUE;
      self->opened = g_get_monotonic_time ();
      g_source_set_ready_time (self->timer, -1);
      self->funcs->opened (self->owner);
      break;
    case ZMQ_EVENT_DISCONNECTED:
    case ZMQ_EVENT_CLOSED:
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      lose (self);
      if (!was_open)
        miss (self, event->type == ZMQ_EVENT_CLOSED);
      break;
    default:
      break;
    }
}

static void
on_reported (gpointer                   user_data,
             const PlantRpcSocketEvent *event)
{
  PlantRpcRegistryLink *self = hold (user_data);

  take_event (self, event);
  unref_link (self);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .reported = on_reported,
};

static gboolean
open_channel (PlantRpcRegistryLink *self)
{
  static const PlantRpcChannelOptions options = {
    .name = "[plantrpc] registry connection",
    .type = ZMQ_DEALER,
    .events = ZMQ_EVENT_ALL,
    .max_unread = PLANT_RPC_MAX_REGISTRY_REPLIES,
    .max_frame = PLANT_RPC_MAX_REGISTRY_REPLY,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
  };
  g_autoptr (PlantRpcChannel) channel =
      plant_rpc_channel_new (&options, self->context, &channel_funcs, self, NULL);

  if (channel == NULL || !plant_rpc_channel_connect (channel, self->url, NULL))
    return FALSE;
  self->channel = g_steal_pointer (&channel);
  return TRUE;
}

/* This also ends an attempt that has taken too long. */
static gboolean
on_timer (gpointer user_data)
{
  PlantRpcRegistryLink *self = user_data;

  drop (self);
  if (!open_channel (self))
    {
      try_later (self);
      return G_SOURCE_CONTINUE;
    }
  g_source_set_ready_time (self->timer, g_get_monotonic_time () + GIVE_UP);
  return G_SOURCE_CONTINUE;
}

PlantRpcRegistryLink *
plant_rpc_registry_link_new (const char                      *url,
                             GMainContext                    *context,
                             const PlantRpcRegistryLinkFuncs *funcs,
                             gpointer                         owner)
{
  PlantRpcRegistryLink *self = g_new0 (PlantRpcRegistryLink, 1);

  g_ref_count_init (&self->ref_count);
  self->url = g_strdup (url);
  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  self->retry = FIRST_RETRY;
  self->timer = plant_rpc_source_new_alarm (context, on_timer, self, "[plantrpc] registry retry");
  g_source_set_ready_time (self->timer, 0);
  return self;
}

void
plant_rpc_registry_link_free (PlantRpcRegistryLink *self)
{
  drop (self);
  plant_rpc_source_clear (&self->timer);
  unref_link (self);
}

gboolean
plant_rpc_registry_link_is_open (PlantRpcRegistryLink *self)
{
  return self->open;
}

void
plant_rpc_registry_link_send (PlantRpcRegistryLink          *self,
                              const PlantRpcRegistryRequest *request)
{
  g_autoptr (GBytes) payload = plant_rpc_registry_request_pack (request);
  guint64 wire_id = GUINT64_TO_LE (++self->id);
  PlantRpcEnvelope envelope;

  g_return_if_fail (self->open);

  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, &wire_id, sizeof wire_id);
  plant_rpc_envelope_append (&envelope, NULL, 0);
  plant_rpc_socket_send (plant_rpc_channel_get_socket (self->channel), &envelope, payload, NULL);
  self->asked = TRUE;
}

void
plant_rpc_registry_link_renew (PlantRpcRegistryLink *self)
{
  if (self->channel != NULL)
    lose (self);
}

guint
plant_rpc_registry_link_fill_poll (PlantRpcRegistryLink *self,
                                   zmq_pollitem_t       *items)
{
  return self->channel != NULL ? plant_rpc_channel_fill_poll (self->channel, items) : 0;
}

gint64
plant_rpc_registry_link_get_deadline (PlantRpcRegistryLink *self)
{
  return g_source_get_ready_time (self->timer);
}

void
plant_rpc_registry_link_process (PlantRpcRegistryLink *self)
{
  gint64 deadline = g_source_get_ready_time (self->timer);

  hold (self);
  if (self->channel != NULL)
    plant_rpc_channel_process (self->channel);
  if (self->timer != NULL && deadline >= 0 && g_get_monotonic_time () >= deadline &&
      g_source_get_ready_time (self->timer) == deadline)
    on_timer (self);
  unref_link (self);
}

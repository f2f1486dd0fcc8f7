/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-channel-private.h"
#include "plant-rpc-heartbeat-private.h"
#include "plant-rpc-request-private.h"

/* The server is looked at twice in each interval. What arrives only sets the count back, since it
 * may be a million signals a second. */
typedef enum {
  SILENT_FOR_LESS, /* than half an interval, so far */
  SILENT_FOR_HALF, /* asked at the next look */
  ASKED,           /* or another request waits for its reply */
  KNOCKED,         /* the server has not answered, and another connection is under way */
  REPORTED,
} Silence;

struct _PlantRpcHeartbeat {
  PlantRpcLink          *link;     /* (unowned) */
  GMainContext          *context;  /* (owned) */
  PlantRpcHeartbeatFunc  silent;
  gpointer               owner;    /* (unowned) */
  PlantRpcAlarm          look;
  gboolean               started;
  PlantRpcFormat         format;   /* of the server */
  guint                  interval; /* ms; 0: the server is not asked */
  Silence                silence;
  guint64                received; /* bytes, up to the last look */
  PlantRpcChannel       *knock;    /* (owned) (nullable): another connection to the server */
  gboolean               taken;    /* the ZeroMQ threads of the server have taken it */
};

static void on_look (gpointer owner,
                     gint64   now);

PlantRpcHeartbeat *
plant_rpc_heartbeat_new (PlantRpcLink          *link,
                         GMainContext          *context,
                         PlantRpcTimer         *timer,
                         PlantRpcHeartbeatFunc  silent,
                         gpointer               owner)
{
  PlantRpcHeartbeat *self = g_new0 (PlantRpcHeartbeat, 1);

  self->link = link;
  self->context = g_main_context_ref (context);
  self->silent = silent;
  self->owner = owner;
  self->interval = PLANT_RPC_HEARTBEAT_INTERVAL;
  plant_rpc_alarm_init (&self->look, timer, "heartbeat", on_look, self);
  return self;
}

void
plant_rpc_heartbeat_free (PlantRpcHeartbeat *self)
{
  plant_rpc_heartbeat_stop (self);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
look_after (PlantRpcHeartbeat *self,
            gint64             now)
{
  if (self->started && self->interval > 0)
    plant_rpc_alarm_set (&self->look, now + (gint64) self->interval * 500);
  else
    plant_rpc_alarm_clear (&self->look);
}

static void
begin (PlantRpcHeartbeat *self)
{
  self->silence = SILENT_FOR_LESS;
  g_clear_pointer (&self->knock, plant_rpc_channel_discard);
  look_after (self, g_get_monotonic_time ());
}

void
plant_rpc_heartbeat_set_interval (PlantRpcHeartbeat *self,
                                  guint              interval)
{
  self->interval = interval;
  begin (self);
}

guint
plant_rpc_heartbeat_get_interval (PlantRpcHeartbeat *self)
{
  return self->interval;
}

void
plant_rpc_heartbeat_start (PlantRpcHeartbeat *self,
                           PlantRpcFormat     format)
{
  self->started = TRUE;
  self->format = format;
  begin (self);
}

void
plant_rpc_heartbeat_stop (PlantRpcHeartbeat *self)
{
  self->started = FALSE;
  plant_rpc_alarm_clear (&self->look);
  g_clear_pointer (&self->knock, plant_rpc_channel_discard);
}

void
plant_rpc_heartbeat_note_heard (PlantRpcHeartbeat *self)
{
  self->silence = SILENT_FOR_LESS;
}

/* Only the arrival of the reply counts, which the link reports. */
static void
ignore_reply (GBytes       *payload,
              GBytes       *buffer,
              const GError *error,
              gpointer      user_data)
{
}

/* A server of Plant Imager dies of names that it does not know, but tells its inventory at any
 * time. A native server answers with a short error that it has no property without a name. */
void
plant_rpc_heartbeat_ask (PlantRpcHeartbeat *self)
{
  const gboolean native = self->format == PLANT_RPC_FORMAT_NATIVE;
  PlantRpcRequest request = {
    .format = self->format,
    .event = native ? PLANT_RPC_EVENT_PROPERTY_GET : PLANT_RPC_EVENT_GET_INVENTORY,
    .name = native ? (char *) "" : NULL,
  };
  g_autoptr (GBytes) payload = plant_rpc_request_pack (&request, NULL);

  plant_rpc_link_send (self->link, payload, ignore_reply, NULL);
}

/* A server of Plant Imager serves one request at a time. It is not asked while it has another one,
 * which is as good as a question. */
static gboolean
may_ask (PlantRpcHeartbeat *self)
{
  return self->format == PLANT_RPC_FORMAT_NATIVE || !plant_rpc_link_is_waiting (self->link);
}

/* ---- another connection */

static void
on_received (gpointer        owner,
             PlantRpcFrames *frames)
{
}

static void
on_reported (gpointer                   owner,
             const PlantRpcSocketEvent *event)
{
  if (event->type == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
    ((PlantRpcHeartbeat *) owner)->taken = TRUE;
}

static void
knock (PlantRpcHeartbeat *self)
{
  static const PlantRpcChannelFuncs funcs = { .received = on_received, .reported = on_reported };
  static const PlantRpcChannelOptions options = {
    .name = "[plantrpc] heartbeat",
    .type = ZMQ_DEALER,
    .events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED,
    .max_unread = 1,
    .max_frame = 1024,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
  };

  self->knock = plant_rpc_channel_new (&options, self->context, &funcs, self, NULL);
  /* Where this process cannot make another connection, that says nothing about the server. */
  self->taken =
      self->knock == NULL ||
      !plant_rpc_channel_connect (self->knock, plant_rpc_link_get_numeric_url (self->link), NULL);
}

/* A caller that blocks does not run the source of the channel. */
static gboolean
is_taken (PlantRpcHeartbeat *self)
{
  if (self->knock != NULL)
    plant_rpc_channel_take_events (self->knock);
  g_clear_pointer (&self->knock, plant_rpc_channel_discard);
  return self->taken;
}

/* ---- looks */

/* A long message may arrive for a while before it is heard. */
static gboolean
has_received (PlantRpcHeartbeat *self)
{
  guint64 received = plant_rpc_link_count_received (self->link);

  if (received == self->received)
    return FALSE;
  self->received = received;
  return TRUE;
}

static void
on_look (gpointer owner,
         gint64   now)
{
  PlantRpcHeartbeat *self = owner;

  if (!plant_rpc_link_is_open (self->link))
    return;
  look_after (self, now);
  if (has_received (self) && self->silence != REPORTED)
    self->silence = SILENT_FOR_LESS;
  switch (self->silence)
    {
    case SILENT_FOR_LESS:
      g_clear_pointer (&self->knock, plant_rpc_channel_discard);
      self->silence = SILENT_FOR_HALF;
      break;
    case SILENT_FOR_HALF:
      self->silence = ASKED;
      if (may_ask (self))
        plant_rpc_heartbeat_ask (self);
      break;
    case ASKED:
      self->silence = KNOCKED;
      knock (self);
      break;
    case KNOCKED:
      self->silence = is_taken (self) ? ASKED : REPORTED;
      if (self->silence == REPORTED)
        self->silent (self->owner);
      break;
    case REPORTED:
    default:
      break;
    }
}

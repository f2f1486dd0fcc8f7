/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-channel-private.h"
#include "plant-rpc-heartbeat-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-request-private.h"

/* The server is looked at twice in each interval. What arrives only sets the count back, since it
 * may be a million signals a second. */
typedef enum {
  SILENT_FOR_LESS, /* than half an interval, so far */
  SILENT_FOR_HALF, /* asked at the next look */
  ASKED,           /* or another request waits for its reply */
  KNOCKED,         /* the server has not answered, and another connection is under way */
  REPORTED,        /* and no other connection was taken; it is tried again and again */
} Silence;

struct _PlantRpcHeartbeat {
  PlantRpcLink                 *link;     /* (unowned) */
  GMainContext                 *context;  /* (owned) */
  const PlantRpcHeartbeatFuncs *funcs;
  gpointer                      owner;    /* (unowned) */
  PlantRpcAlarm                 look;
  gboolean                      started;
  PlantRpcFormat                format;   /* of the server */
  guint                         interval; /* ms; 0: the server is not asked */
  Silence                       silence;
  guint64                       received; /* bytes, up to the last look */
  PlantRpcChannel              *knock;    /* (owned) (nullable): another connection to the server */
  gboolean                      taken;    /* the ZeroMQ threads of the server have taken it */
  guint                         n_missed; /* number of knocks in a row that were not taken */
  PlantRpcChannel              *witness;  /* (owned) (nullable): a knock that was taken and asked */
  gboolean                      answered; /* the server has answered to the witness */
  gboolean                      doubted;  /* it had at the last look, too, but not on the link */
};

static void on_look (gpointer owner,
                     gint64   now);

PlantRpcHeartbeat *
plant_rpc_heartbeat_new (PlantRpcLink                 *link,
                         GMainContext                 *context,
                         PlantRpcTimer                *timer,
                         const PlantRpcHeartbeatFuncs *funcs,
                         gpointer                      owner)
{
  PlantRpcHeartbeat *self = g_new0 (PlantRpcHeartbeat, 1);

  self->link = link;
  self->context = g_main_context_ref (context);
  self->funcs = funcs;
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
forget_others (PlantRpcHeartbeat *self)
{
  g_clear_pointer (&self->knock, plant_rpc_channel_discard);
  g_clear_pointer (&self->witness, plant_rpc_channel_discard);
  self->n_missed = 0;
  self->answered = FALSE;
  self->doubted = FALSE;
}

static void
begin (PlantRpcHeartbeat *self)
{
  self->silence = SILENT_FOR_LESS;
  forget_others (self);
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
  forget_others (self);
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
static GBytes *
pack_question (PlantRpcHeartbeat *self)
{
  const gboolean native = self->format == PLANT_RPC_FORMAT_NATIVE;
  PlantRpcRequest request = {
    .format = self->format,
    .event = native ? PLANT_RPC_EVENT_PROPERTY_GET : PLANT_RPC_EVENT_GET_INVENTORY,
    .name = native ? (char *) "" : NULL,
  };

  return plant_rpc_request_pack (&request, NULL);
}

void
plant_rpc_heartbeat_ask (PlantRpcHeartbeat *self)
{
  g_autoptr (GBytes) payload = pack_question (self);

  plant_rpc_link_send (self->link, payload, ignore_reply, NULL);
}

/* A server of Plant Imager serves one request at a time. It is not asked while it has another one,
 * which is as good as a question. */
static gboolean
may_ask (PlantRpcHeartbeat *self)
{
  return self->format == PLANT_RPC_FORMAT_NATIVE || !plant_rpc_link_is_waiting (self->link);
}

/* ---- other connections */

static void
ignore_message (gpointer        owner,
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
on_witness_received (gpointer        owner,
                     PlantRpcFrames *frames)
{
  ((PlantRpcHeartbeat *) owner)->answered = TRUE;
}

static void
on_witness_reported (gpointer                   owner,
                     const PlantRpcSocketEvent *event)
{
  PlantRpcHeartbeat *self = owner;

  if (event->type == ZMQ_EVENT_DISCONNECTED)
    g_clear_pointer (&self->witness, plant_rpc_channel_discard);
}

/* The first knock that is taken becomes the witness, and is asked what the link was asked. A server
 * that is busy answers neither. */
static void
call_witness (PlantRpcHeartbeat *self)
{
  static const PlantRpcChannelFuncs funcs = { .received = on_witness_received,
                                              .reported = on_witness_reported };
  const guint64 id = GUINT64_TO_LE (1);
  g_autoptr (GBytes) payload = pack_question (self);
  PlantRpcEnvelope envelope;

  self->witness = g_steal_pointer (&self->knock);
  plant_rpc_channel_set_owner (self->witness, &funcs, self);
  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, &id, sizeof id);
  plant_rpc_envelope_append (&envelope, NULL, 0);
  plant_rpc_socket_send (plant_rpc_channel_get_socket (self->witness), &envelope, payload, NULL);
}

static void
knock (PlantRpcHeartbeat *self)
{
  static const PlantRpcChannelFuncs funcs = { .received = ignore_message,
                                              .reported = on_reported };
  static const PlantRpcChannelOptions options = {
    .name = "[plantrpc] heartbeat",
    .type = ZMQ_DEALER,
    .events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED,
    .max_unread = 1,
    .max_frame = PLANT_RPC_MAX_REPLY_SIZE,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
  };

  self->knock = plant_rpc_channel_new (&options, self->context, &funcs, self, NULL);
  /* Where this process cannot make another connection, that says nothing about the server. */
  self->taken =
      self->knock == NULL ||
      !plant_rpc_channel_connect (self->knock, plant_rpc_link_get_numeric_url (self->link), NULL);
}

/* A caller that blocks does not run the sources of the channels. */
static gboolean
is_taken (PlantRpcHeartbeat *self)
{
  if (self->knock != NULL)
    plant_rpc_channel_take_events (self->knock);
  if (self->taken && self->knock != NULL && self->witness == NULL)
    call_witness (self);
  g_clear_pointer (&self->knock, plant_rpc_channel_discard);
  self->n_missed = self->taken ? 0 : self->n_missed + 1;
  return self->taken;
}

/* The answers on both connections may have been sent at the same time, so the link has until the
 * next look. */
static gboolean
is_dead (PlantRpcHeartbeat *self)
{
  if (self->witness != NULL)
    plant_rpc_channel_process (self->witness);
  if (self->answered && self->doubted)
    return TRUE;
  self->doubted = self->answered;
  return self->n_missed > PLANT_RPC_HEARTBEAT_PATIENCE;
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
  gboolean received;

  if (!plant_rpc_link_is_open (self->link))
    return;
  look_after (self, now);
  received = has_received (self);
  if (received && self->silence != REPORTED)
    self->silence = SILENT_FOR_LESS;
  if (received || self->silence == SILENT_FOR_LESS)
    forget_others (self);
  if (is_dead (self))
    {
      self->funcs->dead (self->owner);
      return;
    }
  switch (self->silence)
    {
    case SILENT_FOR_LESS:
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
        self->funcs->silent (self->owner);
      break;
    case REPORTED:
    default:
      if (self->knock == NULL)
        knock (self);
      else
        is_taken (self);
      break;
    }
}

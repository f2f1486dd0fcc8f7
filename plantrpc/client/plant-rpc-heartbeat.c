/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-heartbeat-private.h"
#include "plant-rpc-request-private.h"

/* The server is looked at twice in each interval. What arrives only sets the count back, since it
 * may be a million signals a second. */
typedef enum {
  SILENT_FOR_LESS, /* than half an interval, so far */
  SILENT_FOR_HALF, /* asked at the next look */
  ASKED,
  ASKED_FOR_HALF,  /* without an answer; reported at the next look */
  REPORTED,
} Silence;

struct _PlantRpcHeartbeat {
  PlantRpcLink          *link;     /* (unowned) */
  PlantRpcHeartbeatFunc  silent;
  gpointer               owner;    /* (unowned) */
  PlantRpcAlarm          look;
  gboolean               started;
  PlantRpcFormat         format;   /* of the server */
  guint                  interval; /* ms; 0: the server is not asked */
  Silence                silence;
};

static void on_look (gpointer owner,
                     gint64   now);

PlantRpcHeartbeat *
plant_rpc_heartbeat_new (PlantRpcLink          *link,
                         PlantRpcTimer         *timer,
                         PlantRpcHeartbeatFunc  silent,
                         gpointer               owner)
{
  PlantRpcHeartbeat *self = g_new0 (PlantRpcHeartbeat, 1);

  self->link = link;
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
 * which tells nothing about it before its own time is over. */
static gboolean
may_ask (PlantRpcHeartbeat *self)
{
  return plant_rpc_link_is_open (self->link) && (self->format == PLANT_RPC_FORMAT_NATIVE ||
                                                 !plant_rpc_link_is_waiting (self->link));
}

static void
on_look (gpointer owner,
         gint64   now)
{
  PlantRpcHeartbeat *self = owner;

  look_after (self, now);
  switch (self->silence)
    {
    case SILENT_FOR_LESS:
      self->silence = SILENT_FOR_HALF;
      break;
    case SILENT_FOR_HALF:
      if (!may_ask (self))
        break;
      self->silence = ASKED;
      plant_rpc_heartbeat_ask (self);
      break;
    case ASKED:
      self->silence = ASKED_FOR_HALF;
      break;
    case ASKED_FOR_HALF:
      self->silence = REPORTED;
      self->silent (self->owner);
      break;
    case REPORTED:
    default:
      break;
    }
}

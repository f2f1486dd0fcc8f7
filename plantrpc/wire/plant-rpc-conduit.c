/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-conduit-private.h"
#include "plant-rpc-emission-private.h"
#include "plant-rpc-held-private.h"

/* messages of a connection after which a lane is opened: who has little to say needs none */
#define LANE_AFTER 16

struct _PlantRpcConduit {
  const PlantRpcConduitFuncs *funcs;
  gpointer                    owner;      /* (unowned) */
  GMainContext               *context;    /* (owned) */
  PlantRpcTimer              *timer;      /* (unowned) */
  gsize                       max_size;
  PlantRpcChannel            *channel;    /* (owned) (nullable): NULL once freed */
  PlantRpcLaneClient         *lane;       /* (owned) (nullable) */
  guint                       until_lane; /* messages until a lane is opened; 0: none is */
  GArray                     *unsent;     /* (owned) (element-type guint64): ids of messages that
                                             the lane gave back and that could not be sent */
};

static const PlantRpcChannelFuncs channel_funcs;
static void on_flooded (gpointer user_data);

static void
clear_conduit (PlantRpcConduit *self)
{
  g_clear_pointer (&self->unsent, g_array_unref);
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcConduit, clear_conduit)

/* ---- life */

PlantRpcConduit *
plant_rpc_conduit_new (PlantRpcChannel            *channel,
                       gsize                       max_size,
                       GMainContext               *context,
                       PlantRpcTimer              *timer,
                       const PlantRpcConduitFuncs *funcs,
                       gpointer                    owner)
{
  PlantRpcConduit *self = g_rc_box_new0 (PlantRpcConduit);

  self->funcs = funcs;
  self->owner = owner;
  self->context = g_main_context_ref (context);
  self->timer = timer;
  self->max_size = max_size;
  self->channel = channel;
  self->unsent = g_array_new (FALSE, FALSE, sizeof (guint64));
  plant_rpc_channel_set_owner (channel, &channel_funcs, self);
  return self;
}

static void
drop_lane (PlantRpcConduit *self,
           void           (*drop) (PlantRpcLaneClient *lane))
{
  PlantRpcLaneClient *lane = g_steal_pointer (&self->lane);

  if (lane == NULL)
    return;
  self->funcs->forget (self->owner, lane);
  drop (lane);
}

void
plant_rpc_conduit_free (PlantRpcConduit *self)
{
  drop_lane (self, plant_rpc_lane_client_free);
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  release (self);
}

GArray *
plant_rpc_conduit_discard (PlantRpcConduit *self)
{
  GArray *unsent = g_steal_pointer (&self->unsent);

  if (self->lane != NULL)
    plant_rpc_lane_client_list_unsent (self->lane, unsent);
  drop_lane (self, plant_rpc_lane_client_discard);
  g_clear_pointer (&self->channel, plant_rpc_channel_discard);
  release (self);
  return unsent;
}

/* ---- sending */

/* The socket has no high-water mark, and libzmq takes messages for a connection that has ended.
 * While it stands, only the end is reported. A caller without a main loop has not heard of it. */
static gboolean
has_ended (PlantRpcConduit *self)
{
  return plant_rpc_socket_has_event (plant_rpc_channel_get_socket (self->channel));
}

static gboolean
send_over_channel (PlantRpcConduit *self,
                   guint64          id,
                   GBytes          *payload)
{
  PlantRpcSocket *socket = plant_rpc_channel_get_socket (self->channel);
  const guint64 wire_id = GUINT64_TO_LE (id);
  PlantRpcEnvelope envelope;

  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, &wire_id, sizeof wire_id);
  plant_rpc_envelope_append (&envelope, NULL, 0);
  return !has_ended (self) &&
         plant_rpc_socket_send (socket, &envelope, payload, NULL) == PLANT_RPC_SEND_DONE;
}

gboolean
plant_rpc_conduit_send (PlantRpcConduit *self,
                        guint64          id,
                        GBytes          *payload)
{
  if (self->lane == NULL || !plant_rpc_lane_client_is_used (self->lane))
    return send_over_channel (self, id, payload);
  if (plant_rpc_lane_client_is_hung_up (self->lane) && has_ended (self))
    return FALSE;
  plant_rpc_lane_client_send (self->lane, id, payload);
  return TRUE;
}

/* ---- the lane */

static void
on_lane_request (gpointer           owner,
                 GBytes            *payload,
                 PlantRpcReplyFunc  func,
                 gpointer           user_data)
{
  PlantRpcConduit *self = owner;
  const guint64 id = self->funcs->request (self->owner, func, user_data);

  if (!send_over_channel (self, id, payload))
    self->funcs->unsent (self->owner);
}

static void
on_lane_received (gpointer             owner,
                  PlantRpcLaneMessage *message)
{
  PlantRpcConduit *self = owner;

  self->funcs->received (self->owner, message->id, message->payload, message->buffer);
}

static void
on_lane_returned (gpointer  owner,
                  guint64   id,
                  GBytes   *payload,
                  GBytes   *buffer)
{
  PlantRpcConduit *self = owner;

  if (self->channel == NULL || send_over_channel (self, id, payload))
    return;
  g_array_append_val (self->unsent, id);
  self->funcs->unsent (self->owner);
}

static void
on_lane_failed (gpointer owner)
{
  PlantRpcConduit *self = owner;

  self->funcs->failed (self->owner);
}

static const PlantRpcLaneClientFuncs lane_funcs = {
  .request = on_lane_request,
  .received = on_lane_received,
  .returned = on_lane_returned,
  .flooded = on_flooded,
  .failed = on_lane_failed,
};

void
plant_rpc_conduit_allow_lane (PlantRpcConduit *self)
{
  if (self->lane == NULL)
    self->until_lane = LANE_AFTER;
}

static void
count_message (PlantRpcConduit *self)
{
  int ordinary;

  if (self->until_lane == 0 || --self->until_lane > 0)
    return;
  ordinary = plant_rpc_channel_get_descriptor (self->channel);
  if (ordinary < 0)
    return;
  self->lane = plant_rpc_lane_client_new (ordinary, self->max_size, self->context, self->timer,
                                          &lane_funcs, self);
  plant_rpc_lane_client_start (self->lane);
}

/* ---- the channel */

static void
take_push (PlantRpcConduit *self,
           guint64          id,
           PlantRpcFrames  *frames)
{
  g_autoptr (GBytes) payload = plant_rpc_frames_steal (frames, 1);

  self->funcs->received (self->owner, id, payload, NULL);
}

static void
take_reply (PlantRpcConduit *self,
            guint64          id,
            PlantRpcFrames  *frames)
{
  g_autoptr (GBytes) payload = plant_rpc_frames_steal (frames, 2);
  g_autoptr (GBytes) buffer = frames->n_frames > 3 ? plant_rpc_frames_steal (frames, 3) : NULL;

  self->funcs->received (self->owner, id, payload, buffer);
}

static void
on_received (gpointer        user_data,
             PlantRpcFrames *frames)
{
  PlantRpcConduit *self = user_data;
  guint64 id;

  if (frames->n_frames < 2 || zmq_msg_size (&frames->frames[0]) != sizeof id)
    {
      self->funcs->malformed (self->owner);
      return;
    }
  memcpy (&id, zmq_msg_data (&frames->frames[0]), sizeof id);
  id = GUINT64_FROM_LE (id);
  count_message (self);
  if ((id & PLANT_RPC_PUSH_BIT) != 0)
    take_push (self, id, frames);
  else if (frames->n_frames >= 3 && zmq_msg_size (&frames->frames[1]) == 0)
    take_reply (self, id, frames);
  else
    self->funcs->malformed (self->owner);
}

static void
on_reported (gpointer                   user_data,
             const PlantRpcSocketEvent *event)
{
  PlantRpcConduit *self = user_data;

  if (event->type == ZMQ_EVENT_DISCONNECTED || event->type == ZMQ_EVENT_CLOSED)
    self->funcs->ended (self->owner);
}

static void
on_flooded (gpointer user_data)
{
  PlantRpcConduit *self = user_data;

  self->funcs->flooded (self->owner);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .reported = on_reported,
  .flooded = on_flooded,
};

/* ---- both */

void
plant_rpc_conduit_drain (PlantRpcConduit *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  if (self->lane != NULL)
    plant_rpc_lane_client_drain (self->lane);
  if (self->channel != NULL)
    plant_rpc_channel_drain (self->channel);
}

guint64
plant_rpc_conduit_count_received (PlantRpcConduit *self)
{
  guint64 n_bytes;

  if (!plant_rpc_channel_count_received (self->channel, &n_bytes))
    n_bytes = 0;
  if (self->lane != NULL)
    n_bytes += plant_rpc_lane_client_count_received (self->lane);
  return n_bytes;
}

PlantRpcPulseState
plant_rpc_conduit_feel_pulse (PlantRpcConduit *self)
{
  const PlantRpcPulseState state = plant_rpc_channel_feel_pulse (self->channel);

  if (self->lane != NULL && plant_rpc_lane_client_feel_pulse (self->lane) &&
      state == PLANT_RPC_PULSE_CALM)
    return PLANT_RPC_PULSE_WAITING;
  return state;
}

void
plant_rpc_conduit_check_flood (PlantRpcConduit *self)
{
  plant_rpc_channel_check_flood (self->channel);
}

guint
plant_rpc_conduit_fill_poll (PlantRpcConduit *self,
                             zmq_pollitem_t  *items)
{
  guint n_items = plant_rpc_channel_fill_poll (self->channel, items);

  if (self->lane != NULL)
    n_items += plant_rpc_lane_client_fill_poll (self->lane, items + n_items);
  return n_items;
}

gboolean
plant_rpc_conduit_is_quiet (PlantRpcConduit *self)
{
  return plant_rpc_channel_is_quiet (self->channel);
}

gboolean
plant_rpc_conduit_has_rest (PlantRpcConduit *self)
{
  return self->lane != NULL && plant_rpc_lane_client_has_rest (self->lane);
}

void
plant_rpc_conduit_process (PlantRpcConduit *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  plant_rpc_conduit_process_lane (self);
  if (self->channel != NULL)
    plant_rpc_channel_process (self->channel);
}

void
plant_rpc_conduit_process_lane (PlantRpcConduit *self)
{
  if (self->lane != NULL)
    plant_rpc_lane_client_process (self->lane);
}

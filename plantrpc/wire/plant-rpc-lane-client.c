/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/socket.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-lane-client-private.h"
#include "plant-rpc-lane-dialler-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-rest-private.h"
#include "plant-rpc-source-private.h"

/* µs that the server has to take the connection */
#define DIAL_US (5 * G_USEC_PER_SEC)

#define LINGER_MS 1000

/* µs since the server was heard during which it is not asked whether it has closed the lane */
#define FRESH_US 1000

typedef enum {
  STATE_IDLE,    /* there is no lane, or none any more */
  STATE_ASKED,   /* for an offer */
  STATE_DIALLING,
  STATE_BEGUN,   /* messages go over the lane; those of the server do not come over it yet */
  STATE_OPEN,
  STATE_ENDING,  /* the lane has broken; the server is asked what it has received */
  STATE_CLOSED,  /* freed */
} State;

struct _PlantRpcLaneClient {
  GMainContext                  *context;  /* (owned) */
  const PlantRpcLaneClientFuncs *funcs;
  gpointer                       owner;    /* (unowned) */
  int                            ordinary; /* (unowned) */
  gsize                          max_size;
  State                          state;
  PlantRpcAlarm                  alarm;    /* the end of the patience with the dialler */
  PlantRpcLaneDialler           *dialler;  /* (owned) (nullable): while dialling */
  PlantRpcLane                  *lane;     /* (owned) (nullable): since it was connected */
  GSource                       *source;   /* (owned) (nullable): of its descriptor */
  PlantRpcRest                   rest;     /* of the source */
  gint64                         heard;    /* monotonic µs: when the lane was read last */
};

static const PlantRpcLaneDiallerFuncs dialler_funcs;

static void
clear_client (PlantRpcLaneClient *self)
{
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcLaneClient, clear_client)

/* ---- life */

static void
give_up_dialling (PlantRpcLaneClient *self)
{
  plant_rpc_alarm_clear (&self->alarm);
  g_clear_pointer (&self->dialler, plant_rpc_lane_dialler_free);
}

static void
drop_lane (PlantRpcLaneClient *self)
{
  plant_rpc_rest_clear (&self->rest);
  plant_rpc_source_clear (&self->source);
  g_clear_pointer (&self->lane, plant_rpc_lane_free);
}

static void
on_patience_over (gpointer owner,
                  gint64   now)
{
  PlantRpcLaneClient *self = owner;

  give_up_dialling (self);
  self->state = STATE_IDLE;
}

static void
on_rested (gpointer owner)
{
  PlantRpcLaneClient *self = owner;

  if (self->source != NULL)
    plant_rpc_source_set_paused (self->source, FALSE);
}

PlantRpcLaneClient *
plant_rpc_lane_client_new (int                            ordinary,
                           gsize                          max_size,
                           GMainContext                  *context,
                           PlantRpcTimer                 *timer,
                           const PlantRpcLaneClientFuncs *funcs,
                           gpointer                       owner)
{
  PlantRpcLaneClient *self = g_rc_box_new0 (PlantRpcLaneClient);

  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  self->ordinary = ordinary;
  self->max_size = max_size;
  plant_rpc_alarm_init (&self->alarm, timer, "lane", on_patience_over, self);
  plant_rpc_rest_init (&self->rest, self->context, on_rested, self);
  return self;
}

void
plant_rpc_lane_client_discard (PlantRpcLaneClient *self)
{
  self->state = STATE_CLOSED;
  give_up_dialling (self);
  drop_lane (self);
  release (self);
}

void
plant_rpc_lane_client_free (PlantRpcLaneClient *self)
{
  if (self->lane != NULL)
    plant_rpc_lane_linger (self->lane, LINGER_MS);
  plant_rpc_lane_client_discard (self);
}

/* ---- the end of the lane */

static void
return_message (gpointer  owner,
                guint64   id,
                GBytes   *payload,
                GBytes   *buffer)
{
  PlantRpcLaneClient *self = owner;

  if (self->state != STATE_CLOSED)
    self->funcs->returned (self->owner, id, payload, buffer);
}

/* N_RECEIVED messages have reached the server. */
static void
give_back (PlantRpcLaneClient *self,
           guint64             n_received)
{
  g_autoptr (PlantRpcLane) lane = g_steal_pointer (&self->lane);

  drop_lane (self);
  self->state = STATE_IDLE;
  if (!plant_rpc_lane_hand_back (lane, n_received, return_message, self))
    self->funcs->failed (self->owner);
}

static void
on_ended (GBytes       *payload,
          GBytes       *buffer,
          const GError *failure,
          gpointer      user_data)
{
  PlantRpcLaneClient *self = user_data;
  g_autoptr (Held) held = g_rc_box_acquire (self);
  guint64 n_received;

  if (payload == NULL || self->state != STATE_ENDING)
    return;
  if (plant_rpc_lane_message_unpack_end (payload, &n_received))
    give_back (self, n_received);
  else
    self->funcs->failed (self->owner);
}

static void
end (PlantRpcLaneClient *self)
{
  g_autoptr (GBytes) payload = NULL;

  plant_rpc_debug ("A lane has broken; its messages go over the ordinary connection");
  plant_rpc_lane_break (self->lane);
  plant_rpc_rest_clear (&self->rest);
  plant_rpc_source_clear (&self->source);
  plant_rpc_lane_close (self->lane);
  self->state = STATE_ENDING;
  payload = plant_rpc_lane_message_pack_end (plant_rpc_lane_get_n_received (self->lane));
  self->funcs->request (self->owner, payload, on_ended, self);
}

/* ---- what goes over it */

static void
await_room (PlantRpcLaneClient *self)
{
  if (self->source != NULL)
    plant_rpc_source_await_room (self->source, plant_rpc_lane_wants_write (self->lane));
}

gboolean
plant_rpc_lane_client_is_used (PlantRpcLaneClient *self)
{
  return self->state == STATE_BEGUN || self->state == STATE_OPEN || self->state == STATE_ENDING;
}

/* What is known of a lane need not be asked for. */
gboolean
plant_rpc_lane_client_is_hung_up (PlantRpcLaneClient *self)
{
  if (self->lane == NULL)
    return FALSE;
  return plant_rpc_lane_is_broken (self->lane) ||
         (g_get_monotonic_time () > self->heard + FRESH_US &&
          plant_rpc_lane_is_hung_up (self->lane));
}

void
plant_rpc_lane_client_list_unsent (PlantRpcLaneClient *self,
                                   GArray             *ids)
{
  if (self->lane != NULL)
    plant_rpc_lane_list_unsent (self->lane, ids);
}

void
plant_rpc_lane_client_send (PlantRpcLaneClient *self,
                            guint64             id,
                            GBytes             *payload)
{
  plant_rpc_lane_send (self->lane, id, payload, NULL);
  if (plant_rpc_lane_is_broken (self->lane) && self->source != NULL)
    plant_rpc_source_set_ready (self->source);
  else
    await_room (self);
}

guint64
plant_rpc_lane_client_count_received (PlantRpcLaneClient *self)
{
  return self->lane != NULL ? plant_rpc_lane_get_n_bytes (self->lane) : 0;
}

gboolean
plant_rpc_lane_client_feel_pulse (PlantRpcLaneClient *self)
{
  if (self->state != STATE_BEGUN && self->state != STATE_OPEN)
    return FALSE;
  switch (plant_rpc_lane_feel_pulse (self->lane))
    {
    case PLANT_RPC_PULSE_LOST:
      end (self);
      return TRUE;
    case PLANT_RPC_PULSE_WAITING:
      return TRUE;
    case PLANT_RPC_PULSE_CALM:
    default:
      return FALSE;
    }
}

/* ---- what comes over it */

/* Hands messages out until END (monotonic µs). Returns FALSE if it has stopped before. */
static gboolean
hand_out (PlantRpcLaneClient *self,
          gint64              end_time)
{
  while (self->state == STATE_OPEN)
    {
      g_auto (PlantRpcLaneMessage) message = { .id = 0 };

      if (!plant_rpc_lane_take (self->lane, &message))
        return FALSE;
      self->heard = g_get_monotonic_time ();
      self->funcs->received (self->owner, &message);
      if (self->heard >= end_time)
        return TRUE;
    }
  return FALSE;
}

static void
check_broken (PlantRpcLaneClient *self)
{
  if ((self->state == STATE_BEGUN || self->state == STATE_OPEN) &&
      plant_rpc_lane_is_broken (self->lane))
    end (self);
  else if (self->lane != NULL)
    await_room (self);
}

static void
take_turn (PlantRpcLaneClient *self,
           gint64              end_time)
{
  gboolean more;

  if (self->lane == NULL)
    return;
  plant_rpc_lane_flush (self->lane);
  more = hand_out (self, end_time);
  if (self->lane != NULL && plant_rpc_lane_get_held (self->lane) > PLANT_RPC_MAX_UNFINISHED)
    self->funcs->flooded (self->owner);
  if (more && self->source != NULL)
    plant_rpc_source_set_ready (self->source);
  check_broken (self);
}

void
plant_rpc_lane_client_process (PlantRpcLaneClient *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  if (self->dialler != NULL)
    plant_rpc_lane_dialler_process (self->dialler);
  take_turn (self, g_get_monotonic_time () + PLANT_RPC_SOURCE_BATCH_USEC);
}

void
plant_rpc_lane_client_drain (PlantRpcLaneClient *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  hand_out (self, g_get_monotonic_time () + G_USEC_PER_SEC);
}

gboolean
plant_rpc_lane_client_has_rest (PlantRpcLaneClient *self)
{
  if (self->lane == NULL || self->state == STATE_ENDING)
    return FALSE;
  return plant_rpc_lane_is_broken (self->lane) ||
         (self->state == STATE_OPEN && plant_rpc_lane_has_rest (self->lane));
}

guint
plant_rpc_lane_client_fill_poll (PlantRpcLaneClient *self,
                                 zmq_pollitem_t     *items)
{
  if (self->dialler != NULL)
    return plant_rpc_lane_dialler_fill_poll (self->dialler, items);
  if (self->state != STATE_OPEN || plant_rpc_lane_is_broken (self->lane))
    return 0;
  items[0] = (zmq_pollitem_t) {
    .fd = plant_rpc_lane_get_descriptor (self->lane),
    .events = ZMQ_POLLIN,
  };
  if (plant_rpc_lane_wants_write (self->lane))
    items[0].events |= ZMQ_POLLOUT;
  return 1;
}

static gboolean
on_descriptor (gpointer user_data)
{
  g_autoptr (Held) self = g_rc_box_acquire ((Held *) user_data);
  const gint64 begun = g_get_monotonic_time ();

  take_turn (self, begun + PLANT_RPC_SOURCE_BATCH_USEC);
  if (self->source != NULL &&
      plant_rpc_rest_after (&self->rest, g_get_monotonic_time () - begun))
    plant_rpc_source_set_paused (self->source, TRUE);
  return G_SOURCE_CONTINUE;
}

/* ---- its beginning */

/* The reply is the last message of the server over the ordinary connection. If it is a refusal, the
 * server has closed the lane, and the end of it may have come before. */
static void
on_begun (GBytes       *payload,
          GBytes       *buffer,
          const GError *failure,
          gpointer      user_data)
{
  PlantRpcLaneClient *self = user_data;
  g_autoptr (Held) held = g_rc_box_acquire (self);
  guint8 kind;

  if (payload == NULL || (self->state != STATE_BEGUN && self->state != STATE_ENDING))
    return;
  kind = plant_rpc_message_get_kind (payload);
  if (kind == PLANT_RPC_KIND_ERROR)
    {
      give_back (self, 0);
      return;
    }
  /* Whether the server reads the lane is not known then. */
  if (kind != PLANT_RPC_KIND_DONE)
    {
      self->funcs->failed (self->owner);
      return;
    }
  if (self->state == STATE_ENDING)
    return;
  if (plant_rpc_lane_is_broken (self->lane))
    {
      end (self);
      return;
    }
  self->state = STATE_OPEN;
  self->source = plant_rpc_source_attach_descriptor (plant_rpc_lane_get_descriptor (self->lane),
                                                     self->context, on_descriptor, self,
                                                     "[plantrpc] lane");
  plant_rpc_source_set_ready (self->source);
  await_room (self);
}

static void
on_connected (gpointer owner,
              int      fd)
{
  PlantRpcLaneClient *self = owner;
  g_autoptr (GBytes) payload = plant_rpc_lane_message_pack_begin ();

  give_up_dialling (self);
  self->lane = plant_rpc_lane_new (fd, self->max_size);
  self->state = STATE_BEGUN;
  self->funcs->request (self->owner, payload, on_begun, self);
}

static void
on_failed (gpointer owner)
{
  PlantRpcLaneClient *self = owner;

  give_up_dialling (self);
  self->state = STATE_IDLE;
}

static const PlantRpcLaneDiallerFuncs dialler_funcs = {
  .connected = on_connected,
  .failed = on_failed,
};

static void
on_offer (GBytes       *payload,
          GBytes       *buffer,
          const GError *failure,
          gpointer      user_data)
{
  PlantRpcLaneClient *self = user_data;
  g_auto (PlantRpcLaneOffer) offer = { .name = NULL };

  if (payload == NULL || self->state != STATE_ASKED)
    return;
  self->state = STATE_IDLE;
  if (!plant_rpc_lane_message_unpack_offer (&offer, payload))
    return;
  self->state = STATE_DIALLING;
  plant_rpc_alarm_set_after (&self->alarm, DIAL_US);
  self->dialler = plant_rpc_lane_dialler_new (&offer, self->ordinary, self->context,
                                              &dialler_funcs, self);
  plant_rpc_lane_dialler_start (self->dialler);
}

void
plant_rpc_lane_client_start (PlantRpcLaneClient *self)
{
  g_autofree char *end = plant_rpc_channel_dup_end (self->ordinary, getsockname);
  g_autoptr (GBytes) payload = plant_rpc_lane_message_pack_ask (end);

  if (plant_rpc_lane_is_switched_off (TRUE) && plant_rpc_lane_is_switched_off (FALSE))
    return;
  self->state = STATE_ASKED;
  self->funcs->request (self->owner, payload, on_offer, self);
}

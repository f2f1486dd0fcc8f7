/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* for POLLRDHUP */
#include "config.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-lane-private.h"
#include "plant-rpc-log-private.h"

/* What has been received is acknowledged with the next message that is sent, and otherwise when it
 * is so many messages or bytes. */
#define MAX_UNTOLD       32
#define MAX_UNTOLD_BYTES (256 * 1024)

/* pieces of what was not read that are thrown away when a lane is closed */
#define MAX_THROWN 64

struct _PlantRpcLane {
  int                 fd;         /* (owned): -1 once it was closed */
  guint               process;    /* that has the descriptor */
  gboolean            broken;
  PlantRpcLaneInput  *input;      /* (owned) */
  PlantRpcLaneOutput *output;     /* (owned) */
  PlantRpcPulse       pulse;
  gboolean            empty;      /* TRUE: the latest read has taken all that was there */
  gboolean            ended;      /* TRUE: there is nothing to be read any more */
  guint64             n_received; /* messages, as the next one */
  guint64             n_told;     /* of these, acknowledged */
  gsize               untold;     /* bytes of those that were not */
};

PlantRpcLane *
plant_rpc_lane_new (int   fd,
                    gsize max_size)
{
  PlantRpcLane *self = g_new0 (PlantRpcLane, 1);

  self->fd = fd;
  self->process = plant_rpc_init_get_process ();
  self->input = plant_rpc_lane_input_new (max_size);
  self->output = plant_rpc_lane_output_new ();
  plant_rpc_pulse_init (&self->pulse, fd);
  return self;
}

/* In a forked child the parent still uses the descriptor. */
static gboolean
is_usable (PlantRpcLane *self)
{
  return !self->broken && !plant_rpc_init_is_inherited (self->process);
}

void
plant_rpc_lane_break (PlantRpcLane *self)
{
  if (is_usable (self))
    shutdown (self->fd, SHUT_RDWR);
  self->broken = TRUE;
  plant_rpc_pulse_init (&self->pulse, -1);
}

void
plant_rpc_lane_close (PlantRpcLane *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

/* If something is left to be read when a connection of TCP is closed, the kernel throws away what
 * it has not sent yet. */
static void
throw_unread_away (PlantRpcLane *self)
{
  guint8 thrown[16 * 1024];

  if (!is_usable (self))
    return;
  shutdown (self->fd, SHUT_WR);
  for (guint i = 0; i < MAX_THROWN; i++)
    {
      if (recv (self->fd, thrown, sizeof thrown, MSG_DONTWAIT) <= 0)
        return;
    }
}

void
plant_rpc_lane_free (PlantRpcLane *self)
{
  throw_unread_away (self);
  plant_rpc_lane_close (self);
  plant_rpc_lane_input_free (self->input);
  plant_rpc_lane_output_free (self->output);
  g_free (self);
}

int
plant_rpc_lane_get_descriptor (PlantRpcLane *self)
{
  return self->fd;
}

gboolean
plant_rpc_lane_is_broken (PlantRpcLane *self)
{
  return self->broken;
}

/* ---- sending */

gboolean
plant_rpc_lane_has_room (PlantRpcLane *self)
{
  return plant_rpc_lane_output_has_room (self->output);
}

static void
note_written (PlantRpcLane       *self,
              PlantRpcLaneResult  result)
{
  if (result == PLANT_RPC_LANE_BROKEN)
    {
      plant_rpc_lane_break (self);
      return;
    }
  if (result != PLANT_RPC_LANE_WRITTEN)
    return;
  self->n_told = self->n_received;
  self->untold = 0;
}

void
plant_rpc_lane_send (PlantRpcLane *self,
                     guint64       id,
                     GBytes       *payload,
                     GBytes       *buffer)
{
  const gboolean waits = plant_rpc_lane_wants_write (self);

  plant_rpc_lane_output_push (self->output, id, payload, buffer);
  if (!waits && is_usable (self))
    note_written (self, plant_rpc_lane_output_write (self->output, self->fd, self->n_received));
}

gboolean
plant_rpc_lane_wants_write (PlantRpcLane *self)
{
  return !self->broken && !plant_rpc_lane_output_is_written (self->output);
}

void
plant_rpc_lane_flush (PlantRpcLane *self)
{
  if (plant_rpc_lane_wants_write (self) && is_usable (self))
    note_written (self, plant_rpc_lane_output_write (self->output, self->fd, self->n_received));
}

void
plant_rpc_lane_linger (PlantRpcLane *self,
                       int           ms)
{
  const gint64 end = g_get_monotonic_time () + (gint64) ms * 1000;
  gint64 left;

  while (plant_rpc_lane_wants_write (self) && is_usable (self) &&
         (left = end - g_get_monotonic_time ()) > 0)
    {
      struct pollfd item = { .fd = self->fd, .events = POLLOUT };

      poll (&item, 1, (int) (left / 1000) + 1);
      plant_rpc_lane_flush (self);
    }
}

/* ---- receiving */

static void
tell_received (PlantRpcLane *self)
{
  if (self->n_received - self->n_told < MAX_UNTOLD && self->untold < MAX_UNTOLD_BYTES)
    return;
  note_written (self,
                plant_rpc_lane_output_write_number (self->output, self->fd, self->n_received));
}

static void
fail (PlantRpcLane *self)
{
  plant_rpc_debug ("The other end of a lane breaks the protocol");
  plant_rpc_lane_break (self);
}

/* Returns FALSE if the lane has broken. */
static gboolean
take_whole (PlantRpcLane        *self,
            PlantRpcLaneMessage *message)
{
  guint32 number;

  if (plant_rpc_lane_input_take (self->input, message) &&
      (!plant_rpc_lane_input_take_number (self->input, &number) ||
       plant_rpc_lane_output_acknowledge (self->output, number)))
    return TRUE;
  plant_rpc_lane_message_clear (message);
  fail (self);
  return FALSE;
}

static void
note_received (PlantRpcLane              *self,
               const PlantRpcLaneMessage *message)
{
  self->n_received++;
  self->untold += g_bytes_get_size (message->payload);
  if (message->buffer != NULL)
    self->untold += g_bytes_get_size (message->buffer);
}

/* Returns FALSE if there is nothing more to be read now. */
static gboolean
read_more (PlantRpcLane *self)
{
  if (self->ended)
    plant_rpc_lane_break (self);
  if (self->ended || self->empty)
    {
      self->empty = FALSE;
      return FALSE;
    }
  switch (plant_rpc_lane_input_read (self->input, self->fd))
    {
    case PLANT_RPC_LANE_EMPTY:
      self->empty = TRUE;
      return TRUE;
    case PLANT_RPC_LANE_ENDED:
      self->ended = TRUE;
      return TRUE;
    case PLANT_RPC_LANE_INVALID:
      fail (self);
      return FALSE;
    case PLANT_RPC_LANE_READ:
    default:
      return TRUE;
    }
}

gboolean
plant_rpc_lane_take (PlantRpcLane        *self,
                     PlantRpcLaneMessage *message)
{
  *message = (PlantRpcLaneMessage) { .id = 0 };
  if (!is_usable (self))
    return FALSE;
  while (take_whole (self, message))
    {
      if (message->payload != NULL)
        {
          note_received (self, message);
          tell_received (self);
          return TRUE;
        }
      if (!read_more (self))
        break;
    }
  return FALSE;
}

gboolean
plant_rpc_lane_has_rest (PlantRpcLane *self)
{
  return is_usable (self) && (self->ended || plant_rpc_lane_input_has_rest (self->input));
}

gboolean
plant_rpc_lane_is_hung_up (PlantRpcLane *self)
{
  struct pollfd item = { .fd = self->fd, .events = POLLRDHUP };

  return self->ended || self->broken || poll (&item, 1, 0) > 0;
}

gsize
plant_rpc_lane_get_held (PlantRpcLane *self)
{
  return plant_rpc_lane_input_get_held (self->input);
}

guint64
plant_rpc_lane_get_n_bytes (PlantRpcLane *self)
{
  return plant_rpc_lane_input_get_n_bytes (self->input);
}

guint64
plant_rpc_lane_get_n_received (PlantRpcLane *self)
{
  return self->n_received;
}

PlantRpcPulseState
plant_rpc_lane_feel_pulse (PlantRpcLane *self)
{
  return plant_rpc_pulse_feel (&self->pulse);
}

gboolean
plant_rpc_lane_hand_back (PlantRpcLane            *self,
                          guint64                  n_received,
                          PlantRpcLaneMessageFunc  func,
                          gpointer                 owner)
{
  return plant_rpc_lane_output_hand_back (self->output, n_received, func, owner);
}

void
plant_rpc_lane_list_unsent (PlantRpcLane *self,
                            GArray       *ids)
{
  plant_rpc_lane_output_list_unsent (self->output, ids);
}

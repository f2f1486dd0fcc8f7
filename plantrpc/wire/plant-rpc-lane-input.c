/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "plant-rpc-lane-frame-private.h"
#include "plant-rpc-lane-input-private.h"

/* bytes that are read at once; a message that does not fit is read into its own place */
#define ROOM (32 * 1024)
/* bytes that the place of a part has at first; it grows with what comes, not with what is
 * announced */
#define FIRST_ROOM (256 * 1024)

/* A part of a large message. */
typedef struct {
  guint8 *data;   /* (owned) (nullable) */
  gsize   room;
  gsize   size;   /* bytes that have come */
  gsize   wanted; /* bytes, without the padding */
} Part;

struct _PlantRpcLaneInput {
  gsize               max_size;
  guint8             *data;       /* (owned) (nullable): read and not taken, from START to END */
  gsize               start;
  gsize               end;
  gboolean            large;      /* TRUE: HEADER and the next two are of a message under way */
  PlantRpcLaneHeader  header;
  Part                parts[2];   /* the payload and the buffer */
  gsize               padding;    /* bytes after the part that is read now */
  guint               n_parts;    /* that have come */
  guint32             number;     /* that the latest header acknowledges */
  gboolean            has_number;
  guint64             n_bytes;
};

PlantRpcLaneInput *
plant_rpc_lane_input_new (gsize max_size)
{
  PlantRpcLaneInput *self = g_new0 (PlantRpcLaneInput, 1);

  self->max_size = max_size;
  return self;
}

void
plant_rpc_lane_input_free (PlantRpcLaneInput *self)
{
  g_free (self->parts[0].data);
  g_free (self->parts[1].data);
  g_free (self->data);
  g_free (self);
}

void
plant_rpc_lane_message_clear (PlantRpcLaneMessage *self)
{
  g_clear_pointer (&self->payload, g_bytes_unref);
  g_clear_pointer (&self->buffer, g_bytes_unref);
}

/* ---- reading */

/* Returns the number of bytes that were read, 0 at the end, or -1 with errno set. */
static gssize
receive (PlantRpcLaneInput *self,
         int                fd,
         void              *data,
         gsize              size)
{
  gssize n;

  do
    n = recv (fd, data, size, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n > 0)
    self->n_bytes += n;
  return n;
}

static PlantRpcLaneReading
judge (gssize n,
       gsize  wanted)
{
  if (n < 0 && (errno == EAGAIN || errno == ENOMEM || errno == ENOBUFS))
    return PLANT_RPC_LANE_EMPTY;
  if (n <= 0)
    return PLANT_RPC_LANE_ENDED;
  return (gsize) n < wanted ? PLANT_RPC_LANE_EMPTY : PLANT_RPC_LANE_READ;
}

/* Returns the part that is read now, or NULL if both have come. */
static Part *
find_part (PlantRpcLaneInput *self)
{
  return self->n_parts < G_N_ELEMENTS (self->parts) ? &self->parts[self->n_parts] : NULL;
}

static gboolean
grow (Part *part)
{
  const gsize room = MIN (part->wanted, MAX (FIRST_ROOM, part->room * 2));
  guint8 *data = part->size < part->room ? part->data : g_try_realloc (part->data, room);

  if (data == NULL)
    return FALSE;
  if (part->size == part->room)
    part->room = room;
  part->data = data;
  return TRUE;
}

/* Goes on to the next part once the one that is read now is whole. */
static void
advance (PlantRpcLaneInput *self)
{
  Part *part;

  while ((part = find_part (self)) != NULL && part->size == part->wanted && self->padding == 0)
    {
      self->n_parts++;
      part = find_part (self);
      self->padding = part != NULL ? plant_rpc_lane_pad (part->wanted) : 0;
    }
}

static PlantRpcLaneReading
read_padding (PlantRpcLaneInput *self,
              int                fd)
{
  guint8 rest[8];
  const gsize wanted = self->padding;
  const gssize n = receive (self, fd, rest, wanted);

  if (n > 0)
    self->padding -= n;
  advance (self);
  return judge (n, wanted);
}

static PlantRpcLaneReading
read_part (PlantRpcLaneInput *self,
           int                fd)
{
  Part *part = find_part (self);
  gssize n;
  gsize wanted;

  if (part == NULL)
    return PLANT_RPC_LANE_READ;
  if (part->size == part->wanted)
    return read_padding (self, fd);
  if (!grow (part))
    return PLANT_RPC_LANE_INVALID;
  wanted = part->room - part->size;
  n = receive (self, fd, part->data + part->size, wanted);
  if (n > 0)
    part->size += n;
  advance (self);
  return judge (n, wanted);
}

PlantRpcLaneReading
plant_rpc_lane_input_read (PlantRpcLaneInput *self,
                           int                fd)
{
  gssize n;
  gsize wanted;

  if (self->large)
    return read_part (self, fd);
  if (self->data == NULL)
    self->data = g_malloc (ROOM);
  if (self->start > 0)
    memmove (self->data, self->data + self->start, self->end - self->start);
  self->end -= self->start;
  self->start = 0;
  wanted = ROOM - self->end;
  if (wanted == 0)
    return PLANT_RPC_LANE_READ;
  n = receive (self, fd, self->data + self->end, wanted);
  if (n > 0)
    self->end += n;
  return judge (n, wanted);
}

/* ---- messages */

static gboolean
check_header (PlantRpcLaneInput        *self,
              const PlantRpcLaneHeader *header)
{
  const gboolean buffered = header->flags == PLANT_RPC_LANE_HAS_BUFFER;

  if (header->flags == PLANT_RPC_LANE_NO_MESSAGE)
    return header->payload_size == 0 && header->buffer_size == 0;
  return (buffered || (header->flags == 0 && header->buffer_size == 0)) &&
         header->payload_size <= self->max_size && header->buffer_size <= self->max_size;
}

static gsize
measure_part (const PlantRpcLaneHeader *header,
              guint                     part)
{
  return part == 0 ? header->payload_size : header->buffer_size;
}

static gsize
measure_padded (const PlantRpcLaneHeader *header,
                guint                     part)
{
  const gsize size = measure_part (header, part);

  return size + plant_rpc_lane_pad (size);
}

static GBytes *
take_part (Part *part)
{
  GBytes *bytes = g_bytes_new_take (part->data, part->wanted);

  *part = (Part) { .data = NULL };
  return bytes;
}

static void
take_large (PlantRpcLaneInput   *self,
            PlantRpcLaneMessage *message)
{
  const gboolean buffered = (self->header.flags & PLANT_RPC_LANE_HAS_BUFFER) != 0;

  if (find_part (self) != NULL)
    return;
  self->large = FALSE;
  message->id = self->header.id;
  message->payload = take_part (&self->parts[0]);
  message->buffer = buffered ? take_part (&self->parts[1]) : NULL;
}

/* Moves what has come of the part to its own place. */
static gboolean
fill_part (PlantRpcLaneInput *self,
           Part              *part)
{
  const gsize n = MIN (part->wanted, self->end - self->start);

  if (n == 0)
    return TRUE;
  part->room = MIN (part->wanted, MAX (FIRST_ROOM, n));
  part->data = g_try_malloc (part->room);
  if (part->data == NULL)
    return FALSE;
  memcpy (part->data, self->data + self->start, n);
  part->size = n;
  self->start += n;
  return TRUE;
}

static gboolean
begin_large (PlantRpcLaneInput *self)
{
  self->large = TRUE;
  self->n_parts = 0;
  for (guint i = 0; i < G_N_ELEMENTS (self->parts); i++)
    self->parts[i] = (Part) { .wanted = measure_part (&self->header, i) };
  self->padding = plant_rpc_lane_pad (self->parts[0].wanted);
  while (find_part (self) != NULL && self->start < self->end)
    {
      Part *part = find_part (self);
      gsize n;

      if (part->size < part->wanted && !fill_part (self, part))
        return FALSE;
      n = part->size == part->wanted ? MIN (self->padding, self->end - self->start) : 0;
      self->padding -= n;
      self->start += n;
      advance (self);
    }
  advance (self);
  return TRUE;
}

/* The message is whole, at START behind its header. */
static void
take_small (PlantRpcLaneInput        *self,
            const PlantRpcLaneHeader *header,
            PlantRpcLaneMessage      *message)
{
  const guint8 *data = self->data + self->start;

  message->id = header->id;
  message->payload = g_bytes_new (data, header->payload_size);
  data += measure_padded (header, 0);
  if ((header->flags & PLANT_RPC_LANE_HAS_BUFFER) != 0)
    message->buffer = g_bytes_new (data, header->buffer_size);
  self->start += measure_padded (header, 0) + measure_padded (header, 1);
}

static void
note_number (PlantRpcLaneInput        *self,
             const PlantRpcLaneHeader *header)
{
  self->number = header->acknowledged;
  self->has_number = TRUE;
}

/* Returns FALSE if no header is there. */
static gboolean
peek_header (PlantRpcLaneInput  *self,
             PlantRpcLaneHeader *header)
{
  if (self->end - self->start < sizeof *header)
    return FALSE;
  memcpy (header, self->data + self->start, sizeof *header);
  plant_rpc_lane_header_swap (header);
  return TRUE;
}

gboolean
plant_rpc_lane_input_has_rest (PlantRpcLaneInput *self)
{
  PlantRpcLaneHeader header;

  if (self->large)
    return find_part (self) == NULL;
  return peek_header (self, &header) &&
         (!check_header (self, &header) ||
          self->end - self->start >= sizeof header + measure_padded (&header, 0) +
                                         measure_padded (&header, 1));
}

static void
release_room (PlantRpcLaneInput *self)
{
  if (self->start == self->end)
    {
      self->start = self->end = 0;
      g_clear_pointer (&self->data, g_free);
    }
}

gboolean
plant_rpc_lane_input_take (PlantRpcLaneInput   *self,
                           PlantRpcLaneMessage *message)
{
  PlantRpcLaneHeader header;
  gsize size;

  *message = (PlantRpcLaneMessage) { .id = 0 };
  while (!self->large && peek_header (self, &header))
    {
      if (!check_header (self, &header))
        return FALSE;
      size = measure_padded (&header, 0) + measure_padded (&header, 1);
      if (self->end - self->start < sizeof header + size && sizeof header + size <= ROOM)
        return TRUE;
      self->start += sizeof header;
      note_number (self, &header);
      if ((header.flags & PLANT_RPC_LANE_NO_MESSAGE) != 0)
        continue;
      if (sizeof header + size <= ROOM)
        {
          take_small (self, &header, message);
          return TRUE;
        }
      self->header = header;
      if (!begin_large (self))
        return FALSE;
    }
  if (self->large)
    take_large (self, message);
  else
    release_room (self);
  return TRUE;
}

gboolean
plant_rpc_lane_input_take_number (PlantRpcLaneInput *self,
                                  guint32           *n_acknowledged)
{
  const gboolean has_number = self->has_number;

  *n_acknowledged = self->number;
  self->has_number = FALSE;
  return has_number;
}

gsize
plant_rpc_lane_input_get_held (PlantRpcLaneInput *self)
{
  return self->parts[0].size + self->parts[1].size + (self->end - self->start);
}

guint64
plant_rpc_lane_input_get_n_bytes (PlantRpcLaneInput *self)
{
  return self->n_bytes;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "plant-rpc-lane-frame-private.h"
#include "plant-rpc-lane-output-private.h"
#include "plant-rpc-limits-private.h"

/* the header, two parts, and what pads each */
#define N_PIECES 5

typedef struct {
  GList               link;
  guint64             id;
  GBytes             *payload;  /* (owned) (nullable): NULL for a header alone */
  GBytes             *buffer;   /* (owned) (nullable) */
  PlantRpcLaneHeader  header;   /* as on the wire; set once the writing begins */
  gsize               size;     /* bytes in the stream */
  gsize               written;  /* bytes of it */
} Message;

struct _PlantRpcLaneOutput {
  GQueue    messages;       /* (element-type Message): not acknowledged, the oldest first */
  GList    *next;           /* (nullable): the first one that is not written */
  guint64   n_acknowledged; /* messages, as the next two */
  guint64   n_written;
  guint64   n_pushed;
  gsize     kept;           /* bytes of the parts of MESSAGES */
};

PlantRpcLaneOutput *
plant_rpc_lane_output_new (void)
{
  PlantRpcLaneOutput *self = g_new0 (PlantRpcLaneOutput, 1);

  g_queue_init (&self->messages);
  return self;
}

static gsize
measure (GBytes *part)
{
  return part != NULL ? g_bytes_get_size (part) : 0;
}

static void
drop (PlantRpcLaneOutput *self,
      Message            *message)
{
  if (self->next == &message->link)
    self->next = message->link.next;
  self->kept -= measure (message->payload) + measure (message->buffer);
  g_queue_unlink (&self->messages, &message->link);
  g_clear_pointer (&message->payload, g_bytes_unref);
  g_clear_pointer (&message->buffer, g_bytes_unref);
  g_free (message);
}

void
plant_rpc_lane_output_free (PlantRpcLaneOutput *self)
{
  while (self->messages.head != NULL)
    drop (self, self->messages.head->data);
  g_free (self);
}

/* One message of any size always has room. */
gboolean
plant_rpc_lane_output_has_room (PlantRpcLaneOutput *self)
{
  return self->messages.length < PLANT_RPC_MAX_HELD &&
         (self->messages.length == 0 || self->kept <= PLANT_RPC_MAX_KEPT);
}

static Message *
append (PlantRpcLaneOutput *self,
        guint64             id,
        GBytes             *payload,
        GBytes             *buffer)
{
  Message *message = g_new (Message, 1);

  *message = (Message) {
    .link = { .data = message },
    .id = id,
    .payload = payload != NULL ? g_bytes_ref (payload) : NULL,
    .buffer = buffer != NULL ? g_bytes_ref (buffer) : NULL,
  };
  self->kept += measure (payload) + measure (buffer);
  g_queue_push_tail_link (&self->messages, &message->link);
  if (self->next == NULL)
    self->next = &message->link;
  return message;
}

void
plant_rpc_lane_output_push (PlantRpcLaneOutput *self,
                            guint64             id,
                            GBytes             *payload,
                            GBytes             *buffer)
{
  append (self, id, payload, buffer);
  self->n_pushed++;
}

gboolean
plant_rpc_lane_output_is_written (PlantRpcLaneOutput *self)
{
  return self->next == NULL;
}

/* ---- writing */

static void
begin_message (Message *message,
               guint64  n_received)
{
  PlantRpcLaneHeader *header = &message->header;

  *header = (PlantRpcLaneHeader) {
    .id = message->id,
    .payload_size = measure (message->payload),
    .buffer_size = measure (message->buffer),
    .acknowledged = (guint32) n_received,
  };
  message->size = sizeof *header + header->payload_size +
                  plant_rpc_lane_pad (header->payload_size) + header->buffer_size +
                  plant_rpc_lane_pad (header->buffer_size);
  if (message->payload == NULL)
    header->flags |= PLANT_RPC_LANE_NO_MESSAGE;
  if (message->buffer != NULL)
    header->flags |= PLANT_RPC_LANE_HAS_BUFFER;
  plant_rpc_lane_header_swap (header);
}

static void
add_piece (struct iovec  *pieces,
           gsize         *n_pieces,
           gsize         *skipped,
           gconstpointer  data,
           gsize          size)
{
  if (*skipped >= size)
    {
      *skipped -= size;
      return;
    }
  pieces[(*n_pieces)++] = (struct iovec) { (guint8 *) data + *skipped, size - *skipped };
  *skipped = 0;
}

static void
add_part (struct iovec *pieces,
          gsize        *n_pieces,
          gsize        *skipped,
          GBytes       *part)
{
  static const guint8 padding[8] = { 0 };
  gsize size;
  gconstpointer data;

  if (part == NULL)
    return;
  data = g_bytes_get_data (part, &size);
  add_piece (pieces, n_pieces, skipped, data, size);
  add_piece (pieces, n_pieces, skipped, padding, plant_rpc_lane_pad (size));
}

static PlantRpcLaneResult
write_message (Message *message,
               int      fd)
{
  struct iovec pieces[N_PIECES];
  struct msghdr call = { .msg_iov = pieces };
  gsize skipped = message->written;
  gssize n;

  add_piece (pieces, &call.msg_iovlen, &skipped, &message->header, sizeof message->header);
  add_part (pieces, &call.msg_iovlen, &skipped, message->payload);
  add_part (pieces, &call.msg_iovlen, &skipped, message->buffer);
  do
    n = sendmsg (fd, &call, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM ? PLANT_RPC_LANE_FULL
                                                                  : PLANT_RPC_LANE_BROKEN;
  message->written += n;
  return message->written == message->size ? PLANT_RPC_LANE_WRITTEN : PLANT_RPC_LANE_FULL;
}

PlantRpcLaneResult
plant_rpc_lane_output_write (PlantRpcLaneOutput *self,
                             int                 fd,
                             guint64             n_received)
{
  while (self->next != NULL)
    {
      Message *message = self->next->data;
      PlantRpcLaneResult result;

      if (message->size == 0)
        begin_message (message, n_received);
      result = write_message (message, fd);
      if (result != PLANT_RPC_LANE_WRITTEN)
        return result;
      self->next = message->link.next;
      if (message->payload == NULL)
        drop (self, message);
      else
        self->n_written++;
    }
  return PLANT_RPC_LANE_WRITTEN;
}

PlantRpcLaneResult
plant_rpc_lane_output_write_number (PlantRpcLaneOutput *self,
                                    int                 fd,
                                    guint64             n_received)
{
  if (self->next == NULL)
    append (self, 0, NULL, NULL);
  return plant_rpc_lane_output_write (self, fd, n_received);
}

/* ---- what the other end has received */

static void
drop_acknowledged (PlantRpcLaneOutput *self,
                   guint64             n_received)
{
  while (self->n_acknowledged < n_received)
    {
      self->n_acknowledged++;
      drop (self, self->messages.head->data);
    }
}

/* A header alone is at the end of the queue only, behind all messages that were written. */
gboolean
plant_rpc_lane_output_acknowledge (PlantRpcLaneOutput *self,
                                   guint32             n_received)
{
  const guint32 n_new = n_received - (guint32) self->n_acknowledged;

  if (n_new > self->n_written - self->n_acknowledged)
    return FALSE;
  drop_acknowledged (self, self->n_acknowledged + n_new);
  return TRUE;
}

gboolean
plant_rpc_lane_output_hand_back (PlantRpcLaneOutput      *self,
                                 guint64                  n_received,
                                 PlantRpcLaneMessageFunc  func,
                                 gpointer                 owner)
{
  if (n_received < self->n_acknowledged || n_received > self->n_pushed)
    return FALSE;
  drop_acknowledged (self, n_received);
  while (self->messages.head != NULL)
    {
      Message *message = self->messages.head->data;

      if (message->payload != NULL)
        func (owner, message->id, message->payload, message->buffer);
      drop (self, message);
    }
  return TRUE;
}

void
plant_rpc_lane_output_list_unsent (PlantRpcLaneOutput *self,
                                   GArray             *ids)
{
  for (GList *l = self->next; l != NULL; l = l->next)
    {
      Message *message = l->data;

      if (message->payload != NULL)
        g_array_append_val (ids, message->id);
    }
}

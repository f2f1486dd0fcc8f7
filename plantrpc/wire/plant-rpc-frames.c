/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-frames-private.h"

void
plant_rpc_frames_clear (PlantRpcFrames *self)
{
  for (guint i = 0; i < self->n_frames; i++)
    zmq_msg_close (&self->frames[i]);
  self->n_frames = 0;
}

static void
frame_free (gpointer frame)
{
  zmq_msg_close (frame);
  g_free (frame);
}

GBytes *
plant_rpc_frames_steal (PlantRpcFrames *self,
                        guint           index)
{
  zmq_msg_t *frame = &self->frames[index];
  gsize size = zmq_msg_size (frame);
  zmq_msg_t *moved;

  if (size <= PLANT_RPC_COPIED_SIZE)
    return g_bytes_new (zmq_msg_data (frame), size);
  moved = g_new (zmq_msg_t, 1);
  zmq_msg_init (moved);
  zmq_msg_move (moved, frame);
  return g_bytes_new_with_free_func (zmq_msg_data (moved), size, frame_free, moved);
}

GBytes *
plant_rpc_frames_steal_payload (PlantRpcFrames *self,
                                guint           index)
{
  return index < self->n_frames ? plant_rpc_frames_steal (self, index)
                                : g_bytes_new_static ("", 0);
}

/* A ROUTER puts the first frame in front of each message. That frame may lack the metadata. */
static zmq_msg_t *
get_last (const PlantRpcFrames *self)
{
  return (zmq_msg_t *) &self->frames[self->n_frames - 1];
}

int
plant_rpc_frames_get_descriptor (const PlantRpcFrames *self)
{
  return zmq_msg_get (get_last (self), ZMQ_SRCFD);
}

const char *
plant_rpc_frame_peek_mark (zmq_msg_t *frame)
{
  return zmq_msg_gets (frame, "__fd");
}

const char *
plant_rpc_frames_peek_mark (const PlantRpcFrames *self)
{
  return plant_rpc_frame_peek_mark (get_last (self));
}

const char *
plant_rpc_frame_peek_key (zmq_msg_t *frame)
{
  return zmq_msg_gets (frame, "User-Id");
}

const char *
plant_rpc_frames_peek_key (const PlantRpcFrames *self)
{
  return plant_rpc_frame_peek_key (get_last (self));
}

/* Over ipc libzmq tells of which user, group and process the peer is, behind “localhost:”. */
char *
plant_rpc_frames_dup_address (const PlantRpcFrames *self)
{
  const char *address = zmq_msg_gets (get_last (self), "Peer-Address");

  if (address == NULL || g_str_has_prefix (address, "localhost:"))
    return g_strdup ("");
  return plant_rpc_normalize_address (address);
}

char *
plant_rpc_normalize_address (const char *address)
{
  if (g_ascii_strncasecmp (address, "::ffff:", 7) == 0 && strchr (address, '.') != NULL)
    return g_strdup (address + 7);
  return g_strdup (address);
}

gboolean
plant_rpc_frames_split (PlantRpcFrames   *self,
                        PlantRpcEnvelope *envelope,
                        guint            *payload_index)
{
  plant_rpc_envelope_init (envelope);
  for (guint i = 0; i < self->n_frames; i++)
    {
      gsize size = zmq_msg_size (&self->frames[i]);

      if (!plant_rpc_envelope_append (envelope, zmq_msg_data (&self->frames[i]), size))
        return FALSE;
      *payload_index = i + 1;
      if (size == 0)
        return TRUE;
    }
  return FALSE;
}

void
plant_rpc_envelope_init (PlantRpcEnvelope *self)
{
  self->connection = 0;
  self->n_frames = 0;
  self->length = 0;
}

gboolean
plant_rpc_envelope_append (PlantRpcEnvelope *self,
                           gconstpointer     data,
                           gsize             size)
{
  if (self->n_frames == PLANT_RPC_MAX_ENVELOPE || size > G_MAXUINT8 ||
      self->length + size > sizeof self->data)
    return FALSE;
  if (size > 0)
    memcpy (self->data + self->length, data, size);
  self->sizes[self->n_frames++] = size;
  self->length += size;
  return TRUE;
}

const guint8 *
plant_rpc_envelope_peek (const PlantRpcEnvelope *self,
                         guint                   index,
                         gsize                  *size)
{
  const guint8 *data = self->data;

  if (index >= self->n_frames)
    return NULL;
  for (guint i = 0; i < index; i++)
    data += self->sizes[i];
  *size = self->sizes[index];
  return data;
}

GBytes *
plant_rpc_envelope_dup_peer (const PlantRpcEnvelope *self)
{
  gsize size = sizeof self->connection + self->sizes[0];
  guint8 *peer = g_malloc (size);

  memcpy (peer, &self->connection, sizeof self->connection);
  memcpy (peer + sizeof self->connection, self->data, self->sizes[0]);
  return g_bytes_new_take (peer, size);
}

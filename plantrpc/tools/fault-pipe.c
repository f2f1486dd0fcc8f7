/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fault-pipe.h"

#define CHUNK        (64 * 1024)
#define MAX_HELD     CHUNK              /* bytes */
#define MAX_DELAYED  (16 * 1024 * 1024) /* bytes; a delay alone must not limit the rate */
#define TURNS_A_SECOND 50               /* portions a second in which a slow line passes bytes on */

typedef struct {
  gint64  due; /* monotonic µs: when the chunk may be sent */
  GBytes *bytes;
} Chunk;

struct _FaultPipe {
  GSocket         *from;     /* (owned) */
  GSocket         *to;       /* (owned) */
  const FaultLine *line;     /* (unowned) */
  FaultFrames     *frames;   /* (owned) (nullable) */
  FaultPipeFunc    ended;
  gpointer         user_data;
  GQueue           chunks;   /* (element-type Chunk) */
  gsize            n_held;   /* bytes in CHUNKS */
  gint64           free_time; /* monotonic µs: when a slow line may send again */
  GSource         *reading;  /* (owned) (nullable) */
  GSource         *writing;  /* (owned) (nullable) */
  guint            alarm;    /* id of a source; 0: none */
  gboolean         frozen;
  gboolean         forgets;
  gboolean         is_over;  /* TRUE: nothing more is read */
  gboolean         is_shut;  /* TRUE: the far end has been shut down for writing */
  gboolean         has_ended;
};

static void update (FaultPipe *self);

static void
chunk_free (gpointer data)
{
  Chunk *chunk = data;

  g_bytes_unref (chunk->bytes);
  g_free (chunk);
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

FaultPipe *
fault_pipe_new (GSocket         *from,
                GSocket         *to,
                const FaultLine *line,
                FaultFrames     *frames,
                FaultPipeFunc    ended,
                gpointer         user_data)
{
  FaultPipe *self = g_new0 (FaultPipe, 1);

  self->from = g_object_ref (from);
  self->to = g_object_ref (to);
  self->line = line;
  self->frames = frames;
  self->ended = ended;
  self->user_data = user_data;
  g_queue_init (&self->chunks);
  update (self);
  return self;
}

static void
rest (FaultPipe *self)
{
  clear_source (&self->reading);
  clear_source (&self->writing);
  g_clear_handle_id (&self->alarm, g_source_remove);
}

static void
drop_chunks (FaultPipe *self)
{
  g_queue_clear_full (&self->chunks, chunk_free);
  self->n_held = 0;
}

void
fault_pipe_free (FaultPipe *self)
{
  rest (self);
  drop_chunks (self);
  g_clear_pointer (&self->frames, fault_frames_free);
  g_object_unref (self->from);
  g_object_unref (self->to);
  g_free (self);
}

static void
end (FaultPipe *self,
     gboolean   broken)
{
  rest (self);
  self->has_ended = TRUE;
  self->ended (broken, self->user_data);
}

/* ---- reading */

static void
hold (FaultPipe    *self,
      const guint8 *data,
      gsize         size)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  Chunk *chunk;

  if (self->frames != NULL)
    fault_frames_push (self->frames, data, size, out);
  else
    g_byte_array_append (out, data, (guint) size);
  if (out->len == 0)
    return;
  chunk = g_new (Chunk, 1);
  chunk->due = g_get_monotonic_time () + (gint64) (self->line->delay * G_USEC_PER_SEC);
  self->n_held += out->len;
  chunk->bytes = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  g_queue_push_tail (&self->chunks, chunk);
}

static gboolean
on_readable (GSocket      *socket,
             GIOCondition  condition,
             gpointer      user_data)
{
  FaultPipe *self = user_data;
  guint8 buffer[CHUNK];
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, (char *) buffer, sizeof buffer, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n < 0 && !self->forgets)
    {
      end (self, TRUE);
      return G_SOURCE_REMOVE;
    }
  if (n <= 0)
    self->is_over = TRUE;
  else if (!self->forgets)
    hold (self, buffer, (gsize) n);
  update (self);
  return G_SOURCE_CONTINUE;
}

static void
read_more (FaultPipe *self)
{
  gsize most = self->line->delay > 0 ? MAX_DELAYED : MAX_HELD;

  if (self->frozen || self->is_over || self->n_held >= most)
    {
      clear_source (&self->reading);
      return;
    }
  if (self->reading != NULL)
    return;
  self->reading = g_socket_create_source (self->from, G_IO_IN, NULL);
  g_source_set_callback (self->reading, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->reading, NULL);
}

/* ---- writing */

static gboolean
on_writable (GSocket      *socket,
             GIOCondition  condition,
             gpointer      user_data)
{
  FaultPipe *self = user_data;

  clear_source (&self->writing);
  update (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_alarm (gpointer user_data)
{
  FaultPipe *self = user_data;

  self->alarm = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* Returns how many of SIZE bytes a slow line may pass on at once. */
static gsize
get_portion (FaultPipe *self,
             gsize      size)
{
  double portion = self->line->rate / TURNS_A_SECOND;

  if (self->line->rate <= 0)
    return size;
  return MIN (size, (gsize) CLAMP (portion, 1, CHUNK));
}

static void
note_sent (FaultPipe *self,
           gint64     now,
           gsize      size)
{
  Chunk *chunk = g_queue_peek_head (&self->chunks);
  g_autoptr (GBytes) bytes = chunk->bytes;
  gsize left = g_bytes_get_size (bytes) - size;

  if (self->line->rate > 0)
    self->free_time = now + (gint64) ((double) size / self->line->rate * G_USEC_PER_SEC);
  self->n_held -= size;
  if (left == 0)
    g_free (g_queue_pop_head (&self->chunks));
  else
    chunk->bytes = g_bytes_new_from_bytes (bytes, size, left);
}

/* Returns FALSE if the pipe has ended; it may have been freed then. */
static gboolean
send_head (FaultPipe *self,
           gint64     now)
{
  Chunk *chunk = g_queue_peek_head (&self->chunks);
  g_autoptr (GError) error = NULL;
  gsize size;
  const void *data = g_bytes_get_data (chunk->bytes, &size);
  gssize n = g_socket_send (self->to, data, get_portion (self, size), NULL, &error);

  if (n >= 0)
    {
      note_sent (self, now, (gsize) n);
      return TRUE;
    }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      end (self, TRUE);
      return FALSE;
    }
  self->writing = g_socket_create_source (self->to, G_IO_OUT, NULL);
  g_source_set_callback (self->writing, G_SOURCE_FUNC (on_writable), self, NULL);
  g_source_attach (self->writing, NULL);
  return TRUE;
}

static gboolean
write_more (FaultPipe *self)
{
  while (!self->frozen && self->writing == NULL && self->alarm == 0 && self->chunks.length > 0)
    {
      Chunk *chunk = g_queue_peek_head (&self->chunks);
      gint64 now = g_get_monotonic_time ();
      gint64 due = MAX (chunk->due, self->line->rate > 0 ? self->free_time : 0);

      if (due > now)
        self->alarm = g_timeout_add ((guint) MIN ((due - now + 999) / 1000, G_MAXINT), on_alarm,
                                     self);
      else if (!send_head (self, now))
        return FALSE;
    }
  return TRUE;
}

static void
shut (FaultPipe *self)
{
  if (!self->is_shut)
    g_socket_shutdown (self->to, FALSE, TRUE, NULL);
  self->is_shut = TRUE;
}

static void
update (FaultPipe *self)
{
  if (self->has_ended)
    return;
  if (!write_more (self))
    return;
  read_more (self);
  if (self->frozen || !self->is_over || self->chunks.length > 0)
    return;
  if (!self->forgets)
    shut (self);
  end (self, FALSE);
}

/* ---- faults */

void
fault_pipe_set_frozen (FaultPipe *self,
                       gboolean   frozen)
{
  self->frozen = frozen;
  if (frozen)
    rest (self);
  else
    update (self);
}

void
fault_pipe_forget (FaultPipe *self)
{
  self->forgets = TRUE;
  drop_chunks (self);
  update (self);
}

void
fault_pipe_close (FaultPipe *self)
{
  self->forgets = TRUE;
  drop_chunks (self);
  shut (self);
  update (self);
}

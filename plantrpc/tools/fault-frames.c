/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fault-frames.h"

#include <string.h>

#include "tool-json.h"

/* ZMTP 3.0, section "Framing": a greeting of 64 bytes, the first of which is 0xFF. Then frames: a
 * byte of flags, and a size of one byte, or of eight if the flags say so. */

#define GREETING_SIZE 64
#define GREETING_MARK 0xff
#define FLAG_LONG     0x02
#define FLAG_COMMAND  0x04

typedef enum {
  STATE_GREETING,
  STATE_FLAGS,
  STATE_SIZE,
  STATE_BODY,    /* a body that is passed on as it arrives */
  STATE_TEXT,    /* a body that is kept until it is whole */
  STATE_FOREIGN, /* not ZMTP: everything is passed on as it arrives */
} State;

struct _FaultFrames {
  FaultMoveFunc  move;
  gpointer       user_data;
  State          state;
  guint8         flags;
  guint          n_size; /* bytes of the size field still to be read */
  guint64        n_left; /* bytes of the greeting or of the body still to be read */
  GByteArray    *text;   /* (owned) */
};

FaultFrames *
fault_frames_new (FaultMoveFunc move,
                  gpointer      user_data)
{
  FaultFrames *self = g_new0 (FaultFrames, 1);

  self->move = move;
  self->user_data = user_data;
  self->n_left = GREETING_SIZE;
  self->text = g_byte_array_new ();
  return self;
}

void
fault_frames_free (FaultFrames *self)
{
  g_byte_array_unref (self->text);
  g_free (self);
}

/* ---- messages that contain a port */

static GVariant *
replace (GVariant   *message,
         const char *port_name,
         guint16     port,
         const char *host)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, message);
  g_variant_dict_insert (&dict, port_name, "x", (gint64) port);
  if (host != NULL)
    g_variant_dict_insert (&dict, "address", "s", host);
  return g_variant_dict_end (&dict);
}

/* Returns the name of the member that contains the port, or NULL. HOST is set if the message names
 * a host other than the device's. */
static const char *
find_port (GVariant  *message,
           gint64    *port,
           char     **host)
{
  const char *event = NULL;
  gboolean success = FALSE;

  if (g_variant_lookup (message, "event", "&s", &event))
    return g_str_equal (event, "INIT_SIGNALS_HANDLING") &&
           g_variant_lookup (message, "port", "x", port) &&
           g_variant_lookup (message, "address", "s", host) ? "port" : NULL;
  if (!g_variant_lookup (message, "success", "b", &success) || !success)
    return NULL;
  if (g_variant_lookup (message, "signal_port", "x", port))
    return "signal_port";
  /* the reply to FIND_PEER_ADDRESS */
  return g_variant_lookup (message, "port", "x", port) ? "port" : NULL;
}

/* Returns the text that replaces TEXT, or NULL to leave it unchanged. */
static char *
move_port (FaultFrames *self,
           const char  *text)
{
  g_autoptr (GVariant) message = tool_json_parse (text, NULL);
  g_autofree char *host = NULL;
  const char *name;
  gint64 number = 0;
  guint16 port;

  if (message == NULL || !g_variant_is_of_type (message, G_VARIANT_TYPE_VARDICT))
    return NULL;
  name = find_port (message, &number, &host);
  if (name == NULL || number <= 0 || number > G_MAXUINT16)
    return NULL;
  port = (guint16) number;
  if (!self->move (&host, &port, self->user_data))
    return NULL;
  return tool_json_print (replace (message, name, port, host));
}

/* ---- frames */

static void
append_header (FaultFrames *self,
               guint64      size,
               GByteArray  *out)
{
  guint8 flags = size > G_MAXUINT8 ? self->flags | FLAG_LONG : self->flags & ~FLAG_LONG;
  guint64 big = GUINT64_TO_BE (size);
  guint8 small = (guint8) size;

  g_byte_array_append (out, &flags, 1);
  if (size > G_MAXUINT8)
    g_byte_array_append (out, (const guint8 *) &big, sizeof big);
  else
    g_byte_array_append (out, &small, 1);
}

static void
end_text (FaultFrames *self,
          GByteArray  *out)
{
  g_autofree char *text = g_strndup ((const char *) self->text->data, self->text->len);
  g_autofree char *moved = strlen (text) == self->text->len ? move_port (self, text) : NULL;
  gsize size = moved != NULL ? strlen (moved) : self->text->len;

  append_header (self, size, out);
  g_byte_array_append (out, moved != NULL ? (const guint8 *) moved : self->text->data,
                       (guint) size);
  g_byte_array_set_size (self->text, 0);
  self->state = STATE_FLAGS;
}

/* A short body may contain a port. Its header is held back until its first byte shows whether it is
 * JSON. */
static void
begin_body (FaultFrames *self,
            GByteArray  *out)
{
  gboolean is_short = (self->flags & (FLAG_LONG | FLAG_COMMAND)) == 0;

  self->state = self->n_left > 0 ? STATE_BODY : STATE_FLAGS;
  if (is_short && self->n_left > 0)
    self->state = STATE_TEXT;
  else
    append_header (self, self->n_left, out);
}

static void
take_size (FaultFrames *self,
           guint8       byte,
           GByteArray  *out)
{
  self->n_left = self->n_left << 8 | byte;
  if (--self->n_size == 0)
    begin_body (self, out);
}

static void
take_flags (FaultFrames *self,
            guint8       byte)
{
  self->flags = byte;
  self->n_left = 0;
  self->n_size = (byte & FLAG_LONG) != 0 ? sizeof (guint64) : 1;
  self->state = STATE_SIZE;
}

static gsize
pass (FaultFrames  *self,
      const guint8 *data,
      gsize         size,
      GByteArray   *out)
{
  gsize n = self->state == STATE_FOREIGN ? size : (gsize) MIN (size, self->n_left);

  g_byte_array_append (out, data, (guint) n);
  self->n_left -= self->state == STATE_FOREIGN ? 0 : n;
  if (self->n_left == 0 && self->state != STATE_FOREIGN)
    self->state = STATE_FLAGS;
  return n;
}

static gsize
keep (FaultFrames  *self,
      const guint8 *data,
      gsize         size,
      GByteArray   *out)
{
  gsize n = (gsize) MIN (size, self->n_left);

  if (self->text->len == 0 && *data != '{')
    {
      append_header (self, self->n_left, out);
      self->state = STATE_BODY;
      return 0;
    }
  g_byte_array_append (self->text, data, (guint) n);
  self->n_left -= n;
  if (self->n_left == 0)
    end_text (self, out);
  return n;
}

/* Consumes the beginning of DATA and returns how many bytes it was. */
static gsize
take (FaultFrames  *self,
      const guint8 *data,
      gsize         size,
      GByteArray   *out)
{
  switch (self->state)
    {
    case STATE_GREETING:
      if (self->n_left == GREETING_SIZE && *data != GREETING_MARK)
        self->state = STATE_FOREIGN;
      return pass (self, data, size, out);
    case STATE_FLAGS:
      take_flags (self, *data);
      return 1;
    case STATE_SIZE:
      take_size (self, *data, out);
      return 1;
    case STATE_TEXT:
      return keep (self, data, size, out);
    case STATE_BODY:
    case STATE_FOREIGN:
    default:
      return pass (self, data, size, out);
    }
}

void
fault_frames_push (FaultFrames  *self,
                   const guint8 *data,
                   gsize         size,
                   GByteArray   *out)
{
  while (size > 0)
    {
      gsize n = take (self, data, size, out);

      data += n;
      size -= n;
    }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-test-peer.h"
#include "plant-rpc-test-zmtp.h"

#define GREETING_SIZE 64

#define FLAG_MORE    0x01
#define FLAG_LONG    0x02
#define FLAG_COMMAND 0x04

struct _TestZmtp {
  GSocket    *socket;  /* (owned) */
  GByteArray *input;   /* (owned): bytes received and not yet parsed */
  GPtrArray  *frames;  /* (owned) (element-type GBytes): frames of a message that is not whole yet
                          */
  gboolean    closed;  /* by the other end */
  gboolean    greeted; /* TRUE: the greeting of the other end was read */
  gboolean    ready;   /* TRUE: its first command, READY, was read too */
};

struct _TestZmtpListener {
  GSocket *socket; /* (owned) */
  char    *url;    /* (owned) */
};

/* ---- TCP */

static GSocket *
make_socket (void)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  return socket;
}

static GSocketAddress *
make_address (guint16 port)
{
  return g_inet_socket_address_new_from_string ("127.0.0.1", port);
}

TestZmtpListener *
test_zmtp_listener_new (void)
{
  TestZmtpListener *self = g_new0 (TestZmtpListener, 1);
  g_autoptr (GSocketAddress) any = make_address (0), bound = NULL;
  g_autoptr (GError) error = NULL;

  self->socket = make_socket ();
  g_socket_bind (self->socket, any, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->socket, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
  bound = g_socket_get_local_address (self->socket, &error);
  g_assert_no_error (error);
  self->url = g_strdup_printf ("tcp://127.0.0.1:%u",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  return self;
}

void
test_zmtp_listener_free (TestZmtpListener *self)
{
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_free (self->url);
  g_free (self);
}

const char *
test_zmtp_listener_get_url (TestZmtpListener *self)
{
  return self->url;
}

/* Takes SOCKET over. */
static TestZmtp *
wrap (GSocket *socket)
{
  TestZmtp *self = g_new0 (TestZmtp, 1);

  g_socket_set_blocking (socket, FALSE);
  self->socket = socket;
  self->input = g_byte_array_new ();
  self->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return self;
}

TestZmtp *
test_zmtp_listener_try_accept (TestZmtpListener *self)
{
  GSocket *socket = g_socket_accept (self->socket, NULL, NULL);

  return socket != NULL ? wrap (socket) : NULL;
}

TestZmtp *
test_zmtp_listener_accept (TestZmtpListener *self)
{
  TestZmtp *accepted = NULL;

  test_wait_until ((accepted = test_zmtp_listener_try_accept (self)) != NULL);
  return accepted;
}

TestZmtp *
test_zmtp_new (guint16 port)
{
  g_autoptr (GSocketAddress) address = make_address (port);
  g_autoptr (GError) error = NULL;
  GSocket *socket = make_socket ();

  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  return wrap (socket);
}

void
test_zmtp_free (TestZmtp *self)
{
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_byte_array_unref (self->input);
  g_ptr_array_unref (self->frames);
  g_free (self);
}

static void
read_input (TestZmtp *self)
{
  char buffer[65536];
  gssize size = 1;
  g_autoptr (GError) error = NULL;

  while (!self->closed && size > 0)
    {
      size = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, &error);
      if (size > 0)
        g_byte_array_append (self->input, (const guint8 *) buffer, size);
    }
  if (size == 0 || (size < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)))
    self->closed = TRUE;
}

/* ---- out */

gsize
test_zmtp_try_send (TestZmtp      *self,
                    gconstpointer  data,
                    gsize          size)
{
  g_autoptr (GError) error = NULL;
  gssize sent;

  if (self->closed)
    return 0;
  sent = g_socket_send (self->socket, data, size, NULL, &error);
  if (sent < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    self->closed = TRUE;
  /* The end of the connection shows only when the socket is read, even if the send buffer is
   * full. */
  if (sent < 0)
    read_input (self);
  return MAX (sent, 0);
}

gboolean
test_zmtp_send_bytes (TestZmtp      *self,
                      gconstpointer  data,
                      gsize          size)
{
  const guint8 *next = data;
  const guint8 *end = next + size;

  test_wait_until (next == end || self->closed ||
                   (next += test_zmtp_try_send (self, next, end - next)) == end);
  return !self->closed;
}

gboolean
test_zmtp_send_greeting (TestZmtp *self)
{
  guint8 greeting[GREETING_SIZE] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0, 'N', 'U', 'L', 'L' };

  return test_zmtp_send_bytes (self, greeting, sizeof greeting);
}

static void
append_property (GByteArray *command,
                 const char *name,
                 const char *value)
{
  guint8 name_size = strlen (name);
  guint32 value_size = GUINT32_TO_BE (strlen (value));

  g_byte_array_append (command, &name_size, 1);
  g_byte_array_append (command, (const guint8 *) name, name_size);
  g_byte_array_append (command, (const guint8 *) &value_size, sizeof value_size);
  g_byte_array_append (command, (const guint8 *) value, strlen (value));
}

gboolean
test_zmtp_send_ready (TestZmtp   *self,
                      const char *type)
{
  g_autoptr (GByteArray) command = g_byte_array_new ();
  guint8 head[2] = { FLAG_COMMAND };

  g_byte_array_append (command, (const guint8 *) "\5READY", 6);
  append_property (command, "Socket-Type", type);
  append_property (command, "Identity", "");
  head[1] = command->len;
  return test_zmtp_send_bytes (self, head, sizeof head) &&
         test_zmtp_send_bytes (self, command->data, command->len);
}

gboolean
test_zmtp_send_head (TestZmtp *self,
                     guint64   size,
                     gboolean  more)
{
  guint8 head[9] = { FLAG_LONG | (more ? FLAG_MORE : 0) };
  guint64 wire_size = GUINT64_TO_BE (size);

  memcpy (head + 1, &wire_size, sizeof wire_size);
  return test_zmtp_send_bytes (self, head, sizeof head);
}

gboolean
test_zmtp_send_frame (TestZmtp      *self,
                      gconstpointer  data,
                      gsize          size,
                      gboolean       more)
{
  return test_zmtp_send_head (self, size, more) && test_zmtp_send_bytes (self, data, size);
}

gboolean
test_zmtp_send (TestZmtp  *self,
                GPtrArray *frames)
{
  gboolean good = TRUE;

  for (guint i = 0; i < frames->len && good; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (frames->pdata[i], &size);

      good = test_zmtp_send_frame (self, data, size, i + 1 < frames->len);
    }
  return good;
}

/* ---- in */

static gboolean
take_greeting (TestZmtp *self)
{
  if (!self->greeted && self->input->len >= GREETING_SIZE)
    {
      g_byte_array_remove_range (self->input, 0, GREETING_SIZE);
      self->greeted = TRUE;
    }
  return self->greeted;
}

/* Returns TRUE if a whole frame was read; commands are skipped. WHOLE is set to TRUE if it was the
 * last frame of its message. */
static gboolean
take_frame (TestZmtp *self,
            gboolean *whole)
{
  guint8 flags = self->input->len > 0 ? self->input->data[0] : 0;
  gsize head = (flags & FLAG_LONG) != 0 ? 9 : 2;
  guint64 size = 0;

  if (self->input->len < head)
    return FALSE;
  for (gsize i = 1; i < head; i++)
    size = size << 8 | self->input->data[i];
  if (self->input->len - head < size)
    return FALSE;
  if ((flags & FLAG_COMMAND) == 0)
    {
      g_ptr_array_add (self->frames, g_bytes_new (self->input->data + head, size));
      *whole = (flags & FLAG_MORE) == 0;
    }
  else
    {
      self->ready = TRUE;
    }
  g_byte_array_remove_range (self->input, 0, head + size);
  return TRUE;
}

static gboolean
take_ready (TestZmtp *self)
{
  gboolean whole = FALSE;

  read_input (self);
  return take_greeting (self) && (self->ready || take_frame (self, &whole)) && self->ready;
}

/* libzmq reads no frame before it has sent its own READY. */
gboolean
test_zmtp_shake_hands (TestZmtp   *self,
                       const char *type)
{
  if (!test_zmtp_send_greeting (self) || !test_zmtp_send_ready (self, type))
    return FALSE;
  test_wait_until (take_ready (self) || self->closed);
  return self->ready;
}

GPtrArray *
test_zmtp_try_receive (TestZmtp *self)
{
  gboolean whole = FALSE;
  GPtrArray *frames;

  read_input (self);
  if (!take_greeting (self))
    return NULL;
  while (!whole && take_frame (self, &whole))
    continue;
  if (!whole)
    return NULL;
  frames = self->frames;
  self->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return frames;
}

GPtrArray *
test_zmtp_receive (TestZmtp *self)
{
  GPtrArray *frames = NULL;

  test_wait_until ((frames = test_zmtp_try_receive (self)) != NULL || self->closed);
  return frames;
}

gboolean
test_zmtp_is_closed (TestZmtp *self)
{
  read_input (self);
  return self->closed;
}

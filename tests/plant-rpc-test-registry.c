/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plant-rpc-test-registry.h"

struct _TestRegistry {
  TestPeer  *peer;    /* (owned): a ROUTER */
  char      *url;     /* (owned) */
  int        keeper;  /* a socket that keeps the port: bound, but not listening */
  GPtrArray *request; /* (owned) (nullable) (element-type GBytes): the last request */
};

/* libzmq also sets SO_REUSEADDR, so it can bind a port on which no socket listens. */
static int
keep_port (guint16 *port)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int yes = 1;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), ==, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &address, &length), ==, 0);
  *port = ntohs (address.sin_port);
  return fd;
}

TestRegistry *
test_registry_new (void)
{
  TestRegistry *self = g_new0 (TestRegistry, 1);
  guint16 port;

  self->keeper = keep_port (&port);
  self->url = g_strdup_printf ("tcp://127.0.0.1:%u", port);
  test_registry_come_back (self);
  return self;
}

void
test_registry_free (TestRegistry *self)
{
  test_registry_leave (self);
  close (self->keeper);
  g_free (self->url);
  g_free (self);
}

const char *
test_registry_get_url (TestRegistry *self)
{
  return self->url;
}

void
test_registry_leave (TestRegistry *self)
{
  g_clear_pointer (&self->peer, test_peer_free);
  g_clear_pointer (&self->request, g_ptr_array_unref);
}

void
test_registry_come_back (TestRegistry *self)
{
  self->peer = test_peer_new (ZMQ_ROUTER, NULL);
  test_wait_until (zmq_bind (test_peer_get_socket (self->peer), self->url) == 0);
}

gboolean
test_registry_try_await (TestRegistry *self)
{
  GPtrArray *frames = test_peer_try_receive (self->peer);

  if (frames == NULL)
    return FALSE;
  g_clear_pointer (&self->request, g_ptr_array_unref);
  self->request = frames;
  g_assert_cmpuint (frames->len, ==, 4);
  return TRUE;
}

GVariant *
test_registry_await (TestRegistry *self,
                     const char   *event)
{
  g_autoptr (GVariant) request = NULL;
  const char *sent = NULL;

  test_wait_until (test_registry_try_await (self));
  request = test_frame_parse (self->request, 3);
  g_assert_true (g_variant_lookup (request, "event", "&s", &sent));
  if (event != NULL)
    g_assert_cmpstr (sent, ==, event);
  return g_variant_lookup_value (request, "payload", G_VARIANT_TYPE_VARDICT);
}

GBytes *
test_registry_dup_peer (TestRegistry *self)
{
  return g_bytes_ref (g_ptr_array_index (self->request, 0));
}

static void
send_json (TestRegistry *self,
           GBytes       *number,
           const char   *json)
{
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (frames, test_registry_dup_peer (self));
  g_ptr_array_add (frames, g_bytes_ref (number));
  g_ptr_array_add (frames, g_bytes_new (NULL, 0));
  g_ptr_array_add (frames, g_bytes_new (json, strlen (json)));
  test_peer_send (self->peer, frames);
}

void
test_registry_send (TestRegistry *self,
                    const char   *format,
                    ...)
{
  g_autofree char *json = NULL;
  va_list args;

  va_start (args, format);
  json = g_strdup_vprintf (format, args);
  va_end (args);
  send_json (self, g_ptr_array_index (self->request, 1), json);
}

void
test_registry_send_late (TestRegistry *self,
                         const char   *json)
{
  guint64 number;
  g_autoptr (GBytes) other = NULL;

  memcpy (&number, g_bytes_get_data (g_ptr_array_index (self->request, 1), NULL), sizeof number);
  number = GUINT64_TO_LE (GUINT64_FROM_LE (number) - 1);
  other = g_bytes_new (&number, sizeof number);
  send_json (self, other, json);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <zmq.h>

#include "plant-rpc-socket-place-private.h"

#define ABSTRACT "ipc://@"
#define TCP      "tcp://"

/* µs between two looks at whether the address is free */
#define LOOK_US 100

/* ms after which another program is taken to use the address */
#define WAIT_MS 2000

struct _PlantRpcSocketPlace {
  GSocketAddress *address; /* (owned) (nullable): NULL for the path of a file, which is free as soon
                              as the file is gone */
  guint16         port;    /* of TCP, or 0 */
};

/* HOST is numeric. libzmq writes brackets around IPv6. */
static GSocketAddress *
parse_host (const char *host,
            guint       port)
{
  g_autofree char *plain = NULL;

  if (*host != '[')
    return g_inet_socket_address_new_from_string (host, port);
  plain = g_strndup (host + 1, strcspn (host + 1, "]"));
  return g_inet_socket_address_new_from_string (plain, port);
}

static void
note_tcp (PlantRpcSocketPlace *self,
          char                *host)
{
  char *colon = strrchr (host, ':');
  guint64 port = 0;

  *colon = '\0';
  g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL);
  self->port = (guint16) port;
  self->address = parse_host (host, self->port);
}

PlantRpcSocketPlace *
plant_rpc_socket_place_new (void *handle)
{
  char url[1024];
  gsize length = sizeof url;
  PlantRpcSocketPlace *self;

  if (zmq_getsockopt (handle, ZMQ_LAST_ENDPOINT, url, &length) != 0)
    return NULL;
  self = g_new0 (PlantRpcSocketPlace, 1);
  if (g_str_has_prefix (url, TCP))
    note_tcp (self, url + strlen (TCP));
  else if (g_str_has_prefix (url, ABSTRACT))
    self->address = g_unix_socket_address_new_with_type (url + strlen (ABSTRACT), -1,
                                                         G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  return self;
}

guint16
plant_rpc_socket_place_get_port (PlantRpcSocketPlace *self)
{
  return self->port;
}

static gboolean
is_free (GSocketAddress *address)
{
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address),
                                             G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GError) error = NULL;

  return socket == NULL || g_socket_bind (socket, address, TRUE, &error) ||
         !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

void
plant_rpc_socket_place_free (PlantRpcSocketPlace *self)
{
  const gint64 end = g_get_monotonic_time () + WAIT_MS * 1000;

  while (self->address != NULL && !is_free (self->address) && g_get_monotonic_time () < end)
    g_usleep (LOOK_US);
  plant_rpc_socket_place_abandon (self);
}

void
plant_rpc_socket_place_abandon (PlantRpcSocketPlace *self)
{
  g_clear_object (&self->address);
  g_free (self);
}

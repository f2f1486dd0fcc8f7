/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-address-listener-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-source-private.h"

#define FIRST_PORT 49152
#define N_TRIES    100

struct _PlantRpcAddressListener {
  GMainContext *context; /* (owned) */
  GPtrArray    *open;    /* (owned) (element-type Listener) */
};

typedef struct {
  PlantRpcAddressListener *owner;
  GSocket                 *socket;  /* (owned) */
  GSource                 *source;  /* (owned) */
  GSource                 *timeout; /* (owned) */
} Listener;

static void
listener_free (gpointer data)
{
  Listener *listener = data;

  plant_rpc_source_clear (&listener->source);
  plant_rpc_source_clear (&listener->timeout);
  g_socket_close (listener->socket, NULL);
  g_object_unref (listener->socket);
  g_free (listener);
}

PlantRpcAddressListener *
plant_rpc_address_listener_new (GMainContext *context)
{
  PlantRpcAddressListener *self = g_new0 (PlantRpcAddressListener, 1);

  self->context = g_main_context_ref (context);
  self->open = g_ptr_array_new_with_free_func (listener_free);
  return self;
}

void
plant_rpc_address_listener_free (PlantRpcAddressListener *self)
{
  g_ptr_array_unref (self->open);
  g_main_context_unref (self->context);
  g_free (self);
}

static gboolean
on_connection (gpointer user_data)
{
  Listener *listener = user_data;
  g_autoptr (GSocket) connection = g_socket_accept (listener->socket, NULL, NULL);

  if (connection == NULL)
    return G_SOURCE_CONTINUE;
  g_ptr_array_remove (listener->owner->open, listener);
  return G_SOURCE_REMOVE;
}

static gboolean
on_timeout (gpointer user_data)
{
  Listener *listener = user_data;

  g_ptr_array_remove (listener->owner->open, listener);
  return G_SOURCE_REMOVE;
}

static GSocket *
open_socket (const char  *host,
             guint16     *port,
             GError     **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (host);
  g_autoptr (GInetAddress) address = parsed != NULL ? g_object_ref (parsed)
                                                   : g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocket) socket = NULL;

  socket = g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM,
                         G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  for (guint i = 0; i < N_TRIES; i++)
    {
      g_autoptr (GSocketAddress) place = NULL;

      g_clear_error (error);
      *port = g_random_int_range (FIRST_PORT, G_MAXUINT16 + 1);
      place = g_inet_socket_address_new (address, *port);
      if (g_socket_bind (socket, place, FALSE, error))
        return g_socket_listen (socket, error) ? g_steal_pointer (&socket) : NULL;
    }
  return NULL;
}

guint16
plant_rpc_address_listener_open (PlantRpcAddressListener  *self,
                                 const char               *host,
                                 GError                  **error)
{
  GSocket *socket;
  Listener *listener;
  guint16 port;

  socket = open_socket (host, &port, error);
  if (socket == NULL)
    return 0;
  if (self->open->len >= PLANT_RPC_MAX_ADDRESS_LISTENERS)
    g_ptr_array_remove_index (self->open, 0);
  listener = g_new0 (Listener, 1);
  listener->owner = self;
  listener->socket = socket;
  listener->source = plant_rpc_source_new_alarm (self->context, on_connection, listener,
                                                 "[plantrpc] address");
  g_source_add_unix_fd (listener->source, g_socket_get_fd (socket), G_IO_IN);
  listener->timeout =
      plant_rpc_source_start (g_timeout_source_new_seconds (PLANT_RPC_ADDRESS_TIMEOUT_S),
                              self->context, on_timeout, listener, "[plantrpc] address timeout");
  g_ptr_array_add (self->open, listener);
  return port;
}

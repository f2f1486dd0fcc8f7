/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-generation1-subscriber-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-text-private.h"

#define CONNECT_TIMEOUT_MS   5000
#define MESSAGE_OVERHEAD     64   /* bytes that a signal counts in addition to its payload */

struct _PlantRpcGeneration1Subscriber {
  char                    *url;            /* (owned) */
  GBytes                  *peer;           /* (owned) */
  PlantRpcSocket          *socket;         /* (owned) */
  GSource                 *source;         /* (owned) */
  GSource                 *monitor;        /* (owned) */
  GQueue                   sizes;          /* (element-type gsize): of unacknowledged signals */
  gsize                    unacknowledged; /* bytes */
  PlantRpcGeneration1Func  gone;
  gpointer                 owner;
};

static gboolean
on_acknowledged (gpointer user_data)
{
  PlantRpcGeneration1Subscriber *self = user_data;

  for (guint i = 0; i < PLANT_RPC_SOURCE_BATCH; i++)
    {
      g_auto (PlantRpcFrames) frames = { 0 };

      if (!plant_rpc_socket_receive (self->socket, &frames))
        break;
      self->unacknowledged -= GPOINTER_TO_SIZE (g_queue_pop_head (&self->sizes));
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_monitor (gpointer user_data)
{
  PlantRpcGeneration1Subscriber *self = user_data;
  PlantRpcSocketEvent event;

  while (plant_rpc_socket_next_event (self->socket, &event))
    {
      if (event.type != ZMQ_EVENT_DISCONNECTED && event.type != ZMQ_EVENT_CLOSED)
        continue;
      g_debug ("%s has gone", self->url);
      self->gone (self->owner, self);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

static GSource *
add_source (gpointer      socket,
            const char   *name,
            GSourceFunc   callback,
            gpointer      user_data,
            GMainContext *context)
{
  GSource *source = plant_rpc_source_new (socket, name);

  g_source_set_callback (source, callback, user_data, NULL);
  g_source_attach (source, context);
  return source;
}

/* ::ffff:224.0.0.1 is another form of 224.0.0.1, and a multicast address is not a client's either
 * way. */
static GInetAddress *
parse_address (const char *address)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (address);
  const guint8 *bytes = parsed != NULL ? g_inet_address_to_bytes (parsed) : NULL;

  if (parsed == NULL || g_inet_address_get_family (parsed) != G_SOCKET_FAMILY_IPV6 ||
      memcmp (bytes, mapped, sizeof mapped) != 0)
    return g_steal_pointer (&parsed);
  return g_inet_address_new_from_bytes (bytes + sizeof mapped, G_SOCKET_FAMILY_IPV4);
}

/* Names are not looked up: a peer must not make this process ask a name server. */
static char *
print_url (const char  *address,
           guint16      port,
           GError     **error)
{
  g_autoptr (GInetAddress) parsed = parse_address (address);

  if (parsed == NULL || g_inet_address_get_is_any (parsed) ||
      g_inet_address_get_is_multicast (parsed))
    {
      g_autofree char *shown = plant_rpc_text_shorten (address, PLANT_RPC_MAX_SHOWN_TEXT);

      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
                   "“%s” is not the IP address of a client", shown);
      return NULL;
    }
  if (strchr (address, ':') != NULL)
    return g_strdup_printf ("tcp://[%s]:%u", address, port);
  return g_strdup_printf ("tcp://%s:%u", address, port);
}

/* The queue of libzmq has no limit, since what waits is counted here. */
static PlantRpcSocket *
open_socket (const char  *url,
             GError     **error)
{
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_DEALER, error);

  if (socket == NULL || !plant_rpc_socket_watch (socket, ZMQ_EVENT_ALL, error))
    return NULL;
  plant_rpc_socket_set_int (socket, ZMQ_RECONNECT_IVL, -1);
  plant_rpc_socket_set_int (socket, ZMQ_CONNECT_TIMEOUT, CONNECT_TIMEOUT_MS);
  plant_rpc_socket_set_int (socket, ZMQ_SNDHWM, 0);
  plant_rpc_socket_set_int64 (socket, ZMQ_MAXMSGSIZE, PLANT_RPC_MAX_ACKNOWLEDGEMENT);
  plant_rpc_socket_keep_alive (socket, PLANT_RPC_KEEPALIVE_ALERT);
  if (!plant_rpc_socket_connect (socket, url, error))
    return NULL;
  return g_steal_pointer (&socket);
}

PlantRpcGeneration1Subscriber *
plant_rpc_generation1_subscriber_new (const char               *address,
                                      guint16                   port,
                                      GBytes                   *peer,
                                      GMainContext             *context,
                                      PlantRpcGeneration1Func   gone,
                                      gpointer                  owner,
                                      GError                  **error)
{
  g_auto (PlantRpcPeerLocale) locale = plant_rpc_peer_locale_enter ();
  g_autofree char *url = print_url (address, port, error);
  PlantRpcSocket *socket = url != NULL ? open_socket (url, error) : NULL;
  PlantRpcGeneration1Subscriber *self;

  if (socket == NULL)
    return NULL;
  self = g_new0 (PlantRpcGeneration1Subscriber, 1);
  self->url = g_steal_pointer (&url);
  self->peer = g_bytes_ref (peer);
  self->socket = socket;
  g_queue_init (&self->sizes);
  self->gone = gone;
  self->owner = owner;
  self->source = add_source (plant_rpc_socket_get_handle (socket), "[plantrpc] acknowledgements",
                             on_acknowledged, self, context);
  self->monitor = add_source (plant_rpc_socket_get_monitor (socket),
                              "[plantrpc] generation 1 client", on_monitor, self, context);
  return self;
}

void
plant_rpc_generation1_subscriber_free (PlantRpcGeneration1Subscriber *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_source_destroy (self->monitor);
  g_source_unref (self->monitor);
  plant_rpc_socket_free (self->socket);
  g_queue_clear (&self->sizes);
  g_bytes_unref (self->peer);
  g_free (self->url);
  g_free (self);
}

gboolean
plant_rpc_generation1_subscriber_matches (PlantRpcGeneration1Subscriber *self,
                                          const char                    *address,
                                          guint16                        port,
                                          GBytes                        *peer)
{
  g_autofree char *url = print_url (address, port, NULL);

  return g_strcmp0 (self->url, url) == 0 || g_bytes_equal (self->peer, peer);
}

gsize
plant_rpc_generation1_subscriber_get_unacknowledged (PlantRpcGeneration1Subscriber *self)
{
  return self->unacknowledged;
}

/* The oldest signal does not count, so a client may be busy with one signal of any size. */
static gboolean
is_full (PlantRpcGeneration1Subscriber *self,
         gsize                          size)
{
  gsize oldest = GPOINTER_TO_SIZE (g_queue_peek_head (&self->sizes));

  return !g_queue_is_empty (&self->sizes) &&
         self->unacknowledged - oldest + size > PLANT_RPC_MAX_UNACKNOWLEDGED;
}

gboolean
plant_rpc_generation1_subscriber_push (PlantRpcGeneration1Subscriber *self,
                                       GBytes                        *payload)
{
  gsize size = g_bytes_get_size (payload) + MESSAGE_OVERHEAD;
  PlantRpcEnvelope envelope;

  if (is_full (self, size))
    {
      g_debug ("%s does not acknowledge and is dropped", self->url);
      return FALSE;
    }
  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, "", 0);
  if (plant_rpc_socket_send (self->socket, &envelope, payload, NULL) == PLANT_RPC_SEND_DONE)
    {
      g_queue_push_tail (&self->sizes, GSIZE_TO_POINTER (size));
      self->unacknowledged += size;
    }
  return TRUE;
}

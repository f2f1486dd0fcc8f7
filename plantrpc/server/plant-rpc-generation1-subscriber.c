/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-generation1-subscriber-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-peer-locale-private.h"
#include "plant-rpc-text-private.h"

#define CONNECT_TIMEOUT_MS   5000
#define MESSAGE_OVERHEAD     64   /* bytes that a signal counts in addition to its payload */

struct _PlantRpcGeneration1Subscriber {
  char                    *url;            /* (owned) */
  GBytes                  *peer;           /* (owned) */
  PlantRpcChannel         *channel;        /* (owned) */
  GQueue                   sizes;          /* (element-type gsize): of unacknowledged signals */
  gsize                    unacknowledged; /* bytes */
  PlantRpcGeneration1Func  gone;
  gpointer                 owner;
};

static void
on_acknowledged (gpointer        user_data,
                 PlantRpcFrames *frames)
{
  PlantRpcGeneration1Subscriber *self = user_data;

  self->unacknowledged -= GPOINTER_TO_SIZE (g_queue_pop_head (&self->sizes));
}

static void
on_reported (gpointer                   user_data,
             const PlantRpcSocketEvent *event)
{
  PlantRpcGeneration1Subscriber *self = user_data;

  if (event->type != ZMQ_EVENT_DISCONNECTED && event->type != ZMQ_EVENT_CLOSED)
    return;
  plant_rpc_debug ("%s has gone", self->url);
  self->gone (self->owner, self);
}

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_acknowledged,
  .reported = on_reported,
};

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
  PlantRpcEndpoint endpoint = { .tcp = TRUE, .host = (char *) address, .port = port };

  if (parsed == NULL || g_inet_address_get_is_any (parsed) ||
      g_inet_address_get_is_multicast (parsed))
    {
      g_autofree char *shown = plant_rpc_text_show (address);

      return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_VALUE,
                                        "“%s” is not the IP address of a client", shown);
    }
  return plant_rpc_endpoint_print (&endpoint, 0);
}

/* The queue of libzmq has no limit, since what waits is counted here. */
static PlantRpcChannel *
open_channel (PlantRpcGeneration1Subscriber  *self,
              GMainContext                   *context,
              GError                        **error)
{
  static const PlantRpcChannelOptions options = {
    .name = "[plantrpc] generation 1 client",
    .type = ZMQ_DEALER,
    .events = ZMQ_EVENT_ALL,
    .max_unread = PLANT_RPC_MAX_UNREAD_MESSAGES,
    .max_frame = PLANT_RPC_MAX_ACKNOWLEDGEMENT,
    .connect_timeout = CONNECT_TIMEOUT_MS,
    .keepalive = PLANT_RPC_KEEPALIVE_ALERT,
  };
  g_autoptr (PlantRpcChannel) channel =
      plant_rpc_channel_new (&options, context, &channel_funcs, self, error);

  if (channel == NULL || !plant_rpc_channel_connect (channel, self->url, error))
    return NULL;
  return g_steal_pointer (&channel);
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
  g_autoptr (PlantRpcGeneration1Subscriber) self = g_new0 (PlantRpcGeneration1Subscriber, 1);

  self->peer = g_bytes_ref (peer);
  g_queue_init (&self->sizes);
  self->gone = gone;
  self->owner = owner;
  self->url = print_url (address, port, error);
  if (self->url == NULL)
    return NULL;
  self->channel = open_channel (self, context, error);
  return self->channel != NULL ? g_steal_pointer (&self) : NULL;
}

void
plant_rpc_generation1_subscriber_free (PlantRpcGeneration1Subscriber *self)
{
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
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
      plant_rpc_debug ("%s does not acknowledge and is dropped", self->url);
      return FALSE;
    }
  plant_rpc_envelope_init (&envelope);
  plant_rpc_envelope_append (&envelope, "", 0);
  if (plant_rpc_socket_send (plant_rpc_channel_get_socket (self->channel), &envelope, payload,
                             NULL) == PLANT_RPC_SEND_DONE)
    {
      g_queue_push_tail (&self->sizes, GSIZE_TO_POINTER (size));
      self->unacknowledged += size;
    }
  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-rest-private.h"
#include "plant-rpc-security-private.h"
#include "plant-rpc-source-private.h"

/* connections that wait to be accepted: hundreds of peers connect at once when a server or a
 * registry has restarted */
#define ACCEPT_QUEUE 1024

struct _PlantRpcChannel {
  const char                 *name;
  GMainContext               *context; /* (owned) */
  const PlantRpcChannelFuncs *funcs;
  gpointer                    owner;   /* (unowned) */
  PlantRpcSocket             *socket;  /* (owned) (nullable): NULL once freed */
  GSource                    *data;    /* (owned) (nullable): NULL until connect() or bind() */
  GSource                    *monitor; /* (owned) (nullable): likewise, or without reported() */
  PlantRpcPulse               pulse;   /* of the connection that was made */
  guint64                     taken;   /* bytes of the messages handed out */
  PlantRpcRest                rest;    /* of the data source */
  guint                       max_turn;
  guint64                     max_held;
  int                         max_drained;
};

static void
clear_channel (PlantRpcChannel *self)
{
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcChannel, clear_channel)

/* ---- life */

static void
set_options (PlantRpcSocket               *socket,
             const PlantRpcChannelOptions *options)
{
  plant_rpc_socket_set_int (socket, ZMQ_RECONNECT_IVL, -1);
  plant_rpc_socket_set_int (socket, ZMQ_SNDHWM, options->max_unsent);
  plant_rpc_socket_set_int (socket, ZMQ_RCVHWM, options->max_unread);
  if (options->security != NULL)
    plant_rpc_security_apply (options->security, socket);
  if (options->max_frame > 0)
    plant_rpc_socket_set_max_frame (socket, options->max_frame);
  if (options->connect_timeout > 0)
    plant_rpc_socket_set_int (socket, ZMQ_CONNECT_TIMEOUT, options->connect_timeout);
  plant_rpc_socket_set_int (socket, ZMQ_BACKLOG, ACCEPT_QUEUE);
  plant_rpc_socket_keep_alive (socket, options->keepalive);
  switch (options->type)
    {
    case ZMQ_ROUTER:
      plant_rpc_socket_set_int (socket, ZMQ_ROUTER_MANDATORY, 1);
      break;
    case ZMQ_XPUB:
      plant_rpc_socket_set_int (socket, ZMQ_XPUB_VERBOSE, 1);
      break;
    case ZMQ_SUB:
      plant_rpc_socket_subscribe_all (socket);
      break;
    default:
      break;
    }
}

static void
on_rested (gpointer owner)
{
  plant_rpc_source_set_paused (((PlantRpcChannel *) owner)->data, FALSE);
}

PlantRpcChannel *
plant_rpc_channel_new (const PlantRpcChannelOptions  *options,
                       GMainContext                  *context,
                       const PlantRpcChannelFuncs    *funcs,
                       gpointer                       owner,
                       GError                       **error)
{
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (options->type, error);
  PlantRpcChannel *self;

  if (socket == NULL)
    return NULL;
  set_options (socket, options);
  if (options->events != 0 && !plant_rpc_socket_watch (socket, options->events, error))
    return NULL;
  self = g_rc_box_new0 (PlantRpcChannel);
  self->name = options->name;
  self->max_turn = options->max_turn > 0 ? options->max_turn : PLANT_RPC_SOURCE_BATCH;
  self->max_held = options->max_held;
  self->max_drained = options->max_unread > 0 ? 2 * options->max_unread : G_MAXINT;
  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  self->socket = g_steal_pointer (&socket);
  plant_rpc_pulse_init (&self->pulse, -1);
  plant_rpc_rest_init (&self->rest, self->context, on_rested, self);
  return self;
}

void
plant_rpc_channel_free (PlantRpcChannel *self)
{
  plant_rpc_rest_clear (&self->rest);
  plant_rpc_source_clear (&self->data);
  plant_rpc_source_clear (&self->monitor);
  g_clear_pointer (&self->socket, plant_rpc_socket_free);
  release (self);
}

void
plant_rpc_channel_discard (PlantRpcChannel *self)
{
  plant_rpc_socket_set_int (self->socket, ZMQ_LINGER, 0);
  plant_rpc_channel_free (self);
}

void
plant_rpc_channel_set_owner (PlantRpcChannel            *self,
                             const PlantRpcChannelFuncs *funcs,
                             gpointer                    owner)
{
  self->funcs = funcs;
  self->owner = owner;
}

PlantRpcSocket *
plant_rpc_channel_get_socket (PlantRpcChannel *self)
{
  return self->socket;
}

/* ---- what arrives */

/* Returns FALSE if there is no message. */
static gboolean
hand_out_message (PlantRpcChannel *self)
{
  g_auto (PlantRpcFrames) frames = { 0 };

  if (!plant_rpc_socket_receive (self->socket, &frames))
    return FALSE;
  self->taken += frames.n_bytes;
  self->funcs->received (self->owner, &frames);
  return TRUE;
}

void
plant_rpc_channel_hand_on (PlantRpcChannel *self,
                           PlantRpcFrames  *frames)
{
  if (self->socket != NULL)
    self->funcs->received (self->owner, frames);
}

void
plant_rpc_channel_drain (PlantRpcChannel *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  for (int n = 0; self->socket != NULL && n < self->max_drained; n++)
    {
      if (!hand_out_message (self))
        return;
    }
}

void
plant_rpc_channel_check_flood (PlantRpcChannel *self)
{
  guint64 received;

  if (self->max_held > 0 && plant_rpc_pulse_count_received (&self->pulse, &received) &&
      received > self->taken && received - self->taken > self->max_held)
    self->funcs->flooded (self->owner);
}

static void
take_turn (PlantRpcChannel *self)
{
  const gint64 end = g_get_monotonic_time () + PLANT_RPC_SOURCE_BATCH_USEC;
  gboolean drained = FALSE;

  plant_rpc_channel_check_flood (self);
  for (guint n = 0; self->socket != NULL && !drained && n < self->max_turn; n++)
    {
      drained = !hand_out_message (self);
      if (g_get_monotonic_time () >= end)
        break;
    }
  if (self->socket != NULL && self->funcs->turned != NULL)
    self->funcs->turned (self->owner, drained);
}

void
plant_rpc_channel_take_events (PlantRpcChannel *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  PlantRpcSocketEvent event;

  while (self->socket != NULL && plant_rpc_socket_next_event (self->socket, &event))
    {
      if (event.type == ZMQ_EVENT_CONNECTED)
        plant_rpc_pulse_init (&self->pulse, (int) event.value);
      self->funcs->reported (self->owner, &event);
    }
}

gboolean
plant_rpc_channel_is_quiet (PlantRpcChannel *self)
{
  return plant_rpc_socket_is_quiet (self->socket);
}

void
plant_rpc_channel_process (PlantRpcChannel *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);

  take_turn (self);
  if (self->socket != NULL && self->funcs->reported != NULL)
    plant_rpc_channel_take_events (self);
}

static gboolean
on_data (gpointer user_data)
{
  g_autoptr (Held) self = g_rc_box_acquire ((Held *) user_data);
  const gint64 begun = g_get_monotonic_time ();

  take_turn (self);
  if (self->data != NULL &&
      plant_rpc_rest_after (&self->rest, g_get_monotonic_time () - begun))
    plant_rpc_source_set_paused (self->data, TRUE);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_monitor (gpointer user_data)
{
  plant_rpc_channel_take_events (user_data);
  return G_SOURCE_CONTINUE;
}

/* ---- connection */

static void
attach (PlantRpcChannel *self)
{
  self->data = plant_rpc_source_attach (plant_rpc_socket_get_handle (self->socket),
                                        plant_rpc_socket_get_quiet (self->socket), self->context,
                                        on_data, self, self->name);
  if (self->funcs->reported != NULL)
    self->monitor = plant_rpc_source_attach (plant_rpc_socket_get_monitor (self->socket),
                                             plant_rpc_socket_get_monitor_quiet (self->socket),
                                             self->context, on_monitor, self, self->name);
}

gboolean
plant_rpc_channel_connect (PlantRpcChannel  *self,
                           const char       *url,
                           GError          **error)
{
  if (!plant_rpc_socket_connect (self->socket, url, error))
    return FALSE;
  attach (self);
  return TRUE;
}

gboolean
plant_rpc_channel_bind (PlantRpcChannel  *self,
                        const char       *url,
                        GError          **error)
{
  if (!plant_rpc_socket_bind (self->socket, url, error))
    return FALSE;
  attach (self);
  return TRUE;
}

void
plant_rpc_channel_set_wants_write (PlantRpcChannel *self,
                                   gboolean         wanted)
{
  plant_rpc_source_set_wants_write (self->data, wanted);
}

guint
plant_rpc_channel_fill_poll (PlantRpcChannel *self,
                             zmq_pollitem_t  *items)
{
  return plant_rpc_socket_fill_poll (self->socket, items);
}

gboolean
plant_rpc_channel_count_received (PlantRpcChannel *self,
                                  guint64         *n_bytes)
{
  return plant_rpc_pulse_count_received (&self->pulse, n_bytes);
}

PlantRpcPulseState
plant_rpc_channel_feel_pulse (PlantRpcChannel *self)
{
  return plant_rpc_pulse_feel (&self->pulse);
}

int
plant_rpc_channel_get_descriptor (PlantRpcChannel *self)
{
  return plant_rpc_pulse_is_there (&self->pulse) ? self->pulse.fd : -1;
}

/* Sets PORT (nullable), too. */
static char *
dup_end (int      fd,
         int    (*get) (int, struct sockaddr *, socklen_t *),
         guint16 *port)
{
  struct sockaddr_storage address = { 0 };
  socklen_t size = sizeof address;
  g_autoptr (GSocketAddress) wrapped = NULL;

  if (get (fd, (struct sockaddr *) &address, &size) != 0)
    return NULL;
  wrapped = g_socket_address_new_from_native (&address, size);
  if (!G_IS_INET_SOCKET_ADDRESS (wrapped))
    return NULL;
  if (port != NULL)
    *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (wrapped));
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (wrapped)));
}

char *
plant_rpc_channel_dup_address (int   fd,
                               int (*get) (int, struct sockaddr *, socklen_t *))
{
  return dup_end (fd, get, NULL);
}

char *
plant_rpc_channel_dup_end (int   fd,
                           int (*get) (int, struct sockaddr *, socklen_t *))
{
  guint16 port = 0;
  g_autofree char *address = dup_end (fd, get, &port);
  g_autofree char *plain = address != NULL ? plant_rpc_normalize_address (address) : NULL;

  return plain != NULL ? g_strdup_printf ("%s:%u", plain, port) : g_strdup ("");
}

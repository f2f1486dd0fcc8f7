/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fault-link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* bytes of a socket's buffers; small, so that the sender notices a slow line */
#define BUFFER_SIZE (64 * 1024)

struct _FaultLink {
  GSocketConnection    *peer;   /* (owned) */
  GSocketConnection    *device; /* (owned) (nullable): NULL until the connection is made */
  GCancellable         *connecting; /* (owned) */
  const FaultLine      *line;   /* (unowned) */
  const FaultLinkFuncs *funcs;
  gpointer              user_data;
  FaultPipe            *up;     /* (owned) (nullable) */
  FaultPipe            *down;   /* (owned) (nullable) */
  FaultWay              frozen;
  guint                 n_ended; /* number of pipes that have ended */
  guint                 end;    /* id of the source that ends the link; 0: none */
};

static void
tune (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, BUFFER_SIZE, NULL);
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, BUFFER_SIZE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
}

static void
disconnect (GSocketConnection *connection,
            gboolean           reset)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  if (reset)
    setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  g_socket_close (socket, NULL);
}

/* ---- ending */

static gboolean
on_end (gpointer user_data)
{
  FaultLink *self = user_data;

  self->end = 0;
  self->funcs->ended (self, NULL, self->user_data);
  return G_SOURCE_REMOVE;
}

void
fault_link_drop (FaultLink *self,
                 gboolean   reset)
{
  g_cancellable_cancel (self->connecting);
  g_clear_pointer (&self->up, fault_pipe_free);
  g_clear_pointer (&self->down, fault_pipe_free);
  disconnect (self->peer, reset);
  if (self->device != NULL)
    disconnect (self->device, reset);
  if (self->end == 0)
    self->end = g_idle_add (on_end, self);
}

static gboolean
on_break (gpointer user_data)
{
  FaultLink *self = user_data;

  self->end = 0;
  fault_link_drop (self, TRUE);
  return G_SOURCE_REMOVE;
}

/* If one side has reset its connection, the other side's connection is reset too. */
static void
on_pipe_ended (gboolean broken,
               gpointer user_data)
{
  FaultLink *self = user_data;

  self->n_ended++;
  if (self->end == 0 && (broken || self->n_ended == 2))
    self->end = g_idle_add (broken ? on_break : on_end, self);
}

void
fault_link_free (FaultLink *self)
{
  g_cancellable_cancel (self->connecting);
  g_clear_handle_id (&self->end, g_source_remove);
  g_clear_pointer (&self->up, fault_pipe_free);
  g_clear_pointer (&self->down, fault_pipe_free);
  g_object_unref (self->connecting);
  g_clear_object (&self->device);
  g_object_unref (self->peer);
  g_free (self);
}

/* ---- connecting */

static gboolean
move_up (char     **host,
         guint16   *port,
         gpointer   user_data)
{
  FaultLink *self = user_data;

  return self->funcs->move (self, FAULT_WAY_UP, host, port, self->user_data);
}

static gboolean
move_down (char     **host,
           guint16   *port,
           gpointer   user_data)
{
  FaultLink *self = user_data;

  return self->funcs->move (self, FAULT_WAY_DOWN, host, port, self->user_data);
}

static void
join (FaultLink *self)
{
  GSocket *peer = g_socket_connection_get_socket (self->peer);
  GSocket *device = g_socket_connection_get_socket (self->device);

  tune (self->device);
  self->up = fault_pipe_new (peer, device, self->line, fault_frames_new (move_up, self),
                             on_pipe_ended, self);
  self->down = fault_pipe_new (device, peer, self->line, fault_frames_new (move_down, self),
                               on_pipe_ended, self);
  fault_link_set_frozen (self, self->frozen);
  self->funcs->connected (self, self->user_data);
}

static void
on_connected (GObject      *client,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  GSocketConnection *device =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (client), result, &error);
  FaultLink *self = user_data;

  /* The link may have been freed when the operation was cancelled. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (device == NULL)
    {
      disconnect (self->peer, TRUE);
      self->funcs->ended (self, error, self->user_data);
      return;
    }
  self->device = device;
  join (self);
}

FaultLink *
fault_link_new (GSocketConnection    *peer,
                GSocketConnectable   *target,
                const FaultLine      *line,
                const FaultLinkFuncs *funcs,
                gpointer              user_data)
{
  FaultLink *self = g_new0 (FaultLink, 1);
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  self->peer = g_object_ref (peer);
  self->connecting = g_cancellable_new ();
  self->line = line;
  self->funcs = funcs;
  self->user_data = user_data;
  tune (peer);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (client, target, self->connecting, on_connected, self);
  return self;
}

char *
fault_link_dup_host (FaultLink *self)
{
  g_autoptr (GSocketAddress) address = NULL;

  if (self->device != NULL)
    address = g_socket_connection_get_local_address (self->device, NULL);
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return NULL;
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/* ---- faults */

void
fault_link_set_frozen (FaultLink *self,
                       FaultWay   frozen)
{
  self->frozen = frozen;
  if (self->up != NULL)
    fault_pipe_set_frozen (self->up, (frozen & FAULT_WAY_UP) != 0);
  if (self->down != NULL)
    fault_pipe_set_frozen (self->down, (frozen & FAULT_WAY_DOWN) != 0);
}

void
fault_link_forget (FaultLink *self,
                   FaultWay   way)
{
  if (self->up != NULL && (way & FAULT_WAY_UP) != 0)
    fault_pipe_forget (self->up);
  if (self->down != NULL && (way & FAULT_WAY_DOWN) != 0)
    fault_pipe_forget (self->down);
}

void
fault_link_close (FaultLink *self,
                  FaultWay   way)
{
  if (self->up != NULL && (way & FAULT_WAY_UP) != 0)
    fault_pipe_close (self->up);
  if (self->down != NULL && (way & FAULT_WAY_DOWN) != 0)
    fault_pipe_close (self->down);
}

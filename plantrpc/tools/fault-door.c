/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fault-door.h"

struct _FaultDoor {
  GInetAddress       *host;     /* (owned) */
  GSocketConnectable *target;   /* (owned) */
  FaultDoorFunc       entered;
  gpointer            user_data;
  GSocket            *holder;   /* (owned): never listens, and keeps the port */
  GSocket            *listener; /* (owned) (nullable): listens, while the door is open */
  GSource            *source;   /* (owned) (nullable) */
  guint16             port;
};

/* Both sockets bind the port with SO_REUSEADDR, which the system allows while only one of them
 * listens. */
static GSocket *
bind_to (GInetAddress  *host,
         guint16        port,
         GError       **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (host, port);
  g_autoptr (GSocket) socket = g_socket_new (g_inet_address_get_family (host), G_SOCKET_TYPE_STREAM,
                                            G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL || !g_socket_bind (socket, address, TRUE, error))
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

static gboolean
on_entered (GSocket      *listener,
            GIOCondition  condition,
            gpointer      user_data)
{
  FaultDoor *self = user_data;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, NULL);
  g_autoptr (GSocketConnection) peer = NULL;

  if (socket == NULL)
    return G_SOURCE_CONTINUE;
  peer = g_socket_connection_factory_create_connection (socket);
  self->entered (self, peer, self->user_data);
  return G_SOURCE_CONTINUE;
}

gboolean
fault_door_open (FaultDoor  *self,
                 GError    **error)
{
  g_autoptr (GSocket) listener = NULL;

  if (self->listener != NULL)
    return TRUE;
  listener = bind_to (self->host, self->port, error);
  if (listener == NULL || !g_socket_listen (listener, error))
    return FALSE;
  self->listener = g_steal_pointer (&listener);
  self->source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_entered), self, NULL);
  g_source_attach (self->source, NULL);
  return TRUE;
}

void
fault_door_shut (FaultDoor *self)
{
  if (self->listener == NULL)
    return;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  g_socket_close (self->listener, NULL);
  g_clear_object (&self->listener);
}

static gboolean
hold_port (FaultDoor  *self,
           GError    **error)
{
  g_autoptr (GSocketAddress) address = NULL;

  self->holder = bind_to (self->host, 0, error);
  if (self->holder != NULL)
    address = g_socket_get_local_address (self->holder, error);
  if (address == NULL)
    return FALSE;
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  return TRUE;
}

FaultDoor *
fault_door_new (const char          *host,
                GSocketConnectable  *target,
                FaultDoorFunc        entered,
                gpointer             user_data,
                GError             **error)
{
  g_autoptr (FaultDoor) self = g_new0 (FaultDoor, 1);

  self->host = g_inet_address_new_from_string (host);
  self->target = g_object_ref (target);
  self->entered = entered;
  self->user_data = user_data;
  if (!hold_port (self, error) || !fault_door_open (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fault_door_free (FaultDoor *self)
{
  fault_door_shut (self);
  g_clear_object (&self->holder);
  g_object_unref (self->target);
  g_object_unref (self->host);
  g_free (self);
}

GSocketConnectable *
fault_door_get_target (FaultDoor *self)
{
  return self->target;
}

guint16
fault_door_get_port (FaultDoor *self)
{
  return self->port;
}

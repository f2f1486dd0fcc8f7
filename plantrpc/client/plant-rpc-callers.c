/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "plant-rpc-callers-private.h"
#include "plant-rpc-channel-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-pulse-private.h"

typedef struct {
  PlantRpcPulse pulse;
  gboolean      server; /* TRUE if the peer's address is one of the server's */
  guint64       taken;  /* bytes received when the last whole message was read */
} Caller;

struct _PlantRpcCallers {
  PlantRpcOrigin *origin;  /* (owned) */
  guint16         port;
  GArray         *callers; /* (owned) (element-type Caller) */
};

PlantRpcCallers *
plant_rpc_callers_new (PlantRpcOrigin *origin,
                       guint16         port)
{
  PlantRpcCallers *self = g_new0 (PlantRpcCallers, 1);

  self->origin = plant_rpc_origin_ref (origin);
  self->port = port;
  self->callers = g_array_new (FALSE, FALSE, sizeof (Caller));
  return self;
}

void
plant_rpc_callers_free (PlantRpcCallers *self)
{
  plant_rpc_origin_unref (self->origin);
  g_array_unref (self->callers);
  g_free (self);
}

/* The monitor event arrives late, so the descriptor may belong to another socket by now. */
static gboolean
is_at_port (PlantRpcCallers *self,
            int              fd)
{
  struct sockaddr_storage address = { 0 };
  socklen_t size = sizeof address;

  if (getsockname (fd, (struct sockaddr *) &address, &size) != 0)
    return FALSE;
  if (address.ss_family == AF_INET)
    return ntohs (((struct sockaddr_in *) &address)->sin_port) == self->port;
  return address.ss_family == AF_INET6 &&
         ntohs (((struct sockaddr_in6 *) &address)->sin6_port) == self->port;
}

static Caller *
find (PlantRpcCallers *self,
      int              fd)
{
  for (guint i = 0; i < self->callers->len; i++)
    {
      Caller *caller = &g_array_index (self->callers, Caller, i);

      if (caller->pulse.fd == fd && plant_rpc_pulse_is_there (&caller->pulse))
        return caller;
    }
  return NULL;
}

static guint
count (PlantRpcCallers *self,
       gboolean         server)
{
  guint n = 0;

  for (guint i = 0; i < self->callers->len; i++)
    n += g_array_index (self->callers, Caller, i).server == server;
  return n;
}

static void
end_oldest (PlantRpcCallers *self,
            gboolean         server)
{
  for (guint i = 0; i < self->callers->len; i++)
    {
      Caller *caller = &g_array_index (self->callers, Caller, i);

      if (caller->server != server)
        continue;
      plant_rpc_pulse_end (&caller->pulse);
      g_array_remove_index (self->callers, i);
      return;
    }
}

void
plant_rpc_callers_accept (PlantRpcCallers *self,
                          int              fd)
{
  g_autofree char *address = plant_rpc_channel_dup_address (fd, getpeername);
  Caller caller = { 0 };

  if (address == NULL || !is_at_port (self, fd) || find (self, fd) != NULL)
    return;
  plant_rpc_pulse_init (&caller.pulse, fd);
  caller.server = plant_rpc_origin_has (self->origin, address);
  g_array_append_val (self->callers, caller);
  if (count (self, caller.server) > PLANT_RPC_MAX_CALLERS)
    end_oldest (self, caller.server);
}

void
plant_rpc_callers_note (PlantRpcCallers *self,
                        int              fd)
{
  Caller *caller = find (self, fd);

  if (caller == NULL)
    {
      plant_rpc_callers_accept (self, fd);
      caller = find (self, fd);
    }
  if (caller != NULL)
    plant_rpc_pulse_count_received (&caller->pulse, &caller->taken);
}

void
plant_rpc_callers_disown (PlantRpcCallers *self,
                          int              fd)
{
  Caller *caller = find (self, fd);

  if (caller != NULL)
    caller->server = FALSE;
}

/* libzmq limits the size of a frame but not the number of frames in a message. */
static gboolean
sends_without_end (Caller *caller)
{
  guint64 received;

  return plant_rpc_pulse_count_received (&caller->pulse, &received) &&
         received - caller->taken > PLANT_RPC_MAX_UNFINISHED;
}

gboolean
plant_rpc_callers_sweep (PlantRpcCallers *self)
{
  for (guint i = self->callers->len; i > 0; i--)
    {
      Caller *caller = &g_array_index (self->callers, Caller, i - 1);

      if (!plant_rpc_pulse_is_there (&caller->pulse))
        g_array_remove_index (self->callers, i - 1);
      else if (sends_without_end (caller))
        plant_rpc_pulse_end (&caller->pulse);
    }
  return self->callers->len > 0;
}

gboolean
plant_rpc_callers_has_server (PlantRpcCallers *self)
{
  return count (self, TRUE) > 0;
}

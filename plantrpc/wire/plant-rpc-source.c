/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "plant-rpc-source-private.h"

typedef struct {
  GSource   source;
  void     *socket;
  GPollFD   poll;    /* of ZMQ_FD; for a unix fd alone GSource would already dispatch */
  gboolean  wants_write;
  gboolean  paused;
  gboolean  stirred; /* TRUE: the queue may have drained since the last dispatch */
} PlantRpcSource;

static gboolean
is_readable (PlantRpcSource *self)
{
  int events = 0;
  int result;

  /* The descriptor reports each change once. If the call was interrupted after it had seen one, it
   * must be repeated. */
  do
    {
      gsize size = sizeof events;

      result = zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size);
    }
  while (result != 0 && zmq_errno () == EINTR);
  return result == 0 && (events & ZMQ_POLLIN) != 0;
}

/* Only the descriptor tells that a queue drains, since a ROUTER always claims to be writable. Any
 * question to the socket clears the descriptor. */
static gboolean
is_stirred (PlantRpcSource *self)
{
  GPollFD poll = { .fd = self->poll.fd, .events = G_IO_IN };

  return g_poll (&poll, 1, 0) > 0;
}

static gboolean
source_prepare (GSource *source,
                int     *timeout)
{
  PlantRpcSource *self = (PlantRpcSource *) source;

  *timeout = -1;
  if (self->paused)
    return FALSE;
  if (self->wants_write && is_stirred (self))
    self->stirred = TRUE;
  return is_readable (self) || self->stirred;
}

static gboolean
source_check (GSource *source)
{
  PlantRpcSource *self = (PlantRpcSource *) source;

  if (self->wants_write && (self->poll.revents & G_IO_IN) != 0)
    self->stirred = TRUE;
  return !self->paused && (is_readable (self) || self->stirred);
}

static gboolean
source_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     user_data)
{
  ((PlantRpcSource *) source)->stirred = FALSE;
  return callback != NULL ? callback (user_data) : G_SOURCE_REMOVE;
}

static GSourceFuncs source_funcs = {
  .prepare = source_prepare,
  .check = source_check,
  .dispatch = source_dispatch,
};

static GSource *
new_source (void *socket)
{
  GSource *source = g_source_new (&source_funcs, sizeof (PlantRpcSource));
  PlantRpcSource *self = (PlantRpcSource *) source;
  int fd = -1;
  gsize size = sizeof fd;

  zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
  self->socket = socket;
  self->poll = (GPollFD) { .fd = fd, .events = G_IO_IN };
  g_source_add_poll (source, &self->poll);
  return source;
}

GSource *
plant_rpc_source_start (GSource      *source,
                        GMainContext *context,
                        GSourceFunc   func,
                        gpointer      user_data,
                        const char   *name)
{
  g_source_set_static_name (source, name);
  g_source_set_callback (source, func, user_data, NULL);
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
  return source;
}

GSource *
plant_rpc_source_attach (void         *socket,
                         GMainContext *context,
                         GSourceFunc   func,
                         gpointer      user_data,
                         const char   *name)
{
  return plant_rpc_source_start (new_source (socket), context, func, user_data, name);
}

static gboolean
alarm_dispatch (GSource     *source,
                GSourceFunc  callback,
                gpointer     user_data)
{
  return callback != NULL ? callback (user_data) : G_SOURCE_REMOVE;
}

static GSourceFuncs alarm_funcs = { .dispatch = alarm_dispatch };

GSource *
plant_rpc_source_new_alarm (GMainContext *context,
                            GSourceFunc   func,
                            gpointer      user_data,
                            const char   *name)
{
  return plant_rpc_source_start (g_source_new (&alarm_funcs, sizeof (GSource)), context, func,
                                 user_data, name);
}

void
plant_rpc_source_clear (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
plant_rpc_source_set_paused (GSource  *source,
                             gboolean  paused)
{
  PlantRpcSource *self = (PlantRpcSource *) source;

  self->paused = paused;
  /* Otherwise a descriptor that is readable would end each poll at once. */
  self->poll.events = paused ? 0 : G_IO_IN;
}

void
plant_rpc_source_set_wants_write (GSource  *source,
                                  gboolean  wanted)
{
  PlantRpcSource *self = (PlantRpcSource *) source;

  self->wants_write = wanted;
  self->stirred = self->stirred && wanted;
}

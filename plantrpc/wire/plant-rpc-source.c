/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <zmq.h>

#include "plant-rpc-source-private.h"

typedef struct {
  GSource   source;
  void     *socket;
  gpointer  tag;
  gboolean  wants_write;
} PlantRpcSource;

static gboolean
is_readable (PlantRpcSource *self)
{
  int events = 0;
  gsize size = sizeof events;

  return zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size) == 0 &&
         (events & ZMQ_POLLIN) != 0;
}

static gboolean
source_prepare (GSource *source,
                int     *timeout)
{
  *timeout = -1;
  return is_readable ((PlantRpcSource *) source);
}

/* A queue that drains is told by the descriptor alone: a ROUTER always claims to be writable. */
static gboolean
source_check (GSource *source)
{
  PlantRpcSource *self = (PlantRpcSource *) source;
  gboolean stirred = (g_source_query_unix_fd (source, self->tag) & G_IO_IN) != 0;

  return is_readable (self) || (stirred && self->wants_write);
}

static gboolean
source_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     user_data)
{
  return callback != NULL ? callback (user_data) : G_SOURCE_REMOVE;
}

static GSourceFuncs source_funcs = {
  .prepare = source_prepare,
  .check = source_check,
  .dispatch = source_dispatch,
};

GSource *
plant_rpc_source_new (void       *socket,
                      const char *name)
{
  GSource *source = g_source_new (&source_funcs, sizeof (PlantRpcSource));
  PlantRpcSource *self = (PlantRpcSource *) source;
  int fd = -1;
  gsize size = sizeof fd;

  zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
  self->socket = socket;
  self->tag = g_source_add_unix_fd (source, fd, G_IO_IN);
  g_source_set_static_name (source, name);
  return source;
}

static GSource *
start (GSource      *source,
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
  return start (plant_rpc_source_new (socket, name), context, func, user_data, name);
}

static GSourceFuncs alarm_funcs = { .dispatch = source_dispatch };

GSource *
plant_rpc_source_new_alarm (GMainContext *context,
                            GSourceFunc   func,
                            gpointer      user_data,
                            const char   *name)
{
  return start (g_source_new (&alarm_funcs, sizeof (GSource)), context, func, user_data, name);
}

void
plant_rpc_source_clear (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
plant_rpc_source_set_wants_write (GSource  *source,
                                  gboolean  wanted)
{
  ((PlantRpcSource *) source)->wants_write = wanted;
}

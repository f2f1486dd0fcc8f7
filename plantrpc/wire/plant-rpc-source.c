/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <zmq.h>

#include "plant-rpc-home-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-source-private.h"

typedef struct {
  GSource       source;
  PlantRpcHome *home; /* (owned) */
} HomeSource;

typedef struct {
  HomeSource  parent;
  void       *socket;  /* (nullable): NULL for a descriptor that is no libzmq socket */
  gboolean   *quiet;   /* (unowned) (nullable): of the socket; NULL if it is not remembered */
  guint       process; /* that has the socket or descriptor */
  GPollFD     poll;    /* of ZMQ_FD; for a unix fd alone GSource would already dispatch */
  gboolean    wants_write;
  gboolean    paused;
  gboolean    stirred; /* TRUE: the queue may have drained since the last dispatch, or the owner of
                          the descriptor has something to do */
} PlantRpcSource;

static gboolean
is_readable (PlantRpcSource *self)
{
  int events = 0;
  int result;

  /* Without a descriptor, since the system had no memory to tell it, only the question is left. */
  if (self->quiet != NULL && *self->quiet && self->poll.fd >= 0)
    return FALSE;
  /* The descriptor reports each change once. If the call was interrupted after it had seen one, it
   * must be repeated. */
  do
    {
      gsize size = sizeof events;

      result = zmq_getsockopt (self->socket, ZMQ_EVENTS, &events, &size);
    }
  while (result != 0 && zmq_errno () == EINTR);
  if (self->quiet != NULL)
    *self->quiet = result == 0 && (events & ZMQ_POLLIN) == 0;
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

/* In a forked child the descriptor would wake the loop for each message of the parent. */
static gboolean
is_inherited (PlantRpcSource *self)
{
  if (!plant_rpc_init_is_inherited (self->process))
    return FALSE;
  g_source_destroy (&self->parent.source);
  return TRUE;
}

static gboolean
source_prepare (GSource *source,
                int     *timeout)
{
  PlantRpcSource *self = (PlantRpcSource *) source;
  g_auto (PlantRpcLook) look = plant_rpc_home_look_in (self->parent.home, source, TRUE);

  *timeout = -1;
  if (self->paused || !look.exists || is_inherited (self))
    return FALSE;
  if (self->wants_write && is_stirred (self))
    self->stirred = TRUE;
  return is_readable (self) || self->stirred;
}

static gboolean
source_check (GSource *source)
{
  PlantRpcSource *self = (PlantRpcSource *) source;
  g_auto (PlantRpcLook) look = plant_rpc_home_look_in (self->parent.home, source, FALSE);

  if (!look.exists || is_inherited (self))
    return FALSE;
  if (self->wants_write && (self->poll.revents & G_IO_IN) != 0)
    self->stirred = TRUE;
  if (self->quiet != NULL && self->poll.revents != 0)
    *self->quiet = FALSE;
  return !self->paused && (is_readable (self) || self->stirred);
}

static gboolean
home_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     user_data)
{
  g_autoptr (PlantRpcHold) hold =
      plant_rpc_home_enter_source (((HomeSource *) source)->home, source);

  return hold != NULL && callback != NULL ? callback (user_data) : G_SOURCE_REMOVE;
}

static gboolean
source_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     user_data)
{
  ((PlantRpcSource *) source)->stirred = FALSE;
  return home_dispatch (source, callback, user_data);
}

static void
home_finalize (GSource *source)
{
  g_clear_pointer (&((HomeSource *) source)->home, plant_rpc_home_unref);
}

static gboolean
descriptor_prepare (GSource *source,
                    int     *timeout)
{
  PlantRpcSource *self = (PlantRpcSource *) source;
  g_auto (PlantRpcLook) look = plant_rpc_home_look_in (self->parent.home, source, TRUE);

  *timeout = -1;
  return !self->paused && look.exists && !is_inherited (self) && self->stirred;
}

static gboolean
descriptor_check (GSource *source)
{
  PlantRpcSource *self = (PlantRpcSource *) source;
  g_auto (PlantRpcLook) look = plant_rpc_home_look_in (self->parent.home, source, FALSE);

  return !self->paused && look.exists && !is_inherited (self) &&
         (self->stirred || self->poll.revents != 0);
}

static GSourceFuncs descriptor_funcs = {
  .prepare = descriptor_prepare,
  .check = descriptor_check,
  .dispatch = source_dispatch,
  .finalize = home_finalize,
};

static GSourceFuncs source_funcs = {
  .prepare = source_prepare,
  .check = source_check,
  .dispatch = source_dispatch,
  .finalize = home_finalize,
};

static GSource *
new_for_socket (void     *socket,
                gboolean *quiet)
{
  GSource *source = g_source_new (&source_funcs, sizeof (PlantRpcSource));
  PlantRpcSource *self = (PlantRpcSource *) source;
  int fd = -1;
  gsize size = sizeof fd;

  zmq_getsockopt (socket, ZMQ_FD, &fd, &size);
  self->socket = socket;
  self->quiet = quiet;
  self->process = plant_rpc_init_get_process ();
  self->poll = (GPollFD) { .fd = fd, .events = G_IO_IN };
  g_source_add_poll (source, &self->poll);
  return source;
}

static GSource *
attach (GSource        *source,
        GMainContext   *context,
        GSourceFunc     func,
        gpointer        user_data,
        GDestroyNotify  notify,
        const char     *name)
{
  g_source_set_static_name (source, name);
  g_source_set_callback (source, func, user_data, notify);
  g_source_set_can_recurse (source, TRUE);
  g_source_attach (source, context);
  return source;
}

static GSource *
start (GSource      *source,
       GMainContext *context,
       GSourceFunc   func,
       gpointer      user_data,
       const char   *name)
{
  ((HomeSource *) source)->home = plant_rpc_home_new (context);
  return attach (source, context, func, user_data, NULL, name);
}

GSource *
plant_rpc_source_attach (void         *socket,
                         gboolean     *quiet,
                         GMainContext *context,
                         GSourceFunc   func,
                         gpointer      user_data,
                         const char   *name)
{
  return start (new_for_socket (socket, quiet), context, func, user_data, name);
}

GSource *
plant_rpc_source_attach_descriptor (int           fd,
                                    GMainContext *context,
                                    GSourceFunc   func,
                                    gpointer      user_data,
                                    const char   *name)
{
  GSource *source = g_source_new (&descriptor_funcs, sizeof (PlantRpcSource));
  PlantRpcSource *self = (PlantRpcSource *) source;

  self->process = plant_rpc_init_get_process ();
  self->poll = (GPollFD) { .fd = fd, .events = G_IO_IN };
  g_source_add_poll (source, &self->poll);
  return start (source, context, func, user_data, name);
}

static GSourceFuncs alarm_funcs = { .dispatch = home_dispatch, .finalize = home_finalize };

GSource *
plant_rpc_source_new_alarm (GMainContext *context,
                            GSourceFunc   func,
                            gpointer      user_data,
                            const char   *name)
{
  return start (g_source_new (&alarm_funcs, sizeof (HomeSource)), context, func, user_data, name);
}

/* ---- forks */

typedef struct {
  HomeSource parent;
  guint      process; /* that has started it */
} ForkSource;

static gboolean
fork_prepare (GSource *source,
              int     *timeout)
{
  *timeout = -1;
  return plant_rpc_init_is_inherited (((ForkSource *) source)->process);
}

static gboolean
fork_check (GSource *source)
{
  return plant_rpc_init_is_inherited (((ForkSource *) source)->process);
}

static GSourceFuncs fork_funcs = {
  .prepare = fork_prepare,
  .check = fork_check,
  .dispatch = home_dispatch,
  .finalize = home_finalize,
};

GSource *
plant_rpc_source_new_fork (GMainContext *context,
                           GSourceFunc   func,
                           gpointer      user_data,
                           const char   *name)
{
  GSource *source = g_source_new (&fork_funcs, sizeof (ForkSource));

  ((ForkSource *) source)->process = plant_rpc_init_get_process ();
  /* The child should do nothing else that is due. */
  g_source_set_priority (source, G_MININT);
  return start (source, context, func, user_data, name);
}

/* ---- sources of GLib */

typedef struct {
  PlantRpcHome           *home;      /* (owned) */
  guint                   process;   /* that has started it */
  GSourceFunc             func;      /* (nullable) */
  GCancellableSourceFunc  cancelled; /* (nullable) */
  gpointer                user_data;
} Guarded;

static void
guarded_free (gpointer data)
{
  Guarded *self = data;

  plant_rpc_home_unref (self->home);
  g_free (self);
}

static gboolean
on_guarded (gpointer user_data)
{
  Guarded *self = user_data;
  g_autoptr (PlantRpcHold) hold =
      plant_rpc_home_enter_source (self->home, g_main_current_source ());

  if (hold == NULL || plant_rpc_init_is_inherited (self->process))
    return G_SOURCE_REMOVE;
  return self->func (self->user_data);
}

static gboolean
on_guarded_cancelled (GCancellable *cancellable,
                      gpointer      user_data)
{
  Guarded *self = user_data;
  g_autoptr (PlantRpcHold) hold =
      plant_rpc_home_enter_source (self->home, g_main_current_source ());

  if (hold == NULL || plant_rpc_init_is_inherited (self->process))
    return G_SOURCE_REMOVE;
  return self->cancelled (cancellable, self->user_data);
}

static GSource *
start_guarded (GSource       *source,
               GMainContext  *context,
               const Guarded *guarded,
               const char    *name)
{
  Guarded *self = g_memdup2 (guarded, sizeof *guarded);
  GSourceFunc func =
      self->func != NULL ? on_guarded : (GSourceFunc) G_SOURCE_FUNC (on_guarded_cancelled);

  self->home = plant_rpc_home_new (context);
  self->process = plant_rpc_init_get_process ();
  return attach (source, context, func, self, guarded_free, name);
}

GSource *
plant_rpc_source_start (GSource      *source,
                        GMainContext *context,
                        GSourceFunc   func,
                        gpointer      user_data,
                        const char   *name)
{
  const Guarded guarded = { .func = func, .user_data = user_data };

  return start_guarded (source, context, &guarded, name);
}

GSource *
plant_rpc_source_new_cancelled (GCancellable           *cancellable,
                                GMainContext           *context,
                                GCancellableSourceFunc  func,
                                gpointer                user_data)
{
  const Guarded guarded = { .cancelled = func, .user_data = user_data };

  return start_guarded (g_cancellable_source_new (cancellable), context, &guarded,
                        "[plantrpc] cancellation");
}

/* GLib uses the context after the source was finalized, so the home must not free it there. */
void
plant_rpc_source_clear (GSource **source)
{
  GMainContext *context = *source != NULL ? g_source_get_context (*source) : NULL;
  g_autoptr (GMainContext) kept = context != NULL ? g_main_context_ref (context) : NULL;

  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

void
plant_rpc_source_set_paused (GSource  *source,
                             gboolean  paused)
{
  PlantRpcSource *self = (PlantRpcSource *) source;

  if (self->paused == paused)
    return;
  self->paused = paused;
  /* Otherwise a descriptor that is readable, or that the other end has closed, would end each poll
   * at once. */
  if (paused)
    g_source_remove_poll (source, &self->poll);
  else
    g_source_add_poll (source, &self->poll);
}

void
plant_rpc_source_set_wants_write (GSource  *source,
                                  gboolean  wanted)
{
  PlantRpcSource *self = (PlantRpcSource *) source;

  self->wants_write = wanted;
  self->stirred = self->stirred && wanted;
}

void
plant_rpc_source_set_ready (GSource *source)
{
  ((PlantRpcSource *) source)->stirred = TRUE;
}

void
plant_rpc_source_await_room (GSource  *source,
                             gboolean  wanted)
{
  ((PlantRpcSource *) source)->poll.events = wanted ? G_IO_IN | G_IO_OUT : G_IO_IN;
}

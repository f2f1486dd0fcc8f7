/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-arrival-private.h"
#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-generation1-port-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-rest-private.h"
#include "plant-rpc-source-private.h"

#define SIGNAL_OVERHEAD 512 /* bytes counted for each, beside its own */

struct _PlantRpcGeneration1Listener {
  PlantRpcGeneration1Port                *port;        /* (unowned): stays until it is left */
  const PlantRpcGeneration1ListenerFuncs *funcs;
  gpointer                                owner;       /* (nullable): NULL once freed */
  GSource                                *source;      /* (owned): ready when something is queued */
  PlantRpcRest                            rest;        /* of the source */
  GMainContext                           *context;     /* (owned) */
  GMutex                                  mutex;
  gboolean                                resting;     /* (mutex mutex) */
  GQueue                                  queue;       /* (mutex mutex): of PlantRpcArrival */
  gsize                                   queued;      /* (mutex mutex): bytes */
  guint64                                 n_lost;      /* (mutex mutex) */
  gint                                    n_malformed; /* (atomic) */
  gboolean                                left;        /* (mutex mutex): the server has let go */
  gboolean                                returned;    /* (mutex mutex): and has connected again */
};

static void
clear_listener (gpointer data)
{
  PlantRpcGeneration1Listener *self = data;

  g_queue_clear_full (&self->queue, plant_rpc_arrival_free);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
}

/* ---- in the owner's context */

/* Delivers one signal only, since a handler may run a loop of its own. Returns FALSE if none is
 * left. */
static gboolean
deliver_next (PlantRpcGeneration1Listener *self)
{
  PlantRpcArrival *arrival;
  guint64 n_lost = 0;
  gboolean left = FALSE, returned = FALSE;

  g_mutex_lock (&self->mutex);
  arrival = g_queue_pop_head (&self->queue);
  if (arrival != NULL)
    {
      self->queued -= arrival->size;
    }
  else
    {
      n_lost = self->n_lost;
      self->n_lost = 0;
      left = self->left;
      self->left = FALSE;
      returned = self->returned;
      self->returned = FALSE;
      g_source_set_ready_time (self->source, -1);
    }
  g_mutex_unlock (&self->mutex);

  if (arrival != NULL)
    {
      PlantRpcEmission emission = { .name = arrival->name, .value = arrival->args };

      self->funcs->received (self->owner, &emission);
      plant_rpc_arrival_free (arrival);
      return self->owner != NULL;
    }
  if (n_lost > 0)
    self->funcs->overflowed (self->owner, n_lost);
  if (left && self->owner != NULL)
    self->funcs->left (self->owner);
  if (returned && self->owner != NULL)
    self->funcs->returned (self->owner);
  return FALSE;
}

static void
set_resting (PlantRpcGeneration1Listener *self,
             gboolean                     resting)
{
  g_mutex_lock (&self->mutex);
  self->resting = resting;
  g_source_set_ready_time (self->source, resting ? -1 : 0);
  g_mutex_unlock (&self->mutex);
}

static void
on_rested (gpointer owner)
{
  set_resting (owner, FALSE);
}

static gboolean
on_queued (gpointer user_data)
{
  PlantRpcGeneration1Listener *self = g_atomic_rc_box_acquire (user_data);
  const gint64 begun = g_get_monotonic_time ();
  gint64 took = 0;

  while (took < PLANT_RPC_SOURCE_BATCH_USEC && deliver_next (self))
    took = g_get_monotonic_time () - begun;
  if (self->owner != NULL && plant_rpc_rest_after (&self->rest, took))
    set_resting (self, TRUE);
  g_atomic_rc_box_release_full (self, clear_listener);
  return G_SOURCE_CONTINUE;
}

/* ---- on the thread of the ports */

/* With the mutex locked. */
static void
wake (PlantRpcGeneration1Listener *self)
{
  if (!self->resting)
    g_source_set_ready_time (self->source, 0);
}

static void
on_received (gpointer                listener,
             const PlantRpcEmission *emission)
{
  PlantRpcGeneration1Listener *self = listener;
  PlantRpcArrival arrival = { 0 };

  if (emission == NULL)
    {
      g_atomic_int_inc (&self->n_malformed);
      return;
    }
  arrival.name = emission->name;
  arrival.args = emission->value;
  arrival.size = plant_rpc_arrival_measure (&arrival) + SIGNAL_OVERHEAD;
  g_mutex_lock (&self->mutex);
  if (self->queued + arrival.size <= PLANT_RPC_MAX_QUEUED_SIGNALS)
    {
      self->queued += arrival.size;
      g_queue_push_tail (&self->queue, plant_rpc_arrival_dup (&arrival));
    }
  else
    {
      self->n_lost++;
    }
  wake (self);
  g_mutex_unlock (&self->mutex);
}

static void
on_left (gpointer listener)
{
  PlantRpcGeneration1Listener *self = listener;

  g_mutex_lock (&self->mutex);
  self->left = TRUE;
  wake (self);
  g_mutex_unlock (&self->mutex);
}

static void
on_returned (gpointer listener)
{
  PlantRpcGeneration1Listener *self = listener;

  g_mutex_lock (&self->mutex);
  self->returned = TRUE;
  g_source_set_ready_time (self->source, 0);
  g_mutex_unlock (&self->mutex);
}

static const PlantRpcGeneration1PortFuncs port_funcs = {
  .received = on_received,
  .left = on_left,
  .returned = on_returned,
};

/* ---- life */

PlantRpcGeneration1Listener *
plant_rpc_generation1_listener_new (const char                              *url,
                                    const char                              *server_address,
                                    const char                              *local_address,
                                    GMainContext                            *context,
                                    const PlantRpcGeneration1ListenerFuncs  *funcs,
                                    gpointer                                 owner,
                                    GError                                 **error)
{
  PlantRpcGeneration1Listener *self = g_atomic_rc_box_new0 (PlantRpcGeneration1Listener);

  g_mutex_init (&self->mutex);
  g_queue_init (&self->queue);
  self->funcs = funcs;
  self->owner = owner;
  self->context = g_main_context_ref (context);
  plant_rpc_rest_init (&self->rest, context, on_rested, self);
  self->source = plant_rpc_source_new_alarm (context, on_queued, self,
                                             "[plantrpc] pushed signals");
  self->port = plant_rpc_generation1_port_join (url, server_address, local_address, &port_funcs,
                                                self, error);
  if (self->port != NULL)
    return self;
  plant_rpc_generation1_listener_free (self, FALSE);
  return NULL;
}

void
plant_rpc_generation1_listener_free (PlantRpcGeneration1Listener *self,
                                     gboolean                     promised)
{
  if (self->port != NULL)
    plant_rpc_generation1_port_leave (self->port, self, promised);
  self->owner = NULL;
  plant_rpc_rest_clear (&self->rest);
  plant_rpc_source_clear (&self->source);
  g_atomic_rc_box_release_full (self, clear_listener);
}

guint16
plant_rpc_generation1_listener_get_port (PlantRpcGeneration1Listener *self)
{
  return plant_rpc_generation1_port_get_number (self->port);
}

gboolean
plant_rpc_generation1_listener_is_connected (PlantRpcGeneration1Listener *self)
{
  return plant_rpc_generation1_port_is_connected (self->port);
}

gboolean
plant_rpc_generation1_listener_has_other (PlantRpcGeneration1Listener *self)
{
  return plant_rpc_generation1_port_has_other (self->port);
}

guint
plant_rpc_generation1_listener_get_n_malformed (PlantRpcGeneration1Listener *self)
{
  return g_atomic_int_get (&self->n_malformed);
}

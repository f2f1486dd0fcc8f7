/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-callers-private.h"
#include "plant-rpc-channel-private.h"
#include "plant-rpc-generation1-port-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-request-private.h"
#include "plant-rpc-source-private.h"
#include "plant-rpc-worker-private.h"

/* How long a port without a listener is kept. PROMISE_US is for a server that was told of it and
 * has not connected yet. RETURN_US is for a server whose connection was lost: it may still be
 * there, come back, and wait for an acknowledgement. */
#define PROMISE_US (60 * G_USEC_PER_SEC)
#define RETURN_US  (20 * G_USEC_PER_SEC)

/* WATCH_US is the time between two looks at the connections. SOON_US is the time to the look after
 * one has ended: the monitor reports the end shortly before libzmq closes the descriptor. */
#define WATCH_US (500 * 1000)
#define SOON_US  (10 * 1000)

struct _PlantRpcGeneration1Port {
  const PlantRpcGeneration1PortFuncs *funcs;
  char                               *url;       /* (owned): of the server */
  guint16                             number;    /* of the TCP port */
  PlantRpcOrigin                     *origin;    /* (owned) */
  PlantRpcChannel                    *channel;   /* (owned): of the worker's thread, as the next */
  PlantRpcCallers                    *callers;   /* (owned) */
  GSource                            *alarm;     /* (owned): for the next look */
  GPtrArray                          *listeners; /* (owned) (mutex lock) */
  gint                                connected; /* (atomic): set by the worker's thread only */
  gboolean                            deserted;  /* the server was connected and has left */
  gint64                              needed;    /* (mutex lock): without a listener, up to then
                                                    (monotonic µs) */
};

static GMutex lock;
static GCond opened;           /* (mutex lock): an Opening is done */
static GPtrArray *ports;       /* (mutex lock) (owned) (element-type PlantRpcGeneration1Port) */
static PlantRpcWorker *worker; /* (mutex lock) (owned): made with the first port, and kept */
static guint process;          /* (mutex lock): that has the worker */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_OUTER);
}

static void
port_free (gpointer data)
{
  PlantRpcGeneration1Port *self = data;

  plant_rpc_source_clear (&self->alarm);
  g_clear_pointer (&self->channel, plant_rpc_channel_free);
  g_clear_pointer (&self->callers, plant_rpc_callers_free);
  plant_rpc_origin_unref (self->origin);
  g_ptr_array_unref (self->listeners);
  g_free (self->url);
  g_free (self);
}

/* ---- connections */

static void
tell_left_locked (PlantRpcGeneration1Port *self)
{
  for (guint i = 0; i < self->listeners->len; i++)
    self->funcs->left (self->listeners->pdata[i]);
}

/* Tells the listeners of ports that the server at the same URL has left for another port. */
static void
tell_deserted_locked (const char *url)
{
  for (guint i = 0; i < ports->len; i++)
    {
      PlantRpcGeneration1Port *port = ports->pdata[i];

      if (port->deserted && g_str_equal (port->url, url))
        tell_left_locked (port);
    }
}

/* Lets the next look be at TIME (monotonic µs), unless it is earlier anyway. */
static void
look_by (PlantRpcGeneration1Port *self,
         gint64                   time)
{
  const gint64 ready_time = g_source_get_ready_time (self->alarm);

  if (ready_time < 0 || time < ready_time)
    g_source_set_ready_time (self->alarm, time);
}

static void
note_server (PlantRpcGeneration1Port *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (g_atomic_int_get (&self->connected))
    return;
  locker = g_mutex_locker_new (&lock);
  g_atomic_int_set (&self->connected, TRUE);
  if (!self->deserted)
    {
      tell_deserted_locked (self->url);
      return;
    }
  self->deserted = FALSE;
  for (guint i = 0; i < self->listeners->len; i++)
    self->funcs->returned (self->listeners->pdata[i]);
}

/* ---- messages */

/* A client on the server's computer can meet this port where it looks for a device that was there
 * before. */
static gboolean
is_request (GBytes *payload)
{
  g_auto (PlantRpcRequest) request = { 0 };

  return plant_rpc_request_unpack (&request, payload, NULL);
}

static gboolean
unpack_signal (PlantRpcGeneration1Port *self,
               PlantRpcFrames          *frames,
               PlantRpcEmission        *emission)
{
  g_autofree char *address = plant_rpc_frames_dup_address (frames);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = NULL;

  if (!plant_rpc_origin_has (self->origin, address))
    {
      plant_rpc_debug ("A signal of “%s” comes from “%s”, which is not its address", self->url,
                       address);
      return FALSE;
    }
  payload = plant_rpc_frames_steal (frames, 0);
  if (frames->n_frames == 1 && plant_rpc_emission_unpack (emission, payload, &error) &&
      emission->type == PLANT_RPC_EMISSION_SIGNAL)
    return TRUE;
  plant_rpc_debug ("A signal of “%s” cannot be understood: %s", self->url,
                   error != NULL ? error->message : "wrong kind");
  if (is_request (payload))
    {
      plant_rpc_callers_disown (self->callers, plant_rpc_frames_get_descriptor (frames));
      look_by (self, g_get_monotonic_time () + SOON_US);
    }
  return FALSE;
}

/* The signal is handed over before it is acknowledged, so that nothing that the server does
 * afterwards can overtake it. */
static void
on_received (gpointer        owner,
             PlantRpcFrames *frames)
{
  PlantRpcGeneration1Port *self = owner;
  g_auto (PlantRpcEmission) emission = { 0 };
  g_autoptr (GBytes) acknowledgement = NULL;
  PlantRpcEnvelope none;
  gboolean good;

  plant_rpc_callers_note (self->callers, plant_rpc_frames_get_descriptor (frames));
  if (!g_atomic_int_get (&self->connected) && plant_rpc_callers_has_server (self->callers))
    {
      note_server (self);
      look_by (self, g_get_monotonic_time () + SOON_US);
    }
  good = unpack_signal (self, frames, &emission);
  /* Serialises the arguments while the lock is free, since that may take long. */
  if (good)
    g_variant_get_data (emission.value);
  g_mutex_lock (&lock);
  for (guint i = 0; i < self->listeners->len; i++)
    self->funcs->received (self->listeners->pdata[i], good ? &emission : NULL);
  g_mutex_unlock (&lock);
  acknowledgement = plant_rpc_emission_pack_acknowledgement (good);
  plant_rpc_envelope_init (&none);
  plant_rpc_socket_send (plant_rpc_channel_get_socket (self->channel), &none, acknowledgement,
                         NULL);
}

/* ---- events and looks */

static void
on_reported (gpointer                   owner,
             const PlantRpcSocketEvent *event)
{
  PlantRpcGeneration1Port *self = owner;

  if (event->type == ZMQ_EVENT_ACCEPTED)
    plant_rpc_callers_accept (self->callers, (int) event->value);
  if (plant_rpc_callers_has_server (self->callers))
    note_server (self);
  look_by (self, g_get_monotonic_time () + SOON_US);
}

static void
note_left_locked (PlantRpcGeneration1Port *self)
{
  g_atomic_int_set (&self->connected, FALSE);
  self->deserted = TRUE;
  self->needed = g_get_monotonic_time () + RETURN_US;
  tell_left_locked (self);
}

static gboolean
on_look (gpointer user_data)
{
  PlantRpcGeneration1Port *self = user_data;
  gboolean has_callers = plant_rpc_callers_sweep (self->callers);
  g_autoptr (GMutexLocker) locker = NULL;
  gint64 now;

  g_source_set_ready_time (self->alarm, -1);
  /* What the server has sent before it left comes first. */
  if (!plant_rpc_callers_has_server (self->callers))
    {
      plant_rpc_channel_process (self->channel);
      has_callers = plant_rpc_callers_sweep (self->callers);
    }
  locker = g_mutex_locker_new (&lock);
  if (self->connected && !plant_rpc_callers_has_server (self->callers))
    note_left_locked (self);
  now = g_get_monotonic_time ();
  if (self->listeners->len == 0 && !self->connected && self->needed <= now)
    g_ptr_array_remove_fast (ports, self);
  else if (has_callers)
    look_by (self, now + WATCH_US);
  else if (self->needed > now)
    look_by (self, self->needed);
  return G_SOURCE_CONTINUE;
}

/* ---- opening, on the worker's thread */

static const PlantRpcChannelFuncs channel_funcs = {
  .received = on_received,
  .reported = on_reported,
};

static const PlantRpcChannelOptions channel_options = {
  .name = "[plantrpc] port of generation 1",
  .type = ZMQ_REP,
  .events = PLANT_RPC_SERVER_EVENTS,
  /* The server sends its next signal after the acknowledgement of the last. So one message is
   * enough, and a stranger cannot make libzmq queue more. */
  .max_unread = 1,
  .max_frame = PLANT_RPC_MAX_REQUEST_SIZE,
  /* It should outlive a cut cable, since the server waits for ever for the acknowledgement of a
   * signal that is lost with it. */
  .keepalive = PLANT_RPC_KEEPALIVE_PATIENT,
};

/* What plant_rpc_generation1_port_join() was given, and its result. */
typedef struct {
  const char                         *url;
  const char                         *server_address;
  const char                         *local_address;
  const PlantRpcGeneration1PortFuncs *funcs;
  gpointer                            listener;
  GError                            **error;
  PlantRpcGeneration1Port            *port; /* (unowned) (nullable) (mutex lock) */
  gboolean                            done; /* (mutex lock) */
} Opening;

static gboolean
open_port (PlantRpcGeneration1Port  *self,
           const char               *local_address,
           GError                  **error)
{
  GMainContext *context = plant_rpc_worker_get_context (worker);
  g_autofree char *local_url = g_strdup_printf (
      strchr (local_address, ':') != NULL ? "tcp://[%s]:*" : "tcp://%s:*", local_address);

  self->channel = plant_rpc_channel_new (&channel_options, context, &channel_funcs, self, error);
  if (self->channel == NULL || !plant_rpc_channel_bind (self->channel, local_url, error))
    return FALSE;
  self->number = plant_rpc_socket_get_port (plant_rpc_channel_get_socket (self->channel));
  self->callers = plant_rpc_callers_new (self->origin, self->number);
  self->alarm = plant_rpc_source_new_alarm (context, on_look, self, "[plantrpc] callers");
  return TRUE;
}

static gboolean
on_opening (gpointer user_data)
{
  Opening *opening = user_data;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  PlantRpcGeneration1Port *port = g_new0 (PlantRpcGeneration1Port, 1);

  port->url = g_strdup (opening->url);
  port->origin = plant_rpc_origin_new (opening->url, opening->server_address);
  port->funcs = opening->funcs;
  port->listeners = g_ptr_array_new ();
  g_ptr_array_add (port->listeners, opening->listener);
  g_ptr_array_add (ports, port);
  if (open_port (port, opening->local_address, opening->error))
    opening->port = port;
  else
    g_ptr_array_remove_fast (ports, port);
  opening->done = TRUE;
  g_cond_broadcast (&opened);
  return G_SOURCE_REMOVE;
}

/* ---- on the listener's thread */

static gboolean
start_locked (GError **error)
{
  if (!plant_rpc_init_is_inherited (process))
    return TRUE;
  worker = plant_rpc_worker_new ("plantrpc-signals", NULL, error);
  if (worker == NULL)
    return FALSE;
  ports = g_ptr_array_new_with_free_func (port_free);
  process = plant_rpc_init_get_process ();
  return TRUE;
}

static PlantRpcGeneration1Port *
find_locked (const char *url)
{
  for (guint i = 0; i < ports->len; i++)
    {
      PlantRpcGeneration1Port *port = ports->pdata[i];

      if (g_atomic_int_get (&port->connected) && g_str_equal (port->url, url))
        return port;
    }
  return NULL;
}

PlantRpcGeneration1Port *
plant_rpc_generation1_port_join (const char                          *url,
                                 const char                          *server_address,
                                 const char                          *local_address,
                                 const PlantRpcGeneration1PortFuncs  *funcs,
                                 gpointer                             listener,
                                 GError                             **error)
{
  Opening opening = { url, server_address, local_address, funcs, listener, error, NULL, FALSE };
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (!start_locked (error))
    return NULL;
  opening.port = find_locked (url);
  if (opening.port != NULL)
    {
      plant_rpc_origin_add (opening.port->origin, server_address);
      g_ptr_array_add (opening.port->listeners, listener);
      return opening.port;
    }
  plant_rpc_worker_call (worker, on_opening, &opening, NULL);
  while (!opening.done)
    g_cond_wait (&opened, &lock);
  return opening.port;
}

void
plant_rpc_generation1_port_leave (PlantRpcGeneration1Port *self,
                                  gpointer                 listener,
                                  gboolean                 promised)
{
  g_mutex_lock (&lock);
  g_ptr_array_remove_fast (self->listeners, listener);
  if (promised)
    self->needed = g_get_monotonic_time () + PROMISE_US;
  g_source_set_ready_time (self->alarm, 0);
  g_mutex_unlock (&lock);
}

guint16
plant_rpc_generation1_port_get_number (PlantRpcGeneration1Port *self)
{
  return self->number;
}

gboolean
plant_rpc_generation1_port_has_other (PlantRpcGeneration1Port *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);
  PlantRpcGeneration1Port *found = find_locked (self->url);

  return found != NULL && found != self;
}

gboolean
plant_rpc_generation1_port_is_connected (PlantRpcGeneration1Port *self)
{
  return g_atomic_int_get (&self->connected);
}

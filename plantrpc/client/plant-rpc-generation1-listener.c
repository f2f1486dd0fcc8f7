/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "plant-rpc-callers-private.h"
#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-generation1-listener-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-link-private.h"
#include "plant-rpc-socket-private.h"
#include "plant-rpc-source-private.h"

#define SIGNAL_OVERHEAD 512                        /* bytes counted for each, beside its own */

/* How long a socket without a listener is kept. PROMISE_US is for a server that was told of it and
 * has not connected yet. RETURN_US is for a server whose connection was lost: it may still be
 * there, come back, and wait for an acknowledgement. */
#define PROMISE_US (60 * G_USEC_PER_SEC)
#define RETURN_US  (20 * G_USEC_PER_SEC)

/* IDLE_MS is the time between two checks of the orphans and of the connections. WATCH_MS is the
 * time to the check after a connection has ended: the monitor reports the end shortly before libzmq
 * closes the descriptor. */
#define IDLE_MS  5000
#define WATCH_MS 500
#define SOON_MS  10

/* One socket, for all clients of one server in this process. */
typedef struct {
  PlantRpcSocket  *socket;    /* (owned): of the listeners' thread, once handed over */
  char            *url;       /* (owned) */
  guint16          port;
  PlantRpcOrigin  *origin;    /* (owned) */
  PlantRpcCallers *callers;   /* used by the listeners' thread only */
  int              look_ms;   /* ms until the listeners' thread checks the callers next */
  GPtrArray       *listeners; /* (owned) (element-type PlantRpcGeneration1Listener) (mutex lock) */
  gboolean         connected; /* (mutex lock) */
  gint64           needed;    /* (mutex lock): without a listener, up to then (monotonic µs) */
} Port;

struct _PlantRpcGeneration1Listener {
  Port                                   *port;        /* (unowned) (nullable) (mutex lock): NULL
                                                          once the port is gone */
  const PlantRpcGeneration1ListenerFuncs *funcs;
  gpointer                                owner;       /* (nullable): NULL once freed */
  GSource                                *source;      /* (owned): ready when something is queued */
  GQueue                                  queue;       /* (element-type Arrival) (mutex lock) */
  gsize                                   queued;      /* (mutex lock): bytes */
  guint64                                 n_lost;      /* (mutex lock) */
  guint                                   n_malformed; /* (mutex lock) */
  gboolean                                left;        /* (mutex lock): the server has let go */
  gatomicrefcount                         ref_count;
};

typedef struct {
  PlantRpcEmission emission; /* (owned) */
  gsize            size;
} Arrival;

static GMutex lock;
static GPtrArray *ports; /* (mutex lock) (element-type Port) */
static int wake_fd = -1; /* made with the thread */

static void
wake (void)
{
  guint64 one = 1;

  if (write (wake_fd, &one, sizeof one) < 0)
    g_debug ("Cannot wake the listeners' thread");
}

static void
arrival_free (gpointer data)
{
  Arrival *arrival = data;

  plant_rpc_emission_clear (&arrival->emission);
  g_free (arrival);
}

static void
listener_unref (PlantRpcGeneration1Listener *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_queue_clear_full (&self->queue, arrival_free);
  g_free (self);
}

/* Delivers one signal only, since a handler may run a loop of its own. Returns FALSE if none is
 * left. */
static gboolean
deliver_next (PlantRpcGeneration1Listener *self)
{
  Arrival *arrival;
  guint64 n_lost = 0;
  gboolean left = FALSE;

  g_mutex_lock (&lock);
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
      g_source_set_ready_time (self->source, -1);
    }
  g_mutex_unlock (&lock);

  if (arrival != NULL)
    {
      self->funcs->received (&arrival->emission, self->owner);
      arrival_free (arrival);
      return self->owner != NULL;
    }
  if (n_lost > 0)
    self->funcs->overflowed (n_lost, self->owner);
  if (left && self->owner != NULL)
    self->funcs->left (self->owner);
  return FALSE;
}

static gboolean
on_queued (gpointer user_data)
{
  PlantRpcGeneration1Listener *self = user_data;
  guint n_left = PLANT_RPC_SOURCE_BATCH;

  g_atomic_ref_count_inc (&self->ref_count);
  while (n_left-- > 0 && deliver_next (self))
    continue;
  listener_unref (self);
  return G_SOURCE_CONTINUE;
}

/* ---- on the listeners' thread */

static void
hand_over_locked (PlantRpcGeneration1Listener *self,
                  const PlantRpcEmission      *emission,
                  gsize                        size)
{
  Arrival *arrival;

  if (self->queued + size > PLANT_RPC_MAX_QUEUED_SIGNALS)
    {
      self->n_lost++;
      return;
    }
  arrival = g_new0 (Arrival, 1);
  arrival->emission.type = emission->type;
  arrival->emission.name = g_strdup (emission->name);
  arrival->emission.value = g_variant_ref (emission->value);
  arrival->size = size;
  self->queued += size;
  g_queue_push_tail (&self->queue, arrival);
  if (self->queue.length == 1)
    g_source_set_ready_time (self->source, 0);
}

static void
hand_over (Port                   *port,
           const PlantRpcEmission *emission,
           gsize                   size)
{
  g_mutex_lock (&lock);
  for (guint i = 0; i < port->listeners->len; i++)
    {
      PlantRpcGeneration1Listener *listener = port->listeners->pdata[i];

      if (emission != NULL)
        hand_over_locked (listener, emission, size + SIGNAL_OVERHEAD);
      else
        listener->n_malformed++;
    }
  g_mutex_unlock (&lock);
}

static gboolean
unpack_signal (Port             *port,
               PlantRpcFrames   *frames,
               PlantRpcEmission *emission)
{
  g_autofree char *address = plant_rpc_frames_dup_address (frames);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) payload = NULL;

  if (!plant_rpc_origin_has (port->origin, address))
    {
      g_debug ("A signal of “%s” comes from “%s”, which is not its address", port->url, address);
      return FALSE;
    }
  payload = plant_rpc_frames_steal (frames, 0);
  if (frames->n_frames == 1 && plant_rpc_emission_unpack (emission, payload, &error) &&
      emission->type == PLANT_RPC_EMISSION_SIGNAL)
    return TRUE;
  g_debug ("A signal of “%s” cannot be understood: %s", port->url,
           error != NULL ? error->message : "wrong kind");
  return FALSE;
}

/* Serialises the arguments and returns their bytes. A tree of GVariants would take many times the
 * memory that is counted. */
static gsize
measure (const PlantRpcEmission *emission)
{
  g_variant_get_data (emission->value);
  return g_variant_get_size (emission->value) + strlen (emission->name);
}

/* The signal is handed over before it is acknowledged, so that nothing that the server does
 * afterwards can overtake it. */
static void
take_signal (Port           *port,
             PlantRpcFrames *frames)
{
  g_auto (PlantRpcEmission) emission = { 0 };
  gboolean good;
  g_autoptr (GBytes) acknowledgement = NULL;
  PlantRpcEnvelope none;

  plant_rpc_callers_note (port->callers, plant_rpc_frames_get_descriptor (frames));
  good = unpack_signal (port, frames, &emission);
  hand_over (port, good ? &emission : NULL, good ? measure (&emission) : 0);
  acknowledgement = plant_rpc_emission_pack_acknowledgement (good);
  plant_rpc_envelope_init (&none);
  plant_rpc_socket_send (port->socket, &none, acknowledgement, NULL);
}

static void
note_left_locked (Port *port)
{
  port->connected = FALSE;
  port->needed = g_get_monotonic_time () + RETURN_US;
  for (guint i = 0; i < port->listeners->len; i++)
    {
      PlantRpcGeneration1Listener *listener = port->listeners->pdata[i];

      listener->left = TRUE;
      g_source_set_ready_time (listener->source, 0);
    }
}

static void
look_at_callers (Port     *port,
                 gboolean  ended)
{
  gboolean connected;

  port->look_ms = plant_rpc_callers_sweep (port->callers) ? WATCH_MS : IDLE_MS;
  if (ended)
    port->look_ms = SOON_MS;
  connected = plant_rpc_callers_has_server (port->callers);
  g_mutex_lock (&lock);
  if (port->connected && !connected)
    note_left_locked (port);
  port->connected = connected;
  g_mutex_unlock (&lock);
}

static void
process_port (Port *port)
{
  PlantRpcSocketEvent event;
  gboolean ended = FALSE;
  g_auto (PlantRpcFrames) frames = { 0 };

  while (plant_rpc_socket_receive (port->socket, &frames))
    {
      take_signal (port, &frames);
      plant_rpc_frames_clear (&frames);
    }
  while (plant_rpc_socket_next_event (port->socket, &event))
    {
      if (event.type == ZMQ_EVENT_ACCEPTED)
        plant_rpc_callers_accept (port->callers, event.value);
      ended = ended || event.type == ZMQ_EVENT_DISCONNECTED;
    }
  look_at_callers (port, ended);
}

static gboolean
is_done_locked (Port   *port,
                gint64  now)
{
  return port->listeners->len == 0 && !port->connected && now >= port->needed;
}

static void
port_free (Port *port)
{
  plant_rpc_socket_free (port->socket);
  plant_rpc_callers_free (port->callers);
  plant_rpc_origin_unref (port->origin);
  g_ptr_array_unref (port->listeners);
  g_free (port->url);
  g_free (port);
}

/* Returns the ports, and frees those that nobody needs any more. */
static GPtrArray *
take_ports (void)
{
  GPtrArray *current = g_ptr_array_new ();
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&lock);
  for (guint i = ports->len; i > 0; i--)
    {
      Port *port = ports->pdata[i - 1];

      if (is_done_locked (port, now))
        {
          g_ptr_array_remove_index (ports, i - 1);
          port_free (port);
        }
      else
        {
          g_ptr_array_add (current, port);
        }
    }
  g_mutex_unlock (&lock);
  return current;
}

static void
poll_ports (GPtrArray *current)
{
  guint n_items = 1 + 2 * current->len;
  g_autofree zmq_pollitem_t *items = g_new0 (zmq_pollitem_t, n_items);
  int timeout = IDLE_MS;
  guint64 count;

  items[0] = (zmq_pollitem_t) { NULL, wake_fd, ZMQ_POLLIN, 0 };
  for (guint i = 0; i < current->len; i++)
    {
      Port *port = current->pdata[i];

      items[1 + 2 * i].socket = plant_rpc_socket_get_handle (port->socket);
      items[1 + 2 * i].events = ZMQ_POLLIN;
      items[2 + 2 * i].socket = plant_rpc_socket_get_monitor (port->socket);
      items[2 + 2 * i].events = ZMQ_POLLIN;
      timeout = MIN (timeout, port->look_ms);
    }
  zmq_poll (items, n_items, timeout);
  if ((items[0].revents & ZMQ_POLLIN) != 0 && read (wake_fd, &count, sizeof count) < 0)
    g_debug ("Cannot read the listeners' wake-up");
}

static gpointer
run (gpointer data)
{
  for (;;)
    {
      g_autoptr (GPtrArray) current = take_ports ();

      for (guint i = 0; i < current->len; i++)
        process_port (current->pdata[i]);
      poll_ports (current);
    }
  return NULL;
}

/* ---- on the owner's thread */

/* The listeners' thread waits for the lock, and finds all fields set once it is released. */
static gboolean
start_locked (GError **error)
{
  GThread *thread;

  if (wake_fd < 0)
    wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0)
    {
      plant_rpc_socket_set_error (error, errno, _("Cannot make a socket"));
      return FALSE;
    }
  if (ports != NULL)
    return TRUE;
  thread = g_thread_try_new ("plantrpc-signals", run, NULL, error);
  if (thread == NULL)
    return FALSE;
  g_thread_unref (thread);
  ports = g_ptr_array_new ();
  return TRUE;
}

static Port *
open_port (const char  *url,
           const char  *server_address,
           const char  *local_address,
           GError     **error)
{
  g_autoptr (PlantRpcSocket) socket = plant_rpc_socket_new (ZMQ_REP, error);
  g_autoptr (PlantRpcEndpoint) endpoint = NULL;
  g_autofree char *local_url = NULL, *bound = NULL;
  Port *port;

  if (socket == NULL ||
      !plant_rpc_socket_watch (socket, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED,
                               error))
    return NULL;
  plant_rpc_socket_set_int64 (socket, ZMQ_MAXMSGSIZE, PLANT_RPC_MAX_REQUEST_SIZE);
  /* The server sends its next signal after the acknowledgement of the last. So one message is
   * enough, and a stranger cannot make libzmq queue more. */
  plant_rpc_socket_set_int (socket, ZMQ_RCVHWM, 1);
  /* It should outlive a cut cable, since the server waits for ever for the acknowledgement of a
   * signal that is lost with it. */
  plant_rpc_socket_keep_alive (socket, PLANT_RPC_KEEPALIVE_PATIENT);
  local_url = g_strdup_printf (strchr (local_address, ':') != NULL ? "tcp://[%s]:*" : "tcp://%s:*",
                               local_address);
  if (!plant_rpc_socket_bind (socket, local_url, error))
    return NULL;
  bound = plant_rpc_socket_dup_last_endpoint (socket);
  endpoint = plant_rpc_endpoint_parse (bound, error);
  if (endpoint == NULL)
    return NULL;

  port = g_new0 (Port, 1);
  port->socket = g_steal_pointer (&socket);
  port->url = g_strdup (url);
  port->port = endpoint->port;
  port->look_ms = IDLE_MS;
  port->origin = plant_rpc_origin_new (url, server_address);
  port->callers = plant_rpc_callers_new (port->origin, port->port);
  port->listeners = g_ptr_array_new ();
  return port;
}

static Port *
find_port_locked (const char *url)
{
  for (guint i = 0; ports != NULL && i < ports->len; i++)
    {
      Port *port = ports->pdata[i];

      if (port->connected && g_str_equal (port->url, url))
        return port;
    }
  return NULL;
}

static PlantRpcGeneration1Listener *
add_listener_locked (Port                                   *port,
                     GMainContext                           *context,
                     const PlantRpcGeneration1ListenerFuncs *funcs,
                     gpointer                                owner)
{
  PlantRpcGeneration1Listener *self = g_new0 (PlantRpcGeneration1Listener, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->port = port;
  self->funcs = funcs;
  self->owner = owner;
  g_queue_init (&self->queue);
  self->source = plant_rpc_source_new_alarm (context, on_queued, self,
                                             "[plantrpc] pushed signals");
  g_ptr_array_add (port->listeners, self);
  return self;
}

PlantRpcGeneration1Listener *
plant_rpc_generation1_listener_new (const char                              *url,
                                    const char                              *server_address,
                                    const char                              *local_address,
                                    GMainContext                            *context,
                                    const PlantRpcGeneration1ListenerFuncs  *funcs,
                                    gpointer                                 owner,
                                    GError                                 **error)
{
  PlantRpcGeneration1Listener *self = NULL;
  Port *port;

  g_mutex_lock (&lock);
  port = find_port_locked (url);
  if (port != NULL)
    {
      plant_rpc_origin_add (port->origin, server_address);
      self = add_listener_locked (port, context, funcs, owner);
    }
  g_mutex_unlock (&lock);
  if (self != NULL)
    return self;

  port = open_port (url, server_address, local_address, error);
  if (port == NULL)
    return NULL;
  g_mutex_lock (&lock);
  if (start_locked (error))
    {
      self = add_listener_locked (port, context, funcs, owner);
      g_ptr_array_add (ports, port);
    }
  g_mutex_unlock (&lock);
  if (self != NULL)
    wake ();
  else
    port_free (port);
  return self;
}

void
plant_rpc_generation1_listener_free (PlantRpcGeneration1Listener *self,
                                     gboolean                     promised)
{
  g_mutex_lock (&lock);
  g_ptr_array_remove_fast (self->port->listeners, self);
  if (promised)
    self->port->needed = g_get_monotonic_time () + PROMISE_US;
  g_mutex_unlock (&lock);
  wake ();

  self->owner = NULL;
  plant_rpc_source_clear (&self->source);
  listener_unref (self);
}

guint16
plant_rpc_generation1_listener_get_port (PlantRpcGeneration1Listener *self)
{
  return self->port->port;
}

gboolean
plant_rpc_generation1_listener_is_connected (PlantRpcGeneration1Listener *self)
{
  gboolean connected;

  g_mutex_lock (&lock);
  connected = self->port->connected;
  g_mutex_unlock (&lock);
  return connected;
}

guint
plant_rpc_generation1_listener_get_n_malformed (PlantRpcGeneration1Listener *self)
{
  guint n_malformed;

  g_mutex_lock (&lock);
  n_malformed = self->n_malformed;
  g_mutex_unlock (&lock);
  return n_malformed;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fuzz-wire.h"
#include "plant-rpc-source-private.h"

/* A source that waits for a socket, as the library attached it. */
typedef struct {
  GSource     *source;    /* (owned) */
  GSourceFunc  func;
  gpointer     user_data;
} Waiting;

static FuzzWireSentFunc on_sent;
static PlantRpcSocket *current; /* (unowned) (nullable) */
static GQueue messages = G_QUEUE_INIT; /* (element-type GPtrArray) */
static GQueue events = G_QUEUE_INIT;   /* (element-type int): event types, stored as pointers */
static guint n_taken;                  /* messages and events taken so far */
static GArray *waiting;                /* (owned) (element-type Waiting) (nullable) */

/* These replace the functions of the library. */
PlantRpcSocket    *__wrap_plant_rpc_socket_new         (int type, GError **error);
void               __wrap_plant_rpc_socket_free        (PlantRpcSocket *self);
void               __wrap_plant_rpc_socket_set_int     (PlantRpcSocket *self,
                                                        int             option,
                                                        int             value);
void               __wrap_plant_rpc_socket_keep_alive  (PlantRpcSocket    *self,
                                                        PlantRpcKeepalive  keepalive);
void               __wrap_plant_rpc_socket_set_max_frame (PlantRpcSocket *self, gint64 n_bytes);
gboolean           __wrap_plant_rpc_socket_connect     (PlantRpcSocket *self, const char *url,
                                                        GError **error);
void              *__wrap_plant_rpc_socket_get_handle  (PlantRpcSocket *self);
gboolean           __wrap_plant_rpc_socket_watch       (PlantRpcSocket *self, int event_mask,
                                                        GError **error);
void              *__wrap_plant_rpc_socket_get_monitor (PlantRpcSocket *self);
gboolean           __wrap_plant_rpc_socket_has_event   (PlantRpcSocket *self);
gboolean           __wrap_plant_rpc_socket_is_quiet    (PlantRpcSocket *self);
gboolean          *__wrap_plant_rpc_socket_get_quiet   (PlantRpcSocket *self);
gboolean          *__wrap_plant_rpc_socket_get_monitor_quiet (PlantRpcSocket *self);
gboolean           __wrap_plant_rpc_socket_next_event  (PlantRpcSocket      *self,
                                                        PlantRpcSocketEvent *event);
gboolean           __wrap_plant_rpc_socket_receive     (PlantRpcSocket *self,
                                                        PlantRpcFrames *frames);
PlantRpcSendResult __wrap_plant_rpc_socket_send        (PlantRpcSocket         *self,
                                                        const PlantRpcEnvelope *envelope,
                                                        GBytes *payload, GBytes *buffer);
GSource           *__wrap_plant_rpc_source_attach      (void *socket, gboolean *quiet,
                                                        GMainContext *context,
                                                        GSourceFunc func, gpointer user_data,
                                                        const char *name);
void               __wrap_plant_rpc_source_set_paused  (GSource *source, gboolean paused);

static void
waiting_clear (gpointer data)
{
  g_source_unref (((Waiting *) data)->source);
}

void
fuzz_wire_begin (FuzzWireSentFunc sent)
{
  on_sent = sent;
  waiting = g_array_new (FALSE, FALSE, sizeof (Waiting));
  g_array_set_clear_func (waiting, waiting_clear);
}

void
fuzz_wire_end (void)
{
  g_queue_clear_full (&messages, (GDestroyNotify) g_ptr_array_unref);
  g_queue_clear (&events);
  g_clear_pointer (&waiting, g_array_unref);
}

void
fuzz_wire_queue_event (int type)
{
  g_queue_push_tail (&events, GINT_TO_POINTER (type));
}

void
fuzz_wire_queue (GPtrArray *frames)
{
  g_queue_push_tail (&messages, frames);
}

/* A callback may attach further sources and destroy any. */
static void
run_callbacks (void)
{
  for (guint i = 0; i < waiting->len; i++)
    {
      Waiting one = g_array_index (waiting, Waiting, i);

      if (!g_source_is_destroyed (one.source))
        one.func (one.user_data);
    }
}

void
fuzz_wire_run (void)
{
  guint before;

  do
    {
      before = n_taken;
      run_callbacks ();
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    }
  while (n_taken != before);
}

/* ---- replacements for functions of the library; a socket is only an address here */

PlantRpcSocket *
__wrap_plant_rpc_socket_new (int      type,
                             GError **error)
{
  current = g_malloc (1);
  return current;
}

void
__wrap_plant_rpc_socket_free (PlantRpcSocket *self)
{
  if (self == current)
    current = NULL;
  g_free (self);
}

void
__wrap_plant_rpc_socket_set_int (PlantRpcSocket *self,
                                 int             option,
                                 int             value)
{
}

void
__wrap_plant_rpc_socket_keep_alive (PlantRpcSocket    *self,
                                    PlantRpcKeepalive  keepalive)
{
}

void
__wrap_plant_rpc_socket_set_max_frame (PlantRpcSocket *self,
                                       gint64          n_bytes)
{
}

void *
__wrap_plant_rpc_socket_get_handle (PlantRpcSocket *self)
{
  return self;
}

void *
__wrap_plant_rpc_socket_get_monitor (PlantRpcSocket *self)
{
  return self;
}

gboolean
__wrap_plant_rpc_socket_connect (PlantRpcSocket *self,
                                 const char     *url,
                                 GError        **error)
{
  return TRUE;
}

gboolean
__wrap_plant_rpc_socket_watch (PlantRpcSocket *self,
                               int             event_mask,
                               GError        **error)
{
  return TRUE;
}

/* The connection never ends. */
gboolean
__wrap_plant_rpc_socket_is_quiet (PlantRpcSocket *self)
{
  return FALSE;
}

gboolean *
__wrap_plant_rpc_socket_get_quiet (PlantRpcSocket *self)
{
  return NULL;
}

gboolean *
__wrap_plant_rpc_socket_get_monitor_quiet (PlantRpcSocket *self)
{
  return NULL;
}

gboolean
__wrap_plant_rpc_socket_has_event (PlantRpcSocket *self)
{
  return FALSE;
}

gboolean
__wrap_plant_rpc_socket_next_event (PlantRpcSocket      *self,
                                    PlantRpcSocketEvent *event)
{
  if (self != current || events.length == 0)
    return FALSE;
  n_taken++;
  *event = (PlantRpcSocketEvent) { .type = GPOINTER_TO_INT (g_queue_pop_head (&events)) };
  return TRUE;
}

gboolean
__wrap_plant_rpc_socket_receive (PlantRpcSocket *self,
                                 PlantRpcFrames *frames)
{
  g_autoptr (GPtrArray) message = NULL;

  if (self != current || messages.length == 0)
    return FALSE;
  n_taken++;
  message = g_queue_pop_head (&messages);
  frames->n_frames = MIN (message->len, PLANT_RPC_MAX_FRAMES);
  frames->truncated = message->len > PLANT_RPC_MAX_FRAMES;
  for (guint i = 0; i < frames->n_frames; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (g_ptr_array_index (message, i), &size);

      zmq_msg_init_size (&frames->frames[i], size);
      if (size > 0)
        memcpy (zmq_msg_data (&frames->frames[i]), data, size);
    }
  return TRUE;
}

PlantRpcSendResult
__wrap_plant_rpc_socket_send (PlantRpcSocket         *self,
                              const PlantRpcEnvelope *envelope,
                              GBytes                 *payload,
                              GBytes                 *buffer)
{
  if (self == current && payload != NULL)
    on_sent (envelope, payload);
  return PLANT_RPC_SEND_DONE;
}

void
__wrap_plant_rpc_source_set_paused (GSource  *source,
                                    gboolean  paused)
{
}

GSource *
__wrap_plant_rpc_source_attach (void         *socket,
                                gboolean     *quiet,
                                GMainContext *context,
                                GSourceFunc   func,
                                gpointer      user_data,
                                const char   *name)
{
  Waiting one = { plant_rpc_source_new_alarm (context, func, user_data, name), func, user_data };

  g_source_ref (one.source);
  g_array_append_val (waiting, one);
  return one.source;
}

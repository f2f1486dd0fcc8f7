/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-socket-file-private.h"
#include "plant-rpc-socket-place-private.h"
#include "plant-rpc-socket-private.h"

#define IPC "ipc://"

#define LINGER_MS 1000

struct _PlantRpcSocket {
  void                *handle;       /* (owned) */
  void                *monitor;      /* (owned) (nullable): the PAIR that the handle's events arrive
                                        on */
  gboolean             quiet;        /* see plant_rpc_socket_is_quiet(), as the next one */
  gboolean             monitor_quiet;
  PlantRpcSocketFile  *file;         /* (owned) (nullable): that it listens at */
  PlantRpcSocketPlace *place;        /* (owned) (nullable): that it listens at */
  int                  set_up_errno; /* errno of the first option that could not be set; 0 if all
                                        were set */
  gsize                frame_overhead; /* bytes that each frame takes in addition on the wire; 0
                                          unless it is secured */
  guint                process;      /* that it belongs to */
};

void
plant_rpc_socket_set_error (GError     **error,
                            int          code,
                            const char  *what)
{
  int io_code = code == EADDRINUSE ? G_IO_ERROR_ADDRESS_IN_USE
                                   : (int) g_io_error_from_errno (code < ZMQ_HAUSNUMERO ? code : 0);

  g_set_error (error, G_IO_ERROR, io_code, "%s: %s", what, zmq_strerror (code));
}

static GMutex random_lock;

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&random_lock, PLANT_RPC_LOCK_INNER);
}

/* A socket that routes replies numbers its unnamed peers from rand(), and libzmq aborts the process
 * if a peer has claimed the number that comes next. libzmq never seeds rand(), so every process
 * would begin with the same number. The program's own sequence of rand() is left unchanged. */
static void *
open_unpredictably (void *context,
                    int   type)
{
  static char state[64]; /* (mutex random_lock): the process has one sequence for all threads */
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&random_lock);
  unsigned int seed;
  char *former;
  void *handle;

  if (getrandom (&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
    seed = g_random_int ();
  former = initstate (seed, state, sizeof state);
  handle = zmq_socket (context, type);
  setstate (former);
  return handle;
}

static gboolean
is_inherited (PlantRpcSocket *self)
{
  return plant_rpc_init_is_inherited (self->process);
}

PlantRpcSocket *
plant_rpc_socket_new (int      type,
                      GError **error)
{
  void *context = plant_rpc_init_acquire_context ();
  void *handle = context != NULL ? open_unpredictably (context, type) : NULL;
  PlantRpcSocket *self;

  if (handle == NULL)
    {
      plant_rpc_socket_set_error (error, zmq_errno (), _("Cannot make a socket"));
      if (context != NULL)
        plant_rpc_init_release_context ();
      return NULL;
    }
  self = g_new0 (PlantRpcSocket, 1);
  self->handle = handle;
  self->process = plant_rpc_init_get_process ();
  plant_rpc_socket_set_int (self, ZMQ_LINGER, LINGER_MS);
  plant_rpc_socket_set_int (self, ZMQ_IPV6, 1);
  return self;
}

static void
close_handles (PlantRpcSocket *self)
{
  if (self->monitor != NULL)
    {
      zmq_socket_monitor (self->handle, NULL, 0);
      zmq_close (self->monitor);
      plant_rpc_init_release_context ();
    }
  g_clear_pointer (&self->file, plant_rpc_socket_file_free);
  zmq_close (self->handle);
  g_clear_pointer (&self->place, plant_rpc_socket_place_free);
  plant_rpc_init_release_context ();
}

/* In a forked child the parent still uses the socket. */
void
plant_rpc_socket_free (PlantRpcSocket *self)
{
  if (!is_inherited (self))
    close_handles (self);
  g_clear_pointer (&self->place, plant_rpc_socket_place_abandon);
  g_free (self);
}

/* A socket that lacks one of its options, for example a limit, must not be used: bind() and
 * connect() fail. */
static void
set_option (PlantRpcSocket *self,
            int             option,
            gconstpointer   value,
            gsize           size)
{
  if (!is_inherited (self) && zmq_setsockopt (self->handle, option, value, size) != 0 &&
      self->set_up_errno == 0)
    self->set_up_errno = zmq_errno ();
}

void
plant_rpc_socket_set_int (PlantRpcSocket *self,
                          int             option,
                          int             value)
{
  set_option (self, option, &value, sizeof value);
}

void
plant_rpc_socket_set_bytes (PlantRpcSocket *self,
                            int             option,
                            gconstpointer   data,
                            gsize           size)
{
  set_option (self, option, data, size);
}

void
plant_rpc_socket_set_secured (PlantRpcSocket *self,
                              gsize           n_bytes)
{
  self->frame_overhead = n_bytes;
}

gboolean
plant_rpc_socket_is_secured (PlantRpcSocket *self)
{
  return self->frame_overhead > 0;
}

void
plant_rpc_socket_set_max_frame (PlantRpcSocket *self,
                                gint64          n_bytes)
{
  const gint64 on_wire = n_bytes + (gint64) self->frame_overhead;

  set_option (self, ZMQ_MAXMSGSIZE, &on_wire, sizeof on_wire);
}

void
plant_rpc_socket_keep_alive (PlantRpcSocket    *self,
                             PlantRpcKeepalive  keepalive)
{
  const gboolean alert = keepalive == PLANT_RPC_KEEPALIVE_ALERT;

  plant_rpc_socket_set_int (self, ZMQ_TCP_KEEPALIVE, 1);
  plant_rpc_socket_set_int (self, ZMQ_TCP_KEEPALIVE_IDLE, 2);
  plant_rpc_socket_set_int (self, ZMQ_TCP_KEEPALIVE_INTVL, alert ? 1 : 2);
  plant_rpc_socket_set_int (self, ZMQ_TCP_KEEPALIVE_CNT, alert ? 2 : 127);
}

void
plant_rpc_socket_subscribe_all (PlantRpcSocket *self)
{
  set_option (self, ZMQ_SUBSCRIBE, "", 0);
}

static gboolean
check_set_up (PlantRpcSocket  *self,
              GError         **error)
{
  if (is_inherited (self))
    self->set_up_errno = ENOTSOCK;
  if (self->set_up_errno == 0)
    return TRUE;
  plant_rpc_socket_set_error (error, self->set_up_errno, _("Cannot make a socket"));
  return FALSE;
}

static gboolean
fail_at (const char  *url,
         gboolean     bound,
         GError     **error)
{
  int code = zmq_errno ();
  g_autofree char *what = g_strdup_printf (
      bound ? _("Cannot listen at “%s”") : _("Cannot connect to “%s”"), url);

  if (bound && code == EADDRNOTAVAIL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _("Cannot listen at “%s”: this computer does not have that address"), url);
      return FALSE;
    }
  plant_rpc_socket_set_error (error, code, what);
  return FALSE;
}

static gboolean
bind_handle (PlantRpcSocket  *self,
             const char      *url,
             GError         **error)
{
  return zmq_bind (self->handle, url) == 0 || fail_at (url, TRUE, error);
}

static gboolean
find_place (PlantRpcSocket  *self,
            const char      *url,
            GError         **error)
{
  self->place = plant_rpc_socket_place_new (self->handle);
  return self->place != NULL || fail_at (url, TRUE, error);
}

/* libzmq takes over the descriptor once it listens, and then leaves the file alone. */
static gboolean
bind_file (PlantRpcSocket  *self,
           const char      *url,
           GError         **error)
{
  int fd = -1, backlog = 0;
  gsize size = sizeof backlog;
  gboolean bound;

  zmq_getsockopt (self->handle, ZMQ_BACKLOG, &backlog, &size);
  self->file = plant_rpc_socket_file_new (url + strlen (IPC), backlog, &fd, error);
  if (self->file == NULL)
    return FALSE;
  plant_rpc_socket_set_int (self, ZMQ_USE_FD, fd);
  bound = bind_handle (self, url, error);
  plant_rpc_socket_set_int (self, ZMQ_USE_FD, -1);
  if (bound)
    return find_place (self, url, error);
  close (fd);
  g_clear_pointer (&self->file, plant_rpc_socket_file_free);
  return FALSE;
}

gboolean
plant_rpc_socket_bind (PlantRpcSocket  *self,
                       const char      *url,
                       GError         **error)
{
  if (!check_set_up (self, error))
    return FALSE;
  if (g_str_has_prefix (url, IPC))
    return bind_file (self, url, error);
  return bind_handle (self, url, error) && find_place (self, url, error);
}

/* When a connection ends, libzmq looks its socket's end up by the text of the address, and throws
 * away what has arrived there and was not read yet. It does not find a text that it would write
 * otherwise itself, so the port gets a leading zero. */
static char *
disguise (const char *url)
{
  const char *colon = g_str_has_prefix (url, "tcp:") ? strrchr (url, ':') : NULL;

  if (colon == NULL || !g_ascii_isdigit (colon[1]))
    return g_strdup (url);
  return g_strdup_printf ("%.*s:0%s", (int) (colon - url), url, colon + 1);
}

gboolean
plant_rpc_socket_connect (PlantRpcSocket  *self,
                          const char      *url,
                          GError         **error)
{
  g_autofree char *disguised = disguise (url);

  return check_set_up (self, error) &&
         (zmq_connect (self->handle, disguised) == 0 || fail_at (url, FALSE, error));
}

guint16
plant_rpc_socket_get_port (PlantRpcSocket *self)
{
  return self->place != NULL ? plant_rpc_socket_place_get_port (self->place) : 0;
}

void *
plant_rpc_socket_get_handle (PlantRpcSocket *self)
{
  return self->handle;
}

gboolean
plant_rpc_socket_is_readable (PlantRpcSocket *self)
{
  int events = 0;
  gsize size = sizeof events;

  if (is_inherited (self) || zmq_getsockopt (self->handle, ZMQ_EVENTS, &events, &size) != 0)
    return FALSE;
  self->quiet = (events & ZMQ_POLLIN) == 0;
  return !self->quiet;
}

gboolean
plant_rpc_socket_is_quiet (PlantRpcSocket *self)
{
  return self->quiet && (self->monitor == NULL || self->monitor_quiet);
}

gboolean *
plant_rpc_socket_get_quiet (PlantRpcSocket *self)
{
  return &self->quiet;
}

gboolean *
plant_rpc_socket_get_monitor_quiet (PlantRpcSocket *self)
{
  return &self->monitor_quiet;
}

int
plant_rpc_socket_get_type (PlantRpcSocket *self)
{
  int type = -1;
  gsize size = sizeof type;

  zmq_getsockopt (self->handle, ZMQ_TYPE, &type, &size);
  return type;
}

/* Opens the socket on which the events arrive. Its queue has no limit, since libzmq's I/O thread
 * would wait for room there while it holds a lock that closing takes. */
static void *
open_monitor (void)
{
  const int unlimited = 0;
  void *context = plant_rpc_init_acquire_context ();
  void *monitor = context != NULL ? zmq_socket (context, ZMQ_PAIR) : NULL;
  int code;

  if (monitor != NULL &&
      zmq_setsockopt (monitor, ZMQ_RCVHWM, &unlimited, sizeof unlimited) == 0)
    return monitor;
  code = zmq_errno ();
  if (monitor != NULL)
    zmq_close (monitor);
  if (context != NULL)
    plant_rpc_init_release_context ();
  errno = code;
  return NULL;
}

/* After zmq_socket_monitor() nothing may fail: if the socket for the events could not connect, the
 * first event, and stopping the monitor, would wait for ever. So everything that can run out is
 * acquired before. The connection itself is within the process and needs nothing. */
gboolean
plant_rpc_socket_watch (PlantRpcSocket  *self,
                        int              events,
                        GError         **error)
{
  static gint counter = 0;
  void *monitor = open_monitor ();
  char name[64];

  g_snprintf (name, sizeof name, "inproc://plantrpc-monitor-%d",
              g_atomic_int_add (&counter, 1));
  if (monitor == NULL || zmq_socket_monitor (self->handle, name, events) != 0)
    {
      plant_rpc_socket_set_error (error, zmq_errno (), _("Cannot watch a socket"));
      if (monitor == NULL)
        return FALSE;
      zmq_close (monitor);
      plant_rpc_init_release_context ();
      return FALSE;
    }
  while (zmq_connect (monitor, name) != 0 && zmq_errno () != ETERM)
    continue;
  self->monitor = monitor;
  return TRUE;
}

void *
plant_rpc_socket_get_monitor (PlantRpcSocket *self)
{
  return self->monitor;
}

guint
plant_rpc_socket_fill_poll (PlantRpcSocket *self,
                            zmq_pollitem_t *items)
{
  if (is_inherited (self))
    return 0;
  items[0] = (zmq_pollitem_t) { self->handle, 0, ZMQ_POLLIN, 0 };
  items[1] = (zmq_pollitem_t) { self->monitor, 0, ZMQ_POLLIN, 0 };
  return 2;
}

gboolean
plant_rpc_socket_has_event (PlantRpcSocket *self)
{
  PlantRpcSocket monitor = { .handle = self->monitor, .process = self->process };
  gboolean readable;

  if (self->monitor == NULL)
    return FALSE;
  readable = plant_rpc_socket_is_readable (&monitor);
  self->monitor_quiet = monitor.quiet;
  return readable;
}

gboolean
plant_rpc_socket_next_event (PlantRpcSocket      *self,
                             PlantRpcSocketEvent *event)
{
  g_auto (PlantRpcFrames) frames = { 0 };
  PlantRpcSocket monitor = { .handle = self->monitor, .process = self->process };
  gboolean received = self->monitor != NULL && plant_rpc_socket_receive (&monitor, &frames);
  guint16 type;

  self->monitor_quiet = monitor.quiet;
  if (!received ||
      zmq_msg_size (&frames.frames[0]) < sizeof type + sizeof event->value)
    return FALSE;
  memcpy (&type, zmq_msg_data (&frames.frames[0]), sizeof type);
  memcpy (&event->value, (guint8 *) zmq_msg_data (&frames.frames[0]) + sizeof type,
          sizeof event->value);
  event->type = type;
  return TRUE;
}

/* On the wire a byte of flags and a size of one or eight bytes precede each frame. */
static gsize
measure_frame (zmq_msg_t *frame)
{
  gsize size = zmq_msg_size (frame);

  return size + (size > G_MAXUINT8 ? 9 : 2);
}

static gboolean
receive_frame (PlantRpcSocket *self,
               zmq_msg_t      *frame)
{
  int result;

  do
    result = zmq_msg_recv (frame, self->handle, ZMQ_DONTWAIT);
  while (result < 0 && zmq_errno () == EINTR);
  self->quiet = result < 0 && zmq_errno () == EAGAIN;
  return result >= 0;
}

gboolean
plant_rpc_socket_receive (PlantRpcSocket *self,
                          PlantRpcFrames *frames)
{
  int more;

  frames->n_frames = 0;
  frames->truncated = FALSE;
  frames->n_bytes = 0;
  if (is_inherited (self))
    return FALSE;
  do
    {
      zmq_msg_t *frame = &frames->frames[MIN (frames->n_frames, PLANT_RPC_MAX_FRAMES - 1)];

      if (frames->n_frames == PLANT_RPC_MAX_FRAMES)
        {
          zmq_msg_close (frame);
          frames->n_frames--;
          frames->truncated = TRUE;
        }
      zmq_msg_init (frame);
      if (!receive_frame (self, frame))
        {
          zmq_msg_close (frame);
          plant_rpc_frames_clear (frames);
          return FALSE;
        }
      frames->n_frames++;
      frames->n_bytes += measure_frame (frame) + self->frame_overhead;
      more = zmq_msg_more (frame);
    }
  while (more);
  return TRUE;
}

static void
release_bytes (void *data,
               void *hint)
{
  g_bytes_unref (hint);
}

static gboolean
init_frame (zmq_msg_t *frame,
            GBytes    *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  if (size <= PLANT_RPC_COPIED_SIZE)
    {
      if (zmq_msg_init_size (frame, size) != 0)
        return FALSE;
      if (size > 0)
        memcpy (zmq_msg_data (frame), data, size);
      return TRUE;
    }
  g_bytes_ref (bytes);
  if (zmq_msg_init_data (frame, (void *) data, size, release_bytes, bytes) == 0)
    return TRUE;
  g_bytes_unref (bytes);
  return FALSE;
}

static PlantRpcSendResult
result_of_errno (void)
{
  switch (zmq_errno ())
    {
    case EAGAIN:
    case ENOMEM:
      return PLANT_RPC_SEND_WOULD_BLOCK;
    case EHOSTUNREACH:
      return PLANT_RPC_SEND_UNREACHABLE;
    default:
      return PLANT_RPC_SEND_FAILED;
    }
}

static gboolean
send_data (PlantRpcSocket *self,
           gconstpointer   data,
           gsize           size,
           int             flags)
{
  int result;

  self->quiet = FALSE;
  do
    result = zmq_send (self->handle, data, size, flags);
  while (result < 0 && zmq_errno () == EINTR);
  return result >= 0;
}

/* Sends FRAME, and closes it if it cannot be sent. */
static gboolean
send_frame (PlantRpcSocket *self,
            zmq_msg_t      *frame,
            int             flags)
{
  int result;
  int code;

  self->quiet = FALSE;
  do
    result = zmq_msg_send (frame, self->handle, flags);
  while (result < 0 && zmq_errno () == EINTR);
  if (result >= 0)
    return TRUE;
  code = zmq_errno ();
  zmq_msg_close (frame);
  errno = code;
  return FALSE;
}

static gboolean
send_bytes (PlantRpcSocket *self,
            GBytes         *bytes,
            int             flags)
{
  zmq_msg_t frame;

  return init_frame (&frame, bytes) && send_frame (self, &frame, flags);
}

/* The first frames of a message were sent and the next one cannot follow. An empty frame ends the
 * message, since otherwise the next message would be taken for the rest of it. */
static PlantRpcSendResult
break_off (PlantRpcSocket *self,
           guint           n_sent)
{
  PlantRpcSendResult result = result_of_errno ();

  if (n_sent > 0)
    send_data (self, NULL, 0, ZMQ_DONTWAIT);
  return result;
}

/* MORE is TRUE if a payload follows. */
static PlantRpcSendResult
send_envelope (PlantRpcSocket         *self,
               const PlantRpcEnvelope *envelope,
               gboolean                more)
{
  const guint8 *data = envelope->data;

  if (is_inherited (self))
    return PLANT_RPC_SEND_FAILED;
  for (guint i = 0; i < envelope->n_frames; i++)
    {
      int flags = i + 1 < envelope->n_frames || more ? ZMQ_SNDMORE : 0;

      if (!send_data (self, data, envelope->sizes[i], ZMQ_DONTWAIT | flags))
        return break_off (self, i);
      data += envelope->sizes[i];
    }
  return PLANT_RPC_SEND_DONE;
}

PlantRpcSendResult
plant_rpc_socket_send (PlantRpcSocket         *self,
                       const PlantRpcEnvelope *envelope,
                       GBytes                 *payload,
                       GBytes                 *buffer)
{
  PlantRpcSendResult result =
      send_envelope (self, envelope, payload != NULL || buffer != NULL);

  if (result != PLANT_RPC_SEND_DONE)
    return result;
  if (payload != NULL &&
      !send_bytes (self, payload, ZMQ_DONTWAIT | (buffer != NULL ? ZMQ_SNDMORE : 0)))
    return break_off (self, envelope->n_frames);
  if (buffer != NULL && !send_bytes (self, buffer, ZMQ_DONTWAIT))
    return break_off (self, envelope->n_frames + 1);
  return PLANT_RPC_SEND_DONE;
}

PlantRpcSendResult
plant_rpc_socket_send_parts (PlantRpcSocket *self,
                             GPtrArray      *parts)
{
  for (guint i = 0; i < parts->len; i++)
    {
      int flags = i + 1 < parts->len ? ZMQ_SNDMORE : 0;

      if (!send_bytes (self, parts->pdata[i], ZMQ_DONTWAIT | flags))
        return break_off (self, i);
    }
  return PLANT_RPC_SEND_DONE;
}

void
plant_rpc_socket_init_common (zmq_msg_t *common,
                              GBytes    *payload)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (payload, &size);

  g_bytes_ref (payload);
  if (zmq_msg_init_data (common, (void *) data, size, release_bytes, payload) == 0)
    return;
  g_bytes_unref (payload);
  zmq_msg_init (common);
}

PlantRpcSendResult
plant_rpc_socket_send_common (PlantRpcSocket         *self,
                              const PlantRpcEnvelope *envelope,
                              zmq_msg_t              *common)
{
  PlantRpcSendResult result = send_envelope (self, envelope, TRUE);
  zmq_msg_t frame;

  if (result != PLANT_RPC_SEND_DONE)
    return result;
  zmq_msg_init (&frame);
  zmq_msg_copy (&frame, common);
  return send_frame (self, &frame, ZMQ_DONTWAIT) ? PLANT_RPC_SEND_DONE
                                                 : break_off (self, envelope->n_frames);
}

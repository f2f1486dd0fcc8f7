/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <zmq.h>

#ifdef BENCH_GVARIANT
# define BENCH_GLIB
# include "bench-dictionary.h"
#endif
#include "bench.h"

/* What ZeroMQ itself costs: opaque bytes over DEALER and ROUTER, signals on the connection of the
 * calls. With BENCH_GLIB every wait is in a GMainContext with a source on ZMQ_FD, on both sides:
 * the floor under a library that lives in a main loop.
 *
 * A request is one letter and the body; a reply is the body, or info and buffer.
 *
 * With BENCH_GVARIANT the dictionary is a GVariant, which both sides check and read: the floor
 * under a library whose values are GVariants. Its messages are those of plantrpc. */

#ifdef BENCH_GLIB
# include <glib-unix.h>
# ifdef BENCH_GVARIANT
#  define NAME "zmq-gvariant"
# else
#  define NAME "zmq-glib"
# endif
#else
# define NAME "zmq-dealer"
#endif

#define MAX_SUBSCRIBERS 64
#define MAX_IDENTITY    32
#define MAX_MESSAGE     1024

typedef struct {
  void *socket;
  int   n; /* signals heard */
} Client;

typedef struct {
  char data[MAX_IDENTITY];
  int  size;
} Identity;

typedef struct {
  void     *socket;
  Identity  caller;
  Identity  subscribers[MAX_SUBSCRIBERS];
  int       n_subscribers;
} Server;

static const char *
get_url (const BenchAddress *address)
{
  static char url[160];

  if (address->tcp)
    snprintf (url, sizeof url, "tcp://127.0.0.1:%d", address->port);
  else
    snprintf (url, sizeof url, "ipc://%s", address->path);
  return url;
}

#ifdef BENCH_GLIB
typedef struct {
  GSource  source;
  void    *socket;
} Source;

static bool
is_readable (void *socket)
{
  int events;
  size_t size = sizeof events;

  BENCH_CHECK (zmq_getsockopt (socket, ZMQ_EVENTS, &events, &size) == 0);
  return (events & ZMQ_POLLIN) != 0;
}

static gboolean
source_prepare (GSource *source,
                int     *timeout)
{
  *timeout = -1;
  return is_readable (((Source *) source)->socket);
}

static gboolean
source_check (GSource *source)
{
  return is_readable (((Source *) source)->socket);
}

static gboolean
source_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {
  .prepare = source_prepare,
  .check = source_check,
  .dispatch = source_dispatch,
};

static void
watch (void *socket)
{
  GSource *source = g_source_new (&source_funcs, sizeof (Source));
  int fd;
  size_t size = sizeof fd;

  BENCH_CHECK (zmq_getsockopt (socket, ZMQ_FD, &fd, &size) == 0);
  ((Source *) source)->socket = socket;
  g_source_add_unix_fd (source, fd, G_IO_IN);
  g_source_attach (source, NULL);
}

static void
wait_for_message (void *socket)
{
  while (!is_readable (socket))
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for_any (zmq_pollitem_t *items,
              int             n_items)
{
  g_main_context_iteration (NULL, TRUE);
}
#else
static void
watch (void *socket)
{
}

/* The receiving call waits. */
static void
wait_for_message (void *socket)
{
}

static void
wait_for_any (zmq_pollitem_t *items,
              int             n_items)
{
  zmq_poll (items, n_items, -1);
}
#endif

/* ---- the dictionary */

#ifdef BENCH_GVARIANT
# define CALL  "(ysava{sv})" /* the letter, the method, its arguments in order and by name */
# define REPLY "(yv)"

/* Returns the size of what was written. */
static int
pack (GVariant *message,
      char     *data)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (message);
  gsize size = g_variant_get_size (sunk);

  BENCH_CHECK (size <= MAX_MESSAGE);
  g_variant_store (sunk, data);
  return (int) size;
}

/* What came from another process is checked before it is read. */
static GVariant *
unpack (const char *type,
        const char *data,
        int         size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  GVariant *message = g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE);

  BENCH_CHECK (g_variant_is_normal_form (message));
  return g_variant_ref_sink (message);
}

static int
write_args (char *request)
{
  GVariant *arg = g_variant_new_variant (bench_build_args ());
  GVariant *args = g_variant_new_array (G_VARIANT_TYPE_VARIANT, &arg, 1);

  return pack (g_variant_new ("(ys@av@a{sv})", 'e', "echo", args,
                              g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0)),
               request);
}

/* Returns the size of the reply, which is the argument. */
static int
write_reply (const char *request,
             int         size,
             char       *reply)
{
  g_autoptr (GVariant) call = unpack (CALL, request, size);
  g_autoptr (GVariant) args = NULL;
  g_autoptr (GVariant) kwargs = NULL;
  g_autoptr (GVariant) arg = NULL;
  const char *method;

  g_variant_get (call, "(y&s@av@a{sv})", NULL, &method, &args, &kwargs);
  BENCH_CHECK (g_str_equal (method, "echo") && g_variant_n_children (kwargs) == 0);
  BENCH_CHECK (g_variant_n_children (args) == 1);
  g_variant_get_child (args, 0, "v", &arg);
  BENCH_CHECK (g_variant_is_of_type (arg, G_VARIANT_TYPE_VARDICT));
  return pack (g_variant_new (REPLY, 'r', arg), reply);
}

static void
check_reply (const char *data,
             int         size)
{
  g_autoptr (GVariant) reply = unpack (REPLY, data, size);
  g_autoptr (GVariant) result = NULL;

  g_variant_get (reply, REPLY, NULL, &result);
  bench_check_args (result);
}
#else
static int
write_args (char *request)
{
  memcpy (request, "e" BENCH_ARGS_JSON, sizeof BENCH_ARGS_JSON);
  return sizeof BENCH_ARGS_JSON;
}

static int
write_reply (const char *request,
             int         size,
             char       *reply)
{
  memcpy (reply, request + 1, size - 1);
  return size - 1;
}

static void
check_reply (const char *data,
             int         size)
{
  BENCH_CHECK (size == sizeof BENCH_ARGS_JSON - 1 && data[0] == '{');
}
#endif

/* ---- server */

static void
keep_buffer (void *data,
             void *hint)
{
}

static void
send_buffer (void   *socket,
             size_t  size)
{
  zmq_msg_t message;

  BENCH_CHECK (zmq_send_const (socket, BENCH_INFO_JSON, sizeof BENCH_INFO_JSON - 1,
                               ZMQ_SNDMORE) >= 0);
  zmq_msg_init_data (&message, bench_buffer (), size, keep_buffer, NULL);
  BENCH_CHECK (zmq_msg_send (&message, socket, 0) >= 0);
}

static void
emit (Server *self,
      int     n)
{
  for (int i = 0; i < n; i++)
    {
      for (int k = 0; k < self->n_subscribers; k++)
        {
          const Identity *identity = &self->subscribers[k];

          BENCH_CHECK (zmq_send (self->socket, identity->data, identity->size, ZMQ_SNDMORE) >= 0);
          BENCH_CHECK (zmq_send (self->socket, &i, sizeof i, 0) >= 0);
        }
    }
}

static void
handle (Server     *self,
        const char *request,
        int         size)
{
  char reply[MAX_MESSAGE];
  int n;

  BENCH_CHECK (zmq_send (self->socket, self->caller.data, self->caller.size, ZMQ_SNDMORE) >= 0);
  switch (request[0])
    {
    case 'g':
      zmq_send (self->socket, BENCH_VALUE, sizeof BENCH_VALUE - 1, 0);
      break;
    case 'e':
      zmq_send (self->socket, reply, write_reply (request, size, reply), 0);
      break;
    case 'B':
      send_buffer (self->socket, BENCH_BIG);
      break;
    case 'S':
      send_buffer (self->socket, BENCH_SMALL);
      break;
    case 'l':
      BENCH_CHECK (self->n_subscribers < MAX_SUBSCRIBERS);
      self->subscribers[self->n_subscribers++] = self->caller;
      zmq_send (self->socket, "", 0, 0);
      break;
    case 'b':
    default:
      zmq_send (self->socket, "", 0, 0);
      memcpy (&n, request + 1, sizeof n);
      emit (self, n);
      break;
    }
}

static void
serve (const BenchAddress *address)
{
  static Server self;
  char request[MAX_MESSAGE];
  int size, mandatory = 1;

  self.socket = zmq_socket (zmq_ctx_new (), ZMQ_ROUTER);
  /* A full queue blocks; nothing is dropped. */
  BENCH_CHECK (zmq_setsockopt (self.socket, ZMQ_ROUTER_MANDATORY, &mandatory,
                               sizeof mandatory) == 0);
  BENCH_CHECK (zmq_bind (self.socket, get_url (address)) == 0);
  watch (self.socket);
  bench_ready ();
  for (;;)
    {
      wait_for_message (self.socket);
      self.caller.size = zmq_recv (self.socket, self.caller.data, MAX_IDENTITY, 0);
      size = zmq_recv (self.socket, request, sizeof request, 0);
      BENCH_CHECK (size > 0);
      handle (&self, request, size);
    }
}

/* ---- client */

static void *
open_client (const BenchAddress *address)
{
  static void *context;
  Client *self = calloc (1, sizeof *self);

  if (context == NULL)
    context = zmq_ctx_new ();
  self->socket = zmq_socket (context, ZMQ_DEALER);
  BENCH_CHECK (zmq_connect (self->socket, get_url (address)) == 0);
  watch (self->socket);
  return self;
}

static int
call (Client     *self,
      const void *request,
      int         size,
      char       *reply,
      int         reply_size)
{
  BENCH_CHECK (zmq_send (self->socket, request, size, 0) == size);
  wait_for_message (self->socket);
  return zmq_recv (self->socket, reply, reply_size, 0);
}

static void
get (void *client)
{
  char reply[16];
  int size = call (client, "g" BENCH_PROPERTY, sizeof BENCH_PROPERTY, reply, sizeof reply);

  BENCH_CHECK (size == sizeof BENCH_VALUE - 1 && memcmp (reply, BENCH_VALUE, size) == 0);
}

static void
echo (void *client)
{
  char request[MAX_MESSAGE], reply[MAX_MESSAGE];
  int size = call (client, request, write_args (request), reply, sizeof reply);

  check_reply (reply, size);
}

static void
fetch (void *client,
       bool  big)
{
  Client *self = client;
  char info[128];
  zmq_msg_t buffer;

  BENCH_CHECK (call (self, big ? "B" : "S", 1, info, sizeof info) == sizeof BENCH_INFO_JSON - 1);
  zmq_msg_init (&buffer);
  BENCH_CHECK (zmq_msg_recv (&buffer, self->socket, 0) >= 0);
  bench_touch (zmq_msg_data (&buffer), zmq_msg_size (&buffer), big ? BENCH_BIG : BENCH_SMALL);
  zmq_msg_close (&buffer);
}

static void
subscribe (void *client)
{
  char reply[8];

  BENCH_CHECK (call (client, "l", 1, reply, sizeof reply) == 0);
}

static void
burst (void *client,
       int   n)
{
  char request[1 + sizeof n] = "b", reply[8];

  memcpy (request + 1, &n, sizeof n);
  BENCH_CHECK (call (client, request, sizeof request, reply, sizeof reply) == 0);
}

static bool
hear_one (Client *self)
{
  int value;

  if (zmq_recv (self->socket, &value, sizeof value, ZMQ_DONTWAIT) != sizeof value)
    return false;
  BENCH_CHECK (value == self->n);
  self->n++;
  return true;
}

static void
pump (void **clients,
      int    n_clients,
      int    n)
{
  zmq_pollitem_t items[BENCH_MAX_CONNECTIONS];
  int n_left = n_clients;

  for (int i = 0; i < n_clients; i++)
    {
      Client *client = clients[i];

      client->n = 0;
      items[i] = (zmq_pollitem_t) { client->socket, 0, ZMQ_POLLIN, 0 };
    }
  while (n_left > 0)
    {
      wait_for_any (items, n_clients);
      for (int i = 0; i < n_clients; i++)
        {
          Client *client = clients[i];

          if (client->n == n)
            continue;
          while (client->n < n && hear_one (client))
            continue;
          n_left -= client->n == n;
        }
    }
}

static const BenchPeer peer = {
  NAME, serve, open_client, get, echo, fetch, subscribe, burst, pump,
};

BENCH_MAIN (peer)

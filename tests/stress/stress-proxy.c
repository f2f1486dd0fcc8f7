/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stress-proxy.h"

#define CHUNK (64 * 1024)

struct _StressProxy {
  guint16    target;
  guint      bytes_per_second;
  guint      stall_after;
  guint      stall_ms;
  char      *url;      /* (owned) */
  int        listener;
  GThread   *thread;   /* (owned) */
  GPtrArray *pumps;    /* (owned) (element-type GThread): of the thread until it ends */
};

/* One way of one connection. */
typedef struct {
  StressProxy *proxy; /* (unowned) */
  int          from;
  int          to;
} Pump;

static gboolean
pass_on (Pump         *pump,
         const guint8 *data,
         gssize        size)
{
  while (size > 0)
    {
      gssize n_sent = send (pump->to, data, size, MSG_NOSIGNAL);

      if (n_sent <= 0)
        return FALSE;
      data += n_sent;
      size -= n_sent;
    }
  return TRUE;
}

static gpointer
run_pump (gpointer user_data)
{
  g_autofree Pump *pump = user_data;
  StressProxy *proxy = pump->proxy;
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  guint64 passed = 0;
  gssize size;

  while ((size = recv (pump->from, buffer, CHUNK, 0)) > 0 && pass_on (pump, buffer, size))
    {
      g_usleep (size * G_USEC_PER_SEC / proxy->bytes_per_second);
      if ((passed + size) / proxy->stall_after != passed / proxy->stall_after)
        g_usleep (proxy->stall_ms * 1000);
      passed += size;
    }
  shutdown (pump->from, SHUT_RD);
  shutdown (pump->to, SHUT_WR);
  close (pump->from);
  close (pump->to);
  return NULL;
}

static void
start_pump (StressProxy *self,
            int          from,
            int          to)
{
  Pump *pump = g_new (Pump, 1);

  *pump = (Pump) { self, dup (from), dup (to) };
  g_ptr_array_add (self->pumps, g_thread_new ("pump", run_pump, pump));
}

static struct sockaddr_in
make_address (guint16 port)
{
  return (struct sockaddr_in) { .sin_family = AF_INET,
                                .sin_port = htons (port),
                                .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
}

/* Small buffers, so that who sends soon feels it. */
static void
tune (int fd)
{
  const int size = CHUNK;

  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

static gpointer
run (gpointer user_data)
{
  StressProxy *self = user_data;
  struct sockaddr_in target = make_address (self->target);
  int client;

  while ((client = accept (self->listener, NULL, NULL)) >= 0)
    {
      int server = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

      tune (server);
      if (connect (server, (struct sockaddr *) &target, sizeof target) == 0)
        {
          start_pump (self, client, server);
          start_pump (self, server, client);
        }
      close (client);
      close (server);
    }
  return NULL;
}

StressProxy *
stress_proxy_new (const char *url,
                  guint       bytes_per_second,
                  guint       stall_after,
                  guint       stall_ms)
{
  StressProxy *self = g_new0 (StressProxy, 1);
  struct sockaddr_in address = make_address (0);
  socklen_t length = sizeof address;

  self->target = g_ascii_strtoull (strrchr (url, ':') + 1, NULL, 10);
  self->bytes_per_second = bytes_per_second;
  self->stall_after = stall_after;
  self->stall_ms = stall_ms;
  self->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  tune (self->listener);
  g_assert_cmpint (bind (self->listener, (struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (listen (self->listener, 10), ==, 0);
  g_assert_cmpint (getsockname (self->listener, (struct sockaddr *) &address, &length), ==, 0);
  self->url = g_strdup_printf ("tcp://127.0.0.1:%u", ntohs (address.sin_port));
  self->pumps = g_ptr_array_new ();
  self->thread = g_thread_new ("proxy", run, self);
  return self;
}

void
stress_proxy_free (StressProxy *self)
{
  shutdown (self->listener, SHUT_RDWR);
  g_thread_join (self->thread);
  for (guint i = 0; i < self->pumps->len; i++)
    g_thread_join (self->pumps->pdata[i]);
  g_ptr_array_unref (self->pumps);
  close (self->listener);
  g_free (self->url);
  g_free (self);
}

const char *
stress_proxy_get_url (StressProxy *self)
{
  return self->url;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-watchdog-private.h"

struct _PlantRpcWatchdog {
  GSource *beat; /* (owned) (nullable): NULL if the service manager expects no beats */
};

static GMutex lock;
static guint n_watchdogs; /* (mutex lock) */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

/* Errors are ignored, since a service manager that is gone or slow must not disturb this
 * process. */
static void
notify (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize length = path != NULL ? strlen (path) : 0;
  int fd;

  if (length < 2 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
    return;
  memcpy (address.sun_path, path, length);
  if (path[0] == '@')
    address.sun_path[0] = '\0';

  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return;
  if (sendto (fd, state, strlen (state), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *) &address,
              offsetof (struct sockaddr_un, sun_path) + length) < 0)
    plant_rpc_debug ("%s was not told to %s", state, path);
  close (fd);
}

static gboolean
on_beat (gpointer user_data)
{
  notify ("WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

/* Returns the time between two beats in ms, or 0 if the service manager expects none. */
static guint
get_interval (void)
{
  const char *period_text = g_getenv ("WATCHDOG_USEC");
  const char *pid_text = g_getenv ("WATCHDOG_PID");
  guint64 period, pid;

  if (g_getenv ("NOTIFY_SOCKET") == NULL || period_text == NULL ||
      !g_ascii_string_to_unsigned (period_text, 10, 1, G_MAXINT64, &period, NULL))
    return 0;
  if (pid_text != NULL && (!g_ascii_string_to_unsigned (pid_text, 10, 1, G_MAXINT, &pid, NULL) ||
                           pid != (guint64) getpid ()))
    return 0;
  return CLAMP (period / 2000, 1, G_MAXINT);
}

PlantRpcWatchdog *
plant_rpc_watchdog_new (GMainContext *context)
{
  PlantRpcWatchdog *self = g_new0 (PlantRpcWatchdog, 1);
  guint interval = get_interval ();
  gboolean first;

  if (interval > 0)
    {
      self->beat = g_timeout_source_new (interval);
      g_source_set_static_name (self->beat, "[plantrpc] watchdog");
      g_source_set_callback (self->beat, on_beat, NULL, NULL);
      g_source_attach (self->beat, context);
    }
  g_mutex_lock (&lock);
  first = n_watchdogs++ == 0;
  g_mutex_unlock (&lock);

  if (first)
    notify ("READY=1");
  return self;
}

void
plant_rpc_watchdog_free (PlantRpcWatchdog *self)
{
  gboolean last;

  if (self->beat != NULL)
    {
      g_source_destroy (self->beat);
      g_source_unref (self->beat);
    }
  g_mutex_lock (&lock);
  last = --n_watchdogs == 0;
  g_mutex_unlock (&lock);

  if (last)
    notify ("STOPPING=1");
  g_free (self);
}

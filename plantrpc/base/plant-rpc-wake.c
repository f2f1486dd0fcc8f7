/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-wake-private.h"

typedef struct {
  int   fd;
  guint process;
} Wake;

static void
close_wake (gpointer data)
{
  Wake *self = data;

  if (!plant_rpc_init_is_inherited (self->process))
    close (self->fd);
  g_free (self);
}

int
plant_rpc_wake_get_descriptor (void)
{
  static GPrivate wakes = G_PRIVATE_INIT (close_wake);
  Wake *self = g_private_get (&wakes);
  int fd;

  if (self != NULL && !plant_rpc_init_is_inherited (self->process))
    return self->fd;
  fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0)
    return -1;
  self = g_new (Wake, 1);
  *self = (Wake) { fd, plant_rpc_init_get_process () };
  g_private_replace (&wakes, self);
  return fd;
}

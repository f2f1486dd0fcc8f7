/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "plant-rpc-descriptors-private.h"
#include "plant-rpc-limits-private.h"

/* The number of free descriptors is only known from duplicating one. */
gboolean
plant_rpc_descriptors_are_left (int   fd,
                                guint n_more)
{
  const guint n_wanted = PLANT_RPC_SPARE_DESCRIPTORS + n_more;
  g_autofree int *made = g_new (int, n_wanted);
  guint n = 0;
  int code = 0;

  while (n < n_wanted && (made[n] = fcntl (fd, F_DUPFD_CLOEXEC, 0)) >= 0)
    n++;
  if (n < n_wanted)
    code = errno;
  for (guint i = 0; i < n; i++)
    close (made[i]);
  return code != EMFILE;
}

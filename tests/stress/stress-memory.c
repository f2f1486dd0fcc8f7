/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <malloc.h>
#include <string.h>

#include "stress-memory.h"

static gint64
read_resident (void)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    g_error ("There is no /proc");
  line = strstr (status, "\nRssAnon:");
  g_assert_nonnull (line);
  return g_ascii_strtoll (line + strlen ("\nRssAnon:"), NULL, 10) * 1024;
}

static gint64
count_fds (void)
{
  g_autoptr (GDir) fds = g_dir_open ("/proc/self/fd", 0, NULL);
  gint64 n = 0;

  while (g_dir_read_name (fds) != NULL)
    n++;
  return n;
}

void
stress_memory_prepare (void)
{
  mallopt (M_ARENA_MAX, 1);
}

void
stress_memory_measure (StressMemory *self)
{
  struct mallinfo2 info;

  malloc_trim (0);
  info = mallinfo2 ();
  self->used = info.uordblks + info.hblkhd;
  self->resident = read_resident ();
  self->n_fds = count_fds ();
}

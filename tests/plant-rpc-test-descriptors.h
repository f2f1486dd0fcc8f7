/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

/* Returns the lowest free descriptor, which the kernel gives next: it stays the same if nothing is
 * left open. */
static inline int
test_find_free_fd (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  return fd;
}

/* Returns the limit (RLIMIT_NOFILE) under which N descriptors are left. */
static inline int
test_find_limit (guint n)
{
  int limit = 0;

  for (guint n_left = 0; n_left < n; limit++)
    n_left += fcntl (limit, F_GETFD) < 0;
  return limit;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <sys/socket.h>

#include "plant-rpc-test-lane.h"
#include "stress-lane.h"

static gsize to_send = G_MAXSIZE;    /* bytes until the lane ends */
static gsize to_receive = G_MAXSIZE; /* the same */

/* ---- functions that the library calls instead of those of the system, for lanes alone */

ssize_t __wrap_sendmsg (int fd, const struct msghdr *message, int flags);
ssize_t __real_sendmsg (int fd, const struct msghdr *message, int flags);
ssize_t __wrap_recv (int fd, void *data, size_t size, int flags);
ssize_t __real_recv (int fd, void *data, size_t size, int flags);

/* N bytes were moved, or a negative number. */
static void
count (gsize  *left,
       int     fd,
       gssize  n)
{
  if (*left == G_MAXSIZE || n <= 0)
    return;
  *left -= n;
  if (*left > 0)
    return;
  *left = G_MAXSIZE;
  shutdown (fd, SHUT_RDWR);
}

/* One piece is enough: the library goes on with the rest. */
ssize_t
__wrap_sendmsg (int                  fd,
                const struct msghdr *message,
                int                  flags)
{
  struct iovec piece;
  struct msghdr part = { .msg_iov = &piece, .msg_iovlen = 1 };
  gssize n;

  if (to_send == G_MAXSIZE)
    return __real_sendmsg (fd, message, flags);
  piece = message->msg_iov[0];
  piece.iov_len = MIN (piece.iov_len, to_send);
  n = __real_sendmsg (fd, &part, flags);
  count (&to_send, fd, n);
  return n;
}

ssize_t
__wrap_recv (int    fd,
             void  *data,
             size_t size,
             int    flags)
{
  gssize n = __real_recv (fd, data, MIN (size, to_receive), flags);

  count (&to_receive, fd, n);
  return n;
}

/* ---- faults */

gboolean
stress_lane_stands (guint16 port)
{
  return test_lane_find_of_client (port) >= 0;
}

void
stress_lane_cut (guint16 port,
                 int     how)
{
  const int fd = test_lane_find_of_client (port);

  g_assert_true (fd < 0 || shutdown (fd, how) == 0 || errno == ENOTCONN);
}

void
stress_lane_cut_sent (gsize n_bytes)
{
  to_send = n_bytes;
}

void
stress_lane_cut_received (gsize n_bytes)
{
  to_receive = n_bytes;
}

void
stress_lane_leave (void)
{
  to_send = to_receive = G_MAXSIZE;
}

void
stress_lane_reset_ordinary (guint16 port)
{
  int fd = -1;

  while ((fd = test_lane_find_ordinary (port, fd + 1)) >= 0)
    shutdown (fd, SHUT_RDWR);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plant-rpc-pulse-private.h"

/* how often the kernel repeats the same bytes, or its question whether there is room, without an
 * answer until the connection is lost; about 3 s */
#define MAX_REPEATS      3
#define MAX_SILENCE_MS 2500

static guint64
find_inode (int fd)
{
  struct stat status;

  return fd >= 0 && fstat (fd, &status) == 0 && S_ISSOCK (status.st_mode) ? status.st_ino : 0;
}

void
plant_rpc_pulse_init (PlantRpcPulse *self,
                      int            fd)
{
  self->inode = find_inode (fd);
  self->fd = self->inode != 0 ? fd : -1;
}

gboolean
plant_rpc_pulse_is_there (const PlantRpcPulse *self)
{
  return self->inode != 0 && find_inode (self->fd) == self->inode;
}

PlantRpcPulseState
plant_rpc_pulse_feel (PlantRpcPulse *self)
{
  struct tcp_info info = { 0 };
  socklen_t size = sizeof info;
  int n_bytes = 0;

  /* The descriptor may have been closed and used again for another socket. */
  if (!plant_rpc_pulse_is_there (self))
    return PLANT_RPC_PULSE_CALM;
  if (getsockopt (self->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      ioctl (self->fd, SIOCOUTQ, &n_bytes) != 0)
    return PLANT_RPC_PULSE_CALM;
  if ((info.tcpi_retransmits >= MAX_REPEATS || info.tcpi_probes >= MAX_REPEATS) &&
      info.tcpi_last_ack_recv > MAX_SILENCE_MS)
    return PLANT_RPC_PULSE_LOST;
  return n_bytes > 0 ? PLANT_RPC_PULSE_WAITING : PLANT_RPC_PULSE_CALM;
}

gboolean
plant_rpc_pulse_count_received (const PlantRpcPulse *self,
                                guint64             *n_bytes)
{
  struct tcp_info info = { 0 };
  socklen_t size = sizeof info;

  if (!plant_rpc_pulse_is_there (self) ||
      getsockopt (self->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
    return FALSE;
  *n_bytes = info.tcpi_bytes_received;
  return TRUE;
}

static void
end (PlantRpcPulse *self,
     gboolean       reset)
{
  const struct linger none = { .l_onoff = 1, .l_linger = 0 };
  /* Shut a duplicate down: the original could be closed and reused for another socket in between.
   * If the process has no free descriptor, the risk is small, since nothing else can be opened
   * either. */
  int own = fcntl (self->fd, F_DUPFD_CLOEXEC, 0);
  int fd = own >= 0 ? own : self->fd;

  if (fd >= 0 && find_inode (fd) == self->inode)
    {
      if (reset)
        setsockopt (fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
      shutdown (fd, SHUT_RDWR);
    }
  if (own >= 0)
    close (own);
}

void
plant_rpc_pulse_end (PlantRpcPulse *self)
{
  end (self, FALSE);
}

void
plant_rpc_pulse_reset (PlantRpcPulse *self)
{
  end (self, TRUE);
}

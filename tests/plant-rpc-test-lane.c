/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "plant-rpc-test-lane.h"

#define MAX_FD 1024
/* how the names of the Unix sockets of lanes begin */
#define PREFIX "plantrpc-"

typedef int (*AskEnd) (int              fd,
                       struct sockaddr *address,
                       socklen_t       *size);

static gboolean
listens (int fd)
{
  int value = 0;
  socklen_t size = sizeof value;

  return getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

/* Whether an end of the connection has the name of a lane. */
static gboolean
has_name (int    fd,
          AskEnd ask)
{
  struct sockaddr_un address = { 0 };
  socklen_t size = sizeof address;

  return ask (fd, (struct sockaddr *) &address, &size) == 0 && address.sun_family == AF_UNIX &&
         address.sun_path[0] == '\0' &&
         strncmp (address.sun_path + 1, PREFIX, strlen (PREFIX)) == 0;
}

/* Returns 0 for a descriptor that has no port. */
static guint16
find_port (int    fd,
           AskEnd ask)
{
  struct sockaddr_storage address = { 0 };
  socklen_t size = sizeof address;
  g_autoptr (GSocketAddress) end = NULL;

  if (ask (fd, (struct sockaddr *) &address, &size) != 0)
    return 0;
  end = g_socket_address_new_from_native (&address, size);
  return G_IS_INET_SOCKET_ADDRESS (end)
             ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (end)) : 0;
}

/* Returns the port at which the process listens besides that of the server, or 0. */
static guint16
find_door (guint16 server)
{
  for (int fd = 0; fd < MAX_FD; fd++)
    {
      guint16 port = find_port (fd, getsockname);

      if (port != 0 && port != server && listens (fd))
        return port;
    }
  return 0;
}

int
test_lane_find_of_server (guint16  port,
                          gboolean tcp)
{
  guint16 door = tcp ? find_door (port) : 0;

  for (int fd = 0; fd < MAX_FD; fd++)
    {
      gboolean found = tcp ? door != 0 && find_port (fd, getsockname) == door
                           : has_name (fd, getsockname);

      if (found && !listens (fd))
        return fd;
    }
  return -1;
}

/* An ordinary connection is kept alive by the system, a lane is not. */
static gboolean
is_kept_alive (int fd)
{
  int value = 0;
  socklen_t size = sizeof value;

  return getsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &value, &size) == 0 && value != 0;
}

int
test_lane_find_of_client (guint16 port)
{
  for (int fd = 0; fd < MAX_FD; fd++)
    {
      guint16 peer = find_port (fd, getpeername);

      if ((peer != 0 && peer != port && !is_kept_alive (fd)) || has_name (fd, getpeername))
        return fd;
    }
  return -1;
}

int
test_lane_find_ordinary (guint16 port,
                         int     from)
{
  for (int fd = from; fd < MAX_FD; fd++)
    {
      if (find_port (fd, getpeername) == port)
        return fd;
    }
  return -1;
}

void
test_lane_cut (int fd)
{
  g_assert_cmpint (fd, >=, 0);
  g_assert_true (shutdown (fd, SHUT_RDWR) == 0 || errno == ENOTCONN);
}

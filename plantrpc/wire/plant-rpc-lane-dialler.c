/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* for struct ucred */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-descriptors-private.h"
#include "plant-rpc-held-private.h"
#include "plant-rpc-lane-dialler-private.h"
#include "plant-rpc-source-private.h"

typedef enum {
  STEP_CONNECTING,
  STEP_PROOF, /* the token was shown, the answer is awaited */
  STEP_OVER,
} Step;

/* The last one that is tried is 0. */
typedef enum {
  KIND_NONE,
  KIND_TCP,
  KIND_UNIX,
} Kind;

struct _PlantRpcLaneDialler {
  GMainContext                   *context;  /* (owned) */
  const PlantRpcLaneDiallerFuncs *funcs;
  gpointer                        owner;    /* (unowned) */
  PlantRpcLaneOffer               offer;    /* (owned) */
  struct sockaddr_storage         peer;     /* the server's end of the ordinary connection */
  gboolean                        local;    /* both ends are on one host */
  int                             process;  /* of the server, over ipc; else 0 */
  int                             fd;       /* (owned): -1 without an attempt */
  Kind                            kind;     /* of this attempt */
  Step                            step;
  guint8                          proof[PLANT_RPC_LANE_SECRET_SIZE];
  gsize                           n_read;   /* bytes of PROOF */
  GSource                        *source;   /* (owned) (nullable): of FD */
};

static void try_next (PlantRpcLaneDialler *self);

static void
clear_dialler (PlantRpcLaneDialler *self)
{
  plant_rpc_lane_offer_clear (&self->offer);
  g_main_context_unref (self->context);
}

PLANT_RPC_DEFINE_HELD (PlantRpcLaneDialler, clear_dialler)

gboolean
plant_rpc_lane_is_switched_off (gboolean local)
{
  const char *wanted = g_getenv ("PLANTRPC_LANE");

  return wanted != NULL && *wanted != '\0' && !g_str_equal (wanted, local ? "unix" : "tcp");
}

int
plant_rpc_lane_find_process (int fd)
{
  struct ucred peer = { 0 };
  socklen_t size = sizeof peer;

  return getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

static void
drop_attempt (PlantRpcLaneDialler *self)
{
  plant_rpc_source_clear (&self->source);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->n_read = 0;
}

void
plant_rpc_lane_dialler_free (PlantRpcLaneDialler *self)
{
  drop_attempt (self);
  self->step = STEP_OVER;
  release (self);
}

guint
plant_rpc_lane_dialler_fill_poll (PlantRpcLaneDialler *self,
                                  zmq_pollitem_t      *items)
{
  if (self->fd < 0)
    return 0;
  items[0] = (zmq_pollitem_t) { .fd = self->fd, .events = ZMQ_POLLIN };
  if (self->step == STEP_CONNECTING)
    items[0].events = ZMQ_POLLOUT;
  return 1;
}

/* ---- one attempt */

static void
win (PlantRpcLaneDialler *self)
{
  const int fd = self->fd;

  self->fd = -1;
  drop_attempt (self);
  self->step = STEP_OVER;
  self->funcs->connected (self->owner, fd);
}

static gboolean
show_token (PlantRpcLaneDialler *self)
{
  int error = 0;
  socklen_t size = sizeof error;

  return getsockopt (self->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0 &&
         send (self->fd, self->offer.token, sizeof self->offer.token,
               MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof self->offer.token;
}

/* Over ipc, a Unix socket of another process than the one at the other end would pass by what
 * stands between the two. */
static gboolean
is_trusted (PlantRpcLaneDialler *self)
{
  return self->peer.ss_family != AF_UNIX ||
         (self->process != 0 && plant_rpc_lane_find_process (self->fd) == self->process);
}

/* Returns FALSE if the attempt has failed. */
static gboolean
read_proof (PlantRpcLaneDialler *self)
{
  const gsize wanted = sizeof self->proof - self->n_read;
  const gssize n = recv (self->fd, self->proof + self->n_read, wanted, MSG_DONTWAIT);

  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  if (n == 0)
    return FALSE;
  self->n_read += n;
  if (self->n_read < sizeof self->proof)
    return TRUE;
  if (memcmp (self->proof, self->offer.proof, sizeof self->proof) != 0 || !is_trusted (self))
    return FALSE;
  win (self);
  return TRUE;
}

static gboolean
is_connected (PlantRpcLaneDialler *self)
{
  struct pollfd item = { .fd = self->fd, .events = POLLOUT };

  return poll (&item, 1, 0) > 0;
}

void
plant_rpc_lane_dialler_process (PlantRpcLaneDialler *self)
{
  g_autoptr (Held) held = g_rc_box_acquire (self);
  gboolean going_on = TRUE;

  if (self->step == STEP_CONNECTING && self->fd >= 0 && is_connected (self))
    {
      going_on = show_token (self);
      self->step = STEP_PROOF;
      plant_rpc_source_await_room (self->source, FALSE);
    }
  if (going_on && self->step == STEP_PROOF)
    going_on = read_proof (self);
  if (going_on)
    return;
  drop_attempt (self);
  try_next (self);
}

static gboolean
on_descriptor (gpointer user_data)
{
  plant_rpc_lane_dialler_process (user_data);
  return G_SOURCE_CONTINUE;
}

/* ---- attempts */

static gboolean
begin (PlantRpcLaneDialler   *self,
       const struct sockaddr *address,
       socklen_t              size)
{
  const int on = 1;

  self->fd = socket (address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd < 0 || !plant_rpc_descriptors_are_left (self->fd, 0))
    return FALSE;
  if (address->sa_family != AF_UNIX)
    setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect (self->fd, address, size) != 0 && errno != EINPROGRESS)
    return FALSE;
  self->step = STEP_CONNECTING;
  self->source = plant_rpc_source_attach_descriptor (self->fd, self->context, on_descriptor, self,
                                                     "[plantrpc] lane to be");
  plant_rpc_source_await_room (self->source, TRUE);
  return TRUE;
}

static gboolean
begin_unix (PlantRpcLaneDialler *self)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  const gsize length = self->offer.name != NULL ? strlen (self->offer.name) : 0;

  /* A server must not have its clients connect to whatever else there is on their host. */
  if (length == 0 || length >= sizeof address.sun_path || !self->local ||
      !g_str_has_prefix (self->offer.name, PLANT_RPC_LANE_NAME_PREFIX) ||
      plant_rpc_lane_is_switched_off (TRUE))
    return FALSE;
  /* A name that begins with a NUL is in the abstract namespace. */
  memcpy (address.sun_path + 1, self->offer.name, length);
  return begin (self, (struct sockaddr *) &address,
                offsetof (struct sockaddr_un, sun_path) + 1 + length);
}

static gboolean
begin_tcp (PlantRpcLaneDialler *self)
{
  struct sockaddr_storage address = self->peer;
  const guint16 port = g_htons (self->offer.port);

  if (port == 0 || plant_rpc_lane_is_switched_off (FALSE))
    return FALSE;
  if (address.ss_family == AF_INET)
    ((struct sockaddr_in *) &address)->sin_port = port;
  else if (address.ss_family == AF_INET6)
    ((struct sockaddr_in6 *) &address)->sin6_port = port;
  else
    return FALSE;
  return begin (self, (struct sockaddr *) &address, sizeof address);
}

static void
try_next (PlantRpcLaneDialler *self)
{
  while (self->kind > KIND_NONE)
    {
      self->kind--;
      if (self->kind == KIND_UNIX && begin_unix (self))
        return;
      if (self->kind == KIND_TCP && begin_tcp (self))
        return;
      drop_attempt (self);
    }
  self->step = STEP_OVER;
  self->funcs->failed (self->owner);
}

void
plant_rpc_lane_dialler_start (PlantRpcLaneDialler *self)
{
  try_next (self);
}

static void
learn_ends (PlantRpcLaneDialler *self,
            int                  ordinary)
{
  g_autofree char *own = plant_rpc_channel_dup_address (ordinary, getsockname);
  g_autofree char *peer = plant_rpc_channel_dup_address (ordinary, getpeername);
  socklen_t size = sizeof self->peer;

  if (getpeername (ordinary, (struct sockaddr *) &self->peer, &size) != 0)
    self->peer.ss_family = AF_UNSPEC;
  if (self->peer.ss_family == AF_UNIX)
    self->process = plant_rpc_lane_find_process (ordinary);
  self->local = self->peer.ss_family != AF_UNSPEC && g_strcmp0 (own, peer) == 0;
}

PlantRpcLaneDialler *
plant_rpc_lane_dialler_new (const PlantRpcLaneOffer        *offer,
                            int                             ordinary,
                            GMainContext                   *context,
                            const PlantRpcLaneDiallerFuncs *funcs,
                            gpointer                        owner)
{
  PlantRpcLaneDialler *self = g_rc_box_new0 (PlantRpcLaneDialler);

  self->context = g_main_context_ref (context);
  self->funcs = funcs;
  self->owner = owner;
  self->offer = *offer;
  self->offer.name = g_strdup (offer->name);
  self->fd = -1;
  self->kind = KIND_UNIX + 1;
  learn_ends (self, ordinary);
  return self;
}

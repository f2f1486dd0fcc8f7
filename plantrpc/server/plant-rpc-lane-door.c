/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* for accept4() and struct ucred */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "plant-rpc-channel-private.h"
#include "plant-rpc-descriptors-private.h"
#include "plant-rpc-init-private.h"
#include "plant-rpc-lane-dialler-private.h"
#include "plant-rpc-lane-door-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-log-private.h"
#include "plant-rpc-source-private.h"

/* connections that wait to be accepted */
#define ACCEPT_QUEUE 64
/* addresses of the host at which the door listens */
#define MAX_LISTENERS 16

typedef struct {
  PlantRpcLaneDoor *door;    /* (unowned) */
  char             *address; /* (owned) (nullable): NULL for the Unix socket */
  char             *name;    /* (owned) (nullable): of the Unix socket */
  guint16           port;
  int               fd;      /* (owned) */
  GSource          *source;  /* (owned) */
} Listener;

typedef struct {
  guint8   token[PLANT_RPC_LANE_SECRET_SIZE];
  guint8   proof[PLANT_RPC_LANE_SECRET_SIZE];
  guint64  connection;
  char    *address; /* (owned) (nullable): of the client; NULL for ipc */
  int      process; /* of the client, over ipc; else 0 */
} Offer;

/* Who has connected and not shown a token yet. */
typedef struct {
  PlantRpcLaneDoor *door;     /* (unowned) */
  int               fd;       /* (owned): -1 once it was handed over */
  gboolean          local;
  guint8            token[PLANT_RPC_LANE_SECRET_SIZE];
  gsize             n_read;   /* bytes of TOKEN */
  gint64            deadline; /* monotonic µs */
  GSource          *source;   /* (owned) */
} Stranger;

struct _PlantRpcLaneDoor {
  GMainContext                *context;   /* (owned) */
  const PlantRpcLaneDoorFuncs *funcs;
  gpointer                     owner;     /* (unowned) */
  gboolean                     local;     /* TRUE: only clients on this computer may come in */
  guint                        process;   /* that has the descriptors */
  GPtrArray                   *listeners; /* (owned) (element-type Listener) */
  GHashTable                  *offers;    /* (owned) (element-type guint64 Offer): by connection */
  GQueue                       strangers; /* (element-type Stranger): the oldest first */
  GSource                     *alarm;     /* (owned): sends strangers away */
};

/* ---- strangers */

static void
stranger_free (Stranger *self)
{
  plant_rpc_source_clear (&self->source);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

static void
set_alarm (PlantRpcLaneDoor *self)
{
  Stranger *oldest = g_queue_peek_head (&self->strangers);

  g_source_set_ready_time (self->alarm, oldest != NULL ? oldest->deadline : -1);
}

static void
send_away (Stranger *stranger)
{
  PlantRpcLaneDoor *self = stranger->door;

  g_queue_remove (&self->strangers, stranger);
  stranger_free (stranger);
  set_alarm (self);
}

static gboolean
on_alarm (gpointer user_data)
{
  PlantRpcLaneDoor *self = user_data;
  const gint64 now = g_get_monotonic_time ();
  Stranger *oldest;

  while ((oldest = g_queue_peek_head (&self->strangers)) != NULL && oldest->deadline <= now)
    send_away (oldest);
  set_alarm (self);
  return G_SOURCE_CONTINUE;
}

static Offer *
find_offer (PlantRpcLaneDoor *self,
            const guint8     *token)
{
  GHashTableIter iter;
  Offer *offer;

  g_hash_table_iter_init (&iter, self->offers);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &offer))
    {
      if (memcmp (offer->token, token, sizeof offer->token) == 0)
        return offer;
    }
  return NULL;
}

/* Whether the stranger is whom the offer was made to. */
static gboolean
is_invited (const Stranger *stranger,
            const Offer    *offer)
{
  g_autofree char *address = NULL;

  if (offer->process != 0)
    return stranger->local && plant_rpc_lane_find_process (stranger->fd) == offer->process;
  if (stranger->local)
    return TRUE;
  address = plant_rpc_channel_dup_address (stranger->fd, getpeername);
  return g_strcmp0 (address, offer->address) == 0;
}

static void
admit (Stranger *stranger)
{
  PlantRpcLaneDoor *self = stranger->door;
  Offer *offer = find_offer (self, stranger->token);
  guint64 connection;
  int fd;

  if (offer == NULL || !is_invited (stranger, offer) ||
      send (stranger->fd, offer->proof, sizeof offer->proof, MSG_NOSIGNAL | MSG_DONTWAIT) !=
          sizeof offer->proof)
    {
      plant_rpc_debug ("Somebody who was not invited has tried to open a lane");
      send_away (stranger);
      return;
    }
  connection = offer->connection;
  fd = stranger->fd;
  stranger->fd = -1;
  g_hash_table_remove (self->offers, &connection);
  send_away (stranger);
  self->funcs->admitted (self->owner, connection, fd);
}

static gboolean
on_stranger (gpointer user_data)
{
  Stranger *self = user_data;
  const gsize wanted = sizeof self->token - self->n_read;
  const gssize n = recv (self->fd, self->token + self->n_read, wanted, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      send_away (self);
      return G_SOURCE_REMOVE;
    }
  self->n_read += n;
  if (self->n_read < sizeof self->token)
    return G_SOURCE_CONTINUE;
  admit (self);
  return G_SOURCE_REMOVE;
}

/* A lane is worth less than what else the program opens. Who has a token shows it at once, so those
 * that wait leave first. Returns FALSE if there is no room. */
static gboolean
make_room (PlantRpcLaneDoor *self,
           int               fd)
{
  gboolean left;

  while (!(left = plant_rpc_descriptors_are_left (fd, 0)) && self->strangers.length > 0)
    send_away (g_queue_peek_head (&self->strangers));
  if (self->strangers.length >= PLANT_RPC_MAX_STRANGERS)
    send_away (g_queue_peek_head (&self->strangers));
  return left;
}

/* Takes ownership of FD. */
static void
let_wait (PlantRpcLaneDoor *self,
          int               fd,
          gboolean          local)
{
  Stranger *stranger;

  if (!make_room (self, fd))
    {
      close (fd);
      return;
    }
  stranger = g_new0 (Stranger, 1);
  stranger->door = self;
  stranger->fd = fd;
  stranger->local = local;
  stranger->deadline =
      g_get_monotonic_time () + PLANT_RPC_LANE_TIMEOUT_S * G_USEC_PER_SEC;
  stranger->source = plant_rpc_source_attach_descriptor (fd, self->context, on_stranger, stranger,
                                                         "[plantrpc] lane to be");
  g_queue_push_tail (&self->strangers, stranger);
  set_alarm (self);
}

/* ---- listeners */

static void
listener_free (gpointer data)
{
  Listener *self = data;

  plant_rpc_source_clear (&self->source);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->address);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listener, listener_free)

/* While the process is short of descriptors, accept() would fail again and again. */
static gboolean
on_listener (gpointer user_data)
{
  Listener *self = user_data;
  const int on = 1;
  const int fd = accept4 (self->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

  if (fd < 0 && errno != EMFILE && errno != ENFILE)
    return G_SOURCE_CONTINUE;
  if (fd < 0)
    {
      plant_rpc_debug ("There are no descriptors for lanes");
      g_ptr_array_remove (self->door->listeners, self);
      return G_SOURCE_REMOVE;
    }
  if (self->address != NULL)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  let_wait (self->door, fd, self->address == NULL);
  return G_SOURCE_CONTINUE;
}

static gboolean
start_listening (Listener              *self,
                 const struct sockaddr *address,
                 socklen_t              size)
{
  self->fd = socket (address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd < 0 || bind (self->fd, address, size) != 0 || listen (self->fd, ACCEPT_QUEUE) != 0)
    return FALSE;
  self->source = plant_rpc_source_attach_descriptor (self->fd, self->door->context, on_listener,
                                                     self, "[plantrpc] door");
  return TRUE;
}

static gboolean
listen_unix (Listener *self)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  guint32 random[4];

  if (getrandom (random, sizeof random, 0) != sizeof random)
    return FALSE;
  self->name =
      g_strdup_printf (PLANT_RPC_LANE_NAME_PREFIX "%08x%08x%08x%08x", random[0], random[1],
                       random[2], random[3]);
  memcpy (address.sun_path + 1, self->name, strlen (self->name));
  return start_listening (self, (struct sockaddr *) &address,
                          offsetof (struct sockaddr_un, sun_path) + 1 + strlen (self->name));
}

/* FD is the ordinary connection, to the address at which the door is to listen. */
static gboolean
listen_tcp (Listener *self,
            int       fd)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address;

  if (getsockname (fd, (struct sockaddr *) &address, &size) != 0)
    return FALSE;
  if (address.ss_family == AF_INET)
    ((struct sockaddr_in *) &address)->sin_port = 0;
  else if (address.ss_family == AF_INET6)
    ((struct sockaddr_in6 *) &address)->sin6_port = 0;
  else
    return FALSE;
  if (!start_listening (self, (struct sockaddr *) &address, size))
    return FALSE;
  size = sizeof address;
  if (getsockname (self->fd, (struct sockaddr *) &address, &size) != 0)
    return FALSE;
  self->port = g_ntohs (address.ss_family == AF_INET
                            ? ((struct sockaddr_in *) &address)->sin_port
                            : ((struct sockaddr_in6 *) &address)->sin6_port);
  return TRUE;
}

/* Returns the listener at ADDRESS, or the one of the Unix socket if it is NULL. Returns NULL if it
 * cannot be made. */
static Listener *
get_listener (PlantRpcLaneDoor *self,
              const char       *address,
              int               fd)
{
  g_autoptr (Listener) listener = NULL;

  for (guint i = 0; i < self->listeners->len; i++)
    {
      Listener *known = g_ptr_array_index (self->listeners, i);

      if (g_strcmp0 (known->address, address) == 0)
        return known;
    }
  if (self->listeners->len >= MAX_LISTENERS)
    return NULL;
  listener = g_new0 (Listener, 1);
  listener->door = self;
  listener->address = g_strdup (address);
  listener->fd = -1;
  if (!(address == NULL ? listen_unix (listener) : listen_tcp (listener, fd)))
    return NULL;
  g_ptr_array_add (self->listeners, listener);
  return g_steal_pointer (&listener);
}

/* ---- offers */

static void
offer_free (gpointer data)
{
  Offer *offer = data;

  g_free (offer->address);
  g_free (offer);
}

static void
keep_offer (PlantRpcLaneDoor        *self,
            guint64                  connection,
            int                      fd,
            const PlantRpcLaneOffer *told)
{
  Offer *offer = g_new0 (Offer, 1);

  memcpy (offer->token, told->token, sizeof offer->token);
  memcpy (offer->proof, told->proof, sizeof offer->proof);
  offer->connection = connection;
  offer->address = plant_rpc_channel_dup_address (fd, getpeername);
  if (offer->address == NULL)
    offer->process = plant_rpc_lane_find_process (fd);
  g_hash_table_replace (self->offers, &offer->connection, offer);
}

gboolean
plant_rpc_lane_door_offer (PlantRpcLaneDoor  *self,
                           guint64            connection,
                           int                fd,
                           const char        *address,
                           PlantRpcLaneOffer *offer)
{
  g_autofree char *end = plant_rpc_channel_dup_end (fd, getpeername);
  g_autofree char *own = plant_rpc_channel_dup_address (fd, getsockname);
  g_autofree char *peer = plant_rpc_channel_dup_address (fd, getpeername);
  Listener *local = NULL, *remote = NULL;

  if (!g_str_equal (end, address) || plant_rpc_init_is_inherited (self->process) ||
      getrandom (offer->token, sizeof offer->token, 0) != sizeof offer->token ||
      getrandom (offer->proof, sizeof offer->proof, 0) != sizeof offer->proof)
    return FALSE;
  if (g_strcmp0 (own, peer) == 0 && !plant_rpc_lane_is_switched_off (TRUE))
    local = get_listener (self, NULL, fd);
  if (own != NULL && !self->local && !plant_rpc_lane_is_switched_off (FALSE))
    remote = get_listener (self, own, fd);
  if (local == NULL && remote == NULL)
    return FALSE;
  offer->name = local != NULL ? g_strdup (local->name) : NULL;
  offer->port = remote != NULL ? remote->port : 0;
  keep_offer (self, connection, fd, offer);
  return TRUE;
}

void
plant_rpc_lane_door_forget (PlantRpcLaneDoor *self,
                            guint64           connection)
{
  g_hash_table_remove (self->offers, &connection);
}

/* ---- life */

PlantRpcLaneDoor *
plant_rpc_lane_door_new (GMainContext                *context,
                         gboolean                     local,
                         const PlantRpcLaneDoorFuncs *funcs,
                         gpointer                     owner)
{
  PlantRpcLaneDoor *self = g_new0 (PlantRpcLaneDoor, 1);

  self->context = g_main_context_ref (context);
  self->local = local;
  self->funcs = funcs;
  self->owner = owner;
  self->process = plant_rpc_init_get_process ();
  self->listeners = g_ptr_array_new_with_free_func (listener_free);
  self->offers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, offer_free);
  g_queue_init (&self->strangers);
  self->alarm =
      plant_rpc_source_new_alarm (context, on_alarm, self, "[plantrpc] who has no token");
  return self;
}

void
plant_rpc_lane_door_free (PlantRpcLaneDoor *self)
{
  g_queue_clear_full (&self->strangers, (GDestroyNotify) stranger_free);
  plant_rpc_source_clear (&self->alarm);
  g_ptr_array_unref (self->listeners);
  g_hash_table_unref (self->offers);
  g_main_context_unref (self->context);
  g_free (self);
}

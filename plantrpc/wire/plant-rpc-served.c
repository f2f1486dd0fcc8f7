/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include "plant-rpc-init-private.h"
#include "plant-rpc-served-private.h"

/* µs in which a thread that is about to serve must have begun */
#define PATIENCE_US G_USEC_PER_SEC
#define PAUSE_US    (2 * 1000)

typedef struct {
  gpointer      server;  /* (unowned) */
  char         *host;    /* (owned) (nullable): NULL for all addresses of this machine */
  char         *path;    /* (owned) (nullable) */
  guint16       port;
  PlantRpcHome *home;    /* (owned) */
  guint         process; /* that serves it */
} Served;

static GMutex lock;
static GPtrArray *all; /* (mutex lock) (owned) (element-type Served) */
static gint n_served;  /* (atomic) */

__attribute__ ((constructor))
static void
watch_forks (void)
{
  plant_rpc_init_lock_for_forks (&lock, PLANT_RPC_LOCK_INNER);
}

static void
served_free (gpointer data)
{
  Served *self = data;

  g_free (self->host);
  g_free (self->path);
  plant_rpc_home_unref (self->home);
  g_free (self);
}

void
plant_rpc_served_add (gpointer                server,
                      const PlantRpcEndpoint *endpoint,
                      guint16                 port,
                      PlantRpcHome           *home)
{
  Served *self = g_new0 (Served, 1);

  self->server = server;
  self->path = g_strdup (endpoint->path);
  if (endpoint->tcp && !plant_rpc_endpoint_is_wildcard (endpoint))
    self->host = g_strdup (endpoint->host);
  self->port = port;
  self->home = plant_rpc_home_ref (home);
  self->process = plant_rpc_init_get_process ();
  g_mutex_lock (&lock);
  if (all == NULL)
    all = g_ptr_array_new_with_free_func (served_free);
  g_ptr_array_add (all, self);
  g_mutex_unlock (&lock);
  g_atomic_int_inc (&n_served);
}

void
plant_rpc_served_remove (gpointer server)
{
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (served_free);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  for (guint i = all != NULL ? all->len : 0; i > 0; i--)
    {
      if (((Served *) all->pdata[i - 1])->server != server)
        continue;
      g_ptr_array_add (removed, g_ptr_array_steal_index_fast (all, i - 1));
      g_atomic_int_add (&n_served, -1);
    }
}

/* ---- where a URL leads to */

static gboolean
has_address (GInetAddress *address)
{
  struct ifaddrs *interfaces = NULL;
  gboolean found = FALSE;

  if (getifaddrs (&interfaces) != 0)
    return FALSE;
  for (struct ifaddrs *i = interfaces; i != NULL && !found; i = i->ifa_next)
    {
      g_autoptr (GSocketAddress) own = NULL;

      if (i->ifa_addr == NULL ||
          (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6))
        continue;
      own = g_socket_address_new_from_native (i->ifa_addr, i->ifa_addr->sa_family == AF_INET
                                                               ? sizeof (struct sockaddr_in)
                                                               : sizeof (struct sockaddr_in6));
      found = own != NULL && g_inet_address_equal (g_inet_socket_address_get_address (
                                                       G_INET_SOCKET_ADDRESS (own)),
                                                   address);
    }
  freeifaddrs (interfaces);
  return found;
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address != NULL ? g_inet_address_get_is_loopback (address)
                         : g_ascii_strcasecmp (host, "localhost") == 0;
}

static gboolean
is_here (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return is_loopback (host) || g_ascii_strcasecmp (host, g_get_host_name ()) == 0 ||
         (address != NULL && has_address (address));
}

/* Two numbers are compared as such, since another process may serve the other address. */
static gboolean
is_same (const char *host,
         const char *other)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  g_autoptr (GInetAddress) other_address = g_inet_address_new_from_string (other);

  if (address != NULL && other_address != NULL)
    return g_inet_address_equal (address, other_address);
  return g_ascii_strcasecmp (host, other) == 0 || (is_loopback (host) && is_loopback (other));
}

static gboolean
matches (const Served           *self,
         const PlantRpcEndpoint *endpoint)
{
  if (!endpoint->tcp)
    return g_strcmp0 (self->path, endpoint->path) == 0;
  if (self->path != NULL || self->port != endpoint->port)
    return FALSE;
  if (self->host == NULL)
    return is_here (endpoint->host);
  return is_same (self->host, endpoint->host);
}

/* Returns NULL if no server of this process is there. */
static PlantRpcHome *
find_home (const char *url)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  for (guint i = 0; endpoint != NULL && all != NULL && i < all->len; i++)
    {
      const Served *self = all->pdata[i];

      if (!plant_rpc_init_is_inherited (self->process) && matches (self, endpoint))
        return plant_rpc_home_ref (self->home);
    }
  return NULL;
}

/* ---- who serves it */

static PlantRpcDweller
wait_for_other (PlantRpcHome *home)
{
  const gint64 end = g_get_monotonic_time () + PATIENCE_US;
  g_auto (PlantRpcOutside) outside = { .n_stays = 0 };
  PlantRpcDweller dweller;

  plant_rpc_home_give_up_context (home);
  dweller = plant_rpc_home_find_dweller (home);
  if (dweller != PLANT_RPC_DWELLER_NONE)
    return dweller;
  outside = plant_rpc_home_step_out ();
  while (!plant_rpc_home_has_other_dweller (home) && g_get_monotonic_time () < end)
    g_usleep (PAUSE_US);
  return plant_rpc_home_find_dweller (home);
}

gboolean
plant_rpc_served_check (const char  *url,
                        GError     **error)
{
  g_autoptr (PlantRpcHome) home = NULL;
  g_autofree char *kept = NULL;

  if (url == NULL || g_atomic_int_get (&n_served) == 0)
    return TRUE;
  home = find_home (url);
  if (home == NULL)
    return TRUE;
  /* Another thread may replace it meanwhile. */
  kept = g_strdup (url);
  if (wait_for_other (home) == PLANT_RPC_DWELLER_OTHER)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
               /* Translators: the address of a device */
               _("No other thread serves “%s”, so this thread must not block for its answer: run "
                 "the server's main loop in another thread, or use a function that does not block"),
               kept);
  return FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-origin-private.h"

struct _PlantRpcOrigin {
  gatomicrefcount  ref_count;
  GMutex           lock;
  GHashTable      *addresses; /* numeric addresses of the server */
  gboolean         local;     /* TRUE if one of them is an address of this computer */
};

/* Returns NULL if ADDRESS is not a numeric address. */
static GInetAddress *
parse (const char *address)
{
  g_autofree char *bare = g_strndup (address, strcspn (address, "%"));
  GInetAddress *parsed = g_inet_address_new_from_string (bare);
  const guint8 *bytes;

  if (parsed == NULL || g_inet_address_get_family (parsed) != G_SOCKET_FAMILY_IPV6)
    return parsed;
  bytes = g_inet_address_to_bytes (parsed);
  if (memcmp (bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0)
    {
      GInetAddress *inner = g_inet_address_new_from_bytes (bytes + 12, G_SOCKET_FAMILY_IPV4);

      g_object_unref (parsed);
      return inner;
    }
  return parsed;
}

static gboolean
is_address_of (const struct sockaddr *given,
               GInetAddress          *address)
{
  gsize size = given->sa_family == AF_INET ? sizeof (struct sockaddr_in)
                                           : sizeof (struct sockaddr_in6);
  g_autoptr (GSocketAddress) wrapped = NULL;

  if (given->sa_family != AF_INET && given->sa_family != AF_INET6)
    return FALSE;
  wrapped = g_socket_address_new_from_native ((gpointer) given, size);
  return G_IS_INET_SOCKET_ADDRESS (wrapped) &&
         g_inet_address_equal (
             g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (wrapped)), address);
}

static gboolean
is_own (GInetAddress *address)
{
  struct ifaddrs *all = NULL;
  gboolean found = g_inet_address_get_is_loopback (address);

  if (found || getifaddrs (&all) != 0)
    return found;
  for (struct ifaddrs *one = all; one != NULL && !found; one = one->ifa_next)
    found = one->ifa_addr != NULL && is_address_of (one->ifa_addr, address);
  freeifaddrs (all);
  return found;
}

static void
take_address (PlantRpcOrigin *self,
              GInetAddress   *address)
{
  char *text = g_inet_address_to_string (address);
  gboolean own = is_own (address);

  g_mutex_lock (&self->lock);
  /* A server that is reached at a new address each time must not fill the memory: only the latest
   * address counts then. */
  if (g_hash_table_size (self->addresses) >= PLANT_RPC_MAX_SERVER_ADDRESSES)
    g_hash_table_remove_all (self->addresses);
  g_hash_table_add (self->addresses, text);
  self->local = self->local || own;
  g_mutex_unlock (&self->lock);
}

void
plant_rpc_origin_add (PlantRpcOrigin *self,
                      const char     *address)
{
  g_autoptr (GInetAddress) parsed = parse (address);

  if (parsed != NULL)
    take_address (self, parsed);
}

/* ---- names */

typedef struct {
  PlantRpcOrigin *origin; /* (owned) */
  char           *host;   /* (owned) */
} Lookup;

static gpointer
look_up (gpointer data)
{
  Lookup *lookup = data;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *found = g_resolver_lookup_by_name (resolver, lookup->host, NULL, NULL);

  for (GList *l = found; l != NULL; l = l->next)
    take_address (lookup->origin, l->data);
  g_resolver_free_addresses (found);
  plant_rpc_origin_unref (lookup->origin);
  g_free (lookup->host);
  g_free (lookup);
  return NULL;
}

static void
start_look_up (PlantRpcOrigin *self,
               const char     *host)
{
  Lookup *lookup = g_new (Lookup, 1);
  GThread *thread;

  *lookup = (Lookup) { plant_rpc_origin_ref (self), g_strdup (host) };
  thread = g_thread_try_new ("plantrpc-names", look_up, lookup, NULL);
  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }
  plant_rpc_origin_unref (lookup->origin);
  g_free (lookup->host);
  g_free (lookup);
}

/* ---- life */

PlantRpcOrigin *
plant_rpc_origin_new (const char *url,
                      const char *address)
{
  PlantRpcOrigin *self = g_new0 (PlantRpcOrigin, 1);
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, NULL);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  plant_rpc_origin_add (self, address);
  if (endpoint != NULL && endpoint->tcp && !g_hostname_is_ip_address (endpoint->host))
    start_look_up (self, endpoint->host);
  return self;
}

PlantRpcOrigin *
plant_rpc_origin_ref (PlantRpcOrigin *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
plant_rpc_origin_unref (PlantRpcOrigin *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->addresses);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
plant_rpc_origin_has (PlantRpcOrigin *self,
                      const char     *address)
{
  g_autoptr (GInetAddress) parsed = parse (address);
  g_autofree char *text = parsed != NULL ? g_inet_address_to_string (parsed) : NULL;
  gboolean listed, local;

  if (text == NULL)
    return FALSE;
  g_mutex_lock (&self->lock);
  listed = g_hash_table_contains (self->addresses, text);
  local = self->local;
  g_mutex_unlock (&self->lock);
  return listed || (local && is_own (parsed));
}

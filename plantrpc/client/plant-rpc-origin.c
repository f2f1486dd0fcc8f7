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
#include "plant-rpc-question-private.h"

struct _PlantRpcOrigin {
  gatomicrefcount   ref_count;
  GMutex            lock;
  GHashTable       *addresses; /* numeric addresses of the server */
  gboolean          local;     /* TRUE if one of them is an address of this computer */
  PlantRpcQuestion *question;  /* (owned) (nullable): for the addresses of the host name */
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

static void
on_answered (GPtrArray    *addresses,
             const GError *error,
             gpointer      user_data)
{
  for (guint i = 0; addresses != NULL && i < addresses->len; i++)
    plant_rpc_origin_add (user_data, addresses->pdata[i]);
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
    self->question = plant_rpc_question_new (endpoint->host, on_answered, self);
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
  g_clear_pointer (&self->question, plant_rpc_question_free);
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

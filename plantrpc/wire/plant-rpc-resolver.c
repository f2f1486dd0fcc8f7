/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* for EAI_NODATA */
#include "config.h"

#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>

#include "plant-rpc-resolver-private.h"

/* GResolver treats numbers, “localhost” and names in other scripts. This type asks the system for
 * all other names. */
typedef GResolver PlantRpcResolver;
typedef GResolverClass PlantRpcResolverClass;

static GType plant_rpc_resolver_get_type (void);

G_DEFINE_FINAL_TYPE (PlantRpcResolver, plant_rpc_resolver, G_TYPE_RESOLVER)

/* The index of the link on which a GInetAddress is valid, which older ones cannot hold. */
static GQuark
scope_quark (void)
{
  return g_quark_from_static_string ("plantrpc-scope");
}

static GInetAddress *
wrap (const struct addrinfo *info)
{
  g_autoptr (GSocketAddress) place =
      g_socket_address_new_from_native (info->ai_addr, info->ai_addrlen);
  GInetAddress *address;

  if (!G_IS_INET_SOCKET_ADDRESS (place))
    return NULL;
  address = g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (place)));
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6)
    g_object_set_qdata (
        G_OBJECT (address), scope_quark (),
        GUINT_TO_POINTER (g_inet_socket_address_get_scope_id (G_INET_SOCKET_ADDRESS (place))));
  return address;
}

static GList *
wrap_all (const struct addrinfo *found)
{
  GList *list = NULL;

  for (const struct addrinfo *one = found; one != NULL; one = one->ai_next)
    {
      GInetAddress *address = wrap (one);

      if (address != NULL)
        list = g_list_prepend (list, address);
    }
  return g_list_reverse (list);
}

static GResolverError
get_code (int failure)
{
  switch (failure)
    {
    case EAI_NONAME:
    case EAI_NODATA:
    case EAI_FAIL:
      return G_RESOLVER_ERROR_NOT_FOUND;
    case EAI_AGAIN:
      return G_RESOLVER_ERROR_TEMPORARY_FAILURE;
    default:
      return G_RESOLVER_ERROR_INTERNAL;
    }
}

static GList *
plant_rpc_resolver_lookup_by_name (GResolver     *resolver,
                                   const char    *name,
                                   GCancellable  *cancellable,
                                   GError       **error)
{
  const struct addrinfo hints = { .ai_flags = AI_ADDRCONFIG,
                                  .ai_socktype = SOCK_STREAM,
                                  .ai_protocol = IPPROTO_TCP };
  struct addrinfo *found = NULL;
  int failure = getaddrinfo (name, NULL, &hints, &found);
  GList *list;

  if (failure != 0)
    {
      g_set_error_literal (error, G_RESOLVER_ERROR, (int) get_code (failure),
                           gai_strerror (failure));
      return NULL;
    }
  list = wrap_all (found);
  freeaddrinfo (found);
  if (list == NULL)
    g_set_error_literal (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
                         gai_strerror (EAI_NODATA));
  return list;
}

static void
plant_rpc_resolver_class_init (PlantRpcResolverClass *klass)
{
  klass->lookup_by_name = plant_rpc_resolver_lookup_by_name;
}

static void
plant_rpc_resolver_init (PlantRpcResolver *self)
{
}

static GResolver *
choose (void)
{
  g_autoptr (GResolver) set = g_resolver_get_default ();

  if (g_strcmp0 (G_OBJECT_TYPE_NAME (set), "GThreadedResolver") != 0)
    return g_steal_pointer (&set);
  return g_object_new (plant_rpc_resolver_get_type (), NULL);
}

static char *
print (GInetAddress *address)
{
  const guint scope =
      GPOINTER_TO_UINT (g_object_get_qdata (G_OBJECT (address), scope_quark ()));
  g_autofree char *text = g_inet_address_to_string (address);
  char name[IF_NAMESIZE];

  if (scope == 0 || !g_inet_address_get_is_link_local (address) ||
      if_indextoname (scope, name) == NULL)
    return g_steal_pointer (&text);
  return g_strconcat (text, "%", name, NULL);
}

GPtrArray *
plant_rpc_resolver_look_up (const char    *host,
                            GCancellable  *cancellable,
                            GError       **error)
{
  g_autoptr (GResolver) resolver = choose ();
  GList *found = g_resolver_lookup_by_name (resolver, host, cancellable, error);
  GPtrArray *list;

  if (found == NULL)
    return NULL;
  list = g_ptr_array_new_with_free_func (g_free);
  for (GList *l = found; l != NULL; l = l->next)
    g_ptr_array_add (list, print (l->data));
  g_resolver_free_addresses (found);
  return list;
}

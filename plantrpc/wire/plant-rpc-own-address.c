/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "plant-rpc-home-private.h"
#include "plant-rpc-lookup-private.h"
#include "plant-rpc-own-address-private.h"

/* ms that the look-up of a name may take */
#define LOOKUP_MS 5000

/* How good an address is to listen at. */
typedef enum {
  WORTH_NOTHING, /* this computer does not have it */
  WORTH_LOCAL_IPV6,
  WORTH_LOCAL_IPV4,
  WORTH_IPV6,
  WORTH_IPV4,
} Worth;

static gboolean
can_be_bound (GInetAddress *address)
{
  g_autoptr (GSocketAddress) place = g_inet_socket_address_new (address, 0);
  g_autoptr (GSocket) socket =
      g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM,
                    G_SOCKET_PROTOCOL_TCP, NULL);

  return socket != NULL && g_socket_bind (socket, place, FALSE, NULL);
}

/* An address that is valid on one link only cannot be used without the name of that link. */
static Worth
rate (GInetAddress *address)
{
  const gboolean ipv4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;

  if ((!ipv4 && g_inet_address_get_is_link_local (address)) || !can_be_bound (address))
    return WORTH_NOTHING;
  if (g_inet_address_get_is_loopback (address))
    return ipv4 ? WORTH_LOCAL_IPV4 : WORTH_LOCAL_IPV6;
  return ipv4 ? WORTH_IPV4 : WORTH_IPV6;
}

/* Returns the best of ADDRESSES (element-type utf8), or NULL if none is of this computer. */
static const char *
choose (GPtrArray *addresses)
{
  const char *best = NULL;
  Worth most = WORTH_NOTHING;

  for (guint i = 0; i < addresses->len; i++)
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (addresses->pdata[i]);
      Worth worth = address != NULL ? rate (address) : WORTH_NOTHING;

      if (worth <= most)
        continue;
      most = worth;
      best = addresses->pdata[i];
    }
  return best;
}

/* ---- the addresses of a name */

static void
ignore_answer (gpointer owner)
{
}

/* Waits until the look-up is over, but at most LOOKUP_MS, or until CANCELLABLE is cancelled.
 * Signals do not end it. A name server may be slow, so other threads are not kept away. */
static void
wait_outside (PlantRpcLookup *lookup,
              GCancellable   *cancellable)
{
  g_auto (PlantRpcOutside) outside = plant_rpc_home_step_out ();
  const gint64 end = g_get_monotonic_time () + LOOKUP_MS * 1000;
  const int fd = cancellable != NULL ? g_cancellable_get_fd (cancellable) : -1;
  zmq_pollitem_t items[2] = { { 0 }, { NULL, fd, ZMQ_POLLIN, 0 } };
  int result, n_items = fd >= 0 ? 2 : 1;
  gint64 left;

  plant_rpc_lookup_fill_poll (lookup, items);
  do
    {
      left = MAX (0, end - g_get_monotonic_time ());
      result = zmq_poll (items, n_items, (long) (left / 1000));
    }
  while (result < 0 && zmq_errno () == EINTR && left > 0);
  if (fd >= 0)
    g_cancellable_release_fd (cancellable);
}

/* Returns NULL with ERROR set if there is none. */
static GPtrArray *
look_up (const char  *host,
         GError     **error)
{
  GCancellable *cancellable = g_cancellable_get_current ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PlantRpcLookup) lookup =
      plant_rpc_lookup_new (host, context, ignore_answer, NULL, error);

  if (lookup == NULL)
    return NULL;
  wait_outside (lookup, cancellable);
  if (plant_rpc_lookup_is_over (lookup))
    return plant_rpc_lookup_list (lookup, error);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
                 _("The name server has not answered yet where “%s” is"), host);
  return NULL;
}

static GPtrArray *
list_of_interface (const char *name)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  struct ifaddrs *all = NULL;

  if (getifaddrs (&all) != 0)
    return list;
  for (struct ifaddrs *one = all; one != NULL; one = one->ifa_next)
    {
      const sa_family_t family = one->ifa_addr != NULL ? one->ifa_addr->sa_family : AF_UNSPEC;
      gsize size = family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6);
      g_autoptr (GSocketAddress) address = NULL;

      if (!g_str_equal (one->ifa_name, name) || (family != AF_INET && family != AF_INET6))
        continue;
      address = g_socket_address_new_from_native (one->ifa_addr, size);
      g_ptr_array_add (list, g_inet_address_to_string (g_inet_socket_address_get_address (
                                 G_INET_SOCKET_ADDRESS (address))));
    }
  freeifaddrs (all);
  return list;
}

/* ---- all */

static gboolean
fail (const PlantRpcEndpoint  *given,
      const GError            *reason,
      GError                 **error)
{
  g_autofree char *url = plant_rpc_endpoint_print (given, 0);

  if (reason == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 /* Translators: an address, and the name of another computer */
                 _("Cannot listen at “%s”: no address of “%s” belongs to this computer"), url,
                 given->host);
  else if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND,
                 /* Translators: an address, and a name */
                 _("Cannot listen at “%s”: there is neither a host nor a network interface with "
                   "the name “%s”"), url, given->host);
  else
    g_set_error (error, reason->domain, reason->code,
                 /* Translators: an address, and the reason */
                 _("Cannot listen at “%s”: %s"), url, reason->message);
  return FALSE;
}

static gboolean
replace_name (PlantRpcEndpoint  *self,
              GError           **error)
{
  g_autoptr (GError) reason = NULL;
  const gboolean interface = if_nametoindex (self->host) != 0;
  g_autoptr (GPtrArray) list =
      interface ? list_of_interface (self->host) : look_up (self->host, &reason);
  char *address = list != NULL ? g_strdup (choose (list)) : NULL;

  /* libzmq may still know what to do with an interface. */
  if (address == NULL && interface)
    return TRUE;
  if (address == NULL)
    return fail (self, reason, error);
  g_free (self->host);
  self->host = address;
  return TRUE;
}

PlantRpcEndpoint *
plant_rpc_own_address_resolve (const PlantRpcEndpoint  *given,
                               GError                 **error)
{
  g_autofree char *url = plant_rpc_endpoint_print (given, 0);
  g_autoptr (PlantRpcEndpoint) self = plant_rpc_endpoint_parse (url, error);

  if (self == NULL || (plant_rpc_endpoint_has_name (self) && !replace_name (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

char *
plant_rpc_own_address_print (const PlantRpcEndpoint *given,
                             const PlantRpcEndpoint *resolved,
                             guint16                 port)
{
  const gboolean interface = plant_rpc_endpoint_has_name (given) &&
                             if_nametoindex (given->host) != 0;

  return plant_rpc_endpoint_print (interface ? resolved : given, port);
}

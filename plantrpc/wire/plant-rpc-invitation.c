/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <zmq.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-invitation-private.h"
#include "plant-rpc-key-wipe-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-text-private.h"

#define START PLANT_RPC_INVITATION_SCHEME "://"

/* ---- an address that others can reach */

static GInetAddress *
read_address (const struct ifaddrs *entry)
{
  const struct sockaddr *address = entry->ifa_addr;

  if (address == NULL || (entry->ifa_flags & IFF_UP) == 0 ||
      (entry->ifa_flags & IFF_LOOPBACK) != 0)
    return NULL;
  if (address->sa_family == AF_INET)
    return g_inet_address_new_from_bytes (
        (const guint8 *) &((const struct sockaddr_in *) address)->sin_addr, G_SOCKET_FAMILY_IPV4);
  if (address->sa_family == AF_INET6)
    return g_inet_address_new_from_bytes (
        (const guint8 *) &((const struct sockaddr_in6 *) address)->sin6_addr, G_SOCKET_FAMILY_IPV6);
  return NULL;
}

/* Returns the first address of FAMILY, or NULL. */
static char *
find_address (const struct ifaddrs *entries,
              GSocketFamily         family)
{
  for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
    {
      g_autoptr (GInetAddress) address = read_address (entry);

      if (address != NULL && g_inet_address_get_family (address) == family &&
          !g_inet_address_get_is_loopback (address) && !g_inet_address_get_is_link_local (address))
        return g_inet_address_to_string (address);
    }
  return NULL;
}

static char *
find_own_host (void)
{
  struct ifaddrs *entries = NULL;
  char *host = NULL;

  if (getifaddrs (&entries) == 0)
    {
      host = find_address (entries, G_SOCKET_FAMILY_IPV4);
      if (host == NULL)
        host = find_address (entries, G_SOCKET_FAMILY_IPV6);
      freeifaddrs (entries);
    }
  return host != NULL ? host : g_strdup (g_get_host_name ());
}

/* ---- the link */

static gboolean
check_endpoint (const PlantRpcEndpoint  *endpoint,
                const char              *url,
                GError                 **error)
{
  g_autofree char *shown = plant_rpc_text_show (url);

  if (!endpoint->tcp)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_URL,
                                 /* Translators: the address of a device */
                                 _("“%s” is reached from this computer only, so nobody can be "
                                   "invited to it by a link; allow keys instead"), shown);
  if (endpoint->key == NULL)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_URL,
                                 /* Translators: the address of a device */
                                 _("“%s” is not secured, so nobody needs to be invited"), shown);
  if (endpoint->port == 0)
    return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_URL,
                                 _("“%s” names no port to connect to"), shown);
  return TRUE;
}

/* TEXT has room for PLANT_RPC_PUBLIC_KEY_LENGTH characters and a NUL. */
static void
print_secret (PlantRpcKeypair *pair,
              char            *text)
{
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];

  zmq_z85_decode (bytes, plant_rpc_keypair_get_keys (pair)->secret_key);
  plant_rpc_public_key_print (bytes, text);
  plant_rpc_key_wipe (bytes, sizeof bytes);
}

char *
plant_rpc_invitation_print (const char       *url,
                            PlantRpcKeypair  *pair,
                            GError          **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, error);
  char secret[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  g_autofree char *host = NULL;
  g_autofree char *place = NULL;
  char *link;

  if (endpoint == NULL || !check_endpoint (endpoint, url, error))
    return NULL;
  host = plant_rpc_endpoint_is_wildcard (endpoint) ? find_own_host () : g_strdup (endpoint->host);
  place = plant_rpc_endpoint_print_at (endpoint, host, 0);
  print_secret (pair, secret);
  link = g_strconcat (START, place + strlen ("tcp://"), "/#", endpoint->key, ".", secret, NULL);
  plant_rpc_key_wipe (secret, sizeof secret);
  return link;
}

/* Returns FALSE if SECRET is none. */
static gboolean
make_pair (PlantRpcInvitation *self,
           const char         *secret)
{
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];
  g_auto (PlantRpcKeyText) keys = { 0 };

  if (strlen (secret) != PLANT_RPC_PUBLIC_KEY_LENGTH ||
      !plant_rpc_public_key_parse (secret, bytes))
    return FALSE;
  zmq_z85_encode (keys.secret_key, bytes, sizeof bytes);
  plant_rpc_key_wipe (bytes, sizeof bytes);
  if (zmq_curve_public (keys.public_key, keys.secret_key) == 0)
    self->pair = plant_rpc_keypair_new_from_keys (&keys, NULL);
  return self->pair != NULL;
}

/* PLACE is what stands between the scheme and the “#”. */
static gboolean
make_url (PlantRpcInvitation *self,
          char               *place,
          const char         *key)
{
  const gsize length = strlen (place);

  if (length > 0 && place[length - 1] == '/')
    place[length - 1] = '\0';
  if (strlen (key) != PLANT_RPC_PUBLIC_KEY_LENGTH || strpbrk (place, "/@?%") != NULL)
    return FALSE;
  self->url = g_strconcat ("tcp://", place, "#", key, NULL);
  return plant_rpc_endpoint_check_peer (self->url, NULL);
}

/* TEXT is a copy, which is taken apart. */
static gboolean
split (PlantRpcInvitation *self,
       char               *text)
{
  char *place = g_strstrip (text);
  char *key;
  char *escaped;
  char *secret;
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];

  if (g_ascii_strncasecmp (place, START, strlen (START)) != 0)
    return FALSE;
  place += strlen (START);
  key = strchr (place, '#');
  escaped = strstr (place, "%23");
  if (key == NULL && escaped != NULL)
    {
      /* Desktops that open links may take the “#” for one of a file name. */
      *escaped = '\0';
      key = escaped + 2;
    }
  secret = key != NULL ? strchr (key, '.') : NULL;
  if (secret == NULL)
    return FALSE;
  *key++ = '\0';
  *secret++ = '\0';
  return plant_rpc_public_key_parse (key, bytes) && make_url (self, place, key) &&
         make_pair (self, secret);
}

gboolean
plant_rpc_invitation_parse (PlantRpcInvitation  *self,
                            const char          *link,
                            GError             **error)
{
  const gsize size = strlen (link);
  char *text = g_strdup (link);
  const gboolean good = split (self, text);

  plant_rpc_key_wipe (text, size);
  g_free (text);
  if (good)
    return TRUE;
  plant_rpc_invitation_clear (self);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               /* Translators: what a link looks like */
               _("This is no invitation, or not all of one; it looks like %s"),
               START "HOST:PORT/#KEY.SECRET");
  return FALSE;
}

void
plant_rpc_invitation_clear (PlantRpcInvitation *self)
{
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->pair, plant_rpc_keypair_unref);
}

/* ---- names */

gboolean
plant_rpc_invitation_check_name (const char  *name,
                                 GError     **error)
{
  g_autofree char *shown = plant_rpc_text_escape (name);

  if (strlen (name) <= PLANT_RPC_MAX_JOIN_NAME && g_str_equal (name, shown))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                               "The name of who joins is one line of at most %d bytes",
                               PLANT_RPC_MAX_JOIN_NAME);
}

char *
plant_rpc_invitation_make_name (const char *name)
{
  g_autofree char *own = NULL;
  g_autofree char *shown = NULL;

  if (name == NULL)
    own = g_strconcat (g_get_user_name (), "@", g_get_host_name (), NULL);
  shown = plant_rpc_text_escape (name != NULL ? name : own);
  return g_strstrip (plant_rpc_text_shorten (shown, PLANT_RPC_MAX_JOIN_NAME));
}

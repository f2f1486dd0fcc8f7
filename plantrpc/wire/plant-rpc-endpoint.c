/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/un.h>

#include "plant-rpc-endpoint-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-public-key-private.h"
#include "plant-rpc-text-private.h"

#define MAX_HOST_LENGTH 253

static gboolean
fail (const char  *url,
      const char  *what,
      GError     **error)
{
  g_autofree char *shown = plant_rpc_text_show (url);

  /* Translators: an address, a key or the like, and what is wrong with it */
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_URL, _("“%s”: %s"), shown, what);
}

static gboolean
parse_path (PlantRpcEndpoint  *self,
            const char        *url,
            const char        *path,
            GError           **error)
{
  /* libzmq takes “*” for a path that it makes, which nobody would learn. */
  if (*path == '\0' || g_str_equal (path, "@") || g_str_equal (path, "*"))
    return fail (url, _("the path is missing"), error);
  if (strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    return fail (url, _("the path is too long for a socket"), error);

  self->path = g_strdup (path);
  return TRUE;
}

static gboolean
is_name (const char *host)
{
  for (const char *c = host; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && strchr (".-_", *c) == NULL)
        return FALSE;
    }
  return *host != '-' && *host != '.';
}

/* The address may have a zone, as in fe80::1%eth0. */
static gboolean
is_ipv6_literal (const char *host)
{
  g_autofree char *address = g_strndup (host, strcspn (host, "%"));
  const char *zone = host + strlen (address);

  return strchr (address, ':') != NULL && g_hostname_is_ip_address (address) &&
         (*zone == '\0' || (zone[1] != '\0' && is_name (zone + 1)));
}

/* Takes the host from the start of TEXT. Sets REST to what follows it: nothing, or a colon and the
 * port. */
static gboolean
parse_host (PlantRpcEndpoint  *self,
            const char        *url,
            const char        *authority,
            const char       **rest,
            GError           **error)
{
  if (*authority == '[')
    {
      const char *end = strchr (authority, ']');

      if (end == NULL)
        return fail (url, _("“]” is missing"), error);
      self->host = g_strndup (authority + 1, (gsize) (end - authority) - 1);
      *rest = end + 1;
      return is_ipv6_literal (self->host) || fail (url, _("no IPv6 address"), error);
    }

  *rest = authority + strcspn (authority, ":");
  self->host = g_strndup (authority, (gsize) (*rest - authority));
  if (is_ipv6_literal (authority))
    return fail (url, _("an IPv6 address needs brackets, as in tcp://[::1]:5000"), error);
  if (*self->host == '\0')
    return fail (url, _("the host is missing"), error);
  if (strlen (self->host) > MAX_HOST_LENGTH)
    return fail (url, _("the host is too long"), error);
  return g_str_equal (self->host, "*") || is_name (self->host) ||
         fail (url, _("no name or address of a host"), error);
}

static gboolean
parse_port (PlantRpcEndpoint  *self,
            const char        *url,
            const char        *text,
            GError           **error)
{
  guint64 port;

  if (g_str_equal (text, "*") || g_str_equal (text, "0"))
    {
      self->any_port = TRUE;
      return TRUE;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL))
    return fail (url, _("the port is no number from 1 to 65535"), error);
  self->port = (guint16) port;
  return TRUE;
}

static gboolean
parse_authority (PlantRpcEndpoint  *self,
                 const char        *url,
                 const char        *authority,
                 GError           **error)
{
  const char *rest = authority;
  g_auto (GStrv) ports = NULL;

  if (strchr (authority, '#') != NULL)
    return fail (url, _("what follows the “#” is no public key"), error);
  if (!parse_host (self, url, authority, &rest, error))
    return FALSE;
  if (*rest == '\0')
    return TRUE;
  if (*rest != ':')
    return fail (url, _("something follows the host"), error);

  ports = g_strsplit (rest + 1, ":", 3);
  if (g_strv_length (ports) > 2 ||
      (g_strv_length (ports) == 2 && !g_str_equal (ports[0], ports[1])))
    return fail (url, _("there is more than one port"), error);
  return parse_port (self, url, ports[0] != NULL ? ports[0] : "", error);
}

/* Returns the end of what is before the key. The path of an ipc socket may have a “#” of its own.
 * KEY is set if there is one. */
static const char *
find_key (const char *text,
          char      **key)
{
  const char *mark = strrchr (text, '#');
  guint8 bytes[PLANT_RPC_PUBLIC_KEY_SIZE];

  if (mark == NULL || !plant_rpc_public_key_parse (mark + 1, bytes))
    return text + strlen (text);
  *key = g_malloc (PLANT_RPC_PUBLIC_KEY_LENGTH + 1);
  plant_rpc_public_key_print (bytes, *key);
  return mark;
}

char *
plant_rpc_endpoint_strip_key (const char *url)
{
  g_autofree char *key = NULL;

  return g_strndup (url, (gsize) (find_key (url, &key) - url));
}

PlantRpcEndpoint *
plant_rpc_endpoint_parse (const char  *url,
                          GError     **error)
{
  g_autoptr (PlantRpcEndpoint) self = g_new0 (PlantRpcEndpoint, 1);
  const char *rest = strstr (url, "://");
  g_autofree char *scheme = rest != NULL ? g_ascii_strdown (url, rest - url) : NULL;
  g_autofree char *place = NULL;
  gboolean good;

  if (rest != NULL)
    place = g_strndup (rest + 3, (gsize) (find_key (rest + 3, &self->key) - rest - 3));
  self->tcp = g_strcmp0 (scheme, "tcp") == 0;
  if (rest == NULL)
    good = fail (url, _("no url, such as tcp://192.168.1.5:5000 or ipc:///run/camera"), error);
  else if (self->tcp)
    good = parse_authority (self, url, place, error);
  else if (g_str_equal (scheme, "ipc"))
    good = parse_path (self, url, place, error);
  else
    good = fail (url, _("the scheme is neither tcp nor ipc"), error);
  return good ? g_steal_pointer (&self) : NULL;
}

gboolean
plant_rpc_endpoint_check_peer (const char  *url,
                               GError     **error)
{
  g_autoptr (PlantRpcEndpoint) endpoint = plant_rpc_endpoint_parse (url, error);

  if (endpoint == NULL)
    return FALSE;
  if (endpoint->tcp && endpoint->port == 0)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL,
                 _("“%s” names no port to connect to"), url);
  else if (g_strcmp0 (endpoint->host, "*") == 0)
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL,
                 _("“%s” names no host to connect to"), url);
  else
    return TRUE;
  return FALSE;
}

void
plant_rpc_endpoint_free (PlantRpcEndpoint *self)
{
  g_free (self->host);
  g_free (self->path);
  g_free (self->key);
  g_free (self);
}

char *
plant_rpc_endpoint_print (const PlantRpcEndpoint *self,
                          guint16                 port)
{
  g_autoptr (GString) url = NULL;
  guint16 shown = port != 0 ? port : self->port;

  if (!self->tcp)
    return g_strconcat ("ipc://", self->path, NULL);

  url = g_string_new (NULL);
  g_string_printf (url, plant_rpc_endpoint_is_ipv6 (self) ? "tcp://[%s]" : "tcp://%s", self->host);
  if (shown != 0)
    g_string_append_printf (url, ":%u", shown);
  else if (self->any_port)
    g_string_append (url, ":*");
  return g_string_free (g_steal_pointer (&url), FALSE);
}

char *
plant_rpc_endpoint_print_at (const PlantRpcEndpoint *self,
                             const char             *host,
                             guint16                 port)
{
  PlantRpcEndpoint other = *self;

  other.host = (char *) host;
  return plant_rpc_endpoint_print (&other, port);
}

char *
plant_rpc_endpoint_print_whole (const PlantRpcEndpoint *self,
                                const char             *host,
                                guint16                 port)
{
  g_autofree char *url = plant_rpc_endpoint_print_at (self, host, port);

  return self->key != NULL ? g_strconcat (url, "#", self->key, NULL) : g_steal_pointer (&url);
}

gboolean
plant_rpc_endpoint_is_wildcard (const PlantRpcEndpoint *self)
{
  g_autoptr (GInetAddress) address = NULL;

  if (!self->tcp)
    return FALSE;
  if (g_str_equal (self->host, "*"))
    return TRUE;
  address = g_inet_address_new_from_string (self->host);
  return address != NULL && g_inet_address_get_is_any (address);
}

gboolean
plant_rpc_endpoint_is_ipv6 (const PlantRpcEndpoint *self)
{
  return self->tcp && strchr (self->host, ':') != NULL;
}

gboolean
plant_rpc_endpoint_is_loopback (const PlantRpcEndpoint *self)
{
  g_autoptr (GInetAddress) address = NULL;

  if (!self->tcp)
    return FALSE;
  if (g_ascii_strcasecmp (self->host, "localhost") == 0)
    return TRUE;
  address = g_inet_address_new_from_string (self->host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

gboolean
plant_rpc_endpoint_has_name (const PlantRpcEndpoint *self)
{
  return self->tcp && !plant_rpc_endpoint_is_ipv6 (self) && !g_str_equal (self->host, "*") &&
         !g_hostname_is_ip_address (self->host);
}

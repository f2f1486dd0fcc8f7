/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-address.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-failure.h"
#include "tool-known.h"
#include "tool-registry.h"

gboolean
tool_address_is_url (const char *text)
{
  const char *scheme = strstr (text, "://");
  const char *at = strchr (text, '@');

  return scheme != NULL && (at == NULL || scheme < at);
}

/* Whether other computers reach a server that listens at URL. */
gboolean
tool_address_is_reached_by_others (const char *url)
{
  g_autofree char *host = NULL;
  g_autoptr (GInetAddress) address = NULL;
  const char *end;

  if (!g_str_has_prefix (url, "tcp://"))
    return FALSE;
  url += strlen ("tcp://");
  end = *url == '[' ? strchr (url, ']') : strchr (url, ':');
  url += *url == '[' ? 1 : 0;
  host = end != NULL ? g_strndup (url, (gsize) (end - url)) : g_strdup (url);
  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return FALSE;
  address = g_inet_address_new_from_string (host);
  return address == NULL || !g_inet_address_get_is_loopback (address);
}

static char *
look_up (Tool       *tool,
         const char *text,
         const char *name,
         const char *registry_url)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcRegistryClient) registry =
      tool_registry_open (tool, registry_url, tool_get_time (tool, TOOL_DEFAULT_TIMEOUT), &error);
  g_autoptr (PlantRpcDevice) device = NULL;
  g_autofree char *names = NULL;
  g_autofree char *remedy = NULL;
  ToolFailure failure = { TOOL_EXIT_NOT_FOUND, TOOL_STAGE_RESOLVING, text, NULL, NULL, NULL, NULL };

  if (registry == NULL)
    {
      tool_registry_fail (tool, text, registry_url, error);
      return NULL;
    }
  device = tool_registry_find (registry, name);
  if (device != NULL && !tool_known_check (tool, text, device, registry_url))
    return NULL;
  if (device != NULL)
    return g_strdup (plant_rpc_device_get_url (device));
  names = tool_registry_name_all (registry);
  g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL,
               _("No “%s” is registered at “%s”"), name, registry_url);
  remedy = *names != '\0' ? g_strdup_printf (_("There are: %s."), names)
                          : g_strdup (_("No device is registered there."));
  failure.error = error;
  failure.remedy = remedy;
  tool_fail (tool, &failure);
  return NULL;
}

char *
tool_address_split (Tool        *tool,
                    const char  *text,
                    char       **registry_url)
{
  const char *at = strrchr (text, '@');

  *registry_url = tool_registry_dup_url (tool, at != NULL ? at + 1 : NULL);
  return at != NULL ? g_strndup (text, (gsize) (at - text)) : g_strdup (text);
}

/* The URL of what the user called a device: a URL, NAME@REGISTRY, or a NAME at the default
 * registry; NULL once it has been said why there is none. */
char *
tool_address_resolve (Tool       *tool,
                      const char *text)
{
  g_autofree char *name = NULL;
  g_autofree char *registry_url = NULL;

  if (tool_address_is_url (text))
    return g_strdup (text);
  name = tool_address_split (tool, text, &registry_url);
  return look_up (tool, text, name, registry_url);
}

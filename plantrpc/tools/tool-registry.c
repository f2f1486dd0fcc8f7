/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-registry.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-failure.h"
#include "tool-trust.h"

#define DEFAULT_PORT 5555 /* as in PLANT_RPC_REGISTRY_URL */

/* The key of a secured registry stays at the end. */
static char *
add_port (const char *url)
{
  const char *bracket = strrchr (url, ']');
  const gsize length = strcspn (url, "#");
  const char *colon = strchr (bracket != NULL ? bracket : strstr (url, "://") + 3, ':');

  if (colon != NULL && colon < url + length)
    return g_strdup (url);
  return g_strdup_printf ("%.*s:%d%s", (int) length, url, DEFAULT_PORT, url + length);
}

/* The URL of the registry that was GIVEN, or else that of --registry, of the environment, or the
 * usual one. HOST and HOST:PORT are short for a URL. */
char *
tool_registry_dup_url (Tool       *tool,
                       const char *given)
{
  const char *environment = g_getenv ("PLANTRPC_REGISTRY");
  g_autofree char *url = NULL;

  if (given == NULL)
    given = tool->registry;
  if (given == NULL && environment != NULL && *environment != '\0')
    given = environment;
  if (given == NULL)
    given = PLANT_RPC_REGISTRY_URL;
  url = strstr (given, "://") != NULL ? g_strdup (given) : g_strconcat ("tcp://", given, NULL);
  return g_str_has_prefix (url, "tcp://") ? add_port (url) : g_steal_pointer (&url);
}

static gboolean
is_settled (gpointer data)
{
  PlantRpcRegistryClient *registry = data;

  return plant_rpc_registry_client_get_state (registry) == PLANT_RPC_STATE_READY ||
         plant_rpc_registry_client_get_last_error (registry) != NULL;
}

/* A registry whose list is there. It fails at once where waiting would be in vain. */
PlantRpcRegistryClient *
tool_registry_open (Tool        *tool,
                    const char  *url,
                    int          timeout,
                    GError     **error)
{
  g_autoptr (PlantRpcRegistryClient) registry = plant_rpc_registry_client_new (url);
  const GError *reason;

  tool_run_until (tool, is_settled, registry, timeout);
  if (plant_rpc_registry_client_get_state (registry) == PLANT_RPC_STATE_READY)
    return g_steal_pointer (&registry);
  reason = plant_rpc_registry_client_get_last_error (registry);
  if (reason != NULL)
    g_propagate_error (error, g_error_copy (reason));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                 _("The registry at “%s” has not answered yet"), url);
  return NULL;
}

/* Says why there is no list of the registry at URL. */
ToolExit
tool_registry_fail (Tool         *tool,
                    const char   *device,
                    const char   *url,
                    const GError *error)
{
  ToolFailure failure = {
    .status = TOOL_EXIT_UNREACHABLE,
    .stage = TOOL_STAGE_RESOLVING,
    .device = device,
    .url = device != NULL ? NULL : url,
    .error = error,
  };

  g_autofree char *remedy = tool_trust_explain_registry (url, error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    {
      failure.status = TOOL_EXIT_REFUSED;
      failure.remedy = remedy;
    }
  else if (g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL))
    {
      failure.status = TOOL_EXIT_USAGE;
      failure.remedy = _("A registry is a URL such as tcp://HOST:PORT, or HOST, or HOST:PORT.");
    }
  else if (device == NULL)
    {
      failure.remedy = _("Start a registry with “plantrpc registry”, or name another with "
                         "--registry or PLANTRPC_REGISTRY.");
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    {
      failure.remedy = _("Give the URL of the device instead.");
    }
  else
    {
      failure.remedy = _("Start a registry with “plantrpc registry”, name another with --registry "
                         "or PLANTRPC_REGISTRY, or give the URL of the device.");
    }
  if (device == NULL)
    failure.stage = TOOL_STAGE_CONNECTING;
  return tool_fail (tool, &failure);
}

/* By name, or else the only one or first one of that type. */
PlantRpcDevice *
tool_registry_find (PlantRpcRegistryClient *registry,
                    const char             *name)
{
  GListModel *list = G_LIST_MODEL (registry);
  PlantRpcDevice *found = plant_rpc_registry_client_find_device (registry, name);

  if (found != NULL)
    return g_object_ref (found);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (list, i);

      if (g_str_equal (plant_rpc_device_get_device_type (device), name))
        return g_steal_pointer (&device);
    }
  return NULL;
}

/* For people: “a, b, c”. */
char *
tool_registry_name_all (PlantRpcRegistryClient *registry)
{
  GListModel *list = G_LIST_MODEL (registry);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (list, i);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", plant_rpc_device_get_name (device));
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

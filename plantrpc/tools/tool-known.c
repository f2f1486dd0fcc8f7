/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-known.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "tool-failure.h"
#include "tool-json.h"
#include "tool-table.h"
#include "tool-terminal.h"

#define MAX_ANSWER 16 /* bytes */

/* ---- a device that was found */

static const char *
get_key (const char *url)
{
  const char *mark = strrchr (url, '#');

  return mark != NULL ? mark + 1 : "";
}

static gboolean
can_ask (Tool *tool)
{
  return !tool->json && tool_terminal_is (stdin) && tool_terminal_is (stderr);
}

static gboolean
ask (PlantRpcDevice *device,
     const char     *registry_url)
{
  g_autofree char *name = plant_rpc_text_escape (plant_rpc_device_get_name (device));
  char answer[MAX_ANSWER] = "";

  fprintf (stderr,
           /* Translators: the name of a device, its public key, and the address of a registry */
           _("“%s” is not known yet. Its key is\n  %s\nsays the registry at “%s”, which is not "
             "secured.\nIs that the key of the device? Then it is remembered. [y/N] "),
           name, get_key (plant_rpc_device_get_url (device)), registry_url);
  fflush (stderr);
  if (fgets (answer, sizeof answer, stdin) == NULL)
    return FALSE;
  g_strstrip (answer);
  /* Translators: what a user types to say yes, in lower case */
  return g_ascii_strcasecmp (answer, "y") == 0 || g_ascii_strcasecmp (answer, "yes") == 0 ||
         g_strcmp0 (answer, _("y")) == 0;
}

static gboolean
remember (PlantRpcKnownDevices  *known,
          PlantRpcDevice        *device,
          GError               **error)
{
  return plant_rpc_known_devices_remember (known, plant_rpc_device_get_name (device),
                                           plant_rpc_device_get_url (device), error);
}

/* A registry that has proved who it is vouches for the key, also where nothing can be written. */
static gboolean
remember_secured (Tool                  *tool,
                  PlantRpcKnownDevices  *known,
                  PlantRpcDevice        *device,
                  GError               **error)
{
  g_autoptr (GError) failure = NULL;

  if (remember (known, device, &failure))
    return TRUE;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  tool_warn (tool, "%s", failure->message);
  return TRUE;
}

static gboolean
decide (Tool                  *tool,
        PlantRpcKnownDevices  *known,
        PlantRpcDevice        *device,
        const char            *registry_url,
        GError               **error)
{
  g_autoptr (GError) unknown = NULL;

  if (plant_rpc_known_devices_check (known, plant_rpc_device_get_name (device),
                                     plant_rpc_device_get_url (device), &unknown))
    return TRUE;
  if (g_error_matches (unknown, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      if (strchr (registry_url, '#') != NULL)
        return remember_secured (tool, known, device, error);
      if (tool->accept_new || (can_ask (tool) && ask (device, registry_url)))
        return remember (known, device, error);
    }
  g_propagate_error (error, g_steal_pointer (&unknown));
  return FALSE;
}

gboolean
tool_known_check (Tool           *tool,
                  const char     *device,
                  PlantRpcDevice *found,
                  const char     *registry_url)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_autoptr (GError) error = NULL;
  ToolFailure failure = { .status = TOOL_EXIT_REFUSED, .stage = TOOL_STAGE_RESOLVING,
                          .device = device };

  if (decide (tool, known, found, registry_url, &error))
    return TRUE;
  /* The text says what to do. */
  if (error->domain == G_IO_ERROR)
    error->code = G_IO_ERROR_PERMISSION_DENIED;
  failure.error = error;
  tool_fail (tool, &failure);
  return FALSE;
}

PlantRpcUnknownDevices
tool_known_get_policy (Tool *tool)
{
  return tool->accept_new ? PLANT_RPC_UNKNOWN_DEVICES_ACCEPT_NEW : PLANT_RPC_UNKNOWN_DEVICES_REFUSE;
}

/* ---- what is known */

static ToolExit
fail (Tool         *tool,
      const GError *error)
{
  ToolExit status = TOOL_EXIT_FAILED;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    status = TOOL_EXIT_NOT_FOUND;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT) ||
           g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL))
    status = TOOL_EXIT_USAGE;
  return tool_fail_error (tool, status, error);
}

ToolExit
tool_known_remember (Tool       *tool,
                     const char *name,
                     const char *url)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_autoptr (GError) error = NULL;

  return plant_rpc_known_devices_remember (known, name, url, &error) ? TOOL_EXIT_OK
                                                                     : fail (tool, error);
}

ToolExit
tool_known_forget (Tool       *tool,
                   const char *name)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_autoptr (GError) error = NULL;

  return plant_rpc_known_devices_forget (known, name, &error) ? TOOL_EXIT_OK : fail (tool, error);
}

static void
print_json (PlantRpcKnownDevices  *known,
            char                 **names)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  g_autofree char *text = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
      g_autofree char *url = plant_rpc_known_devices_lookup (known, names[i], NULL);

      g_variant_builder_add (&builder, "{sv}", "name", tool_json_string (names[i]));
      if (url != NULL)
        g_variant_builder_add (&builder, "{sv}", "url", tool_json_string (url));
      g_variant_builder_add (&list, "v", g_variant_builder_end (&builder));
    }
  text = tool_json_print (g_variant_builder_end (&list));
  tool_print ("%s\n", text);
}

static void
print_table (PlantRpcKnownDevices  *known,
             char                 **names)
{
  g_autoptr (ToolTable) rows = tool_table_new (2);

  tool_table_style (rows, 0, TOOL_STYLE_NAME);
  tool_table_keep (rows, 1);
  tool_table_add (rows, _("NAME"), _("URL"), NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *url = plant_rpc_known_devices_lookup (known, names[i], &error);

      tool_table_add (rows, names[i], url != NULL ? url : error->message, NULL);
    }
  tool_table_print (rows, "");
}

ToolExit
tool_known_list (Tool *tool)
{
  g_autoptr (PlantRpcKnownDevices) known = plant_rpc_known_devices_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = plant_rpc_known_devices_list_names (known, &error);

  if (names == NULL)
    return fail (tool, error);
  if (tool->json)
    print_json (known, names);
  else if (names[0] != NULL)
    print_table (known, names);
  else
    tool_warn (tool, _("no device is known"));
  return TOOL_EXIT_OK;
}

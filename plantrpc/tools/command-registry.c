/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "commands.h"
#include "serve-guard.h"
#include "tool-event.h"
#include "tool-failure.h"

static char *secured;

static void
on_added (GObject        *registry,
          PlantRpcDevice *device,
          gpointer        user_data)
{
  tool_event_print_device (user_data, "added", TOOL_STYLE_GOOD, device);
}

static void
on_removed (GObject        *registry,
            PlantRpcDevice *device,
            gpointer        user_data)
{
  tool_event_print_device (user_data, "removed", TOOL_STYLE_BAD, device);
}

static ToolExit
fail (Tool         *tool,
      const GError *error)
{
  const gboolean usage =
      g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME);

  return tool_fail_error (tool, usage ? TOOL_EXIT_USAGE : TOOL_EXIT_FAILED, error);
}

static ToolExit
run_registry (Tool  *tool,
              char **arguments)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (arguments[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (ServeGuard) guard = NULL;
  ToolEvent event = { .event = "listens", .style = TOOL_STYLE_HEADING };

  if ((secured != NULL && !plant_rpc_registry_secure (registry, secured, &error)) ||
      !plant_rpc_registry_start (registry, &error))
    return fail (tool, error);
  if (secured != NULL)
    guard = serve_guard_new (tool, plant_rpc_registry_get_authenticator (registry), secured);
  tool_catch_terminate (tool);
  event.name = plant_rpc_registry_get_url (registry);
  tool_event_print (tool, &event);
  g_signal_connect (registry, "device-added", G_CALLBACK (on_added), tool);
  g_signal_connect (registry, "device-removed", G_CALLBACK (on_removed), tool);
  tool_run (tool);
  g_signal_handlers_disconnect_by_data (registry, tool);
  plant_rpc_registry_stop (registry);
  return TOOL_EXIT_OK;
}

static const GOptionEntry registry_options[] = {
  { "secure", 'S', 0, G_OPTION_ARG_STRING, &secured,
    N_("Have this pair of keys, and let in only keys that are allowed"), N_("NAME") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_registry = {
  .name = "registry",
  .synopsis = N_("[URL]"),
  .summary = N_("run a registry"),
  .description = N_("The registry listens at tcp://127.0.0.1:5555, which only this machine "
                    "reaches,\nunless a URL is given, such as tcp://*:5555 for the network. It "
                    "prints which\ndevices appear and disappear. Without --secure, whoever reaches "
                    "the port may\nregister devices and list them.\n\n"
                    "With --secure the URL that is printed ends with the public key of the pair. "
                    "A\nviewer may list devices, an operator may register them, and an "
                    "administrator may\nremove those of others. A name belongs to the key that "
                    "registered it first, until\n“plantrpc keys release” releases it."),
  .entries = registry_options,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_REGISTRY },
  .run = run_registry,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "commands.h"
#include "tool-event.h"
#include "tool-failure.h"

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
run_registry (Tool  *tool,
              char **arguments)
{
  g_autoptr (PlantRpcRegistry) registry = plant_rpc_registry_new (arguments[0]);
  g_autoptr (GError) error = NULL;
  ToolEvent event = { .event = "listens", .style = TOOL_STYLE_HEADING };

  if (!plant_rpc_registry_start (registry, &error))
    return tool_fail_error (tool, g_error_matches (error, PLANT_RPC_ERROR,
                                                   PLANT_RPC_ERROR_INVALID_URL)
                                    ? TOOL_EXIT_USAGE : TOOL_EXIT_FAILED, error);
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

const ToolCommand command_registry = {
  .name = "registry",
  .synopsis = N_("[URL]"),
  .summary = N_("run a registry"),
  .description = N_("The registry listens at tcp://127.0.0.1:5555, which only this machine "
                    "reaches,\nunless a URL is given, such as tcp://*:5555 for the network. It "
                    "prints which\ndevices appear and disappear. It asks for no password: on a "
                    "network, whoever\nreaches the port may register devices and list them."),
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_REGISTRY },
  .run = run_registry,
};

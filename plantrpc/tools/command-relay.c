/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "serve-guard.h"
#include "tool-address.h"
#include "tool-event.h"
#include "tool-failure.h"
#include "tool-keypair.h"
#include "tool-serving.h"

static char *url;
static char *interface;
static char *name;
static char *device_type;
static char *secured;
static char **roles;
static gboolean allow_stop;

typedef struct {
  Tool           *tool;
  const char     *label; /* the device, as the user called it */
  PlantRpcRelay  *relay; /* (owned) */
  ServeGuard     *guard; /* (owned) (nullable): NULL if the relay is not secured */
  char           *told;  /* (owned) (nullable): why the device is not there, as told last */
} Relaying;

/* ---- what happens */

static void
tell (Relaying   *self,
      const char *event,
      ToolStyle   style,
      const char *reason)
{
  const ToolEvent line = {
    .event = event,
    .style = style,
    .name = self->label,
    .text = reason,
    .key = reason != NULL ? "reason" : NULL,
    .value = reason != NULL ? g_variant_new_string (reason) : NULL,
  };

  tool_event_print (self->tool, &line);
}

/* The reason may change while a device is gone, and is told again if it is one that waiting does
 * not mend. */
static void
tell_reason (Relaying   *self,
             const char *event)
{
  const GError *error = plant_rpc_relay_get_last_error (self->relay);
  const gboolean first = self->told == NULL;
  const gboolean refused =
      g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REFUSED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);

  if (error == NULL || g_strcmp0 (self->told, error->message) == 0)
    return;
  g_free (self->told);
  self->told = g_strdup (error->message);
  if (first || refused)
    tell (self, refused ? "refused" : event, TOOL_STYLE_BAD, error->message);
}

static void
on_ready (PlantRpcRelay *relay,
          GParamSpec    *pspec,
          gpointer       user_data)
{
  Relaying *self = user_data;

  g_clear_pointer (&self->told, g_free);
  if (plant_rpc_relay_is_ready (relay))
    tell (self, "ready", TOOL_STYLE_GOOD, NULL);
  else
    tell_reason (self, "gone");
}

static void
on_error (PlantRpcRelay *relay,
          GParamSpec    *pspec,
          gpointer       user_data)
{
  if (!plant_rpc_relay_is_ready (relay))
    tell_reason (user_data, "waits");
}

/* ---- making it */

static PlantRpcRelay *
make_relay (Tool                  *tool,
            const char            *device,
            PlantRpcInterfaceInfo *info)
{
  const char *listen = url != NULL ? url : "tcp://127.0.0.1:*";
  g_autofree char *registry = NULL;
  g_autofree char *device_name = NULL;

  if (tool_address_is_url (device))
    return g_object_new (PLANT_RPC_TYPE_RELAY, "device-url", device, "url", listen,
                         "device-interface", info, NULL);
  device_name = tool_address_split (tool, device, &registry);
  return g_object_new (PLANT_RPC_TYPE_RELAY, "device", device_name, "registry-url", registry,
                       "url", listen, "device-interface", info, NULL);
}

static ToolExit
set_role (Relaying   *self,
          const char *assignment)
{
  const char *equals = strrchr (assignment, '=');
  g_autofree char *member = equals != NULL ? g_strndup (assignment, equals - assignment) : NULL;
  PlantRpcRole role;

  if (member == NULL || *member == '\0' || !tool_keypair_parse_role (equals + 1, &role))
    return tool_fail_usage (self->tool, _("--member-role: “%s” is no MEMBER=ROLE"), assignment);
  plant_rpc_server_set_member_role (PLANT_RPC_SERVER (self->relay), member, role);
  return TOOL_EXIT_OK;
}

static ToolExit
prepare (Relaying *self)
{
  ToolExit status = TOOL_EXIT_OK;

  for (guint i = 0; status == TOOL_EXIT_OK && roles != NULL && roles[i] != NULL; i++)
    status = set_role (self, roles[i]);
  plant_rpc_server_set_allow_stop (PLANT_RPC_SERVER (self->relay), allow_stop);
  if (status == TOOL_EXIT_OK && secured != NULL)
    status = tool_serving_secure (self->tool, PLANT_RPC_SERVER (self->relay), secured,
                                  &self->guard);
  return status;
}

static ToolExit
serve (Relaying *self)
{
  PlantRpcServer *server = PLANT_RPC_SERVER (self->relay);
  ToolExit status = tool_serving_start (self->tool, server);

  if (status != TOOL_EXIT_OK)
    return status;
  tell (self, "connects", TOOL_STYLE_HEADING, NULL);
  tool_serving_announce (self->tool, server);
  g_signal_connect (self->relay, "notify::ready", G_CALLBACK (on_ready), self);
  g_signal_connect (self->relay, "notify::last-error", G_CALLBACK (on_error), self);
  if (name != NULL)
    tool_serving_register (self->tool, server, device_type != NULL ? device_type : "relay", name);
  tool_serving_run (self->tool, server);
  g_signal_handlers_disconnect_by_data (self->relay, self);
  return TOOL_EXIT_OK;
}

static ToolExit
run_relay (Tool  *tool,
           char **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file =
      interface != NULL ? g_file_new_for_commandline_arg (interface) : NULL;
  g_autoptr (PlantRpcInterfaceInfo) info =
      file != NULL ? plant_rpc_interface_info_new_from_file (file, &error) : NULL;
  g_autoptr (PlantRpcRelay) relay = NULL;
  Relaying self = { .tool = tool, .label = arguments[0] };
  ToolExit status;

  if (error != NULL)
    return tool_fail_error (tool, error->domain == PLANT_RPC_ERROR ? TOOL_EXIT_USAGE
                                                                   : TOOL_EXIT_FAILED, error);
  relay = make_relay (tool, arguments[0], info);
  self.relay = relay;
  if (g_error_matches (plant_rpc_relay_get_last_error (relay), PLANT_RPC_ERROR,
                       PLANT_RPC_ERROR_INVALID_URL))
    return tool_fail_error (tool, TOOL_EXIT_USAGE, plant_rpc_relay_get_last_error (relay));
  status = prepare (&self);
  if (status == TOOL_EXIT_OK)
    status = serve (&self);
  g_clear_pointer (&self.guard, serve_guard_free);
  g_free (self.told);
  return status;
}

static const GOptionEntry relay_options[] = {
  { "listen", 'l', 0, G_OPTION_ARG_STRING, &url, N_("Listen at this URL (tcp://127.0.0.1:*)"),
    N_("URL") },
  { "interface", 'i', 0, G_OPTION_ARG_FILENAME, &interface,
    N_("Offer what this interface file describes"), N_("FILE") },
  { "name", 'n', 0, G_OPTION_ARG_STRING, &name, N_("Register the relay under this name"),
    N_("NAME") },
  { "type", 'T', 0, G_OPTION_ARG_STRING, &device_type,
    N_("Register a device of this type (relay)"), N_("TYPE") },
  { "secure", 'S', 0, G_OPTION_ARG_STRING, &secured,
    N_("Have this pair of keys, and let in only keys that are allowed"), N_("NAME") },
  { "member-role", 'm', 0, G_OPTION_ARG_STRING_ARRAY, &roles,
    N_("Ask for this role to call the method or write the property"), N_("MEMBER=ROLE") },
  { "allow-stop", 0, 0, G_OPTION_ARG_NONE, &allow_stop, N_("Let clients stop the relay"), NULL },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_relay = {
  .name = "relay",
  .synopsis = N_("DEVICE"),
  .summary = N_("serve what another device offers"),
  .description = N_("The relay has one connection to the device, over any wire, and serves it to "
                    "any\nnumber of clients: as a secure front, to spare a weak device, or "
                    "between two\nnetworks. It waits for a device that is not there, and prints "
                    "when it comes and\ngoes. What an older device offers follows from its "
                    "values, unless --interface\ndescribes it."),
  .entries = relay_options,
  .n_min = 1,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_DEVICE },
  .run = run_relay,
};

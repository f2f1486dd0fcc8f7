/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "mock-console.h"
#include "mock-methods.h"
#include "mock-store.h"
#include "mock.h"
#include "serve-guard.h"
#include "tool-event.h"
#include "tool-failure.h"
#include "tool-json.h"
#include "tool-serving.h"
#include "tool-value.h"

static char *url;
static char *name;
static char *device_type;
static char *remember;
static char *secured;
static char *unsecured_url;
static gboolean allow_stop;
static char **assignments;
static char **replies;
static char **failures;
static char **delays;

typedef struct {
  Tool                  *tool;
  PlantRpcInterfaceInfo *info;   /* (owned) */
  GObject               *object; /* (owned) */
  PlantRpcServer        *server; /* (owned) */
  MockStore             *store;  /* (owned) (nullable) */
  ServeGuard            *guard;  /* (owned) (nullable): NULL if the server is not secured */
} Serving;

static gboolean
on_write (PlantRpcInvocation  *invocation,
          const char          *property,
          GVariant            *value,
          gpointer             user_data,
          GError             **error)
{
  Serving *self = user_data;
  g_autofree char *text = tool_value_print (value);
  PlantRpcPropertyInfo *info = plant_rpc_interface_info_lookup_property (self->info, property);
  const ToolEvent event = {
    .event = "set",
    .style = TOOL_STYLE_GOOD,
    .name = plant_rpc_property_info_get_wire_name (info),
    .text = text,
    .key = "value",
    .value = value,
  };

  tool_event_print (self->tool, &event);
  if (self->store != NULL)
    mock_store_note (self->store, event.name, value);
  return TRUE;
}

static ToolExit
assign (Serving    *self,
        const char *assignment)
{
  const char *equals = strchr (assignment, '=');
  g_autofree char *property = equals != NULL ? g_strndup (assignment, equals - assignment) : NULL;
  PlantRpcPropertyInfo *info = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;

  if (property != NULL)
    info = plant_rpc_interface_info_lookup_property (self->info, property);
  if (info == NULL)
    return tool_fail_usage (self->tool, _("--set: “%s” is no PROPERTY=VALUE of the interface"),
                            assignment);
  value = tool_value_parse_for (info, equals + 1, &error);
  if (value != NULL && mock_set_property (self->object, plant_rpc_property_info_get_name (info),
                                          value, &error))
    return TOOL_EXIT_OK;
  g_prefix_error (&error, "--set %s: ", property);
  return tool_fail_error (self->tool, TOOL_EXIT_USAGE, error);
}

/* The server takes its interface from the mock, which has no roles. */
static void
set_roles (Serving *self)
{
  g_auto (GStrv) methods = plant_rpc_interface_info_list_methods (self->info);
  g_auto (GStrv) properties = plant_rpc_interface_info_list_properties (self->info);

  for (guint i = 0; methods[i] != NULL; i++)
    plant_rpc_server_set_member_role (
        self->server, methods[i],
        plant_rpc_method_info_get_role (
            plant_rpc_interface_info_lookup_method (self->info, methods[i])));
  for (guint i = 0; properties[i] != NULL; i++)
    plant_rpc_server_set_member_role (
        self->server, properties[i],
        plant_rpc_property_info_get_role (
            plant_rpc_interface_info_lookup_property (self->info, properties[i])));
}

static ToolExit
secure (Serving *self)
{
  set_roles (self);
  plant_rpc_server_set_unsecured_url (self->server, unsecured_url);
  return tool_serving_secure (self->tool, self->server, secured, &self->guard);
}

/* What the command line says of the mock. */
static ToolExit
prepare (Serving *self)
{
  g_autoptr (GError) error = NULL;
  ToolExit status = TOOL_EXIT_OK;

  if (self->store != NULL && !mock_store_load (self->store, self->info, self->object, &error))
    return tool_fail_error (self->tool, TOOL_EXIT_FAILED, error);
  for (guint i = 0; status == TOOL_EXIT_OK && assignments != NULL && assignments[i] != NULL; i++)
    status = assign (self, assignments[i]);
  if (status == TOOL_EXIT_OK)
    status = mock_methods_register (self->tool, self->server, self->info, replies, failures,
                                    delays);
  plant_rpc_server_set_write_handler (self->server, on_write, self, NULL);
  plant_rpc_server_set_allow_stop (self->server, allow_stop);
  if (status == TOOL_EXIT_OK && secured != NULL)
    return secure (self);
  if (status == TOOL_EXIT_OK && unsecured_url != NULL)
    return tool_fail_usage (self->tool, _("--unsecured-url is for a device with --secure"));
  return status;
}

static ToolExit
serve (Serving *self)
{
  Tool *tool = self->tool;
  ToolExit status = tool_serving_start (tool, self->server);

  if (status != TOOL_EXIT_OK)
    return status;
  tool_serving_announce (tool, self->server);
  if (name != NULL)
    tool_serving_register (tool, self->server, device_type != NULL ? device_type : "mock", name);
  mock_console_open (tool, self->info, self->object, self->store);
  tool_serving_run (tool, self->server);
  return TOOL_EXIT_OK;
}

static ToolExit
run_serve (Tool  *tool,
           char **arguments)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (arguments[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcInterfaceInfo) info = plant_rpc_interface_info_new_from_file (file, &error);
  g_autoptr (GObject) object = info != NULL ? mock_new (info, &error) : NULL;
  g_autoptr (PlantRpcServer) server = NULL;
  g_autoptr (MockStore) store = NULL;
  Serving self = { .tool = tool, .info = info, .object = object };
  ToolExit status;

  if (object == NULL)
    return tool_fail_error (tool, error->domain == PLANT_RPC_ERROR ? TOOL_EXIT_USAGE
                                                                   : TOOL_EXIT_FAILED, error);
  server = plant_rpc_server_new (object, url != NULL ? url : "tcp://127.0.0.1:*");
  self.server = server;
  store = remember != NULL ? mock_store_new (tool, remember) : NULL;
  self.store = store;
  status = prepare (&self);
  if (status == TOOL_EXIT_OK)
    status = serve (&self);
  g_clear_pointer (&self.guard, serve_guard_free);
  return status;
}

static const GOptionEntry serve_options[] = {
  { "url", 'u', 0, G_OPTION_ARG_STRING, &url,
    N_("Listen at this URL (tcp://127.0.0.1:*)"), N_("URL") },
  { "name", 'n', 0, G_OPTION_ARG_STRING, &name, N_("Register the device under this name"),
    N_("NAME") },
  { "type", 'T', 0, G_OPTION_ARG_STRING, &device_type, N_("Register a device of this type (mock)"),
    N_("TYPE") },
  { "set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &assignments, N_("Start with this value"),
    N_("PROPERTY=VALUE") },
  { "remember", 'R', 0, G_OPTION_ARG_FILENAME, &remember,
    N_("Keep values in this file until the next start"), N_("FILE") },
  { "reply", 'y', 0, G_OPTION_ARG_STRING_ARRAY, &replies,
    N_("Return this JSON, or the bytes of @FILE"), N_("METHOD=VALUE") },
  { "fail", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &failures,
    N_("Let the method fail with this message"), N_("METHOD=MESSAGE") },
  { "delay", 'd', 0, G_OPTION_ARG_STRING_ARRAY, &delays, N_("Let the method take this time"),
    N_("METHOD=SECONDS") },
  { "secure", 'S', 0, G_OPTION_ARG_STRING, &secured,
    N_("Have this pair of keys, and let in only keys that are allowed"), N_("NAME") },
  { "unsecured-url", 'U', 0, G_OPTION_ARG_STRING, &unsecured_url,
    N_("Let in everybody at this URL, too, as an operator"), N_("URL") },
  { "allow-stop", 0, 0, G_OPTION_ARG_NONE, &allow_stop, N_("Let clients stop the device"), NULL },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_serve = {
  .name = "serve",
  .synopsis = N_("FILE"),
  .summary = N_("serve a mock of the device in an interface file"),
  .description = N_("The mock remembers the values that are written to its properties. Its "
                    "methods\nreturn null or an empty buffer, unless --reply, --fail or --delay "
                    "change that.\nThe command prints what happens. On standard input it reads "
                    "the lines\n“set PROPERTY VALUE” and “emit SIGNAL ARGUMENT…”.\n\n"
                    "With --secure the URL that is printed ends with the public key of the "
                    "pair, and\nthe command tells which clients it refuses, and how to allow "
                    "them."),
  .entries = serve_options,
  .n_min = 1,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_FILE },
  .run = run_serve,
};

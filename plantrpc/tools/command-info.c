/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "commands.h"
#include "tool-device.h"
#include "tool-json-layout.h"
#include "tool-json.h"
#include "tool-keypair.h"
#include "tool-signature.h"
#include "tool-table.h"
#include "tool-trust.h"
#include "tool-value.h"

static gboolean as_interface;

/* Of this client. */
/* Where nothing is secured, everybody is an administrator. */
static gboolean
has_roles (ToolDevice *device)
{
  return tool_trust_is_secured (device->client) ||
         plant_rpc_client_get_role (device->client) < PLANT_RPC_ROLE_ADMINISTRATOR;
}

static const char *
get_role_name (ToolDevice *device)
{
  return tool_keypair_name_role (plant_rpc_client_get_role (device->client));
}

/* ---- for programs */

/* Values that are known, and why others are not: both are a{sv}. */
static void
describe_values (Tool            *tool,
                 ToolDevice      *device,
                 GVariantBuilder *values,
                 GVariantBuilder *failures)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);

  for (guint i = 0; names[i] != NULL && !tool_is_interrupted (tool); i++)
    {
      PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (info, names[i]);
      const char *name = plant_rpc_property_info_get_wire_name (property);
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GError) error = NULL;

      if (!plant_rpc_property_info_get_readable (property))
        continue;
      value = tool_device_learn (tool, device, name, FALSE, &error);
      if (value != NULL)
        g_variant_builder_add (values, "{sv}", name, value);
      else
        g_variant_builder_add (failures, "{sv}", name, tool_json_string (error->message));
    }
}

static void
print_json (Tool       *tool,
            ToolDevice *device)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder failures = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char *name = plant_rpc_client_get_name (device->client);
  g_autofree char *interface = plant_rpc_interface_info_to_json (tool_device_get_info (device));
  g_autoptr (GVariant) parsed = tool_json_parse (interface, NULL);
  g_autofree char *text = NULL;

  g_variant_builder_add (&builder, "{sv}", "url", tool_json_string (device->url));
  g_variant_builder_add (&builder, "{sv}", "name", tool_json_string (name != NULL ? name : ""));
  g_variant_builder_add (&builder, "{sv}", "wire",
                         g_variant_new_string (tool_device_name_wire (device)));
  if (has_roles (device))
    g_variant_builder_add (&builder, "{sv}", "role",
                           g_variant_new_string (get_role_name (device)));
  g_variant_builder_add (&builder, "{sv}", "interface", parsed);
  describe_values (tool, device, &values, &failures);
  g_variant_builder_add (&builder, "{sv}", "values", g_variant_builder_end (&values));
  g_variant_builder_add (&builder, "{sv}", "failures", g_variant_builder_end (&failures));
  text = tool_json_print (g_variant_builder_end (&builder));
  tool_print ("%s\n", text);
}

static void
print_interface (ToolDevice *device)
{
  g_autofree char *json = plant_rpc_interface_info_to_json (tool_device_get_info (device));
  g_autofree char *text = tool_json_lay_out (json);
  g_autofree char *clean = tool_json_escape (text);

  tool_print ("%s\n", clean);
}

/* ---- for people */

static void
print_heading (const char *text)
{
  tool_print ("\n%s%s%s\n", tool_terminal_style (stdout, TOOL_STYLE_HEADING), text,
              tool_terminal_style (stdout, TOOL_STYLE_PLAIN));
}

static void
print_head (ToolDevice *device)
{
  const char *name = plant_rpc_client_get_name (device->client);
  g_autofree char *clean = plant_rpc_text_escape (name != NULL ? name : "");
  g_autofree char *url = plant_rpc_text_escape (device->url);
  const char *plain = tool_terminal_style (stdout, TOOL_STYLE_PLAIN);

  tool_print ("%s%s%s%s%s  %s%s%s\n", tool_terminal_style (stdout, TOOL_STYLE_NAME), clean, plain,
              *clean != '\0' ? "  " : "", url, tool_terminal_style (stdout, TOOL_STYLE_DIM),
              tool_device_name_wire (device), plain);
  if (!has_roles (device))
    return;
  /* Translators: a role, as “viewer” */
  tool_print (_("This client has the role “%s”.\n"), get_role_name (device));
}

/* ---- roles that members ask for */

static const char *
print_role (PlantRpcRole role)
{
  return role != PLANT_RPC_ROLE_OPERATOR ? tool_keypair_name_role (role) : "";
}

/* Whether a property of a device with roles asks for another role than most do. */
static gboolean
shows_property_roles (ToolDevice *device)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);
  gboolean some = FALSE;

  for (guint i = 0; names[i] != NULL; i++)
    some |= *print_role (plant_rpc_property_info_get_role (
                plant_rpc_interface_info_lookup_property (info, names[i]))) != '\0';
  return some && has_roles (device);
}

static gboolean
shows_method_roles (ToolDevice *device)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_methods (info);
  gboolean some = FALSE;

  for (guint i = 0; names[i] != NULL; i++)
    some |= *print_role (plant_rpc_method_info_get_role (
                plant_rpc_interface_info_lookup_method (info, names[i]))) != '\0';
  return some && has_roles (device);
}

/* ---- members */

/* “still|video”, “0…359 int32”, or just the type. */
static char *
print_type (PlantRpcPropertyInfo *property)
{
  const char *const *choices = plant_rpc_property_info_get_choices (property);
  g_autofree char *name =
      tool_value_name_type (plant_rpc_property_info_get_type_string (property));
  GVariant *minimum = plant_rpc_property_info_get_minimum (property);
  GVariant *maximum = plant_rpc_property_info_get_maximum (property);
  g_autofree char *low = minimum != NULL ? tool_value_print (minimum) : g_strdup ("");
  g_autofree char *high = maximum != NULL ? tool_value_print (maximum) : g_strdup ("");

  if (choices != NULL)
    return g_strjoinv ("|", (char **) choices);
  if (minimum == NULL && maximum == NULL)
    return g_steal_pointer (&name);
  return g_strdup_printf ("%s %s…%s", name, low, high);
}

static const char *
print_access (PlantRpcPropertyInfo *property)
{
  if (!plant_rpc_property_info_get_writable (property))
    return _("read");
  return plant_rpc_property_info_get_readable (property) ? _("read, write") : _("write");
}

/* The value with its unit, or why it is not known. */
static char *
print_value (Tool                 *tool,
             ToolDevice           *device,
             PlantRpcPropertyInfo *property)
{
  const char *name = plant_rpc_property_info_get_wire_name (property);
  const char *unit = plant_rpc_property_info_get_unit (property);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autofree char *text = NULL;

  if (!plant_rpc_property_info_get_readable (property))
    return g_strdup (unit != NULL ? unit : "");
  value = tool_device_learn (tool, device, name, FALSE, &error);
  if (value == NULL)
    return g_strdup_printf (_("cannot be read: %s"), error->message);
  text = tool_value_print (value);
  return g_strdup_printf ("%s%s%s", text, unit != NULL ? " " : "", unit != NULL ? unit : "");
}

static void
add_property (Tool                 *tool,
              ToolTable            *table,
              ToolDevice           *device,
              PlantRpcPropertyInfo *property,
              gboolean              with_role)
{
  const char *name = plant_rpc_property_info_get_wire_name (property);
  const char *description = plant_rpc_property_info_get_description (property);
  g_autofree char *shown = print_value (tool, device, property);
  g_autofree char *type = print_type (property);

  if (with_role)
    tool_table_add (table, name, type, print_access (property),
                    print_role (plant_rpc_property_info_get_role (property)), shown,
                    description != NULL ? description : "", NULL);
  else
    tool_table_add (table, name, type, print_access (property), shown,
                    description != NULL ? description : "", NULL);
}

static void
print_properties (Tool       *tool,
                  ToolDevice *device)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);
  const gboolean with_roles = shows_property_roles (device);
  g_autoptr (ToolTable) table = tool_table_new (with_roles ? 6 : 5);

  if (names[0] == NULL)
    return;
  print_heading (_("PROPERTIES"));
  tool_table_style (table, 0, TOOL_STYLE_NAME);
  tool_table_style (table, with_roles ? 5 : 4, TOOL_STYLE_DIM);
  if (with_roles)
    tool_table_add (table, _("NAME"), _("TYPE"), _("ACCESS"), _("ROLE"), _("VALUE"),
                    _("DESCRIPTION"), NULL);
  else
    tool_table_add (table, _("NAME"), _("TYPE"), _("ACCESS"), _("VALUE"), _("DESCRIPTION"), NULL);
  for (guint i = 0; names[i] != NULL; i++)
    add_property (tool, table, device, plant_rpc_interface_info_lookup_property (info, names[i]),
                  with_roles);
  tool_table_print (table, "  ");
}

static char *
print_timeout (PlantRpcMethodInfo *method)
{
  int timeout = plant_rpc_method_info_get_timeout (method);

  return timeout < 0 ? g_strdup (_("none")) : g_strdup_printf (_("%g s"), timeout / 1000.0);
}

/* “buffer”, “double”; “value” is any. */
static char *
print_returned (PlantRpcMethodInfo *method)
{
  const char *type = plant_rpc_method_info_get_return_type (method);

  if (plant_rpc_method_info_get_buffer (method))
    return g_strdup (_("buffer"));
  if (type == NULL)
    return g_strdup (_("value"));
  return g_str_equal (type, "()") ? g_strdup (_("nothing")) : tool_value_name_type (type);
}

static void
add_method (ToolTable          *table,
            PlantRpcMethodInfo *method,
            gboolean            with_role)
{
  g_autofree char *parameters = tool_signature_dup_parameters (method);
  g_autofree char *returned = print_returned (method);
  g_autofree char *timeout = print_timeout (method);

  tool_table_add (table, plant_rpc_method_info_get_name (method),
                  parameters != NULL ? parameters : _("any"), returned, timeout,
                  with_role ? print_role (plant_rpc_method_info_get_role (method)) : NULL, NULL);
}

static void
print_methods (ToolDevice *device)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_methods (info);
  const gboolean with_roles = shows_method_roles (device);
  g_autoptr (ToolTable) table = tool_table_new (with_roles ? 5 : 4);

  if (names[0] == NULL)
    return;
  print_heading (_("METHODS"));
  tool_table_style (table, 0, TOOL_STYLE_NAME);
  tool_table_add (table, _("NAME"), _("ARGUMENTS"), _("RETURNS"), _("TIMEOUT"),
                  with_roles ? _("ROLE") : NULL, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    add_method (table, plant_rpc_interface_info_lookup_method (info, names[i]), with_roles);
  tool_table_print (table, "  ");
}

/* Those that tell of a property go without saying. */
static void
print_signals (ToolDevice *device)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_signals (info);
  g_autoptr (ToolTable) table = tool_table_new (2);
  gboolean some = FALSE;

  tool_table_style (table, 0, TOOL_STYLE_NAME);
  tool_table_add (table, _("NAME"), _("ARGUMENTS"), NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcSignalInfo *signal = plant_rpc_interface_info_lookup_signal (info, names[i]);
      const char *signature = plant_rpc_signal_info_get_signature (signal);

      if (plant_rpc_signal_info_get_property (signal) != NULL)
        continue;
      tool_table_add (table, plant_rpc_signal_info_get_wire_name (signal),
                      signature != NULL ? signature : _("any"), NULL);
      some = TRUE;
    }
  if (!some)
    return;
  print_heading (_("SIGNALS"));
  tool_table_print (table, "  ");
}

static ToolExit
run_info (Tool  *tool,
          char **arguments)
{
  g_autoptr (ToolDevice) device = tool_device_open (tool, arguments[0]);

  if (device == NULL)
    return tool->status;
  if (as_interface)
    {
      print_interface (device);
      return TOOL_EXIT_OK;
    }
  if (tool->json)
    {
      print_json (tool, device);
      return TOOL_EXIT_OK;
    }
  print_head (device);
  print_properties (tool, device);
  print_methods (device);
  print_signals (device);
  return TOOL_EXIT_OK;
}

static const GOptionEntry info_options[] = {
  { "interface", 'i', 0, G_OPTION_ARG_NONE, &as_interface,
    N_("Print an interface file for “plantrpc serve”"), NULL },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_info = {
  .name = "info",
  .synopsis = N_("DEVICE"),
  .summary = N_("describe a device: properties, methods, signals"),
  .entries = info_options,
  .n_min = 1,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_DEVICE },
  .run = run_info,
};

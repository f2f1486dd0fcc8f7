/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "tool-device.h"
#include "tool-json.h"
#include "tool-table.h"
#include "tool-value.h"

/* Properties of a device: get and set. */

#define MAX_PROPERTIES 1000

static void
print_object (const char *name,
              GVariant   *value,
              gpointer    builder)
{
  g_variant_builder_add (builder, "{sv}", name, value);
}

static void
print_row (const char *name,
           GVariant   *value,
           gpointer    table)
{
  g_autofree char *text = tool_value_print (value);

  tool_table_add (table, name, text, NULL);
}

typedef void (*Print) (const char *name,
                       GVariant   *value,
                       gpointer    data);

static void
print_all (ToolDevice *device,
           Print       print,
           gpointer    data)
{
  g_autoptr (GVariant) values = g_variant_ref_sink (tool_device_describe_values (device));
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    print (name, value, data);
}

static ToolExit
print_some (Tool        *tool,
            ToolDevice  *device,
            char       **names,
            Print        print,
            gpointer     data)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcPropertyInfo *property = tool_device_find_property (tool, device, names[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value = NULL;

      if (property == NULL)
        return tool->status;
      value = tool_device_read (tool, device, names[i], &error);
      if (value == NULL)
        return tool_device_fail_to_read (tool, device, names[i], error);
      print (plant_rpc_property_info_get_wire_name (property), value, data);
    }
  return TOOL_EXIT_OK;
}

static ToolExit
print_values (Tool        *tool,
              ToolDevice  *device,
              char       **names,
              Print        print,
              gpointer     data)
{
  if (names[0] != NULL)
    return print_some (tool, device, names, print, data);
  print_all (device, print, data);
  return TOOL_EXIT_OK;
}

/* The value alone, as it is, so that a script can take it. */
static void
print_alone (const char *name,
             GVariant   *value,
             gpointer    data)
{
  Tool *tool = data;
  g_autofree char *text = tool->json ? tool_json_print_value (value) : tool_value_print (value);
  g_autofree char *clean =
      tool_terminal_is (stdout) && !tool->json ? plant_rpc_text_escape (text) : NULL;

  tool_print ("%s\n", clean != NULL ? clean : text);
}

static ToolExit
run_get (Tool  *tool,
         char **arguments)
{
  g_autoptr (ToolDevice) device = tool_device_open (tool, arguments[0]);
  g_autoptr (GVariantBuilder) object = g_variant_builder_new (G_VARIANT_TYPE_VARDICT);
  g_autoptr (ToolTable) table = tool_table_new (2);
  g_autofree char *text = NULL;
  ToolExit status;

  if (device == NULL)
    return tool->status;
  if (arguments[1] != NULL && arguments[2] == NULL)
    return print_some (tool, device, arguments + 1, print_alone, tool);
  if (tool->json)
    {
      status = print_values (tool, device, arguments + 1, print_object, object);
      text = tool_json_print (g_variant_builder_end (object));
      if (status == TOOL_EXIT_OK)
        tool_print ("%s\n", text);
      return status;
    }
  tool_table_style (table, 0, TOOL_STYLE_NAME);
  tool_table_add (table, _("NAME"), _("VALUE"), NULL);
  status = print_values (tool, device, arguments + 1, print_row, table);
  if (status == TOOL_EXIT_OK)
    tool_table_print (table, "");
  return status;
}

const ToolCommand command_get = {
  .name = "get",
  .synopsis = N_("DEVICE [PROPERTY…]"),
  .summary = N_("read properties"),
  .description = N_("If one property is named, only its value is printed. Otherwise the command "
                    "prints\nthe named properties, or all if none is named, with their names."),
  .n_min = 1,
  .n_max = MAX_PROPERTIES,
  .arguments = { TOOL_ARGUMENT_DEVICE, TOOL_ARGUMENT_PROPERTY },
  .run = run_get,
};

/* ---- set */

static void
tell_outcome (Tool       *tool,
              const char *name,
              GVariant   *wanted,
              GVariant   *now)
{
  gboolean comparable;
  g_autofree char *text = now != NULL ? tool_value_print (now) : NULL;

  if (now == NULL)
    return;
  if (tool->json)
    {
      GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
      g_autofree char *json = NULL;

      g_variant_builder_add (&builder, "{sv}", name, now);
      json = tool_json_print (g_variant_builder_end (&builder));
      tool_print ("%s\n", json);
    }
  else if (tool_value_compare (wanted, now, &comparable) != 0)
    {
      tool_warn (tool, _("the device has made it %s: %s"), name, text);
    }
}

static ToolExit
write_one (Tool       *tool,
           ToolDevice *device,
           const char *name,
           const char *text)
{
  PlantRpcPropertyInfo *property = tool_device_find_property (tool, device, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) now = NULL;
  ToolFailure failure = { .status = TOOL_EXIT_USAGE, .device = device->label, .url = device->url,
                          .member = name };

  if (property == NULL)
    return tool->status;
  value = tool_value_parse_for (property, text, &error);
  failure.error = error;
  if (value == NULL)
    return tool_fail (tool, &failure);
  if (!tool_device_write (tool, device, name, value, &error))
    return tool_device_fail_to_write (tool, device, name, error);
  now = plant_rpc_client_get_cached_property (device->client, name);
  tell_outcome (tool, plant_rpc_property_info_get_wire_name (property), value, now);
  return TOOL_EXIT_OK;
}

static ToolExit
write_assigned (Tool       *tool,
                ToolDevice *device,
                const char *assignment)
{
  const char *equals = strchr (assignment, '=');
  g_autofree char *name = g_strndup (assignment, (gsize) (equals - assignment));

  return write_one (tool, device, name, equals + 1);
}

static ToolExit
run_set (Tool  *tool,
         char **arguments)
{
  g_autoptr (ToolDevice) device = NULL;
  gboolean pair = g_strv_length (arguments) == 3 && strchr (arguments[1], '=') == NULL;
  ToolExit status = TOOL_EXIT_OK;

  for (guint i = 1; !pair && arguments[i] != NULL; i++)
    {
      if (strchr (arguments[i], '=') == NULL)
        return tool_fail_usage (tool, _("expected PROPERTY VALUE or PROPERTY=VALUE…, got “%s”"),
                                arguments[i]);
    }
  device = tool_device_open (tool, arguments[0]);
  if (device == NULL)
    return tool->status;
  if (pair)
    return write_one (tool, device, arguments[1], arguments[2]);
  for (guint i = 1; arguments[i] != NULL && status == TOOL_EXIT_OK; i++)
    status = write_assigned (tool, device, arguments[i]);
  return status;
}

const ToolCommand command_set = {
  .name = "set",
  .synopsis = N_("DEVICE PROPERTY VALUE | DEVICE PROPERTY=VALUE…"),
  .summary = N_("write properties"),
  .description = N_("The type of the property decides how a value is read: text needs no quotes, "
                    "a\nlist of strings may be a,b,c, and any other value is JSON. The command "
                    "prints a\nvalue only if the device has changed it."),
  .n_min = 2,
  .n_max = MAX_PROPERTIES,
  .arguments = { TOOL_ARGUMENT_DEVICE, TOOL_ARGUMENT_ASSIGNMENT, TOOL_ARGUMENT_VALUE },
  .run = run_set,
};

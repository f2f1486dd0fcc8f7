/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "tool-compare.h"
#include "tool-device.h"
#include "tool-json.h"
#include "tool-table.h"
#include "tool-value.h"

/* Properties of a device: get and set. */

#define MAX_PROPERTIES 1000

/* ---- get */

/* The values of several properties: a table for people, an object for programs. */
typedef struct {
  Tool            *tool;
  ToolDevice      *device; /* (unowned) */
  ToolTable       *table;  /* (unowned) */
  GVariantBuilder *object; /* (unowned) */
  ToolExit         status; /* of the first property that cannot be read */
} Listing;

static void
list_value (Listing    *self,
            const char *name,
            GVariant   *value)
{
  g_autofree char *text = NULL;

  if (self->tool->json)
    {
      g_variant_builder_add (self->object, "{sv}", name, value);
      return;
    }
  text = tool_value_print (value);
  tool_table_add (self->table, name, text, NULL);
}

static void
list_failure (Listing      *self,
              const char   *name,
              const GError *error)
{
  ToolExit status = tool_device_exit_for_read (error);
  g_autofree char *text = NULL;

  if (self->tool->json || tool_is_interrupted (self->tool))
    status = tool_device_fail_to_read (self->tool, self->device, name, error);
  if (self->status == TOOL_EXIT_OK)
    self->status = status;
  /* Translators: in place of the value of a property, and why */
  text = g_strdup_printf (_("cannot be read: %s"), error->message);
  tool_table_add (self->table, name, text, NULL);
}

static void
list_property (Listing              *self,
               PlantRpcPropertyInfo *property,
               gboolean              fresh)
{
  const char *name = plant_rpc_property_info_get_wire_name (property);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = tool_device_learn (self->tool, self->device, name, fresh, &error);

  if (value != NULL)
    list_value (self, name, value);
  else
    list_failure (self, name, error);
}

static void
list_all (Listing *self)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (self->device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);

  for (guint i = 0; names[i] != NULL && !tool_is_interrupted (self->tool); i++)
    {
      PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (info, names[i]);

      if (plant_rpc_property_info_get_readable (property))
        list_property (self, property, FALSE);
    }
}

/* No name may be wrong, or nothing is read. */
static ToolExit
list_some (Listing  *self,
           char    **names)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (tool_device_find_property (self->tool, self->device, names[i]) == NULL)
        return self->tool->status;
    }
  for (guint i = 0; names[i] != NULL && !tool_is_interrupted (self->tool); i++)
    list_property (self, tool_device_find_property (self->tool, self->device, names[i]), TRUE);
  return TOOL_EXIT_OK;
}

static void
print_listing (Listing *self)
{
  g_autofree char *text = NULL;

  if (!self->tool->json)
    {
      tool_table_print (self->table, "");
      return;
    }
  text = tool_json_print (g_variant_builder_end (self->object));
  tool_print ("%s\n", text);
}

static ToolExit
get_several (Tool        *tool,
             ToolDevice  *device,
             char       **names)
{
  g_autoptr (GVariantBuilder) object = g_variant_builder_new (G_VARIANT_TYPE_VARDICT);
  g_autoptr (ToolTable) table = tool_table_new (2);
  Listing self = { .tool = tool, .device = device, .table = table, .object = object };
  ToolExit status = TOOL_EXIT_OK;

  tool_table_style (table, 0, TOOL_STYLE_NAME);
  tool_table_add (table, _("NAME"), _("VALUE"), NULL);
  if (names[0] == NULL)
    list_all (&self);
  else
    status = list_some (&self, names);
  if (status == TOOL_EXIT_OK && !tool_is_interrupted (tool))
    print_listing (&self);
  return status == TOOL_EXIT_OK ? self.status : status;
}

/* The value alone, as it is, so that a script can take it. */
static ToolExit
get_one (Tool       *tool,
         ToolDevice *device,
         const char *name)
{
  PlantRpcPropertyInfo *property = tool_device_find_property (tool, device, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autofree char *text = NULL;
  g_autofree char *clean = NULL;

  if (property == NULL)
    return tool->status;
  value = tool_device_read (tool, device, name, &error);
  if (value == NULL)
    return tool_device_fail_to_read (tool, device, name, error);
  text = tool->json ? tool_json_print_value (value) : tool_value_print (value);
  if (tool_terminal_is (stdout) && !tool->json)
    clean = plant_rpc_text_escape (text);
  tool_print ("%s\n", clean != NULL ? clean : text);
  return TOOL_EXIT_OK;
}

static ToolExit
run_get (Tool  *tool,
         char **arguments)
{
  g_autoptr (ToolDevice) device = tool_device_open (tool, arguments[0]);

  if (device == NULL)
    return tool->status;
  if (arguments[1] != NULL && arguments[2] == NULL)
    return get_one (tool, device, arguments[1]);
  return get_several (tool, device, arguments + 1);
}

const ToolCommand command_get = {
  .name = "get",
  .synopsis = N_("DEVICE [PROPERTY…]"),
  .summary = N_("read properties"),
  .description = N_("If one property is named, only its value is printed. Otherwise the command "
                    "prints\nthe named properties, or all if none is named, with their names. A "
                    "property that\ncannot be read says why; the others are printed, and the exit "
                    "status is that of\nthe error."),
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
  else if (tool_compare_values (wanted, now, &comparable) != 0)
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
  g_autoptr (GVariant) wanted = NULL;
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
  wanted = tool_compare_fit (property, value);
  tell_outcome (tool, plant_rpc_property_info_get_wire_name (property), wanted, now);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "commands.h"
#include "tool-device.h"
#include "tool-event.h"
#include "tool-value.h"

#define MAX_MEMBERS 1000

static int max_events = -1;
static gboolean initial;
static gboolean with_signals;

typedef struct {
  Tool           *tool;
  ToolDevice     *device;
  GHashTable     *members; /* (owned) (nullable) (element-type utf8): wire names; NULL for all */
  PlantRpcState   told;
  gboolean        refused; /* it was told that keys keep this client from the device */
  int             n_left;  /* events; less than 0 for any number */
} Monitor;

static void
print_event (Monitor   *self,
             ToolEvent *event)
{
  gboolean wanted = self->members == NULL || event->name == NULL ||
                    g_hash_table_contains (self->members, event->name);

  if (!wanted || self->n_left == 0)
    {
      g_variant_unref (g_variant_ref_sink (event->value));
      return;
    }
  tool_event_print (self->tool, event);
  if (self->n_left > 0)
    self->n_left--;
}

static void
print_property (Monitor          *self,
                PlantRpcProperty *property)
{
  g_autoptr (GVariant) value = plant_rpc_property_dup_value (property);
  g_autofree char *text = value != NULL ? tool_value_print (value) : NULL;
  ToolEvent event = {
    .event = "property",
    .style = TOOL_STYLE_GOOD,
    .name = plant_rpc_property_get_wire_name (property),
    .text = text,
    .key = "value",
    .value = value,
  };

  if (value == NULL)
    return;
  print_event (self, &event);
}

static void
on_value (PlantRpcProperty *property,
          GParamSpec       *pspec,
          gpointer          user_data)
{
  print_property (user_data, property);
}

/* Nothing is written here, so that a message tells why there is no value. */
static void
on_message (PlantRpcProperty *property,
            GParamSpec       *pspec,
            gpointer          user_data)
{
  const char *message = plant_rpc_property_get_message (property);
  ToolEvent event = { .event = "failed", .style = TOOL_STYLE_BAD,
                      .name = plant_rpc_property_get_wire_name (property), .text = message,
                      .key = "message" };

  if (message == NULL)
    return;
  event.value = g_variant_new_string (message);
  print_event (user_data, &event);
}

static void
on_signal (PlantRpcClient *client,
           const char     *name,
           GVariant       *args,
           gpointer        user_data)
{
  Monitor *self = user_data;
  PlantRpcSignalInfo *signal =
      plant_rpc_interface_info_lookup_signal (tool_device_get_info (self->device), name);
  g_autofree char *text = tool_value_print_args (args);
  ToolEvent event = { .event = "signal", .style = TOOL_STYLE_HEADING, .name = name, .text = text,
                      .key = "args", .value = args };

  if (signal != NULL && plant_rpc_signal_info_get_property (signal) != NULL)
    return;
  print_event (self, &event);
}

static void
on_lost (PlantRpcClient *client,
         guint64         n_lost,
         gpointer        user_data)
{
  Monitor *self = user_data;
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, n_lost);
  ToolEvent event = { .event = "lost", .style = TOOL_STYLE_BAD, .text = text, .key = "count",
                      .value = g_variant_new_uint64 (n_lost) };

  print_event (self, &event);
}

static const char *
name_state (PlantRpcState state)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (PLANT_RPC_TYPE_STATE);

  return g_enum_get_value (klass, (int) state)->value_nick;
}

static void
on_state (PlantRpcClient *client,
          GParamSpec     *pspec,
          gpointer        user_data)
{
  Monitor *self = user_data;
  PlantRpcState state = plant_rpc_client_get_state (client);
  const GError *error = plant_rpc_client_get_last_error (client);
  gboolean ready = plant_rpc_client_is_ready (client);
  gboolean refused = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  ToolEvent event = { .event = "state", .style = ready ? TOOL_STYLE_GOOD : TOOL_STYLE_BAD,
                      .key = "state", .value = g_variant_new_string (name_state (state)) };
  g_autofree char *text = NULL;

  /* A client whose key was revoked is disconnected first, and then told why. */
  if ((state == self->told && refused <= self->refused) || state == PLANT_RPC_STATE_CONNECTING)
    {
      g_variant_unref (g_variant_ref_sink (event.value));
      return;
    }
  self->told = state;
  self->refused = refused;
  text = error != NULL ? g_strdup_printf ("%s: %s", name_state (state), error->message)
                       : g_strdup (name_state (state));
  event.text = text;
  print_event (self, &event);
}

static void
follow_properties (Monitor *self)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (self->device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);

  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcProperty *property =
          plant_rpc_client_lookup_property (self->device->client, names[i]);

      if (property == NULL)
        continue;
      if (initial)
        print_property (self, property);
      g_signal_connect (property, "notify::value", G_CALLBACK (on_value), self);
      g_signal_connect (property, "notify::message", G_CALLBACK (on_message), self);
    }
}

static void
leave_properties (Monitor *self)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (self->device);
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);

  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcProperty *property =
          plant_rpc_client_lookup_property (self->device->client, names[i]);

      if (property != NULL)
        g_signal_handlers_disconnect_by_data (property, self);
    }
}

static void
add_property (Monitor              *self,
              PlantRpcPropertyInfo *property)
{
  g_hash_table_add (self->members, g_strdup (plant_rpc_property_info_get_wire_name (property)));
}

/* One that tells of a property stands for that. */
static void
add_signal (Monitor            *self,
            PlantRpcSignalInfo *signal)
{
  const char *told = plant_rpc_signal_info_get_property (signal);

  if (told == NULL)
    g_hash_table_add (self->members, g_strdup (plant_rpc_signal_info_get_wire_name (signal)));
  else
    add_property (self, plant_rpc_interface_info_lookup_property (
                            tool_device_get_info (self->device), told));
}

/* NAMES are of properties or signals, in any spelling. */
static ToolExit
take_members (Monitor  *self,
              char    **names)
{
  PlantRpcInterfaceInfo *info = tool_device_get_info (self->device);
  g_autoptr (GError) error = NULL;

  if (names[0] != NULL)
    self->members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    {
      PlantRpcPropertyInfo *property = plant_rpc_interface_info_lookup_property (info, names[i]);
      PlantRpcSignalInfo *signal = plant_rpc_interface_info_lookup_signal (info, names[i]);

      if (property != NULL)
        add_property (self, property);
      if (signal != NULL)
        add_signal (self, signal);
      if (property != NULL || signal != NULL)
        continue;
      g_set_error (&error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_UNKNOWN_PROPERTY,
                   _("there is no such property or signal"));
      return tool_device_fail (self->tool, self->device, names[i], error);
    }
  return TOOL_EXIT_OK;
}

static gboolean
is_over (gpointer data)
{
  return ((Monitor *) data)->n_left == 0;
}

/* Natively there is nothing to decide. */
static gboolean
is_polled (ToolDevice *device)
{
  return plant_rpc_client_get_wire (device->client) != PLANT_RPC_WIRE_NATIVE && !with_signals;
}

/* The device was reached without its signals. */
static gboolean
take_signals (Tool       *tool,
              ToolDevice *device)
{
  if (plant_rpc_client_get_wire (device->client) == PLANT_RPC_WIRE_NATIVE)
    return TRUE;
  if (with_signals)
    return tool_device_reopen (tool, device, TRUE);
  tool_warn (tool, _("not a plantrpc device: its properties are read twice a second, its signals "
                     "are not heard without --signals"));
  return TRUE;
}

static void
monitor (Monitor *self)
{
  PlantRpcClient *client = self->device->client;
  guint poll;

  self->told = plant_rpc_client_get_state (client);
  follow_properties (self);
  g_signal_connect (client, "signal-received", G_CALLBACK (on_signal), self);
  g_signal_connect (client, "signals-lost", G_CALLBACK (on_lost), self);
  g_signal_connect (client, "notify::state", G_CALLBACK (on_state), self);
  g_signal_connect (client, "notify::last-error", G_CALLBACK (on_state), self);
  tool_event_follow_stdout ();
  poll = is_polled (self->device) ? tool_device_poll (client) : 0;
  tool_run_until (self->tool, is_over, self, tool_get_time (self->tool, PLANT_RPC_TIMEOUT_NONE));
  if (poll != 0)
    g_source_remove (poll);
  g_signal_handlers_disconnect_by_data (client, self);
  leave_properties (self);
}

static ToolExit
run_monitor (Tool  *tool,
             char **arguments)
{
  g_autoptr (ToolDevice) device = tool_device_open (tool, arguments[0]);
  Monitor self = { .tool = tool, .device = device, .n_left = max_events };
  ToolExit status;

  if (device == NULL || !take_signals (tool, device))
    return tool->status;
  status = take_members (&self, arguments + 1);
  if (status == TOOL_EXIT_OK)
    monitor (&self);
  g_clear_pointer (&self.members, g_hash_table_unref);
  return status;
}

static const GOptionEntry monitor_options[] = {
  { "initial", 'i', 0, G_OPTION_ARG_NONE, &initial, N_("Begin with the present values"), NULL },
  { "signals", 's', 0, G_OPTION_ARG_NONE, &with_signals,
    N_("Subscribe to a Plant Imager device all the same"), NULL },
  { "count", 'c', 0, G_OPTION_ARG_INT, &max_events, N_("End after this many lines"), N_("NUMBER") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_monitor = {
  .name = "monitor",
  .synopsis = N_("DEVICE [PROPERTY | SIGNAL]…"),
  .summary = N_("print signals and changes of properties as they happen"),
  .description = N_("The command reads the properties of a Plant Imager device twice a second, "
                    "since\na subscription affects others. A generation 1 device sends its "
                    "signals to the\nlatest subscriber only, and hangs after that has ended. A "
                    "generation 2 device\nsends each signal once more for each subscription. "
                    "--signals subscribes all the\nsame.\n\nThe command continues when the "
                    "device goes and comes back, until --timeout,\n--count or Ctrl-C ends it."),
  .entries = monitor_options,
  .n_min = 1,
  .n_max = MAX_MEMBERS,
  .arguments = { TOOL_ARGUMENT_DEVICE, TOOL_ARGUMENT_MEMBER },
  .run = run_monitor,
};

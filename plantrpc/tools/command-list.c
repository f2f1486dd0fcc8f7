/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "commands.h"
#include "tool-event.h"
#include "tool-failure.h"
#include "tool-json.h"
#include "tool-registry.h"
#include "tool-table.h"

/* What is registered, once and for ever: list and watch. */

static char *wanted_type;
static int max_events = -1;

/* ---- list */

static char *
print_age (PlantRpcDevice *device)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) seen = plant_rpc_device_get_last_seen (device);
  gint64 seconds = g_date_time_difference (now, seen) / G_USEC_PER_SEC;

  if (seconds < 120)
    return g_strdup_printf (_("%d s ago"), (int) seconds);
  return g_strdup_printf (_("%d min ago"), (int) (seconds / 60));
}

static gboolean
is_wanted (PlantRpcDevice *device)
{
  return wanted_type == NULL ||
         g_str_equal (plant_rpc_device_get_device_type (device), wanted_type);
}

static void
print_json (GPtrArray *devices)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  g_autofree char *text = NULL;

  for (guint i = 0; i < devices->len; i++)
    g_variant_builder_add (&builder, "v", tool_event_describe_device (devices->pdata[i]));
  text = tool_json_print (g_variant_builder_end (&builder));
  tool_print ("%s\n", text);
}

static void
print_table (GPtrArray *devices)
{
  g_autoptr (ToolTable) table = tool_table_new (4);

  tool_table_style (table, 0, TOOL_STYLE_NAME);
  tool_table_style (table, 3, TOOL_STYLE_DIM);
  tool_table_add (table, _("NAME"), _("TYPE"), _("URL"), _("LAST SEEN"), NULL);
  for (guint i = 0; i < devices->len; i++)
    {
      g_autofree char *age = print_age (devices->pdata[i]);

      tool_table_add (table, plant_rpc_device_get_name (devices->pdata[i]),
                      plant_rpc_device_get_device_type (devices->pdata[i]),
                      plant_rpc_device_get_url (devices->pdata[i]), age, NULL);
    }
  tool_table_print (table, "");
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return g_utf8_collate (plant_rpc_device_get_name (*(PlantRpcDevice **) a),
                         plant_rpc_device_get_name (*(PlantRpcDevice **) b));
}

static GPtrArray *
collect (PlantRpcRegistryClient *registry)
{
  GListModel *list = G_LIST_MODEL (registry);
  GPtrArray *devices = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (PlantRpcDevice) device = g_list_model_get_item (list, i);

      if (is_wanted (device))
        g_ptr_array_add (devices, g_steal_pointer (&device));
    }
  g_ptr_array_sort (devices, compare_names);
  return devices;
}

static ToolExit
run_list (Tool  *tool,
          char **arguments)
{
  g_autofree char *url = tool_registry_dup_url (tool, arguments[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (PlantRpcRegistryClient) registry =
      tool_registry_open (tool, url, tool_get_time (tool, TOOL_DEFAULT_TIMEOUT), &error);
  g_autoptr (GPtrArray) devices = NULL;

  if (registry == NULL)
    return tool_registry_fail (tool, NULL, url, error);
  devices = collect (registry);
  if (tool->json)
    print_json (devices);
  else if (devices->len > 0)
    print_table (devices);
  else
    tool_warn (tool, _("no device is registered at “%s”"), url);
  return TOOL_EXIT_OK;
}

static const GOptionEntry list_options[] = {
  { "type", 'T', 0, G_OPTION_ARG_STRING, &wanted_type, N_("Show only devices of this type"),
    N_("TYPE") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_list = {
  .name = "list",
  .synopsis = N_("[REGISTRY]"),
  .summary = N_("list the devices of a registry"),
  .entries = list_options,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_REGISTRY },
  .run = run_list,
};

/* ---- watch */

typedef struct {
  Tool                   *tool;
  int                     n_left;   /* events; less than 0 for any number */
  GError                 *failure;  /* (owned) (nullable): there will never be a list */
} Watch;

static void
tell (Watch          *watch,
      PlantRpcDevice *device,
      const char     *event,
      ToolStyle       style)
{
  if (!is_wanted (device) || watch->n_left == 0)
    return;
  tool_event_print_device (watch->tool, event, style, device);
  if (watch->n_left > 0)
    watch->n_left--;
}

static void
on_added (GObject        *registry,
          PlantRpcDevice *device,
          gpointer        user_data)
{
  tell (user_data, device, "added", TOOL_STYLE_GOOD);
}

static void
on_removed (GObject        *registry,
            PlantRpcDevice *device,
            gpointer        user_data)
{
  tell (user_data, device, "removed", TOOL_STYLE_BAD);
}

static void
on_error (PlantRpcRegistryClient *registry,
          GParamSpec             *pspec,
          gpointer                user_data)
{
  Watch *watch = user_data;
  const GError *error = plant_rpc_registry_client_get_last_error (registry);

  if (error == NULL)
    return;
  if (plant_rpc_registry_client_get_state (registry) == PLANT_RPC_STATE_CONNECTING ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    {
      g_clear_error (&watch->failure);
      watch->failure = g_error_copy (error);
    }
  else
    {
      tool_warn (watch->tool, "%s", error->message);
    }
}

static gboolean
is_over (gpointer data)
{
  Watch *watch = data;

  return watch->n_left == 0 || watch->failure != NULL;
}

static ToolExit
run_watch (Tool  *tool,
           char **arguments)
{
  g_autofree char *url = tool_registry_dup_url (tool, arguments[0]);
  g_autoptr (PlantRpcRegistryClient) registry = plant_rpc_registry_client_new (url);
  Watch watch = { .tool = tool, .n_left = max_events };
  const GError *error = plant_rpc_registry_client_get_last_error (registry);
  g_autoptr (GError) failure = NULL;

  if (error != NULL)
    return tool_registry_fail (tool, NULL, url, error);
  g_signal_connect (registry, "device-added", G_CALLBACK (on_added), &watch);
  g_signal_connect (registry, "device-removed", G_CALLBACK (on_removed), &watch);
  g_signal_connect (registry, "notify::last-error", G_CALLBACK (on_error), &watch);
  tool_event_follow_stdout ();
  tool_run_until (tool, is_over, &watch, tool_get_time (tool, PLANT_RPC_TIMEOUT_NONE));
  g_signal_handlers_disconnect_by_data (registry, &watch);
  failure = watch.failure;
  return failure != NULL ? tool_registry_fail (tool, NULL, url, failure) : TOOL_EXIT_OK;
}

static const GOptionEntry watch_options[] = {
  { "type", 'T', 0, G_OPTION_ARG_STRING, &wanted_type, N_("Show only devices of this type"),
    N_("TYPE") },
  { "count", 'c', 0, G_OPTION_ARG_INT, &max_events, N_("End after this many lines"), N_("NUMBER") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_watch = {
  .name = "watch",
  .synopsis = N_("[REGISTRY]"),
  .summary = N_("print which devices appear and disappear"),
  .description = N_("The command first prints the devices that are listed already. It continues "
                    "while\nthe registry cannot be reached, until --timeout, --count or Ctrl-C "
                    "ends it, or a\nsecured registry refuses this client."),
  .entries = watch_options,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_REGISTRY },
  .run = run_watch,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-event.h"

#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#include "tool-json.h"

static void
print_json (const ToolEvent *event)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format_iso8601 (now);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_builder_add (&builder, "{sv}", "time", g_variant_new_string (time));
  g_variant_builder_add (&builder, "{sv}", "event", g_variant_new_string (event->event));
  if (event->name != NULL)
    g_variant_builder_add (&builder, "{sv}", "name", tool_json_string (event->name));
  if (event->value != NULL && event->key != NULL)
    g_variant_builder_add (&builder, "{sv}", event->key, event->value);
  if (event->value != NULL && event->key == NULL)
    {
      g_variant_iter_init (&iter, event->value);
      while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
        {
          g_variant_builder_add (&builder, "{sv}", key, value);
          g_variant_unref (value);
        }
    }
  text = tool_json_print (g_variant_builder_end (&builder));
  tool_print ("%s\n", text);
}

static void
print_text (const ToolEvent *event)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *name = plant_rpc_text_escape (event->name != NULL ? event->name : "");
  g_autofree char *text = plant_rpc_text_escape (event->text != NULL ? event->text : "");
  g_autofree char *fitted = NULL;
  guint width = event->whole ? 0 : tool_terminal_get_width (stdout);
  guint used = 12 + 2 + 8 + 2 + MAX (tool_terminal_measure (name), 16) + 2;
  const char *plain = tool_terminal_style (stdout, TOOL_STYLE_PLAIN);

  fitted = tool_terminal_fit (text, width > 0 ? MAX (width, used + 8) - used : G_MAXUINT);
  tool_print ("%s%s.%03d%s  %s%-8s%s  %s%s%*s%s%s%s\n",
              tool_terminal_style (stdout, TOOL_STYLE_DIM), time,
              g_date_time_get_microsecond (now) / 1000, plain,
              tool_terminal_style (stdout, event->style), event->event, plain,
              tool_terminal_style (stdout, TOOL_STYLE_NAME), name,
              *text != '\0' ? 16 - (int) MIN (tool_terminal_measure (name), 16) : 0, "", plain,
              *text != '\0' ? "  " : "", fitted);
}

void
tool_event_print (Tool            *tool,
                  const ToolEvent *event)
{
  g_autoptr (GVariant) owned = event->value != NULL ? g_variant_ref_sink (event->value) : NULL;

  if (tool->json)
    print_json (event);
  else
    print_text (event);
}

/* What is known of a device, for programs. */
GVariant *
tool_event_describe_device (PlantRpcDevice *device)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GDateTime) seen = plant_rpc_device_get_last_seen (device);
  g_autofree char *time = g_date_time_format_iso8601 (seen);

  g_variant_builder_add (&builder, "{sv}", "name",
                         tool_json_string (plant_rpc_device_get_name (device)));
  g_variant_builder_add (&builder, "{sv}", "type",
                         tool_json_string (plant_rpc_device_get_device_type (device)));
  g_variant_builder_add (&builder, "{sv}", "url",
                         tool_json_string (plant_rpc_device_get_url (device)));
  g_variant_builder_add (&builder, "{sv}", "uuid",
                         tool_json_string (plant_rpc_device_get_uuid (device)));
  g_variant_builder_add (&builder, "{sv}", "lastSeen", g_variant_new_string (time));
  return g_variant_builder_end (&builder);
}

/* That a device comes or goes. */
void
tool_event_print_device (Tool           *tool,
                         const char     *what,
                         ToolStyle       style,
                         PlantRpcDevice *device)
{
  g_autofree char *text = g_strdup_printf ("%s  %s", plant_rpc_device_get_device_type (device),
                                           plant_rpc_device_get_url (device));
  /* For programs the name is among the members. */
  const ToolEvent event = {
    .event = what,
    .style = style,
    .name = tool->json ? NULL : plant_rpc_device_get_name (device),
    .text = text,
    .value = tool_event_describe_device (device),
  };

  tool_event_print (tool, &event);
}

static gboolean
on_closed (int          fd,
           GIOCondition condition,
           gpointer     user_data)
{
  raise (SIGPIPE);
  return G_SOURCE_REMOVE;
}

void
tool_event_follow_stdout (void)
{
  g_unix_fd_add (STDOUT_FILENO, G_IO_ERR, on_closed, NULL);
}

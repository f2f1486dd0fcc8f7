/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-progress.h"

#include <glib/gi18n-lib.h>

#include "tool-terminal.h"
#include "tool-value.h"

#define INTERVAL_MS 200
#define FIRST_S     1   /* a call that is over sooner shows nothing */
#define BAR_WIDTH   24

struct _ToolProgress {
  ToolDevice *device; /* (unowned) */
  const char *method; /* (unowned) */
  gint64      start;  /* monotonic µs */
  guint       timer;
  gboolean    shown;
};

static gboolean
read_number (ToolProgress *self,
             const char   *name,
             double       *number)
{
  g_autoptr (GVariant) value = NULL;

  if (plant_rpc_interface_info_lookup_property (tool_device_get_info (self->device), name) == NULL)
    return FALSE;
  value = plant_rpc_client_get_cached_property (self->device->client, name);
  return value != NULL && tool_value_get_number (value, number);
}

/* A device with the properties “progress” and “max_progress” tells how far it is. One of Plant
 * Imager answers nobody meanwhile. */
static char *
draw_bar (ToolProgress *self)
{
  double done, all;
  g_autoptr (GString) bar = g_string_new ("  ");

  if (plant_rpc_client_get_wire (self->device->client) != PLANT_RPC_WIRE_NATIVE ||
      !read_number (self, "progress", &done) || !read_number (self, "max_progress", &all) ||
      all <= 0)
    return g_strdup ("");
  for (guint i = 0; i < BAR_WIDTH; i++)
    g_string_append (bar, i < done / all * BAR_WIDTH ? "█" : "░");
  g_string_append_printf (bar, "  %.0f/%.0f", done, all);
  return g_string_free (g_steal_pointer (&bar), FALSE);
}

static gboolean
on_timer (gpointer user_data)
{
  ToolProgress *self = user_data;
  gint64 seconds = (g_get_monotonic_time () - self->start) / G_USEC_PER_SEC;
  g_autofree char *bar = NULL;
  g_autofree char *method = NULL;
  g_autofree char *line = NULL;
  g_autofree char *fitted = NULL;

  if (seconds < FIRST_S)
    return G_SOURCE_CONTINUE;
  bar = draw_bar (self);
  method = plant_rpc_text_escape (self->method);
  line = g_strdup_printf (_("%s%s  %d:%02d  (Ctrl-C to stop)"), method, bar,
                          (int) (seconds / 60), (int) (seconds % 60));
  fitted = tool_terminal_fit (line, MAX (tool_terminal_get_width (stderr), 20) - 1);
  fprintf (stderr, "\r%s\033[K", fitted);
  fflush (stderr);
  self->shown = TRUE;
  return G_SOURCE_CONTINUE;
}

/* It shows itself where standard error is a terminal. */
ToolProgress *
tool_progress_new (ToolDevice *device,
                   const char *method)
{
  ToolProgress *self = g_new0 (ToolProgress, 1);

  self->device = device;
  self->method = method;
  self->start = g_get_monotonic_time ();
  if (tool_terminal_is (stderr))
    self->timer = g_timeout_add (INTERVAL_MS, on_timer, self);
  return self;
}

/* The line is gone then. */
void
tool_progress_free (ToolProgress *self)
{
  if (self->timer != 0)
    g_source_remove (self->timer);
  if (self->shown)
    fprintf (stderr, "\r\033[K");
  g_free (self);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "commands.h"
#include "tool-device.h"
#include "tool-json.h"
#include "tool-terminal.h"

#define REPLY_TIMEOUT_MS 5000

static int count = -1;
static double interval = 1;

typedef struct {
  Tool       *tool;
  ToolDevice *device;   /* (unowned) */
  char       *label;    /* (owned): the device as the user wrote it, cleaned for the terminal */
  char       *place;    /* (owned): its URL, cleaned for the terminal */
  char       *property; /* (owned) (nullable): what is read; NULL if there is none to read */
  int         patience; /* ms that the last request was given */
  guint       n_sent;
  guint       n_received;
  double      shortest, longest, sum, squares; /* ms */
} Ping;

static char *
find_readable (PlantRpcInterfaceInfo *info)
{
  g_auto (GStrv) names = plant_rpc_interface_info_list_properties (info);

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (plant_rpc_property_info_get_readable (
              plant_rpc_interface_info_lookup_property (info, names[i])))
        return g_strdup (names[i]);
    }
  return NULL;
}

static gboolean
has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

static gboolean
finish (Ping          *self,
        GAsyncResult  *result,
        GError       **error)
{
  g_autoptr (GVariant) value = NULL;

  if (self->property == NULL)
    return plant_rpc_client_wait_ready_finish (self->device->client, result, error);
  value = plant_rpc_client_read_property_finish (self->device->client, result, error);
  /* A getter that fails has answered. */
  return value != NULL || g_error_matches (*error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_REMOTE);
}

static void
shake_hands (Ping          *self,
             GCancellable  *cancellable,
             GAsyncResult **result)
{
  g_clear_object (&self->device->client);
  self->device->client = tool_device_new_client (self->device->url, FALSE);
  plant_rpc_client_wait_ready (self->device->client, PLANT_RPC_TIMEOUT_NONE, cancellable,
                               tool_take_result, result);
}

/* One property read, or where there is none a whole handshake; in ms, or less than 0. */
static double
send_one (Ping    *self,
          GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  gint64 start = g_get_monotonic_time ();
  gint64 end;

  self->patience = tool_get_time (self->tool, REPLY_TIMEOUT_MS);
  if (self->property != NULL)
    plant_rpc_client_read_property (self->device->client, self->property, cancellable,
                                    tool_take_result, &result);
  else
    shake_hands (self, cancellable, &result);
  if (!tool_run_until (self->tool, has_result, &result, self->patience))
    g_cancellable_cancel (cancellable);
  tool_await (&result);
  end = g_get_monotonic_time ();
  return finish (self, result, error) ? (double) (end - start) / 1000 : -1;
}

static void
print_reply (Ping   *self,
             double  time)
{
  if (!self->tool->json)
    {
      tool_print (_("reply from %s: seq=%u time=%.3f ms\n"), self->place, self->n_sent, time);
      return;
    }
  {
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];

    tool_print ("{\"seq\":%u,\"time\":%s}\n", self->n_sent,
                g_ascii_formatd (buffer, sizeof buffer, "%.3f", time));
  }
}

static void
print_loss (Ping         *self,
            const GError *error)
{
  gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autofree char *why = cancelled ? tool_device_describe_silence (self->patience)
                                   : g_strdup (error->message);
  g_autofree char *text = NULL;

  if (!self->tool->json)
    {
      text = plant_rpc_text_escape (why);
      tool_print (_("no reply from %s: seq=%u %s\n"), self->place, self->n_sent, text);
      return;
    }
  text = tool_json_print (tool_json_string (why));
  tool_print ("{\"seq\":%u,\"error\":%s}\n", self->n_sent, text);
}

static void
note (Ping   *self,
      double  time)
{
  self->shortest = self->n_received == 0 ? time : MIN (self->shortest, time);
  self->longest = MAX (self->longest, time);
  self->sum += time;
  self->squares += time * time;
  self->n_received++;
  print_reply (self, time);
}

static void
print_summary (Ping *self)
{
  double n = MAX (self->n_received, 1);
  double mean = self->sum / n;
  double deviation = sqrt (MAX (self->squares / n - mean * mean, 0));

  if (self->tool->json)
    {
      GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
      g_autofree char *text = NULL;

      g_variant_builder_add (&builder, "{sv}", "sent", g_variant_new_uint32 (self->n_sent));
      g_variant_builder_add (&builder, "{sv}", "received",
                             g_variant_new_uint32 (self->n_received));
      g_variant_builder_add (&builder, "{sv}", "min", g_variant_new_double (self->shortest));
      g_variant_builder_add (&builder, "{sv}", "avg", g_variant_new_double (mean));
      g_variant_builder_add (&builder, "{sv}", "max", g_variant_new_double (self->longest));
      g_variant_builder_add (&builder, "{sv}", "mdev", g_variant_new_double (deviation));
      text = tool_json_print (g_variant_builder_end (&builder));
      tool_print ("%s\n", text);
      return;
    }
  tool_print (_("\n--- %s ping statistics ---\n"), self->label);
  tool_print (_("%u requests, %u replies, %u%% lost\n"), self->n_sent, self->n_received,
              self->n_sent > 0 ? 100 * (self->n_sent - self->n_received) / self->n_sent : 0);
  if (self->n_received > 0)
    tool_print (_("round trip min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n"), self->shortest, mean,
                self->longest, deviation);
}

static gboolean
never (gpointer data)
{
  return FALSE;
}

static void
ping (Ping *self)
{
  while (!tool_is_interrupted (self->tool))
    {
      g_autoptr (GError) error = NULL;
      double time;

      self->n_sent++;
      time = send_one (self, &error);
      if (time >= 0)
        note (self, time);
      else if (tool_is_interrupted (self->tool))
        self->n_sent--;
      else
        print_loss (self, error);
      if (count >= 0 && self->n_sent >= (guint) count)
        break;
      tool_run_until (self->tool, never, NULL, (int) (interval * 1000));
    }
}

static ToolExit
run_ping (Tool  *tool,
          char **arguments)
{
  g_autoptr (ToolDevice) device = NULL;
  Ping self = { .tool = tool };

  if (count == 0 || count < -1 || !(interval >= 0 && interval <= 1e6))
    return tool_fail_usage (tool, _("--count and --interval are to be more than 0"));
  device = tool_device_open (tool, arguments[0]);
  if (device == NULL)
    return tool->status;
  self.device = device;
  self.label = plant_rpc_text_escape (device->label);
  self.place = plant_rpc_text_escape (device->url);
  self.property = find_readable (tool_device_get_info (device));
  if (!tool->json)
    tool_print (_("PING %s (%s)\n"), self.place, tool_device_name_wire (device));
  ping (&self);
  print_summary (&self);
  g_free (self.property);
  g_free (self.label);
  g_free (self.place);
  return self.n_received > 0 ? TOOL_EXIT_OK : TOOL_EXIT_UNREACHABLE;
}

static const GOptionEntry ping_options[] = {
  { "count", 'c', 0, G_OPTION_ARG_INT, &count, N_("End after this many requests"), N_("NUMBER") },
  { "interval", 'i', 0, G_OPTION_ARG_DOUBLE, &interval, N_("Time between requests"),
    N_("SECONDS") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_ping = {
  .name = "ping",
  .synopsis = N_("DEVICE"),
  .summary = N_("measure round trips"),
  .description = N_("Each round trip reads a property. If the device has none, a round trip is a "
                    "whole\nhandshake. The last line has the shortest, the mean and the longest "
                    "time, and\nthe deviation."),
  .entries = ping_options,
  .n_min = 1,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_DEVICE },
  .run = run_ping,
};

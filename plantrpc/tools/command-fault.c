/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "commands.h"
#include "fault-action.h"
#include "tool-address.h"
#include "tool-console.h"
#include "tool-event.h"
#include "tool-failure.h"
#include "tool-json.h"

#define DEFAULT_PAUSE 2.0 /* seconds between faults by chance, on average */

static char *delay;
static char *rate;
static char *freeze_after;
static char *reset_after;
static char *drop_after;
static char *half_close_after;
static char *forget_after;
static gboolean calls_only;
static gboolean by_chance;
static char *seed;
static double pause_time = DEFAULT_PAUSE;

/* the faults that --KIND-after does to each connection at that age */
static const struct {
  char      **text;
  FaultKind   kind;
} later[] = {
  { &freeze_after, FAULT_FREEZE },         { &reset_after, FAULT_RESET },
  { &drop_after, FAULT_DROP },             { &half_close_after, FAULT_HALF_CLOSE },
  { &forget_after, FAULT_FORGET },
};

typedef struct {
  Tool       *tool;
  FaultProxy *proxy;  /* (owned) */
  FaultLine   line;
  double      ages[G_N_ELEMENTS (later)]; /* seconds; below 0: never */
  GRand      *chance; /* (owned) (nullable) */
} Run;

/* A fault that is to be done, or to end, at a later time. */
typedef struct {
  Run         *run;    /* (unowned) */
  FaultAction  action;
  guint        number; /* number of the connection; 0 means all connections */
} Appointment;

static void perform (Run               *self,
                     const FaultAction *action,
                     guint              number);

/* ---- what is printed */

static void
tell_connection (Run        *self,
                 const char *what,
                 ToolStyle   style,
                 guint       number,
                 const char *more)
{
  g_autofree char *name = g_strdup_printf ("#%u", number);
  GVariantDict dict;
  ToolEvent event = { .event = what, .style = style, .text = more };

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "connection", "u", number);
  if (more != NULL)
    g_variant_dict_insert_value (&dict, "error", tool_json_string (more));
  event.value = g_variant_dict_end (&dict);
  if (!self->tool->json)
    event.name = name;
  tool_event_print (self->tool, &event);
}

static char *
describe (const FaultAction *action,
          guint              number)
{
  GString *text = g_string_new (NULL);

  if (number != 0)
    g_string_append_printf (text, "#%u ", number);
  if (fault_kind_has_way (action->kind) && action->way != FAULT_WAY_BOTH)
    g_string_append (text, action->way == FAULT_WAY_UP ? "up " : "down ");
  if (action->kind == FAULT_RATE)
    g_string_append_printf (text, "%.0f B/s", action->number);
  else if (action->kind == FAULT_DELAY || action->number > 0)
    g_string_append_printf (text, "%.3f s", action->number);
  return g_strchomp (g_string_free (text, FALSE));
}

static void
tell_action (Run               *self,
             const FaultAction *action,
             guint              number)
{
  g_autofree char *text = describe (action, number);
  GVariantDict dict;
  ToolEvent event = { .event = fault_kind_get_name (action->kind), .style = TOOL_STYLE_BAD };

  g_variant_dict_init (&dict, NULL);
  if (number != 0)
    g_variant_dict_insert (&dict, "connection", "u", number);
  if (fault_kind_has_way (action->kind) && action->way != FAULT_WAY_BOTH)
    g_variant_dict_insert (&dict, "way", "s", action->way == FAULT_WAY_UP ? "up" : "down");
  if (action->kind == FAULT_RATE)
    g_variant_dict_insert (&dict, "bytesPerSecond", "d", action->number);
  else if (action->kind == FAULT_DELAY || action->number > 0)
    g_variant_dict_insert (&dict, "seconds", "d", action->number);
  event.value = g_variant_dict_end (&dict);
  if (!self->tool->json)
    event.name = text;
  tool_event_print (self->tool, &event);
}

/* ---- doing the faults */

static gboolean
on_appointment (gpointer user_data)
{
  Appointment *appointment = user_data;

  perform (appointment->run, &appointment->action, appointment->number);
  return G_SOURCE_REMOVE;
}

static void
perform_later (Run         *self,
               FaultAction  action,
               guint        number,
               double       seconds)
{
  Appointment *appointment = g_new (Appointment, 1);

  *appointment = (Appointment) { self, action, number };
  g_timeout_add_full (G_PRIORITY_DEFAULT, (guint) (seconds * 1000), on_appointment, appointment,
                      g_free);
}

static void
perform (Run               *self,
         const FaultAction *action,
         guint              number)
{
  FaultKind end = fault_kind_get_end (action->kind);
  g_autoptr (GError) error = NULL;

  if (!fault_action_perform (action, self->proxy, &self->line, number, &error))
    {
      tool_warn (self->tool, "%s", error->message);
      return;
    }
  tell_action (self, action, number);
  if (end != action->kind && action->number > 0)
    perform_later (self, (FaultAction) { .kind = end, .way = action->way }, number,
                   action->number);
}

static gboolean
obey (char     **words,
      gpointer   user_data,
      GError   **error)
{
  FaultAction action;

  if (!fault_action_parse (&action, words, error))
    return FALSE;
  perform (user_data, &action, 0);
  return TRUE;
}

static gboolean
on_chance (gpointer user_data)
{
  Run *self = user_data;
  FaultAction action;

  fault_action_choose (&action, self->chance);
  perform (self, &action, 0);
  g_timeout_add ((guint) (g_rand_double (self->chance) * 2 * pause_time * 1000), on_chance, self);
  return G_SOURCE_REMOVE;
}

static void
on_connected (guint    number,
              gpointer user_data)
{
  Run *self = user_data;

  tell_connection (self, "connected", TOOL_STYLE_GOOD, number, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (later); i++)
    {
      FaultWay way = later[i].kind == FAULT_HALF_CLOSE ? FAULT_WAY_DOWN : FAULT_WAY_BOTH;

      if (self->ages[i] >= 0)
        perform_later (self, (FaultAction) { .kind = later[i].kind, .way = way }, number,
                       self->ages[i]);
    }
}

static void
on_ended (guint    number,
          gpointer user_data)
{
  tell_connection (user_data, "ended", TOOL_STYLE_PLAIN, number, NULL);
}

static void
on_unreachable (guint         number,
                const GError *error,
                gpointer      user_data)
{
  tell_connection (user_data, "failed", TOOL_STYLE_BAD, number, error->message);
}

/* ---- the command */

static GSocketConnectable *
make_target (const char  *device_url,
             GError     **error)
{
  if (g_str_has_prefix (device_url, "tcp://"))
    return g_network_address_parse (device_url + strlen ("tcp://"), 0, error);
  if (g_str_has_prefix (device_url, "ipc://"))
    return G_SOCKET_CONNECTABLE (g_unix_socket_address_new (device_url + strlen ("ipc://")));
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_URL,
               _("“%s” is neither tcp://HOST:PORT nor ipc://PATH"), device_url);
  return NULL;
}

static gboolean
take_options (Run     *self,
              GError **error)
{
  if (delay != NULL && !fault_seconds_parse (delay, &self->line.delay, error))
    {
      g_prefix_error (error, "--delay: ");
      return FALSE;
    }
  if (rate != NULL && !fault_rate_parse (rate, &self->line.rate, error))
    {
      g_prefix_error (error, "--rate: ");
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (later); i++)
    {
      self->ages[i] = -1;
      if (*later[i].text == NULL || fault_seconds_parse (*later[i].text, &self->ages[i], error))
        continue;
      g_prefix_error (error, "--%s-after: ", fault_kind_get_name (later[i].kind));
      return FALSE;
    }
  return TRUE;
}

static gboolean
take_chance (Run     *self,
             GError **error)
{
  guint64 number = g_random_int ();

  if (seed == NULL && !by_chance)
    return TRUE;
  if (seed != NULL && !g_ascii_string_to_unsigned (seed, 10, 0, G_MAXUINT32, &number, error))
    {
      g_prefix_error (error, "--seed: ");
      return FALSE;
    }
  if (!(pause_time > 0 && pause_time <= 1e6))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS,
                   _("--every is to be more than 0"));
      return FALSE;
    }
  self->chance = g_rand_new_with_seed ((guint32) number);
  by_chance = TRUE;
  g_free (seed);
  seed = g_strdup_printf ("%u", (guint) number);
  return TRUE;
}

static void
announce (Run        *self,
          const char *device_url)
{
  g_autofree char *url =
      g_strdup_printf ("tcp://127.0.0.1:%u", fault_proxy_get_port (self->proxy));
  g_autofree char *text = g_strdup_printf ("→ %s", device_url);
  ToolEvent event = { .event = "serves", .style = TOOL_STYLE_HEADING, .name = url, .text = text,
                      .key = "target", .value = tool_json_string (device_url) };
  ToolEvent chance = { .event = "seed", .style = TOOL_STYLE_HEADING, .name = seed };

  tool_event_print (self->tool, &event);
  if (by_chance)
    tool_event_print (self->tool, &chance);
}

static void
run (Run        *self,
     const char *device_url)
{
  fault_proxy_set_line (self->proxy, &self->line);
  tool_catch_terminate (self->tool);
  announce (self, device_url);
  tool_event_follow_stdout ();
  tool_console_open (self->tool, obey, self, NULL);
  if (self->chance != NULL)
    g_timeout_add ((guint) (g_rand_double (self->chance) * 2 * pause_time * 1000), on_chance,
                   self);
  tool_run (self->tool);
}

static ToolExit
run_fault (Tool  *tool,
           char **arguments)
{
  static const FaultProxyFuncs funcs = { on_connected, on_ended, on_unreachable };
  Run self = { .tool = tool };
  g_autofree char *device_url = NULL;
  g_autoptr (GSocketConnectable) target = NULL;
  g_autoptr (GError) error = NULL;

  if (!take_options (&self, &error) || !take_chance (&self, &error))
    return tool_fail_error (tool, TOOL_EXIT_USAGE, error);
  device_url = tool_address_resolve (tool, arguments[0]);
  if (device_url == NULL)
    return tool->status;
  target = make_target (device_url, &error);
  if (target == NULL)
    return tool_fail_error (tool, TOOL_EXIT_USAGE, error);
  self.proxy = fault_proxy_new (target, calls_only, &funcs, &self, &error);
  if (self.proxy == NULL)
    return tool_fail_error (tool, TOOL_EXIT_FAILED, error);
  run (&self, device_url);
  fault_proxy_free (self.proxy);
  g_clear_pointer (&self.chance, g_rand_free);
  return TOOL_EXIT_OK;
}

static const GOptionEntry fault_options[] = {
  { "delay", 'd', 0, G_OPTION_ARG_STRING, &delay,
    N_("Hold bytes back for this time, in each direction"), N_("SECONDS") },
  { "rate", 0, 0, G_OPTION_ARG_STRING, &rate,
    N_("Pass on this many bytes a second each way, such as 64K"), N_("BYTES") },
  { "freeze-after", 0, 0, G_OPTION_ARG_STRING, &freeze_after,
    N_("Freeze each connection after this time"), N_("SECONDS") },
  { "reset-after", 0, 0, G_OPTION_ARG_STRING, &reset_after,
    N_("Reset each connection after this time"), N_("SECONDS") },
  { "drop-after", 0, 0, G_OPTION_ARG_STRING, &drop_after,
    N_("Close each connection after this time"), N_("SECONDS") },
  { "half-close-after", 0, 0, G_OPTION_ARG_STRING, &half_close_after,
    N_("Close each connection to the client after this time"), N_("SECONDS") },
  { "forget-after", 0, 0, G_OPTION_ARG_STRING, &forget_after,
    N_("Drop the bytes of each connection after this time"), N_("SECONDS") },
  { "calls-only", 0, 0, G_OPTION_ARG_NONE, &calls_only,
    N_("Cause no faults in connections for signals"), NULL },
  { "random", 0, 0, G_OPTION_ARG_NONE, &by_chance, N_("Cause random faults, and print the seed"),
    NULL },
  { "seed", 0, 0, G_OPTION_ARG_STRING, &seed, N_("Repeat the random faults of this seed"),
    N_("NUMBER") },
  { "every", 0, 0, G_OPTION_ARG_DOUBLE, &pause_time,
    N_("Average time between random faults"), N_("SECONDS") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_fault = {
  .name = "fault",
  .synopsis = N_("DEVICE"),
  .summary = N_("simulate a bad network in front of a device"),
  .description = N_("The command prints a URL for clients on this machine, and passes on what "
                    "the\nclients and the device send. DEVICE may also be a registry. The "
                    "command reads\nfaults from standard input. “up” is the direction to the "
                    "device, and a fault\nends after SECONDS:\n\n"
                    "  delay SECONDS               hold bytes back\n"
                    "  rate BYTES                  pass on BYTES a second; 0 is no limit\n"
                    "  freeze [up|down] [SECONDS]  pass nothing on\n"
                    "  thaw [up|down]              end a freeze\n"
                    "  reset                       reset all connections\n"
                    "  drop                        close all connections\n"
                    "  half-close [up|down]        close one direction of all connections\n"
                    "  forget [up|down] [SECONDS]  drop what is sent, until a reset\n"
                    "  kill [SECONDS]              reset all connections and refuse new ones\n"
                    "  refuse [SECONDS]            refuse new connections\n"
                    "  accept                      accept new connections again"),
  .entries = fault_options,
  .n_min = 1,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_DEVICE },
  .run = run_fault,
};

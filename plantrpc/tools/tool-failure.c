/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-failure.h"

#include <glib/gi18n-lib.h>

#include "tool-json.h"
#include "tool-terminal.h"

static const char *
get_stage_nick (ToolStage stage)
{
  static const char *const nicks[] = {
    NULL, "resolving", "connecting", "handshake", "calling", "reading", "writing",
  };

  return nicks[stage];
}

static const char *
get_stage_text (ToolStage stage)
{
  switch (stage)
    {
    case TOOL_STAGE_RESOLVING:
      return _("while resolving the name");
    case TOOL_STAGE_CONNECTING:
      return _("while connecting");
    case TOOL_STAGE_HANDSHAKE:
      return _("during the handshake");
    case TOOL_STAGE_CALLING:
      return _("while calling");
    case TOOL_STAGE_READING:
      return _("while reading");
    case TOOL_STAGE_WRITING:
      return _("while writing");
    case TOOL_STAGE_NONE:
    default:
      return NULL;
    }
}

/* What became of a request that failed with ERROR once the device had been reached. */
ToolExit
tool_exit_for (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TOOL_EXIT_INTERRUPTED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return TOOL_EXIT_UNKNOWN;
  if (error->domain != PLANT_RPC_ERROR)
    return TOOL_EXIT_FAILED;
  switch ((PlantRpcError) error->code)
    {
    case PLANT_RPC_ERROR_NOT_SENT:
    case PLANT_RPC_ERROR_CLOSED:
      return TOOL_EXIT_UNREACHABLE;
    case PLANT_RPC_ERROR_OUTCOME_UNKNOWN:
      return TOOL_EXIT_UNKNOWN;
    case PLANT_RPC_ERROR_UNKNOWN_METHOD:
    case PLANT_RPC_ERROR_UNKNOWN_PROPERTY:
      return TOOL_EXIT_NOT_FOUND;
    case PLANT_RPC_ERROR_REMOTE:
    case PLANT_RPC_ERROR_NOT_WRITABLE:
    case PLANT_RPC_ERROR_INVALID_VALUE:
    case PLANT_RPC_ERROR_INVALID_ARGUMENTS:
    case PLANT_RPC_ERROR_NO_REPLY:
    case PLANT_RPC_ERROR_REFUSED:
      return TOOL_EXIT_REFUSED;
    case PLANT_RPC_ERROR_PROTOCOL:
    case PLANT_RPC_ERROR_LIMIT:
    case PLANT_RPC_ERROR_INVALID_URL:
    case PLANT_RPC_ERROR_INVALID_INTERFACE:
    case PLANT_RPC_ERROR_MISMATCH:
    default:
      return TOOL_EXIT_FAILED;
    }
}

static char *
make_connection_remedy (const ToolFailure *failure)
{
  const char *device = failure->device != NULL ? failure->device : failure->url;

  if (failure->error->domain == PLANT_RPC_ERROR &&
      failure->error->code == PLANT_RPC_ERROR_INVALID_URL)
    return g_strdup (_("A device is a URL such as tcp://HOST:PORT, NAME@REGISTRY, or the NAME of "
                       "one at the default registry."));
  if (g_error_matches (failure->error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return NULL;
  if (failure->stage == TOOL_STAGE_RESOLVING)
    return g_strdup (_("Check the name of the host, or give its IP address."));
  if (failure->stage == TOOL_STAGE_CONNECTING)
    return g_strdup_printf (_("Check that it is switched on, and host and port; "
                              "“plantrpc wait %s” waits for it."), device);
  if (g_error_matches (failure->error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_strdup (_("It may be busy, or hang: --timeout gives it more time."));
  return g_strdup (_("Check that a device, not some other service, listens at that port."));
}

static char *
make_remedy (const ToolFailure *failure)
{
  const GError *error = failure->error;

  if (failure->remedy != NULL)
    return g_strdup (failure->remedy);
  if (failure->stage == TOOL_STAGE_NONE)
    return NULL;
  if (failure->stage < TOOL_STAGE_CALLING)
    return make_connection_remedy (failure);
  if (g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_NOT_WRITABLE))
    return g_strdup_printf (_("“plantrpc info %s” shows what can be written."), failure->device);
  if (failure->status == TOOL_EXIT_NOT_FOUND ||
      g_error_matches (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS))
    return g_strdup_printf (_("“plantrpc info %s” shows what there is."), failure->device);
  if (failure->status == TOOL_EXIT_UNKNOWN)
    return g_strdup (_("It may have run, or still run: look at the device before it is repeated; "
                       "--timeout gives it more time."));
  if (failure->status == TOOL_EXIT_UNREACHABLE)
    return g_strdup (_("It may be busy, or hang: --timeout gives it more time."));
  if (plant_rpc_error_get_traceback (error) != NULL)
    return g_strdup (_("--verbose shows where in the device it failed."));
  return NULL;
}

static void
add_string (GVariantBuilder *builder,
            const char      *key,
            const char      *value)
{
  if (value != NULL)
    g_variant_builder_add (builder, "{sv}", key, tool_json_string (value));
}

static void
print_json (const ToolFailure *failure,
            const char        *remedy)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;

  add_string (&builder, "error", failure->error->message);
  add_string (&builder, "stage", get_stage_nick (failure->stage));
  add_string (&builder, "device", failure->device);
  add_string (&builder, "url", failure->url);
  add_string (&builder, "member", failure->member);
  add_string (&builder, "remedy", remedy);
  add_string (&builder, "traceback", plant_rpc_error_get_traceback (failure->error));
  g_variant_builder_add (&builder, "{sv}", "status", g_variant_new_int32 (failure->status));
  text = tool_json_print (g_variant_builder_end (&builder));
  g_printerr ("%s\n", text);
}

static char *
make_headline (const ToolFailure *failure)
{
  g_autofree char *who = g_strdup (failure->device != NULL ? failure->device : failure->url);

  if (who == NULL)
    return NULL;
  if (failure->url != NULL && !g_str_equal (who, failure->url))
    {
      g_autofree char *name = g_steal_pointer (&who);

      who = g_strdup_printf ("%s (%s)", name, failure->url);
    }
  if (failure->member == NULL)
    return g_steal_pointer (&who);
  return g_strdup_printf ("%s: %s", who, failure->member);
}

static void
print_line (const char *before,
            ToolStyle   style,
            const char *text)
{
  g_autofree char *shown = plant_rpc_text_escape (text);

  g_printerr ("%s%s%s%s\n", before, tool_terminal_style (stderr, style), shown,
              tool_terminal_style (stderr, TOOL_STYLE_PLAIN));
}

static void
print_text (Tool              *tool,
            const ToolFailure *failure,
            const char        *remedy)
{
  g_autofree char *headline = make_headline (failure);
  const char *stage =
      failure->status != TOOL_EXIT_NOT_FOUND || failure->stage < TOOL_STAGE_CALLING
        ? get_stage_text (failure->stage) : NULL;
  const char *traceback = plant_rpc_error_get_traceback (failure->error);
  g_autofree char *what = NULL;

  /* Translators: how far it came, as “while connecting”, and what went wrong */
  what = stage != NULL ? g_strdup_printf (_("%s: %s"), stage, failure->error->message)
                       : g_strdup (failure->error->message);
  if (headline != NULL)
    {
      print_line ("plantrpc: ", TOOL_STYLE_BAD, headline);
      print_line ("  ", TOOL_STYLE_PLAIN, what);
    }
  else
    {
      print_line ("plantrpc: ", TOOL_STYLE_BAD, what);
    }
  if (remedy != NULL)
    print_line ("  ", TOOL_STYLE_DIM, remedy);
  if (traceback != NULL && tool->verbose)
    {
      g_auto (GStrv) lines = g_strsplit (traceback, "\n", -1);

      for (guint i = 0; lines[i] != NULL; i++)
        print_line ("  | ", TOOL_STYLE_PLAIN, lines[i]);
    }
}

/* Says what went wrong, unless it was Ctrl-C. */
ToolExit
tool_fail (Tool              *tool,
           const ToolFailure *failure)
{
  g_autofree char *remedy = make_remedy (failure);

  tool->status = failure->status;
  if (tool_is_interrupted (tool))
    tool->status = TOOL_EXIT_INTERRUPTED;
  else if (tool->json)
    print_json (failure, remedy);
  else
    print_text (tool, failure, remedy);
  return tool->status;
}

ToolExit
tool_fail_usage (Tool       *tool,
                 const char *format,
                 ...)
{
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, format);
  error = g_error_new_valist (PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_ARGUMENTS, format, args);
  va_end (args);
  return tool_fail_error (tool, TOOL_EXIT_USAGE, error);
}

ToolExit
tool_fail_error (Tool         *tool,
                 ToolExit      status,
                 const GError *error)
{
  const ToolFailure failure = { .status = status, .error = error };

  return tool_fail (tool, &failure);
}

/* A remark that ends nothing. */
void
tool_warn (Tool       *tool,
           const char *format,
           ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  print_line ("plantrpc: ", TOOL_STYLE_DIM, text);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "tool-failure.h"
#include "tool-json.h"
#include "tool-terminal.h"

/* Joins a secured device by the link of an invitation. */

#define MAX_LINE 4096 /* bytes */

static char *file_name;
static char *own_name;

/* ---- the link */

/* The first line that is not empty; the rest is not read. */
static char *
read_line (FILE *stream)
{
  char line[MAX_LINE];

  while (fgets (line, sizeof line, stream) != NULL)
    {
      g_strstrip (line);
      if (*line != '\0')
        return g_strdup (line);
    }
  return NULL;
}

static char *
read_file (Tool *tool)
{
  FILE *stream = g_fopen (file_name, "re");
  g_autofree char *line = stream != NULL ? read_line (stream) : NULL;
  g_autoptr (GError) error = NULL;

  if (stream == NULL)
    {
      g_autofree char *shown = plant_rpc_text_escape (file_name);

      error = g_error_new (G_IO_ERROR, (int) g_io_error_from_errno (errno),
                           /* Translators: a file, and why */
                           _("Cannot read “%s”: %s"), shown, g_strerror (errno));
      tool_fail_error (tool, TOOL_EXIT_FAILED, error);
      return NULL;
    }
  fclose (stream);
  return line != NULL ? g_steal_pointer (&line) : g_strdup ("");
}

static char *
read_input (void)
{
  char *line;

  if (isatty (STDIN_FILENO))
    {
      g_printerr ("%s ", _("Link of the invitation:"));
      fflush (stderr);
    }
  line = read_line (stdin);
  return line != NULL ? line : g_strdup ("");
}

/* Returns NULL once it has been said what is wrong. */
static char *
find_link (Tool       *tool,
           const char *argument)
{
  if (argument != NULL && file_name != NULL)
    {
      tool_fail_usage (tool, _("the link is given as an argument or by --file, not by both"));
      return NULL;
    }
  if (file_name != NULL)
    return read_file (tool);
  return argument != NULL && !g_str_equal (argument, "-") ? g_strdup (argument) : read_input ();
}

/* ---- what becomes of it */

static ToolExit
find_status (const GError *error)
{
  if (error->domain != G_IO_ERROR)
    return tool_exit_for (error);
  switch (error->code)
    {
    case G_IO_ERROR_INVALID_ARGUMENT:
      return TOOL_EXIT_USAGE;
    case G_IO_ERROR_PERMISSION_DENIED:
      return TOOL_EXIT_REFUSED;
    case G_IO_ERROR_CANCELLED:
      return TOOL_EXIT_INTERRUPTED;
    case G_IO_ERROR_BUSY:
      return TOOL_EXIT_UNKNOWN;
    default:
      return TOOL_EXIT_UNREACHABLE;
    }
}

static ToolExit
fail (Tool         *tool,
      const GError *error)
{
  const ToolExit status = find_status (error);
  const ToolFailure failure = {
    .status = status,
    .error = error,
    .remedy = status == TOOL_EXIT_USAGE
                  ? _("At the device, “plantrpc invite” prints one.")
                  : status == TOOL_EXIT_UNREACHABLE || status == TOOL_EXIT_UNKNOWN
                        ? _("The link stays good until its time is over; try it again.") : NULL,
  };

  return tool_fail (tool, &failure);
}

static ToolExit
print (Tool       *tool,
       const char *url)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *text = NULL;

  if (tool->json)
    {
      g_variant_builder_add (&builder, "{sv}", "url", tool_json_string (url));
      text = tool_json_print (g_variant_builder_end (&builder));
      tool_print ("%s\n", text);
      return TOOL_EXIT_OK;
    }
  g_variant_builder_clear (&builder);
  if (!tool_terminal_is (stdout))
    {
      tool_print ("%s\n", url);
      return TOOL_EXIT_OK;
    }
  /* Translators: a URL follows, and then a command with it */
  tool_print ("%s\n\n  %s\n\n%s\n\n  plantrpc info '%s'\n",
              _("The device lets you in. From now on its URL is:"), url,
              _("This shows what it offers:"), url);
  return TOOL_EXIT_OK;
}

static ToolExit
run_pair (Tool  *tool,
          char **arguments)
{
  g_autofree char *link = find_link (tool, arguments[0]);
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GError) error = NULL;

  if (link == NULL)
    return tool->status;
  plant_rpc_pair (link, NULL, own_name, tool->cancellable, tool_take_result, &result);
  url = plant_rpc_pair_finish (tool_await (&result), &error);
  return url != NULL ? print (tool, url) : fail (tool, error);
}

static const GOptionEntry pair_options[] = {
  { "file", 'f', 0, G_OPTION_ARG_FILENAME, &file_name, N_("Read the link from this file"),
    N_("FILE") },
  { "name", 'n', 0, G_OPTION_ARG_STRING, &own_name,
    N_("Be called so at the device (USER@HOST)"), N_("TEXT") },
  G_OPTION_ENTRY_NULL,
};

const ToolCommand command_pair = {
  .name = "pair",
  .synopsis = N_("[LINK]"),
  .summary = N_("join a secured device by an invitation"),
  .description = N_("The LINK is what “plantrpc invite” has printed at the device. From then on "
                    "the\ndevice lets the pair of keys “default” of this user in, and the command "
                    "prints\nthe URL of the device.\n\nWithout LINK, the command asks for it on a "
                    "terminal, and otherwise reads it from\nstandard input. That is better, since "
                    "the link is a secret: as an argument it\nstays in the history of the shell, "
                    "and others on this computer can see it\nmeanwhile."),
  .entries = pair_options,
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_NONE },
  .run = run_pair,
};

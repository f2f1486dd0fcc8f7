/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "tool-failure.h"
#include "tool-table.h"

static void
print_overview (void)
{
  const ToolCommand *const *all = commands_list ();

  tool_print ("%s\n  plantrpc %s\n\n%s\n\n%s\n", _("Usage:"), _("COMMAND [OPTION…] [ARGUMENT…]"),
              _("plantrpc inspects and controls devices on the network."), _("Commands:"));
  for (guint i = 0; all[i] != NULL; i++)
    {
      if (all[i]->summary != NULL)
        tool_print ("  %-9s  %s\n", all[i]->name, _(all[i]->summary));
    }
  tool_print ("\n%s\n\n%s\n", _("A DEVICE is a URL (tcp://HOST:PORT, ipc://PATH), NAME@REGISTRY, "
                                "or the NAME of one\nat the default registry "
                                "($PLANTRPC_REGISTRY, or tcp://127.0.0.1:5555)."),
              _("“plantrpc COMMAND --help” describes a command, and “man plantrpc” all of them."));
}

static ToolExit
run_help (Tool  *tool,
          char **arguments)
{
  const ToolCommand *command;
  g_autoptr (GOptionContext) context = NULL;
  g_autofree char *help = NULL;

  if (arguments[0] == NULL)
    {
      print_overview ();
      return TOOL_EXIT_OK;
    }
  command = commands_find (arguments[0]);
  if (command == NULL)
    return tool_fail_usage (tool, _("there is no command “%s”; see “plantrpc --help”"),
                            arguments[0]);
  context = options_new (command);
  help = g_option_context_get_help (context, TRUE, NULL);
  tool_print ("%s", help);
  return TOOL_EXIT_OK;
}

const ToolCommand command_help = {
  .name = "help",
  .synopsis = N_("[COMMAND]"),
  .summary = N_("print how a command is used"),
  .n_max = 1,
  .arguments = { TOOL_ARGUMENT_COMMAND },
  .run = run_help,
};

/* The first time it ends what is under way, the second time the process. */
static gboolean
on_interrupt (gpointer user_data)
{
  Tool *tool = user_data;

  if (tool_is_interrupted (tool))
    _exit (TOOL_EXIT_INTERRUPTED);
  g_cancellable_cancel (tool->cancellable);
  return G_SOURCE_CONTINUE;
}

static ToolExit
run_command (Tool              *tool,
             const ToolCommand *command,
             char            ***arguments)
{
  g_autoptr (GError) error = NULL;
  ToolExit status;

  if (!options_parse (tool, command, arguments, &error))
    {
      const ToolFailure failure = { .status = TOOL_EXIT_USAGE, .error = error,
                                    .remedy = _("“plantrpc help” tells how it is used.") };

      return tool_fail (tool, &failure);
    }
  g_unix_signal_add (SIGINT, on_interrupt, tool);
  status = command->run (tool, *arguments);
  return tool_is_interrupted (tool) ? TOOL_EXIT_INTERRUPTED : status;
}

static ToolExit
dispatch (Tool   *tool,
          char ***arguments)
{
  const char *first = (*arguments)[1];
  const ToolCommand *command;

  if (first == NULL || g_str_equal (first, "--help") || g_str_equal (first, "-h"))
    {
      print_overview ();
      return first == NULL ? TOOL_EXIT_USAGE : TOOL_EXIT_OK;
    }
  if (g_str_equal (first, "--version"))
    {
      tool_print ("plantrpc %s\n", PACKAGE_VERSION);
      return TOOL_EXIT_OK;
    }
  command = commands_find (first);
  if (command == NULL)
    return tool_fail_usage (tool, _("there is no command “%s”; see “plantrpc --help”"), first);
  g_free ((*arguments)[1]);
  memmove (*arguments + 1, *arguments + 2, g_strv_length (*arguments + 2) * sizeof (char *) +
                                             sizeof (char *));
  return run_command (tool, command, arguments);
}

int
main (int    argc,
      char **argv)
{
  g_auto (GStrv) arguments = NULL;
  Tool tool = { .deadline = -1 };
  ToolExit status;

  setlocale (LC_ALL, "");
  g_set_prgname ("plantrpc");
  signal (SIGPIPE, SIG_DFL);
  tool.cancellable = g_cancellable_new ();
  arguments = g_strdupv (argv);
  status = dispatch (&tool, &arguments);
  if (fflush (stdout) != 0 || ferror (stdout))
    {
      g_printerr ("plantrpc: %s\n", _("standard output cannot be written"));
      status = status == TOOL_EXIT_OK ? TOOL_EXIT_FAILED : status;
    }
  g_object_unref (tool.cancellable);
  g_free (tool.registry);
  return status;
}

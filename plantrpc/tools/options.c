/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "commands.h"

/* The options of a command. */

/* In front of what looks like an option and is a number. */
#define NUMBER_MARK "\001"

static gboolean json;
static gboolean verbose;
static char *registry;
static char *timeout;

static const GOptionEntry common[] = {
  { "json", 'j', 0, G_OPTION_ARG_NONE, &json, N_("Print JSON, for programs"), NULL },
  { "registry", 'r', 0, G_OPTION_ARG_STRING, &registry,
    N_("Look up names at this registry"), N_("REGISTRY") },
  { "timeout", 't', 0, G_OPTION_ARG_STRING, &timeout,
    N_("Wait for this time at most, or “none”"), N_("SECONDS") },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose,
    N_("Print more, such as tracebacks of a device"), NULL },
  G_OPTION_ENTRY_NULL,
};

const GOptionEntry *
options_get_common (void)
{
  return common;
}

/* What --help shows for COMMAND. */
GOptionContext *
options_new (const ToolCommand *command)
{
  g_autofree char *program = g_strdup_printf ("plantrpc %s", command->name);
  g_autofree char *summary = NULL;
  const char *description = command->description;
  GOptionContext *context = g_option_context_new (_(command->synopsis));

  g_set_prgname (program);
  summary = command->summary != NULL
              ? g_strdup_printf (description != NULL ? "%s\n\n%s" : "%s", _(command->summary),
                                 description != NULL ? _(description) : "")
              : NULL;
  g_option_context_set_summary (context, summary);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  if (command->entries != NULL)
    g_option_context_add_main_entries (context, command->entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  return context;
}

static gboolean
take_timeout (Tool    *tool,
              GError **error)
{
  char *end = NULL;
  double seconds;

  if (timeout == NULL)
    return TRUE;
  tool->has_timeout = TRUE;
  tool->deadline = -1;
  if (g_str_equal (timeout, "none"))
    return TRUE;
  seconds = g_ascii_strtod (timeout, &end);
  if (end == timeout || *end != '\0' || !(seconds > 0 && seconds <= 1e6))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("--timeout: expected seconds, or “none”, got “%s”"), timeout);
      return FALSE;
    }
  tool->deadline = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
  return TRUE;
}

static const GOptionEntry *
find_among (const GOptionEntry *entries,
            const char         *word)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      if (g_str_has_prefix (word, "--") ? g_str_equal (word + 2, entries->long_name)
                                        : word[1] == entries->short_name && word[2] == '\0')
        return entries;
    }
  return NULL;
}

/* The option of COMMAND whose argument is the word behind WORD, or NULL. */
const GOptionEntry *
options_find_before (const ToolCommand *command,
                     const char        *word)
{
  const GOptionEntry *option;

  if (*word != '-')
    return NULL;
  option = find_among (command->entries, word);
  if (option == NULL)
    option = find_among (common, word);
  return option != NULL && option->arg != G_OPTION_ARG_NONE ? option : NULL;
}

static gboolean
is_number (const char *text)
{
  return *text == '-' &&
         (g_ascii_isdigit (text[1]) || (text[1] == '.' && g_ascii_isdigit (text[2])));
}

/* A negative number is an argument, though it starts like an option. */
static void
mark_numbers (const ToolCommand  *command,
              char              **arguments)
{
  for (guint i = 1; arguments[i] != NULL && !g_str_equal (arguments[i], "--"); i++)
    {
      g_autofree char *text = NULL;

      if (!is_number (arguments[i]) || options_find_before (command, arguments[i - 1]) != NULL)
        continue;
      text = arguments[i];
      arguments[i] = g_strconcat (NUMBER_MARK, text, NULL);
    }
}

static void
unmark_numbers (char **arguments)
{
  for (guint i = 0; arguments[i] != NULL; i++)
    {
      g_autofree char *text = NULL;

      if (!g_str_has_prefix (arguments[i], NUMBER_MARK))
        continue;
      text = arguments[i];
      arguments[i] = g_strdup (text + 1);
    }
}

static void
drop_first (char ***arguments,
            guint    index)
{
  char **list = *arguments;

  g_free (list[index]);
  for (guint i = index; list[i] != NULL; i++)
    list[i] = list[i + 1];
}

/* ARGUMENTS begin with the name of the program; what is left are the positional ones. */
gboolean
options_parse (Tool               *tool,
               const ToolCommand  *command,
               char             ***arguments,
               GError            **error)
{
  g_autoptr (GOptionContext) context = options_new (command);
  guint n;

  mark_numbers (command, *arguments);
  if (!g_option_context_parse_strv (context, arguments, error))
    return FALSE;
  unmark_numbers (*arguments);
  drop_first (arguments, 0);
  for (guint i = 0; (*arguments)[i] != NULL; i++)
    {
      if (!g_str_equal ((*arguments)[i], "--"))
        continue;
      drop_first (arguments, i);
      break;
    }
  tool->json = json;
  tool->verbose = verbose;
  tool->registry = g_steal_pointer (&registry);
  if (!take_timeout (tool, error))
    return FALSE;
  n = g_strv_length (*arguments);
  if (n >= command->n_min && n <= command->n_max)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
               n < command->n_min ? _("arguments are missing: plantrpc %s %s")
                                  : _("too many arguments: plantrpc %s %s"),
               command->name, _(command->synopsis));
  return FALSE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "commands.h"

/* The options of a command. */

static gboolean accept_new;
static gboolean json;
static gboolean verbose;
static char *registry;
static char *timeout;

static const GOptionEntry common[] = {
  { "accept-new", 0, 0, G_OPTION_ARG_NONE, &accept_new,
    N_("Remember the key of a device that is not known yet, whoever lists it"), NULL },
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
find_long (const GOptionEntry *entries,
           const char         *name)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      if (g_str_equal (name, entries->long_name))
        return entries;
    }
  return NULL;
}

static const GOptionEntry *
find_short (const GOptionEntry *entries,
            char                name)
{
  for (; entries != NULL && entries->long_name != NULL; entries++)
    {
      if (name == entries->short_name)
        return entries;
    }
  return NULL;
}

/* Of the letters of WORD, as “-jt” or “-jt3”, the first that takes an argument, or NULL. That is
 * what follows in the word, or else the next word. */
static const GOptionEntry *
find_among_letters (const ToolCommand  *command,
                    const char         *word,
                    const char        **rest)
{
  for (const char *letter = word + 1; *letter != '\0'; letter++)
    {
      const GOptionEntry *option = find_short (command->entries, *letter);

      *rest = letter + 1;
      if (option == NULL)
        option = find_short (common, *letter);
      if (option == NULL)
        return NULL;
      if (option->arg != G_OPTION_ARG_NONE)
        return option;
    }
  return NULL;
}

/* The option of COMMAND whose argument is the word behind WORD, or NULL. */
const GOptionEntry *
options_find_before (const ToolCommand *command,
                     const char        *word)
{
  const GOptionEntry *option = NULL;
  const char *rest = "";

  if (*word != '-')
    return NULL;
  if (!g_str_has_prefix (word, "--"))
    {
      option = find_among_letters (command, word, &rest);
      return *rest == '\0' ? option : NULL;
    }
  option = find_long (command->entries, word + 2);
  if (option == NULL)
    option = find_long (common, word + 2);
  return option != NULL && option->arg != G_OPTION_ARG_NONE ? option : NULL;
}

/* A negative number is an argument, though it starts like an option. */
static gboolean
is_option (const char *text)
{
  const char *digits = *text == '-' && text[1] == '.' ? text + 2 : text + 1;

  return *text == '-' && text[1] != '\0' && !g_ascii_isdigit (*digits) &&
         g_ascii_strcasecmp (text, "-inf") != 0 && g_ascii_strcasecmp (text, "-infinity") != 0;
}

/* “-t3” is “-t 3”, which is all that GLib takes. */
static void
split_letters (const ToolCommand *command,
               GPtrArray         *words,
               guint              index)
{
  g_autofree char *word = NULL;
  const char *rest = "";

  if (g_str_has_prefix (words->pdata[index], "--") ||
      find_among_letters (command, words->pdata[index], &rest) == NULL || *rest == '\0')
    return;
  word = words->pdata[index];
  words->pdata[index] = g_strndup (word, (gsize) (rest - word));
  g_ptr_array_insert (words, (int) index + 1, g_strdup (rest));
}

/* Takes the arguments of COMMAND out of WORDS, where the name of the program, the options and their
 * own arguments stay. */
static GPtrArray *
steal_positional (const ToolCommand *command,
                  GPtrArray         *words)
{
  GPtrArray *positional = g_ptr_array_new_with_free_func (g_free);
  guint i = 1;

  while (i < words->len && !g_str_equal (words->pdata[i], "--"))
    {
      if (!is_option (words->pdata[i]))
        {
          g_ptr_array_add (positional, g_ptr_array_steal_index (words, i));
          continue;
        }
      split_letters (command, words, i);
      i += options_find_before (command, words->pdata[i]) != NULL ? 2 : 1;
    }
  if (i < words->len)
    g_ptr_array_remove_index (words, i);
  while (i < words->len)
    g_ptr_array_add (positional, g_ptr_array_steal_index (words, i));
  return positional;
}

static gboolean
check_positional (const ToolCommand  *command,
                  GPtrArray          *positional,
                  GError            **error)
{
  for (guint i = 0; i < positional->len; i++)
    {
      if (command->arguments[0] == TOOL_ARGUMENT_FILE ||
          g_utf8_validate (positional->pdata[i], -1, NULL))
        continue;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("the argument “%s” is not UTF-8"), (const char *) positional->pdata[i]);
      return FALSE;
    }
  if (positional->len >= command->n_min && positional->len <= command->n_max)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
               positional->len < command->n_min ? _("arguments are missing: plantrpc %s %s")
                                                : _("too many arguments: plantrpc %s %s"),
               command->name, _(command->synopsis));
  return FALSE;
}

static char **
end_list (GPtrArray *list)
{
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (list, FALSE);
}

/* ARGUMENTS begin with the name of the program; what is left are the positional ones. */
gboolean
options_parse (Tool               *tool,
               const ToolCommand  *command,
               char             ***arguments,
               GError            **error)
{
  g_autoptr (GOptionContext) context = options_new (command);
  g_autoptr (GPtrArray) positional = NULL;
  g_auto (GStrv) options = NULL;
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (char **word = *arguments; *word != NULL; word++)
    g_ptr_array_add (words, g_strdup (*word));
  positional = steal_positional (command, words);
  options = end_list (words);
  if (!g_option_context_parse_strv (context, &options, error))
    return FALSE;
  tool->accept_new = accept_new;
  tool->json = json;
  tool->verbose = verbose;
  tool->registry = g_steal_pointer (&registry);
  if (!take_timeout (tool, error) || !check_positional (command, positional, error))
    return FALSE;
  g_strfreev (*arguments);
  *arguments = end_list (g_steal_pointer (&positional));
  return TRUE;
}

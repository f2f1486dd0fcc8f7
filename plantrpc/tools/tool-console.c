/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-console.h"

#include <glib-unix.h>
#include <unistd.h>

#include "tool-failure.h"

typedef struct {
  Tool            *tool;
  ToolConsoleFunc  obey;
  gpointer         user_data;
  GDestroyNotify   destroy; /* (nullable) */
  GString         *line;    /* (owned): the part of the line read so far */
} Console;

static void
console_free (gpointer data)
{
  Console *self = data;

  if (self->destroy != NULL)
    self->destroy (self->user_data);
  g_string_free (self->line, TRUE);
  g_free (self);
}

static void
obey (Console *self)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  if (g_shell_parse_argv (self->line->str, NULL, &words, &error) &&
      self->obey (words, self->user_data, &error))
    return;
  if (!g_error_matches (error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    tool_warn (self->tool, "%s", error->message);
}

/* While the process is in the background, reading from the terminal would stop it. */
static gboolean
is_ours (int fd)
{
  return !isatty (fd) || tcgetpgrp (fd) == getpgrp ();
}

static gboolean
on_readable (int          fd,
             GIOCondition condition,
             gpointer     user_data)
{
  Console *self = user_data;
  char buffer[512];
  gssize n = is_ours (fd) ? read (fd, buffer, sizeof buffer) : 0;

  for (gssize i = 0; i < n; i++)
    {
      if (buffer[i] != '\n')
        {
          g_string_append_c (self->line, buffer[i]);
          continue;
        }
      obey (self);
      g_string_truncate (self->line, 0);
    }
  return n > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
tool_console_open (Tool            *tool,
                   ToolConsoleFunc  func,
                   gpointer         user_data,
                   GDestroyNotify   destroy)
{
  Console *self = g_new0 (Console, 1);

  self->tool = tool;
  self->obey = func;
  self->user_data = user_data;
  self->destroy = destroy;
  self->line = g_string_new (NULL);
  g_unix_fd_add_full (G_PRIORITY_DEFAULT, STDIN_FILENO, G_IO_IN | G_IO_HUP, on_readable, self,
                      console_free);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-console.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
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

/* Obeys the line that has been read. The line may end in a carriage return, as files of Windows
 * have it. */
static void
obey (Console *self)
{
  GString *line = self->line;
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  if (line->len > 0 && line->str[line->len - 1] == '\r')
    g_string_truncate (line, line->len - 1);
  /* With a length, this refuses a NUL, too. */
  if (!g_utf8_validate (line->str, (gssize) line->len, NULL))
    tool_warn (self->tool, _("the line “%s” is not UTF-8"), line->str);
  else if ((!g_shell_parse_argv (line->str, NULL, &words, &error) ||
            !self->obey (words, self->user_data, &error)) &&
           !g_error_matches (error, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
    tool_warn (self->tool, "%s", error->message);
  g_string_truncate (line, 0);
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
  gssize n;

  if (!is_ours (fd))
    return G_SOURCE_REMOVE;
  n = read (fd, buffer, sizeof buffer);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  for (gssize i = 0; i < n; i++)
    {
      if (buffer[i] == '\n')
        obey (self);
      else
        g_string_append_c (self->line, buffer[i]);
    }
  if (n > 0)
    return G_SOURCE_CONTINUE;
  /* The last line need not end in a line break. */
  if (self->line->len > 0)
    obey (self);
  return G_SOURCE_REMOVE;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-terminal.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

void
tool_print (const char *format,
            ...)
{
  va_list args;

  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  fflush (stdout);
}

gboolean
tool_terminal_is (FILE *stream)
{
  return isatty (fileno (stream));
}

/* In columns; 0 where nothing limits it. */
guint
tool_terminal_get_width (FILE *stream)
{
  struct winsize size = { 0 };

  if (!tool_terminal_is (stream))
    return 0;
  if (ioctl (fileno (stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

static gboolean
has_colour (FILE *stream)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return tool_terminal_is (stream) && (no_color == NULL || *no_color == '\0') &&
         g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

const char *
tool_terminal_style (FILE      *stream,
                     ToolStyle  style)
{
  static const char *const codes[] = { "\033[0m", "\033[1m", "\033[36m",
                                       "\033[2m", "\033[32m", "\033[31m" };

  return has_colour (stream) ? codes[style] : "";
}

static guint
measure_char (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

/* How many columns TEXT takes. */
guint
tool_terminal_measure (const char *text)
{
  guint width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += measure_char (g_utf8_get_char (at));
  return width;
}

/* TEXT, cut to WIDTH columns with an ellipsis if it is longer. */
char *
tool_terminal_fit (const char *text,
                   guint       width)
{
  const char *at = text;
  guint used = 0;

  if (tool_terminal_measure (text) <= width)
    return g_strdup (text);
  while (*at != '\0' && used + measure_char (g_utf8_get_char (at)) < width)
    {
      used += measure_char (g_utf8_get_char (at));
      at = g_utf8_next_char (at);
    }
  return g_strdup_printf ("%.*s…", (int) (at - text), text);
}

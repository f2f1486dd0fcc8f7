/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-terminal.h"

#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER     0x200d

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

/* Returns TRUE if C moves the cursor, changes the direction of the text, or is invisible. The two
 * joiners are allowed, since some scripts and emoji need them. */
static gboolean
is_harmful (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
         type == G_UNICODE_PARAGRAPH_SEPARATOR ||
         (type == G_UNICODE_FORMAT && c != ZERO_WIDTH_NON_JOINER && c != ZERO_WIDTH_JOINER);
}

/* Appends C in JSON's form: a character beyond U+FFFF becomes a surrogate pair. */
static void
append_escape (GString  *out,
               gunichar  c)
{
  if (c > 0xffff)
    g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                            0xdc00 + (c & 0x3ff));
  else
    g_string_append_printf (out, "\\u%04x", c);
}

char *
tool_terminal_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '\n')
        g_string_append (out, "\\n");
      else if (c == '\t')
        g_string_append (out, "\\t");
      else if (is_harmful (c))
        append_escape (out, c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
}

/* In JSON only strings contain such characters, and there an escape means the same. Line breaks
 * between members are kept. */
char *
tool_terminal_clean_json (const char *json)
{
  GString *out = g_string_new (NULL);

  for (const char *at = json; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c != '\n' && is_harmful (c))
        append_escape (out, c);
      else
        g_string_append_unichar (out, c);
    }
  return g_string_free (out, FALSE);
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

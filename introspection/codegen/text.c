/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "text.h"

#include <string.h>

#define LINE_BYTES 98

static gboolean
is_separator (char c)
{
  return c == '_' || c == '-' || c == ' ';
}

/* Before the "U" of "videoUrl", and before the "C" of "URLChanged". */
static gboolean
starts_word (const char *name,
             const char *c)
{
  if (c == name || !g_ascii_isupper (*c) || is_separator (c[-1]))
    return FALSE;
  return !g_ascii_isupper (c[-1]) || g_ascii_islower (c[1]);
}

char *
text_to_snake (const char *name)
{
  GString *snake = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c++)
    {
      if (starts_word (name, c))
        g_string_append_c (snake, '_');
      g_string_append_c (snake, is_separator (*c) ? '_' : g_ascii_tolower (*c));
    }
  return g_string_free (snake, FALSE);
}

char *
text_to_camel (const char *name)
{
  g_autofree char *snake = text_to_snake (name);
  GString *camel = g_string_new (NULL);

  for (const char *c = snake; *c != '\0'; c++)
    {
      if (*c != '_')
        g_string_append_c (camel, c == snake || c[-1] == '_' ? g_ascii_toupper (*c) : *c);
    }
  return g_string_free (camel, FALSE);
}

char *
text_to_hyphens (const char *snake)
{
  return g_strdelimit (g_strdup (snake), "_", '-');
}

gboolean
text_is_plain (const char *name)
{
  gboolean some = FALSE;

  for (const char *c = name; *c != '\0'; c++)
    {
      if (!g_ascii_isalnum (*c) && *c != '_' && *c != '-')
        return FALSE;
      some = some || g_ascii_isalnum (*c);
    }
  return some;
}

/* What nobody would see, or what would turn the line around it, is written as numbers. Hexadecimal
 * ones, all that Vala has, end where no such digit follows. */
static void
append_bytes (GString    *literal,
              const char *c,
              const char *end,
              gboolean    vala)
{
  for (; c < end; c++)
    g_string_append_printf (literal, vala ? "\\x%02x" : "\\%03o", (guint) (guchar) *c);
}

/* "??" might start a trigraph in C. */
static char *
to_literal (const char *text,
            gboolean    vala)
{
  GString *literal = g_string_new ("\"");
  gboolean number = FALSE;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      number = *c != '\n' && (!g_unichar_isprint (g_utf8_get_char (c)) ||
                              (number && vala && g_ascii_isxdigit (*c)));
      if (number)
        append_bytes (literal, c, g_utf8_next_char (c), vala);
      else if (*c == '\n')
        g_string_append (literal, "\\n");
      else if (*c == '"' || *c == '\\' || (!vala && *c == '?' && c > text && c[-1] == '?'))
        g_string_append_printf (literal, "\\%c", *c);
      else
        g_string_append_len (literal, c, g_utf8_next_char (c) - c);
    }
  return g_string_free (g_string_append_c (literal, '"'), FALSE);
}

char *
text_to_c_literal (const char *text)
{
  return to_literal (text, FALSE);
}

char *
text_to_vala_literal (const char *text)
{
  return to_literal (text, TRUE);
}

char *
text_to_double_literal (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (text, sizeof text, number);
  return g_strconcat (text, strpbrk (text, ".e") != NULL ? "" : ".0", NULL);
}

char *
text_to_comment (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *comment = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);
      gboolean after_edge = comment->len > 0 && strchr ("*/", comment->str[comment->len - 1]);

      if (g_unichar_isspace (character) || !g_unichar_isprint (character))
        g_string_append_c (comment, ' ');
      else if ((*c == '/' || *c == '*') && after_edge)
        g_string_append_printf (comment, "&#%u;", (guint) character);
      else
        g_string_append_unichar (comment, character);
    }
  return g_strstrip (g_string_free (comment, FALSE));
}

/* A line that starts so would be taken for an annotation or a heading of a doc comment. */
static gboolean
can_start_line (const char *word)
{
  return strchr ("@#*-+=|>", *word) == NULL && !g_str_has_suffix (word, ":");
}

char *
text_wrap (const char *prefix,
           const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  GString *wrapped = g_string_new (NULL);
  gsize width = 0;

  for (char **word = words; *word != NULL; word++)
    {
      if (**word == '\0')
        continue;
      if (wrapped->len == 0 || (width + strlen (*word) + 1 > LINE_BYTES && can_start_line (*word)))
        {
          g_string_append_printf (wrapped, "%s%s", wrapped->len > 0 ? "\n" : "", prefix);
          width = strlen (prefix);
        }
      else
        {
          g_string_append_c (wrapped, ' ');
          width++;
        }
      g_string_append (wrapped, *word);
      width += strlen (*word);
    }
  return g_string_free (g_string_append_c (wrapped, '\n'), FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-json-layout.h"

#include <plantrpc/plantrpc.h>

#define LINE_LENGTH 100
/* Containers down to this depth are always laid out on several lines, such as “properties” of an
 * interface, which holds the members. */
#define OPENED_LEVELS 2

static const char *
skip_space (const char *at)
{
  while (g_ascii_isspace (*at))
    at++;
  return at;
}

static gboolean
is_open (char c)
{
  return c == '{' || c == '[';
}

static gboolean
is_close (char c)
{
  return c == '}' || c == ']';
}

static void
append_break (GString *out,
              guint    depth)
{
  g_string_append_printf (out, "\n%*s", (int) (2 * depth), "");
}

/* Appends a string, or one byte of anything else. */
static const char *
append_token (GString    *out,
              const char *at)
{
  const char *end = at + 1;

  if (*at == '"')
    {
      while (*end != '"')
        end += *end == '\\' ? 2 : 1;
      end++;
    }
  g_string_append_len (out, at, end - at);
  if (*at == ':')
    g_string_append_c (out, ' ');
  return end;
}

/* Appends an object or array on one line. Returns NULL and appends nothing if it does not fit. */
static const char *
append_flat (GString    *out,
             const char *at,
             gsize       room)
{
  gsize start = out->len;
  guint depth = 0;

  do
    {
      at = skip_space (at);
      if (is_open (*at))
        depth++;
      else if (is_close (*at))
        depth--;
      at = append_token (out, at);
      if (at[-1] == ',')
        g_string_append_c (out, ' ');
      if (out->len - start > room)
        {
          g_string_truncate (out, start);
          return NULL;
        }
    }
  while (depth > 0);
  return at;
}

/* Returns how many bytes fit on the rest of the line if a comma follows. */
static gsize
get_room (GString *out)
{
  gsize column = 0;

  while (column < LINE_LENGTH && column < out->len && out->str[out->len - column - 1] != '\n')
    column++;
  return column < LINE_LENGTH ? LINE_LENGTH - column - 1 : 0;
}

static const char *
append_container (GString    *out,
                  const char *at,
                  guint      *depth)
{
  const char *next = skip_space (at + 1);
  gboolean flat = *depth >= OPENED_LEVELS || is_close (*next);
  const char *end = flat ? append_flat (out, at, is_close (*next) ? 2 : get_room (out)) : NULL;

  if (end != NULL)
    return end;
  g_string_append_c (out, *at);
  append_break (out, ++*depth);
  return next;
}

char *
tool_json_lay_out (const char *json)
{
  GString *out = g_string_new (NULL);
  guint depth = 0;

  for (const char *at = skip_space (json); *at != '\0'; at = skip_space (at))
    {
      if (is_open (*at))
        {
          at = append_container (out, at, &depth);
          continue;
        }
      if (is_close (*at))
        append_break (out, --depth);
      at = append_token (out, at);
      if (at[-1] == ',')
        append_break (out, depth);
    }
  return g_string_free (out, FALSE);
}

/* In JSON only strings have characters that a terminal interprets, and there an escape means the
 * same. Line breaks between members are kept. */
char *
tool_json_escape (const char *json)
{
  g_auto (GStrv) lines = g_strsplit (json, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *line = lines[i];

      lines[i] = plant_rpc_text_escape (line);
    }
  return g_strjoinv ("\n", lines);
}

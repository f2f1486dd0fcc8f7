/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-json.h"

#include <string.h>

#include "plant-rpc-json-private.h"

/* VALUE, which is sunk, on one line. What is nested beyond all reason is null. */
char *
tool_json_print (GVariant *value)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (value);

  return tool_json_print_value (owned);
}

/* VALUE, which is borrowed, on one line. */
char *
tool_json_print_value (GVariant *value)
{
  GString *out = g_string_new (NULL);

  if (!plant_rpc_json_write (value, out, NULL))
    g_string_assign (out, "null");
  return g_string_free (out, FALSE);
}

GVariant *
tool_json_parse (const char  *text,
                 GError     **error)
{
  return plant_rpc_json_parse (text, strlen (text), error);
}

/* Whatever bytes TEXT has, as text. */
GVariant *
tool_json_string (const char *text)
{
  return g_variant_new_take_string (g_utf8_make_valid (text, -1));
}

static const char *
append_string (GString    *out,
               const char *at)
{
  const char *end = at + 1;

  while (*end != '"')
    end += *end == '\\' ? 2 : 1;
  g_string_append_len (out, at, end + 1 - at);
  return end + 1;
}

static void
append_break (GString *out,
              guint    depth)
{
  g_string_append_printf (out, "\n%*s", (int) (2 * depth), "");
}

static const char *
skip_space (const char *at)
{
  while (g_ascii_isspace (*at))
    at++;
  return at;
}

static const char *
append_open (GString    *out,
             const char *at,
             guint      *depth)
{
  const char *next = skip_space (at + 1);

  g_string_append_c (out, *at);
  if (*next == '}' || *next == ']')
    {
      g_string_append_c (out, *next);
      return next + 1;
    }
  append_break (out, ++*depth);
  return next;
}

/* The same JSON, which must be good, for people to read. */
char *
tool_json_indent (const char *json)
{
  GString *out = g_string_new (NULL);
  guint depth = 0;

  for (const char *at = skip_space (json); *at != '\0'; at = skip_space (at))
    {
      if (*at == '"')
        {
          at = append_string (out, at);
        }
      else if (*at == '{' || *at == '[')
        {
          at = append_open (out, at, &depth);
        }
      else
        {
          if (*at == '}' || *at == ']')
            append_break (out, --depth);
          g_string_append_c (out, *at);
          if (*at == ',')
            append_break (out, depth);
          else if (*at == ':')
            g_string_append_c (out, ' ');
          at++;
        }
    }
  return g_string_free (out, FALSE);
}

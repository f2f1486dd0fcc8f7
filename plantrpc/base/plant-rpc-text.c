/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-text-private.h"

#include <string.h>

#include "plant-rpc-limits-private.h"

/* Texts of peers: what is shown of them. They may have any length and any bytes. */

#define ELLIPSIS "…"
#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER     0x200d

/* Returns TRUE if C moves the cursor, breaks the line, changes the direction of the text, or is
 * invisible. The two joiners are allowed, since some scripts and emoji need them. */
static gboolean
is_harmful (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
         type == G_UNICODE_PARAGRAPH_SEPARATOR ||
         (type == G_UNICODE_FORMAT && c != ZERO_WIDTH_NON_JOINER && c != ZERO_WIDTH_JOINER);
}

/* Appends C, which is harmful, in JSON's form: a character beyond U+FFFF becomes a surrogate
 * pair. */
static void
append_escape (GString  *out,
               gunichar  c)
{
  if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\t')
    g_string_append (out, "\\t");
  else if (c > 0xffff)
    g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                            0xdc00 + (c & 0x3ff));
  else
    g_string_append_printf (out, "\\u%04x", c);
}

/* Returns the start of VALID that has at most ROOM bytes once it is escaped. */
static GString *
escape_start (const char *valid,
              gsize       room)
{
  GString *out = g_string_new (NULL);
  gsize length = 0;

  for (const char *at = valid; *at != '\0' && out->len <= room; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      length = out->len;
      if (is_harmful (c))
        append_escape (out, c);
      else
        g_string_append_unichar (out, c);
    }
  return out->len <= room ? out : g_string_truncate (out, length);
}

/**
 * plant_rpc_text_escape:
 * @text: a text, in any bytes
 *
 * Makes a text of a peer safe to be shown on a terminal, in a log or in a label.
 *
 * A device chooses its own name, the names and descriptions of its members, its values and its
 * errors. They may hold escape sequences, which move the cursor of a terminal or set its title,
 * line breaks, which forge a line of a log, and characters that turn the direction of the text
 * around them. In the text that is returned each character of these kinds stands as JSON writes it,
 * such as `\n` and `\u001b`, and each byte that is not UTF-8 as U+FFFD. So the text is one line of
 * valid UTF-8. Backslashes stay as they are, since the text is for people; a program reads the
 * text of the peer itself.
 *
 * Markup is not escaped: for a label with markup pass the result to
 * [func@GLib.markup_escape_text].
 *
 * This function may be called from every thread.
 *
 * Returns: (transfer full): the text to show
 *
 * Since: 1.0
 */
char *
plant_rpc_text_escape (const char *text)
{
  g_autofree char *valid = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  valid = g_utf8_make_valid (text, -1);
  return g_string_free (escape_start (valid, G_MAXSIZE), FALSE);
}

char *
plant_rpc_text_shorten (const char *text,
                        gsize       max_size)
{
  gsize length = strnlen (text, max_size + 1);
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) length);
  const char *end = valid;
  gsize room = max_size - strlen (ELLIPSIS);

  if (length <= max_size && strlen (valid) <= max_size)
    return g_steal_pointer (&valid);
  while ((gsize) (g_utf8_next_char (end) - valid) <= room)
    end = g_utf8_next_char (end);
  return g_strdup_printf ("%.*s" ELLIPSIS, (int) (end - valid), valid);
}

char *
plant_rpc_text_show (const char *text)
{
  g_autofree char *start = plant_rpc_text_shorten (text, PLANT_RPC_MAX_SHOWN_TEXT);
  g_autofree char *escaped = plant_rpc_text_escape (start);
  GString *cut;

  if (strlen (escaped) <= PLANT_RPC_MAX_SHOWN_TEXT)
    return g_steal_pointer (&escaped);
  cut = escape_start (start, PLANT_RPC_MAX_SHOWN_TEXT - strlen (ELLIPSIS));
  return g_string_free (g_string_append (cut, ELLIPSIS), FALSE);
}

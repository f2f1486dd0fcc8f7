/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-key-text-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zmq.h>

#include "plant-rpc-key-wipe-private.h"

#define SECTION    "curve"
#define PUBLIC_KEY "public-key"
#define SECRET_KEY "secret-key"
#define INDENT     4 /* spaces of each level, which ZPL and czmq require */

/* czmq and pyzmq begin their files like this. */
#define SECRET_HEAD                                                     \
  "#   ZeroMQ CURVE **Secret** Certificate, written by plantrpc\n"      \
  "#   Whoever reads this file can pose as its owner. Give it to nobody.\n"
#define PUBLIC_HEAD "#   ZeroMQ CURVE Public Certificate, written by plantrpc\n"

#define MAX_PRINTED 512 /* bytes, with the terminating NUL */

typedef struct {
  const char *at;
  const char *end;
  guint       number; /* from 1 */
} Line;

gboolean
plant_rpc_key_text_is_key (const char *key)
{
  guint8 bytes[PLANT_RPC_KEY_LENGTH / 5 * 4];
  gboolean decoded;

  if (strlen (key) != PLANT_RPC_KEY_LENGTH)
    return FALSE;
  decoded = zmq_z85_decode (bytes, key) != NULL;
  plant_rpc_key_wipe (bytes, sizeof bytes);
  return decoded;
}

/* ---- reading */

static gboolean
fail (GError     **error,
      const Line  *line,
      const char  *problem)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               /* Translators: the number of a line of a file, and what is wrong with it */
               _("line %u: %s"), line->number, problem);
  return FALSE;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

static void
skip_blanks (Line *line)
{
  while (line->at < line->end && is_blank (*line->at))
    line->at++;
}

/* At the end of the line, or at a comment. */
static gboolean
is_over (const Line *line)
{
  return line->at == line->end || *line->at == '#';
}

static gboolean
is_in_name (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("$-_@.&+/", c) != NULL);
}

/* Takes a name, and returns whether it is WANTED. */
static gboolean
take_name (Line       *line,
           const char *wanted)
{
  const char *start = line->at;

  while (line->at < line->end && is_in_name (*line->at))
    line->at++;
  return (gsize) (line->at - start) == strlen (wanted) &&
         memcmp (start, wanted, strlen (wanted)) == 0;
}

/* Returns where the value ends. One without quotes ends with the first blank, since a key may have
 * a “#”. */
static const char *
find_value_end (const Line *line,
                char        quote)
{
  const char *end = line->at;

  if (quote != '\0')
    return memchr (line->at, quote, (gsize) (line->end - line->at));
  while (end < line->end && !is_blank (*end))
    end++;
  return end;
}

static gboolean
copy_key (char        key[PLANT_RPC_KEY_LENGTH + 1],
          const char *value,
          gsize       length)
{
  if (length != PLANT_RPC_KEY_LENGTH)
    return FALSE;
  memcpy (key, value, length);
  key[length] = '\0';
  return plant_rpc_key_text_is_key (key);
}

static gboolean
take_value (Line    *line,
            char     key[PLANT_RPC_KEY_LENGTH + 1],
            GError **error)
{
  const char quote = *line->at == '"' || *line->at == '\'' ? *line->at : '\0';
  const char *end;

  if (quote != '\0')
    line->at++;
  end = find_value_end (line, quote);
  if (end == NULL)
    return fail (error, line, _("the value has no closing quote"));
  if (!copy_key (key, line->at, (gsize) (end - line->at)))
    return fail (error, line, _("the value is no key of 40 characters of Z85"));
  line->at = quote != '\0' ? end + 1 : end;
  skip_blanks (line);
  return is_over (line) || fail (error, line, _("something follows the value"));
}

/* The line is behind the name. */
static gboolean
take_key (Line    *line,
          char     key[PLANT_RPC_KEY_LENGTH + 1],
          GError **error)
{
  if (*key != '\0')
    return fail (error, line, _("the key is there twice"));
  skip_blanks (line);
  if (line->at == line->end || *line->at != '=')
    return fail (error, line, _("expected “=” behind the name"));
  line->at++;
  skip_blanks (line);
  if (line->at == line->end)
    return fail (error, line, _("there is no value"));
  return take_value (line, key, error);
}

/* A line of the section, of which INDENT_LENGTH blanks have been taken. */
static gboolean
take_member (PlantRpcKeyText  *self,
             Line             *line,
             const char       *start,
             GError          **error)
{
  const gsize indent = (gsize) (line->at - start);
  const char *name = line->at;

  if (memchr (start, '\t', indent) != NULL || indent % INDENT != 0)
    return fail (error, line, _("expected four spaces, or a multiple of four, at its beginning"));
  if (indent > INDENT)
    return TRUE;
  if (take_name (line, PUBLIC_KEY))
    return take_key (line, self->public_key, error);
  line->at = name;
  if (take_name (line, SECRET_KEY))
    return take_key (line, self->secret_key, error);
  return TRUE;
}

static gboolean
take_line (PlantRpcKeyText  *self,
           Line             *line,
           gboolean         *in_section,
           GError          **error)
{
  const char *start = line->at;

  if (memchr (start, '\0', (gsize) (line->end - start)) != NULL)
    return fail (error, line, _("there is a NUL byte"));
  skip_blanks (line);
  if (is_over (line))
    return TRUE;
  if (line->at > start)
    return !*in_section || take_member (self, line, start, error);
  *in_section = take_name (line, SECTION);
  if (!*in_section)
    return TRUE;
  skip_blanks (line);
  return is_over (line) || fail (error, line, _("something follows the name of the section"));
}

static gboolean
take_lines (PlantRpcKeyText  *self,
            const char       *text,
            const char       *end,
            GError          **error)
{
  gboolean in_section = FALSE;
  guint number = 0;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      Line line = { text, newline != NULL ? newline : end, ++number };

      text = newline != NULL ? newline + 1 : end;
      if (!take_line (self, &line, &in_section, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
parse (PlantRpcKeyText  *self,
       const char       *text,
       gsize             length,
       GError          **error)
{
  if (length > PLANT_RPC_KEY_MAX_TEXT)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   _("it is larger than %d bytes"),
                   PLANT_RPC_KEY_MAX_TEXT);
      return FALSE;
    }
  if (!take_lines (self, text, text + length, error))
    return FALSE;
  if (*self->public_key != '\0')
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _("there is no section “curve” with a “public-key”"));
  return FALSE;
}

gboolean
plant_rpc_key_text_parse (PlantRpcKeyText  *self,
                          const char       *text,
                          gsize             length,
                          GError          **error)
{
  *self = (PlantRpcKeyText) { "", "" };
  if (parse (self, text, length, error))
    return TRUE;
  plant_rpc_key_text_clear (self);
  return FALSE;
}

/* ---- writing */

/* The text never moves in memory, where it would leave a copy. */
char *
plant_rpc_key_text_print (const PlantRpcKeyText *self)
{
  char *text = g_malloc (MAX_PRINTED);

  if (*self->secret_key != '\0')
    g_snprintf (text, MAX_PRINTED,
                SECRET_HEAD "\n" SECTION "\n"
                "    " PUBLIC_KEY " = \"%s\"\n"
                "    " SECRET_KEY " = \"%s\"\n",
                self->public_key, self->secret_key);
  else
    g_snprintf (text, MAX_PRINTED, PUBLIC_HEAD "\n" SECTION "\n    " PUBLIC_KEY " = \"%s\"\n",
                self->public_key);
  return text;
}

void
plant_rpc_key_text_clear (PlantRpcKeyText *self)
{
  plant_rpc_key_wipe (self, sizeof *self);
}

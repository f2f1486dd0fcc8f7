/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-check-private.h"
#include "plant-rpc-json-private.h"

/* More are beyond a double: 1 followed by 309 zeros is. */
#define MAX_DOUBLE_DIGITS 309
/* Fewer always fit a gint64. */
#define MIN_LARGE_DIGITS 19

#define MARK_ESCAPE        "\\u0001"
#define REPLACEMENT_ESCAPE "\\ufffd"

typedef struct {
  const char *start;
  const char *end;
  const char *at;     /* the next byte */
  const char *copied; /* what stands before this is in OUT */
  GString    *out;    /* (owned) (nullable): NULL while nothing had to be replaced */
  guint       depth;
} Check;

static gboolean check_value (Check   *self,
                             GError **error);

static gboolean
fail (Check       *self,
      const char  *what,
      GError     **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
               _("Not JSON at byte %zu: %s"), (gsize) (self->at - self->start), what);
  return FALSE;
}

/* The bytes from FROM to the present place become TEXT. */
static void
replace (Check      *self,
         const char *from,
         const char *text)
{
  if (self->out == NULL)
    self->out = g_string_sized_new ((gsize) (self->end - self->start) + 64);
  g_string_append_len (self->out, self->copied, from - self->copied);
  g_string_append (self->out, text);
  self->copied = self->at;
}

static int
peek (const Check *self)
{
  return self->at < self->end ? (guchar) *self->at : -1;
}

static void
skip_space (Check *self)
{
  while (self->at < self->end &&
         (*self->at == ' ' || *self->at == '\n' || *self->at == '\r' || *self->at == '\t'))
    self->at++;
}

static gsize
skip_digits (Check *self)
{
  const char *first = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return (gsize) (self->at - first);
}

static gboolean
skip_word (Check      *self,
           const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (self->end - self->at) < length || memcmp (self->at, word, length) != 0)
    return FALSE;
  self->at += length;
  return TRUE;
}

static gboolean
read_code_unit (Check  *self,
                guint  *unit)
{
  guint result = 0;

  if (self->end - self->at < 6 || self->at[0] != '\\' || self->at[1] != 'u')
    return FALSE;
  for (guint i = 2; i < 6; i++)
    {
      if (!g_ascii_isxdigit (self->at[i]))
        return FALSE;
      result = result * 16 + (guint) g_ascii_xdigit_value (self->at[i]);
    }
  *unit = result;
  self->at += 6;
  return TRUE;
}

static gboolean
check_unicode_escape (Check     *self,
                      gboolean   first,
                      GError   **error)
{
  const char *from = self->at;
  guint unit, low;

  if (!read_code_unit (self, &unit))
    return fail (self, _("\\u needs four hexadecimal digits"), error);

  if (unit == PLANT_RPC_JSON_MARK && first)
    {
      replace (self, from, MARK_ESCAPE MARK_ESCAPE);
    }
  else if (unit >= 0xd800 && unit < 0xdc00)
    {
      const char *second = self->at;

      if (read_code_unit (self, &low) && low >= 0xdc00 && low < 0xe000)
        return TRUE;
      self->at = second;
      replace (self, from, REPLACEMENT_ESCAPE);
    }
  else if (unit == 0 || (unit >= 0xdc00 && unit < 0xe000))
    {
      replace (self, from, REPLACEMENT_ESCAPE);
    }
  return TRUE;
}

static gboolean
check_escape (Check     *self,
              gboolean   first,
              GError   **error)
{
  if (self->end - self->at < 2)
    return fail (self, _("the text ends within a string"), error);
  if (self->at[1] == 'u')
    return check_unicode_escape (self, first, error);
  if (self->at[1] == '\0' || strchr ("\"\\/bfnrt", self->at[1]) == NULL)
    return fail (self, _("unknown escape"), error);
  self->at += 2;
  return TRUE;
}

static gboolean
check_non_ascii (Check   *self,
                 GError **error)
{
  gunichar c = g_utf8_get_char_validated (self->at, self->end - self->at);

  if (c == (gunichar) -1 || c == (gunichar) -2)
    return fail (self, _("invalid UTF-8"), error);
  self->at = g_utf8_next_char (self->at);
  return TRUE;
}

/* From behind the opening quote. */
static gboolean
check_string (Check   *self,
              GError **error)
{
  const char *first = self->at;

  for (;;)
    {
      int c = peek (self);
      gboolean good = TRUE;

      if (c == '"')
        break;
      else if (c == '\\')
        good = check_escape (self, self->at == first, error);
      else if (c >= 0x80)
        good = check_non_ascii (self, error);
      else if (c >= 0x20)
        self->at++;
      else
        good = fail (self, c < 0 ? _("the text ends within a string")
                                  : _("control character in a string"), error);

      if (!good)
        return FALSE;
    }
  self->at++;
  return TRUE;
}

static void
replace_large_integer (Check      *self,
                       const char *from,
                       gsize       n_digits)
{
  gboolean negative = *from == '-';
  g_autofree char *digits = NULL;
  g_autofree char *text = NULL;
  guint64 magnitude;

  if (n_digits > MAX_DOUBLE_DIGITS)
    {
      replace (self, from, "null");
      return;
    }

  digits = g_strndup (self->at - n_digits, n_digits);
  if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, &magnitude, NULL) ||
      (negative && magnitude > (guint64) G_MAXINT64 + 1))
    text = g_strdup_printf ("%s%s.0", negative ? "-" : "", digits);
  else if (!negative && magnitude > G_MAXINT64)
    text = g_strdup_printf ("\"" MARK_ESCAPE "%s\"", digits);

  if (text != NULL)
    replace (self, from, text);
}

static gboolean
check_digits (Check   *self,
              GError **error)
{
  return skip_digits (self) > 0 || fail (self, _("expected a digit"), error);
}

/* What follows the integer part: FRACTION tells whether there was anything. */
static gboolean
check_fraction (Check     *self,
                gboolean  *fraction,
                GError   **error)
{
  *fraction = FALSE;
  if (peek (self) == '.')
    {
      *fraction = TRUE;
      self->at++;
      if (!check_digits (self, error))
        return FALSE;
    }
  if (peek (self) == 'e' || peek (self) == 'E')
    {
      *fraction = TRUE;
      self->at++;
      if (peek (self) == '+' || peek (self) == '-')
        self->at++;
      return check_digits (self, error);
    }
  return TRUE;
}

static gboolean
check_number (Check   *self,
              GError **error)
{
  const char *from = self->at;
  gsize n_digits = 1;
  gboolean fraction;

  if (*self->at == '-')
    self->at++;
  if (skip_word (self, "Infinity"))
    {
      replace (self, from, "null");
      return TRUE;
    }

  if (peek (self) == '0')
    self->at++;
  else
    n_digits = skip_digits (self);
  if (n_digits == 0)
    return fail (self, _("expected a digit"), error);
  if (!check_fraction (self, &fraction, error))
    return FALSE;
  if (!fraction && n_digits >= MIN_LARGE_DIGITS)
    replace_large_integer (self, from, n_digits);
  return TRUE;
}

static gboolean
check_word (Check   *self,
            GError **error)
{
  const char *from = self->at;

  if (skip_word (self, "null") || skip_word (self, "true") || skip_word (self, "false"))
    return TRUE;
  if (!skip_word (self, "NaN") && !skip_word (self, "Infinity"))
    return fail (self, peek (self) < 0 ? _("no value") : _("expected a value"), error);
  replace (self, from, "null");
  return TRUE;
}

/* What nobody outside can know keeps a peer from choosing names that all fall into one place of
 * json-glib's hash table, where each would have to be compared with all before it. The number
 * makes them different: json-glib walks through all members to replace one. */
static void
insert_salt (Check *self,
             guint  number)
{
  char salt[sizeof MARK_ESCAPE + PLANT_RPC_JSON_SALT_LENGTH];

  g_snprintf (salt, sizeof salt, MARK_ESCAPE "%08x%08x", g_random_int (), number);
  replace (self, self->at, salt);
}

static gboolean
check_name (Check   *self,
            guint    number,
            GError **error)
{
  if (peek (self) != '"')
    return fail (self, _("expected a name in quotes"), error);
  self->at++;
  if (number >= PLANT_RPC_JSON_MANY_MEMBERS)
    insert_salt (self, number);
  if (!check_string (self, error))
    return FALSE;
  skip_space (self);
  if (peek (self) != ':')
    return fail (self, _("expected “:”"), error);
  self->at++;
  return TRUE;
}

/* The brackets are those of an array or of an object; only the latter's elements have names. */
static gboolean
check_container (Check   *self,
                 char     close,
                 GError **error)
{
  self->at++;
  skip_space (self);
  if (peek (self) == close)
    {
      self->at++;
      return TRUE;
    }
  for (guint n = 0;; n++)
    {
      skip_space (self);
      if (close == '}' && !check_name (self, n, error))
        return FALSE;
      if (!check_value (self, error))
        return FALSE;
      skip_space (self);
      if (peek (self) == close)
        break;
      if (peek (self) != ',')
        return fail (self, close == '}' ? _("expected “,” or “}”") : _("expected “,” or “]”"), error);
      self->at++;
    }
  self->at++;
  return TRUE;
}

static gboolean
check_nested (Check   *self,
              char     close,
              GError **error)
{
  gboolean good;

  if (self->depth == PLANT_RPC_JSON_MAX_DEPTH)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   _("The JSON is nested more than %d levels deep, at byte %zu"),
                   PLANT_RPC_JSON_MAX_DEPTH, (gsize) (self->at - self->start));
      return FALSE;
    }
  self->depth++;
  good = check_container (self, close, error);
  self->depth--;
  return good;
}

static gboolean
check_value (Check   *self,
             GError **error)
{
  int c;

  skip_space (self);
  c = peek (self);
  if (c == '{')
    return check_nested (self, '}', error);
  if (c == '[')
    return check_nested (self, ']', error);
  if (c == '"')
    {
      self->at++;
      return check_string (self, error);
    }
  if (c == '-' || (c >= '0' && c <= '9'))
    return check_number (self, error);
  return check_word (self, error);
}

gboolean
plant_rpc_json_check (const char  *data,
                      gsize        length,
                      GString    **safe,
                      GError     **error)
{
  Check self = { data, data + length, data, data, NULL, 0 };
  gboolean good = check_value (&self, error);

  if (good)
    {
      skip_space (&self);
      good = self.at == self.end || fail (&self, _("something follows the value"), error);
    }
  if (!good)
    {
      if (self.out != NULL)
        g_string_free (self.out, TRUE);
      return FALSE;
    }
  if (self.out != NULL)
    g_string_append_len (self.out, self.copied, self.end - self.copied);
  *safe = self.out;
  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-check-private.h"
#include "plant-rpc-json-private.h"

typedef struct {
  const char *start;
  const char *end;
  const char *at; /* the next byte */
  guint       depth;
  guint       n_values;
  gboolean    in_name; /* TRUE: AT is in the name of a member of an object */
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

static gboolean
fail_with_nul (const Check  *self,
               GError      **error)
{
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
               _("The JSON has a name with a NUL character, at byte %zu"),
               (gsize) (self->at - self->start));
  return FALSE;
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

static gboolean
skip_digits (Check *self)
{
  const char *first = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return self->at > first;
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
check_escape (Check   *self,
              GError **error)
{
  if (self->end - self->at < 2)
    return fail (self, _("the text ends within a string"), error);
  if (self->at[1] == '\0' || strchr ("\"\\/bfnrtu", self->at[1]) == NULL)
    return fail (self, _("unknown escape"), error);
  for (guint i = 2; self->at[1] == 'u' && i < 6; i++)
    {
      if (self->at + i >= self->end || !g_ascii_isxdigit (self->at[i]))
        return fail (self, _("\\u needs four hexadecimal digits"), error);
    }
  if (self->in_name && self->at[1] == 'u' && memcmp (self->at + 2, "0000", 4) == 0)
    return fail_with_nul (self, error);
  self->at += self->at[1] == 'u' ? 6 : 2;
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

static void
skip_plain (Check *self)
{
  const char *at = self->at;

  while (at < self->end && *at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\')
    at++;
  self->at = at;
}

/* Checks a string from the byte behind its opening quote. */
static gboolean
check_string (Check   *self,
              GError **error)
{
  for (;;)
    {
      gboolean good = TRUE;
      int c;

      skip_plain (self);
      c = peek (self);

      if (c == '"')
        break;
      else if (c == '\\')
        good = check_escape (self, error);
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

static gboolean
check_digits (Check   *self,
              GError **error)
{
  return skip_digits (self) || fail (self, _("expected a digit"), error);
}

/* Checks what follows the integer part of a number. */
static gboolean
check_fraction (Check   *self,
                GError **error)
{
  if (peek (self) == '.')
    {
      self->at++;
      if (!check_digits (self, error))
        return FALSE;
    }
  if (peek (self) != 'e' && peek (self) != 'E')
    return TRUE;
  self->at++;
  if (peek (self) == '+' || peek (self) == '-')
    self->at++;
  return check_digits (self, error);
}

static gboolean
check_number (Check   *self,
              GError **error)
{
  if (*self->at == '-')
    self->at++;
  if (skip_word (self, "Infinity"))
    return TRUE;
  if (peek (self) == '0')
    self->at++;
  else if (!check_digits (self, error))
    return FALSE;
  return check_fraction (self, error);
}

static gboolean
check_word (Check   *self,
            GError **error)
{
  static const char *const words[] = { "null", "true", "false", "NaN", "Infinity" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (skip_word (self, words[i]))
        return TRUE;
    }
  return fail (self, peek (self) < 0 ? _("no value") : _("expected a value"), error);
}

static gboolean
check_name (Check   *self,
            GError **error)
{
  if (peek (self) != '"')
    return fail (self, _("expected a name in quotes"), error);
  self->at++;
  self->in_name = TRUE;
  if (!check_string (self, error))
    return FALSE;
  self->in_name = FALSE;
  skip_space (self);
  if (peek (self) != ':')
    return fail (self, _("expected “:”"), error);
  self->at++;
  return TRUE;
}

/* Checks an array or an object. Only the elements of an object have names. */
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
  for (;;)
    {
      skip_space (self);
      if (close == '}' && !check_name (self, error))
        return FALSE;
      if (!check_value (self, error))
        return FALSE;
      skip_space (self);
      if (peek (self) == close)
        break;
      if (peek (self) != ',')
        return fail (self, close == '}' ? _("expected “,” or “}”") : _("expected “,” or “]”"),
                     error);
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
  if (++self->n_values > PLANT_RPC_JSON_MAX_VALUES)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   _("The JSON has more than %d values, at byte %zu"), PLANT_RPC_JSON_MAX_VALUES,
                   (gsize) (self->at - self->start));
      return FALSE;
    }
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
                      GError     **error)
{
  Check self = { data, data + length, data, 0, 0 };

  if (length > PLANT_RPC_MAX_JSON_SIZE)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   _("The message has %zu bytes of JSON, more than %zu"), length,
                   PLANT_RPC_MAX_JSON_SIZE);
      return FALSE;
    }
  if (!check_value (&self, error))
    return FALSE;
  skip_space (&self);
  return self.at == self.end || fail (&self, _("something follows the value"), error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "plant-rpc-json-private.h"
#include "plant-rpc-json-reader-private.h"
#include "plant-rpc-serial-private.h"

/* An integer with at most this many digits fits a guint64. */
#define MAX_SMALL_DIGITS 19

#define REPLACEMENT_CHARACTER 0xfffd

/* A number after reading. Its type is 'x', 't' or 'd', or 'y' for an integer beyond 64 bits. */
typedef struct {
  char   type;
  union {
    gint64  integer;
    guint64 large;
    double  real;
  };
} Number;

typedef struct {
  const char    *at;
  PlantRpcSerial serial;
} Reader;

static void read_value (Reader *self);

const char *
plant_rpc_json_skip_space (const char *at)
{
  while (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')
    at++;
  return at;
}

/* ---- texts */

static guint
read_code_unit (const char *digits)
{
  guint unit = 0;

  for (guint i = 0; i < 4; i++)
    unit = unit * 16 + (guint) g_ascii_xdigit_value (digits[i]);
  return unit;
}

/* Reads the character of a “\u” escape; AT is behind the “\u”. A surrogate pair gives one
 * character. */
static gunichar
read_unicode_escape (const char **at)
{
  gunichar high = read_code_unit (*at), low;

  *at += 4;
  if (high >= 0xdc00 && high < 0xe000)
    return REPLACEMENT_CHARACTER;
  if (high < 0xd800 || high >= 0xdc00)
    return high;
  if ((*at)[0] != '\\' || (*at)[1] != 'u')
    return REPLACEMENT_CHARACTER;
  low = read_code_unit (*at + 2);
  if (low < 0xdc00 || low >= 0xe000)
    return REPLACEMENT_CHARACTER;
  *at += 6;
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* Returns FALSE for a NUL. */
static gboolean
read_escape (const char     **at,
             PlantRpcSerial  *out)
{
  static const char escapes[] = "b\bf\fn\nr\rt\t\"\"\\\\//";
  char letter = (*at)[1];

  *at += 2;
  if (letter == 'u')
    {
      char text[6];
      int size = g_unichar_to_utf8 (read_unicode_escape (at), text);

      plant_rpc_serial_append (out, text, (gsize) size);
      return *text != '\0';
    }
  for (guint i = 0; i < sizeof escapes - 1; i += 2)
    {
      if (escapes[i] == letter)
        plant_rpc_serial_append (out, &escapes[i + 1], 1);
    }
  return TRUE;
}

/* Reads a string from its opening quote and returns the byte behind its closing one. A NUL is
 * written behind it. WHOLE (nullable) becomes FALSE if the string itself has a NUL. */
static const char *
read_string (const char     *at,
             PlantRpcSerial *out,
             gboolean       *whole)
{
  at++;
  while (*at != '"')
    {
      const char *end = at;

      while (*end != '"' && *end != '\\')
        end++;
      plant_rpc_serial_append (out, at, (gsize) (end - at));
      at = end;
      if (*at == '\\' && !read_escape (&at, out) && whole != NULL)
        *whole = FALSE;
    }
  plant_rpc_serial_append (out, "", 1);
  return at + 1;
}

/* ---- numbers */

static Number
make_real (const char *text)
{
  return (Number) { .type = 'd', .real = g_ascii_strtod (text, NULL) };
}

/* Reads an integer whose digits end at END. */
static Number
read_integer (const char *text,
              const char *digits,
              const char *end)
{
  gboolean negative = text != digits;
  guint64 magnitude = 0;

  if (end - digits > MAX_SMALL_DIGITS + 1)
    return (Number) { .type = 'y' };
  for (; digits < end; digits++)
    {
      guint64 digit = (guint64) (*digits - '0');

      if (magnitude > (G_MAXUINT64 - digit) / 10)
        return (Number) { .type = 'y' };
      magnitude = magnitude * 10 + digit;
    }
  if (magnitude <= G_MAXINT64)
    return (Number) { .type = 'x', .integer = negative ? -(gint64) magnitude : (gint64) magnitude };
  if (!negative)
    return (Number) { .type = 't', .large = magnitude };
  return magnitude == (guint64) G_MAXINT64 + 1 ? (Number) { .type = 'x', .integer = G_MININT64 }
                                               : (Number) { .type = 'y' };
}

static const char *
skip_number (const char *at)
{
  while (g_ascii_isdigit (*at) || *at == '.' || *at == 'e' || *at == 'E' || *at == '+' ||
         *at == '-')
    at++;
  return at;
}

static const char *
read_number (const char *at,
             Number     *number)
{
  const char *digits = *at == '-' ? at + 1 : at;
  const char *end = digits;

  while (g_ascii_isdigit (*end))
    end++;
  if (*end != '.' && *end != 'e' && *end != 'E')
    {
      *number = read_integer (at, digits, end);
      return end;
    }
  *number = make_real (at);
  return skip_number (end);
}

/* ---- words: null, true, false, NaN, Infinity, -Infinity */

static const char *
skip_word (const char *at)
{
  while (g_ascii_isalpha (*at) || *at == '-')
    at++;
  return at;
}

static gboolean
is_number (const char *at)
{
  return g_ascii_isdigit (*at) || (*at == '-' && at[1] != 'I');
}

/* ---- containers */

static void
read_boolean (Reader *self)
{
  guint8 byte = *self->at == 't';

  self->at = skip_word (self->at);
  plant_rpc_serial_append (&self->serial, &byte, 1);
}

/* strtod() knows these words, too, but may give NaN any sign. */
static void
read_token (Reader *self)
{
  double number = *self->at == 'N' ? NAN : *self->at == '-' ? -INFINITY : INFINITY;

  self->at = skip_word (self->at);
  plant_rpc_serial_append (&self->serial, &number, sizeof number);
}

/* Returns the type of the value inside a variant. An empty maybe writes nothing. */
static const char *
read_word (Reader *self)
{
  if (*self->at == 't' || *self->at == 'f')
    {
      read_boolean (self);
      return "b";
    }
  if (*self->at != 'n')
    {
      read_token (self);
      return "d";
    }
  self->at = skip_word (self->at);
  return "mv";
}

/* Appends the JSON text that ends at END, of a value that no type of GVariant holds. */
static const char *
keep (Reader     *self,
      guint8      kind,
      const char *text,
      const char *end)
{
  plant_rpc_serial_append (&self->serial, &kind, 1);
  plant_rpc_serial_append (&self->serial, text, (gsize) (end - text));
  plant_rpc_serial_append (&self->serial, "", 1);
  return "{ys}";
}

/* Reads a string likewise. A string of GVariant ends at its first NUL. */
static const char *
read_text (Reader *self)
{
  const char *start = self->at;
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  gboolean whole = TRUE;

  self->at = read_string (start, &self->serial, &whole);
  if (whole)
    return "s";
  plant_rpc_serial_rewind (&self->serial, mark);
  return keep (self, PLANT_RPC_JSON_TEXT, start + 1, self->at - 1);
}

/* Reads a value and returns its type likewise. */
static const char *
read_plain (Reader *self)
{
  const char *start = self->at;
  Number number;

  if (!is_number (start))
    return read_word (self);
  self->at = read_number (start, &number);
  if (number.type == 'y')
    return keep (self, PLANT_RPC_JSON_INTEGER, start, self->at);
  plant_rpc_serial_append (&self->serial, &number.integer, sizeof number.integer);
  return number.type == 'x' ? "x" : number.type == 't' ? "t" : "d";
}

/* Reads an array from its opening bracket to behind the closing one. */
static void
read_array (Reader *self)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);

  do
    {
      self->at = plant_rpc_json_skip_space (self->at + 1);
      if (*self->at == ']')
        break;
      plant_rpc_serial_align (&self->serial, 8);
      read_value (self);
      plant_rpc_serial_end_child (&self->serial);
      self->at = plant_rpc_json_skip_space (self->at);
    }
  while (*self->at == ',');
  self->at++;
  plant_rpc_serial_end_array (&self->serial, mark);
}

static void
read_member (Reader *self)
{
  PlantRpcSerialMark mark;

  plant_rpc_serial_align (&self->serial, 8);
  mark = plant_rpc_serial_begin (&self->serial);
  self->at = read_string (self->at, &self->serial, NULL);
  plant_rpc_serial_end_child (&self->serial);
  plant_rpc_serial_align (&self->serial, 8);
  self->at = plant_rpc_json_skip_space (plant_rpc_json_skip_space (self->at) + 1);
  read_value (self);
  plant_rpc_serial_end_tuple (&self->serial, mark);
  plant_rpc_serial_end_child (&self->serial);
}

static void
read_object (Reader *self)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);

  do
    {
      self->at = plant_rpc_json_skip_space (self->at + 1);
      if (*self->at == '}')
        break;
      read_member (self);
      self->at = plant_rpc_json_skip_space (self->at);
    }
  while (*self->at == ',');
  self->at++;
  plant_rpc_serial_merge_names (&self->serial, mark);
  plant_rpc_serial_end_array (&self->serial, mark);
}

/* Reads a value without a variant around it and returns its type. */
static const char *
read_bare (Reader *self)
{
  switch (*self->at)
    {
    case '{':
      read_object (self);
      return "a{sv}";
    case '[':
      read_array (self);
      return "av";
    case '"':
      return read_text (self);
    default:
      return read_plain (self);
    }
}

/* The recursion is limited, since the check has limited the nesting. */
static void
read_value (Reader *self)
{
  plant_rpc_serial_end_variant (&self->serial, (const GVariantType *) read_bare (self));
}

/* ---- skipping values */

static const char *
skip_string (const char *at)
{
  for (at++; *at != '"'; at++)
    at += *at == '\\';
  return at + 1;
}

static const char *
skip_container (const char *at)
{
  guint depth = 0;

  do
    {
      if (*at == '"')
        {
          at = skip_string (at);
          continue;
        }
      depth += *at == '{' || *at == '[';
      depth -= *at == '}' || *at == ']';
      at++;
    }
  while (depth > 0);
  return at;
}

static const char *
skip_value (const char *at)
{
  if (*at == '"')
    return skip_string (at);
  if (*at == '{' || *at == '[')
    return skip_container (at);
  return is_number (at) ? skip_number (at) : skip_word (at);
}

/* An array of single digits grows this many times: two bytes of text become 16 bytes for the
 * variant, 4 for its end, and 4 that are needed until the end of the array is known. */
#define MAX_GROWTH 12

GVariant *
plant_rpc_json_read (const char *at)
{
  Reader self = { plant_rpc_json_skip_space (at), PLANT_RPC_SERIAL_INIT };
  const char *type;

  plant_rpc_serial_reserve (&self.serial, (gsize) (skip_value (self.at) - self.at) * MAX_GROWTH);
  type = read_bare (&self);
  return plant_rpc_serial_finish (&self.serial, G_VARIANT_TYPE (type));
}

/* Returns TRUE if the string at AT, with its escapes resolved, is NAME. */
static gboolean
has_name (const char *at,
          const char *end,
          const char *name)
{
  g_auto (PlantRpcSerial) text = PLANT_RPC_SERIAL_INIT;
  gsize length = (gsize) (end - at) - 2;

  if (memchr (at, '\\', length + 1) == NULL)
    return strlen (name) == length && memcmp (at + 1, name, length) == 0;
  read_string (at, &text, NULL);
  return strcmp ((const char *) text.data, name) == 0;
}

/* Returns the value of a member whose name begins at AT. END is set behind the name. */
static const char *
skip_name (const char  *at,
           const char **end)
{
  *end = skip_string (at);
  return plant_rpc_json_skip_space (plant_rpc_json_skip_space (*end) + 1);
}

/* Returns the name of the next member, or NULL if VALUE is that of the last one. */
static const char *
find_next (const char *value)
{
  const char *at = plant_rpc_json_skip_space (skip_value (value));

  return *at == ',' ? plant_rpc_json_skip_space (at + 1) : NULL;
}

void
plant_rpc_json_find_members (const char          *at,
                             PlantRpcJsonMembers *members)
{
  const char *name = plant_rpc_json_skip_space (at + 1);

  members->text = at;
  members->n_found = 0;
  if (*name == '}')
    name = NULL;
  for (; name != NULL && members->n_found < G_N_ELEMENTS (members->found); members->n_found++)
    {
      const guint i = members->n_found;

      members->found[i].name = name;
      members->found[i].value = skip_name (name, &members->found[i].name_end);
      name = find_next (members->found[i].value);
    }
  members->rest = name;
}

const char *
plant_rpc_json_find_member (const PlantRpcJsonMembers *members,
                            const char                *name)
{
  const char *found = NULL, *end, *value;

  for (const char *at = members->rest; at != NULL; at = find_next (value))
    {
      value = skip_name (at, &end);
      if (has_name (at, end, name))
        found = value;
    }
  for (guint i = members->n_found; i > 0 && found == NULL; i--)
    {
      if (has_name (members->found[i - 1].name, members->found[i - 1].name_end, name))
        found = members->found[i - 1].value;
    }
  return found;
}

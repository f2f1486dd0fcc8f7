/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"
#include "plant-rpc-value-marshal-private.h"

/* The values of Python's module “marshal”, in version 2 of its format: a letter, and what follows
 * it in little-endian order. Python writes and reads it in C, several times faster than JSON, and
 * tells more types apart. The override for Python thus crosses into the library once for a value,
 * and not once for each value in it. What cannot be told exactly is refused, and the override does
 * it piece by piece.
 *
 *   N T F       None, True, False
 *   i           an integer of 32 bits
 *   l           another integer: a signed number of digits of 15 bits, and these as 16 bits each
 *   g           a float
 *   u s         a text in UTF-8, and bytes: the size and the bytes
 *   ( [         a tuple, a list: the number of items and the items
 *   {           a dictionary: names and values, and a “0” behind the last
 */

/* The most that values grow: one byte takes eight bytes, an end while the list is read, and its
 * end. */
#define MAX_GROWTH 16
/* What most grow, as integers do. */
#define USUAL_GROWTH 5
#define DIGIT_BITS 15
#define MAX_DIGITS 5 /* of a magnitude of 64 bits */

/* ---- from Python */

typedef struct {
  const guint8   *at;
  const guint8   *end;
  PlantRpcSerial  serial;
} Reader;

static const char *read_value (Reader *self,
                               guint   depth);

static gboolean
take (Reader        *self,
      gsize          size,
      const guint8 **data)
{
  if ((gsize) (self->end - self->at) < size)
    return FALSE;
  *data = self->at;
  self->at += size;
  return TRUE;
}

static gboolean
take_number (Reader *self,
             gint32 *number)
{
  const guint8 *data;

  if (!take (self, sizeof *number, &data))
    return FALSE;
  memcpy (number, data, sizeof *number);
  *number = GINT32_FROM_LE (*number);
  return TRUE;
}

static const char *
append_boolean (Reader *self,
                guint8  value)
{
  plant_rpc_serial_append (&self->serial, &value, 1);
  return "b";
}

static const char *
read_small_integer (Reader *self)
{
  gint32 number;
  gint64 wide;

  if (!take_number (self, &number))
    return NULL;
  wide = number;
  plant_rpc_serial_append (&self->serial, &wide, sizeof wide);
  return "x";
}

static const char *
read_integer (Reader *self)
{
  guint64 magnitude = 0;
  const guint8 *digits;
  gint32 count;
  gint64 number;
  guint n;

  if (!take_number (self, &count) || count < -MAX_DIGITS || count > MAX_DIGITS)
    return NULL;
  n = (guint) ABS (count);
  if (!take (self, 2 * n, &digits))
    return NULL;
  for (guint i = n; i-- > 0;)
    {
      if (magnitude >> (64 - DIGIT_BITS) != 0)
        return NULL;
      magnitude = magnitude << DIGIT_BITS | (guint64) (digits[2 * i] | digits[2 * i + 1] << 8);
    }
  if (magnitude > (guint64) G_MAXINT64 + (count < 0))
    {
      plant_rpc_serial_append (&self->serial, &magnitude, sizeof magnitude);
      return count < 0 ? NULL : "t";
    }
  number = (gint64) (count < 0 ? -magnitude : magnitude);
  plant_rpc_serial_append (&self->serial, &number, sizeof number);
  return "x";
}

static const char *
read_float (Reader *self)
{
  const guint8 *data;
  guint64 bits;

  if (!take (self, sizeof bits, &data))
    return NULL;
  memcpy (&bits, data, sizeof bits);
  bits = GUINT64_FROM_LE (bits);
  plant_rpc_serial_append (&self->serial, &bits, sizeof bits);
  return "d";
}

/* Refuses a text with a NUL or a lone surrogate. */
static const char *
read_text (Reader *self)
{
  const guint8 *data;
  gint32 size;

  if (!take_number (self, &size) || size < 0 || !take (self, (gsize) size, &data) ||
      !g_utf8_validate_len ((const char *) data, (gsize) size, NULL))
    return NULL;
  plant_rpc_serial_append (&self->serial, data, (gsize) size);
  plant_rpc_serial_append (&self->serial, "", 1);
  return "s";
}

/* Appends an item of eight bytes with its variant in one step, since long lists are of numbers.
 * Returns FALSE for any other item. */
static gboolean
read_number_item (Reader *self)
{
  gsize padding = -self->serial.size & 7;
  char type = *self->at == 'g' ? 'd' : 'x';
  guint8 *place;
  gint64 number;
  gint32 small;

  if (*self->at == 'i' && self->end - self->at > 4)
    {
      memcpy (&small, self->at + 1, sizeof small);
      number = (gint32) GINT32_FROM_LE (small);
    }
  else if (*self->at == 'g' && self->end - self->at > 8)
    {
      memcpy (&number, self->at + 1, sizeof number);
      number = GINT64_FROM_LE (number);
    }
  else
    return FALSE;
  self->at += type == 'x' ? 5 : 9;
  place = plant_rpc_serial_extend (&self->serial, padding + 10);
  memset (place, 0, padding);
  memcpy (place + padding, &number, sizeof number);
  place[padding + 8] = '\0';
  place[padding + 9] = (guint8) type;
  return TRUE;
}

static gboolean
read_item (Reader *self,
           guint   depth)
{
  const char *type;

  if (self->at == self->end)
    return FALSE;
  if (read_number_item (self))
    return TRUE;
  plant_rpc_serial_align (&self->serial, 8);
  type = read_value (self, depth);
  if (type != NULL)
    plant_rpc_serial_end_variant (&self->serial, (const GVariantType *) type);
  return type != NULL;
}

static const char *
read_list (Reader *self,
           guint   depth)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  gint32 count;

  if (depth == PLANT_RPC_MAX_DEPTH || !take_number (self, &count))
    return NULL;
  for (; count > 0; count--)
    {
      if (!read_item (self, depth + 1))
        return NULL;
      plant_rpc_serial_end_child (&self->serial);
    }
  plant_rpc_serial_end_array (&self->serial, mark);
  return "av";
}

static gboolean
read_member (Reader *self,
             guint   depth)
{
  PlantRpcSerialMark mark;
  const char *type;

  plant_rpc_serial_align (&self->serial, 8);
  mark = plant_rpc_serial_begin (&self->serial);
  if (*self->at++ != 'u' || read_text (self) == NULL)
    return FALSE;
  plant_rpc_serial_end_child (&self->serial);
  plant_rpc_serial_align (&self->serial, 8);
  type = read_value (self, depth);
  if (type == NULL)
    return FALSE;
  plant_rpc_serial_end_variant (&self->serial, (const GVariantType *) type);
  plant_rpc_serial_end_tuple (&self->serial, mark);
  plant_rpc_serial_end_child (&self->serial);
  return TRUE;
}

static const char *
read_dictionary (Reader *self,
                 guint   depth)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);

  if (depth == PLANT_RPC_MAX_DEPTH)
    return NULL;
  while (self->at < self->end && *self->at != '0')
    {
      if (!read_member (self, depth + 1))
        return NULL;
    }
  if (self->at++ == self->end)
    return NULL;
  plant_rpc_serial_end_array (&self->serial, mark);
  return "a{sv}";
}

/* Appends a value without a variant around it, and returns its type, or NULL for what is refused.
 * The recursion is limited by DEPTH. */
static const char *
read_value (Reader *self,
            guint   depth)
{
  if (self->at == self->end)
    return NULL;
  switch (*self->at++)
    {
    case 'N':
      return "mv";
    case 'T':
      return append_boolean (self, TRUE);
    case 'F':
      return append_boolean (self, FALSE);
    case 'i':
      return read_small_integer (self);
    case 'l':
      return read_integer (self);
    case 'g':
      return read_float (self);
    case 'u':
      return read_text (self);
    case '(':
    case '[':
      return read_list (self, depth);
    case '{':
      return read_dictionary (self, depth);
    default:
      return NULL;
    }
}

/* Returns the next value, never floating, or NULL if it is refused or not of TYPE (nullable). */
static GVariant *
read_whole (Reader             *self,
            const GVariantType *type)
{
  const gsize length = (gsize) (self->end - self->at);
  const char *read;

  if (length > PLANT_RPC_SERIAL_MAX_SIZE / MAX_GROWTH)
    return NULL;
  self->serial = (PlantRpcSerial) PLANT_RPC_SERIAL_INIT;
  plant_rpc_serial_reserve (&self->serial, length * USUAL_GROWTH);
  read = read_value (self, 0);
  if (read != NULL && (type == NULL || g_str_equal (read, (const char *) type)))
    return plant_rpc_serial_finish (&self->serial, (const GVariantType *) read);
  plant_rpc_serial_clear (&self->serial);
  return NULL;
}

/**
 * plant_rpc_value_from_marshal:
 * @data: (array length=length) (element-type guint8): what `marshal.dumps (value, 2)` of Python
 *   returns
 * @length: the number of bytes
 *
 * Converts a plain value of Python in one step.
 *
 * The override for Python uses it, and programs have no need to. `None` becomes an empty maybe of
 * type `mv`, a list or a tuple `av`, a dictionary `a{sv}`, an integer `x` or `t`, a float `d`.
 *
 * Returns: (transfer full) (nullable): the value, or %NULL for one of other types, with bytes in
 *   it, with names that are no texts, with a text that has a NUL character or a lone surrogate,
 *   with an integer of more than 64 bits, or that is nested too deeply
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_value_from_marshal (const guint8 *data,
                              gsize         length)
{
  Reader self = { data, data + length, PLANT_RPC_SERIAL_INIT };
  g_autoptr (GVariant) value = NULL;

  g_return_val_if_fail (data != NULL || length == 0, NULL);

  value = read_whole (&self, NULL);
  return self.at == self.end ? g_steal_pointer (&value) : NULL;
}

gboolean
plant_rpc_value_take_marshal_call (const guint8  *data,
                                   gsize          length,
                                   GVariant     **args,
                                   GVariant     **kwargs)
{
  static const guint8 PAIR[] = { '(', 2, 0, 0, 0 };
  Reader self = { data + sizeof PAIR, data + length, PLANT_RPC_SERIAL_INIT };

  if (length < sizeof PAIR || memcmp (data, PAIR, sizeof PAIR) != 0)
    return FALSE;
  *args = read_whole (&self, G_VARIANT_TYPE ("av"));
  *kwargs = *args != NULL ? read_whole (&self, G_VARIANT_TYPE_VARDICT) : NULL;
  if (*kwargs != NULL && self.at == self.end)
    return TRUE;
  g_clear_pointer (args, g_variant_unref);
  g_clear_pointer (kwargs, g_variant_unref);
  return FALSE;
}

/* ---- to Python */

typedef struct {
  guint8 *data; /* (owned) */
  gsize   size;
  gsize   room;
} Buffer;

static guint8 *
extend (Buffer *self,
        gsize   size)
{
  guint8 *place;

  if (self->size + size > self->room)
    {
      self->room = MAX (self->room * 2, self->size + size);
      self->data = g_realloc (self->data, self->room);
    }
  place = self->data + self->size;
  self->size += size;
  return place;
}

typedef struct {
  Buffer  *out; /* (unowned) */
  /* Bytes are bytes, and () is None. Within an array of another type than “av” they are a list and
   * an empty tuple, as GLib.Variant.unpack() of PyGObject has them. */
  gboolean    plain;
} Writer;

static gboolean write_value (const Writer             *self,
                             const PlantRpcSerialView *value,
                             guint                     depth);

static void
write_letter (const Writer *self,
              char          letter)
{
  *extend (self->out, 1) = (guint8) letter;
}

static void
write_number (const Writer *self,
              char          letter,
              gsize         number)
{
  guint32 little = GUINT32_TO_LE ((guint32) number);
  guint8 *place = extend (self->out, 1 + sizeof little);

  *place = (guint8) letter;
  memcpy (place + 1, &little, sizeof little);
}

static void
write_bytes (const Writer *self,
             char          letter,
             const guint8 *data,
             gsize         size)
{
  write_number (self, letter, size);
  if (size > 0)
    memcpy (extend (self->out, size), data, size);
}

static void
write_long (const Writer          *self,
            const PlantRpcInteger *integer)
{
  gsize n = 0;

  for (guint64 rest = integer->magnitude; rest != 0; rest >>= DIGIT_BITS)
    n++;
  write_number (self, 'l', integer->negative ? -n : n);
  for (guint64 rest = integer->magnitude; rest != 0; rest >>= DIGIT_BITS)
    {
      guint8 *place = extend (self->out, 2);

      place[0] = (guint8) rest;
      place[1] = rest >> 8 & 0x7f;
    }
}

static void
write_integer (const Writer             *self,
               const PlantRpcSerialView *value,
               char                      letter)
{
  PlantRpcInteger integer = { FALSE, 0 };

  plant_rpc_serial_load_integer (letter == 'h' ? 'i' : letter, value->data, &integer);
  if (integer.magnitude > G_MAXINT32)
    write_long (self, &integer);
  else
    write_number (self, 'i', integer.negative ? -integer.magnitude : integer.magnitude);
}

static void
write_float (const Writer             *self,
             const PlantRpcSerialView *value)
{
  guint8 *place = extend (self->out, 1 + sizeof (guint64));
  guint64 bits;

  memcpy (&bits, value->data, sizeof bits);
  bits = GUINT64_TO_LE (bits);
  *place = 'g';
  memcpy (place + 1, &bits, sizeof bits);
}

static void
write_basic (const Writer             *self,
             const PlantRpcSerialView *value,
             char                      letter)
{
  if (letter == 'b')
    write_letter (self, *value->data != 0 ? 'T' : 'F');
  else if (letter == 'd')
    write_float (self, value);
  else if (strchr ("sog", letter) != NULL)
    write_bytes (self, 'u', value->data, value->size > 0 ? value->size - 1 : 0);
  else
    write_integer (self, value, letter);
}

static gboolean
write_children (const Writer       *self,
                PlantRpcSerialIter *iter,
                guint               depth)
{
  PlantRpcSerialView child;

  while (plant_rpc_serial_iter_next (iter, &child))
    {
      if (!write_value (self, &child, depth + 1))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_dictionary (const Writer       *self,
                  PlantRpcSerialIter *iter,
                  guint               depth)
{
  PlantRpcSerialView entry;

  write_letter (self, '{');
  while (plant_rpc_serial_iter_next (iter, &entry))
    {
      PlantRpcSerialIter members;

      plant_rpc_serial_iter_init (&members, &entry);
      if (!write_children (self, &members, depth))
        return FALSE;
    }
  write_letter (self, '0');
  return TRUE;
}

static gboolean
write_container (const Writer             *self,
                 const PlantRpcSerialView *value,
                 guint                     depth)
{
  gboolean dictionary = plant_rpc_serial_view_is (value, G_VARIANT_TYPE_DICTIONARY);
  gboolean array = g_variant_type_is_array (value->type);
  gboolean open = !array || plant_rpc_serial_view_is (value, G_VARIANT_TYPE ("av")) ||
                  plant_rpc_serial_view_is (value, G_VARIANT_TYPE_VARDICT);
  Writer inner = { self->out, self->plain && open };
  PlantRpcSerialIter iter;

  if (depth == PLANT_RPC_MAX_DEPTH || g_variant_type_is_dict_entry (value->type))
    return FALSE;
  plant_rpc_serial_iter_init (&iter, value);
  if (dictionary)
    return write_dictionary (&inner, &iter, depth);
  write_number (self, array ? '[' : '(', iter.n_left);
  return write_children (&inner, &iter, depth);
}

/* The recursion is limited by DEPTH. */
static gboolean
write_value (const Writer             *self,
             const PlantRpcSerialView *value,
             guint                     depth)
{
  PlantRpcSerialView opened = plant_rpc_serial_view_open_normal (value);

  if (!g_variant_type_is_container (opened.type))
    write_basic (self, &opened, *g_variant_type_peek_string (opened.type));
  else if (g_variant_type_is_maybe (opened.type) ||
           (self->plain && plant_rpc_serial_view_is (&opened, G_VARIANT_TYPE_UNIT)))
    write_letter (self, 'N');
  else if (self->plain && plant_rpc_serial_view_is (&opened, G_VARIANT_TYPE_BYTESTRING))
    write_bytes (self, 's', opened.data, opened.size);
  else
    return write_container (self, &opened, depth);
  return TRUE;
}

/* Returns FALSE for a value that marshal cannot tell. What has been written is kept then. */
static gboolean
write_whole (Buffer   *out,
             GVariant *value)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (value);
  const PlantRpcSerialView view = plant_rpc_serial_view_of (normal);

  if (view.size > G_MAXINT32 / MAX_GROWTH)
    return FALSE;
  out->room = out->size + view.size + 64;
  out->data = g_realloc (out->data, out->room);
  return write_value (&(Writer) { out, TRUE }, &view, 0);
}

/**
 * plant_rpc_value_to_marshal:
 * @variant: a value
 * @length: (out): the number of bytes
 *
 * Converts a value for Python in one step.
 *
 * The override for Python uses it, and programs have no need to. Variants and maybes are opened, an
 * empty maybe becomes `None`, an array a list, `ay` bytes, a dictionary a dictionary, and a tuple a
 * tuple.
 *
 * Returns: (array length=length) (element-type guint8) (transfer full) (nullable): what
 *   `marshal.loads()` of Python takes, or %NULL for a value that is nested too deeply, that is too
 *   large, or with one in it that GVariant has no type for
 *
 * Since: 1.0
 */
guint8 *
plant_rpc_value_to_marshal (GVariant *variant,
                            gsize    *length)
{
  Buffer out = { NULL, 0, 0 };

  g_return_val_if_fail (variant != NULL, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  *length = 0;
  if (!write_whole (&out, variant))
    {
      g_free (out.data);
      return NULL;
    }
  *length = out.size;
  return out.data;
}

guint8 *
plant_rpc_value_call_to_marshal (GVariant *args,
                                 GVariant *kwargs,
                                 gsize    *length)
{
  static const guint8 EMPTY[] = { '{', '0' };
  Buffer out = { NULL, 0, 0 };
  gboolean done;

  *length = 0;
  write_number (&(Writer) { &out, TRUE }, '(', 2);
  done = write_whole (&out, args);
  if (done && g_variant_n_children (kwargs) == 0)
    memcpy (extend (&out, sizeof EMPTY), EMPTY, sizeof EMPTY);
  else if (done)
    done = write_whole (&out, kwargs);
  if (!done)
    {
      g_free (out.data);
      return NULL;
    }
  *length = out.size;
  return out.data;
}

static void
write_text (const Writer *self,
            const char   *text)
{
  if (text != NULL)
    write_bytes (self, 'u', (const guint8 *) text, strlen (text));
  else
    write_letter (self, 'N');
}

static void
write_error (const Writer *self,
             const GError *error)
{
  write_number (self, '(', 4);
  write_text (self, g_quark_to_string (error->domain));
  write_number (self, 'i', (gsize) error->code);
  write_text (self, error->message);
  write_text (self, plant_rpc_error_get_traceback (error));
}

static void
write_serialised (const Writer *self,
                  GVariant     *value)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (value);

  write_number (self, '(', 2);
  write_text (self, g_variant_get_type_string (normal));
  write_bytes (self, 's', g_variant_get_data (normal), g_variant_get_size (normal));
}

guint8 *
plant_rpc_value_outcome_to_marshal (GVariant     *value,
                                    const GError *error,
                                    gsize        *length)
{
  Buffer out = { NULL, 0, 0 };
  const Writer self = { &out, TRUE };

  write_number (&self, '(', 1);
  if (error == NULL && value == NULL)
    {
      write_letter (&self, 'N');
    }
  else if (error != NULL || !write_whole (&out, value))
    {
      out.size = 0;
      if (error != NULL)
        write_error (&self, error);
      else
        write_serialised (&self, value);
    }
  *length = out.size;
  return out.data;
}

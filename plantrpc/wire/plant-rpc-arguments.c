/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-arguments-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-value-private.h"

/* GVariant aligns a variant to eight bytes. */
#define ALIGN(offset) plant_rpc_serial_align_up (offset, 8)

/* A NUL and the type, which has one letter here, follow the bytes of a variant's child. */
#define TYPE_SIZE 2

static void
set_number (PlantRpcPlain *self,
            char           type,
            gconstpointer  number)
{
  *self = (PlantRpcPlain) { .type = type, .size = plant_rpc_serial_get_size (type) };
  memcpy (&self->bits, number, self->size);
}

static gboolean
set_text (PlantRpcPlain *self,
          const char    *text)
{
  *self = (PlantRpcPlain) { .type = 's', .text = text };
  return text != NULL && g_utf8_validate (text, -1, NULL);
}

/* ---- GValues */

/* Returns the letter for a type whose values lie in a GValue as they are serialised. */
static char
find_type (GType type)
{
  switch (type)
    {
    case G_TYPE_INT:
      return 'i';
    case G_TYPE_UINT:
      return 'u';
    case G_TYPE_INT64:
      return 'x';
    case G_TYPE_UINT64:
      return 't';
    case G_TYPE_DOUBLE:
      return 'd';
    default:
      return '\0';
    }
}

gboolean
plant_rpc_plain_set_value (PlantRpcPlain *self,
                           const GValue  *value,
                           GType          type)
{
  guint8 byte;
  gint16 small;
  gint64 number;
  double real;

  switch (type)
    {
    case G_TYPE_BOOLEAN:
      byte = g_value_get_boolean (value) ? 1 : 0;
      set_number (self, 'b', &byte);
      return TRUE;
    case G_TYPE_CHAR:
      small = g_value_get_schar (value);
      set_number (self, 'n', &small);
      return TRUE;
    case G_TYPE_UCHAR:
      byte = g_value_get_uchar (value);
      set_number (self, 'y', &byte);
      return TRUE;
    case G_TYPE_LONG:
      number = g_value_get_long (value);
      set_number (self, 'x', &number);
      return TRUE;
    case G_TYPE_ULONG:
      number = (gint64) g_value_get_ulong (value);
      set_number (self, 't', &number);
      return TRUE;
    case G_TYPE_FLOAT:
      real = plant_rpc_value_widen (g_value_get_float (value));
      set_number (self, 'd', &real);
      return TRUE;
    case G_TYPE_STRING:
      return set_text (self, g_value_get_string (value));
    default:
      set_number (self, find_type (type), &value->data[0]);
      return self->size > 0;
    }
}

/* Types are compared exactly, since an enumeration is not a plain integer although its type is
 * derived from one. */
gboolean
plant_rpc_arguments_from_values (PlantRpcArguments *self,
                                 const GValue      *values,
                                 guint              n_values)
{
  if (G_BYTE_ORDER != G_LITTLE_ENDIAN || n_values > PLANT_RPC_MAX_PLAIN)
    return FALSE;
  self->payload = NULL;
  self->n_plain = n_values;
  for (guint i = 0; i < n_values; i++)
    {
      if (!plant_rpc_plain_set_value (&self->plain[i], &values[i], G_VALUE_TYPE (&values[i])))
        return FALSE;
    }
  return TRUE;
}

gboolean
plant_rpc_arguments_to_value (const PlantRpcArguments *self,
                              guint                    index,
                              GType                    type,
                              GValue                  *result)
{
  const PlantRpcPlain *plain = &self->plain[index];
  char letter = type == G_TYPE_STRING ? 's' : type == G_TYPE_BOOLEAN ? 'b' : find_type (type);

  if (plain->type != letter)
    return FALSE;
  g_value_init (result, type);
  if (plain->text != NULL)
    g_value_set_string (result, plain->text);
  else if (type == G_TYPE_BOOLEAN)
    g_value_set_boolean (result, plain->bits != 0);
  else
    memcpy (&result->data[0], &plain->bits, plain->size);
  return TRUE;
}

/* ---- bytes */

static gsize
get_content_size (const PlantRpcPlain *self)
{
  return self->text != NULL ? strlen (self->text) + 1 : self->size;
}

/* Returns the offset at which the last argument ends. */
static gsize
measure_body (const PlantRpcArguments *self)
{
  gsize body = 0;

  for (guint i = 0; i < self->n_plain; i++)
    body = ALIGN (body) + get_content_size (&self->plain[i]) + TYPE_SIZE;
  return body;
}

static void
write_array (const PlantRpcArguments *self,
             guint8                  *data,
             gsize                    body)
{
  gsize offset_size = plant_rpc_serial_choose_end_size (body, self->n_plain), offset = 0;
  guint8 *offsets = data + body;

  for (guint i = 0; i < self->n_plain; i++)
    {
      const PlantRpcPlain *plain = &self->plain[i];
      gsize size = get_content_size (plain);

      offset = ALIGN (offset);
      if (plain->text != NULL)
        memcpy (data + offset, plain->text, size);
      else
        memcpy (data + offset, &plain->bits, size);
      offset += size + TYPE_SIZE;
      data[offset - 1] = plain->type;
      offsets = plant_rpc_serial_write_end (offsets, offset_size, offset);
    }
}

gsize
plant_rpc_arguments_write (const PlantRpcArguments *self,
                           guint8                   kind,
                           const char              *name,
                           guint8                  *data)
{
  gsize name_size = strlen (name) + 1;
  gsize start = ALIGN (1 + name_size);
  gsize array_body = measure_body (self);
  gsize end_size = plant_rpc_serial_choose_end_size (array_body, self->n_plain);
  gsize body = start + array_body + self->n_plain * end_size;
  gsize offset_size = plant_rpc_serial_choose_end_size (body, 1);

  if (body + offset_size > PLANT_RPC_MAX_PLAIN_SIZE)
    return 0;
  memset (data, 0, body + offset_size);
  data[0] = kind;
  memcpy (data + 1, name, name_size);
  write_array (self, data + start, array_body);
  plant_rpc_serial_write_end (data + body, offset_size, 1 + name_size);
  return body + offset_size;
}

GBytes *
plant_rpc_arguments_pack (const PlantRpcArguments *self,
                          guint8                   kind,
                          const char              *name)
{
  guint8 data[PLANT_RPC_MAX_PLAIN_SIZE];
  gsize size = plant_rpc_arguments_write (self, kind, name, data);

  return size > 0 ? g_bytes_new (data, size) : NULL;
}

/* ---- what is read must be in normal form: only one of the serialised forms of a value is */

/* SIZE counts the NUL. */
static gboolean
is_text (const guint8 *data,
         gsize         size)
{
  return size > 0 && strnlen ((const char *) data, size) == size - 1;
}

static gboolean
read_plain (PlantRpcPlain *self,
            const guint8  *data,
            gsize          size)
{
  char type = size > TYPE_SIZE ? data[size - 1] : '\0';
  gsize fixed_size = plant_rpc_serial_get_size (type);

  if (type == '\0' || data[size - TYPE_SIZE] != '\0')
    return FALSE;
  if (type == 's')
    return is_text (data, size - TYPE_SIZE) && set_text (self, (const char *) data);
  if (fixed_size == 0 || fixed_size != size - TYPE_SIZE || (type == 'b' && data[0] > 1))
    return FALSE;
  set_number (self, type, data);
  return TRUE;
}

/* Returns the offset at which the last argument ends, or 0 if the SIZE bytes are no array of plain
 * arguments. */
static gsize
find_body (const guint8 *data,
           gsize         size,
           guint         offset_size)
{
  gsize body = size > offset_size
                   ? plant_rpc_serial_read_end (data + size - offset_size, offset_size) : size;
  gsize n = body < size ? (size - body) / offset_size : 0;

  if (n == 0 || n > PLANT_RPC_MAX_PLAIN || body + n * offset_size != size ||
      plant_rpc_serial_choose_end_size (body, n) != offset_size)
    return 0;
  return body;
}

static gboolean
read_array (PlantRpcArguments *self,
            const guint8      *data,
            gsize              size)
{
  const guint offset_size = plant_rpc_serial_get_end_size (size);
  const gsize body = find_body (data, size, offset_size);
  gsize end = 0;

  self->n_plain = 0;
  for (gsize at = body; body > 0 && at < size; at += offset_size)
    {
      gsize start = ALIGN (end), former = end;

      end = plant_rpc_serial_read_end (data + at, offset_size);
      if (end > body || start >= end || !plant_rpc_serial_is_zero (data, former, start) ||
          !read_plain (&self->plain[self->n_plain++], data + start, end - start))
        return FALSE;
    }
  return body > 0 || size == 0;
}

static gboolean
read_payload (PlantRpcArguments *self,
              const guint8      *data,
              gsize              size)
{
  gsize offset_size = plant_rpc_serial_get_end_size (size);
  gsize body = size - offset_size;
  gsize name_end = plant_rpc_serial_read_end (data + body, offset_size);
  gsize start = ALIGN (name_end);

  return name_end > 1 && start <= body && is_text (data + 1, name_end - 1) &&
         plant_rpc_serial_is_zero (data, name_end, start) &&
         plant_rpc_serial_choose_end_size (body, 1) == offset_size &&
         g_utf8_validate ((const char *) data + 1, -1, NULL) &&
         read_array (self, data + start, body - start);
}

gboolean
plant_rpc_arguments_unpack_part (PlantRpcArguments  *self,
                                 GBytes             *payload,
                                 const guint8       *data,
                                 gsize               size,
                                 const char        **name)
{
  if (G_BYTE_ORDER != G_LITTLE_ENDIAN || size < ALIGN (1) || size > PLANT_RPC_MAX_PLAIN_SIZE ||
      !read_payload (self, data, size))
    return FALSE;
  self->payload = g_bytes_ref (payload);
  *name = (const char *) data + 1;
  return TRUE;
}

gboolean
plant_rpc_arguments_unpack (PlantRpcArguments  *self,
                            GBytes             *payload,
                            const char        **name)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (payload, &size);

  return plant_rpc_arguments_unpack_part (self, payload, data, size, name);
}

/* ---- GVariants */

GVariant *
plant_rpc_plain_to_variant (const PlantRpcPlain *self)
{
  char type[] = { self->type, '\0' };
  g_autoptr (GBytes) bytes = NULL;
  double real;

  switch (self->type)
    {
    case 's':
      return g_variant_new_string (self->text);
    case 'b':
      return g_variant_new_boolean (self->bits != 0);
    case 'd':
      memcpy (&real, &self->bits, sizeof real);
      return g_variant_new_double (real);
    default:
      bytes = g_bytes_new (&self->bits, self->size);
      return g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, TRUE);
    }
}

GVariant *
plant_rpc_arguments_to_variant (const PlantRpcArguments *self)
{
  GVariant *list[PLANT_RPC_MAX_PLAIN];

  for (guint i = 0; i < self->n_plain; i++)
    list[i] = g_variant_new_variant (plant_rpc_plain_to_variant (&self->plain[i]));
  return g_variant_new_array (G_VARIANT_TYPE_VARIANT, list, self->n_plain);
}

void
plant_rpc_arguments_clear (PlantRpcArguments *self)
{
  g_clear_pointer (&self->payload, g_bytes_unref);
}

PlantRpcArguments *
plant_rpc_arguments_dup (const PlantRpcArguments *self)
{
  PlantRpcArguments *copy = g_memdup2 (self, sizeof *self);

  g_bytes_ref (copy->payload);
  return copy;
}

void
plant_rpc_arguments_free (PlantRpcArguments *self)
{
  plant_rpc_arguments_clear (self);
  g_free (self);
}

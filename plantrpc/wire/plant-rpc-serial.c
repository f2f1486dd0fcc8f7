/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-serial-private.h"

#define MIN_ROOM 64 /* bytes */

static PlantRpcInteger
integer_from_signed (gint64 number)
{
  return (PlantRpcInteger) { number < 0, number < 0 ? -(guint64) number : (guint64) number };
}

gboolean
plant_rpc_serial_load_integer (char             type,
                               gconstpointer    data,
                               PlantRpcInteger *result)
{
  gint16 n;
  guint16 q;
  gint32 i;
  guint32 u;
  gint64 x;

  switch (type)
    {
    case 'y':
      *result = integer_from_signed (*(const guint8 *) data);
      return TRUE;
    case 'n':
      memcpy (&n, data, sizeof n);
      *result = integer_from_signed (n);
      return TRUE;
    case 'q':
      memcpy (&q, data, sizeof q);
      *result = integer_from_signed (q);
      return TRUE;
    case 'i':
      memcpy (&i, data, sizeof i);
      *result = integer_from_signed (i);
      return TRUE;
    case 'u':
      memcpy (&u, data, sizeof u);
      *result = integer_from_signed (u);
      return TRUE;
    case 'x':
      memcpy (&x, data, sizeof x);
      *result = integer_from_signed (x);
      return TRUE;
    case 't':
      memcpy (&result->magnitude, data, sizeof result->magnitude);
      result->negative = FALSE;
      return TRUE;
    default:
      return FALSE;
    }
}

static PlantRpcSerialLayout
get_members_layout (const GVariantType *type)
{
  PlantRpcSerialLayout layout = { 0, 1 };
  const GVariantType *item = g_variant_type_first (type);
  gboolean fixed = TRUE;

  for (; item != NULL; item = g_variant_type_next (item))
    {
      PlantRpcSerialLayout inner = plant_rpc_serial_get_layout (item);

      layout.alignment = MAX (layout.alignment, inner.alignment);
      layout.size = plant_rpc_serial_align_up (layout.size, inner.alignment) + inner.size;
      fixed = fixed && inner.size > 0;
    }
  layout.size = fixed ? MAX (plant_rpc_serial_align_up (layout.size, layout.alignment), 1) : 0;
  return layout;
}

PlantRpcSerialLayout
plant_rpc_serial_get_layout (const GVariantType *type)
{
  char letter = *g_variant_type_peek_string (type);
  guint size = plant_rpc_serial_get_size (letter);

  if (size > 0)
    return (PlantRpcSerialLayout) { size, size };
  switch (letter)
    {
    case 'h':
      return (PlantRpcSerialLayout) { 4, 4 };
    case 'v':
      return (PlantRpcSerialLayout) { 0, 8 };
    case 'a':
    case 'm':
      return (PlantRpcSerialLayout) {
        0, plant_rpc_serial_get_layout (g_variant_type_element (type)).alignment
      };
    case '(':
    case '{':
      return get_members_layout (type);
    default:
      return (PlantRpcSerialLayout) { 0, 1 };
    }
}

void
plant_rpc_serial_clear (PlantRpcSerial *self)
{
  g_free (self->data);
  *self = (PlantRpcSerial) PLANT_RPC_SERIAL_INIT;
}

GBytes *
plant_rpc_serial_steal (PlantRpcSerial *self)
{
  gsize size = self->size;
  guint8 *data = g_realloc (g_steal_pointer (&self->data), size);

  plant_rpc_serial_clear (self);
  return g_bytes_new_take (data, size);
}

GVariant *
plant_rpc_serial_finish (PlantRpcSerial     *self,
                         const GVariantType *type)
{
  g_autoptr (GBytes) bytes = plant_rpc_serial_steal (self);

  return g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, TRUE));
}

static gsize
get_ends_size (const PlantRpcSerial *self)
{
  return sizeof (guint32) * self->n_ends;
}

guint32 *
plant_rpc_serial_get_end (PlantRpcSerial *self,
                          guint           index)
{
  return (guint32 *) (gpointer) (self->data + self->room) - (index + 1);
}

/* The ends are kept at the end of the block, so they move with it. */
static void
resize (PlantRpcSerial *self,
        gsize           room)
{
  gsize ends_size = get_ends_size (self);
  gsize former = self->room - ends_size;

  self->data = g_realloc (self->data, room);
  self->room = room;
  memmove (self->data + room - ends_size, self->data + former, ends_size);
}

void
plant_rpc_serial_reserve (PlantRpcSerial *self,
                          gsize           room)
{
  if (room > self->room)
    resize (self, (room + 7) & ~(gsize) 7);
}

/* Makes room for SIZE more bytes. */
static void
make_room (PlantRpcSerial *self,
           gsize           size)
{
  gsize needed = self->size + get_ends_size (self) + size;

  if (needed > self->room || self->data == NULL)
    plant_rpc_serial_reserve (self, MAX (MAX (self->room * 2, needed), MIN_ROOM));
}

guint8 *
plant_rpc_serial_extend (PlantRpcSerial *self,
                         gsize           size)
{
  guint8 *place;

  make_room (self, size);
  place = self->data + self->size;
  self->size += size;
  return place;
}

void
plant_rpc_serial_append (PlantRpcSerial *self,
                         gconstpointer   data,
                         gsize           size)
{
  if (size > 0)
    memcpy (plant_rpc_serial_extend (self, size), data, size);
}

void
plant_rpc_serial_align (PlantRpcSerial *self,
                        guint           alignment)
{
  gsize padding = -self->size & (alignment - 1);

  if (padding > 0)
    memset (plant_rpc_serial_extend (self, padding), 0, padding);
}

void
plant_rpc_serial_append_value (PlantRpcSerial *self,
                               GVariant       *value)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (value);

  plant_rpc_serial_align (self, 8);
  g_variant_store (normal, plant_rpc_serial_extend (self, g_variant_get_size (normal)));
}

PlantRpcSerialMark
plant_rpc_serial_begin (PlantRpcSerial *self)
{
  return (PlantRpcSerialMark) { self->size, self->n_ends };
}

void
plant_rpc_serial_rewind (PlantRpcSerial     *self,
                         PlantRpcSerialMark  mark)
{
  self->size = mark.start;
  self->n_ends = mark.n_ends;
}

void
plant_rpc_serial_end_child (PlantRpcSerial *self)
{
  make_room (self, sizeof (guint32));
  *plant_rpc_serial_get_end (self, self->n_ends++) = (guint32) self->size;
}

static void
write_ends (PlantRpcSerial     *self,
            PlantRpcSerialMark  mark,
            gboolean            reverse)
{
  guint n = self->n_ends - mark.n_ends;
  guint size = plant_rpc_serial_choose_end_size (self->size - mark.start, n);
  guint8 *place = plant_rpc_serial_extend (self, (gsize) n * size);

  for (guint i = 0; i < n; i++)
    {
      guint child = mark.n_ends + (reverse ? n - 1 - i : i);

      place = plant_rpc_serial_write_end (place, size,
                                          *plant_rpc_serial_get_end (self, child) - mark.start);
    }
  self->n_ends = mark.n_ends;
}

void
plant_rpc_serial_end_array (PlantRpcSerial     *self,
                            PlantRpcSerialMark  mark)
{
  write_ends (self, mark, FALSE);
}

void
plant_rpc_serial_end_tuple (PlantRpcSerial     *self,
                            PlantRpcSerialMark  mark)
{
  write_ends (self, mark, TRUE);
}

void
plant_rpc_serial_end_variant (PlantRpcSerial     *self,
                              const GVariantType *type)
{
  gsize length = g_variant_type_get_string_length (type);
  guint8 *place = plant_rpc_serial_extend (self, 1 + length);

  place[0] = '\0';
  memcpy (place + 1, g_variant_type_peek_string (type), length);
}

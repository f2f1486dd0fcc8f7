/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"

PlantRpcSerialView
plant_rpc_serial_view_of (GVariant *value)
{
  return (PlantRpcSerialView) {
    g_variant_get_data (value), g_variant_get_size (value), g_variant_get_type (value)
  };
}

gboolean
plant_rpc_serial_view_is (const PlantRpcSerialView *self,
                          const GVariantType       *type)
{
  return g_variant_type_is_subtype_of (self->type, type);
}

const char *
plant_rpc_serial_view_peek_string (const PlantRpcSerialView *self)
{
  const char *text = (const char *) self->data;

  if (self->size == 0 || text[self->size - 1] != '\0' ||
      !g_utf8_validate (text, self->size - 1, NULL))
    return NULL;
  return text;
}

GVariant *
plant_rpc_serial_view_copy (const PlantRpcSerialView *self)
{
  g_autoptr (GBytes) bytes = g_bytes_new (self->data, self->size);

  return g_variant_ref_sink (g_variant_new_from_bytes (self->type, bytes, TRUE));
}

PlantRpcSerialView
plant_rpc_serial_view_open (const PlantRpcSerialView *self)
{
  PlantRpcSerialView opened = *self;
  PlantRpcSerialIter iter;

  while (g_variant_type_is_variant (opened.type) || g_variant_type_is_maybe (opened.type))
    {
      plant_rpc_serial_iter_init (&iter, &opened);
      if (!plant_rpc_serial_iter_next (&iter, &opened))
        break;
    }
  return opened;
}

PlantRpcSerialView
plant_rpc_serial_view_open_normal (const PlantRpcSerialView *self)
{
  gsize size = self->size;

  if (size < 2 || self->data[size - 2] != 0 || *g_variant_type_peek_string (self->type) != 'v' ||
      self->data[size - 1] == 'v')
    return plant_rpc_serial_view_open (self);
  return (PlantRpcSerialView) {
    self->data, size - 2, (const GVariantType *) (self->data + size - 1)
  };
}

gsize
plant_rpc_serial_count_ends (const GVariantType *type)
{
  const GVariantType *item = NULL, *next;
  gsize n = 0;

  if (g_variant_type_is_tuple (type) || g_variant_type_is_dict_entry (type))
    item = g_variant_type_first (type);
  for (; item != NULL && (next = g_variant_type_next (item)) != NULL; item = next)
    n += plant_rpc_serial_get_layout (item).size == 0;
  return n;
}

/* The ends of the elements are stored behind them, and the last one tells where they begin. */
static void
init_variable_array (PlantRpcSerialIter *self)
{
  const PlantRpcSerialView *array = &self->container;
  guint end_size = plant_rpc_serial_get_end_size (array->size);
  gsize ends;

  if (array->size == 0)
    return;
  ends = plant_rpc_serial_read_end (array->data + array->size - end_size, end_size);
  if (ends > array->size || (array->size - ends) % end_size != 0)
    return;
  self->n_left = self->n_ends = (array->size - ends) / end_size;
  self->limit = ends;
  self->end = array->data + ends;
  self->end_step = (int) end_size;
}

static void
init_array (PlantRpcSerialIter *self)
{
  PlantRpcSerialLayout layout;

  self->type = g_variant_type_element (self->container.type);
  layout = plant_rpc_serial_get_layout (self->type);
  self->layout_size = layout.size;
  self->alignment = layout.alignment;
  if (layout.size == 0)
    init_variable_array (self);
  else if (self->container.size % layout.size == 0)
    self->n_left = self->container.size / layout.size;
}

/* The ends of the members are stored behind them in reverse order. */
static void
init_tuple (PlantRpcSerialIter *self)
{
  const PlantRpcSerialView *tuple = &self->container;
  guint end_size = plant_rpc_serial_get_end_size (tuple->size);
  gsize n_ends = plant_rpc_serial_count_ends (tuple->type);

  if (n_ends * end_size > tuple->size)
    return;
  self->type = g_variant_type_first (tuple->type);
  self->n_left = g_variant_type_n_items (tuple->type);
  self->n_ends = n_ends;
  self->limit = tuple->size - n_ends * end_size;
  if (n_ends > 0)
    self->end = tuple->data + tuple->size - end_size;
  self->end_step = -(int) end_size;
}

/* A byte follows a child without a fixed size, so that it is not taken for an empty maybe. */
static void
init_maybe (PlantRpcSerialIter *self)
{
  const PlantRpcSerialView *maybe = &self->container;

  self->type = g_variant_type_element (maybe->type);
  if (maybe->size == 0)
    return;
  self->n_left = 1;
  if (plant_rpc_serial_get_layout (self->type).size == 0)
    self->limit = maybe->size - 1;
}

/* The type string follows the child behind a NUL, and is not terminated. */
static void
init_variant (PlantRpcSerialIter *self)
{
  const guint8 *data = self->container.data;
  gsize size = self->container.size, nul = size;
  const char *end;

  while (nul > 0 && data[nul - 1] != '\0')
    nul--;
  if (nul == 0)
    return;
  self->type = (const GVariantType *) (data + nul);
  if (!g_variant_type_string_scan ((const char *) data + nul, (const char *) data + size, &end) ||
      end != (const char *) data + size || !g_variant_type_is_definite (self->type))
    return;
  self->n_left = 1;
  self->limit = nul - 1;
}

void
plant_rpc_serial_iter_init (PlantRpcSerialIter       *self,
                            const PlantRpcSerialView *container)
{
  *self = (PlantRpcSerialIter) { .container = *container, .limit = container->size };

  if (g_variant_type_is_array (container->type))
    init_array (self);
  else if (g_variant_type_is_maybe (container->type))
    init_maybe (self);
  else if (g_variant_type_is_variant (container->type))
    init_variant (self);
  else
    init_tuple (self);
}

static gsize
find_end (PlantRpcSerialIter *self,
          gsize               start,
          gsize               size)
{
  gsize end;

  if (size > 0)
    return start + size;
  if (self->n_ends == 0)
    return self->limit;
  end = plant_rpc_serial_read_end (self->end, (guint) ABS (self->end_step));
  self->n_ends--;
  if (self->n_ends > 0)
    self->end += self->end_step;
  return end;
}

static void
go_on (PlantRpcSerialIter *self,
       gsize               start,
       gsize               place)
{
  self->start = start;
  self->place = place;
  self->n_left--;
  if (self->alignment == 0 && self->n_left > 0)
    self->type = g_variant_type_next (self->type);
}

gboolean
plant_rpc_serial_iter_next (PlantRpcSerialIter *self,
                            PlantRpcSerialView *child)
{
  PlantRpcSerialLayout layout = { self->layout_size, self->alignment };
  gsize start, end;

  if (self->n_left == 0)
    return FALSE;
  if (self->alignment == 0)
    layout = plant_rpc_serial_get_layout (self->type);
  start = plant_rpc_serial_align_up (self->place, layout.alignment);
  end = find_end (self, start, layout.size);
  *child = (PlantRpcSerialView) { NULL, 0, self->type };
  if (start < end && end <= self->limit)
    *child = (PlantRpcSerialView) { self->container.data + start, end - start, self->type };
  go_on (self, start, end);
  return TRUE;
}

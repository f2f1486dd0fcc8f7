/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* A conversion under way. The result is written in its serialised form, so a list of numbers takes
 * no more memory than the numbers. */
typedef struct {
  PlantRpcSerial serial;
  gboolean       coerce;
  gsize          n_elements; /* elements converted one by one so far */
} Fit;

static gboolean write_value (Fit                 *self,
                             GVariant            *variant,
                             const GVariantType  *type,
                             GError             **error);

static gboolean
is_sequence (GVariant *variant)
{
  return g_variant_is_of_type (variant, G_VARIANT_TYPE_TUPLE) ||
         (g_variant_is_of_type (variant, G_VARIANT_TYPE_ARRAY) &&
          !g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY));
}

/* Checks whether SIZE more bytes may be written. */
static gboolean
check_size (Fit       *self,
            GVariant  *variant,
            gsize      size,
            GError   **error)
{
  if (size <= PLANT_RPC_SERIAL_MAX_SIZE - MIN (self->serial.size, PLANT_RPC_SERIAL_MAX_SIZE))
    return TRUE;
  plant_rpc_value_refuse (variant, _("a smaller value"), error);
  return FALSE;
}

static gboolean
check_elements (Fit       *self,
                GVariant  *sequence,
                GError   **error)
{
  self->n_elements += g_variant_n_children (sequence);
  return self->n_elements <= PLANT_RPC_MAX_ELEMENTS ||
         plant_rpc_value_refuse_length (sequence, error);
}

/* Writes the value unchanged. It is in normal form, since the whole is. */
static gboolean
write_same (Fit       *self,
            GVariant  *variant,
            GError   **error)
{
  gsize size = g_variant_get_size (variant);

  if (!check_size (self, variant, size, error))
    return FALSE;
  if (size > 0)
    g_variant_store (variant, plant_rpc_serial_extend (&self->serial, size));
  return TRUE;
}

static gboolean
write_variant (Fit       *self,
               GVariant  *opened,
               GError   **error)
{
  if (!write_same (self, opened, error))
    return FALSE;
  plant_rpc_serial_end_variant (&self->serial, g_variant_get_type_string (opened));
  return TRUE;
}

/* ---- basic types */

static gboolean
write_basic (Fit                 *self,
             GVariant            *opened,
             const GVariantType  *type,
             GError             **error)
{
  GVariant *result;
  g_autoptr (GVariant) converted = NULL;
  guint8 number[8];
  gsize size = plant_rpc_value_store_number (*g_variant_get_type_string (opened),
                                             g_variant_get_data (opened),
                                             *g_variant_type_peek_string (type), number);

  if (size > 0)
    {
      plant_rpc_serial_append (&self->serial, number, size);
      return TRUE;
    }
  result = plant_rpc_value_convert_basic (opened, type, self->coerce, error);
  if (result == NULL)
    return FALSE;
  converted = g_variant_take_ref (result);
  return write_same (self, converted, error);
}

/* ---- sequences */

static gboolean
write_child (Fit                 *self,
             GVariant            *sequence,
             gsize                index,
             const GVariantType  *type,
             GError             **error)
{
  g_autoptr (GVariant) element = g_variant_get_child_value (sequence, index);

  if (write_value (self, element, type, error))
    return TRUE;
  /* Translators: a place in an array; what is wrong there follows */
  g_prefix_error (error, _("element %u: "), (guint) index);
  return FALSE;
}

/* Returns the size in bytes of a number of that type, or 0 for any other type. */
static gsize
get_number_size (const GVariantType *type)
{
  gboolean is_number = strchr ("bynqiuxtd", *g_variant_type_peek_string (type)) != NULL;

  return is_number ? plant_rpc_serial_get_layout (type).size : 0;
}

/* Converts an array of numbers to another one, without a GVariant for each. Returns FALSE if a
 * number does not fit; the caller then converts one by one to report which. */
static gboolean
write_numbers (Fit                *self,
               GVariant           *array,
               const GVariantType *type)
{
  const GVariantType *from = g_variant_type_element (g_variant_get_type (array));
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  gsize from_size = get_number_size (from), to_size = get_number_size (type), n;
  const guint8 *number = g_variant_get_fixed_array (array, &n, from_size);
  guint8 *place = plant_rpc_serial_extend (&self->serial, n * to_size);

  for (gsize i = 0; i < n; i++)
    {
      if (plant_rpc_value_store_number (*g_variant_type_peek_string (from), number + i * from_size,
                                        *g_variant_type_peek_string (type),
                                        place + i * to_size) == 0)
        {
          plant_rpc_serial_rewind (&self->serial, mark);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
are_numbers (GVariant *sequence)
{
  return g_variant_is_of_type (sequence, G_VARIANT_TYPE_ARRAY) &&
         get_number_size (g_variant_type_element (g_variant_get_type (sequence))) > 0;
}

/* Writes the most common contents of a variant: numbers, strings and an empty maybe. Returns FALSE
 * for anything else. */
static gboolean
write_from_box (Fit                *self,
                GVariant           *array,
                gsize               n_children,
                gsize               index,
                const GVariantType *type)
{
  PlantRpcSerialBox box = plant_rpc_serial_peek_box (array, n_children, index);
  char letter = *g_variant_type_peek_string (type);
  const double nothing = NAN;
  guint8 number[8];
  gsize size;

  if (letter == 'd' && *box.type == 'm' && box.size == 0)
    {
      plant_rpc_serial_append (&self->serial, &nothing, sizeof nothing);
      return TRUE;
    }
  if (box.type_length != 1)
    return FALSE;
  if (letter == 's' && *box.type == 's')
    {
      plant_rpc_serial_append (&self->serial, box.data, box.size);
      return TRUE;
    }
  size = plant_rpc_value_store_number (*box.type, box.data, letter, number);
  plant_rpc_serial_append (&self->serial, number, size);
  return size > 0;
}

/* Writes each number of an array as a variant. */
static void
write_boxed_numbers (Fit      *self,
                     GVariant *array)
{
  const GVariantType *type = g_variant_type_element (g_variant_get_type (array));
  const char type_string[] = { *g_variant_type_peek_string (type), '\0' };
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  gsize size = get_number_size (type), n;
  const guint8 *number = g_variant_get_fixed_array (array, &n, size);

  for (gsize i = 0; i < n; i++)
    {
      plant_rpc_serial_align (&self->serial, 8);
      plant_rpc_serial_append (&self->serial, number + i * size, size);
      plant_rpc_serial_end_variant (&self->serial, type_string);
      plant_rpc_serial_end_child (&self->serial);
    }
  plant_rpc_serial_end_array (&self->serial, mark);
}

static gboolean
write_elements (Fit                 *self,
                GVariant            *sequence,
                const GVariantType  *type,
                GError             **error)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  PlantRpcSerialLayout layout = plant_rpc_serial_get_layout (type);
  gsize length = g_variant_n_children (sequence);
  gboolean boxes = g_variant_is_of_type (sequence, G_VARIANT_TYPE ("av")) &&
                   g_variant_type_is_basic (type);

  for (gsize i = 0; i < length; i++)
    {
      plant_rpc_serial_align (&self->serial, layout.alignment);
      if (!(boxes && write_from_box (self, sequence, length, i, type)) &&
          !write_child (self, sequence, i, type, error))
        return FALSE;
      if (layout.size == 0)
        plant_rpc_serial_end_child (&self->serial);
    }
  plant_rpc_serial_end_array (&self->serial, mark);
  return TRUE;
}

static gboolean
write_array (Fit                 *self,
             GVariant            *sequence,
             const GVariantType  *type,
             GError             **error)
{
  const GVariantType *element_type = g_variant_type_element (type);
  gsize size = get_number_size (element_type);

  if (!is_sequence (sequence))
    return plant_rpc_value_refuse (sequence, _("an array"), error) != NULL;
  if (size > 0 && are_numbers (sequence))
    {
      if (!check_size (self, sequence, size * g_variant_n_children (sequence), error))
        return FALSE;
      if (write_numbers (self, sequence, element_type))
        return TRUE;
    }
  if (!check_elements (self, sequence, error))
    return FALSE;
  if (!are_numbers (sequence) || !g_variant_type_equal (element_type, G_VARIANT_TYPE_VARIANT))
    return write_elements (self, sequence, element_type, error);
  write_boxed_numbers (self, sequence);
  return TRUE;
}

/* Records the end of a member of a tuple or dictionary entry, if its type needs an end offset. */
static void
end_member (Fit                *self,
            const GVariantType *type,
            gboolean            last)
{
  if (!last && plant_rpc_serial_get_layout (type).size == 0)
    plant_rpc_serial_end_child (&self->serial);
}

static void
end_members (Fit                *self,
             const GVariantType *type,
             PlantRpcSerialMark  mark)
{
  PlantRpcSerialLayout layout = plant_rpc_serial_get_layout (type);

  if (layout.size == 0)
    {
      plant_rpc_serial_end_tuple (&self->serial, mark);
      return;
    }
  if (self->serial.size == mark.start)
    plant_rpc_serial_append (&self->serial, "", 1);
  plant_rpc_serial_align (&self->serial, layout.alignment);
}

static gboolean
check_length (GVariant  *variant,
              gsize      length,
              GError   **error)
{
  g_autofree char *expected = NULL;

  if (is_sequence (variant) && g_variant_n_children (variant) == length)
    return TRUE;
  expected = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "an array of %u element",
                                           "an array of %u elements", length),
                              (guint) length);
  plant_rpc_value_refuse (variant, expected, error);
  return FALSE;
}

static gboolean
write_tuple (Fit                 *self,
             GVariant            *variant,
             const GVariantType  *type,
             GError             **error)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  const GVariantType *item = g_variant_type_first (type);
  gsize length = g_variant_type_n_items (type);

  if (!check_length (variant, length, error))
    return FALSE;
  for (gsize i = 0; i < length; i++, item = g_variant_type_next (item))
    {
      plant_rpc_serial_align (&self->serial, plant_rpc_serial_get_layout (item).alignment);
      if (!write_child (self, variant, i, item, error))
        return FALSE;
      end_member (self, item, i + 1 == length);
    }
  end_members (self, type, mark);
  return TRUE;
}

/* ---- dictionaries */

/* A JSON object has only strings as keys. If the dictionary has another key type, the key is parsed
 * from the string. */
static gboolean
write_key (Fit                 *self,
           GVariant            *key,
           const GVariantType  *type,
           GError             **error)
{
  gboolean is_text = g_variant_is_of_type (key, G_VARIANT_TYPE_STRING);
  const char *text = is_text ? g_variant_get_string (key, NULL) : "";
  gboolean coerce = self->coerce;
  gboolean good;

  if (g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN) &&
      (g_str_equal (text, "true") || g_str_equal (text, "false")))
    {
      guint8 byte = *text == 't';

      plant_rpc_serial_append (&self->serial, &byte, 1);
      return TRUE;
    }
  self->coerce = coerce || is_text;
  good = write_value (self, key, type, error);
  self->coerce = coerce;
  return good;
}

static gboolean
write_entry (Fit                 *self,
             GVariant            *entry,
             const GVariantType  *type,
             GError             **error)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  const GVariantType *key_type = g_variant_type_key (type);
  const GVariantType *value_type = g_variant_type_value (type);
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);
  g_autofree char *name = NULL;

  if (write_key (self, key, key_type, error))
    {
      end_member (self, key_type, FALSE);
      plant_rpc_serial_align (&self->serial, plant_rpc_serial_get_layout (value_type).alignment);
      if (write_value (self, value, value_type, error))
        {
          end_members (self, type, mark);
          return TRUE;
        }
    }
  name = plant_rpc_value_describe (key);
  /* Translators: a place in a dictionary; what is wrong there follows */
  g_prefix_error (error, _("member %s: "), name);
  return FALSE;
}

static gboolean
write_dictionary (Fit                 *self,
                  GVariant            *variant,
                  const GVariantType  *type,
                  GError             **error)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  const GVariantType *entry_type = g_variant_type_element (type);
  PlantRpcSerialLayout layout = plant_rpc_serial_get_layout (entry_type);

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_DICTIONARY))
    return plant_rpc_value_refuse (variant, _("a dictionary"), error) != NULL;
  if (!check_elements (self, variant, error))
    return FALSE;
  for (gsize i = 0; i < g_variant_n_children (variant); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (variant, i);

      plant_rpc_serial_align (&self->serial, layout.alignment);
      if (!write_entry (self, entry, entry_type, error))
        return FALSE;
      if (layout.size == 0)
        plant_rpc_serial_end_child (&self->serial);
    }
  plant_rpc_serial_end_array (&self->serial, mark);
  return TRUE;
}

static gboolean
write_maybe (Fit                 *self,
             GVariant            *opened,
             const GVariantType  *type,
             GError             **error)
{
  const GVariantType *inner_type = g_variant_type_element (type);

  if (plant_rpc_value_is_nothing (opened))
    return TRUE;
  if (!write_value (self, opened, inner_type, error))
    return FALSE;
  if (plant_rpc_serial_get_layout (inner_type).size == 0)
    plant_rpc_serial_append (&self->serial, "", 1);
  return TRUE;
}

/* ---- any type */

static gboolean
refuse_type (GVariant            *opened,
             const GVariantType  *type,
             GError             **error)
{
  g_autofree char *type_string = g_variant_type_dup_string (type);
  g_autofree char *expected = g_strdup_printf (_("a value of type %s"), type_string);

  plant_rpc_value_refuse (opened, expected, error);
  return FALSE;
}

static gboolean
write_opened (Fit                 *self,
              GVariant            *opened,
              const GVariantType  *type,
              GError             **error)
{
  if (g_variant_is_of_type (opened, type))
    return write_same (self, opened, error);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return write_variant (self, opened, error);
  if (!g_variant_type_is_definite (type) || g_variant_type_is_dict_entry (type))
    return refuse_type (opened, type, error);
  if (g_variant_type_is_maybe (type))
    return write_maybe (self, opened, type, error);
  if (g_variant_type_is_subtype_of (type, G_VARIANT_TYPE_DICTIONARY))
    return write_dictionary (self, opened, type, error);
  if (g_variant_type_is_array (type))
    return write_array (self, opened, type, error);
  if (g_variant_type_is_tuple (type))
    return write_tuple (self, opened, type, error);
  return write_basic (self, opened, type, error);
}

/* A value that has the expected type already is written unchanged. */
static gboolean
write_value (Fit                 *self,
             GVariant            *variant,
             const GVariantType  *type,
             GError             **error)
{
  g_autoptr (GVariant) opened = NULL;

  if (g_variant_is_of_type (variant, type) && g_variant_type_is_definite (type))
    return write_same (self, variant, error);
  opened = plant_rpc_value_open (variant);
  return write_opened (self, opened, type, error);
}

static GVariant *
convert_container (GVariant            *opened,
                   const GVariantType  *type,
                   gboolean             coerce,
                   GError             **error)
{
  Fit self = { PLANT_RPC_SERIAL_INIT, coerce, 0 };
  g_autoptr (GVariant) normal = g_variant_get_normal_form (opened);
  GVariant *result = NULL;

  if (write_opened (&self, normal, type, error))
    result = plant_rpc_serial_finish (&self.serial, type);
  plant_rpc_serial_clear (&self.serial);
  return result;
}

/* The result is never floating. */
static GVariant *
convert (GVariant            *variant,
         const GVariantType  *type,
         gboolean             coerce,
         GError             **error)
{
  g_autoptr (GVariant) opened = NULL;
  GVariant *result;

  if (g_variant_type_is_definite (type) && g_variant_is_of_type (variant, type))
    return g_variant_ref (variant);
  opened = plant_rpc_value_open (variant);
  if (g_variant_is_of_type (opened, type))
    return g_steal_pointer (&opened);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return g_variant_ref_sink (g_variant_new_variant (opened));
  if (!g_variant_type_is_basic (type))
    return convert_container (opened, type, coerce, error);
  result = plant_rpc_value_convert_basic (opened, type, coerce, error);
  return result != NULL ? g_variant_take_ref (result) : NULL;
}

static GVariant *
fit (GVariant    *variant,
     const char  *type_string,
     gboolean     coerce,
     GError     **error)
{
  if (!g_variant_type_string_is_valid (type_string))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
                   _("“%s” is no type of values"), type_string);
      return NULL;
    }
  return convert (variant, G_VARIANT_TYPE (type_string), coerce, error);
}

GVariant *
plant_rpc_value_fit (GVariant    *variant,
                     const char  *type_string,
                     GError     **error)
{
  return fit (variant, type_string, FALSE, error);
}

GVariant *
plant_rpc_value_coerce (GVariant    *variant,
                        const char  *type_string,
                        GError     **error)
{
  return fit (variant, type_string, TRUE, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* A conversion under way. The result is written in its serialised form, so a list of numbers takes
 * no more memory than the numbers. */
typedef struct {
  PlantRpcSerial serial;
  gboolean       coerce;
  gsize          n_elements; /* elements converted one by one so far */
} Fit;

static gboolean write_entry (Fit                       *self,
                             const PlantRpcSerialView  *entry,
                             const GVariantType        *type,
                             GError                   **error);
static gboolean write_value (Fit                       *self,
                             const PlantRpcSerialView  *value,
                             const GVariantType        *type,
                             GError                   **error);

static gboolean
is_sequence (const PlantRpcSerialView *value)
{
  return g_variant_type_is_tuple (value->type) ||
         (g_variant_type_is_array (value->type) &&
          !plant_rpc_serial_view_is (value, G_VARIANT_TYPE_DICTIONARY));
}

static gboolean
refuse (const PlantRpcSerialView  *value,
        const char                *expected,
        GError                   **error)
{
  g_autoptr (GVariant) copy = plant_rpc_serial_view_copy (value);

  plant_rpc_value_refuse (copy, expected, error);
  return FALSE;
}

/* Checks whether SIZE more bytes may be written. */
static gboolean
check_size (Fit                       *self,
            const PlantRpcSerialView  *value,
            gsize                      size,
            GError                   **error)
{
  return size <= PLANT_RPC_SERIAL_MAX_SIZE - MIN (self->serial.size, PLANT_RPC_SERIAL_MAX_SIZE) ||
         refuse (value, _("a smaller value"), error);
}

static gboolean
check_elements (Fit                       *self,
                const PlantRpcSerialIter  *sequence,
                GError                   **error)
{
  g_autoptr (GVariant) copy = NULL;

  self->n_elements += sequence->n_left;
  if (self->n_elements <= PLANT_RPC_MAX_ELEMENTS)
    return TRUE;
  copy = plant_rpc_serial_view_copy (&sequence->container);
  return plant_rpc_value_refuse_length (copy, error);
}

/* Writes the value unchanged. It is in normal form, since the whole is. */
static gboolean
write_same (Fit                       *self,
            const PlantRpcSerialView  *value,
            GError                   **error)
{
  if (!check_size (self, value, value->size, error))
    return FALSE;
  plant_rpc_serial_append (&self->serial, value->data, value->size);
  return TRUE;
}

static gboolean
write_variant (Fit                       *self,
               const PlantRpcSerialView  *opened,
               GError                   **error)
{
  if (!write_same (self, opened, error))
    return FALSE;
  plant_rpc_serial_end_variant (&self->serial, opened->type);
  return TRUE;
}

/* ---- basic types */

static gboolean
convert_basic (Fit                       *self,
               const PlantRpcSerialView  *opened,
               const GVariantType        *type,
               GError                   **error)
{
  g_autoptr (GVariant) copy = plant_rpc_serial_view_copy (opened);
  g_autoptr (GVariant) converted =
      plant_rpc_value_convert_basic (copy, type, self->coerce, error);
  PlantRpcSerialView view;

  if (converted == NULL)
    return FALSE;
  view = plant_rpc_serial_view_of (converted);
  return write_same (self, &view, error);
}

/* Most values are numbers and strings, for which no GVariant is made. */
static gboolean
write_basic (Fit                       *self,
             const PlantRpcSerialView  *opened,
             const GVariantType        *type,
             GError                   **error)
{
  char from = *g_variant_type_peek_string (opened->type);
  char letter = *g_variant_type_peek_string (type);
  guint8 number[8];
  gsize size;

  size = plant_rpc_value_store_number (from, opened->data, letter, number);
  plant_rpc_serial_append (&self->serial, number, size);
  return size > 0 || convert_basic (self, opened, type, error);
}

/* ---- sequences */

static gboolean
write_child (Fit                       *self,
             const PlantRpcSerialView  *child,
             gsize                      index,
             const GVariantType        *type,
             GError                   **error)
{
  if (g_variant_type_is_dict_entry (type))
    return write_entry (self, child, type, error);
  if (write_value (self, child, type, error))
    return TRUE;
  /* Translators: a place in an array; what is wrong there follows */
  g_prefix_error (error, _("element %u: "), (guint) index);
  return FALSE;
}

/* Returns the size in bytes of a number of that type, or 0 for any other type. */
static gsize
get_number_size (const GVariantType *type)
{
  return plant_rpc_serial_get_size (*g_variant_type_peek_string (type));
}

/* Converts an array of numbers to another one at once. Returns FALSE if a number does not fit; the
 * caller then converts one by one to report which. */
static gboolean
write_numbers (Fit                      *self,
               const PlantRpcSerialView *array,
               const GVariantType       *type)
{
  const GVariantType *from = g_variant_type_element (array->type);
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  gsize from_size = get_number_size (from), to_size = get_number_size (type);
  gsize n = array->size / from_size;
  guint8 *place = plant_rpc_serial_extend (&self->serial, n * to_size);

  for (gsize i = 0; i < n; i++)
    {
      if (plant_rpc_value_store_number (*g_variant_type_peek_string (from),
                                        array->data + i * from_size,
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
are_numbers (const PlantRpcSerialView *sequence)
{
  return g_variant_type_is_array (sequence->type) &&
         get_number_size (g_variant_type_element (sequence->type)) > 0;
}

static gboolean
write_elements (Fit                 *self,
                PlantRpcSerialIter  *elements,
                const GVariantType  *type,
                GError             **error)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  PlantRpcSerialLayout layout = plant_rpc_serial_get_layout (type);
  PlantRpcSerialView element;

  for (gsize i = 0; plant_rpc_serial_iter_next (elements, &element); i++)
    {
      plant_rpc_serial_align (&self->serial, layout.alignment);
      if (!write_child (self, &element, i, type, error))
        return FALSE;
      if (layout.size == 0)
        plant_rpc_serial_end_child (&self->serial);
    }
  plant_rpc_serial_end_array (&self->serial, mark);
  return TRUE;
}

static gboolean
write_array (Fit                       *self,
             const PlantRpcSerialView  *sequence,
             const GVariantType        *type,
             GError                   **error)
{
  const GVariantType *element_type = g_variant_type_element (type);
  gsize size = get_number_size (element_type);
  PlantRpcSerialIter elements;

  if (!is_sequence (sequence))
    return refuse (sequence, _("an array"), error);
  plant_rpc_serial_iter_init (&elements, sequence);
  if (size > 0 && are_numbers (sequence))
    {
      if (!check_size (self, sequence, size * elements.n_left, error))
        return FALSE;
      if (write_numbers (self, sequence, element_type))
        return TRUE;
    }
  return check_elements (self, &elements, error) &&
         write_elements (self, &elements, element_type, error);
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
refuse_length (const PlantRpcSerialView  *value,
               gsize                      length,
               GError                   **error)
{
  g_autofree char *expected =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "an array of %u element",
                                    "an array of %u elements", length),
                       (guint) length);

  return refuse (value, expected, error);
}

static gboolean
write_tuple (Fit                       *self,
             const PlantRpcSerialView  *sequence,
             const GVariantType        *type,
             GError                   **error)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  const GVariantType *item = g_variant_type_first (type);
  gsize length = g_variant_type_n_items (type);
  PlantRpcSerialIter elements;
  PlantRpcSerialView element;

  if (!is_sequence (sequence))
    return refuse_length (sequence, length, error);
  plant_rpc_serial_iter_init (&elements, sequence);
  if (elements.n_left != length)
    return refuse_length (sequence, length, error);
  for (gsize i = 0; plant_rpc_serial_iter_next (&elements, &element); i++)
    {
      plant_rpc_serial_align (&self->serial, plant_rpc_serial_get_layout (item).alignment);
      if (!write_child (self, &element, i, item, error))
        return FALSE;
      end_member (self, item, i + 1 == length);
      item = g_variant_type_next (item);
    }
  end_members (self, type, mark);
  return TRUE;
}

/* ---- dictionaries */

static gboolean
is_text (const PlantRpcSerialView *value,
         const char               *text)
{
  return value->size == strlen (text) + 1 && memcmp (value->data, text, value->size) == 0;
}

/* A JSON object has only strings as keys. If the dictionary has another key type, the key is parsed
 * from the string. */
static gboolean
write_key (Fit                       *self,
           const PlantRpcSerialView  *key,
           const GVariantType        *type,
           GError                   **error)
{
  gboolean is_string = plant_rpc_serial_view_is (key, G_VARIANT_TYPE_STRING);
  gboolean coerce = self->coerce;
  gboolean good;

  if (is_string && g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN) &&
      (is_text (key, "true") || is_text (key, "false")))
    {
      guint8 byte = is_text (key, "true");

      plant_rpc_serial_append (&self->serial, &byte, 1);
      return TRUE;
    }
  self->coerce = coerce || is_string;
  good = write_value (self, key, type, error);
  self->coerce = coerce;
  return good;
}

static gboolean
write_entry (Fit                       *self,
             const PlantRpcSerialView  *entry,
             const GVariantType        *type,
             GError                   **error)
{
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&self->serial);
  const GVariantType *key_type = g_variant_type_key (type);
  const GVariantType *value_type = g_variant_type_value (type);
  g_autoptr (GVariant) copy = NULL;
  g_autofree char *name = NULL;
  PlantRpcSerialIter members;
  PlantRpcSerialView key, value;

  plant_rpc_serial_iter_init (&members, entry);
  plant_rpc_serial_iter_next (&members, &key);
  plant_rpc_serial_iter_next (&members, &value);
  if (write_key (self, &key, key_type, error))
    {
      end_member (self, key_type, FALSE);
      plant_rpc_serial_align (&self->serial, plant_rpc_serial_get_layout (value_type).alignment);
      if (write_value (self, &value, value_type, error))
        {
          end_members (self, type, mark);
          return TRUE;
        }
    }
  copy = plant_rpc_serial_view_copy (&key);
  name = plant_rpc_value_describe (copy);
  /* Translators: a place in a dictionary; what is wrong there follows */
  g_prefix_error (error, _("member %s: "), name);
  return FALSE;
}

static gboolean
write_dictionary (Fit                       *self,
                  const PlantRpcSerialView  *dictionary,
                  const GVariantType        *type,
                  GError                   **error)
{
  PlantRpcSerialIter entries;

  if (!plant_rpc_serial_view_is (dictionary, G_VARIANT_TYPE_DICTIONARY))
    return refuse (dictionary, _("a dictionary"), error);
  plant_rpc_serial_iter_init (&entries, dictionary);
  return check_elements (self, &entries, error) &&
         write_elements (self, &entries, g_variant_type_element (type), error);
}

static gboolean
write_maybe (Fit                       *self,
             const PlantRpcSerialView  *opened,
             const GVariantType        *type,
             GError                   **error)
{
  const GVariantType *inner_type = g_variant_type_element (type);

  if (g_variant_type_is_maybe (opened->type))
    return TRUE;
  if (!write_value (self, opened, inner_type, error))
    return FALSE;
  if (plant_rpc_serial_get_layout (inner_type).size == 0)
    plant_rpc_serial_append (&self->serial, "", 1);
  return TRUE;
}

/* ---- any type */

static gboolean
refuse_type (const PlantRpcSerialView  *opened,
             const GVariantType        *type,
             GError                   **error)
{
  g_autofree char *type_string = g_variant_type_dup_string (type);
  g_autofree char *expected = g_strdup_printf (_("a value of type %s"), type_string);

  return refuse (opened, expected, error);
}

static gboolean
write_opened (Fit                       *self,
              const PlantRpcSerialView  *opened,
              const GVariantType        *type,
              GError                   **error)
{
  if (plant_rpc_serial_view_is (opened, type))
    return write_same (self, opened, error);
  if (g_variant_type_is_variant (type))
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
write_value (Fit                       *self,
             const PlantRpcSerialView  *value,
             const GVariantType        *type,
             GError                   **error)
{
  PlantRpcSerialView opened;

  if (plant_rpc_serial_view_is (value, type) && g_variant_type_is_definite (type))
    return write_same (self, value, error);
  opened = plant_rpc_serial_view_open (value);
  return write_opened (self, &opened, type, error);
}

static GVariant *
convert_container (GVariant            *opened,
                   const GVariantType  *type,
                   gboolean             coerce,
                   GError             **error)
{
  Fit self = { PLANT_RPC_SERIAL_INIT, coerce, 0 };
  g_autoptr (GVariant) normal = g_variant_get_normal_form (opened);
  PlantRpcSerialView view = plant_rpc_serial_view_of (normal);
  GVariant *result = NULL;

  if (write_opened (&self, &view, type, error))
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

  if (g_variant_type_is_definite (type) && g_variant_is_of_type (variant, type))
    return g_variant_ref (variant);
  opened = plant_rpc_value_open (variant);
  if (g_variant_is_of_type (opened, type))
    return g_steal_pointer (&opened);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    return g_variant_ref_sink (g_variant_new_variant (opened));
  return g_variant_type_is_basic (type)
             ? plant_rpc_value_convert_basic (opened, type, coerce, error)
             : convert_container (opened, type, coerce, error);
}

static GVariant *
fit (GVariant    *variant,
     const char  *type_string,
     gboolean     coerce,
     GError     **error)
{
  if (!g_variant_type_string_is_valid (type_string))
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_VALUE,
                                      _("“%s” is no type of values"), type_string);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-native-check-private.h"
#include "plant-rpc-serial-private.h"

#define GLANCE_SIZE 4096  /* bytes */
#define LARGE_SIZE  65536 /* bytes; larger than the ends of all members of a tuple */
#define PADDING     8     /* bytes to which GVariant aligns */

#define ALIGN(offset) plant_rpc_serial_align_up (offset, PADDING)

/* ---- depth */

static gboolean
is_container (guint8 type)
{
  return type == 'a' || type == 'm' || type == 'v' || type == '(' || type == '{';
}

/* Returns an upper bound for the depth of VALUE. The type of a variant's child follows the child
 * behind a NUL, so only letters behind a NUL can be containers that the type of VALUE does not
 * name. */
static gsize
bound_depth (const PlantRpcSerialView *value)
{
  const guint8 *data = value->data;
  gsize depth = g_variant_type_get_string_length (value->type);
  gboolean in_type = FALSE;

  for (gsize i = 1; i < value->size; i++)
    {
      in_type = data[i - 1] == '\0' ? is_container (data[i]) : in_type;
      depth += in_type && is_container (data[i]);
    }
  return depth;
}

/* Sets DEPTH to the number of containers inside each other in the first type of the valid string
 * TYPE. Returns where that type ends. */
static const char *
measure_depth (const char *type,
               guint      *depth)
{
  guint inner = 0, deepest = 0;

  if (*type == 'a' || *type == 'm')
    {
      type = measure_depth (type + 1, &inner);
      *depth = inner + 1;
      return type;
    }
  if (*type != '(' && *type != '{')
    {
      *depth = 0;
      return type + 1;
    }
  for (type++; *type != ')' && *type != '}'; deepest = MAX (deepest, inner))
    type = measure_depth (type, &inner);
  *depth = deepest + 1;
  return type + 1;
}

static gboolean
holds_variants (const GVariantType *type)
{
  return memchr (g_variant_type_peek_string (type), 'v',
                 g_variant_type_get_string_length (type)) != NULL;
}

/* Whether VALUE, in normal form, is a variant with a boolean, a number or a string. Lists are long
 * because of such. */
static gboolean
is_basic_variant (const PlantRpcSerialView *value)
{
  const gsize size = value->size;

  return *g_variant_type_peek_string (value->type) == 'v' && size >= 2 &&
         value->data[size - 2] == '\0' && value->data[size - 1] != 'v';
}

/* The type tells the depth of a value that holds no variants. Only other values are gone
 * through. */
static gboolean
is_shallow (const PlantRpcSerialView *value,
            guint                     left)
{
  PlantRpcSerialIter iter;
  PlantRpcSerialView child;
  guint depth;

  if (left > 0 && is_basic_variant (value))
    return TRUE;
  if (!holds_variants (value->type))
    {
      measure_depth (g_variant_type_peek_string (value->type), &depth);
      return depth <= left;
    }
  if (left == 0)
    return FALSE;

  plant_rpc_serial_iter_init (&iter, value);
  while (plant_rpc_serial_iter_next (&iter, &child))
    {
      if (!is_shallow (&child, left - 1))
        return FALSE;
    }
  return TRUE;
}

/* Most values are small, and bounding their depth takes less time than going through them. */
static gboolean
is_surely_shallow (const PlantRpcSerialView *value)
{
  return value->size <= GLANCE_SIZE && bound_depth (value) <= PLANT_RPC_MAX_DEPTH;
}

gboolean
plant_rpc_native_check_depth (const PlantRpcSerialView  *value,
                              GError                   **error)
{
  if (is_surely_shallow (value) || is_shallow (value, PLANT_RPC_MAX_DEPTH))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                               _("The value is nested more than %d levels deep"),
                               PLANT_RPC_MAX_DEPTH);
}

/* ---- types */

static gboolean
is_type_character (guint8 character)
{
  return character != '\0' && strchr ("bynqiuxthdsogvam(){}", character) != NULL;
}

/* Returns FALSE only if DATA surely holds no type string that is too long. Such a string covers at
 * least one of the bytes that are sampled, and is surrounded by characters of types. */
static gboolean
has_long_run (const guint8 *data,
              gsize         size)
{
  for (gsize at = PLANT_RPC_MAX_TYPE_LENGTH; at < size; at += PLANT_RPC_MAX_TYPE_LENGTH)
    {
      gsize start = at, end = at;

      while (start > at - PLANT_RPC_MAX_TYPE_LENGTH && is_type_character (data[start]))
        start--;
      while (end < size && end - start <= PLANT_RPC_MAX_TYPE_LENGTH + 1 &&
             is_type_character (data[end]))
        end++;
      if (end - start > PLANT_RPC_MAX_TYPE_LENGTH)
        return TRUE;
    }
  return FALSE;
}

/* The type string of a variant's child is at the end, behind a NUL. */
static gboolean
ends_in_short_type (const PlantRpcSerialView *variant)
{
  gsize size = variant->size;

  for (gsize i = 0; i < size && i <= PLANT_RPC_MAX_TYPE_LENGTH; i++)
    {
      if (variant->data[size - 1 - i] == '\0')
        return TRUE;
    }
  return size <= PLANT_RPC_MAX_TYPE_LENGTH;
}

/* GVariant keeps some 32 bytes for each member of a tuple's type, even if it then finds the value
 * malformed. So the types are checked before GVariant reads them. */
static gboolean
has_short_types (const PlantRpcSerialView *value,
                 guint                     left)
{
  PlantRpcSerialIter iter;
  PlantRpcSerialView child;

  if (!holds_variants (value->type))
    return TRUE;
  if (left == 0 || (g_variant_type_is_variant (value->type) && !ends_in_short_type (value)))
    return FALSE;
  plant_rpc_serial_iter_init (&iter, value);
  while (plant_rpc_serial_iter_next (&iter, &child))
    {
      if (!has_short_types (&child, left - 1))
        return FALSE;
    }
  return TRUE;
}

gboolean
plant_rpc_native_check_types (const PlantRpcSerialView  *value,
                              GError                   **error)
{
  if (!has_long_run (value->data, value->size) || has_short_types (value, PLANT_RPC_MAX_DEPTH + 2))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_LIMIT,
                               /* Translators: a GVariant type, as of a tuple of many members */
                               _("The type of a value has more than %d characters"),
                               PLANT_RPC_MAX_TYPE_LENGTH);
}

/* ---- plain values in normal form: only one of the serialised forms of a value is */

typedef gboolean (*IsPlainFunc) (const guint8 *data,
                                 gsize         size,
                                 guint         left);

static gboolean is_plain_variant (const guint8 *data,
                                  gsize         size,
                                  guint         left);

static gboolean
is_text (const guint8 *data,
         gsize         size,
         guint         left)
{
  return size > 0 && data[size - 1] == '\0' &&
         g_utf8_validate_len ((const char *) data, size - 1, NULL);
}

/* A key and a variant. The end of the key is behind both. */
static gboolean
is_plain_entry (const guint8 *data,
                gsize         size,
                guint         left)
{
  const guint end_size = plant_rpc_serial_get_end_size (size);
  gsize body, end, start;

  if (size <= end_size)
    return FALSE;
  body = size - end_size;
  end = plant_rpc_serial_read_end (data + body, end_size);
  start = ALIGN (end);
  return end <= body && start < body && left > 0 && is_text (data, end, left) &&
         plant_rpc_serial_is_zero (data, end, start) &&
         plant_rpc_serial_choose_end_size (body, 1) == end_size &&
         is_plain_variant (data + start, body - start, left - 1);
}

/* An array of elements, each at a multiple of ALIGNMENT. Behind them are their ends. */
static gboolean
are_plain_elements (const guint8 *data,
                    gsize         size,
                    guint         alignment,
                    IsPlainFunc   is_plain_element,
                    guint         left)
{
  const guint end_size = plant_rpc_serial_get_end_size (size);
  gsize body, end = 0;

  if (size == 0 || left == 0)
    return left > 0;
  if (size <= end_size)
    return FALSE;
  body = plant_rpc_serial_read_end (data + size - end_size, end_size);
  if (body >= size || (size - body) % end_size != 0 ||
      plant_rpc_serial_choose_end_size (body, (size - body) / end_size) != end_size)
    return FALSE;
  for (gsize at = body; at < size; at += end_size)
    {
      const gsize former = end, start = plant_rpc_serial_align_up (former, alignment);

      end = plant_rpc_serial_read_end (data + at, end_size);
      if (end > body || start >= end || !plant_rpc_serial_is_zero (data, former, start) ||
          !is_plain_element (data + start, end - start, left - 1))
        return FALSE;
    }
  return TRUE;
}

/* A value of a type of one letter. */
static gboolean
is_plain_single (char          type,
                 const guint8 *data,
                 gsize         size,
                 guint         left)
{
  const gsize fixed_size = plant_rpc_serial_get_size (type);

  if (type == 's')
    return is_text (data, size, left);
  if (type == 'v')
    return is_plain_variant (data, size, left);
  return fixed_size > 0 && fixed_size == size && (type != 'b' || data[0] <= 1);
}

/* A value of a type of two letters. */
static gboolean
is_plain_pair (const guint8 *type,
               const guint8 *data,
               gsize         size,
               guint         left)
{
  gsize fixed_size;

  if (type[0] == 'm')
    return type[1] == 'v' && size == 0 && left > 0;
  if (type[0] != 'a')
    return FALSE;
  if (type[1] == 'v')
    return are_plain_elements (data, size, PADDING, is_plain_variant, left);
  if (type[1] == 's')
    return are_plain_elements (data, size, 1, is_text, left);
  fixed_size = type[1] != 'b' ? plant_rpc_serial_get_size (type[1]) : 0;
  return fixed_size > 0 && size % fixed_size == 0 && left > 0;
}

/* The type of the child follows it behind a NUL. */
static gboolean
is_plain_variant (const guint8 *data,
                  gsize         size,
                  guint         left)
{
  static const char dictionary[] = "\0a{sv}";
  const gsize type_size = sizeof dictionary - 1;

  if (size < 2 || left == 0)
    return FALSE;
  if (data[size - 2] == '\0')
    return is_plain_single ((char) data[size - 1], data, size - 2, left - 1);
  if (size > 2 && data[size - 3] == '\0')
    return is_plain_pair (data + size - 2, data, size - 3, left - 1);
  return size >= type_size && memcmp (data + size - type_size, dictionary, type_size) == 0 &&
         are_plain_elements (data, size - type_size, PADDING, is_plain_entry, left - 1);
}

gboolean
plant_rpc_native_is_plain (const PlantRpcSerialView *value)
{
  const guint8 *type = (const guint8 *) g_variant_type_peek_string (value->type);

  switch (g_variant_type_get_string_length (value->type))
    {
    case 1:
      return *type == 'v' && is_plain_variant (value->data, value->size, PLANT_RPC_MAX_DEPTH);
    case 2:
      return is_plain_pair (type, value->data, value->size, PLANT_RPC_MAX_DEPTH);
    default:
      return g_variant_type_equal (value->type, G_VARIANT_TYPE_VARDICT) &&
             are_plain_elements (value->data, value->size, PADDING, is_plain_entry,
                                 PLANT_RPC_MAX_DEPTH);
    }
}

/* ---- bounds */

/* Returns TRUE if a member of a tuple may end so close to the end of the tuple that GVariant reads
 * behind the tuple to find the next member. The end offsets are at the end of the tuple, in reverse
 * order. */
static gboolean
ends_late (const guint8 *data,
           gsize         size,
           const char   *type_string)
{
  guint end_size = plant_rpc_serial_get_end_size (size);

  for (gsize i = plant_rpc_serial_count_ends (G_VARIANT_TYPE (type_string)); i > 0; i--)
    {
      if (plant_rpc_serial_read_end (data + size - i * end_size, end_size) > size - PADDING)
        return TRUE;
    }
  return FALSE;
}

/* A large payload is copied only if it needs to be. */
GBytes *
plant_rpc_native_ref_readable (GBytes     *payload,
                               const char *type_string)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (payload, &size);
  guint8 *copy;

  if (size % PADDING == 0 || (size > 1 && data[size - 1] != '\0') ||
      (size > LARGE_SIZE && !ends_late (data, size, type_string)))
    return g_bytes_ref (payload);
  copy = g_malloc (size + 1);
  memcpy (copy, data, size);
  copy[size] = '\0';
  return g_bytes_new_take (copy, size);
}

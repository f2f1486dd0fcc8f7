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

/* The type tells the depth of a value that holds no variants. Only other values are gone
 * through. */
static gboolean
is_shallow (const PlantRpcSerialView *value,
            guint                     left)
{
  PlantRpcSerialIter iter;
  PlantRpcSerialView child;
  guint depth;

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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-serial-view-private.h"

#define GLANCE_SIZE 4096  /* bytes */
#define LARGE_SIZE  65536 /* bytes; larger than the offsets of all members of a tuple */
#define PADDING     8     /* bytes to which GVariant aligns */

guint8
plant_rpc_message_get_kind (GBytes *payload)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (payload, &size);

  return size > 0 ? data[0] : 0;
}

PlantRpcFormat
plant_rpc_message_get_format (GBytes *payload)
{
  guint8 kind = plant_rpc_message_get_kind (payload);

  return kind >= PLANT_RPC_KIND_METHOD_CALL && kind < 0xc0 ? PLANT_RPC_FORMAT_NATIVE
                                                           : PLANT_RPC_FORMAT_JSON;
}

static gboolean
is_container (guint8 type)
{
  return type == 'a' || type == 'm' || type == 'v' || type == '(' || type == '{';
}

/* At most how deep VALUE is: what a variant holds has its type behind a NUL. */
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

/* How many containers are in each other in TYPE, the first type of a valid string; where it ends. */
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

/* Only where a type leaves it open is the value itself looked at. */
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

/* Most values are small, and a glance at their bytes costs less than taking them apart. */
static gboolean
is_surely_shallow (const PlantRpcSerialView *value)
{
  return value->size <= GLANCE_SIZE && bound_depth (value) <= PLANT_RPC_MAX_DEPTH;
}

static gboolean
is_type_character (guint8 character)
{
  return character != '\0' && strchr ("bynqiuxthdsogvam(){}", character) != NULL;
}

/* Whether there may be a longer type than is allowed: such a one covers one of the places that are
 * looked at. */
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

/* What a variant holds has its type at the end, behind a NUL. */
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

/* GVariant keeps some 32 bytes for each member of a tuple's type, and before it finds the value
 * malformed: so a type is looked at before GVariant does. */
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

static gboolean
check_types (GVariant  *value,
             GError   **error)
{
  PlantRpcSerialView view = plant_rpc_serial_view_of (value);

  if (!has_long_run (view.data, view.size) || has_short_types (&view, PLANT_RPC_MAX_DEPTH + 2))
    return TRUE;
  g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
               /* Translators: a GVariant type, as of a tuple of many members */
               _("The type of a value has more than %d characters"), PLANT_RPC_MAX_TYPE_LENGTH);
  return FALSE;
}

GBytes *
plant_rpc_message_pack_native (GVariant  *message,
                               GError   **error)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (message);
  g_autoptr(GVariant) value = g_variant_get_normal_form (sunk);
  PlantRpcSerialView view = plant_rpc_serial_view_of (value);

  if (!is_surely_shallow (&view) && !is_shallow (&view, PLANT_RPC_MAX_DEPTH))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   _("The value is nested more than %d levels deep"), PLANT_RPC_MAX_DEPTH);
      return NULL;
    }
  if (!check_types (value, error))
    return NULL;
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      g_autoptr(GVariant) swapped = g_variant_byteswap (value);

      return g_variant_get_data_as_bytes (swapped);
    }
  return g_variant_get_data_as_bytes (value);
}

/* Returns TRUE if a member of a tuple may end so close to the end of the tuple that GVariant reads
 * behind the tuple to find the next member. The end offsets are at the end of the tuple, in reverse
 * order. */
static gboolean
ends_late (const guint8 *data,
           gsize         size,
           const char   *type_string)
{
  gsize offset_size = size <= G_MAXUINT8 ? 1 : size <= G_MAXUINT16 ? 2 : size <= G_MAXUINT32 ? 4 : 8;

  for (gsize i = plant_rpc_serial_count_ends (G_VARIANT_TYPE (type_string)); i > 0; i--)
    {
      guint64 end = 0;

      memcpy (&end, data + size - i * offset_size, offset_size);
      if (GUINT64_FROM_LE (end) > size - PADDING)
        return TRUE;
    }
  return FALSE;
}

/* If a tuple ends within padding, GVariant reads one byte behind it, which must then exist: the
 * payload is copied with room for that byte. A large payload is copied only if it needs to be. */
static GBytes *
ref_readable (GBytes     *payload,
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

GVariant *
plant_rpc_message_unpack_native (GBytes      *payload,
                                 const char  *type_string,
                                 GError     **error)
{
  g_autoptr(GBytes) bytes = ref_readable (payload, type_string);
  g_autoptr(GVariant) value =
      g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type_string), bytes, FALSE));

  if (!check_types (value, error))
    return NULL;
  if (!g_variant_is_normal_form (value))
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL,
                   /* Translators: a GVariant type */
                   _("The message is not a “%s” in normal form"), type_string);
      return NULL;
    }
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    return g_variant_byteswap (value);
  return g_steal_pointer (&value);
}

GBytes *
plant_rpc_message_pack_name (guint8      kind,
                             const char *name)
{
  gsize size = strlen (name) + 1;
  guint8 *data = g_malloc (1 + size);

  data[0] = kind;
  memcpy (data + 1, name, size);
  return g_bytes_new_take (data, 1 + size);
}

const char *
plant_rpc_message_peek_name (GBytes *payload)
{
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);

  if (size < 2 || data[size - 1] != '\0' || !g_utf8_validate (data + 1, size - 2, NULL))
    return NULL;
  return data + 1;
}

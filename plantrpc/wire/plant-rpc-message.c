/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-native-check-private.h"
#include "plant-rpc-serial-private.h"

/* The value of a pair begins at the first multiple of the alignment of variants behind the kind. */
#define PAIR_START 8

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

static GBytes *
to_wire (GVariant *value)
{
  g_autoptr (GVariant) swapped = NULL;

  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    return g_variant_get_data_as_bytes (value);
  swapped = g_variant_byteswap (value);
  return g_variant_get_data_as_bytes (swapped);
}

static gboolean
check (const PlantRpcSerialView  *message,
       GError                   **error)
{
  return plant_rpc_native_check_depth (message, error) &&
         plant_rpc_native_check_types (message, error);
}

GBytes *
plant_rpc_message_pack_native (GVariant  *message,
                               GError   **error)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (message);
  g_autoptr (GVariant) value = g_variant_get_normal_form (sunk);
  PlantRpcSerialView view = plant_rpc_serial_view_of (value);

  return check (&view, error) ? to_wire (value) : NULL;
}

/* Takes ownership of VALUE, which is not floating and came in another byte order on some
 * machines. */
static GVariant *
take_normal (GVariant    *value,
             const char  *type_string,
             GError     **error)
{
  g_autoptr (GVariant) taken = value;

  if (!g_variant_is_normal_form (taken))
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_PROTOCOL,
                                      /* Translators: a GVariant type */
                                      _("The message is not a “%s” in normal form"), type_string);
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    return g_variant_byteswap (taken);
  return g_steal_pointer (&taken);
}

GVariant *
plant_rpc_message_unpack_native (GBytes      *payload,
                                 const char  *type_string,
                                 GError     **error)
{
  g_autoptr (GBytes) bytes = plant_rpc_native_ref_readable (payload, type_string);
  g_autoptr (GVariant) value =
      g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type_string), bytes, FALSE));
  PlantRpcSerialView view = plant_rpc_serial_view_of (value);

  if (!plant_rpc_native_check_types (&view, error))
    return NULL;
  return take_normal (g_steal_pointer (&value), type_string, error);
}

/* ---- a kind and a value */

static const char *
get_pair_type (gboolean boxed)
{
  return boxed ? "(yv)" : "(ya{sv})";
}

GBytes *
plant_rpc_message_pack_pair (guint8     kind,
                             GVariant  *value,
                             gboolean   boxed,
                             GError   **error)
{
  const GVariantType *type = G_VARIANT_TYPE (get_pair_type (boxed));
  g_auto (PlantRpcSerial) serial = PLANT_RPC_SERIAL_INIT;
  g_autoptr (GVariant) message = NULL;
  PlantRpcSerialView view;

  plant_rpc_serial_reserve (&serial, 2 * PAIR_START + g_variant_get_size (value));
  plant_rpc_serial_append (&serial, &kind, 1);
  plant_rpc_serial_append_value (&serial, value);
  if (boxed)
    plant_rpc_serial_end_variant (&serial, g_variant_get_type (value));
  view = (PlantRpcSerialView) { serial.data, serial.size, type };
  if (!check (&view, error))
    return NULL;
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    return plant_rpc_serial_steal (&serial);
  message = plant_rpc_serial_finish (&serial, type);
  return to_wire (message);
}

/* Finds the value of MESSAGE. Returns FALSE if what is around the value is not in normal form. */
static gboolean
find_paired (const PlantRpcSerialView *message,
             gboolean                  boxed,
             PlantRpcSerialView       *value)
{
  const guint8 padding[PAIR_START - 1] = { 0 };
  PlantRpcSerialIter iter;
  gsize size, fixed_size;

  if (message->size < PAIR_START || memcmp (message->data + 1, padding, sizeof padding) != 0)
    return FALSE;
  size = message->size - PAIR_START;
  *value = (PlantRpcSerialView) { message->data + PAIR_START, size, G_VARIANT_TYPE_VARIANT };
  if (!boxed)
    {
      value->type = G_VARIANT_TYPE_VARDICT;
      return TRUE;
    }
  plant_rpc_serial_iter_init (&iter, value);
  if (!plant_rpc_serial_iter_next (&iter, value))
    return FALSE;
  value->data = message->data + PAIR_START;
  value->size = iter.limit;
  fixed_size = plant_rpc_serial_get_layout (value->type).size;
  return fixed_size == 0 || fixed_size == value->size;
}

/* GVariant reads a byte behind some tuples. The type of a variant's child follows it, but would not
 * follow a copy, which GVariant makes of bytes without alignment. */
static GBytes *
cut_out (GBytes                   *payload,
         const PlantRpcSerialView *value)
{
  guint8 *copy;

  if (GPOINTER_TO_SIZE (value->data) % PAIR_START == 0)
    return g_bytes_new_from_bytes (payload, PAIR_START, value->size);
  copy = g_malloc0 (value->size + 1);
  memcpy (copy, value->data, value->size);
  return g_bytes_new_take (copy, value->size);
}

GVariant *
plant_rpc_message_unpack_pair (GBytes    *payload,
                               gboolean   boxed,
                               GError   **error)
{
  const char *type_string = get_pair_type (boxed);
  PlantRpcSerialView message = { .type = G_VARIANT_TYPE (type_string) }, value;
  g_autoptr (GBytes) bytes = NULL;

  message.data = g_bytes_get_data (payload, &message.size);
  if (!plant_rpc_native_check_types (&message, error))
    return NULL;
  if (!find_paired (&message, boxed, &value))
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_PROTOCOL,
                                      _("The message is not a “%s” in normal form"), type_string);
  bytes = cut_out (payload, &value);
  return take_normal (g_variant_ref_sink (g_variant_new_from_bytes (value.type, bytes, FALSE)),
                      type_string, error);
}

/* ---- a kind and a name */

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

gboolean
plant_rpc_message_is_true (GVariant *value)
{
  switch (*g_variant_get_type_string (value))
    {
    case 'b':
      return g_variant_get_boolean (value);
    case 'x':
      return g_variant_get_int64 (value) != 0;
    case 'd':
      return g_variant_get_double (value) != 0;
    case 's':
      return *g_variant_get_string (value, NULL) != '\0';
    case 'a':
    case 'm':
      return g_variant_n_children (value) > 0;
    default:
      return TRUE;
    }
}

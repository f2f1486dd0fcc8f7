/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-native-check-private.h"

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

GBytes *
plant_rpc_message_pack_native (GVariant  *message,
                               GError   **error)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (message);
  g_autoptr (GVariant) value = g_variant_get_normal_form (sunk);
  PlantRpcSerialView view = plant_rpc_serial_view_of (value);

  if (!plant_rpc_native_check_depth (&view, error) || !plant_rpc_native_check_types (&view, error))
    return NULL;
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      g_autoptr (GVariant) swapped = g_variant_byteswap (value);

      return g_variant_get_data_as_bytes (swapped);
    }
  return g_variant_get_data_as_bytes (value);
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
  if (!g_variant_is_normal_form (value))
    return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_PROTOCOL,
                                      /* Translators: a GVariant type */
                                      _("The message is not a “%s” in normal form"), type_string);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-message-private.h"
#include "plant-rpc-native-check-private.h"

#define NAMED_TYPE "(ysv)"
#define LARGE      1024 /* bytes */
#define ALIGNMENT  8    /* bytes, to which any value may be aligned */

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

GVariant *
plant_rpc_message_refuse (const char  *type_string,
                          GError     **error)
{
  return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_PROTOCOL,
                                    /* Translators: a GVariant type */
                                    _("The message is not a “%s” in normal form"), type_string);
}

/* GLib looks at the ends of all former children again for each child of a GVariant that was made of
 * bytes which were not trusted, also once it has found them in normal form. Of a small one that
 * costs less than to make another GVariant. */
static GVariant *
trust (GVariant *value,
       GBytes   *bytes)
{
  if (g_bytes_get_size (bytes) < LARGE)
    return g_variant_ref (value);
  return g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (value), bytes, TRUE));
}

/* TYPE_STRING is that of the message. */
static GVariant *
take_normal (const GVariantType  *type,
             GBytes              *bytes,
             const char          *type_string,
             GError             **error)
{
  PlantRpcSerialView view = { .type = type };
  g_autoptr (GVariant) value = NULL;
  gboolean is_plain;

  view.data = g_bytes_get_data (bytes, &view.size);
  is_plain = plant_rpc_native_is_plain (&view);
  value = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, is_plain));
  if (!is_plain && !g_variant_is_normal_form (value))
    return plant_rpc_message_refuse (type_string, error);
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    return g_variant_byteswap (value);
  return is_plain ? g_steal_pointer (&value) : trust (value, bytes);
}

static PlantRpcSerialView
view_payload (GBytes     *payload,
              const char *type_string)
{
  PlantRpcSerialView view = { .type = G_VARIANT_TYPE (type_string) };

  view.data = g_bytes_get_data (payload, &view.size);
  return view;
}

GVariant *
plant_rpc_message_unpack_native (GBytes      *payload,
                                 const char  *type_string,
                                 GError     **error)
{
  g_autoptr (GBytes) bytes = plant_rpc_native_ref_readable (payload, type_string);
  PlantRpcSerialView view = view_payload (bytes, type_string);

  if (!plant_rpc_native_check_types (&view, error))
    return NULL;
  return take_normal (view.type, bytes, type_string, error);
}

/* ---- members */

GBytes *
plant_rpc_message_pack_serial (PlantRpcSerial  *serial,
                               const char      *type_string,
                               GError         **error)
{
  const GVariantType *type = G_VARIANT_TYPE (type_string);
  PlantRpcSerialView view = { serial->data, serial->size, type };
  g_autoptr (GVariant) message = NULL;

  if (!check (&view, error))
    return NULL;
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    return plant_rpc_serial_steal (serial);
  message = plant_rpc_serial_finish (serial, type);
  return to_wire (message);
}

/* Returns FALSE if what is around the members is not in normal form. */
static gboolean
find_members (const PlantRpcSerialView *message,
              PlantRpcSerialView       *members)
{
  PlantRpcSerialIter iter;
  gsize place = 0, n_ends;
  guint n = 0;

  plant_rpc_serial_iter_init (&iter, message);
  n_ends = iter.n_ends;
  for (; plant_rpc_serial_iter_next (&iter, &members[n]); n++)
    {
      if (iter.start > iter.place || iter.place > iter.limit ||
          !plant_rpc_serial_is_zero (message->data, place, iter.start))
        return FALSE;
      members[n].data = message->data + iter.start;
      members[n].size = iter.place - iter.start;
      place = iter.place;
    }
  return n > 0 && plant_rpc_serial_get_end_size (message->size) ==
                      plant_rpc_serial_choose_end_size (iter.limit, n_ends);
}

gboolean
plant_rpc_message_split (GBytes              *payload,
                         const char          *type_string,
                         PlantRpcSerialView  *members,
                         GError             **error)
{
  PlantRpcSerialView message = view_payload (payload, type_string);

  if (!plant_rpc_native_check_types (&message, error))
    return FALSE;
  return find_members (&message, members) ||
         plant_rpc_message_refuse (type_string, error) != NULL;
}

/* GVariant reads a byte behind some tuples. Another member, or the type of a variant's child,
 * follows a tuple here. It would not follow a copy, which GVariant makes of bytes without
 * alignment. */
static GBytes *
cut_out (GBytes                   *payload,
         const PlantRpcSerialView *member)
{
  const guint8 *data = g_bytes_get_data (payload, NULL);
  guint8 *copy;

  if (GPOINTER_TO_SIZE (member->data) % ALIGNMENT == 0)
    return g_bytes_new_from_bytes (payload, member->data - data, member->size);
  copy = g_malloc0 (member->size + 1);
  memcpy (copy, member->data, member->size);
  return g_bytes_new_take (copy, member->size);
}

GVariant *
plant_rpc_message_take_member (GBytes                    *payload,
                               const PlantRpcSerialView  *member,
                               const char                *type_string,
                               GError                   **error)
{
  g_autoptr (GBytes) bytes = cut_out (payload, member);

  return take_normal (member->type, bytes, type_string, error);
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
  g_auto (PlantRpcSerial) serial = PLANT_RPC_SERIAL_INIT;

  plant_rpc_serial_reserve (&serial, 2 * ALIGNMENT + g_variant_get_size (value));
  plant_rpc_serial_append (&serial, &kind, 1);
  plant_rpc_serial_append_value (&serial, value);
  if (boxed)
    plant_rpc_serial_end_variant (&serial, g_variant_get_type (value));
  return plant_rpc_message_pack_serial (&serial, get_pair_type (boxed), error);
}

/* Sets VALUE to what is inside of the variant that it is. Returns FALSE if that is surely not in
 * normal form. */
static gboolean
open_box (PlantRpcSerialView *value)
{
  const guint8 *data = value->data;
  PlantRpcSerialIter iter;
  gsize fixed_size;

  plant_rpc_serial_iter_init (&iter, value);
  if (!plant_rpc_serial_iter_next (&iter, value))
    return FALSE;
  value->data = data;
  value->size = iter.limit;
  fixed_size = plant_rpc_serial_get_layout (value->type).size;
  return fixed_size == 0 || fixed_size == value->size;
}

GVariant *
plant_rpc_message_unpack_pair (GBytes    *payload,
                               gboolean   boxed,
                               GError   **error)
{
  const char *type_string = get_pair_type (boxed);
  PlantRpcSerialView members[2];

  if (!plant_rpc_message_split (payload, type_string, members, error))
    return NULL;
  if (boxed && !open_box (&members[1]))
    return plant_rpc_message_refuse (type_string, error);
  return plant_rpc_message_take_member (payload, &members[1], type_string, error);
}

/* ---- a kind, a name and a value */

GBytes *
plant_rpc_message_pack_named (guint8       kind,
                              const char  *name,
                              GVariant    *value,
                              GError     **error)
{
  const gsize name_size = strlen (name) + 1;
  g_auto (PlantRpcSerial) serial = PLANT_RPC_SERIAL_INIT;
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&serial);

  g_return_val_if_fail (g_utf8_validate (name, -1, NULL), NULL);

  plant_rpc_serial_reserve (&serial, 4 * ALIGNMENT + name_size + g_variant_get_size (value));
  plant_rpc_serial_append (&serial, &kind, 1);
  plant_rpc_serial_append (&serial, name, name_size);
  plant_rpc_serial_end_child (&serial);
  plant_rpc_serial_append_value (&serial, value);
  plant_rpc_serial_end_variant (&serial, g_variant_get_type (value));
  plant_rpc_serial_end_tuple (&serial, mark);
  return plant_rpc_message_pack_serial (&serial, NAMED_TYPE, error);
}

gboolean
plant_rpc_message_unpack_named (GBytes    *payload,
                                char     **name,
                                GVariant **value,
                                GError   **error)
{
  PlantRpcSerialView members[3];
  const char *text;
  GVariant *taken;

  if (!plant_rpc_message_split (payload, NAMED_TYPE, members, error))
    return FALSE;
  text = plant_rpc_serial_view_peek_string (&members[1]);
  if (text == NULL || !open_box (&members[2]))
    return plant_rpc_message_refuse (NAMED_TYPE, error) != NULL;
  taken = plant_rpc_message_take_member (payload, &members[2], NAMED_TYPE, error);
  if (taken == NULL)
    return FALSE;
  *name = g_strdup (text);
  *value = taken;
  return TRUE;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-check-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-json-reader-private.h"

GVariant *
plant_rpc_json_parse (const char  *data,
                      gsize        length,
                      GError     **error)
{
  g_autofree char *copy = NULL;

  if (!plant_rpc_json_check (data, length, error))
    return NULL;
  if (strchr ("{[\"", *plant_rpc_json_skip_space (data)) != NULL)
    return plant_rpc_json_read (data);
  copy = g_strndup (data, length);
  return plant_rpc_json_read (copy);
}

static gboolean write_value (GString   *out,
                             GVariant  *value,
                             guint      depth,
                             GError   **error);

static void
write_string (GString    *out,
              const char *text)
{
  static const char short_escapes[] = "\bb\ff\nn\rr\tt\"\"\\\\";

  g_string_append_c (out, '"');
  for (;;)
    {
      const char *special = text;
      const char *escape = short_escapes;

      while ((guchar) *special >= 0x20 && *special != '"' && *special != '\\')
        special++;
      g_string_append_len (out, text, special - text);
      if (*special == '\0')
        break;

      while (*escape != '\0' && *escape != *special)
        escape += 2;
      g_string_append_c (out, '\\');
      if (*escape != '\0')
        g_string_append_c (out, escape[1]);
      else
        g_string_append_printf (out, "u%04x", (guint) *special);
      text = special + 1;
    }
  g_string_append_c (out, '"');
}

/* The fewest digits that read back as the same number. */
static void
write_finite (GString *out,
              double   number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  int precision = isnormal (number) ? 15 : 1;

  for (; precision <= 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  g_string_append (out, text);
  if (strpbrk (text, ".e") == NULL)
    g_string_append (out, ".0");
}

/* As Python names them; in JSON proper there are none, so this is for names of members only. */
static void
write_double_name (GString *out,
                   double   number)
{
  if (isnan (number))
    g_string_append (out, "NaN");
  else if (isinf (number))
    g_string_append (out, number < 0 ? "-Infinity" : "Infinity");
  else
    write_finite (out, number);
}

/* TRUE when VALUE is of an integer type, and so has been written. */
static gboolean
write_integer (GString  *out,
               GVariant *value)
{
  switch ((int) g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BYTE:
      g_string_append_printf (out, "%u", g_variant_get_byte (value));
      return TRUE;
    case G_VARIANT_CLASS_INT16:
      g_string_append_printf (out, "%d", g_variant_get_int16 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT16:
      g_string_append_printf (out, "%u", g_variant_get_uint16 (value));
      return TRUE;
    case G_VARIANT_CLASS_INT32:
      g_string_append_printf (out, "%d", g_variant_get_int32 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT32:
      g_string_append_printf (out, "%u", g_variant_get_uint32 (value));
      return TRUE;
    case G_VARIANT_CLASS_INT64:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, g_variant_get_int64 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT64:
      g_string_append_printf (out, "%" G_GUINT64_FORMAT, g_variant_get_uint64 (value));
      return TRUE;
    default:
      return FALSE;
    }
}

static void
write_name (GString  *out,
            GVariant *key)
{
  GVariantClass class = g_variant_classify (key);

  if (class == G_VARIANT_CLASS_STRING || class == G_VARIANT_CLASS_OBJECT_PATH ||
      class == G_VARIANT_CLASS_SIGNATURE)
    {
      write_string (out, g_variant_get_string (key, NULL));
      return;
    }
  g_string_append_c (out, '"');
  if (class == G_VARIANT_CLASS_BOOLEAN)
    g_string_append (out, g_variant_get_boolean (key) ? "true" : "false");
  else if (class == G_VARIANT_CLASS_DOUBLE)
    write_double_name (out, g_variant_get_double (key));
  else if (class == G_VARIANT_CLASS_HANDLE)
    g_string_append_printf (out, "%d", g_variant_get_handle (key));
  else
    write_integer (out, key);
  g_string_append_c (out, '"');
}

static void
write_basic (GString  *out,
             GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    {
      g_string_append (out, g_variant_get_boolean (value) ? "true" : "false");
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    {
      double number = g_variant_get_double (value);

      if (isfinite (number))
        write_finite (out, number);
      else
        g_string_append (out, "null");
    }
  else if (!write_integer (out, value))
    {
      write_name (out, value);
    }
}

static gboolean
write_member (GString   *out,
              GVariant  *entry,
              guint      depth,
              GError   **error)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);

  write_name (out, key);
  g_string_append_c (out, ':');
  return write_value (out, value, depth, error);
}

static void
write_number (GString *out,
              gint64   number)
{
  char text[20];
  char *at = text + sizeof text;
  guint64 rest = number < 0 ? -(guint64) number : (guint64) number;

  do
    *--at = '0' + rest % 10;
  while ((rest /= 10) > 0);
  if (number < 0)
    g_string_append_c (out, '-');
  g_string_append_len (out, at, text + sizeof text - at);
}

/* A picture as an array has millions of numbers: a GVariant for each takes most of the time. FALSE if
 * VALUE is not an array of such numbers. */
static gboolean
write_numbers (GString  *out,
               GVariant *value)
{
  const char *type = g_variant_get_type_string (value);
  const gsize size = type[1] == 'y' ? 1 : type[1] == 'n' || type[1] == 'q' ? 2 : 4;
  gconstpointer data;
  gsize n;

  if (type[0] != 'a' || type[1] == '\0' || strchr ("ynqiu", type[1]) == NULL)
    return FALSE;
  data = g_variant_get_fixed_array (value, &n, size);
  g_string_append_c (out, '[');
  for (gsize i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      write_number (out, type[1] == 'y'   ? (gint64) ((const guint8 *) data)[i]
                         : type[1] == 'n' ? (gint64) ((const gint16 *) data)[i]
                         : type[1] == 'q' ? (gint64) ((const guint16 *) data)[i]
                         : type[1] == 'i' ? (gint64) ((const gint32 *) data)[i]
                                          : (gint64) ((const guint32 *) data)[i]);
    }
  g_string_append_c (out, ']');
  return TRUE;
}

static gboolean
write_container (GString   *out,
                 GVariant  *value,
                 guint      depth,
                 GError   **error)
{
  gboolean dictionary = g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY);
  gsize length = g_variant_n_children (value);

  if (depth == PLANT_RPC_JSON_MAX_DEPTH)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   _("The value is nested more than %d levels deep"), PLANT_RPC_JSON_MAX_DEPTH);
      return FALSE;
    }

  if (write_numbers (out, value))
    return TRUE;
  g_string_append_c (out, dictionary ? '{' : '[');
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (i > 0)
        g_string_append_c (out, ',');
      if (dictionary ? !write_member (out, child, depth + 1, error)
                     : !write_value (out, child, depth + 1, error))
        return FALSE;
    }
  g_string_append_c (out, dictionary ? '}' : ']');
  return TRUE;
}

static gboolean
write_value (GString   *out,
             GVariant  *value,
             guint      depth,
             GError   **error)
{
  g_autoptr (GVariant) inner = g_variant_ref (value);

  while (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT) ||
         g_variant_is_of_type (inner, G_VARIANT_TYPE_MAYBE))
    {
      GVariant *child;

      if (g_variant_n_children (inner) == 0)
        {
          g_string_append (out, "null");
          return TRUE;
        }
      child = g_variant_get_child_value (inner, 0);
      g_variant_unref (inner);
      inner = child;
    }

  if (g_variant_is_container (inner))
    return write_container (out, inner, depth, error);
  write_basic (out, inner);
  return TRUE;
}

gboolean
plant_rpc_json_write (GVariant  *value,
                      GString   *out,
                      GError   **error)
{
  gsize length = out->len;
  gboolean good = write_value (out, value, 0, error);

  if (!good)
    g_string_truncate (out, length);
  return good;
}

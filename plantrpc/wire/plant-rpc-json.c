/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-check-private.h"
#include "plant-rpc-json-private.h"

static GVariant *node_to_variant (JsonNode *node);

static GVariant *
string_to_variant (const char *text)
{
  if (*text != PLANT_RPC_JSON_MARK)
    return g_variant_new_string (text);
  if (text[1] == PLANT_RPC_JSON_MARK)
    return g_variant_new_string (text + 1);
  return g_variant_new_uint64 (g_ascii_strtoull (text + 1, NULL, 10));
}

static GVariant *
double_to_variant (double number)
{
  if (isfinite (number))
    return g_variant_new_double (number);
  return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
}

static GVariant *
scalar_to_variant (JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    return string_to_variant (json_node_get_string (node));
  if (type == G_TYPE_INT64)
    return g_variant_new_int64 (json_node_get_int (node));
  if (type == G_TYPE_BOOLEAN)
    return g_variant_new_boolean (json_node_get_boolean (node));
  return double_to_variant (json_node_get_double (node));
}

static GVariant *
array_to_variant (JsonArray *array)
{
  guint length = json_array_get_length (array);
  g_autofree GVariant **children = g_new (GVariant *, length);

  for (guint i = 0; i < length; i++)
    children[i] = g_variant_new_variant (node_to_variant (json_array_get_element (array, i)));
  return g_variant_new_array (G_VARIANT_TYPE_VARIANT, children, length);
}

static const char *
unmark_name (const char *name)
{
  if (*name == PLANT_RPC_JSON_MARK && name[1] != PLANT_RPC_JSON_MARK)
    name += 1 + PLANT_RPC_JSON_SALT_LENGTH;
  return *name == PLANT_RPC_JSON_MARK ? name + 1 : name;
}

/* Whether NAME was there before, and then its place. */
static gboolean
find_place (GTree      *places,
            const char *name,
            gsize      *place)
{
  gpointer found;

  if (g_tree_lookup_extended (places, name, NULL, &found))
    {
      *place = GPOINTER_TO_SIZE (found);
      return TRUE;
    }
  g_tree_insert (places, (gpointer) name, GSIZE_TO_POINTER (*place));
  return FALSE;
}

/* Names with a salt are never equal for json-glib: the last of those which are is found here. */
static GVariant *
object_to_variant (JsonObject *object)
{
  guint size = json_object_get_size (object);
  g_autofree GVariant **children = g_new (GVariant *, size);
  g_autoptr (GTree) places = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;
  gsize n = 0;

  if (size > PLANT_RPC_JSON_MANY_MEMBERS)
    places = g_tree_new ((GCompareFunc) strcmp);

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      gsize place = n;

      name = unmark_name (name);
      if (places != NULL && find_place (places, name, &place))
        g_variant_unref (g_variant_ref_sink (children[place]));
      else
        n++;
      children[place] = g_variant_new_dict_entry (g_variant_new_string (name),
                                                  g_variant_new_variant (node_to_variant (member)));
    }
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), children, n);
}

static GVariant *
node_to_variant (JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return object_to_variant (json_node_get_object (node));
    case JSON_NODE_ARRAY:
      return array_to_variant (json_node_get_array (node));
    case JSON_NODE_VALUE:
      return scalar_to_variant (node);
    case JSON_NODE_NULL:
    default:
      return g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
    }
}

GVariant *
plant_rpc_json_parse (const char  *data,
                      gsize        length,
                      GError     **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) refused = NULL;
  GString *safe = NULL;
  gboolean good;

  if (!plant_rpc_json_check (data, length, &safe, error))
    return NULL;

  parser = json_parser_new ();
  if (safe != NULL)
    good = json_parser_load_from_data (parser, safe->str, (gssize) safe->len, &refused);
  else
    good = json_parser_load_from_data (parser, data, (gssize) length, &refused);
  if (safe != NULL)
    g_string_free (safe, TRUE);

  if (!good)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_PROTOCOL, _("Not JSON: %s"),
                   refused->message);
      return NULL;
    }
  return g_variant_ref_sink (node_to_variant (json_parser_get_root (parser)));
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

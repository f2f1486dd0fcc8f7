/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-check-private.h"
#include "plant-rpc-json-number-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-json-reader-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"

/* the containers of a message: the object, its members, and the arguments of a signal or method */
#define MAX_TREE_DEPTH    2
#define MAX_TREE_CHILDREN 16
#define MIN_TREE_SIZE     1024 /* bytes up to which copying costs less than looking at each child */

/* up to this each integer is a double */
#define MAX_EXACT ((G_GUINT64_CONSTANT (1) << 53) - 1)

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

void
plant_rpc_json_append_string (GString    *out,
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

static void
write_string (GString                  *out,
              const PlantRpcSerialView *string)
{
  plant_rpc_json_append_string (out, string->size > 0 ? (const char *) string->data : "");
}

/* JSON has no such numbers as the first three. These are Python's tokens, which it writes and
 * reads. */
static void
write_double (GString *out,
              double   number)
{
  if (isnan (number))
    g_string_append (out, "NaN");
  else if (isinf (number))
    g_string_append (out, number < 0 ? "-Infinity" : "Infinity");
  else
    plant_rpc_json_append_double (out, number);
}

static char
get_letter (const PlantRpcSerialView *value)
{
  return *g_variant_type_peek_string (value->type);
}

static double
get_double (const PlantRpcSerialView *value)
{
  double number;

  memcpy (&number, value->data, sizeof number);
  return number;
}

static void
write_integer (GString                  *out,
               const PlantRpcSerialView *value)
{
  char letter = get_letter (value);
  PlantRpcInteger integer = { FALSE, 0 };

  plant_rpc_serial_load_integer (letter == 'h' ? 'i' : letter, value->data, &integer);
  if (integer.negative)
    g_string_append_c (out, '-');
  plant_rpc_json_append_unsigned (out, integer.magnitude);
}

static void
write_name (GString                  *out,
            const PlantRpcSerialView *key)
{
  char letter = get_letter (key);

  if (strchr ("sog", letter) != NULL)
    {
      write_string (out, key);
      return;
    }
  g_string_append_c (out, '"');
  if (letter == 'b')
    g_string_append (out, *key->data != 0 ? "true" : "false");
  else if (letter == 'd')
    write_double (out, get_double (key));
  else
    write_integer (out, key);
  g_string_append_c (out, '"');
}

/* Where a value is written. */
typedef struct {
  GString  *out;    /* (unowned) */
  gboolean  tokens; /* Python's tokens stand for NaN and infinity, and null otherwise */
  gboolean  exact;  /* what JSON does not tell exactly is refused */
} Writer;

static void
write_basic (const Writer             *self,
             const PlantRpcSerialView *value)
{
  char letter = get_letter (value);

  if (strchr ("sog", letter) != NULL)
    write_string (self->out, value);
  else if (letter == 'b')
    g_string_append (self->out, *value->data != 0 ? "true" : "false");
  else if (letter == 'h')
    write_name (self->out, value);
  else if (letter != 'd')
    write_integer (self->out, value);
  else if (self->tokens || isfinite (get_double (value)))
    write_double (self->out, get_double (value));
  else
    g_string_append (self->out, "null");
}

static gboolean write_value (const Writer              *self,
                             const PlantRpcSerialView  *value,
                             guint                      depth,
                             GError                   **error);

static gboolean
write_member (const Writer              *self,
              const PlantRpcSerialView  *entry,
              guint                      depth,
              GError                   **error)
{
  PlantRpcSerialIter iter;
  PlantRpcSerialView key, value;

  plant_rpc_serial_iter_init (&iter, entry);
  plant_rpc_serial_iter_next (&iter, &key);
  plant_rpc_serial_iter_next (&iter, &value);
  write_name (self->out, &key);
  g_string_append_c (self->out, ':');
  return write_value (self, &value, depth, error);
}

static gboolean
write_container (const Writer              *self,
                 const PlantRpcSerialView  *value,
                 guint                      depth,
                 GError                   **error)
{
  gboolean dictionary = plant_rpc_serial_view_is (value, G_VARIANT_TYPE_DICTIONARY);
  PlantRpcSerialIter iter;
  PlantRpcSerialView child;
  gboolean first = TRUE;

  if (depth == PLANT_RPC_JSON_MAX_DEPTH)
    {
      g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_LIMIT,
                   _("The value is nested more than %d levels deep"), PLANT_RPC_JSON_MAX_DEPTH);
      return FALSE;
    }

  g_string_append_c (self->out, dictionary ? '{' : '[');
  plant_rpc_serial_iter_init (&iter, value);
  for (; plant_rpc_serial_iter_next (&iter, &child); first = FALSE)
    {
      if (!first)
        g_string_append_c (self->out, ',');
      if (dictionary ? !write_member (self, &child, depth + 1, error)
                     : !write_value (self, &child, depth + 1, error))
        return FALSE;
    }
  g_string_append_c (self->out, dictionary ? '}' : ']');
  return TRUE;
}

const char *
plant_rpc_json_peek_digits (const PlantRpcSerialView *value)
{
  const char *text, *digits;

  if (!plant_rpc_serial_view_is (value, PLANT_RPC_JSON_KEPT) || value->size < 3 ||
      *value->data != PLANT_RPC_JSON_INTEGER)
    return NULL;
  text = (const char *) value->data + 1;
  digits = text + (*text == '-');
  return *digits != '\0' && digits[strspn (digits, "0123456789")] == '\0' ? text : NULL;
}

/* Returns FALSE for what the reader does not keep. A peer may have sent such a value natively. */
static gboolean
write_kept (const Writer             *self,
            const PlantRpcSerialView *value)
{
  const char *digits = plant_rpc_json_peek_digits (value);
  g_autofree char *text = NULL;

  if (digits != NULL)
    {
      g_string_append (self->out, digits);
      return TRUE;
    }
  if (!plant_rpc_serial_view_is (value, PLANT_RPC_JSON_KEPT) || value->size < 3 ||
      *value->data != PLANT_RPC_JSON_TEXT)
    return FALSE;
  text = g_strdup_printf ("\"%s\"", (const char *) value->data + 1);
  if (!plant_rpc_json_check (text, strlen (text), NULL))
    return FALSE;
  g_string_append (self->out, text);
  return TRUE;
}

static gboolean
is_exact_integer (const PlantRpcSerialView *value,
                  char                      letter)
{
  PlantRpcInteger integer = { FALSE, 0 };

  plant_rpc_serial_load_integer (letter, value->data, &integer);
  return integer.magnitude <= MAX_EXACT;
}

/* Whether JSON tells a value, without what is in it, such that a reader whose numbers are all
 * doubles knows it again. */
static gboolean
is_exact (const PlantRpcSerialView *value)
{
  char letter = get_letter (value);

  switch (letter)
    {
    case 'h':
    case '{':
      return FALSE;
    case 'x':
    case 't':
      return is_exact_integer (value, letter);
    case 'd':
      return isfinite (get_double (value));
    case 'a':
      return !plant_rpc_serial_view_is (value, G_VARIANT_TYPE_BYTESTRING) &&
             (!plant_rpc_serial_view_is (value, G_VARIANT_TYPE_DICTIONARY) ||
              strchr ("sog", g_variant_type_peek_string (value->type)[2]) != NULL);
    default:
      return TRUE;
    }
}

static gboolean
write_value (const Writer              *self,
             const PlantRpcSerialView  *value,
             guint                      depth,
             GError                   **error)
{
  PlantRpcSerialView opened = plant_rpc_serial_view_open_normal (value);

  if (self->exact && !is_exact (&opened))
    {
      g_set_error_literal (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE,
                           _("JSON does not tell the value exactly"));
      return FALSE;
    }
  if (!g_variant_type_is_container (opened.type))
    write_basic (self, &opened);
  else if (g_variant_type_is_maybe (opened.type))
    g_string_append (self->out, "null");
  else if (!write_kept (self, &opened))
    return write_container (self, &opened, depth, error);
  return TRUE;
}

static gboolean write_tree (const Writer  *self,
                            GVariant  *value,
                            guint      depth,
                            GError   **error);

static gboolean
write_tree_member (const Writer  *self,
                   GVariant  *entry,
                   guint      depth,
                   GError   **error)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (entry, 1);
  PlantRpcSerialView name = plant_rpc_serial_view_of (key);

  write_name (self->out, &name);
  g_string_append_c (self->out, ':');
  return write_tree (self, value, depth, error);
}

static gboolean
write_tree_members (const Writer  *self,
                    GVariant  *value,
                    guint      depth,
                    GError   **error)
{
  const gboolean dictionary = g_variant_is_of_type (value, G_VARIANT_TYPE_DICTIONARY);
  const gsize n = g_variant_n_children (value);

  g_string_append_c (self->out, dictionary ? '{' : '[');
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (i > 0)
        g_string_append_c (self->out, ',');
      if (dictionary ? !write_tree_member (self, child, depth + 1, error)
                     : !write_tree (self, child, depth + 1, error))
        return FALSE;
    }
  g_string_append_c (self->out, dictionary ? '}' : ']');
  return TRUE;
}

/* An array of bytes has no members worth a GVariant each. GLib 2.84 has none for those of
 * g_variant_new_bytestring(): its g_variant_get_child_value() fails an assertion there. */
static gboolean
is_tree (GVariant *value)
{
  return g_variant_is_container (value) && !g_variant_is_of_type (value, G_VARIANT_TYPE_MAYBE) &&
         !g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING) &&
         !g_variant_is_of_type (value, PLANT_RPC_JSON_KEPT) &&
         g_variant_n_children (value) <= MAX_TREE_CHILDREN &&
         g_variant_get_size (value) > MIN_TREE_SIZE;
}

/* A message is a small tree around a value that may be large. Serialising the tree would copy the
 * value, so its outer containers are gone through as GVariants, unless all of it is small. */
static gboolean
write_tree (const Writer  *self,
            GVariant  *value,
            guint      depth,
            GError   **error)
{
  PlantRpcSerialView view;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr (GVariant) child = g_variant_get_variant (value);

      return write_tree (self, child, depth, error);
    }
  if (depth <= MAX_TREE_DEPTH && is_tree (value))
    return write_tree_members (self, value, depth, error);
  view = plant_rpc_serial_view_of (value);
  return write_value (self, &view, depth, error);
}

static gboolean
write (GVariant      *value,
       const Writer  *self,
       guint          depth,
       GError       **error)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (value);
  gsize length = self->out->len;
  gboolean good = write_tree (self, normal, depth, error);

  if (!good)
    g_string_truncate (self->out, length);
  return good;
}

gboolean
plant_rpc_json_write (GVariant  *value,
                      GString   *out,
                      GError   **error)
{
  return write (value, &(Writer) { out, FALSE, FALSE }, 0, error);
}

gboolean
plant_rpc_json_write_message (GVariant  *value,
                              GString   *out,
                              GError   **error)
{
  return write (value, &(Writer) { out, TRUE, FALSE }, 0, error);
}

gboolean
plant_rpc_json_write_member (GVariant  *value,
                             guint      depth,
                             GString   *out,
                             GError   **error)
{
  return write (value, &(Writer) { out, TRUE, FALSE }, depth, error);
}

gboolean
plant_rpc_json_write_exactly (GVariant  *value,
                              GString   *out,
                              GError   **error)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (value);
  PlantRpcSerialView view = plant_rpc_serial_view_of (normal);
  gsize length = out->len;
  gboolean good = write_value (&(Writer) { out, FALSE, TRUE }, &view, 0, error);

  if (!good)
    g_string_truncate (out, length);
  return good;
}

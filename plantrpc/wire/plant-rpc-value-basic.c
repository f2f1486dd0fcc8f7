/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-serial-view-private.h"
#include "plant-rpc-text-private.h"
#include "plant-rpc-value-basic-private.h"

#define MAX_SHOWN_BYTES  80
#define MAX_PRINTED_SIZE 1000 /* bytes of a GVariant */

/* A double holds every integer of this many bits. */
#define DOUBLE_BITS 53

/* The range of an integer type. The minimum is given by its magnitude. */
typedef struct {
  char    type;
  guint64 below; /* the magnitude of the minimum */
  guint64 above;
} IntegerRange;

static const IntegerRange integer_ranges[] = {
  { 'y', 0, G_MAXUINT8 },
  { 'n', (guint64) G_MAXINT16 + 1, G_MAXINT16 },
  { 'q', 0, G_MAXUINT16 },
  { 'i', (guint64) G_MAXINT32 + 1, G_MAXINT32 },
  { 'h', (guint64) G_MAXINT32 + 1, G_MAXINT32 },
  { 'u', 0, G_MAXUINT32 },
  { 'x', (guint64) G_MAXINT64 + 1, G_MAXINT64 },
  { 't', 0, G_MAXUINT64 },
};

GVariant *
plant_rpc_value_open (GVariant *variant)
{
  GVariant *inner = g_variant_ref (variant);

  while ((g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT) ||
          g_variant_is_of_type (inner, G_VARIANT_TYPE_MAYBE)) &&
         g_variant_n_children (inner) > 0)
    {
      GVariant *child = g_variant_get_child_value (inner, 0);

      g_variant_unref (inner);
      inner = child;
    }
  return inner;
}

gboolean
plant_rpc_value_is_nothing (GVariant *opened)
{
  return g_variant_is_of_type (opened, G_VARIANT_TYPE_MAYBE);
}

static gboolean
is_text (GVariant *variant)
{
  return g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING) ||
         g_variant_is_of_type (variant, G_VARIANT_TYPE_OBJECT_PATH) ||
         g_variant_is_of_type (variant, G_VARIANT_TYPE_SIGNATURE);
}

/* Prints the value as JSON, which is easier to read than GVariant's text. JSON has no NaN and no
 * infinity, so they are printed by name. */
static char *
print (GVariant *opened)
{
  g_autoptr (GString) text = g_string_new (NULL);
  double number = 0;

  if (g_variant_is_of_type (opened, G_VARIANT_TYPE_DOUBLE))
    number = g_variant_get_double (opened);
  if (isnan (number))
    g_string_append (text, "nan");
  else if (isinf (number))
    g_string_append (text, number < 0 ? "-inf" : "inf");
  else if (!plant_rpc_json_write (opened, text, NULL))
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
plant_rpc_value_describe (GVariant *variant)
{
  g_autoptr (GVariant) opened = plant_rpc_value_open (variant);
  g_autofree char *start = NULL;
  g_autofree char *text = NULL;

  if (is_text (opened))
    {
      g_autoptr (GVariant) shown = NULL;

      start = plant_rpc_text_shorten (g_variant_get_string (opened, NULL), MAX_SHOWN_BYTES);
      shown = g_variant_ref_sink (g_variant_new_string (start));

      text = print (shown);
      return plant_rpc_text_escape (text);
    }
  if (plant_rpc_value_is_nothing (opened))
    /* Translators: what was got instead of what was expected */
    return g_strdup (_("nothing"));
  if (g_variant_get_size (opened) <= MAX_PRINTED_SIZE)
    text = print (opened);
  if (text == NULL)
    text = g_strdup_printf (_("a value of type %s"), g_variant_get_type_string (opened));
  start = plant_rpc_text_shorten (text, MAX_SHOWN_BYTES);
  return plant_rpc_text_escape (start);
}

GVariant *
plant_rpc_value_refuse (GVariant    *variant,
                        const char  *expected,
                        GError     **error)
{
  g_autofree char *shown = plant_rpc_value_describe (variant);

  /* Translators: what belongs there, such as “a string”, and a value */
  return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_VALUE, _("expected %s, got %s"),
                                    expected, shown);
}

gboolean
plant_rpc_value_refuse_length (GVariant  *sequence,
                               GError   **error)
{
  /* Translators: what is expected instead of an array that is too long */
  g_autofree char *expected = g_strdup_printf (_("at most %d elements"), PLANT_RPC_MAX_ELEMENTS);

  plant_rpc_value_refuse (sequence, expected, error);
  return FALSE;
}

static const IntegerRange *
find_range (char type)
{
  for (guint i = 0; i < G_N_ELEMENTS (integer_ranges); i++)
    {
      if (integer_ranges[i].type == type)
        return &integer_ranges[i];
    }
  return NULL;
}

static gboolean
read_integer (GVariant        *variant,
              PlantRpcInteger *result)
{
  return plant_rpc_serial_load_integer (*g_variant_get_type_string (variant),
                                        g_variant_get_data (variant), result);
}

static gsize
store_integer (PlantRpcInteger integer,
               char            type,
               gpointer        result)
{
  guint64 bits = integer.negative ? -integer.magnitude : integer.magnitude;
  gsize size = type == 'h' ? 4 : plant_rpc_serial_get_size (type);

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    bits <<= 64 - 8 * size;
  memcpy (result, &bits, size);
  return size;
}

static GVariant *
new_integer (char            type,
             PlantRpcInteger integer)
{
  const char type_string[] = { type, '\0' };
  guint8 bytes[8];
  g_autoptr (GBytes) copy = g_bytes_new (bytes, store_integer (integer, type, bytes));

  return g_variant_new_from_bytes (G_VARIANT_TYPE (type_string), copy, TRUE);
}

/* Accepts what Python's int() does: decimal digits with a sign and white space around them. */
static gboolean
parse_integer (const char      *text,
               PlantRpcInteger *result)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  const char *digits = stripped;

  result->negative = *digits == '-';
  if (*digits == '-' || *digits == '+')
    digits++;
  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, &result->magnitude, NULL);
}

/* Accepts what Python's float() does, which has no hexadecimal numbers. */
static gboolean
parse_double (const char *text,
              double     *result)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  char *end;

  *result = g_ascii_strtod (stripped, &end);
  return end != stripped && *end == '\0' && strpbrk (stripped, "xX(") == NULL;
}

static gboolean
coerce_integer (GVariant        *variant,
                PlantRpcInteger *result)
{
  double number;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_BOOLEAN))
    {
      *result = (PlantRpcInteger) { FALSE, g_variant_get_boolean (variant) };
      return TRUE;
    }
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING))
    return parse_integer (g_variant_get_string (variant, NULL), result);
  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_DOUBLE))
    return FALSE;

  number = g_variant_get_double (variant);
  if (!(fabs (number) < 18446744073709551616.0))
    return FALSE;
  *result = (PlantRpcInteger) { number < 0, (guint64) fabs (number) };
  return TRUE;
}

static GVariant *
convert_integer (GVariant            *variant,
                 const IntegerRange  *range,
                 gboolean             coerce,
                 GError             **error)
{
  g_autofree char *minimum = NULL;
  g_autofree char *maximum = NULL;
  g_autofree char *expected = NULL;
  PlantRpcInteger integer;

  if (!read_integer (variant, &integer) && !(coerce && coerce_integer (variant, &integer)))
    return plant_rpc_value_refuse (variant, _("an integer"), error);
  if (integer.magnitude <= (integer.negative ? range->below : range->above))
    return new_integer (range->type, integer);

  minimum = g_strdup_printf ("%s%" G_GUINT64_FORMAT, range->below > 0 ? "-" : "", range->below);
  maximum = g_strdup_printf ("%" G_GUINT64_FORMAT, range->above);
  expected = g_strdup_printf (_("an integer from %s to %s"), minimum, maximum);
  return plant_rpc_value_refuse (variant, expected, error);
}

static gboolean
is_exact_double (PlantRpcInteger integer)
{
  guint64 magnitude = integer.magnitude;

  while (magnitude >> DOUBLE_BITS != 0 && magnitude % 2 == 0)
    magnitude /= 2;
  return magnitude >> DOUBLE_BITS == 0;
}

static gboolean
coerce_double (GVariant *variant,
               double   *result)
{
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_BOOLEAN))
    {
      *result = g_variant_get_boolean (variant);
      return TRUE;
    }
  return g_variant_is_of_type (variant, G_VARIANT_TYPE_STRING) &&
         parse_double (g_variant_get_string (variant, NULL), result);
}

gsize
plant_rpc_value_store_number (char           from,
                              gconstpointer  data,
                              char           type,
                              gpointer       result)
{
  const IntegerRange *range = find_range (type);
  PlantRpcInteger integer;
  double number;

  if (from == type && (type == 'd' || type == 'b'))
    {
      memcpy (result, data, plant_rpc_serial_get_size (type));
      return plant_rpc_serial_get_size (type);
    }
  if (!plant_rpc_serial_load_integer (from, data, &integer))
    return 0;
  if (range != NULL)
    return integer.magnitude <= (integer.negative ? range->below : range->above)
               ? store_integer (integer, type, result)
               : 0;
  if (type != 'd' || !is_exact_double (integer))
    return 0;
  number = integer.negative ? -(double) integer.magnitude : (double) integer.magnitude;
  memcpy (result, &number, sizeof number);
  return sizeof number;
}

/* A double holds few of the integers beyond 64 bits, and prints those with all their digits. */
static GVariant *
convert_digits (GVariant  *variant,
                gboolean   coerce,
                GError   **error)
{
  g_autoptr (GVariant) normal = g_variant_get_normal_form (variant);
  PlantRpcSerialView view = plant_rpc_serial_view_of (normal);
  const char *digits = plant_rpc_json_peek_digits (&view);
  g_autofree char *held = NULL;
  double number;

  if (digits == NULL)
    return plant_rpc_value_refuse (variant, _("a number"), error);
  number = g_ascii_strtod (digits, NULL);
  held = g_strdup_printf ("%.0f", number);
  if (!coerce && !g_str_equal (held, digits))
    return plant_rpc_value_refuse (variant, _("a number that a double holds exactly"), error);
  return g_variant_new_double (number);
}

static GVariant *
convert_double (GVariant  *variant,
                gboolean   coerce,
                GError   **error)
{
  PlantRpcInteger integer;
  double number;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_DOUBLE))
    return g_variant_ref (variant);
  if (g_variant_is_of_type (variant, PLANT_RPC_JSON_KEPT))
    return convert_digits (variant, coerce, error);
  if (coerce && coerce_double (variant, &number))
    return g_variant_new_double (number);
  if (!read_integer (variant, &integer))
    return plant_rpc_value_refuse (variant, _("a number"), error);
  if (!coerce && !is_exact_double (integer))
    return plant_rpc_value_refuse (variant, _("a number that a double holds exactly"), error);
  number = (double) integer.magnitude;
  return g_variant_new_double (integer.negative ? -number : number);
}

/* Writes null and booleans as Python's str() does. Containers are written as JSON. */
static GVariant *
coerce_string (GVariant  *variant,
               GError   **error)
{
  g_autoptr (GString) text = NULL;

  if (plant_rpc_value_is_nothing (variant))
    return g_variant_new_string ("None");
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_BOOLEAN))
    return g_variant_new_string (g_variant_get_boolean (variant) ? "True" : "False");
  if (g_variant_is_of_type (variant, G_VARIANT_TYPE_DOUBLE))
    return g_variant_new_take_string (print (variant));

  text = g_string_new (NULL);
  if (!plant_rpc_json_write (variant, text, error))
    return NULL;
  return g_variant_new_string (text->str);
}

static GVariant *
convert_string (GVariant            *variant,
                const GVariantType  *type,
                gboolean             coerce,
                GError             **error)
{
  const char *text = is_text (variant) ? g_variant_get_string (variant, NULL) : NULL;

  if (g_variant_type_equal (type, G_VARIANT_TYPE_OBJECT_PATH))
    {
      if (text == NULL || !g_variant_is_object_path (text))
        return plant_rpc_value_refuse (variant, _("an object path"), error);
      return g_variant_new_object_path (text);
    }
  if (g_variant_type_equal (type, G_VARIANT_TYPE_SIGNATURE))
    {
      if (text == NULL || !g_variant_is_signature (text))
        return plant_rpc_value_refuse (variant, _("a type signature"), error);
      return g_variant_new_signature (text);
    }
  if (text != NULL)
    return g_variant_new_string (text);
  if (coerce)
    return coerce_string (variant, error);
  return plant_rpc_value_refuse (variant, _("a string"), error);
}

/* The result may be floating. */
static GVariant *
convert_basic (GVariant            *opened,
               const GVariantType  *type,
               gboolean             coerce,
               GError             **error)
{
  const IntegerRange *range = find_range (*g_variant_type_peek_string (type));

  if (range != NULL)
    return convert_integer (opened, range, coerce, error);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_DOUBLE))
    return convert_double (opened, coerce, error);
  if (!g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
    return convert_string (opened, type, coerce, error);
  if (g_variant_is_of_type (opened, G_VARIANT_TYPE_BOOLEAN))
    return g_variant_ref (opened);
  return plant_rpc_value_refuse (opened, _("a boolean"), error);
}

GVariant *
plant_rpc_value_convert_basic (GVariant            *opened,
                               const GVariantType  *type,
                               gboolean             coerce,
                               GError             **error)
{
  GVariant *converted = convert_basic (opened, type, coerce, error);

  return converted != NULL ? g_variant_take_ref (converted) : NULL;
}


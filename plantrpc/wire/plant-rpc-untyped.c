/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-untyped-private.h"

#include <math.h>
#include <string.h>

#include "plant-rpc-json-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

/* ---- the value as a number */

typedef struct {
  gboolean        integral;
  PlantRpcInteger integer; /* if it is integral */
  double          real;    /* in any case: the nearest double; 0 if the value is no number, since
                              GObject warns of a NaN that a widget does not take */
} Number;

static Number
make_integral (PlantRpcInteger integer)
{
  double real = (double) integer.magnitude;

  return (Number) { TRUE, integer, integer.negative ? -real : real };
}

static Number
parse_number (const char *text)
{
  char *end = NULL;
  double real = g_ascii_strtod (text, &end);

  return (Number) { .real = end != text && *end == '\0' && !isnan (real) ? real : 0 };
}

/* Returns the nearest double to an integer beyond 64 bits, and 0 for a text. */
static double
read_kept (GVariant *value)
{
  g_autoptr (GVariant) number = plant_rpc_value_coerce (value, "d", NULL);

  return number != NULL ? g_variant_get_double (number) : 0;
}

static Number
read_number (GVariant *value)
{
  const char *type_string = g_variant_get_type_string (value);
  PlantRpcInteger integer = { FALSE, 0 };

  if (g_str_equal (type_string, "d"))
    return (Number) { .real = isnan (g_variant_get_double (value)) ? 0
                                                                   : g_variant_get_double (value) };
  if (g_variant_is_of_type (value, PLANT_RPC_JSON_KEPT))
    return (Number) { .real = read_kept (value) };
  if (g_str_equal (type_string, "b"))
    return make_integral ((PlantRpcInteger) { FALSE, g_variant_get_boolean (value) });
  if (g_str_equal (type_string, "s"))
    return parse_number (g_variant_get_string (value, NULL));
  if (type_string[1] == '\0' &&
      plant_rpc_serial_load_integer (*type_string, g_variant_get_data (value), &integer))
    return make_integral (integer);
  return (Number) { .real = 0 };
}

/* A widget clamps to its own limits likewise. */
static gint64
clamp_signed (const Number *number,
              gint64        minimum,
              gint64        maximum)
{
  const guint64 magnitude = number->integer.magnitude;

  if (number->integral && number->integer.negative)
    return magnitude > -(guint64) minimum ? minimum : (gint64) -magnitude;
  if (number->integral)
    return magnitude > (guint64) maximum ? maximum : (gint64) magnitude;
  if (number->real <= (double) minimum)
    return minimum;
  return number->real >= (double) maximum ? maximum : (gint64) number->real;
}

static guint64
clamp_unsigned (const Number *number,
                guint64       maximum)
{
  if (!(number->real > 0))
    return 0;
  if (number->integral)
    return MIN (number->integer.magnitude, maximum);
  return number->real >= (double) maximum ? maximum : (guint64) number->real;
}

static void
set_number (GValue       *result,
            const Number *number)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (result)))
    {
    case G_TYPE_CHAR:
      g_value_set_schar (result, (gint8) clamp_signed (number, G_MININT8, G_MAXINT8));
      break;
    case G_TYPE_UCHAR:
      g_value_set_uchar (result, (guint8) clamp_unsigned (number, G_MAXUINT8));
      break;
    case G_TYPE_INT:
      g_value_set_int (result, (int) clamp_signed (number, G_MININT, G_MAXINT));
      break;
    case G_TYPE_UINT:
      g_value_set_uint (result, (guint) clamp_unsigned (number, G_MAXUINT));
      break;
    case G_TYPE_LONG:
      g_value_set_long (result, (long) clamp_signed (number, G_MINLONG, G_MAXLONG));
      break;
    case G_TYPE_ULONG:
      g_value_set_ulong (result, (gulong) clamp_unsigned (number, G_MAXULONG));
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (result, clamp_signed (number, G_MININT64, G_MAXINT64));
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (result, clamp_unsigned (number, G_MAXUINT64));
      break;
    case G_TYPE_FLOAT:
      g_value_set_float (result, (float) number->real);
      break;
    default:
      g_value_set_double (result, number->real);
    }
}

/* ---- from an untyped value */

static GVariant *
open_value (const GValue *value)
{
  return plant_rpc_untyped_open (g_value_get_variant (value));
}

static void
to_number (const GValue *value,
           GValue       *result)
{
  g_autoptr (GVariant) opened = open_value (value);
  const Number number = read_number (opened);

  set_number (result, &number);
}

/* As Python has it: nothing, zero and what is empty are false. */
static void
to_boolean (const GValue *value,
            GValue       *result)
{
  g_autoptr (GVariant) opened = open_value (value);
  gboolean truth;

  if (g_variant_is_of_type (opened, G_VARIANT_TYPE_STRING))
    truth = *g_variant_get_string (opened, NULL) != '\0';
  else if (g_variant_is_container (opened))
    truth = g_variant_n_children (opened) > 0;
  else
    truth = read_number (opened).real != 0;
  g_value_set_boolean (result, truth);
}

static char *
print (GVariant *opened)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (plant_rpc_value_is_nothing (opened))
    return NULL;
  if (g_variant_is_of_type (opened, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (opened, NULL);
  if (g_variant_is_of_type (opened, G_VARIANT_TYPE_DOUBLE) ||
      !plant_rpc_json_write (opened, text, NULL))
    return plant_rpc_value_describe (opened);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
to_text (const GValue *value,
         GValue       *result)
{
  g_autoptr (GVariant) opened = open_value (value);

  g_value_take_string (result, print (opened));
}

static void
to_list (const GValue *value,
         GValue       *result)
{
  g_autoptr (GVariant) opened = open_value (value);
  g_autoptr (GVariant) list = plant_rpc_value_fit (opened, "as", NULL);

  g_value_take_boxed (result, list != NULL ? g_variant_dup_strv (list, NULL) : NULL);
}

/* ---- to an untyped value */

static void
from_any (const GValue *value,
          GValue       *result)
{
  g_autoptr (GVariant) variant = plant_rpc_value_to_variant (value, NULL);

  g_value_take_variant (result, plant_rpc_untyped_open (variant));
}

static void
register_transforms (GType type)
{
  const GType numbers[] = { G_TYPE_CHAR,   G_TYPE_UCHAR, G_TYPE_INT,   G_TYPE_UINT,
                            G_TYPE_LONG,   G_TYPE_ULONG, G_TYPE_INT64, G_TYPE_UINT64,
                            G_TYPE_FLOAT,  G_TYPE_DOUBLE };
  const GType others[] = { G_TYPE_BOOLEAN, G_TYPE_STRING, G_TYPE_STRV, G_TYPE_ENUM, G_TYPE_FLAGS,
                           G_TYPE_VARIANT };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_value_register_transform_func (type, numbers[i], to_number);
      g_value_register_transform_func (numbers[i], type, from_any);
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_value_register_transform_func (others[i], type, from_any);
  g_value_register_transform_func (type, G_TYPE_BOOLEAN, to_boolean);
  g_value_register_transform_func (type, G_TYPE_STRING, to_text);
  g_value_register_transform_func (type, G_TYPE_STRV, to_list);
}

GType
plant_rpc_untyped_get_type (void)
{
  static gsize untyped = 0;

  if (g_once_init_enter (&untyped))
    {
      const GTypeInfo info = { 0 };
      GType type = g_type_register_static (G_TYPE_VARIANT, "PlantRpcUntyped", &info, 0);

      register_transforms (type);
      g_once_init_leave (&untyped, type);
    }
  return untyped;
}

GVariant *
plant_rpc_untyped_open (GVariant *value)
{
  g_autoptr (GVariant) opened = value != NULL ? plant_rpc_value_open (value) : NULL;
  g_autoptr (GVariant) wide = NULL;

  if (opened == NULL || plant_rpc_value_is_nothing (opened))
    return g_variant_ref_sink (g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL));
  if (g_variant_is_container (opened) ||
      strchr ("ynqiut", *g_variant_get_type_string (opened)) == NULL)
    return g_steal_pointer (&opened);
  wide = plant_rpc_value_fit (opened, "x", NULL);
  return wide != NULL ? g_steal_pointer (&wide) : g_steal_pointer (&opened);
}

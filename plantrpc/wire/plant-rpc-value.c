/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <float.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "plant-rpc-arguments-private.h"
#include "plant-rpc-error-private.h"
#include "plant-rpc-limits-private.h"
#include "plant-rpc-serial-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

#define MAX_SHOWN_NICKS 20

static const struct {
  GType       fundamental;
  const char *type_string;
} type_strings[] = {
  { G_TYPE_BOOLEAN, "b" }, { G_TYPE_CHAR, "n" },   { G_TYPE_UCHAR, "y" },  { G_TYPE_INT, "i" },
  { G_TYPE_UINT, "u" },    { G_TYPE_LONG, "x" },   { G_TYPE_ULONG, "t" },  { G_TYPE_INT64, "x" },
  { G_TYPE_UINT64, "t" },  { G_TYPE_FLOAT, "d" },  { G_TYPE_DOUBLE, "d" }, { G_TYPE_STRING, "s" },
  { G_TYPE_ENUM, "s" },    { G_TYPE_FLAGS, "as" }, { G_TYPE_VARIANT, "v" },
};

const char *
plant_rpc_value_type_string (GType type)
{
  GType fundamental = G_TYPE_FUNDAMENTAL (type);

  if (g_type_is_a (type, G_TYPE_STRV))
    return "as";
  if (G_TYPE_IS_ABSTRACT (type))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (type_strings); i++)
    {
      if (type_strings[i].fundamental == fundamental)
        return type_strings[i].type_string;
    }
  return NULL;
}

static gboolean
fail_unsupported (GType    type,
                  GError **error)
{
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_VALUE,
                               _("values of type %s cannot be sent"), g_type_name (type));
}

static gboolean
check_text (const char  *text,
            GError     **error)
{
  if (g_utf8_validate (text, -1, NULL))
    return TRUE;
  return plant_rpc_error_fail (error, PLANT_RPC_ERROR_INVALID_VALUE, _("expected text in UTF-8"));
}

static GVariant *
text_to_variant (const char  *text,
                 GError     **error)
{
  if (text == NULL)
    return g_variant_new_maybe (G_VARIANT_TYPE_STRING, NULL);
  return check_text (text, error) ? g_variant_new_string (text) : NULL;
}

/* Builds the serialised form at once. g_variant_new_strv() would make a GVariant for each
 * string. */
static GVariant *
strv_to_variant (const char *const  *list,
                 GError            **error)
{
  g_auto (PlantRpcSerial) serial = PLANT_RPC_SERIAL_INIT;
  PlantRpcSerialMark mark = plant_rpc_serial_begin (&serial);

  for (gsize i = 0; list != NULL && list[i] != NULL; i++)
    {
      if (!check_text (list[i], error))
        return NULL;
      plant_rpc_serial_append (&serial, list[i], strlen (list[i]) + 1);
      plant_rpc_serial_end_child (&serial);
    }
  plant_rpc_serial_end_array (&serial, mark);
  return plant_rpc_serial_finish (&serial, G_VARIANT_TYPE_STRING_ARRAY);
}

static GVariant *
enum_to_variant (GType    type,
                 int      number,
                 GError **error)
{
  g_autoptr (GEnumClass) class = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value (class, number);

  if (found != NULL)
    return g_variant_new_string (found->value_nick);
  /* Translators: a number, and the name of a GType */
  return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_VALUE, _("%d is no value of %s"),
                                    number, g_type_name (type));
}

/* Returns the nicks of all flags that add a bit, in the order of their declaration. Flags may
 * overlap. */
static GVariant *
flags_to_variant (GType    type,
                  guint    flags,
                  GError **error)
{
  g_autoptr (GFlagsClass) class = g_type_class_ref (type);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  guint told = 0;

  for (guint i = 0; i < class->n_values; i++)
    {
      guint bits = class->values[i].value;

      if ((bits & ~flags) == 0 && (bits & ~told) != 0)
        {
          g_variant_builder_add (&builder, "s", class->values[i].value_nick);
          told |= bits;
        }
    }
  if (told == flags)
    return g_variant_builder_end (&builder);

  /* Translators: a number, and the name of a GType */
  return plant_rpc_error_fail_null (error, PLANT_RPC_ERROR_INVALID_VALUE,
                                    _("0x%x is no flag of %s"), flags & ~told, g_type_name (type));
}

double
plant_rpc_value_widen (float number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (fabsf (number) < 1e6f && number == (float) (int) number)
    return number;
  for (int precision = FLT_DIG; precision < FLT_DECIMAL_DIG && isfinite (number); precision++)
    {
      char format[8];
      double wide;

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      wide = g_ascii_strtod (g_ascii_formatd (text, sizeof text, format, number), NULL);
      if ((float) wide == number && fabs (wide) <= FLT_MAX)
        return wide;
    }
  return number;
}

static GVariant *
number_to_variant (const GValue *value)
{
  PlantRpcPlain plain;

  plant_rpc_plain_set_value (&plain, value, G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)));
  return plant_rpc_plain_to_variant (&plain);
}

/**
 * plant_rpc_value_to_variant:
 * @value: a value
 * @error: return location for an error
 *
 * Converts a value of GObject to the one that travels.
 *
 * An enumeration becomes its nick, flags become an array of nicks, a %NULL string an empty maybe
 * (`ms`) and a %NULL variant an empty maybe (`mv`). Any other variant is returned itself. It fails
 * with %PLANT_RPC_ERROR_INVALID_VALUE if values of the type cannot travel, a text is not UTF-8 or
 * a number is none of the enumeration's. It may be called from any thread.
 *
 * Returns: (transfer full): the variant
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_value_to_variant (const GValue  *value,
                            GError       **error)
{
  GType type;
  GVariant *result;

  g_return_val_if_fail (G_IS_VALUE (value), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  type = G_VALUE_TYPE (value);
  if (plant_rpc_value_type_string (type) == NULL)
    {
      fail_unsupported (type, error);
      return NULL;
    }

  if (g_type_is_a (type, G_TYPE_STRV))
    result = strv_to_variant (g_value_get_boxed (value), error);
  else if (G_VALUE_HOLDS_STRING (value))
    result = text_to_variant (g_value_get_string (value), error);
  else if (G_VALUE_HOLDS_ENUM (value))
    result = enum_to_variant (type, g_value_get_enum (value), error);
  else if (G_VALUE_HOLDS_FLAGS (value))
    result = flags_to_variant (type, g_value_get_flags (value), error);
  else if (G_VALUE_HOLDS_VARIANT (value))
    result = g_value_get_variant (value) != NULL
                 ? g_value_dup_variant (value)
                 : g_variant_new_maybe (G_VARIANT_TYPE_VARIANT, NULL);
  else
    result = number_to_variant (value);
  return result != NULL ? g_variant_take_ref (result) : NULL;
}

static gboolean
set_char (GValue    *value,
          GVariant  *variant,
          int        number,
          GError   **error)
{
  if (number < G_MININT8 || number > G_MAXINT8)
    return plant_rpc_value_refuse (variant, _("an integer from -128 to 127"), error) != NULL;
  g_value_set_schar (value, (gint8) number);
  return TRUE;
}

static gboolean
set_float (GValue    *value,
           GVariant  *variant,
           double     number,
           GError   **error)
{
  if (isfinite (number) && !isfinite ((float) number))
    return plant_rpc_value_refuse (variant, _("a number of single precision"), error) != NULL;
  g_value_set_float (value, (float) number);
  return TRUE;
}

/* A long travels with 64 bits also on a machine where it has 32. */
static const char *
get_number_type (GType type)
{
  if (type == G_TYPE_LONG && sizeof (long) == sizeof (gint32))
    return "i";
  if (type == G_TYPE_ULONG && sizeof (long) == sizeof (gint32))
    return "u";
  return plant_rpc_value_type_string (type);
}

/* NUMBER has the type that stands for that of VALUE, whose memory holds most numbers as they are
 * serialised. */
static gboolean
take_number (GValue    *value,
             GVariant  *number,
             GError   **error)
{
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)))
    {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, g_variant_get_boolean (number));
      return TRUE;
    case G_TYPE_CHAR:
      return set_char (value, number, g_variant_get_int16 (number), error);
    case G_TYPE_UCHAR:
      g_value_set_uchar (value, g_variant_get_byte (number));
      return TRUE;
    case G_TYPE_FLOAT:
      return set_float (value, number, g_variant_get_double (number), error);
    default:
      memcpy (&value->data[0], g_variant_get_data (number), g_variant_get_size (number));
      return TRUE;
    }
}

static gboolean
set_number (GValue    *value,
            GVariant  *variant,
            GError   **error)
{
  const char *type_string = get_number_type (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value)));
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (variant, type_string, error);

  return fitted != NULL && take_number (value, fitted, error);
}

static gboolean
set_string (GValue    *value,
            GVariant  *variant,
            GError   **error)
{
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (variant, "ms", error);
  const char *text = NULL;

  if (fitted == NULL)
    return FALSE;
  g_variant_get (fitted, "m&s", &text);
  g_value_set_string (value, text);
  return TRUE;
}

static gboolean
set_strv (GValue    *value,
          GVariant  *variant,
          GError   **error)
{
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (variant, "as", error);

  if (fitted == NULL)
    return FALSE;
  /* Each string of the list is allocated on its own, so their number is limited. */
  if (g_variant_n_children (fitted) > PLANT_RPC_MAX_ELEMENTS)
    return plant_rpc_value_refuse_length (fitted, error);
  g_value_take_boxed (value, g_variant_dup_strv (fitted, NULL));
  return TRUE;
}

char *
plant_rpc_value_describe_choices (const char *const *nicks)
{
  g_autoptr (GString) shown = g_string_new (NULL);
  guint i;

  for (i = 0; nicks[i] != NULL && i < MAX_SHOWN_NICKS; i++)
    g_string_append_printf (shown, "%s%s", i > 0 ? ", " : "", nicks[i]);
  /* Translators: a list of words that are choices */
  return g_strdup_printf (nicks[i] != NULL ? _("one of %s…") : _("one of %s"), shown->str);
}

const char *
plant_rpc_value_get_choice (GTypeClass *klass,
                            guint       index,
                            int        *number)
{
  const GEnumValue *choice;
  const GFlagsValue *flag;

  if (G_IS_ENUM_CLASS (klass) && index < G_ENUM_CLASS (klass)->n_values)
    {
      choice = &G_ENUM_CLASS (klass)->values[index];
      *number = choice->value;
      return choice->value_nick;
    }
  if (!G_IS_FLAGS_CLASS (klass) || index >= G_FLAGS_CLASS (klass)->n_values)
    return NULL;
  flag = &G_FLAGS_CLASS (klass)->values[index];
  *number = (int) flag->value;
  return flag->value_nick;
}

static char *
list_nicks (GType type)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  g_autoptr (GPtrArray) nicks = g_ptr_array_new ();
  int number;

  do
    g_ptr_array_add (nicks, (gpointer) plant_rpc_value_get_choice (klass, nicks->len, &number));
  while (nicks->pdata[nicks->len - 1] != NULL);
  return plant_rpc_value_describe_choices ((const char *const *) nicks->pdata);
}

static gboolean
set_enum (GValue    *value,
          GVariant  *variant,
          GError   **error)
{
  g_autoptr (GEnumClass) class = g_type_class_ref (G_VALUE_TYPE (value));
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (variant, "s", error);
  g_autofree char *expected = NULL;
  const GEnumValue *found;

  if (fitted == NULL)
    return FALSE;
  found = g_enum_get_value_by_nick (class, g_variant_get_string (fitted, NULL));
  if (found != NULL)
    {
      g_value_set_enum (value, found->value);
      return TRUE;
    }
  expected = list_nicks (G_VALUE_TYPE (value));
  plant_rpc_value_refuse (fitted, expected, error);
  return FALSE;
}

static gboolean
set_flags (GValue    *value,
           GVariant  *variant,
           GError   **error)
{
  g_autoptr (GFlagsClass) class = g_type_class_ref (G_VALUE_TYPE (value));
  g_autoptr (GVariant) fitted = plant_rpc_value_fit (variant, "as", error);
  gsize length = fitted != NULL ? g_variant_n_children (fitted) : 0;
  guint flags = 0;

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GVariant) nick = g_variant_get_child_value (fitted, i);
      const GFlagsValue *found =
        g_flags_get_value_by_nick (class, g_variant_get_string (nick, NULL));

      if (found == NULL)
        {
          g_autofree char *expected = list_nicks (G_VALUE_TYPE (value));

          return plant_rpc_value_refuse (nick, expected, error) != NULL;
        }
      flags |= found->value;
    }
  g_value_set_flags (value, flags);
  return fitted != NULL;
}

/* Most values already have the type that is wanted, and are not converted. */
static gboolean
set_same (GValue   *value,
          GVariant *variant)
{
  GType type = G_VALUE_TYPE (value);
  GVariantClass kind = g_variant_classify (variant);

  if ((type == G_TYPE_BOOLEAN && kind == G_VARIANT_CLASS_BOOLEAN) ||
      (type == G_TYPE_INT && kind == G_VARIANT_CLASS_INT32) ||
      (type == G_TYPE_DOUBLE && kind == G_VARIANT_CLASS_DOUBLE))
    return take_number (value, variant, NULL);
  if (type != G_TYPE_STRING || kind != G_VARIANT_CLASS_STRING)
    return FALSE;
  g_value_set_string (value, g_variant_get_string (variant, NULL));
  return TRUE;
}

/**
 * plant_rpc_value_from_variant:
 * @variant: a value as it travels
 * @type: the type of @result, such as that of a property
 * @result: (out caller-allocates): an empty value, which is initialised to @type; to the default of
 *   the type if the conversion fails
 * @error: return location for an error
 *
 * Converts a value that has travelled to one of GObject.
 *
 * A conversion that would lose something is refused: a string is not accepted for a number, a
 * fraction not for an integer, and a number not outside the range of its type. An integer is
 * accepted for any number that holds it, the nick for an enumeration, an array of nicks for flags,
 * and an empty maybe for a string (%NULL) and a variant. The value is taken out of the variants and
 * maybes around it. It fails with %PLANT_RPC_ERROR_INVALID_VALUE, which tells what is expected. It
 * may be called from any thread.
 *
 * Returns: %TRUE, or %FALSE with an error
 *
 * Since: 1.0
 */
gboolean
plant_rpc_value_from_variant (GVariant  *variant,
                              GType      type,
                              GValue    *result,
                              GError   **error)
{
  g_return_val_if_fail (variant != NULL, FALSE);
  g_return_val_if_fail (result != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  /* Bindings read the result even after a failure. */
  if (G_TYPE_IS_VALUE (type) && !G_TYPE_IS_VALUE_ABSTRACT (type))
    g_value_init (result, type);
  if (plant_rpc_value_type_string (type) == NULL)
    return fail_unsupported (type, error);
  if (set_same (result, variant))
    return TRUE;
  if (g_type_is_a (type, G_TYPE_STRV))
    return set_strv (result, variant, error);
  if (G_VALUE_HOLDS_STRING (result))
    return set_string (result, variant, error);
  if (G_VALUE_HOLDS_ENUM (result))
    return set_enum (result, variant, error);
  if (G_VALUE_HOLDS_FLAGS (result))
    return set_flags (result, variant, error);
  if (!G_VALUE_HOLDS_VARIANT (result))
    return set_number (result, variant, error);
  g_value_take_variant (result, plant_rpc_value_open (variant));
  return TRUE;
}

static gboolean
doubles_equal (double a,
               double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static gboolean
lists_equal (const char *const *a,
             const char *const *b)
{
  static const char *const empty[] = { NULL };

  return g_strv_equal (a != NULL ? a : empty, b != NULL ? b : empty);
}

/* No variant and an empty "mv" are the same for a peer, so g_variant_equal() alone is not
 * enough. */
static gboolean
variants_equal (GVariant *a,
                GVariant *b)
{
  gboolean a_null = a == NULL || (g_variant_is_of_type (a, G_VARIANT_TYPE ("mv")) &&
                                  g_variant_n_children (a) == 0);
  gboolean b_null = b == NULL || (g_variant_is_of_type (b, G_VARIANT_TYPE ("mv")) &&
                                  g_variant_n_children (b) == 0);

  return a_null || b_null ? a_null && b_null : g_variant_equal (a, b);
}

gboolean
plant_rpc_value_equal (const GValue *a,
                       const GValue *b)
{
  g_autoptr (GVariant) number_a = NULL;
  g_autoptr (GVariant) number_b = NULL;
  GType type = G_VALUE_TYPE (a);

  if (type != G_VALUE_TYPE (b))
    return FALSE;
  if (g_type_is_a (type, G_TYPE_STRV))
    return lists_equal (g_value_get_boxed (a), g_value_get_boxed (b));
  if (G_VALUE_HOLDS_STRING (a))
    return g_strcmp0 (g_value_get_string (a), g_value_get_string (b)) == 0;
  if (G_VALUE_HOLDS_VARIANT (a))
    return variants_equal (g_value_get_variant (a), g_value_get_variant (b));
  if (G_VALUE_HOLDS_DOUBLE (a))
    return doubles_equal (g_value_get_double (a), g_value_get_double (b));
  if (G_VALUE_HOLDS_FLOAT (a))
    return doubles_equal (g_value_get_float (a), g_value_get_float (b));
  if (G_VALUE_HOLDS_ENUM (a))
    return g_value_get_enum (a) == g_value_get_enum (b);
  if (G_VALUE_HOLDS_FLAGS (a))
    return g_value_get_flags (a) == g_value_get_flags (b);

  number_a = g_variant_ref_sink (number_to_variant (a));
  number_b = g_variant_ref_sink (number_to_variant (b));
  return g_variant_equal (number_a, number_b);
}

/* ---- ranges */

static char *
describe_signed (gint64 minimum,
                 gint64 maximum)
{
  g_autofree char *from = g_strdup_printf ("%" G_GINT64_FORMAT, minimum);
  g_autofree char *to = g_strdup_printf ("%" G_GINT64_FORMAT, maximum);

  return g_strdup_printf (_("an integer from %s to %s"), from, to);
}

static char *
describe_unsigned (guint64 minimum,
                   guint64 maximum)
{
  g_autofree char *from = g_strdup_printf ("%" G_GUINT64_FORMAT, minimum);
  g_autofree char *to = g_strdup_printf ("%" G_GUINT64_FORMAT, maximum);

  return g_strdup_printf (_("an integer from %s to %s"), from, to);
}

static char *
describe_doubles (double minimum,
                  double maximum)
{
  char from[G_ASCII_DTOSTR_BUF_SIZE];
  char to[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (from, sizeof from, "%.15g", minimum);
  g_ascii_formatd (to, sizeof to, "%.15g", maximum);
  return g_strdup_printf (_("a number from %s to %s"), from, to);
}

#define DESCRIBE(type, describe) \
  if (G_IS_PARAM_SPEC_##type (pspec)) \
    return describe (G_PARAM_SPEC_##type (pspec)->minimum, G_PARAM_SPEC_##type (pspec)->maximum)

static char *
describe_range (GParamSpec *pspec)
{
  DESCRIBE (CHAR, describe_signed);
  DESCRIBE (UCHAR, describe_unsigned);
  DESCRIBE (INT, describe_signed);
  DESCRIBE (UINT, describe_unsigned);
  DESCRIBE (LONG, describe_signed);
  DESCRIBE (ULONG, describe_unsigned);
  DESCRIBE (INT64, describe_signed);
  DESCRIBE (UINT64, describe_unsigned);
  DESCRIBE (FLOAT, describe_doubles);
  DESCRIBE (DOUBLE, describe_doubles);
  /* Translators: the name of a property */
  return g_strdup_printf (_("a value that “%s” permits"), g_param_spec_get_name (pspec));
}

gboolean
plant_rpc_value_check_range (const GValue  *value,
                             GParamSpec    *pspec,
                             GError       **error)
{
  g_auto (GValue) copy = G_VALUE_INIT;
  g_autoptr (GVariant) shown = NULL;
  g_autofree char *expected = NULL;

  /* A list of strings has no range, and validating it would make a copy. */
  if (G_PARAM_SPEC_TYPE (pspec) == G_TYPE_PARAM_BOXED)
    return TRUE;
  g_value_init (&copy, G_VALUE_TYPE (value));
  g_value_copy (value, &copy);
  if (!g_param_value_validate (pspec, &copy))
    return TRUE;

  expected = describe_range (pspec);
  shown = plant_rpc_value_to_variant (value, NULL);
  if (shown != NULL)
    plant_rpc_value_refuse (shown, expected, error);
  else
    g_set_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE, _("expected %s"), expected);
  return FALSE;
}

static gboolean
from_variant_for_variant (GVariant           *variant,
                          GParamSpecVariant  *pspec,
                          GValue             *result,
                          GError            **error)
{
  g_autoptr (GVariant) opened = plant_rpc_value_open (variant);
  g_autoptr (GVariant) fitted = NULL;
  g_autofree char *type_string = g_variant_type_dup_string (pspec->type);
  gboolean null = plant_rpc_value_is_nothing (opened) && pspec->default_value == NULL &&
                  !g_variant_is_of_type (opened, pspec->type);

  if (!null)
    {
      fitted = plant_rpc_value_fit (opened, type_string, error);
      if (fitted == NULL)
        return FALSE;
    }
  g_value_init (result, G_TYPE_VARIANT);
  g_value_set_variant (result, fitted);
  return TRUE;
}

gboolean
plant_rpc_value_from_variant_for (GVariant    *variant,
                                  GParamSpec  *pspec,
                                  GValue      *result,
                                  GError     **error)
{
  GParamSpec *target = g_param_spec_get_redirect_target (pspec);
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean good;

  if (target == NULL)
    target = pspec;
  if (G_IS_PARAM_SPEC_VARIANT (target))
    good = from_variant_for_variant (variant, G_PARAM_SPEC_VARIANT (target), &value, error);
  else
    good = plant_rpc_value_from_variant (variant, G_PARAM_SPEC_VALUE_TYPE (target), &value, error);
  if (!good || !plant_rpc_value_check_range (&value, target, error))
    return FALSE;

  *result = value;
  value = (GValue) G_VALUE_INIT;
  return TRUE;
}

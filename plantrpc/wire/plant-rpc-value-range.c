/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "plant-rpc-error-private.h"
#include "plant-rpc-value-basic-private.h"
#include "plant-rpc-value-private.h"

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

/* Fails if g_param_value_validate() would change VALUE, which is of PSPEC's type. */
static gboolean
check_range (const GValue  *value,
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
  if (!good || !check_range (&value, target, error))
    return FALSE;

  *result = value;
  value = (GValue) G_VALUE_INIT;
  return TRUE;
}

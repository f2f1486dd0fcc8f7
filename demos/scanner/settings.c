/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings.h"

/* (transfer full) (nullable) */
static GVariant *
look_up (GVariant   *settings,
         const char *name)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (settings, name, NULL);

  while (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr (GVariant) boxed = g_steal_pointer (&value);

      value = g_variant_get_variant (boxed);
    }
  return g_steal_pointer (&value);
}

/* (transfer full): an empty group for one that is absent. */
gboolean
scanner_settings_get_group (GVariant    *settings,
                            const char  *name,
                            GVariant   **group,
                            GError     **error)
{
  g_autoptr (GVariant) value = look_up (settings, name);

  if (value == NULL)
    value = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    {
      *group = g_steal_pointer (&value);
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "The setting “%s” is to be an object", name);
  return FALSE;
}

static gboolean
to_number (GVariant *value,
           double   *number)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    *number = g_variant_get_double (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    *number = (double) g_variant_get_int64 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    *number = (double) g_variant_get_uint64 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT32))
    *number = g_variant_get_int32 (value);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    *number = g_variant_get_uint32 (value);
  else
    return FALSE;
  return TRUE;
}

gboolean
scanner_settings_get_number (GVariant    *settings,
                             const char  *name,
                             double       minimum,
                             double       maximum,
                             double      *value,
                             GError     **error)
{
  g_autoptr (GVariant) found = look_up (settings, name);
  double number;

  if (found == NULL)
    return TRUE;
  if (to_number (found, &number) && number >= minimum && number <= maximum)
    {
      *value = number;
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "The setting “%s” is to be a number from %g to %g", name, minimum, maximum);
  return FALSE;
}

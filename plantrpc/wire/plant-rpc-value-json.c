/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-json-private.h"
#include "plant-rpc-value-json-private.h"

/* Whole values as JSON, for languages that read and write it faster than they turn over a GVariant
 * piece by piece. */

/**
 * plant_rpc_value_from_json:
 * @json: a JSON text
 * @error: return location for an error
 *
 * Converts a JSON text, with the types that a value of an older peer gets.
 *
 * `null` becomes an empty maybe of type `mv`, an integer `x`, or `t` above the range of that, a
 * number with a fraction or an exponent `d`, an array `av`, and an object `a{sv}`. A lone surrogate
 * becomes U+FFFD.
 *
 * Fails with %PLANT_RPC_ERROR_PROTOCOL if @json is not JSON, and with %PLANT_RPC_ERROR_LIMIT if it
 * is nested too deeply or has too many values.
 *
 * Returns: (transfer full): the value
 *
 * Since: 1.0
 */
GVariant *
plant_rpc_value_from_json (const char  *json,
                           GError     **error)
{
  g_return_val_if_fail (json != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return plant_rpc_json_parse (json, strlen (json), error);
}

/**
 * plant_rpc_value_to_json:
 * @variant: a value
 * @error: return location for an error
 *
 * Converts a value into JSON, if JSON tells it exactly.
 *
 * Variants and maybes are opened, and an empty maybe becomes `null`. A number of type `d` always
 * has a fraction or an exponent.
 *
 * Fails with %PLANT_RPC_ERROR_INVALID_VALUE if there is something in it that a reader whose numbers
 * are all doubles would not know again: bytes, an integer of more than 53 bits, NaN and infinity, a
 * handle, or names that are no texts. Fails with %PLANT_RPC_ERROR_LIMIT if it is nested too deeply.
 *
 * Returns: (transfer full): the JSON text
 *
 * Since: 1.0
 */
char *
plant_rpc_value_to_json (GVariant  *variant,
                         GError   **error)
{
  g_autoptr (GString) out = NULL;

  g_return_val_if_fail (variant != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  out = g_string_new (NULL);
  if (!plant_rpc_json_write_exactly (variant, out, error))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
plant_rpc_value_tell_json (GVariant *value)
{
  g_autoptr (GString) out = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UNIT))
    return g_strdup ("null");
  out = g_string_new (NULL);
  if (!plant_rpc_json_write_exactly (value, out, NULL))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

char *
plant_rpc_value_call_to_json (GVariant *args,
                              GVariant *kwargs)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!plant_rpc_json_write_exactly (args, out, NULL))
    return NULL;
  if (g_variant_n_children (kwargs) > 0)
    {
      out->str[out->len - 1] = g_variant_n_children (args) > 0 ? ',' : ' ';
      if (!plant_rpc_json_write_exactly (kwargs, out, NULL))
        return NULL;
      g_string_append_c (out, ']');
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

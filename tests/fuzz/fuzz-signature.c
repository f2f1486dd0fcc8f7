/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plant-rpc-enums.h"
#include "plant-rpc-error.h"
#include "plant-rpc-interface-info-private.h"
#include "plant-rpc-json-private.h"
#include "plant-rpc-signature-private.h"

/* Arguments that are accepted must have the declared types. */
static void
try_call (PlantRpcMethodInfo *method,
          GVariant           *args,
          GVariant           *kwargs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) bound = plant_rpc_method_info_bind (method, args, kwargs, &error);
  g_autoptr (GVariant) again = NULL;
  g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

  g_assert_true ((bound != NULL) == (error == NULL));
  if (bound == NULL || method->parameters == NULL)
    return;
  g_assert_cmpuint (g_variant_n_children (bound), ==, method->parameters->len);
  again = plant_rpc_method_info_bind (method, bound, nothing, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_is_of_type (again, G_VARIANT_TYPE ("av")));
}

static void
try_return (PlantRpcMethodInfo *method,
            GVariant           *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) fitted = plant_rpc_method_info_fit (method, value, &error);

  g_assert_true ((fitted != NULL) == (error == NULL));
}

/* A list gives all arguments in order, an object gives them by name. */
static void
try_value (PlantRpcMethodInfo *method,
           GVariant           *value)
{
  g_autoptr (GVariant) no_args = g_variant_ref_sink (g_variant_new ("av", NULL));
  g_autoptr (GVariant) no_kwargs = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr (GVariant) args = g_variant_ref_sink (
    g_variant_new_array (G_VARIANT_TYPE_VARIANT, (GVariant *[]) { g_variant_new_variant (value) },
                         1));

  try_call (method, args, no_kwargs);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("av")))
    try_call (method, value, no_kwargs);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    try_call (method, no_args, value);
  if (method->return_type != NULL)
    try_return (method, value);
}

static void
try_types (const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_signature_check_tuple (text, &error))
    {
      g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_INTERFACE);
      return;
    }
  for (guint i = 0; i < plant_rpc_signature_count (text); i++)
    {
      g_autofree char *type = plant_rpc_signature_dup_nth (text, i);

      g_assert_true (g_variant_type_string_is_valid (type));
    }
}

/* The input is a signature in the first line, and JSON arguments in the rest. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  char *rest = strchr (text, '\n');
  g_autoptr (PlantRpcMethodInfo) method = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;

  if (rest != NULL)
    *rest++ = '\0';
  try_types (text);
  method = plant_rpc_method_info_new ("method", text, FALSE, PLANT_RPC_TIMEOUT_NONE, &error);
  g_assert_true ((method != NULL) == (error == NULL));
  if (method == NULL)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (method != NULL && rest != NULL)
    value = plant_rpc_json_parse (rest, strlen (rest), NULL);
  if (value != NULL)
    try_value (method, value);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-error.h"
#include "plant-rpc-test-variant.h"

GVariant *
test_parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *variant = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return variant;
}

void
test_assert_variant (GVariant   *variant,
                     const char *text)
{
  g_autoptr (GVariant) other = test_parse (text);

  g_assert_false (g_variant_is_floating (variant));
  g_assert_cmpvariant (variant, other);
}

void
test_assert_refusal (const GError *error,
                     const char   *message)
{
  g_assert_error (error, PLANT_RPC_ERROR, PLANT_RPC_ERROR_INVALID_VALUE);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>

#include "fuzz.h"
#include "plant-rpc-json-private.h"

/* What can be read can be written, and reads as the same again. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) json = NULL;
  g_autoptr (GVariant) again = NULL;
  g_autoptr (GVariant) value = plant_rpc_json_parse ((const char *) data, size, &error);

  if (value == NULL)
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_assert_no_error (error);

  json = g_string_new (NULL);
  plant_rpc_json_write_message (value, json, &error);
  g_assert_no_error (error);
  again = plant_rpc_json_parse (json->str, json->len, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_equal (value, again));
  return 0;
}

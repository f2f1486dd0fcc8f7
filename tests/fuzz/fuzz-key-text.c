/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "plant-rpc-key-text-private.h"

/* Keys that are accepted are keys, and the same after they were written. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  PlantRpcKeyText keys, again;
  g_autofree char *printed = NULL;
  g_autoptr (GError) error = NULL;

  if (!plant_rpc_key_text_parse (&keys, (const char *) data, size, &error))
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_no_error (error);
  g_assert_true (plant_rpc_key_text_is_key (keys.public_key));
  g_assert_true (*keys.secret_key == '\0' || plant_rpc_key_text_is_key (keys.secret_key));
  printed = plant_rpc_key_text_print (&keys);
  g_assert_true (plant_rpc_key_text_parse (&again, printed, strlen (printed), &error));
  g_assert_no_error (error);
  g_assert_cmpstr (again.public_key, ==, keys.public_key);
  g_assert_cmpstr (again.secret_key, ==, keys.secret_key);
  return 0;
}

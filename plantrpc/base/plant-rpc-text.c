/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "plant-rpc-text-private.h"

#define ELLIPSIS "…"

char *
plant_rpc_text_shorten (const char *text,
                        gsize       max_size)
{
  gsize length = strnlen (text, max_size + 1);
  g_autofree char *valid = g_utf8_make_valid (text, (gssize) length);
  const char *end = valid;
  gsize room = max_size - strlen (ELLIPSIS);

  if (length <= max_size && strlen (valid) <= max_size)
    return g_steal_pointer (&valid);
  while ((gsize) (g_utf8_next_char (end) - valid) <= room)
    end = g_utf8_next_char (end);
  return g_strdup_printf ("%.*s" ELLIPSIS, (int) (end - valid), valid);
}

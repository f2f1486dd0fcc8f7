/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "plant-rpc-key-wipe-private.h"

#include <string.h>

/* A compiler may leave out a memset() of memory that nobody reads afterwards. */
void
plant_rpc_key_wipe (gpointer data,
                    gsize    size)
{
#ifdef HAVE_EXPLICIT_BZERO
  explicit_bzero (data, size);
#else
  volatile guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    bytes[i] = 0;
#endif
}

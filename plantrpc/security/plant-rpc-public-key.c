/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "plant-rpc-public-key-private.h"

#define Z85_LENGTH 40 /* characters */

void
plant_rpc_public_key_print (const guint8 *bytes,
                            char         *text)
{
  g_autofree char *padded = g_base64_encode (bytes, PLANT_RPC_PUBLIC_KEY_SIZE);

  g_strdelimit (padded, "+", '-');
  g_strdelimit (padded, "/", '_');
  memcpy (text, padded, PLANT_RPC_PUBLIC_KEY_LENGTH);
  text[PLANT_RPC_PUBLIC_KEY_LENGTH] = '\0';
}

static gboolean
parse_base64url (const char *text,
                 guint8     *bytes)
{
  g_autofree char *padded = g_strconcat (text, "=", NULL);
  char again[PLANT_RPC_PUBLIC_KEY_LENGTH + 1];
  g_autofree guint8 *decoded = NULL;
  gsize size;

  g_strdelimit (padded, "-", '+');
  g_strdelimit (padded, "_", '/');
  decoded = g_base64_decode (padded, &size);
  if (size != PLANT_RPC_PUBLIC_KEY_SIZE)
    return FALSE;
  /* GLib skips what is not of the alphabet, and the last character has bits that are not used. */
  plant_rpc_public_key_print (decoded, again);
  if (!g_str_equal (text, again))
    return FALSE;
  memcpy (bytes, decoded, PLANT_RPC_PUBLIC_KEY_SIZE);
  return TRUE;
}

gboolean
plant_rpc_public_key_parse (const char *text,
                            guint8     *bytes)
{
  switch (strlen (text))
    {
    case PLANT_RPC_PUBLIC_KEY_LENGTH:
      return parse_base64url (text, bytes);
    case Z85_LENGTH:
      return zmq_z85_decode (bytes, text) != NULL;
    default:
      return FALSE;
    }
}

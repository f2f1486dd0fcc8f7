/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A public key of CURVE. As text it is base64url without padding (RFC 4648), since Z85, in which
 * ZeroMQ writes it, has characters that mean something in a URL and in a shell. */

#define PLANT_RPC_PUBLIC_KEY_SIZE   32 /* bytes */
#define PLANT_RPC_PUBLIC_KEY_LENGTH 43 /* characters */

/* TEXT has room for PLANT_RPC_PUBLIC_KEY_LENGTH characters and a NUL. */
void     plant_rpc_public_key_print (const guint8 *bytes,
                                     char         *text);
/* Reads a key in either form. Returns FALSE if TEXT is none. */
gboolean plant_rpc_public_key_parse (const char   *text,
                                     guint8       *bytes);

G_END_DECLS

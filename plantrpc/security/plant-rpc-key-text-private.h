/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The text of a file of keys, in ZPL, the property language of ZeroMQ (RFC 4), as pyzmq and czmq
 * read and write it:
 *
 *     curve
 *         public-key = "…"
 *         secret-key = "…"
 *
 * A line belongs to the section above it. All other sections, such as “metadata”, and all other
 * names in “curve” are ignored. */

/* The characters of a key in Z85 (RFC 32): five stand for four bytes. */
#define PLANT_RPC_KEY_LENGTH 40

#define PLANT_RPC_KEY_MAX_TEXT 16384 /* bytes of a file */

typedef struct {
  char public_key[PLANT_RPC_KEY_LENGTH + 1];
  char secret_key[PLANT_RPC_KEY_LENGTH + 1]; /* empty if there is none */
} PlantRpcKeyText;

/* Returns whether KEY is 40 characters of Z85. */
gboolean plant_rpc_key_text_is_key (const char             *key);

/* Reads TEXT, which may hold any bytes. Fails with G_IO_ERROR_INVALID_DATA; the message repeats
 * nothing of the text, which may be secret. */
gboolean plant_rpc_key_text_parse  (PlantRpcKeyText        *self,
                                    const char             *text,
                                    gsize                   length,
                                    GError                **error);
/* Returns the text, with the secret key if SELF has one. Its owner wipes it then. */
char    *plant_rpc_key_text_print  (const PlantRpcKeyText  *self);

/* Wipes both keys. */
void     plant_rpc_key_text_clear  (PlantRpcKeyText        *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlantRpcKeyText, plant_rpc_key_text_clear)

G_END_DECLS

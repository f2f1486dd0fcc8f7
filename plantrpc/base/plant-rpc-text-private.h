/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-text.h"

G_BEGIN_DECLS

/* Returns a copy of TEXT that is valid UTF-8 of at most MAX_SIZE bytes, and ends in “…” if TEXT was
 * cut. TEXT may come from a peer, so it may have any length and any bytes. MAX_SIZE is at least the
 * three bytes of “…”. */
char *plant_rpc_text_shorten (const char *text,
                              gsize       max_size);

/* Returns TEXT, which may come from a peer, for an error message of this library: as
 * plant_rpc_text_escape() and plant_rpc_text_shorten() do, in at most PLANT_RPC_MAX_SHOWN_TEXT
 * bytes. */
char *plant_rpc_text_show    (const char *text);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns a copy of TEXT for an error or a log message: valid UTF-8 of at most MAX_SIZE bytes,
 * which ends in “…” if TEXT was cut. TEXT may come from a peer, so it may have any length and any
 * bytes. MAX_SIZE is usually PLANT_RPC_MAX_SHOWN_TEXT, and at least the three bytes of “…”. */
char *plant_rpc_text_shorten (const char *text,
                              gsize       max_size);

G_END_DECLS

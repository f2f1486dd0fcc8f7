/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A copy of TEXT to be shown in a message: valid UTF-8 of at most MAX_SIZE bytes, with “…” at its
 * end if something was left out. TEXT may come from a peer: it may have any length and hold any
 * bytes. MAX_SIZE has to leave room for the “…”: most messages take PLANT_RPC_MAX_SHOWN_TEXT. */
char *plant_rpc_text_shorten (const char *text,
                              gsize       max_size);

G_END_DECLS

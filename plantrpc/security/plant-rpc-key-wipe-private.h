/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Overwrites memory that held a secret. */
void plant_rpc_key_wipe (gpointer data,
                         gsize    size);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PLANT_RPC_INSIDE) && !defined (PLANT_RPC_COMPILATION)
# error "Only <plantrpc/plantrpc.h> can be included directly."
#endif

#include <glib.h>

#include "plant-rpc-version-macros.h"

G_BEGIN_DECLS

PLANT_RPC_AVAILABLE_IN_1_0
char *plant_rpc_text_escape (const char *text);

G_END_DECLS

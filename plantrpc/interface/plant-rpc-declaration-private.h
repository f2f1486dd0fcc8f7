/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plant-rpc-interface-info-private.h"

G_BEGIN_DECLS

/* Return what was declared for exactly TYPE, without its ancestors and interfaces. Thread-safe. */
GPtrArray *plant_rpc_declaration_list_methods (GType       type); /* (transfer full) */
/* WHAT is "wire name", "unit", "step", "read only" or "variant type". */
char      *plant_rpc_declaration_dup          (GType       type,
                                               const char *member,
                                               const char *what);
/* Returns how many declarations this process has made so far, for whatever type. */
guint      plant_rpc_declaration_count        (void);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* The name of the pair of keys that is meant if none is named. */
#define TOOL_KEYPAIR_DEFAULT "default"

/* Returns the command line that does ACTION, as “show” or “allow KEY”, for the pair of this
 * NAME. */
char       *tool_keypair_suggest       (const char   *action,
                                        const char   *name);
/* Returns TEXT as an argument of a command line, behind “--” if it would be an option. */
char       *tool_keypair_show_argument (const char   *text);
/* Says that there is no pair of this NAME. */
ToolExit    tool_keypair_fail_for_want (Tool         *tool,
                                        const char   *name);
/* Returns the name of a role as it is written on the command line. */
const char *tool_keypair_name_role     (PlantRpcRole  role);
/* Returns FALSE if TEXT names no role that a key can have. */
gboolean    tool_keypair_parse_role    (const char   *text,
                                        PlantRpcRole *role);

G_END_DECLS

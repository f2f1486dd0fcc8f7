/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* The table of the keys that a secured server lets in. NAME is that of the server's pair of
 * keys. */

/* ROLE and LABEL are nullable: what --role and --label say. */
ToolExit keys_allow        (Tool        *tool,
                            const char  *key,
                            const char  *name,
                            const char  *role,
                            const char  *label);
ToolExit keys_revoke       (Tool        *tool,
                            const char  *key,
                            const char  *name);
/* Lets another key register the device DEVICE at the registry with the pair of this NAME. */
ToolExit keys_release      (Tool        *tool,
                            const char  *device,
                            const char  *name);
ToolExit keys_list_allowed (Tool        *tool,
                            const char  *name);

G_END_DECLS

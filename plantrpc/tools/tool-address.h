/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Where a device is, from what the user calls it. */
gboolean  tool_address_is_url  (const char  *text);
gboolean  tool_address_is_reached_by_others (const char *url);
char     *tool_address_resolve (Tool        *tool,
                                const char  *text);
/* “NAME@REGISTRY”, or “NAME” at the default registry: the name, and the URL of the registry. */
char     *tool_address_split   (Tool        *tool,
                                const char  *text,
                                char       **registry_url);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

char                   *tool_registry_dup_url (Tool                    *tool,
                                               const char              *given);
PlantRpcRegistryClient *tool_registry_open    (Tool                    *tool,
                                               const char              *url,
                                               int                      timeout,
                                               GError                 **error);
ToolExit                tool_registry_fail    (Tool                    *tool,
                                               const char              *device,
                                               const char              *url,
                                               const GError            *error);
PlantRpcDevice         *tool_registry_find    (PlantRpcRegistryClient  *registry,
                                               const char              *name);
char                   *tool_registry_name_all (PlantRpcRegistryClient *registry);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Whether a device that was found by name is the one that this user knows. */

/* Asks the user about a device that is not known, if there is one at a terminal. Returns FALSE once
 * it has been said why the device, which the user called DEVICE, is not connected to. */
gboolean               tool_known_check              (Tool           *tool,
                                                      const char     *device,
                                                      PlantRpcDevice *found,
                                                      const char     *registry_url);
/* Returns what a client is to do about devices that are not known, if nobody can be asked. */
PlantRpcUnknownDevices tool_known_get_policy         (Tool           *tool);

/* Those return what the process ends with. */
ToolExit               tool_known_remember           (Tool           *tool,
                                                      const char     *name,
                                                      const char     *url);
ToolExit               tool_known_forget             (Tool           *tool,
                                                      const char     *name);
ToolExit               tool_known_list               (Tool           *tool);

G_END_DECLS

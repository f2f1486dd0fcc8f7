/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "serve-guard.h"
#include "tool.h"

G_BEGIN_DECLS

/* A server that a command runs until it is stopped. */

/* Secures it with the pair of keys of this NAME. GUARD is set to what tells whom it refuses. */
ToolExit tool_serving_secure   (Tool           *tool,
                                PlantRpcServer *server,
                                const char     *name,
                                ServeGuard    **guard);
/* What the library tells when it starts, the command tells in its own way. */
ToolExit tool_serving_start    (Tool           *tool,
                                PlantRpcServer *server);
/* Prints where it listens, and warns if whoever reaches that may control the device. */
void     tool_serving_announce (Tool           *tool,
                                PlantRpcServer *server);
/* Registers it under NAME, and prints the name that the registry has accepted. */
void     tool_serving_register (Tool           *tool,
                                PlantRpcServer *server,
                                const char     *device_type,
                                const char     *name);
/* Runs it until it is stopped, by Ctrl-C or SIGTERM too. */
void     tool_serving_run      (Tool           *tool,
                                PlantRpcServer *server);

G_END_DECLS

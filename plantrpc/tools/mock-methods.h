/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Has a server answer the methods of an interface. Each list may be NULL and has METHOD=… in it. */
ToolExit mock_methods_register (Tool                   *tool,
                                PlantRpcServer         *server,
                                PlantRpcInterfaceInfo  *info,
                                char                  **replies,
                                char                  **failures,
                                char                  **delays);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "mock-store.h"

G_BEGIN_DECLS

/* Lines from standard input that make a mock do something, from now on. */
void mock_console_open (Tool                  *tool,
                        PlantRpcInterfaceInfo *info,
                        GObject               *object,
                        MockStore             *store);

G_END_DECLS

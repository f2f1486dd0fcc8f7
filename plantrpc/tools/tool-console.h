/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Takes the words of a line, which are at least one. What it fails with is told. */
typedef gboolean (*ToolConsoleFunc) (char     **words,
                                     gpointer   user_data,
                                     GError   **error);

/* Lines from standard input, quoted as in a shell, are obeyed from now on until it ends. */
void tool_console_open (Tool            *tool,
                        ToolConsoleFunc  obey,
                        gpointer         user_data,
                        GDestroyNotify   destroy);

G_END_DECLS

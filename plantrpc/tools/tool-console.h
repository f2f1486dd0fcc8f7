/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

G_BEGIN_DECLS

/* Handles the words of a line; there is at least one. The console prints the error if the function
 * fails. */
typedef gboolean (*ToolConsoleFunc) (char     **words,
                                     gpointer   user_data,
                                     GError   **error);

/* From now on, until the end of standard input, passes each line to OBEY, split into words as by a
 * shell. */
void tool_console_open (Tool            *tool,
                        ToolConsoleFunc  obey,
                        gpointer         user_data,
                        GDestroyNotify   destroy);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef enum {
  TOOL_STYLE_PLAIN,
  TOOL_STYLE_HEADING,
  TOOL_STYLE_NAME,
  TOOL_STYLE_DIM,
  TOOL_STYLE_GOOD,
  TOOL_STYLE_BAD,
} ToolStyle;

/* To standard output, at once, in UTF-8. */
void        tool_print              (const char  *format,
                                     ...) G_GNUC_PRINTF (1, 2);

gboolean    tool_terminal_is        (FILE        *stream);
guint       tool_terminal_get_width (FILE        *stream);
const char *tool_terminal_style     (FILE        *stream,
                                     ToolStyle    style);

guint       tool_terminal_measure    (const char *text);
char       *tool_terminal_fit        (const char *text,
                                      guint       width);

G_END_DECLS

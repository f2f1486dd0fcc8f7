/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool-terminal.h"

G_BEGIN_DECLS

/* Rows of cells, printed in columns as wide as they need to be and the terminal has. */
typedef struct _ToolTable ToolTable;

ToolTable *tool_table_new   (guint              n_columns);
void       tool_table_free  (ToolTable         *self);
void       tool_table_style (ToolTable         *self,
                             guint              column,
                             ToolStyle          style);
void       tool_table_keep  (ToolTable         *self,
                             guint              column);
void       tool_table_add   (ToolTable         *self,
                             ...) G_GNUC_NULL_TERMINATED;
void       tool_table_print (ToolTable         *self,
                             const char        *indent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToolTable, tool_table_free)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "tool-table.h"

#include <plantrpc/plantrpc.h>
#include <stdarg.h>
#include <string.h>

#define GAP       2
#define MIN_WIDTH 8
/* The widest column to which shorter cells are padded, in characters. Otherwise one long text of a
 * device would put as many spaces into every row. */
#define MAX_FILLED 400

struct _ToolTable {
  guint      n_columns;
  GPtrArray *cells;  /* (owned) (element-type utf8): row after row; the first are headings */
  ToolStyle *styles; /* (owned) (array length=n_columns) */
  gboolean  *kept;   /* (owned) (array length=n_columns): the column never gives way */
  guint     *widths; /* (owned) (array length=n_columns) */
};

ToolTable *
tool_table_new (guint n_columns)
{
  ToolTable *self = g_new0 (ToolTable, 1);

  self->n_columns = n_columns;
  self->cells = g_ptr_array_new_with_free_func (g_free);
  self->styles = g_new0 (ToolStyle, n_columns);
  self->kept = g_new0 (gboolean, n_columns);
  self->widths = g_new0 (guint, n_columns);
  return self;
}

void
tool_table_free (ToolTable *self)
{
  g_ptr_array_unref (self->cells);
  g_free (self->styles);
  g_free (self->kept);
  g_free (self->widths);
  g_free (self);
}

void
tool_table_style (ToolTable *self,
                  guint      column,
                  ToolStyle  style)
{
  self->styles[column] = style;
}

/* The cells of COLUMN are printed as a whole, however narrow the terminal is. */
void
tool_table_keep (ToolTable *self,
                 guint      column)
{
  self->kept[column] = TRUE;
}

/* One row: as many strings as there are columns, and NULL. */
void
tool_table_add (ToolTable *self,
                ...)
{
  va_list args;

  va_start (args, self);
  for (guint i = 0; i < self->n_columns; i++)
    {
      char *text = plant_rpc_text_escape (va_arg (args, const char *));

      self->widths[i] = MAX (self->widths[i], tool_terminal_measure (text));
      g_ptr_array_add (self->cells, text);
    }
  va_end (args);
}

/* Of those that give way. */
static guint
find_widest (ToolTable *self)
{
  guint widest = 0;

  for (guint i = 1; i < self->n_columns; i++)
    {
      if (!self->kept[i] && (self->kept[widest] || self->widths[i] > self->widths[widest]))
        widest = i;
    }
  return widest;
}

/* The widest column gives way first. */
static void
fit_widths (ToolTable *self,
            guint      available)
{
  guint total = GAP * (self->n_columns - 1);

  for (guint i = 0; i < self->n_columns; i++)
    total += self->widths[i];
  while (total > available)
    {
      guint widest = find_widest (self);

      if (self->kept[widest] || self->widths[widest] <= MIN_WIDTH)
        return;
      self->widths[widest]--;
      total--;
    }
}

static void
append_cell (ToolTable *self,
             GString   *line,
             guint      row,
             guint      column)
{
  const char *text = g_ptr_array_index (self->cells, row * self->n_columns + column);
  g_autofree char *shown = tool_terminal_fit (text, self->widths[column]);
  ToolStyle style = row == 0 ? TOOL_STYLE_HEADING : self->styles[column];
  guint width = tool_terminal_measure (shown);
  guint filled = MIN (self->widths[column], MAX_FILLED);
  guint padding = filled - MIN (filled, width) + GAP;

  if (style != TOOL_STYLE_PLAIN)
    g_string_append (line, tool_terminal_style (stdout, style));
  g_string_append (line, shown);
  if (style != TOOL_STYLE_PLAIN)
    g_string_append (line, tool_terminal_style (stdout, TOOL_STYLE_PLAIN));
  if (column + 1 < self->n_columns)
    g_string_append_printf (line, "%*s", (int) padding, "");
}

void
tool_table_print (ToolTable  *self,
                  const char *indent)
{
  guint available = tool_terminal_get_width (stdout);
  guint n_rows = self->cells->len / self->n_columns;

  if (available > 0)
    fit_widths (self, available - MIN (available, (guint) strlen (indent)));
  for (guint row = 0; row < n_rows; row++)
    {
      g_autoptr (GString) line = g_string_new (indent);

      for (guint column = 0; column < self->n_columns; column++)
        append_cell (self, line, row, column);
      tool_print ("%s\n", g_strchomp (line->str));
    }
}

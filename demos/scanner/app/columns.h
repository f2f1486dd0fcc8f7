/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Two children: side by side where there is room for both, else one below the other. */
#define SCANNER_TYPE_COLUMNS (scanner_columns_get_type ())

G_DECLARE_FINAL_TYPE (ScannerColumns, scanner_columns, SCANNER, COLUMNS, GtkWidget)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A widget of the terminal, to bind properties to: "value" and "maximum". */
#define SCANNER_TYPE_PROGRESS_BAR (scanner_progress_bar_get_type ())
G_DECLARE_FINAL_TYPE (ScannerProgressBar, scanner_progress_bar, SCANNER, PROGRESS_BAR, GObject)

ScannerProgressBar *scanner_progress_bar_new (void);
void                scanner_progress_bar_end (ScannerProgressBar *self);

G_END_DECLS

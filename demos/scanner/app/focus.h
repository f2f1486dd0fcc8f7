/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Takes the focus from a widget and what is in it: text that becomes insensitive while it has the
 * focus does not notice, and GTK warns of it. */
void scanner_focus_release (GtkWidget *widget);

G_END_DECLS

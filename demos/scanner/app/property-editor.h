/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>
#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* (transfer floating): the widget that suits the type of a remote property, bound to it. */
GtkWidget *scanner_property_editor_new     (PlantRpcClient       *client,
                                            PlantRpcPropertyInfo *info);
/* Whether it wants a line of its own. */
gboolean   scanner_property_editor_is_wide (GtkWidget            *editor);

G_END_DECLS

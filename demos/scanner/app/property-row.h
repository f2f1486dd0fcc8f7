/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>
#include <plantrpc/plantrpc.h>

G_BEGIN_DECLS

/* One remote property in a list: what it is called, its value in a widget that suits its type, and
 * what is known of it. */
#define SCANNER_TYPE_PROPERTY_ROW (scanner_property_row_get_type ())

G_DECLARE_FINAL_TYPE (ScannerPropertyRow, scanner_property_row, SCANNER, PROPERTY_ROW,
                      AdwPreferencesRow)

GtkWidget        *scanner_property_row_new          (PlantRpcClient       *client,
                                                     PlantRpcPropertyInfo *info);
PlantRpcProperty *scanner_property_row_get_property (ScannerPropertyRow   *self);
GtkWidget        *scanner_property_row_get_editor   (ScannerPropertyRow   *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks for the address of a device or a registry, and activates win.connect-to or win.use-registry
 * of its parent with it. */
#define SCANNER_TYPE_CONNECT_DIALOG (scanner_connect_dialog_get_type ())

G_DECLARE_FINAL_TYPE (ScannerConnectDialog, scanner_connect_dialog, SCANNER, CONNECT_DIALOG,
                      AdwMessageDialog)

GtkWindow *scanner_connect_dialog_new (GtkWindow  *parent,
                                       const char *registry);

G_END_DECLS

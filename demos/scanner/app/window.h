/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "camera-page.h"
#include "log-page.h"
#include "roster.h"
#include "scan-page.h"

G_BEGIN_DECLS

#define SCANNER_TYPE_WINDOW (scanner_window_get_type ())

G_DECLARE_FINAL_TYPE (ScannerWindow, scanner_window, SCANNER, WINDOW, AdwApplicationWindow)

GtkWindow         *scanner_window_new             (AdwApplication *application,
                                                   ScannerRoster  *roster);
void               scanner_window_toast           (ScannerWindow  *self,
                                                   const char     *text);
ScannerConnection *scanner_window_get_connection  (ScannerWindow  *self);
ScannerCameraPage *scanner_window_get_camera_page (ScannerWindow  *self);
ScannerScanPage   *scanner_window_get_scan_page   (ScannerWindow  *self);
ScannerLogPage    *scanner_window_get_log_page    (ScannerWindow  *self);

G_END_DECLS

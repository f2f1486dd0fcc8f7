/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "connection.h"

G_BEGIN_DECLS

/* What a controller scans, seen from here: the settings of the next scan, its progress, and its
 * pictures. Signal "ended" tells how a scan that was started here has ended: an empty text, or why
 * it failed. */
#define SCANNER_TYPE_SCAN (scanner_scan_get_type ())

G_DECLARE_FINAL_TYPE (ScannerScan, scanner_scan, SCANNER, SCAN, GObject)

ScannerScan *scanner_scan_new            (void);
void         scanner_scan_set_connection (ScannerScan       *self,
                                          ScannerConnection *connection);
void         scanner_scan_run            (ScannerScan       *self);
void         scanner_scan_abort          (ScannerScan       *self);
gboolean     scanner_scan_get_running    (ScannerScan       *self);
guint        scanner_scan_get_n_taken    (ScannerScan       *self);
guint        scanner_scan_get_n_points   (ScannerScan       *self);
double       scanner_scan_get_radius     (ScannerScan       *self);
GListModel  *scanner_scan_get_pictures   (ScannerScan       *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "scan.h"

G_BEGIN_DECLS

/* A controller: the settings of a scan, its progress, and its pictures. */
#define SCANNER_TYPE_SCAN_PAGE (scanner_scan_page_get_type ())

G_DECLARE_FINAL_TYPE (ScannerScanPage, scanner_scan_page, SCANNER, SCAN_PAGE, AdwBin)

ScannerScan *scanner_scan_page_get_scan (ScannerScanPage *self);

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "log.h"

G_BEGIN_DECLS

/* The log, searched and filtered. */
#define SCANNER_TYPE_LOG_PAGE (scanner_log_page_get_type ())

G_DECLARE_FINAL_TYPE (ScannerLogPage, scanner_log_page, SCANNER, LOG_PAGE, AdwBin)

void        scanner_log_page_set_log     (ScannerLogPage *self,
                                          ScannerLog     *log);
void        scanner_log_page_set_device  (ScannerLogPage *self,
                                          const char     *device);
void        scanner_log_page_search      (ScannerLogPage *self,
                                          const char     *text);
GListModel *scanner_log_page_get_entries (ScannerLogPage *self);

G_END_DECLS

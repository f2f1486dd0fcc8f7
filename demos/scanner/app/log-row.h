/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "log-entry.h"

G_BEGIN_DECLS

#define SCANNER_TYPE_LOG_ROW (scanner_log_row_get_type ())

G_DECLARE_FINAL_TYPE (ScannerLogRow, scanner_log_row, SCANNER, LOG_ROW, AdwBin)

G_END_DECLS

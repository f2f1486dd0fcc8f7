/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "connection.h"

G_BEGIN_DECLS

/* One device in the list. */
#define SCANNER_TYPE_CONNECTION_ROW (scanner_connection_row_get_type ())

G_DECLARE_FINAL_TYPE (ScannerConnectionRow, scanner_connection_row, SCANNER, CONNECTION_ROW, AdwBin)

G_END_DECLS

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "log-entry.h"

G_BEGIN_DECLS

/* What was said to the devices and by them: a list model of the last entries, the newest at its
 * end. */
#define SCANNER_TYPE_LOG (scanner_log_get_type ())

G_DECLARE_FINAL_TYPE (ScannerLog, scanner_log, SCANNER, LOG, GObject)

ScannerLog      *scanner_log_new   (void);
ScannerLogEntry *scanner_log_add   (ScannerLog     *self,
                                    const char     *device,
                                    ScannerLogKind  kind,
                                    const char     *title);
void             scanner_log_clear (ScannerLog     *self);

G_END_DECLS

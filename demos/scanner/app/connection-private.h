/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "connection.h"

G_BEGIN_DECLS

ScannerLog *scanner_connection_get_log    (ScannerConnection *self);
void        scanner_connection_begin_call (ScannerConnection *self);
void        scanner_connection_end_call   (ScannerConnection *self);

G_END_DECLS

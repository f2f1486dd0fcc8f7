/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Text that is taken as a whole: on Enter, or when the focus leaves; Escape takes it back. What the
 * device has meanwhile waits until then. */
#define SCANNER_TYPE_VALUE_ENTRY (scanner_value_entry_get_type ())

G_DECLARE_FINAL_TYPE (ScannerValueEntry, scanner_value_entry, SCANNER, VALUE_ENTRY, AdwBin)

GtkWidget  *scanner_value_entry_new             (const char        *type_string);
const char *scanner_value_entry_get_type_string (ScannerValueEntry *self);
void        scanner_value_entry_enter           (ScannerValueEntry *self,
                                                 const char        *text);

G_END_DECLS

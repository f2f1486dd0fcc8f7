/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  SCANNER_LOG_CALL,
  SCANNER_LOG_SIGNAL,
  SCANNER_LOG_CHANGE,
  SCANNER_LOG_STATE,
} ScannerLogKind;

#define SCANNER_TYPE_LOG_KIND (scanner_log_kind_get_type ())
#define SCANNER_TYPE_LOG_ENTRY (scanner_log_entry_get_type ())

GType            scanner_log_kind_get_type       (void);

G_DECLARE_FINAL_TYPE (ScannerLogEntry, scanner_log_entry, SCANNER, LOG_ENTRY, GObject)

ScannerLogEntry *scanner_log_entry_new           (const char      *device,
                                                  ScannerLogKind   kind,
                                                  const char      *title);
void             scanner_log_entry_set_outcome   (ScannerLogEntry *self,
                                                  const char      *outcome,
                                                  gboolean         failed);
void             scanner_log_entry_repeat        (ScannerLogEntry *self);
gboolean         scanner_log_entry_is_repeated   (ScannerLogEntry *self,
                                                  ScannerLogKind   kind,
                                                  const char      *title);
const char      *scanner_log_entry_get_device    (ScannerLogEntry *self);
const char      *scanner_log_entry_get_title     (ScannerLogEntry *self);
const char      *scanner_log_entry_get_outcome   (ScannerLogEntry *self);
ScannerLogKind   scanner_log_entry_get_kind      (ScannerLogEntry *self);
gboolean         scanner_log_entry_get_failed    (ScannerLogEntry *self);

G_END_DECLS

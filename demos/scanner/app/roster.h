/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "connection.h"

G_BEGIN_DECLS

/* The devices that the application is connected to: a list model of connections. Those of a
 * registry come by themselves, and stay when they go: under its name a device comes back as the
 * same connection. */
#define SCANNER_TYPE_ROSTER (scanner_roster_get_type ())

G_DECLARE_FINAL_TYPE (ScannerRoster, scanner_roster, SCANNER, ROSTER, GObject)

ScannerRoster     *scanner_roster_new          (ScannerLog        *log);
void               scanner_roster_set_registry (ScannerRoster     *self,
                                                const char        *url);
const char        *scanner_roster_get_registry (ScannerRoster     *self);
ScannerConnection *scanner_roster_connect      (ScannerRoster     *self,
                                                const char        *url);
void               scanner_roster_forget       (ScannerRoster     *self,
                                                ScannerConnection *connection);
ScannerConnection *scanner_roster_find         (ScannerRoster     *self,
                                                const char        *name);
ScannerLog        *scanner_roster_get_log      (ScannerRoster     *self);

G_END_DECLS

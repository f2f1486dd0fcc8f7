/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "roster.h"

G_BEGIN_DECLS

#define SCANNER_TYPE_APPLICATION (scanner_application_get_type ())

G_DECLARE_FINAL_TYPE (ScannerApplication, scanner_application, SCANNER, APPLICATION, AdwApplication)

ScannerApplication *scanner_application_new        (GApplicationFlags   flags);
ScannerRoster      *scanner_application_get_roster (ScannerApplication *self);

G_END_DECLS
